"""The visit to a site: every list from where the last visit ended, or from its beginning.

Posts are asked for by date of publication and by date of change, because a scheduled post comes
out without being changed. Comments have no date of change: those of the look-back come anew each
time, and what differs from what is kept is for capture to see.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin

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
from archiver.records.errors import AnswerUnreadable, ConnectorError
from archiver.records.items import Attachment, Content, ItemKind
from archiver.records.moments import from_text, written
from connectors.cutting import json_one
from connectors.fetching import Fetcher, Visited
from connectors.wordpress.library import Library, groups, joined
from connectors.wordpress.parsing import (
    Entry,
    comment_to_entry,
    post_to_entry,
    revision_to_content,
    with_inline,
)
from connectors.wordpress.profile import PROFILE, profile_of
from connectors.wordpress.site import Site, gone

_COMMENTS = "comments"
_MARGIN = timedelta(days=1)
"""A site compares dates in its own clock, which is set back once a year."""


class SiteSource(Visited):
    """One site, opened for one visit. The credentials go to the site and nowhere else."""

    def __init__(self, fetcher: Fetcher, site: Site, url: str, types: Sequence[str]) -> None:
        super().__init__(fetcher)
        self._site = site
        self._url = url
        self._routes = (*types, _COMMENTS)
        self._library = Library(site)
        self._given: set[str] = set()
        self._newest: dict[str, datetime] = {}
        self._totals: dict[str, int | None] = {}
        self._partial: set[str] = set()

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield the profile, then posts, pages and comments of *window*, lists in order of ids."""
        index = self._site.begin()
        profile = iter(()) if window.light else profile_of(index, self._site, self._library)
        marks = _marks(window.cursor)
        starts = {route: _start(window, route, marks.get(route)) for route in self._routes}
        begun = broken = False
        for route, start in starts.items():
            try:
                for seen in self._list(route, start):
                    yield from profile  # once: a site that refuses its lists has failed
                    begun = True
                    yield seen
            except ConnectorError as error:
                if not begun:
                    raise
                broken = True
                yield _gap(f"the rest of the {route}", error)
        if broken:
            return
        yield from profile
        yield from self._listed(starts)
        if cursor := self._cursor(marks):
            yield Cursor(cursor)

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        """Ask for many items at once, and for each that is missing then why it is."""
        try:
            index = self._site.begin()
        except ConnectorError as error:
            yield from (_gap(item.native_id, error, item.native_id) for item in known)
            return
        named: dict[str, dict[int, Known]] = {"comment": {}, "post": {}}
        for item in known:
            if item.native_id == PROFILE:
                yield from profile_of(index, self._site, self._library)
                continue
            kind, _, number = item.native_id.rpartition("-")
            if kind not in named or not number.isdecimal():
                strange = AnswerUnreadable("the id is not one that this connector gives")
                yield _gap(item.native_id, strange, item.native_id)
            else:
                named[kind][int(number)] = item
        for kind, routes in (("post", self._routes[:-1]), ("comment", (_COMMENTS,))):
            for group in groups(sorted(named[kind])):
                yield from self._again({n: named[kind][n] for n in group}, routes)

    def _address_of(self, attachment: Attachment) -> str:
        return urljoin(f"{self._url.rstrip('/')}/", attachment.url)

    # --- lists ------------------------------------------------------------------------------

    def _list(self, route: str, start: datetime | None) -> Iterator[Seen]:
        for asked in _questions(route, start):
            for piece in self._site.walk(route, self._audience(route) | asked):
                if piece.absent:
                    self._partial.add(route)
                    detail = "the site has no such list in its API"
                    yield Gap(what=f"the {route}", why=GapReason.OUT_OF_REACH, detail=detail)
                    return
                if "modified_after" not in asked:
                    self._totals[route] = piece.total
                entries, gaps = self._read(route, piece.elements)
                yield from gaps
                if gaps:
                    self._partial.add(route)
                fresh = [e for e in entries if e.content.native_id not in self._given]
                self._given |= {e.content.native_id for e in fresh}
                yield from self._told(route, fresh)
                for entry in fresh:
                    self._newest[route] = max(self._newest.get(route, entry.changed), entry.changed)

    def _listed(self, starts: Mapping[str, datetime | None]) -> Iterator[Seen]:
        """Say of each kind of item whether its lists were walked to their end."""
        kinds: dict[tuple[str, ...], list[str]] = {}
        for route in starts:
            told = f"{_kind(route)}" if route != _COMMENTS else "comment reply"
            kinds.setdefault(tuple(told.split()), []).append(route)
        for names, routes in kinds.items():
            counts = [self._totals.get(route) for route in routes]
            yield Listed(
                whole=self._partial.isdisjoint(routes),
                since=max((s for r in routes if (s := starts[r])), default=None),
                platform_count=None if None in counts else sum(c for c in counts if c),
                kinds=names,
            )

    def _cursor(self, marks: Mapping[str, datetime]) -> str:
        """Give the newest change seen in each list, never later than the site's own clock."""
        now = self._site.clock
        newest = {
            route: max(moment for moment in (marks.get(route), self._newest.get(route)) if moment)
            for route in self._routes
            if route in marks or route in self._newest
        }
        told = {route: written(min(m, now) if now else m) for route, m in newest.items()}
        return json.dumps(told, sort_keys=True) if told else ""

    def _audience(self, route: str) -> dict[str, str]:
        """Give the parameters that let an editor see what visitors do not."""
        if not self._site.known:
            return {}
        return {"context": "edit", "status": "any" if route == _COMMENTS else "any,trash"}

    # --- items ------------------------------------------------------------------------------

    def _read(
        self, route: str, elements: list[tuple[object, bytes]]
    ) -> tuple[list[Entry], list[Gap]]:
        """Read every element, and give a gap for each that is not as documented."""
        entries, gaps = [], []
        for value, raw in elements:
            try:
                entries.append(self._entry(route, value, raw))
            except AnswerUnreadable as error:
                number = value.get("id") if isinstance(value, dict) else None
                prefix = "comment" if route == _COMMENTS else "post"
                name = f"{prefix}-{number}" if isinstance(number, int) else None
                gaps.append(_gap(name or f"one of the {route}", error, name))
        return entries, gaps

    def _entry(self, route: str, value: object, raw: bytes) -> Entry:
        if route == _COMMENTS:
            return comment_to_entry(value, raw, zone=self._site.zone)
        return post_to_entry(value, raw, kind=_kind(route), zone=self._site.zone)

    def _told(self, route: str, entries: list[Entry]) -> Iterator[Seen]:
        """Yield what a visitor should know of *entries*: earlier wordings, text, files, state."""
        if route == _COMMENTS:
            for entry in entries:
                yield from _present(entry, entry.content)
            return
        files, authors = self._library.files(entries), self._library.authors(entries)
        yield from self._library.gaps()
        for entry in entries:
            if entry.closed:
                yield from _closed(entry)
                continue
            shown = replace(
                entry.content,
                author=authors.get(entry.author),
                attachments=with_inline(files[entry.number], entry.body),
            )
            if self._site.known and entry.history != 0:
                yield from self._earlier(route, entry, shown, files[entry.number])
            yield from _present(entry, shown)

    def _earlier(
        self, route: str, entry: Entry, now: Content, files: tuple[Attachment, ...]
    ) -> Iterator[Seen]:
        """Yield the earlier wordings of a post, oldest first; what reads as today is no other."""
        told = {(now.title, now.text)}
        revisions = f"{route}/{entry.number}/revisions"
        try:
            for piece in self._site.walk(revisions, {"context": "edit"}):
                for value, raw in piece.elements:
                    before = revision_to_content(
                        value, raw, now=now, files=files, zone=self._site.zone
                    )
                    if before is None or (before.title, before.text) in told:
                        continue
                    told.add((before.title, before.text))
                    draft = before.edited_at is not None and before.edited_at < now.published_at
                    restricted = entry.restricted or draft
                    yield Observation(content=before, current=False, restricted=restricted)
        except ConnectorError as error:
            yield _gap(f"revisions of {now.native_id}", error, now.native_id)

    # --- looking again ----------------------------------------------------------------------

    def _again(self, waiting: dict[int, Known], routes: Sequence[str]) -> Iterator[Seen]:
        for route in routes:
            if not waiting:
                return
            asked = self._audience(route) | {"include": joined(waiting)}
            try:
                for piece in self._site.walk(route, asked):
                    entries, gaps = self._read(route, piece.elements)
                    found = [entry for entry in entries if entry.number in waiting]
                    yield from self._told(route, found)
                    names = {item.native_id for item in waiting.values()}
                    unread = [gap for gap in gaps if gap.native_id in names]
                    yield from unread
                    settled = {e.content.native_id for e in found} | {g.native_id for g in unread}
                    waiting = {n: i for n, i in waiting.items() if i.native_id not in settled}
            except ConnectorError as error:
                for item in waiting.values():
                    yield _gap(item.native_id, error, item.native_id)
                return
        for number, item in waiting.items():
            try:
                yield from self._missing(item, number, routes)
            except ConnectorError as error:
                yield _gap(item.native_id, error, item.native_id)

    def _missing(self, item: Known, number: int, routes: Sequence[str]) -> Iterator[Seen]:
        """Ask for one item by its address, under each type: what is said of it there counts."""
        context = {"context": "edit"} if self._site.known else {}
        seen: Sighting | None = None
        for route in routes:
            answer, code = self._site.item(f"{route}/{number}", context)
            if not code:
                answer.json()
                value, raw = json_one(answer.body)
                entry = self._entry(route, value, raw)
                if entry.number != number:
                    raise AnswerUnreadable(f"{answer.url} answered with another item")
                yield from self._told(route, [entry])
                return
            state = gone(answer.status, code, comment=route == _COMMENTS)
            if seen is None or state is PlatformState.NOT_VISIBLE:
                source = f"wordpress {answer.status} {code}"
                seen = Sighting(native_id=item.native_id, state=state, source=source)
        if seen:
            yield seen


