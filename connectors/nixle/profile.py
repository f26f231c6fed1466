"""What an agency's page on Nixle says beside the wire: the agency's name, address and own words.

Nixle documents none of it, and says of no part of the page that it is the agency's. So all of it
counts that a reader sees around the wire, but menus, forms, head and foot: rather a version too
many, where Nixle changes its own words, than one that is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlsplit

from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.cutting import (
    file_name,
    html_element,
    html_files,
    html_links,
    mail_date,
    visible_text,
    without_parts,
)
from connectors.fetching import Answer
from connectors.nixle.reading import source_of, uncovered

PROFILE = "profile"
"""The profile's id: a page on Nixle is one agency's."""

_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,1000})</title", re.IGNORECASE)
_NAME = re.compile(r"Messages from (.+?) ?: ?Nixle")
_NOT_ITS_OWN = ("head", "header", "nav", "form", "footer", "script", "style", "noscript")
_LOGOS = "/agency_logos/"


def read_profile(answer: Answer) -> Content:
    """Read the first page of an agency's wire for what it says of the agency.

    Raises:
        AnswerUnreadable: it is no such page, or the server did not say when it answered.
    """
    html = source_of(answer)
    wire = html_element(html, "id", "wire")
    if wire is None:
        raise AnswerUnreadable(f"{answer.url} answered with {answer.described()}, not with a wire")
    when = mail_date(answer.headers.get("date", ""))
    if when is None:
        raise AnswerUnreadable(f"{answer.url}: the answer has no date")
    around, name = uncovered(_around(html, wire)), _name(html)
    return Content(
        native_id=PROFILE,
        kind=ItemKind.PROFILE,
        title=name,
        text=visible_text(around),
        raw=RawFragment("text/html", answer.body),
        published_at=when,
        author=Author(urlsplit(answer.url).path.strip("/"), name, "", answer.url),
        permalink=answer.url,
        attachments=tuple(_logos(around, answer.url)),
        links=tuple(_away(around, answer.url)),
    )


def _around(html: str, wire: tuple[int, int]) -> str:
    """Give the page without its wire, and without what leads to the wire's other pages."""
    left = html[: wire[0]] + html[wire[1] :]
    while pages := html_element(left, "class", "pagination"):
        left = left[: pages[0]] + left[pages[1] :]
    return without_parts(left, _NOT_ITS_OWN)


def _name(html: str) -> str:
    """Give the agency's name, out of the page's title; the title, where it is worded otherwise."""
    found = _TITLE.search(html)
    title = " ".join(unescape(found[1]).split()) if found else ""
    named = _NAME.fullmatch(title)
    return named[1] if named else title


def _logos(around: str, base: str) -> Iterator[Attachment]:
    known: set[str] = set()
    for url, description in html_files(around, base):
        path = urlsplit(url).path
        if _LOGOS in path and path not in known:
            known.add(path)
            yield Attachment(path, url, "", file_name(url), description)


def _away(around: str, base: str) -> Iterator[str]:
    """Give the links that lead away from Nixle, such as the one to the agency's own site."""
    ours = urlsplit(base).hostname
    for link in html_links(around, base):
        host = urlsplit(link).hostname or ""
        if host not in {"", ours} and not f".{host}".endswith((".nixle.com", ".nixle.us")):
            yield link
