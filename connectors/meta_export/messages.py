"""Messages: each conversation is a folder, and its files hold the newest messages first.

What was written to a page's account or by it in private is restricted: it is kept, and shown and
produced only to and by those who may.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from archiver.records.captures import Observation
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Author, Content, ItemKind, RawFragment
from connectors.cutting import object_of
from connectors.deposits import Ordinals, entries
from connectors.meta_export.shelves import Shelf
from connectors.meta_export.showing import JSON, Showing, read_media

MESSAGES = Shelf(
    name="messages",
    files=re.compile(r"(?:.*/)?messages/\w+/[^/]+/message(?:_(\d+))?\.json"),
    members=("messages",),
    beside=frozenset({"participants", "magic_words"}),
    essential=False,
    alike=True,
)
"""The shelf of conversations: in the inbox, among requests, archived."""

_FILES = ("photos", "videos", "audio_files", "files", "gifs")
_SHARED = ("share_text", "original_content_owner")


def conversation(name: str) -> str:
    """Give the conversation that the file called *name* belongs to: the folder it lies in."""
    return name.rpartition("/")[0].rpartition("/")[2]


def message(value: object, raw: bytes, ordinals: Ordinals, *, thread: str) -> Observation:
    """Give the message that *value* is, in the conversation *thread*.

    Raises:
        AnswerUnreadable: it is no message, or not dated.
    """
    element = object_of(value, "it")
    showing = Showing()
    sent, at = _sent(element.get("timestamp_ms"))
    showing.say(element.get("content"))
    for kind in _FILES:
        for file in entries(element.get(kind)):
            read_media(file, showing)
    if isinstance(sticker := element.get("sticker"), dict):
        read_media(sticker, showing)
    if isinstance(share := element.get("share"), dict):
        showing.say(*(share.get(key) for key in _SHARED))
        if link := showing.text(share.get("link")):
            showing.links[link] = None
    if element.get("is_unsent") is True:
        showing.marks.add("unsent")
    author = showing.text(element.get("sender_name"))
    content = Content(
        native_id=ordinals.native_id(f"message-{thread}", at),
        kind=ItemKind.MESSAGE,
        text=showing.words,
        raw=RawFragment(JSON, raw),
        published_at=sent,
        author=Author(native_id="", name=author) if author else None,
        thread=f"messages-{thread}",
        attachments=tuple(showing.media.values()),
        links=tuple(showing.links),
        marks=tuple(sorted(showing.marks)),
    )
    return Observation(content=content, restricted=True)


def _sent(value: object) -> tuple[datetime, int]:
    """Give the moment that *value*, in thousandths of a second since 1970, means; and those."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise AnswerUnreadable("it has no date")
    try:
        return datetime.fromtimestamp(value / 1000, tz=UTC), value
    except (OverflowError, OSError, ValueError):
        raise AnswerUnreadable("its date is out of range") from None
