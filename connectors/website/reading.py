"""From a page as it was sent to an item: its main text, title, links, files and dates.

The main text is what the page marks as `main`, or else what trafilatura takes for it. A version is
what reads differently there; what stands around it (menus, notices, counters) makes none, and is
in the snapshot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from urllib.parse import urljoin

from trafilatura import extract
from trafilatura.settings import use_config

from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Attachment, Content, ItemKind, RawFragment
from connectors.cutting import (
    file_name,
    html_files,
    html_links,
    html_part,
    html_tags,
    mail_date,
    visible_text,
    without_parts,
)
from connectors.fetching import Answer
from connectors.website.listing import Listed, identity
from connectors.website.snapshot import MEDIA_TYPE

SITE = "site"
"""What names the site itself, among its pages: they begin with a host."""

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_DOOR = re.compile(r"\s*(?:log|sign)[ -]?in\b|\s*(?:anmelden|iniciar sesi)", re.IGNORECASE)
_PUBLISHED = (
    "article:published_time", "og:published_time", "datepublished", "dcterms.created",
    "dc.date.issued", "dcterms.issued", "date", "dc.date",
)  # fmt: skip
_AROUND = frozenset({"nav", "header", "footer", "aside"})
_MARKUP = ("text/html", "application/xhtml")

_CONFIG = use_config()
for _name in ("MIN_EXTRACTED_SIZE", "MIN_OUTPUT_SIZE", "MIN_EXTRACTED_COMM_SIZE"):
    _CONFIG.set("DEFAULT", _name, "1")  # a short page is a page, too


@dataclass(frozen=True, slots=True)
class _Main:
    """The main part of a page: its text, what it links to and shows, and how it was found."""

    text: str
    links: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    by: str = ""


def answered_at(answer: Answer) -> datetime:
    """Give when the server sent *answer*, by its own clock.

    Raises:
        AnswerUnreadable: it does not say, so that the snapshot could not be dated.
    """
    when = mail_date(answer.headers.get("date", ""))
    if when is None:
        raise AnswerUnreadable(f"{answer.url}: the server does not say when it answered")
    return when


def is_page(answer: Answer) -> bool:
    """Say whether *answer* is a page, and not a file."""
    return answer.headers.get("content-type", "text/html").lower().startswith(_MARKUP)


def page_to_content(answer: Answer, listed: Listed, raw: bytes) -> Content:
    """Read a page; *raw* is its snapshot, *listed* what the sitemap says of it.

    Raises:
        AnswerUnreadable: it is a login page in the place of a page, or nothing dates it.
    """
    if not is_page(answer):
        return _of_file(answer.url, listed, RawFragment(MEDIA_TYPE, raw), answered_at(answer))
    html = _decoded(answer)
    title = _title(html)
    if _DOOR.match(title):
        raise AnswerUnreadable(f"{answer.url} answered with a page that asks to sign in")
    main = _main(html, answer.url)
    told = _told_date(html)
    changed = listed.changed or mail_date(answer.headers.get("last-modified", ""))
    published = told or changed or answered_at(answer)
    marks = [main.by] if main.by else []
    if told is None:
        marks.append("date-of-update" if changed else "date-from-answer")
    return Content(
        native_id=identity(answer.url),
        kind=ItemKind.PAGE,
        title=title,
        text=main.text,
        raw=RawFragment(MEDIA_TYPE, raw),
        published_at=published,
        edited_at=changed if told and changed and changed > told else None,
        permalink=answer.url,
        attachments=tuple(_attachments(main.files)),
        links=main.links,
        language=_language(html),
        marks=tuple(marks),
    )


def site_to_profile(answer: Answer, raw: bytes) -> Content:
    """Read what a site says of itself out of its home page *answer*, whose snapshot is *raw*.

    That is its name, its description, its picture, and where its menus and its footer lead.

    Raises:
        AnswerUnreadable: it is a login page, or nothing dates it.
    """
    html = _decoded(answer)
    if _DOOR.match(_title(html)):
        raise AnswerUnreadable(f"{answer.url} answered with a page that asks to sign in")
    told = _told(html)
    around = (html[slice(*part)] for name in sorted(_AROUND) if (part := html_part(html, name)))
    links = {link: None for part in around for link in html_links(part, answer.url)}
    picture = told.get("og:image", "")
    cover = ((urljoin(answer.url, picture), ""),) if picture else ()
    return Content(
        native_id=SITE,
        kind=ItemKind.PROFILE,
        title=told.get("og:site_name") or _title(html),
        text=told.get("description") or told.get("og:description", ""),
        raw=RawFragment(MEDIA_TYPE, raw),
        published_at=answered_at(answer),
        permalink=answer.url,
        attachments=tuple(_attachments(cover)),
        links=tuple(link for link in links if link.startswith("http")),
        language=_language(html),
    )


def file_to_content(listed: Listed, when: datetime) -> Content:
    """Make an item of a file that a sitemap lists, changed at *when*."""
    raw = RawFragment("application/xml", listed.raw)
    return _of_file(listed.url, listed, raw, when)


def _of_file(url: str, listed: Listed, raw: RawFragment, when: datetime) -> Content:
    name = file_name(url)
    changed = f"#{listed.changed.isoformat()}" if listed.changed else ""
    return Content(
        native_id=identity(url),
        kind=ItemKind.PAGE,
        title=name,
        text="",
        raw=raw,
        published_at=listed.changed or when,
        permalink=url,
        attachments=(Attachment(f"{identity(url)}{changed}", url, "", name),),
        marks=("date-of-update" if listed.changed else "date-from-answer",),
    )


def _main(html: str, base: str) -> _Main:
    """Give the main part of *html*: all of what the page itself marks as `main`, if it does.

    Where it does not, the text is what trafilatura takes for the main part, or all that a reader
    sees; links and files are those outside menus, headings and footers.
    """
    part = html_part(html, "main")
    inside = html[slice(*part)] if part else without_parts(html, _AROUND)
    text = visible_text(without_parts(inside, {"nav"})) if part else ""
    by = "" if text else "main-text-guessed"
    text = text or extract(html, favor_recall=True, include_tables=True, config=_CONFIG) or ""
    if not text:
        text, by = visible_text(html), "text-of-whole-page"
    links = (link for link in html_links(inside, base) if link.startswith("http"))
    return _Main(text, tuple(links), tuple(html_files(inside, base)), by)


def _attachments(files: tuple[tuple[str, str], ...]) -> Iterator[Attachment]:
    known: set[str] = set()
    for url, description in files:
        key = identity(url)
        if key not in known:
            known.add(key)
            name = file_name(url)
            yield Attachment(key, url, "", name, description)


def _decoded(answer: Answer) -> str:
    """Give the page's text in the encoding it is told to be in, or else UTF-8, or Windows' own."""
    told = _CHARSET.search(answer.headers.get("content-type", ""))
    told = told or _CHARSET.search(answer.body[:2048].decode("ascii", "replace"))
    for encoding in (told[1] if told else "utf-8", "utf-8", "cp1252"):
        try:
            return answer.body.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            continue
    return answer.body.decode("utf-8", "replace")


def _title(html: str) -> str:
    for tag, _, at in html_tags(html):
        if tag == "title":
            inside = html[at : html.find("</", at + 6)].partition(">")[2]
            return " ".join(unescape(inside).split())
    heading = html_part(html, "h1")
    return visible_text(html[slice(*heading)]) if heading else ""


def _language(html: str) -> str:
    for tag, named, _ in html_tags(html):
        if tag == "html":
            return named.get("lang", "")
    return ""


def _told(html: str) -> dict[str, str]:
    """Give what the page says of itself (`meta`), by lower-case name; the first one counts."""
    told: dict[str, str] = {}
    for tag, named, _ in html_tags(html):
        if tag == "meta":
            name = named.get("property") or named.get("name") or named.get("itemprop", "")
            told.setdefault(name.lower(), named.get("content", ""))
    return told


def _told_date(html: str) -> datetime | None:
    """Give when the page itself says it was published; a date without a zone is no moment."""
    told = _told(html)
    for name in _PUBLISHED:
        try:
            when = datetime.fromisoformat(told.get(name, ""))
        except ValueError:
            continue
        if when.tzinfo:
            return when
    return None
