"""From the bytes of an answer to typed entries; the one place that knows feedparser.

The raw fragment of an entry is cut from the answer, never written anew. A feed that is not
well-formed is read entry by entry, each alone in the feed's own frame, so that one broken item
cannot spoil its neighbours.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from typing import TypeAlias

import feedparser

from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Author
from archiver.records.moments import from_text
from connectors.cutting import visible_text, xml_elements
from connectors.fetching import Answer

_Fields: TypeAlias = Mapping[str, object]

_CUT = frozenset({"item", "entry", "deleted-entry"})
_HARMLESS = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)
_ITUNES_SUMMARY = re.compile(rb"(</?)itunes:summary\b")
"""Under its own name feedparser lets it overwrite the description, which would be lost."""

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
    well_formed: bool


@dataclass(frozen=True, slots=True)
class Tombstone:
    """An `at:deleted-entry`: which entry was deleted, when, and by whom if that is told."""

    identifier: str
    when: datetime | None
    by: str


@dataclass(frozen=True, slots=True)
class Document:
    """One answer of a feed. *older* is the address of the page before it, if it names one."""

    entries: tuple[Entry, ...]
    tombstones: tuple[Tombstone, ...]
    older: str
    answered: datetime | None
    faults: tuple[str, ...]


def read(answer: Answer, *, base: str) -> Document:
    """Read the feed in *answer*; *base* is what its relative addresses are relative to.

    Raises:
        AnswerUnreadable: it is no feed, such as a login page sent with 200. An empty feed is one.
    """
    kind = answer.headers.get("content-type", "")
    parsed = _parse(answer.body, kind, base)
    if answer.looks_like_html() or not parsed.get("version"):
        raise AnswerUnreadable(f"{answer.url} answered with {answer.described()}, not with a feed")
    pieces = _pieces(answer.body, _charset(kind))
    items = [piece for piece in pieces if _local_name(piece) != b"deleted-entry"]
    faults: list[str] = []
    if _broken(parsed):
        faults.append("the feed is not well-formed; its items were read as far as possible")
    if not faults and len(parsed.entries) == len(items):
        found = list(zip(items, parsed.entries, strict=True))
    else:
        found = _one_by_one(answer.body, items, kind, base)
        missed = len(items) - len(found) or len(parsed.entries) - len(items)
        if missed > 0:
            faults.append(f"{missed} of its items could not be read")
    language = _text(parsed.feed, "language")
    return Document(
        tuple(_entry(raw, fields, language, well_formed=not faults) for raw, fields in found),
        tuple(_tombstone(piece) for piece in pieces if _local_name(piece) == b"deleted-entry"),
        _older(parsed.feed),
        _answered(answer),
        tuple(faults),
    )


def _parse(body: bytes, content_type: str, base: str) -> feedparser.FeedParserDict:
    body = _ITUNES_SUMMARY.sub(rb"\1itunes:longsummary", body)
    told = {"content-type": content_type, "content-location": base}
    return feedparser.parse(
        io.BytesIO(body), response_headers=told, sanitize_html=False, resolve_relative_uris=False
    )


def _broken(parsed: feedparser.FeedParserDict) -> bool:
    return bool(parsed.bozo) and not isinstance(parsed.bozo_exception, _HARMLESS)


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
        return [found["item"] for found in _LEXICAL.finditer(body) if found["item"]]


def _local_name(piece: bytes) -> bytes:
    found = _LOCAL_NAME.match(piece)
    return found[1] if found else b""


def _one_by_one(
    body: bytes, items: Sequence[bytes], content_type: str, base: str
) -> list[tuple[bytes, _Fields]]:
    if not items:
        return []
    head = body[: body.find(items[0])]
    root = _ROOT.search(head)
    tail = b"</channel>" if b"<channel" in head and b"</channel" not in head else b""
    tail += b"</" + root[1] + b">" if root else b""
    found: list[tuple[bytes, _Fields]] = []
    for item in items:
        parsed = _parse(head + item + tail, content_type, base)
        found.extend((item, fields) for fields in parsed.entries[:1])
    return found


def _entry(raw: bytes, fields: _Fields, language: str, *, well_formed: bool) -> Entry:
    bodies = [*_list(fields, "content"), _fields(fields, "summary_detail")]
    bodies.append(_fields(fields, "subtitle_detail"))
    bodies.append({"type": "text/html", "value": _text(fields, "itunes_longsummary")})
    markup = tuple(_text(body, "value") for body in bodies if _is_html(body))
    reply = _fields(fields, "thr_in-reply-to")
    replies = _text(fields, "slash_comments")
    link = _text(fields, "link").strip()
    return Entry(
        raw=raw,
        media_type="application/atom+xml"
        if _local_name(raw) == b"entry"
        else "application/rss+xml",
        identifier=_text(fields, "id").strip(),
        binding=_local_name(raw) == b"entry",
        permalink=link if link.lower().startswith(("http://", "https://")) else "",
        title=_shown(_fields(fields, "title_detail")),
        texts=tuple(filter(None, (_shown(body) for body in bodies))),
        markup=tuple(filter(None, markup)),
        base=next((_text(body, "base") for body in bodies if _text(body, "base")), ""),
        published=_moment(fields, "published") or _moment(fields, "created"),
        updated=_moment(fields, "updated"),
        author=_author(fields),
        files=tuple(_files(raw, fields)),
        language=next((_text(body, "language") for body in bodies if body), "") or language,
        in_reply_to=_text(reply, "ref"),
        replies=int(replies) if replies.isdecimal() else None,
        well_formed=well_formed,
    )


def _files(raw: bytes, fields: _Fields) -> list[File]:
    told = [(link, "href") for link in _list(fields, "links") if _text(link, "rel") == "enclosure"]
    told += [(part, "url") for part in _list(fields, "media_content")]
    told += [(part, "url") for part in _list(fields, "media_thumbnail")]
    told.append((_fields(fields, "image"), "href"))
    found = [
        File(
            _text(part, name).strip(),
            _text(part, "type").removeprefix(_UNTOLD_TYPE),
            _text(part, "length") or _text(part, "filesize"),
            _text(part, "title"),
        )
        for part, name in told
    ]
    for part in _PODCAST_FILE.finditer(raw.decode("utf-8", "replace")):
        named = _attributes(part[2])
        found.append(File(named.get("url", ""), named.get("type", ""), "", f"podcast:{part[1]}"))
    return [file for file in found if file.url]


def _author(fields: _Fields) -> Author | None:
    told = _fields(fields, "author_detail")
    name, email, url = (_text(told, key).strip() for key in ("name", "email", "href"))
    name = name or _text(fields, "author").strip()
    if not (name or email or url):
        return None
    return Author(native_id=url or email or name, name=name, handle=email, url=url)


def _tombstone(piece: bytes) -> Tombstone:
    text = piece.decode("utf-8", "replace")
    named = _attributes(text.partition(">")[0])
    by = _BY_NAME.search(text)
    try:
        when = from_text(named.get("when", ""))
    except ValueError:
        when = None
    return Tombstone(named.get("ref", ""), when, unescape(by[1]).strip() if by else "")


def _older(feed: _Fields) -> str:
    for rel in ("next", "prev-archive"):
        for link in _list(feed, "links"):
            if _text(link, "rel") == rel:
                return _text(link, "href")
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


def _moment(fields: _Fields, name: str) -> datetime | None:
    parts = dict.get(fields, f"{name}_parsed") if isinstance(fields, dict) else None
    if not isinstance(parts, tuple):
        return None
    try:
        year, month, day, hour, minute, second = (int(part) for part in parts[:6])
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        return None


def _is_html(body: _Fields) -> bool:
    return "html" in _text(body, "type")


def _shown(body: _Fields) -> str:
    value = _text(body, "value")
    return visible_text(value) if _is_html(body) else value.strip()


def _text(fields: _Fields, name: str) -> str:
    value = dict.get(fields, name) if isinstance(fields, dict) else None
    return value if isinstance(value, str) else ""


def _fields(fields: _Fields, name: str) -> _Fields:
    value = dict.get(fields, name) if isinstance(fields, dict) else None
    return value if isinstance(value, dict) else {}


def _list(fields: _Fields, name: str) -> list[_Fields]:
    value = dict.get(fields, name) if isinstance(fields, dict) else None
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []
