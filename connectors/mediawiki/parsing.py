"""Reading what a wiki says of itself, of a page and of a revision: pure.

A page is an item and each of its revisions a version: what it says is its source, in the wiki's own
markup, as it was saved. Files are told from the source too, so that every version names its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, unquote, urlsplit

from archiver.records.captures import Actor, PlatformState, Sighting
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Attachment, Author, Content, ItemKind, RawFragment
from connectors.cutting import id_of, moment_of, object_of, optional_id, text_of

JSON = "application/json"
SITE = "site"

_FILES = 6
_LINK = re.compile(r"https?://[^\s\[\]<>\"|{}]+")


@dataclass(frozen=True, slots=True)
class Site:
    """A wiki: its name, where its pages are read, and what it calls the space of its files."""

    name: str
    language: str
    articles: str
    script: str
    files: re.Pattern[str]

    def address(self, title: str) -> str:
        """Give where a reader finds the page called *title*."""
        return self.articles.replace("$1", quote(title.replace(" ", "_"), safe="/:@!$*(),;~"))

    def title_at(self, address: str) -> str:
        """Give the title of the page that is found at *address*; nothing where it is none."""
        before, _, after = self.articles.partition("$1")
        if not address.startswith(before) or not address.endswith(after):
            return ""
        return unquote(address[len(before) : len(address) - len(after)]).replace("_", " ")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a wiki as a listing tells it: what it is called, and its newest revision."""

    native_id: str
    title: str
    space: int
    newest: int
    changed_at: datetime
    subject: str | None

    @property
    def talk(self) -> bool:
        """Say whether it is where people talk about another page."""
        return self.space > 0 and self.space % 2 == 1


def read_site(general: Mapping[str, object], spaces: Mapping[str, object]) -> Site:
    """Read what a wiki says of itself.

    Raises:
        AnswerUnreadable: it is no description of a wiki.
    """
    server = text_of(general, "server")
    base = text_of(general, "base")
    scheme = urlsplit(base).scheme or "https"
    origin = f"{scheme}:{server}" if server.startswith("//") else server
    names = {"File", "Image"}
    told = spaces.get(str(_FILES))
    if isinstance(told, dict):
        names |= {text_of(told, key, absent="") for key in ("name", "canonical")}
    either = "|".join(re.escape(name) for name in sorted(names) if name)
    return Site(
        name=text_of(general, "sitename"),
        language=text_of(general, "lang", absent=""),
        articles=f"{origin}{text_of(general, 'articlepath')}",
        script=f"{origin}{text_of(general, 'script')}",
        files=re.compile(
            rf"(?:\[\[|^)\s*(?:{either})\s*:\s*([^|\]\n\[{{}}]+)", re.IGNORECASE | re.MULTILINE
        ),
    )


def read_profile(site: Site, rights: Mapping[str, object], raw: bytes, *, at: datetime) -> Content:
    """Give what the wiki says of itself: its name, and under which terms it publishes."""
    terms = text_of(rights, "url", absent="")
    return Content(
        native_id=SITE,
        kind=ItemKind.PROFILE,
        title=site.name,
        text=text_of(rights, "text", absent=""),
        published_at=at,
        permalink=site.address(""),
        links=(terms,) if terms else (),
        language=site.language,
        raw=RawFragment(JSON, raw),
    )


def read_page(value: object) -> Page | None:
    """Read a page of a listing; None where the wiki has none of that name.

    Raises:
        AnswerUnreadable: it is no page as documented.
    """
    page = object_of(value, "a page")
    if page.get("missing") is True or page.get("invalid") is True:
        return None
    revisions = page.get("revisions")
    if not isinstance(revisions, list) or not revisions:
        raise AnswerUnreadable("a page has no revision")
    newest = object_of(revisions[0], "a revision")
    return Page(
        native_id=id_of(page.get("pageid"), "a page"),
        title=text_of(page, "title"),
        space=_number(page.get("ns")),
        newest=_number(newest.get("revid")),
        changed_at=moment_of(newest.get("timestamp")),
        subject=optional_id(page.get("subjectid")),
    )


def read_revision(value: object, raw: bytes, page: Page, site: Site) -> Content:
    """Read a revision of *page*.

    Raises:
        AnswerUnreadable: it is no revision as documented, or its text is hidden.
    """
    revision = object_of(value, "a revision")
    slots = object_of(revision.get("slots"), "the slots of a revision")
    main = object_of(slots.get("main"), "the main slot of a revision")
    if main.get("texthidden") is True or revision.get("texthidden") is True:
        raise AnswerUnreadable("the text of a revision is hidden")
    text, moment = text_of(main, "content"), moment_of(revision.get("timestamp"))
    user = text_of(revision, "user", absent="")
    account = optional_id(revision.get("userid"))
    named = account if account not in {None, "0"} else user
    first = _number(revision.get("parentid") or 0) == 0
    told = revision.get("tags")
    tags = [tag for tag in told if isinstance(tag, str)] if isinstance(told, list) else []
    return Content(
        native_id=page.native_id,
        kind=ItemKind.COMMENT if page.talk else ItemKind.REVISION,
        title=page.title,
        text=text,
        published_at=moment,
        edited_at=None if first else moment,
        author=Author(named or "", user, user) if user else None,
        parent=page.subject if page.talk else None,
        thread=page.subject if page.talk else None,
        permalink=site.address(page.title),
        attachments=_files(text, site),
        links=tuple(dict.fromkeys(found.rstrip(".,;:)'") for found in _LINK.findall(text))),
        language=site.language,
        marks=(*(["minor"] if revision.get("minor") is True else ()), *tags),
        raw=RawFragment(JSON, raw),
    )


def revision_number(value: object) -> int:
    """Give the number of a revision.

    Raises:
        AnswerUnreadable: it has none.
    """
    return _number(object_of(value, "a revision").get("revid"))


def read_removal(value: object) -> tuple[str, Sighting | None]:
    """Read an entry of the wiki's log of deletions: the page, and that it was removed.

    Of a page that was restored there is no sighting. Who removed it, and why, is told by the log.

    Raises:
        AnswerUnreadable: it is no entry as documented.
    """
    entry = object_of(value, "an entry of the log")
    name = id_of(entry.get("logpage") or entry.get("pageid"), "an entry of the log")
    if text_of(entry, "action", absent="") not in {"delete", "delete_redir", "delete_redir2"}:
        return name, None
    user, why = text_of(entry, "user", absent=""), text_of(entry, "comment", absent="")
    return name, Sighting(
        native_id=name,
        state=PlatformState.REPORTED_REMOVED,
        actor=Actor.MODERATOR if user else Actor.UNTOLD,
        source="mediawiki log delete",
        remark=": ".join(part for part in (user, why) if part),
    )


def _files(text: str, site: Site) -> tuple[Attachment, ...]:
    names = dict.fromkeys(_file_name(found) for found in site.files.findall(text))
    return tuple(
        Attachment(
            key=f"File:{name}",
            url=f"{site.script}?title=Special:Redirect/file/{quote(name, safe='')}",
            name=name,
        )
        for name in names
        if name
    )


def _file_name(written: str) -> str:
    name = " ".join(written.replace("_", " ").split())
    return name[:1].upper() + name[1:]


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise AnswerUnreadable("a number is none")
    return value
