"""A visit to a feed: conditional requests, paging, tombstones, and what may have been missed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from archiver.records.captures import (
    Actor,
    Cursor,
    Gap,
    GapReason,
    Known,
    Listed,
    Observation,
    PlatformState,
    Seen,
    Sighting,
    Unchanged,
    Window,
)
from archiver.records.errors import AnswerUnreadable, ConnectorError
from archiver.records.identity import sha256
from archiver.records.items import Content, ItemKind
from archiver.records.pages import PageSettings
from connectors.feed.entries import PROFILE, Undated, observations
from connectors.feed.profile import read_profile
from connectors.feed.reading import Document, read
from connectors.fetching import NOT_MODIFIED, Fetcher, Visited, conditions, validators

_PAGES = 2000
_REMEMBERED = 500


@dataclass(slots=True)
class _Walk:
    """What one visit has seen so far."""

    faulty: bool = False
    versions: set[tuple[str, str]] = field(default_factory=set)
    latest: dict[str, datetime] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)
    tombstones: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Remembered:
    """What the cursor keeps: the validators of the feed, and which items it showed.

    A feed that has older pages gets no validators: its first page may be the same while another
    has changed. Nor does one that fell empty: the items it showed before stay remembered, so that
    every visit says so until it shows some again, or is a full one, which is told no cursor.
    """

    etag: str = ""
    modified: str = ""
    items: tuple[str, ...] = ()

    @classmethod
    def of(cls, cursor: str | None, url: str) -> _Remembered:
        """Read *cursor*; one of another URL, or of no form we know, remembers nothing."""
        try:
            value = json.loads(cursor or "")
        except ValueError:
            return cls()
        if not isinstance(value, dict) or value.get("url") != sha256(url.encode()):
            return cls()
        return cls(str(value["etag"]), str(value["modified"]), tuple(map(str, value["items"])))

    def written(self, url: str) -> str:
        """Give the text that `of` reads; the URL only as a digest, for it may hold a secret."""
        kept = {"etag": self.etag, "modified": self.modified, "items": list(self.items)}
        return json.dumps({"url": sha256(url.encode()), **kept}, sort_keys=True)


class FeedSource(Visited):
    """One feed, opened for one visit."""

    def __init__(self, page: PageSettings, fetcher: Fetcher, *, kind: ItemKind) -> None:
        self._page = page
        super().__init__(fetcher)
        self._kind = kind

    def visit(self, window: Window) -> Iterator[Seen]:
        """Yield what the feed says of itself, what it shows, and its older pages in *window*.

        A light visit reads no page that is older than what is new. It tells the profile all the
        same: its answer has it, and the next visit may be told that nothing has changed since.

        Raises:
            PermissionLost, PlatformUnreachable, AnswerUnreadable: the feed itself was not had.
        """
        before = _Remembered.of(window.cursor, self._page.url)
        asked = {} if window.full else conditions(before.etag, before.modified)
        accept = (200, NOT_MODIFIED) if asked else (200,)
        answer = self._fetcher.get(self._page.url, headers=asked, accept=accept)
        if answer.status == NOT_MODIFIED:
            yield Unchanged()
            return
        document = read(answer, base=self._page.url)
        walk = _Walk()
        yield self._profile(document)
        yield from self._shown(document, walk)
        shown = tuple(walk.marks[:_REMEMBERED])
        yield from self._older_pages(document, window, walk)
        if before.items and not set(before.items) & set(walk.marks):
            yield self._missed(len(before.items), empty=not walk.marks)
        yield Listed(whole=False, since=window.since)
        if not walk.faulty:
            whole = not document.older and (walk.marks or not before.items)
            etag, modified = validators(answer.headers) if whole else ("", "")
            now = _Remembered(etag, modified, shown or before.items)
            yield Cursor(now.written(self._page.url))

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        """Read the feed again, and yield what it shows of *known*; absence yields nothing."""
        wanted = {item.native_id for item in known}
        walk = _Walk()
        try:
            document = read(self._fetcher.get(self._page.url), base=self._page.url)
        except ConnectorError as error:
            yield self._gap(str(error), GapReason(error.gap))
            return
        if PROFILE in wanted:
            yield self._profile(document)
        for seen in self._shown(document, walk):
            native_id = seen.content.native_id if isinstance(seen, Observation) else None
            if native_id in wanted or (isinstance(seen, Sighting) and seen.native_id in wanted):
                yield seen

    def _profile(self, document: Document) -> Seen:
        try:
            return Observation(content=read_profile(document, base=self._page.url))
        except AnswerUnreadable as error:
            detail = f"what the feed says of itself: {error}"
            return self._gap(detail, GapReason.UNREADABLE, native_id=PROFILE)

    def _older_pages(self, first: Document, window: Window, walk: _Walk) -> Iterator[Seen]:
        document, asked = first, {self._page.url}
        while document.older and document.older not in asked and _reaches(document, window):
            asked.add(document.older)
            if len(asked) > _PAGES:
                walk.faulty = True
                yield self._gap(f"more than {_PAGES} older pages", GapReason.BUDGET)
                return
            try:
                document = read(self._fetcher.get(document.older), base=self._page.url)
            except ConnectorError as error:
                walk.faulty = True
                yield self._gap(f"an older page: {error}", GapReason(error.gap))
                return
            yield from self._shown(document, walk)

    def _shown(self, document: Document, walk: _Walk) -> Iterator[Seen]:
        fresh: dict[str, datetime] = {}
        for seen in observations(document, kind=self._kind):
            if isinstance(seen, Undated):
                walk.faulty = True
                detail = "neither the item nor the answer has a date"
                yield self._gap(detail, GapReason.UNREADABLE, native_id=seen.identifier)
                continue
            content = seen.content
            when = content.edited_at or content.published_at
            fresh[content.native_id] = max(when, fresh.get(content.native_id, when))
            walk.marks.append(sha256(content.native_id.encode("utf-8", "replace"))[:12])
            version = (content.native_id, content.fingerprint())
            if version in walk.versions:
                continue
            walk.versions.add(version)
            yield _outdated(seen) if _older_than(walk.latest, content, when) else seen
        walk.latest |= {k: max(v, walk.latest.get(k, v)) for k, v in fresh.items()}
        yield from self._removals(document, walk)
        for fault in document.faults:
            walk.faulty = True
            yield self._gap(fault, GapReason.UNREADABLE)

    def _removals(self, document: Document, walk: _Walk) -> Iterator[Sighting]:
        """Yield what the feed says was deleted, unless it shows the entry again since."""
        for stone in document.tombstones:
            shown = walk.latest.get(stone.identifier)
            again = shown is not None and stone.when is not None and shown > stone.when
            if stone.identifier and not again and stone.identifier not in walk.tombstones:
                walk.tombstones.add(stone.identifier)
                yield Sighting(
                    native_id=stone.identifier,
                    state=PlatformState.REPORTED_REMOVED,
                    actor=Actor.UNKNOWN if stone.by else Actor.UNTOLD,
                    source="at:deleted-entry",
                    remark=stone.by,
                )

    def _missed(self, before: int, *, empty: bool) -> Gap:
        detail = f"none of the {before} items it last showed is in the feed any more"
        detail += "; others may have come and gone"
        if empty:
            detail += "; told every night until it shows some, or a person has looked at it and "
            detail += "says `archiver capture PAGE --full`"
        return self._gap(detail, GapReason.OUT_OF_REACH)

    def _gap(self, detail: str, why: GapReason, *, native_id: str | None = None) -> Gap:
        return Gap(what=self._page.name, why=why, detail=detail, native_id=native_id)


def _reaches(document: Document, window: Window) -> bool:
    """Say whether the pages before *document* may hold something that *window* asks for."""
    if window.full or window.since is None:
        return True
    moments = [entry.updated or entry.published for entry in document.entries]
    return any(when is None or when >= window.since for when in moments)


def _older_than(latest: dict[str, datetime], content: Content, when: datetime) -> bool:
    known = latest.get(content.native_id)
    return known is not None and when < known


def _outdated(seen: Observation) -> Observation:
    return Observation(content=seen.content, current=False, engagement=seen.engagement)
