"""One conversation of an archive → the messages in it; all of them are restricted."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping

from archiver.records.captures import Gap, GapReason, Observation
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Attachment, Content, ItemKind, RawFragment
from connectors.cutting import (
    id_of,
    json_member,
    json_members,
    moment_of,
    object_of,
    optional_id,
    text_of,
)
from connectors.deposits import Ordinals, Shown
from connectors.x_archive.layout import Owner
from connectors.x_archive.posts import JSON, author_of
from connectors.x_archive.reading import Files

_WRAPPED = "dmConversation"
_MESSAGE = "messageCreate"


def messages(
    value: object, raw: bytes, ordinals: Ordinals, *, owner: Owner, files: Files, file: str
) -> Iterator[Shown]:
    """Give every message of the conversation that *value* is, and whatever else happened in it.

    A message that cannot be read is a gap, which names *file* and the place.

    Raises:
        AnswerUnreadable: it is no conversation as documented.
    """
    outer = object_of(value, "it")
    conversation = object_of(outer.get(_WRAPPED), "a conversation")
    thread = id_of(conversation.get("conversationId"), "a conversation")
    for place, (event, cut) in enumerate(json_member(_inner(raw), "messages"), 1):
        try:
            content = _content(event, cut, ordinals, thread, owner, files)
            yield Observation(content=content, restricted=True)
        except AnswerUnreadable as fault:
            what = f"{file}, conversation {thread}, message {place}"
            yield Gap(what=what, why=GapReason.UNREADABLE, detail=str(fault))


def _inner(raw: bytes) -> bytes:
    """Give the bytes of the conversation that is wrapped in *raw*."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise AnswerUnreadable("the conversation is not UTF-8") from None
    begin, end = next((b, e) for key, b, e in json_members(text) if key == _WRAPPED)
    return text[begin:end].encode()


def _content(
    event: object, raw: bytes, ordinals: Ordinals, thread: str, owner: Owner, files: Files
) -> Content:
    """Read one event: as a rule a message; who came, who left, and a new name are such too."""
    kind, inner = next(iter(object_of(event, "it").items()), ("", None))
    told = object_of(inner, "it")
    sent = moment_of(told.get("createdAt"))
    named = optional_id(told.get("id"))
    sender = optional_id(told.get("senderId") or told.get("initiatingUserId"))
    if named is None:
        at = int(sent.timestamp() * 1000)
        native_id = ordinals.native_id(f"message-{thread}-{kind}", at)
    else:
        native_id = f"message-{named}"
    ours = owner if sender == owner.native_id else Owner(native_id=sender or "")
    return Content(
        native_id=native_id,
        kind=ItemKind.MESSAGE,
        text=html.unescape(text_of(told, "text", absent=text_of(told, "name", absent=""))),
        raw=RawFragment(JSON, raw),
        published_at=sent,
        author=author_of(ours),
        thread=f"messages-{thread}",
        attachments=files.attached(named or "", list(_told(told, named or "")), others=True),
        links=tuple(_links(told)),
        marks=() if kind == _MESSAGE else (kind,),
    )


def _told(message: Mapping[str, object], native_id: str) -> Iterator[tuple[Attachment, list[str]]]:
    """Give the files a message says it has, each with the name under which it may lie."""
    urls = message.get("mediaUrls")
    for url in urls if isinstance(urls, list) else ():
        if isinstance(url, str) and (name := url.partition("?")[0].rpartition("/")[2]):
            address = f"direct_messages_media/{native_id}-{name}"
            yield Attachment(key=name, url=address, name=name), [name]


def _links(message: Mapping[str, object]) -> Iterator[str]:
    urls = message.get("urls")
    listed = [each for each in urls if isinstance(each, dict)] if isinstance(urls, list) else []
    return iter(dict.fromkeys(text_of(each, "expanded", absent="") for each in listed))
