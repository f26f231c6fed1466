"""Private messages with a page or an account, by the Conversations API: all of them restricted.

A conversation is a thread, its newest message first. Of a conversation the API gives every id, and
the content of its twenty newest messages; what is older is said to be deleted, whether it is or
not, so that nothing is concluded from a message that is no longer told.
https://developers.facebook.com/docs/messenger-platform/conversations
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from urllib.parse import urljoin

from archiver.records.captures import Gap, GapReason, Known, PlatformState, Seen, Sighting
from archiver.records.errors import AnswerUnreadable, BudgetSpent, ConnectorError, PermissionLost
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.cutting import id_of, moment_of, object_of, optional_id, text_of
from connectors.fetching import read_all, unread
from connectors.graph.asking import Graph
from connectors.graph.reading import Standing, file_name

_JSON = "application/json"
_SITE = "https://www.facebook.com"
_SLICE = {"limit": "100"}
_CONVERSATION = ("id", "updated_time", "link")
_FIELDS = (
    *("id", "created_time", "from", "to", "message", "sticker", "reply_to", "is_unsupported"),
    "attachments{id,mime_type,name,size,file_url,image_data{url},video_data{url}}",
    "shares{link,name,description}",
)
_LATE = "the API tells of the twenty newest messages of a conversation, and this may be older"


class Inbox:
    """The conversations of *owner* on one *platform*: messenger or instagram."""

    def __init__(self, graph: Graph, owner: str, *, platform: str) -> None:
        self._graph = graph
        self._owner = owner
        self._platform = platform

    def since(self, since: datetime | None) -> Iterator[Seen]:
        """Yield every message that was written at or after *since*, or all; never raises."""
        asked = {**_SLICE, "platform": self._platform}
        try:
            for piece in self._graph.edge(f"{self._owner}/conversations", _CONVERSATION, asked):
                for value, _ in piece.elements:
                    yield from self._conversation(value, since)
        except ConnectorError as error:
            yield unread("the rest of the direct messages", error)

    def _conversation(self, value: object, since: datetime | None) -> Iterator[Seen]:
        what = "a conversation"
        try:
            told = object_of(value, what)
            name = id_of(told.get("id"), what)
            what = f"conversation {name}"
            if since is None or moment_of(told.get("updated_time")) >= since:
                yield from self._messages(name, text_of(told, "link", absent=""), since)
        except (BudgetSpent, PermissionLost):
            raise
        except ConnectorError as error:
            yield unread(what, error)

    def _messages(self, thread: str, link: str, since: datetime | None) -> Iterator[Seen]:
        read, nameless = partial(_message, thread=thread, link=link), 0
        for piece in self._graph.edge(f"{thread}/messages", _FIELDS, _SLICE):
            told = [(value, raw) for value, raw in piece.elements if _is_told(value)]
            nameless += len(piece.elements) - len(told)
            messages, gaps = read_all(told, read, "message")
            yield from gaps
            for message in messages:
                if since is None or message.content.published_at >= since:
                    yield message.seen()
            if since and messages and messages[-1].content.published_at < since:
                return
        if nameless:
            why, detail = GapReason.OUT_OF_REACH, f"{nameless} are named and not told"
            yield Gap(what=f"older messages of conversation {thread}", why=why, detail=detail)


def message_again(graph: Graph, known: Known) -> Seen:
    """Look again at one message.

    Raises:
        ConnectorError: as for `Graph`.
    """
    node = graph.node(known.native_id, _FIELDS)
    if node is not None:
        return _message(node.value, node.raw, thread=known.thread or "", link="").seen()
    state, source = PlatformState.UNKNOWN, "graph 100 33"
    return Sighting(native_id=known.native_id, state=state, source=source, remark=_LATE)


def _is_told(value: object) -> bool:
    """Say whether more than its id is given of a message."""
    return not isinstance(value, dict) or "created_time" in value


def _message(value: object, raw: bytes, *, thread: str, link: str) -> Standing:
    """Read one message of the conversation *thread*.

    Raises:
        AnswerUnreadable: it is no message as documented.
    """
    message = object_of(value, "a message")
    above = message.get("reply_to")
    sticker = text_of(message, "sticker", absent="")
    files = {file.key: file for file in _files(message.get("attachments"))}
    if sticker:
        files[file_name(sticker)] = Attachment(key=file_name(sticker), url=sticker, name="sticker")
    content = Content(
        native_id=id_of(message.get("id"), "a message"),
        kind=ItemKind.MESSAGE,
        text=text_of(message, "message", absent=""),
        published_at=moment_of(message.get("created_time")),
        author=_author(message.get("from")),
        parent=optional_id(above.get("mid")) if isinstance(above, dict) else None,
        thread=thread,
        permalink=urljoin(_SITE, link) if link else "",
        attachments=tuple(files.values()),
        links=tuple(_links(message.get("shares"))),
        marks=("unsupported",) if message.get("is_unsupported") is True else (),
        raw=RawFragment(_JSON, raw),
    )
    return Standing(content=content, restricted=True)


def _author(value: object) -> Author | None:
    if not isinstance(value, dict):
        return None
    native_id, handle = optional_id(value.get("id")), text_of(value, "username", absent="")
    name = text_of(value, "name", absent="")
    return Author(native_id or "", name, handle) if native_id or name or handle else None


def _within(value: object, what: str) -> Iterator[Mapping[str, object]]:
    data = value.get("data") if isinstance(value, dict) else None
    if value is not None and not isinstance(data, list):
        raise AnswerUnreadable(f"{what}s are no list")
    for one in data or ():
        yield object_of(one, what)


def _files(value: object) -> Iterator[Attachment]:
    for entry in _within(value, "attachment"):
        shown = [entry.get(kind) for kind in ("image_data", "video_data")]
        urls = [text_of(one, "url", absent="") for one in shown if isinstance(one, dict)]
        url = next(filter(None, [*urls, text_of(entry, "file_url", absent="")]), "")
        yield Attachment(
            key=optional_id(entry.get("id")) or file_name(url),
            url=url,
            name=text_of(entry, "name", absent=""),
            media_type=text_of(entry, "mime_type", absent=""),
        )


def _links(value: object) -> Iterator[str]:
    for entry in _within(value, "share"):
        if link := text_of(entry, "link", absent=""):
            yield link
