"""Capture: visit a page, keep what it says, and record what could not be had.

One visit at a time per page. Items and cursor are entered in one transaction, so the cursor is
never past an item that is not catalogued. A page or listing that falls from many to none is a
suspect run: recorded, nothing marked removed, cursor kept, and all asked for until it is settled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from dataclasses import dataclass
from functools import cached_property

from archiver.catalogue import captures, pages
from archiver.ports import Connector, ObjectKeeper, Source
from archiver.procedures.account import Account
from archiver.procedures.asking import alone_at, demand_token, reason_of, window_of
from archiver.procedures.batch import CaptureContext
from archiver.procedures.batching import Batching, Enterable
from archiver.procedures.coverage_record import Ended, begin, count, end, saw_the_end, status_of
from archiver.procedures.doubting import Acquaintance, Doubt
from archiver.procedures.entering import Enterer, Tally
from archiver.procedures.expecting import Expectation
from archiver.procedures.gap_writing import suspect_gaps, write_gap_of_visit
from archiver.procedures.numbers import Numbers
from archiver.procedures.page_opening import open_page
from archiver.procedures.rechecking import Rechecks
from archiver.procedures.rendering import Renderer
from archiver.records.captures import (
    CaptureStatus,
    Coverage,
    Cursor,
    Gap,
    GapReason,
    Listed,
    Seen,
    ThreadListed,
    Unchanged,
    Window,
)
from archiver.records.errors import ArchiverError, ConnectorError
from archiver.records.pages import PageSettings

BATCH = 1_000
"""How many items one transaction enters at most."""

Progress = Callable[[int], None]

Opener = Callable[[], AbstractContextManager[Source]]
"""Opens a page's source for one visit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """What a capture may use: it can keep objects, and destroy none."""

    account: Account
    objects: ObjectKeeper
    renderer: Renderer
    schedule: str
    by: str


def capture(
    visitor: Visitor,
    connector: Connector,
    settings: PageSettings,
    source: Source,
    *,
    full: bool = False,
    light: bool = False,
    vouched: bool = False,
    progress: Progress = lambda _count: None,
) -> Coverage:
    """Visit one page through *source* and enter everything it shows.

    Gives the coverage record; never raises for what the platform does, which becomes a gap.
    *light* asks only for what is new since the last visit, and for comments on young posts.
    *vouched* says that a person vouches for a listing that fell to none. *progress* is told
    the number of items after each batch. The ledger's copy is up to date when this returns.

    Raises:
        ArchiveBusy: another process visits the same page.
        ObjectError: the object store failed; what was entered before stands, and the capture is
            recorded as failed.
    """
    visit = _Visit(visitor, connector, settings, progress, vouched=vouched)
    coverage = visit.run(lambda: nullcontext(source), full=full, light=light)
    if visit.hindered is not None:
        raise visit.hindered
    return coverage


def capture_page(
    visitor: Visitor,
    connector: Connector,
    settings: PageSettings,
    opener: Opener,
    *,
    full: bool = False,
    light: bool = False,
    heard: bool = False,
    vouched: bool = False,
    progress: Progress = lambda _count: None,
) -> Coverage:
    """Open one page and visit it as `capture` does; what hinders that is a failed capture.

    *heard* says that nothing is walked: what was delivered says only what it says.

    Raises:
        ArchiveBusy: another process visits the same page. Its own record tells of that visit; a
            second one, failed, would hide it, so that none is written.
    """
    visit = _Visit(visitor, connector, settings, progress, heard=heard, vouched=vouched)
    return visit.run(opener, full=full, light=light)


