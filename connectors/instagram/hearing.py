"""What Instagram delivers of an account: comments that were added; of edits and removals nothing.

Field names are those of the webhooks reference of Instagram, `comments` and `live_comments`. Of a
comment on a picture in an album the picture's id may be told, and not the album's, below which
the comment stands: it is believed only where we have that media.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from archiver.records.captures import Gap, GapReason, Known, Observation
from archiver.records.deliveries import Announcement, Delivery
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Author, Content, ItemKind, RawFragment
from archiver.records.pages import PageSettings
from connectors.cutting import id_of, object_of, optional_id, text_of
from connectors.instagram.parsing import JSON
from connectors.webhooks import meta_changes

_COMMENTS = frozenset({"comments", "live_comments"})


def account_number(page: PageSettings) -> str:
    """Give the id of the account as the configuration tells it; empty where it does not."""
    told = str(page.options.get("account_id") or "")
    return told if told.isdecimal() else ""


def announced(page: PageSettings, delivery: Delivery) -> Iterator[Announcement | Gap]:
    """Give what *delivery* says of the comments on *page*.

    Raises:
        AnswerUnreadable: it is not as documented.
    """
    owner = account_number(page)
    for field, value, raw, when in meta_changes(delivery, of="instagram", owner=owner):
        if field not in _COMMENTS:
            yield Gap(what=f"delivered: {field}", why=GapReason.OUT_OF_REACH)
            continue
        try:
            yield _comment(value, raw, when)
        except AnswerUnreadable as error:
            named = optional_id(value.get("id"))
            what = f"delivered comment {named}"
            yield Gap(what=what, why=GapReason.UNREADABLE, detail=str(error), native_id=named)


def _comment(value: Mapping[str, object], raw: bytes, when: datetime) -> Announcement:
    media = id_of(object_of(value.get("media"), "a media").get("id"), "a media")
    parent = optional_id(value.get("parent_id")) or media
    told = value.get("from")
    author: Mapping[str, object] = told if isinstance(told, dict) else {}
    named, handle = optional_id(author.get("id")) or "", text_of(author, "username", absent="")
    known = Known(
        native_id=id_of(value.get("id"), "a comment"),
        kind=ItemKind.COMMENT if parent == media else ItemKind.REPLY,
        parent=parent,
        thread=media,
        permalink="",
    )
    content = Content(
        native_id=known.native_id,
        kind=ItemKind(known.kind),
        text=text_of(value, "text", absent=""),
        published_at=when,
        author=Author(named, handle=handle) if named or handle else None,
        parent=parent,
        thread=media,
        raw=RawFragment(JSON, raw),
    )
    return Announcement(known=known, wording=Observation(content=content), fresh=True, placed=False)
