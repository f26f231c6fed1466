"""Asking feedparser, and reading what it answers; the one place that knows it."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import TypeAlias

import feedparser

from archiver.records.items import Author
from connectors.cutting import visible_text

Fields: TypeAlias = Mapping[str, object]
"""What feedparser tells of an entry or of the feed itself."""

_HARMLESS = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)
_ITUNES_SUMMARY = re.compile(rb"(</?)itunes:summary\b")
"""Under its own name feedparser lets it overwrite the description, which would be lost."""


def parse(body: bytes, content_type: str, base: str) -> feedparser.FeedParserDict:
    """Read the feed *body*; *base* is what its relative addresses are relative to."""
    body = _ITUNES_SUMMARY.sub(rb"\1itunes:longsummary", body)
    told = {"content-type": content_type, "content-location": base}
    return feedparser.parse(
        io.BytesIO(body), response_headers=told, sanitize_html=False, resolve_relative_uris=False
    )


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
