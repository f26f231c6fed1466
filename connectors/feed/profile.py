"""What a feed says of itself: its title, its words, its pictures and its links.

Whatever moves with every answer or every item is left out of what makes a version: the dates of
the feed, how long it may be kept, the program that made it, the links by which it is turned over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Content, ItemKind, RawFragment
from connectors.cutting import html_links, visible_text
from connectors.feed.entries import PROFILE, attached, joined
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
)
from connectors.feed.reading import Document, File
from connectors.fetching import spoken

_OF_A_PODCAST = re.compile(rb"(</?)itunes:(summary|subtitle|image)\b")
"""Under their own names feedparser lets them overwrite the feed's description and picture."""

_CLOSED = re.compile(rb"</(?:[\w.-]+:)?(?:rss|feed|RDF)\s*>")
_LASTING = frozenset({"alternate", "related", "via", "author", "me", "license", "payment"})
"""Links to something else; all others lead about the feed, some of them elsewhere every night."""


def read_profile(document: Document, *, base: str) -> Content:
    """Read what the feed in *document* says of itself; *base* is what its addresses start from.

    It is dated by the answer: a feed's own dates are those of its items.

    Raises:
        AnswerUnreadable: it breaks off, so that words may be missing, or has no date.
    """
    frame = _OF_A_PODCAST.sub(rb"\1itunes:own\2", document.frame)
    parsed = parse(frame, f"application/xml; charset={document.encoding}", base)
    if broken(parsed) and not _CLOSED.search(frame):
        raise AnswerUnreadable("the feed breaks off")
    if document.answered is None:
        raise AnswerUnreadable("the answer has no date")
    feed: Fields = parsed.feed
    marks = ("date-from-answer", "feed-not-well-formed")
    links = list(_links(feed))
    return Content(
        native_id=PROFILE,
        kind=ItemKind.PROFILE,
        title=shown(fields_in(feed, "title_detail")),
        text=joined(_texts(feed)),
        raw=RawFragment(_media_type(str(parsed.get("version"))), document.frame),
        published_at=document.answered,
        author=author_in(feed),
        permalink=next(iter(links), ""),
        attachments=tuple(attached(_pictures(feed, base))),
        links=tuple(dict.fromkeys((*links, *_links_within(feed)))),
        language=text_in(feed, "language"),
        marks=marks if broken(parsed) else marks[:1],
    )


def _media_type(version: str) -> str:
    return f"application/{'atom' if version.startswith('atom') else 'rss'}+xml"


def _texts(feed: Fields) -> Iterator[str]:
    """Give description or subtitle, and what a podcast says besides."""
    told = [shown(fields_in(feed, "subtitle_detail"))]
    told += [visible_text(text_in(feed, f"itunes_own{each}")) for each in ("subtitle", "summary")]
    yield from filter(None, told)


def _links(feed: Fields) -> Iterator[str]:
    for link in list_in(feed, "links"):
        address = text_in(link, "href").strip()
        if text_in(link, "rel") in _LASTING and address.lower().startswith(("http://", "https://")):
            yield address


def _links_within(feed: Fields) -> Iterator[str]:
    described = fields_in(feed, "subtitle_detail")
    if is_html(described):
        yield from html_links(text_in(described, "value"), text_in(described, "base"))


def _pictures(feed: Fields, base: str) -> Iterator[File]:
    told = [text_in(fields_in(feed, name), "href") for name in ("image", "itunes_ownimage")]
    told += [text_in(feed, name) for name in ("logo", "icon")]
    addresses = (_absolute(base, url.strip()) for url in told if url.strip())
    yield from (File(url) for url in addresses if url)


def _absolute(base: str, url: str) -> str:
    """Give *url* made absolute; nothing where it is no address that could be asked for."""
    try:
        urlsplit(spoken(url))
        return urljoin(base, url)
    except ValueError:
        return ""