def _present(entry: Entry, content: Content) -> Iterator[Seen]:
    """Yield an item as it is; that it lies in the trash is also WordPress's own word for it."""
    yield Observation(content=content, state=entry.state, restricted=entry.restricted)
    if entry.state is PlatformState.REPORTED_REMOVED:
        source = f"wordpress status {entry.status}"
        yield Sighting(native_id=content.native_id, state=entry.state, source=source)


def _closed(entry: Entry) -> Iterator[Seen]:
    """Yield that a password keeps a post from us; that is no edit to an empty text."""
    name = entry.content.native_id
    source = "wordpress content protected"
    yield Sighting(native_id=name, state=PlatformState.HIDDEN, source=source)
    detail = "the post is behind a password; credentials of an editor show it"
    yield Gap(what=name, why=GapReason.OUT_OF_REACH, detail=detail, native_id=name)


def _questions(route: str, start: datetime | None) -> list[dict[str, str]]:
    if start is None:
        return [{}]
    published = {"after": written(start)}
    return [published] if route == _COMMENTS else [published, {"modified_after": written(start)}]


def _start(window: Window, route: str, mark: datetime | None) -> datetime | None:
    """Say from when on a list is to be asked for; None for all of it, while none was whole."""
    since = window.comments_since if route == _COMMENTS else window.since
    if window.full or mark is None or since is None:
        return None
    start = min(mark, since)
    return (start - _MARGIN).astimezone(UTC).replace(microsecond=0)


def _marks(cursor: str | None) -> dict[str, datetime]:
    """Read the newest change of each list out of *cursor*; one that cannot be read says nothing."""
    try:
        told = json.loads(cursor or "{}")
        return {str(route): from_text(moment) for route, moment in told.items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def _kind(route: str) -> ItemKind:
    return ItemKind.PAGE if route == "pages" else ItemKind.POST


def _gap(what: str, error: ConnectorError, native_id: str | None = None) -> Gap:
    return Gap(what=what, why=GapReason(error.gap), detail=str(error), native_id=native_id)
