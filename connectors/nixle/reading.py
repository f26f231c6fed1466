"""What Nixle's answers say: the wire (a listing), an alert's own page, the agency's feed.

Nixle documents none of this. It is read as its pages are written, and a page that is not
recognised is refused rather than taken for an empty one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from html import unescape
from urllib.parse import urljoin, urlsplit

from archiver.records.errors import AnswerUnreadable
from archiver.records.exchanges import cut_from
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.cutting import (
    file_name,
    html_element,
    html_files,
    html_links,
    html_tags,
    mail_date,
    visible_text,
    xml_elements,
)
from connectors.fetching import Answer

_CARD = re.compile(r"pub_([0-9]+)")
_AGENCY = re.compile(r"/email_forward_agency/([0-9]+)/")
_ALERT = re.compile(r"/alert/([0-9]+)(?:/|$)")
_STAMP = re.compile(
    r"([A-Z][a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?, (\d{4})\s*::\s*"
    r"(\d{1,2})(?::(\d{2}))?\s*([ap])\.?m\.?\s*([A-Z]{2,4})?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ZONES = {
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "AKST": -9, "AKDT": -8, "HST": -10, "HDT": -9, "AST": -4, "ADT": -3, "SST": -11, "CHST": 10,
    "UTC": 0, "GMT": 0,
}  # fmt: skip
_HIDDEN_ADDRESS = re.compile(
    r"<(a|span)\b[^>]*data-cfemail=[\"']([0-9A-Fa-f]{6,})[\"'][^>]*>.*?</\1>", re.DOTALL
)
_GUARD = "/cdn-cgi/"
_PRIORITIES = frozenset({"alert", "advisory", "community"})
_FIELD = re.compile(
    r"<(link|guid|pubDate)\b[^>]*>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</\1>", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Wire:
    """One page of the listing: the alerts' numbers in its order, and whether more follow."""

    alerts: tuple[str, ...] = ()
    more: bool = False
    agency: str = ""


@dataclass(frozen=True, slots=True)
class Announced:
    """One item of the feed: an alert's number where its address has one, and when it was sent."""

    alert: str
    address: str
    when: datetime | None


def read_wire(answer: Answer) -> Wire:
    """Read one page of an agency's listing; *agency* is its number, where the page has it.

    Raises:
        AnswerUnreadable: it is no listing of Nixle's, such as a login page sent with 200.
    """
    html = source_of(answer)
    span = html_element(html, "id", "wire")
    if span is None:
        raise AnswerUnreadable(f"{answer.url} answered with {answer.described()}, not with a wire")
    alerts = [
        found[1]
        for tag, named, _ in html_tags(html[slice(*span)])
        if tag == "li" and (found := _CARD.fullmatch(named.get("id", "")))
    ]
    following = any("next" in named.get("class", "").split() for _, named, _ in html_tags(html))
    agency = _AGENCY.search(html)
    number = agency[1] if agency else ""
    return Wire(tuple(dict.fromkeys(alerts)), more=following, agency=number)


def read_feed(answer: Answer) -> list[Announced]:
    """Read the agency's feed: which alerts it announces.

    Raises:
        AnswerUnreadable: it is no feed.
    """
    if answer.looks_like_html() or b"<rss" not in answer.body[:2048]:
        raise AnswerUnreadable(f"{answer.url} answered with {answer.described()}, not with a feed")
    return [
        _announced(raw.decode("utf-8", "replace")) for raw in xml_elements(answer.body, {"item"})
    ]


def _announced(item: str) -> Announced:
    told = {name: unescape(value).strip() for name, value in _FIELD.findall(item)}
    address = told.get("link") or told.get("guid", "")
    found = _ALERT.search(urlsplit(address).path) or _ALERT.search(told.get("guid", ""))
    return Announced(found[1] if found else "", address, mail_date(told.get("pubDate", "")))


