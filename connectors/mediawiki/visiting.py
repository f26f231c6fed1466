"""The visit to a wiki, or to some of its pages: what changed, revision by revision.

By night every page is listed with its newest revision, and those that changed since the look-back
are walked from there on, the oldest revision first; by day the wiki's list of recent changes says
which. The log of deletions tells what was removed, by whom and why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from archiver.records.captures import (
    Cursor,
    Gap,
    GapReason,
    Known,
    Listed,
    Observation,
    PlatformState,
    Seen,
    Sighting,
    Window,
)
from archiver.records.errors import AnswerUnreadable, ConnectorError, TooLarge
from archiver.records.items import ItemKind
from archiver.records.pages import AccessCheck
from connectors.cutting import json_list, json_parts, moment_of, object_of, text_of
from connectors.fetching import Visited
from connectors.mediawiki.api import AT_ONCE, Wiki, strings
from connectors.mediawiki.moderation import Moderation
from connectors.mediawiki.parsing import (
    Page,
    Site,
    read_page,
    read_profile,
    read_removal,
    read_revision,
    read_site,
    revision_number,
)
from connectors.moderating import as_far_as_shown, as_tried

_KINDS = (ItemKind.REVISION.value, ItemKind.COMMENT.value)
_LISTING = {"prop": "info|revisions", "inprop": "subjectid", "rvprop": "ids|timestamp"}
_WORDS = "ids|timestamp|user|userid|comment|content|sha1|size|flags|tags"


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a wiki is archived: some *titles* with their talk pages, or whole *spaces*.

    *moderation* says whether how it is moderated is archived as well.
    """

    titles: tuple[str, ...]
    spaces: tuple[int, ...]
    moderation: bool = False


@dataclass(slots=True)
class _Walk:
    """What a visit has found: pages to be walked, and what could not be had."""

    waiting: dict[str, Page] = field(default_factory=dict)
    logged: set[str] = field(default_factory=set)
    removed: dict[str, Sighting] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    pages: int = 0
    newest: int = 0


