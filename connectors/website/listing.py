"""What a site lists of itself: its rules for visitors (robots.txt) and its sitemaps."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from urllib.parse import urljoin, urlsplit

from protego import Protego

from archiver.records.errors import AnswerUnreadable
from connectors.cutting import xml_elements
from connectors.fetching import ANSWER_BYTES, Answer, spoken

_LOC = re.compile(r"<(?:[\w.-]+:)?loc\b[^>]*>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</", re.DOTALL)
_LASTMOD = re.compile(r"<(?:[\w.-]+:)?lastmod\b[^>]*>\s*([^<\s]+)\s*</")
_GZIP = b"\x1f\x8b"
_WWW = "www."


@dataclass(frozen=True, slots=True)
class Listed:
    """One address a sitemap lists, when it says it changed, and its entry as it stands there."""

    url: str
    changed: datetime | None
    raw: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Sitemap:
    """One sitemap: pages, or further sitemaps where it is an index."""

    pages: tuple[Listed, ...]
    further: tuple[str, ...]


class Rules:
    """A site's robots.txt, as it concerns us; where there is none, everything is allowed."""

    def __init__(self, text: str, agent: str) -> None:
        self._robots = Protego.parse(text)
        self._agent = agent
        self.sitemaps = tuple(self._robots.sitemaps)

    def allow(self, url: str) -> bool:
        """Say whether we may ask for *url*."""
        return bool(self._robots.can_fetch(url, self._agent))

    @property
    def per_second(self) -> float | None:
        """Give how many requests a second the site wants to see from us, where it says."""
        delay = self._robots.crawl_delay(self._agent)
        rate = self._robots.request_rate(self._agent)
        told = [1 / delay] if delay else []
        if rate and rate.seconds:
            told.append(rate.requests / rate.seconds)
        return min(told, default=None)


def read_rules(answer: Answer, agent: str) -> Rules:
    """Read robots.txt out of *answer*; whatever is none (RFC 9309: any 4xx) says nothing."""
    said = answer.status == 200 and not answer.looks_like_html()  # noqa: PLR2004 - HTTP's own
    return Rules(answer.body.decode("utf-8", "replace") if said else "", agent)


def read_sitemap(answer: Answer) -> Sitemap:
    """Read a sitemap (sitemaps.org: XML, an index of others, or plain lines; gzipped or not).

    Raises:
        AnswerUnreadable: it is none, such as a login page sent with 200.
    """
    body = _unpacked(answer.body, answer.url)
    start = body[:512].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not answer.looks_like_html() and start.startswith(b"<"):
        pages = [_listed(raw, answer.url) for raw in xml_elements(body, {"url"})]
        further = [_listed(raw, answer.url).url for raw in xml_elements(body, {"sitemap"})]
        if pages or further or b"<urlset" in body[:4096] or b"<sitemapindex" in body[:4096]:
            return Sitemap(tuple(pages), tuple(further))
    elif start.startswith((b"http://", b"https://")):
        lines = body.decode("utf-8", "replace").removeprefix("\ufeff").split()
        return Sitemap(tuple(Listed(line, None, line.encode()) for line in lines), ())
    raise AnswerUnreadable(f"{answer.url} answered with {answer.described()}, not with a sitemap")


def _listed(raw: bytes, base: str) -> Listed:
    text = raw.decode("utf-8", "replace")
    place, changed = _LOC.search(text), _LASTMOD.search(text)
    if not place or not place[1]:
        raise AnswerUnreadable(f"{base}: an entry of the sitemap has no address")
    return Listed(urljoin(base, unescape(place[1])), _moment(changed[1] if changed else ""), raw)


def _moment(text: str) -> datetime | None:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _unpacked(body: bytes, url: str) -> bytes:
    if not body.startswith(_GZIP):
        return body
    inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        plain = inflate.decompress(body, ANSWER_BYTES)
    except zlib.error:
        raise AnswerUnreadable(f"{url}: the sitemap cannot be unpacked") from None
    if inflate.unconsumed_tail or not inflate.eof:
        raise AnswerUnreadable(f"{url}: the sitemap is larger than sitemaps may be, or cut off")
    return plain


def same_site(url: str, home: str) -> bool:
    """Say whether *url* lies on the host of *home*, with `www.` or without."""
    return _host(url) == _host(home)


def identity(url: str) -> str:
    """Give what names a page across visits: its host, path and query.

    Not its scheme, nor a `www.`: a site that moves to https keeps its pages. Secrets are left out.
    """
    parts = urlsplit(spoken(url))
    query = f"?{parts.query}" if parts.query else ""
    return f"{_host(url)}{parts.path or '/'}{query}"


def _host(url: str) -> str:
    return urlsplit(spoken(url)).netloc.lower().removeprefix(_WWW)


def kept_to(pages: Iterator[Listed], under: tuple[str, ...]) -> Iterator[Listed]:
    """Give those of *pages* whose path begins as one of *under* does; all, where there is none."""
    for page in pages:
        if not under or urlsplit(page.url).path.startswith(under):
            yield page