def read_alert(answer: Answer, *, known: str = "", sent: datetime | None = None) -> Content:
    """Read an alert's page; *known* is its number, unless the final address tells it.

    The page's own date counts; where it has none, *sent* (the feed's) does, or else the day of
    the answer, and the item is marked so.

    Raises:
        AnswerUnreadable: it is no alert's page, or nothing dates it.
    """
    html = source_of(answer)
    span, body = (
        html_element(html, "class", "full_message_info"),
        html_element(html, "id", "alert-body"),
    )
    place = _ALERT.search(urlsplit(answer.url).path)
    number = place[1] if place else known
    if span is None or body is None or not number:
        raise AnswerUnreadable(
            f"{answer.url} answered with {answer.described()}, not with an alert"
        )
    head = html_element(html, "id", "fullpubhd")
    begin = head[0] if head and head[0] < span[0] else span[0]
    stamped = _stamp(visible_text(html[begin : span[0]]))
    when = stamped or sent or mail_date(answer.headers.get("date", ""))
    if when is None:
        raise AnswerUnreadable(f"{answer.url}: nothing dates the alert")
    inside = html[slice(*span)]
    markup = uncovered(html[slice(*body)])
    return Content(
        native_id=number,
        kind=ItemKind.POST,
        title=_title(inside),
        text=visible_text(markup),
        raw=RawFragment(
            "text/html",
            cut_from(answer.body, html[begin : span[1]].encode("utf-8", "surrogateescape")),
        ),
        published_at=when,
        author=_author(html, answer.url),
        permalink=urljoin(answer.url, f"/alert/{number}/"),
        attachments=tuple(_files(markup, answer.url)),
        links=tuple(_links(markup, answer.url)),
        marks=(*_priority(inside), *_how_dated(stamped, sent)),
    )


def source_of(answer: Answer) -> str:
    """Give the source of a page; what is no UTF-8 in it stands as surrogates."""
    return answer.body.decode("utf-8", "surrogateescape")


def _title(inside: str) -> str:
    for tag, _, at in html_tags(inside):
        if tag == "h2":
            return visible_text(inside[at : inside.find("</h2", at)])
    return ""


def _author(html: str, url: str) -> Author | None:
    span = html_element(html, "class", "certified")
    for tag, named, _ in html_tags(html[slice(*span)]) if span else ():
        if tag == "a" and span:
            page = named.get("href", "")
            return Author(page.strip("/"), visible_text(html[slice(*span)]), "", urljoin(url, page))
    return None


def _priority(inside: str) -> Iterator[str]:
    for tag, named, _ in html_tags(inside):
        words = set(named.get("class", "").lower().split())
        if tag == "span" and "priority" in words:
            yield from (f"nixle-{word}" for word in sorted(words & _PRIORITIES))
            return


def _how_dated(stamped: datetime | None, sent: datetime | None) -> Iterator[str]:
    if stamped is None:
        yield "date-from-feed" if sent else "date-from-answer"


def uncovered(markup: str) -> str:
    """Give *markup* with its e-mail addresses as a reader sees them.

    Each is sent covered by a key of the moment.
    """
    return _HIDDEN_ADDRESS.sub(_shown, markup)


def _shown(found: re.Match[str]) -> str:
    key, *letters = bytes.fromhex(found[2][: len(found[2]) // 2 * 2])
    return bytes(letter ^ key for letter in letters).decode("utf-8", "replace")


def _links(markup: str, base: str) -> Iterator[str]:
    yield from (link for link in html_links(markup, base) if _GUARD not in link)


def _files(markup: str, base: str) -> Iterator[Attachment]:
    known: set[str] = set()
    for url, description in html_files(markup, base):
        path = urlsplit(url).path
        if path not in known:
            known.add(path)
            yield Attachment(path, url, "", file_name(url), description)


def _stamp(text: str) -> datetime | None:
    """Read `Thursday April 3rd, 2025 :: 02:15 p.m. PDT`; nothing without a zone that we know."""
    found = _STAMP.search(text)
    if not found or found[1][:3].lower() not in _MONTHS or found[7] not in _ZONES:
        return None
    month = _MONTHS.index(found[1][:3].lower()) + 1
    hour = int(found[4]) % 12 + (12 if found[6] == "p" else 0)
    zone = timezone(timedelta(hours=_ZONES[found[7]]))
    try:
        minute = int(found[5] or 0)
        return datetime(int(found[3]), month, int(found[2]), hour, minute, tzinfo=zone)
    except ValueError:
        return None
