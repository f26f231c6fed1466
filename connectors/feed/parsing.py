"""Asking feedparser, and reading what it answers; the one place that knows it."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import TypeAlias

import feedparser

from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Author
from connectors.cutting import visible_text

Fields: TypeAlias = Mapping[str, object]
"""What feedparser tells of an entry or of the feed itself."""

_HARMLESS = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)
_ITUNES_SUMMARY = re.compile(rb"(</?)itunes:summary\b")
"""Under its own name feedparser lets it overwrite the description, which would be lost."""

_PAIR = rb"[xX]0*[dD][89aAbB][0-9a-fA-F]{2};&#[xX]0*[dD][c-fC-F][0-9a-fA-F]{2}"
_REFERENCES = re.compile(rb"&#(" + _PAIR + rb"|[xX][0-9a-fA-F]+|[0-9]+);")
_LAST, _SURROGATES = 0x10FFFF, range(0xD800, 0xE000)


def parse(body: bytes, content_type: str, base: str) -> feedparser.FeedParserDict:
    """Read the feed *body*; *base* is what its relative addresses are relative to.

    Raises:
        AnswerUnreadable: feedparser cannot.
    """
    body = _ITUNES_SUMMARY.sub(rb"\1itunes:longsummary", with_characters(body)[0])
    told = {"content-type": content_type, "content-location": base}
    try:
        return feedparser.parse(
            io.BytesIO(body),
            response_headers=told,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except (ValueError, OverflowError) as error:
        raise AnswerUnreadable(f"the feed cannot be read: {error}") from error


def with_characters(body: bytes) -> tuple[bytes, bool]:
    """Give *body* with references to characters alone, and whether any had to be replaced.

    Surrogates that stand as a pair become the character they mean; what is no character, at
    which feedparser gives up the whole feed, becomes U+FFFD.
    """
    replaced = False

    def mend(found: re.Match[bytes]) -> bytes:
        nonlocal replaced
        high, _, low = found[1].decode().lower().partition(";&#")
        if low:
            paired = (int(high[1:], 16) - 0xD800 << 10) + int(low[1:], 16) - 0xDC00
            return b"&#%d;" % (paired + 0x10000)
        digits = high.removeprefix("x").lstrip("0") or "0"
        short = len(digits) < len("1114112") + 1
        number = int(digits, 16 if high.startswith("x") else 10) if short else _LAST + 1
        if number <= _LAST and number not in _SURROGATES:
            return found[0]
        replaced = True
        return b"&#xFFFD;"

    return _REFERENCES.sub(mend, body), replaced


def broken(parsed: feedparser.FeedParserDict) -> bool:
    """Say whether a feed is not well-formed, so that *parsed* may lack some of it."""
    return bool(parsed.bozo) and not isinstance(parsed.bozo_exception, _HARMLESS)


def is_html(body: Fields) -> bool:
    """Say whether a text is markup, by its own word or by its looks."""
    return "html" in text_in(body, "type")


def shown(body: Fields) -> str:
    """Give a text as a reader sees it."""
    value = text_in(body, "value")
    return visible_text(value) if is_html(body) else value.strip()


def text_in(fields: Fields, name: str) -> str:
    """Give the text under *name*; an empty one where there is none."""
    value = dict.get(fields, name) if isinstance(fields, dict) else None
    return value if isinstance(value, str) else ""


def fields_in(fields: Fields, name: str) -> Fields:
    """Give the fields under *name*; none where there are none."""
    value = dict.get(fields, name) if isinstance(fields, dict) else None
    return value if isinstance(value, dict) else {}


def list_in(fields: Fields, name: str) -> list[Fields]:
    """Give every set of fields under *name*."""
    value = dict.get(fields, name) if isinstance(fields, dict) else None
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def author_in(fields: Fields) -> Author | None:
    """Give who wrote an entry or the feed; None where nobody is named."""
    told = fields_in(fields, "author_detail")
    name, email, url = (text_in(told, key).strip() for key in ("name", "email", "href"))
    name = name or text_in(fields, "author").strip()
    if not (name or email or url):
        return None
    return Author(native_id=url or email or name, name=name, handle=email, url=url)