class _Visit:
    """One visit, from the begin of its capture to its coverage record.

    *hindered* is what kept it from being made, where that was not the platform's doing alone.
    """

    _source: Source
    _doubt: Doubt

    def __init__(
        self,
        visitor: Visitor,
        connector: Connector,
        settings: PageSettings,
        progress: Progress,
        *,
        heard: bool = False,
        vouched: bool,
    ) -> None:
        self.hindered: ArchiverError | None = None
        self._heard, self._vouched = heard, vouched
        self._account = visitor.account
        self._connector = connector
        self._settings = settings
        self._page = open_page(visitor.account, visitor.by, settings)
        self._progress = progress
        self._began = self._account.now()
        self._coverage = Coverage(page=settings.name)
        self._seen = Numbers()
        self._cut_short = False
        self._n, self._name, self._window_asked = 0, "", Window()
        self._kept_back: str | None = None
        self._visitor = visitor

    def run(self, opener: Opener, *, full: bool, light: bool) -> Coverage:
        """Open the page and visit it, alone, and write the coverage record whatever happens."""
        account, opened = self._account, False
        with alone_at(account.catalogue, self._page, heard=self._heard):
            self._begin(full=full, light=light)
            try:
                demand_token(self._settings)
                with opener() as self._source:
                    opened = True
                    self._visit()
            except ArchiverError as error:
                self.hindered = error
                self._fail(error, reason_of(error, opened=opened))
            except Exception as error:
                self._fail(error, reason_of(error, opened=opened))
                raise
        account.acknowledge()
        return self._coverage

    def _visit(self) -> None:
        """Visit, retry old gaps, re-check what went missing, and write the coverage record."""
        with closing(self._enterer()) as enterer:
            visit, imports = self._source.visit, self._connector.imports
            watch, asked = self._doubt.watch, self._window_asked
            self._walk(enterer, lambda: watch(visit(asked)), cursors=not imports)
            suspect = self._suspect()
            if not (suspect or self._cut_short):
                if not self._window_asked.light:
                    self._retry_gaps(enterer)
                suspect = self._recheck(enterer)
            if suspect:
                fell = Gap(what=f"listing of {self._page.name}", why=GapReason.SUSPECT_RUN)
                self._tally(enterer.enter([fell], None))
                self._tally(enterer.settle())
            elif self._kept_back is not None:
                self._tally(enterer.enter([], self._kept_back))
        self._coverage.fetched = self._source.fetched
        self._end(enterer.unchanged_digest, suspect=suspect)

    def _begin(self, *, full: bool, light: bool) -> None:
        account, page = self._account, self._page
        with account.catalogue.writing() as desk:
            cursor = pages.cursor(desk.connection, page.n)
            now, settings = self._began, self._settings
            walks = not (self._heard or self._connector.imports)
            standing = walks and bool(suspect_gaps(desk.connection, page.n))
            full = full or (standing and not light)
            window = window_of(page, settings, cursor, now=now, full=full, light=light)
            window = Window(since=now, young=now) if self._heard else window
            self._window_asked = window
            self._coverage.since, self._coverage.light = window.since, window.light
            by, began = self._visitor.by, self._began
            self._n, self._name = begin(account, desk, page, self._coverage, began, by=by)
        had, vouched = Acquaintance(account, page, self._context.origin).has, self._vouched
        self._doubt = Doubt(standing=standing, vouched=vouched, light=window.light, had=had)

    def _fail(self, error: Exception, why: GapReason) -> None:
        """Write that the capture failed; what was entered before stands."""
        words = str(error) if isinstance(error, ArchiverError) else type(error).__name__
        gap = Gap(what=captures.VISIT + self._settings.name, why=why, detail=words)
        self._coverage.gaps.append(gap)
        self._coverage.status = CaptureStatus.FAILED
        with suppress(ArchiverError):  # where even that cannot be written, the caller says it
            write_gap_of_visit(self._account, self._context, gap)
            self._written(unchanged="", walked=False, settled=False)

    @cached_property
    def _expectation(self) -> Expectation:
        light = self._window_asked.light
        return Expectation(self._account, self._context, self._seen, light=light)

    def _enterer(self) -> Enterer:
        tools, context = self._visitor, self._context
        return Enterer(self._account, tools.objects, tools.renderer, self._source, context)

    @cached_property
    def _context(self) -> CaptureContext:
        tools = self._visitor
        return CaptureContext.of(
            self._page,
            self._connector,
            self._settings,
            capture=(self._n, self._name),
            by=tools.by,
            schedule=tools.schedule,
        )

    def _walk(self, enterer: Enterer, look: Callable[[], Iterator[Seen]], *, cursors: bool) -> None:
        """Enter what *look* yields, in batches; a failure half-way is a gap."""
        batch = Batching(BATCH)
        cursor: str | None = None
        try:
            for seen in look():
                if isinstance(seen, Cursor):
                    cursor = seen.value if cursors else None
                    if self._resumable and batch.seen and cursor is not None:
                        self._tally(enterer.enter(batch.take(), cursor))
                        cursor = None
                elif isinstance(seen, Listed | ThreadListed):
                    self._expectation.add(seen)
                elif not isinstance(seen, Unchanged):
                    batch.add(seen)
                    if batch.is_full:
                        self._tally(enterer.enter(batch.take(), None))
                    del seen  # while the next is fetched, nobody holds on to it
        except ConnectorError as error:
            self._cut_short = True
            cursor = None
            what, why = captures.VISIT + self._settings.name, GapReason(error.gap)
            batch.add(Gap(what=what, why=why, detail=str(error)))
        self._tally(enterer.settle())
        cursor = self._sure(cursor, batch.seen)
        if batch.seen or cursor is not None:
            self._tally(enterer.enter(batch.take(), cursor))
        self._tally(enterer.settle())

    @property
    def _resumable(self) -> bool:
        """On a first visit nothing can be missed yet, so its cursor moves as it goes."""
        return self._page.walked_at is None

    def _tally(self, tally: Tally) -> None:
        count(self._coverage, tally)
        self._seen.add(tally.numbers)
        self._progress(self._coverage.seen)

    # --- what should have been there ----------------------------------------------------------

    def _sure(self, cursor: str | None, batch: Sequence[Enterable]) -> str | None:
        """Give the cursor unless the run may be suspect; what a bare page ends with waits."""
        if cursor is not None and not self._doubt.shown:
            self._kept_back = cursor
            return None
        return None if all(isinstance(what, Gap) for what in batch) and self._suspect() else cursor

    def _suspect(self) -> bool:
        """Say whether the page fell from many items to none.

        A person who has looked may vouch that it is so; then each missing item is asked for.
        """
        return not self._vouched and self._expectation.suspect()

    def _recheck(self, enterer: Enterer) -> bool:
        """Look again at what is not shown; say whether a page that shows nothing is suspect."""

        def walk(look: Callable[[], Iterator[Seen]]) -> None:
            self._walk(enterer, look, cursors=False)

        account, n = self._account, self._page.n
        rechecks = Rechecks(account, n, self._source, self._seen, self._doubt, walk)
        climbs = self._context.rechecks and not self._window_asked.light
        rechecks.look(self._expectation, climbs=climbs)
        if climbs:
            self._coverage.rechecks_waiting = rechecks.waiting()
        return self._doubt.suspect

    def _retry_gaps(self, enterer: Enterer) -> None:
        """Try the files that are wanting; a full visit tries the lasting ones before their day."""
        after, on = 0, None if self._window_asked.full else self._account.today().toordinal()
        while True:
            with self._account.catalogue.reading() as connection:
                some = captures.open_gaps(
                    connection, self._page.n, on=on, after=after, before=self._n, limit=BATCH
                )
            if not some:
                return
            self._tally(enterer.retry(self._account.catalogue, some))
            after = some[-1].n

    # --- the coverage record ------------------------------------------------------------------

    def _end(self, unchanged: str, *, suspect: bool) -> None:
        coverage = self._coverage
        self._expectation.tell(coverage)
        coverage.status = status_of(coverage, cut_short=self._cut_short, suspect=suspect)
        walks_nothing = self._heard or self._connector.imports
        visited = not (walks_nothing or suspect or self._cut_short)
        walked = visited and saw_the_end(coverage)
        settled = visited and not coverage.light and (self._doubt.shown or self._vouched)
        self._written(unchanged=unchanged, walked=walked, settled=settled)

    def _written(self, *, unchanged: str, walked: bool, settled: bool) -> None:
        ended = Ended(
            page=self._page,
            n=self._n,
            name=self._name,
            by=self._visitor.by,
            began=self._began,
            unchanged=unchanged,
            vouched=self._vouched,
            walked=walked,
            settled=settled,
        )
        end(self._account, self._coverage, ended)
