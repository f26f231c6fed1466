"""From the bytes of an answer to typed entries, and to what is left of it without them.

The raw fragment of an entry is cut from the answer, never written anew. A feed that is not
well-formed is read entry by entry, each alone in the feed's own frame, so that one broken item
cannot spoil its neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape

from archiver.records.errors import AnswerUnreadable
from archiver.records.exchanges import cut_from
from archiver.records.items import Author
from archiver.records.moments import from_text
from connectors.cutting import xml_elements
from connectors.feed.parsing import (
    Fields,
    author_in,
    broken,
    fields_in,
    is_html,
    list_in,
    parse,
    shown,
    text_in,
    with_characters,
)
from connectors.fetching import Answer

_CUT = frozenset({"item", "entry", "deleted-entry"})
_LEXICAL = re.compile(
    rb"<!\[CDATA\[.*?\]\]>|<!--.*?-->"
    rb"|(?P<item><(?P<tag>(?:[\w.-]+:)?(?:item|entry|deleted-entry))(?=[\s>/])"
    rb"(?:<!\[CDATA\[.*?\]\]>|.)*?</(?P=tag)\s*>)",
    re.DOTALL,
)
_UNTOLD_TYPE = "text/html"
_LOCAL_NAME = re.compile(rb"<(?:[\w.-]+:)?([\w.-]+)")
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)")
_PODCAST_FILE = re.compile(r"<(?:[\w.-]+:)?(transcript|chapters)\s([^>]*?)/?>")
_ATTRIBUTE = re.compile(r"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_BY_NAME = re.compile(r"<(?:[\w.-]+:)?by\b.*?<(?:[\w.-]+:)?name\s*>([^<]*)<", re.DOTALL)


@dataclass(frozen=True, slots=True)
class File:
    """A file an entry names: an enclosure, a picture, a transcript. *length* as it is told."""

    url: str
    media_type: str = ""
    length: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as the feed has it; an empty *identifier* where the feed gives none."""

    raw: bytes
    media_type: str
    identifier: str
    binding: bool
    permalink: str
    title: str
    texts: tuple[str, ...]
    markup: tuple[str, ...]
    base: str
    published: datetime | None
    updated: datetime | None
    author: Author | None
    files: tuple[File, ...]
    language: str
    in_reply_to: str
    replies: int | None
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tombstone:
    """An `at:deleted-entry`: which entry was deleted, when, and by whom if that is told."""

    identifier: str
    when: datetime | None
    by: str


@dataclass(frozen=True, slots=True)
class Document:
    """One answer of a feed. *older* is the address of the page before it, if it names one.

    *frame* is the answer without its items: what the feed says of itself, in its own bytes, and
    in the *encoding* in which the whole was read.
    """

    entries: tuple[Entry, ...]
    tombstones: tuple[Tombstone, ...]
    older: str
    answered: datetime | None
    faults: tuple[str, ...]
    frame: bytes
    encoding: str


def read(answer: Answer, *, base: str) -> Document:
    """Read the feed in *answer*; *base* is what its relative addresses are relative to.

    Raises:
        AnswerUnreadable: it is no feed, such as a login page sent with 200. An empty feed is one.
    """
    kind = answer.headers.get("content-type", "")
    parsed = parse(answer.body, kind, base)
    if answer.looks_like_html() or not parsed.get("version"):
        raise AnswerUnreadable(f"{answer.url} answered with {answer.described()}, not with a feed")
    pieces = _pieces(answer.body, _charset(kind))
    items = [piece for piece in pieces if _local_name(piece) != b"deleted-entry"]
    faults: list[str] = []
    if broken(parsed):
        faults.append("the feed is not well-formed; its items were read as far as possible")
    if not faults and len(parsed.entries) == len(items):
        found = list(zip(items, parsed.entries, strict=True))
    else:
        found = _one_by_one(answer.body, items, kind, base)
        missed = len(items) - len(found) or len(parsed.entries) - len(items)
        if missed > 0:
            faults.append(f"{missed} of its items could not be read")
    language = text_in(parsed.feed, "language")
    return Document(
        tuple(_entry(raw, fields, language, well_formed=not faults) for raw, fields in found),
        tuple(_tombstone(piece) for piece in pieces if _local_name(piece) == b"deleted-entry"),
        _older(parsed.feed),
        _answered(answer),
        tuple(faults),
        _without(answer.body, pieces),
        text_in(parsed, "encoding") or "utf-8",
    )


def _charset(content_type: str) -> str | None:
    found = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", content_type, re.IGNORECASE)
    return found[1] if found else None


def _pieces(body: bytes, charset: str | None) -> list[bytes]:
    """Cut the items out: by the parser's own offsets, or by their tags where it gives up.

    It gives up on a document type too, which RSS 0.91 asks for.
    """
    try:
        return xml_elements(body, _CUT, encoding=charset)
    except AnswerUnreadable:
        return [cut_from(body, found["item"]) for found in _LEXICAL.finditer(body) if found["item"]]


