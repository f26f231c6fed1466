"""Items: one post, comment, reply, message, episode, revision or web-page snapshot.

A version never changes. An edit on the platform is a new version; a removal there is a
sighting, never an erasure here. Engagement counts stand beside the content: a changed like
count is no new version.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum

from archiver.records.canonical import Json, canonical, mended
from archiver.records.exchanges import Exchange, Told
from archiver.records.identity import sha256
from archiver.records.moments import from_text, written

NO_DATE = frozenset({"date-from-answer", "date-of-update"})
"""Marks of contents for which the platform tells no date of publication, and another stands."""

FORMAT = "archiver-item/1"
"""The name of the canonical form below; a change of the form changes the name."""


class ItemKind(StrEnum):
    """What an item is on its platform."""

    POST = "post"
    COMMENT = "comment"
    REPLY = "reply"
    MESSAGE = "message"
    EPISODE = "episode"
    ARTICLE = "article"
    PAGE = "page"
    REVISION = "revision"
    PROFILE = "profile"
    MODERATION = "moderation"
    LOG = "log"


OF_MODERATION = frozenset({ItemKind.MODERATION, ItemKind.LOG})
"""Kinds that tell how a page is moderated: its standing lists, and entries of the platform's log.

Each visit reads them anew; what one does not show is asked for by no second look.
"""


class Provenance(StrEnum):
    """How an item reached the archive."""

    CAPTURED = "captured"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote an item, as the platform names them. *native_id* may be empty where it hides it."""

    native_id: str
    name: str = ""
    handle: str = ""
    url: str = ""

    @property
    def known_as(self) -> str:
        """Give what the platform itself knows them as; empty where it hides that altogether."""
        return self.native_id or self.handle or self.name


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file an item carries. *key* is stable across visits (an id, or a URL's path)."""

    key: str
    url: str
    media_type: str = ""
    name: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class RawFragment:
    """The platform's own bytes of one item, cut from its answer and never re-serialised."""

    media_type: str
    body: bytes

    @property
    def exchange(self) -> Exchange | None:
        """Give the exchange that brought the bytes; None where they came in no answer."""
        return self.body.exchange if isinstance(self.body, Told) else None

    def to_json(self, *own: str | None) -> dict[str, Json]:
        """Give the fragment as text where it is UTF-8, else in base64.

        *own* are the native ids of its item, and of that one's parent and thread.
        """
        told: dict[str, Json] = {"media_type": self.media_type}
        try:
            told["text"] = self.body.decode("utf-8")
        except UnicodeDecodeError:
            told["base64"] = base64.b64encode(self.body).decode("ascii")
        if self.exchange is not None:
            told["exchange"] = self.exchange.about([each for each in own if each]).to_json()
        return told

    @classmethod
    def from_json(cls, value: Mapping[str, Json]) -> RawFragment:
        """Read what `to_json` gave."""
        if "text" in value:
            body = str(value["text"]).encode("utf-8")
        else:
            body = base64.b64decode(str(value["base64"]))
        exchange = value.get("exchange")
        if isinstance(exchange, dict):
            body = Told(body, Exchange.from_json(exchange))
        return cls(str(value["media_type"]), body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What one version of an item says, with the platform's own fragment of it.

    Moments carry zones. *parent* and *thread* are native ids; an item without a *thread* is
    the root of its own.
    """

    native_id: str
    kind: ItemKind
    text: str
    raw: RawFragment
    published_at: datetime
    title: str = ""
    author: Author | None = None
    parent: str | None = None
    thread: str | None = None
    permalink: str = ""
    edited_at: datetime | None = None
    attachments: tuple[Attachment, ...] = ()
    links: tuple[str, ...] = ()
    language: str = ""
    marks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a moment without a zone, and an item without an id."""
        if not self.native_id:
            raise ValueError("an item needs a native id")
        for when in (self.published_at, self.edited_at):
            if when is not None and when.tzinfo is None:
                raise ValueError("a moment needs a time zone")

    @property
    def said_published(self) -> datetime | None:
        """Give when the platform says that it was published; None where it says that of none such.

        Profiles, and what tells how a page is moderated, are dated by the answer that shows them.
        """
        ours = self.kind is ItemKind.PROFILE or self.kind in OF_MODERATION
        return None if ours or not NO_DATE.isdisjoint(self.marks) else self.published_at

    def fingerprint(self) -> str:
        """Give the digest of what makes a version: text, title, links, attachments.

        Counts, names of authors and the platform's own time of edit are not part of it.
        """
        parts: list[Json] = [
            self.title,
            self.text,
            [a.key for a in self.attachments],
            [a.description for a in self.attachments],
            list[Json](self.links),
        ]
        try:
            return sha256(canonical(parts))
        except UnicodeEncodeError:
            return _mended(self).fingerprint()

    def searchable(self) -> str:
        """Give the words a search finds: title, text and the descriptions of attachments."""
        described = [a.description for a in self.attachments if a.description]
        return "\n".join(part for part in (self.title, self.text, *described) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a version came from: platform, page identity, connector and its version."""

    platform: str
    page: str
    connector: str
    connector_version: str
    provenance: Provenance = Provenance.CAPTURED


def to_object(content: Content, origin: Origin, *, salt: str) -> bytes:
    """Give the canonical JSON (RFC 8785) that is kept for one version.

    It follows from what the platform said alone, so that a retry after a crash writes the same
    bytes unless the platform was asked again: then its answer has another date, and what the
    crash left is a stray. Unpaired surrogates are kept in the raw fragment and replaced, marked,
    in the text.
    """
    try:
        return canonical(_as_json(content, origin, salt))
    except UnicodeEncodeError:
        return canonical(_as_json(_mended(content), origin, salt))


def _as_json(content: Content, origin: Origin, salt: str) -> dict[str, Json]:
    author = content.author
    return {
        "format": FORMAT,
        "salt": salt,
        "platform": origin.platform,
        "page": origin.page,
        "connector": origin.connector,
        "connector_version": origin.connector_version,
        "provenance": origin.provenance.value,
        "native_id": content.native_id,
        "kind": content.kind.value,
        "title": content.title,
        "text": content.text,
        "published_at": written(content.published_at),
        "edited_at": written(content.edited_at) if content.edited_at else None,
        "author": None if author is None else {name: getattr(author, name) for name in _AUTHOR},
        "parent": content.parent,
        "thread": content.thread,
        "permalink": content.permalink,
        "attachments": [
            {name: getattr(each, name) for name in _ATTACHMENT} for each in content.attachments
        ],
        "links": list[Json](content.links),
        "language": content.language,
        "raw": content.raw.to_json(content.native_id, content.parent, content.thread),
        "marks": list[Json](sorted(set(content.marks))),
    }


_AUTHOR = tuple(each.name for each in fields(Author))
_ATTACHMENT = tuple(each.name for each in fields(Attachment))


def from_object(value: Mapping[str, Json]) -> tuple[Content, Origin]:
    """Read what `to_object` wrote, already parsed from JSON.

    Raises:
        ValueError: the value is not of this format.
    """
    if value.get("format") != FORMAT:
        raise ValueError(f"not {FORMAT}: {value.get('format')!r}")
    attachments = _list(value["attachments"])
    author = value["author"]
    edited = value["edited_at"]
    content = Content(
        native_id=str(value["native_id"]),
        kind=ItemKind(str(value["kind"])),
        title=str(value["title"]),
        text=str(value["text"]),
        published_at=from_text(str(value["published_at"])),
        edited_at=from_text(str(edited)) if edited else None,
        author=Author(**{k: str(v) for k, v in author.items()})
        if isinstance(author, dict)
        else None,
        parent=_optional(value["parent"]),
        thread=_optional(value["thread"]),
        permalink=str(value["permalink"]),
        attachments=tuple(
            Attachment(**{k: str(v) for k, v in a.items()})
            for a in attachments
            if isinstance(a, dict)
        ),
        links=tuple(str(link) for link in _list(value["links"])),
        language=str(value["language"]),
        marks=tuple(str(mark) for mark in _list(value["marks"])),
        raw=RawFragment.from_json(value["raw"] if isinstance(value["raw"], dict) else {}),
    )
    origin = Origin(
        platform=str(value["platform"]),
        page=str(value["page"]),
        connector=str(value["connector"]),
        connector_version=str(value["connector_version"]),
        provenance=Provenance(str(value["provenance"])),
    )
    return content, origin


def _mended(content: Content) -> Content:
    """Give *content* without surrogates; marked where its title or text had unpaired ones."""
    title, in_title = mended(content.title)
    text, in_text = mended(content.text)
    author = content.author
    return replace(
        content,
        native_id=_whole(content.native_id),
        title=title,
        text=text,
        author=None if author is None else Author(*(_whole(getattr(author, n)) for n in _AUTHOR)),
        parent=None if content.parent is None else _whole(content.parent),
        thread=None if content.thread is None else _whole(content.thread),
        permalink=_whole(content.permalink),
        attachments=tuple(
            Attachment(*(_whole(getattr(each, name)) for name in _ATTACHMENT))
            for each in content.attachments
        ),
        links=tuple(map(_whole, content.links)),
        language=_whole(content.language),
        marks=(*content.marks, "surrogates-replaced") if in_title or in_text else content.marks,
    )


def _whole(text: str) -> str:
    return mended(text)[0]


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _optional(value: Json) -> str | None:
    return None if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Engagement:
    """Counts a platform shows beside an item (likes, shares, replies …), as last seen."""

    counts: Mapping[str, int] = field(default_factory=dict)