class WikiSource(Visited):
    """One wiki, opened for one visit."""

    def __init__(self, wiki: Wiki, scope: Scope) -> None:
        super().__init__(wiki.fetcher)
        self._wiki = wiki
        self._scope = scope
        self._faults = 0

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield what the wiki says of itself, and every revision of *window*, page by page."""
        site, profile = self._site()
        full = window.full or window.cursor is None or window.since is None
        edge = None if full else window.since
        after = int(window.cursor) if window.cursor and window.cursor.isdecimal() else 0
        walk = self._listed(edge, after, light=window.light)
        if not window.light:
            yield profile
        if self._scope.moderation and not window.light:
            moderation = Moderation(self._wiki, self._scope.titles)
            looks = moderation.looks(site, edge, at=profile.content.published_at)
            yield from as_far_as_shown(looks)
        yield from walk.gaps
        try:
            for page in walk.waiting.values():
                yield from self._revisions(page, site, edge)
            yield from walk.removed.values()
        except ConnectorError as error:
            yield _gap("the rest of the visit", error)
            return
        yield Listed(
            whole=not self._faults,
            since=edge,
            kinds=_KINDS,
            platform_count=walk.pages if full else None,
        )
        if not self._faults and (walk.newest or after):
            yield Cursor(str(max(walk.newest, after)))

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        """Ask for fifty pages at once; of one that is missing the log of deletions says more."""
        pages = [item for item in known if item.kind != ItemKind.PROFILE]
        for start in range(0, len(pages), AT_ONCE):
            some = {item.native_id: item for item in pages[start : start + AT_ONCE]}
            try:
                site, _ = self._site()
                yield from self._again(some, site)
            except ConnectorError as error:
                yield from (_gap(f"page {name}", error, name) for name in some)
        for item in known:
            if item.kind == ItemKind.PROFILE:
                try:
                    yield self._site()[1]
                except ConnectorError as error:
                    yield _gap("the wiki itself", error, item.native_id)

    def check_moderation(self) -> Iterator[AccessCheck]:
        """Try each list and log of how the wiki is moderated, where they are asked for."""
        if self._scope.moderation:
            site, profile = self._site()
            now = profile.content.published_at
            moderation = Moderation(self._wiki, self._scope.titles)
            yield from as_tried(moderation.looks(site, now, at=now))

    # --- what there is ----------------------------------------------------------------------------

    def _site(self) -> tuple[Site, Observation]:
        asked = {"meta": "siteinfo", "siprop": "general|namespaces|rightsinfo"}
        chunk = next(self._wiki.query(asked))
        missing = {"general", "namespaces"} - chunk.parts.keys()
        if missing:
            raise AnswerUnreadable("the wiki does not say what it is")
        general = strings(chunk.parts["general"])
        site = read_site(general, strings(chunk.parts["namespaces"]))
        rights = strings(chunk.parts.get("rightsinfo", b"{}"))
        at = moment_of(general.get("time"))
        raw = chunk.parts["general"]
        return site, Observation(content=read_profile(site, rights, raw, at=at))

    def _listed(self, edge: datetime | None, after: int, *, light: bool) -> _Walk:
        """Give the pages that changed since *edge*, or have a revision newer than *after*."""
        walk = _Walk()
        if edge is not None:
            self._logged(walk, edge)
        names = self._changed(edge, walk) if light and edge and not self._scope.titles else None
        for value, _ in self._pages(names):
            try:
                page = read_page(value)
            except AnswerUnreadable as error:
                self._faults += 1
                walk.gaps.append(_gap("a page of the listing", error))
                continue
            if page is None:
                self._wanting(value, walk)
                continue
            walk.pages += 1
            walk.newest = max(walk.newest, page.newest)
            logged = page.native_id in walk.logged  # deleted and restored, or a revision hidden
            if logged or edge is None or page.changed_at >= edge or page.newest > after:
                walk.waiting[page.native_id] = page
        for name in walk.waiting:
            walk.removed.pop(name, None)
        return walk

    def _pages(self, names: Sequence[str] | None) -> Iterator[tuple[object, bytes]]:
        """Give the pages of the scope, or only those of the ids *names*."""
        if names is not None:
            for start in range(0, len(names), AT_ONCE):
                some = "|".join(names[start : start + AT_ONCE])
                yield from self._whole(_LISTING | {"pageids": some})
            return
        for title in self._scope.titles:
            asked = _LISTING | {"titles": title, "inprop": "subjectid|associatedpage"}
            for value, raw in self._whole(asked):
                yield value, raw
                talk = object_of(value, "a page").get("associatedpage")
                if isinstance(talk, str):
                    about = self._whole(_LISTING | {"titles": talk})
                    yield from (found for found in about if read_page(found[0]) is not None)
        for space in () if self._scope.titles else self._scope.spaces:
            asked = {"generator": "allpages", "gapnamespace": str(space), "gaplimit": "max"}
            yield from self._whole(_LISTING | asked)

    def _whole(self, asked: dict[str, str]) -> Iterator[tuple[object, bytes]]:
        """Give the pages that answer *asked*, each once all that was asked of it has come."""
        waiting: dict[object, dict[str, object]] = {}
        raws: dict[object, bytes] = {}
        for chunk in self._wiki.query(asked):
            for value, raw in chunk.rows("pages"):
                page = object_of(value, "a page")
                name = page.get("pageid") or page.get("title")
                waiting[name] = waiting.get(name, {}) | dict(page)
                raws[name] = raw if "revisions" in page else raws.get(name, raw)
            if chunk.whole:
                yield from ((page, raws[name]) for name, page in waiting.items())
                waiting.clear()
                raws.clear()

    def _changed(self, edge: datetime, walk: _Walk) -> list[str]:
        """Give the ids of the pages that the wiki lists as changed since *edge*."""
        asked = {
            "list": "recentchanges",
            "rcprop": "ids|title|timestamp",
            "rctype": "edit|new|log",
            "rcend": _spelled(edge),
            "rclimit": "max",
            "rcnamespace": "|".join(map(str, self._scope.spaces)),
        }
        names = dict.fromkeys(walk.logged)
        for chunk in self._wiki.query(asked):
            for value, _ in chunk.rows("recentchanges"):
                name = object_of(value, "a change").get("pageid")
                if isinstance(name, int) and name > 0:
                    names[str(name)] = None
        return list(names)

    def _logged(self, walk: _Walk, edge: datetime) -> None:
        """Take in what the log of deletions tells since *edge*; of a page its newest entry."""
        asked = {
            "list": "logevents",
            "letype": "delete",
            "leprop": "ids|title|type|user|timestamp|comment",
            "leend": _spelled(edge),
            "lelimit": "max",
        }
        for chunk in self._wiki.query(asked):
            for value, _ in chunk.rows("logevents"):
                entry = object_of(value, "an entry of the log")
                if not self._within(entry):
                    continue
                name, removal = read_removal(entry)
                if name not in walk.logged and removal is not None:
                    walk.removed[name] = removal
                walk.logged.add(name)

    def _within(self, entry: object) -> bool:
        """Say whether an entry of the log concerns what is archived here."""
        told = object_of(entry, "an entry of the log")
        if not told.get("logpage") and not told.get("pageid"):
            return False
        title = text_of(told, "title", absent="")
        if self._scope.titles:
            return title.partition(":")[2] in self._scope.titles or title in self._scope.titles
        return told.get("ns") in self._scope.spaces

    def _wanting(self, value: object, walk: _Walk) -> None:
        """Tell of a page that is named in the settings, and that the wiki does not have."""
        title = text_of(object_of(value, "a page"), "title", absent="")
        if self._scope.titles:
            walk.gaps.append(
                Gap(what=f"page {title}", why=GapReason.GONE, detail="the wiki has no such page")
            )

    # --- revisions --------------------------------------------------------------------------------

    def _revisions(self, page: Page, site: Site, edge: datetime | None) -> Iterator[Seen]:
        """Yield the revisions of *page* since *edge*, the oldest first; the last is what shows."""
        asked = {
            "prop": "revisions",
            "pageids": page.native_id,
            "rvprop": _WORDS,
            "rvslots": "main",
            "rvlimit": "max",
            "rvdir": "newer",
        }
        if edge is not None and page.changed_at >= edge:
            asked["rvstart"] = _spelled(edge)
        elif edge is not None:
            asked["rvstartid"] = str(page.newest)
        before: Observation | Gap | None = None
        try:
            for chunk in self._wiki.query(asked):
                for one in self._read(chunk.rows("pages"), page, site):
                    if isinstance(before, Observation):
                        yield Observation(content=before.content, current=False)
                    elif before is not None:
                        yield before
                    before = one
        except (AnswerUnreadable, TooLarge) as error:
            self._faults += 1
            yield _gap(f"revisions of page {page.native_id}", error, page.native_id)
        if before is not None:
            yield before

    def _read(
        self, pages: list[tuple[object, bytes]], page: Page, site: Site
    ) -> Iterator[Observation | Gap]:
        for _, raw in pages:
            for value, own in json_list(json_parts(raw).get("revisions", b"[]")):
                try:
                    yield Observation(content=read_revision(value, own, page, site))
                except AnswerUnreadable as error:
                    number = revision_number(value)
                    what = f"revision {number} of page {page.native_id}"
                    why = GapReason.OUT_OF_REACH
                    yield Gap(what=what, why=why, detail=str(error), native_id=page.native_id)

    # --- looking again ----------------------------------------------------------------------------

    def _again(self, waiting: dict[str, Known], site: Site) -> Iterator[Seen]:
        asked = _LISTING | {"pageids": "|".join(waiting), "rvprop": _WORDS, "rvslots": "main"}
        for value, raw in self._whole(asked):
            page = read_page(value)
            if page is not None:
                waiting.pop(page.native_id, None)
                yield from self._read([(value, raw)], page, site)
        for name, known in waiting.items():
            yield self._missing(name, site.title_at(known.permalink))

    def _missing(self, name: str, title: str) -> Sighting:
        """Give what the log of deletions says of the page *name*; else that it is not visible."""
        if title:
            asked = {
                "list": "logevents",
                "letype": "delete",
                "leprop": "ids|title|type|user|timestamp|comment",
                "letitle": title,
                "lelimit": "max",
            }
            for chunk in self._wiki.query(asked):
                for value, _ in chunk.rows("logevents"):
                    of_page, removal = read_removal(value)
                    if of_page == name and removal is not None:
                        return removal
        state = PlatformState.NOT_VISIBLE
        return Sighting(native_id=name, state=state, source="mediawiki missing")


def _spelled(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _gap(what: str, error: ConnectorError, native_id: str | None = None) -> Gap:
    return Gap(what=what, why=GapReason(error.gap), detail=str(error), native_id=native_id)