def _without(body: bytes, pieces: Sequence[bytes]) -> bytes:
    """Give *body* without *pieces*, which stand in it in this order."""
    rest, at = [], 0
    for piece in pieces:
        found = body.find(piece, at)
        if found >= 0:
            rest.append(body[at:found])
            at = found + len(piece)
    return cut_from(body, b"".join((*rest, body[at:])))


def _local_name(piece: bytes) -> bytes:
    found = _LOCAL_NAME.match(piece)
    return found[1] if found else b""


def _one_by_one(
    body: bytes, items: Sequence[bytes], content_type: str, base: str
) -> list[tuple[bytes, Fields]]:
    if not items:
        return []
    head = body[: body.find(items[0])]
    root = _ROOT.search(head)
    tail = b"</channel>" if b"<channel" in head and b"</channel" not in head else b""
    tail += b"</" + root[1] + b">" if root else b""
    found: list[tuple[bytes, Fields]] = []
    for item in items:
        parsed = parse(head + item + tail, content_type, base)
        found.extend((item, fields) for fields in parsed.entries[:1])
    return found


def _entry(raw: bytes, fields: Fields, language: str, *, well_formed: bool) -> Entry:
    marks = [] if well_formed else ["feed-not-well-formed"]
    marks += ["surrogates-replaced"] if with_characters(raw)[1] else []
    bodies = [*list_in(fields, "content"), fields_in(fields, "summary_detail")]
    bodies.append(fields_in(fields, "subtitle_detail"))
    bodies.append({"type": "text/html", "value": text_in(fields, "itunes_longsummary")})
    markup = tuple(text_in(body, "value") for body in bodies if is_html(body))
    reply = fields_in(fields, "thr_in-reply-to")
    replies = text_in(fields, "slash_comments")
    link = text_in(fields, "link").strip()
    return Entry(
        raw=raw,
        media_type="application/atom+xml"
        if _local_name(raw) == b"entry"
        else "application/rss+xml",
        identifier=text_in(fields, "id").strip(),
        binding=_local_name(raw) == b"entry",
        permalink=link if link.lower().startswith(("http://", "https://")) else "",
        title=shown(fields_in(fields, "title_detail")),
        texts=tuple(filter(None, (shown(body) for body in bodies))),
        markup=tuple(filter(None, markup)),
        base=next((text_in(body, "base") for body in bodies if text_in(body, "base")), ""),
        published=_moment(fields, "published") or _moment(fields, "created"),
        updated=_moment(fields, "updated"),
        author=author_in(fields),
        files=tuple(_files(raw, fields)),
        language=next((text_in(body, "language") for body in bodies if body), "") or language,
        in_reply_to=text_in(reply, "ref"),
        replies=int(replies) if replies.isdecimal() else None,
        marks=tuple(marks),
    )


def _files(raw: bytes, fields: Fields) -> list[File]:
    told = [
        (link, "href") for link in list_in(fields, "links") if text_in(link, "rel") == "enclosure"
    ]
    told += [(part, "url") for part in list_in(fields, "media_content")]
    told += [(part, "url") for part in list_in(fields, "media_thumbnail")]
    told.append((fields_in(fields, "image"), "href"))
    found = [
        File(
            text_in(part, name).strip(),
            text_in(part, "type").removeprefix(_UNTOLD_TYPE),
            text_in(part, "length") or text_in(part, "filesize"),
            text_in(part, "title"),
        )
        for part, name in told
    ]
    for part in _PODCAST_FILE.finditer(raw.decode("utf-8", "replace")):
        named = _attributes(part[2])
        found.append(File(named.get("url", ""), named.get("type", ""), "", f"podcast:{part[1]}"))
    return [file for file in found if file.url]


def _tombstone(piece: bytes) -> Tombstone:
    text = piece.decode("utf-8", "replace")
    named = _attributes(text.partition(">")[0])
    by = _BY_NAME.search(text)
    try:
        when = from_text(named.get("when", ""))
    except ValueError:
        when = None
    return Tombstone(named.get("ref", ""), when, unescape(by[1]).strip() if by else "")


def _older(feed: Fields) -> str:
    for rel in ("next", "prev-archive"):
        for link in list_in(feed, "links"):
            if text_in(link, "rel") == rel:
                return text_in(link, "href")
    return ""


def _answered(answer: Answer) -> datetime | None:
    for name in ("last-modified", "date"):
        try:
            when = parsedate_to_datetime(answer.headers.get(name, ""))
        except ValueError:
            continue
        return when if when.tzinfo else when.replace(tzinfo=UTC)
    return None


def _attributes(text: str) -> dict[str, str]:
    return {
        found[1]: unescape(found[2] if found[2] is not None else found[3])
        for found in _ATTRIBUTE.finditer(text)
    }


def _moment(fields: Fields, name: str) -> datetime | None:
    parts = dict.get(fields, f"{name}_parsed") if isinstance(fields, dict) else None
    if not isinstance(parts, tuple):
        return None
    try:
        year, month, day, hour, minute, second = (int(part) for part in parts[:6])
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        return None
