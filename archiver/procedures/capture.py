"""Capture: visit a page, keep what it says, and record what could not be had.

One visit at a time per page. Items and cursor are entered in one transaction, so the cursor is
never past an item that is not catalogued. A listing that falls from many to none is a suspect
run: recorded, nothing marked removed, cursor kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from archiver.catalogue import captures, contents, pages
from archiver.catalogue.items import ItemRow
from archiver.catalogue.pages import PageRow
from archiver.ports import Classifier, Connector, ObjectKeeper, Source
from archiver.procedures.account import Account
from archiver.procedures.batch import CaptureContext
from archiver.procedures.coverage_record import Ended, enter_end, saw_the_end, status_of
from archiver.procedures.entering import Enterable, Enterer, Tally
from archiver.procedures.ladder import known_as, next_rung
from archiver.procedures.numbers import Numbers
from archiver.procedures.page_opening import open_page
from archiver.records.captures import (
    Coverage,
    Cursor,
    Gap,
    GapReason,
    Listed,
    Observation,
    Seen,
    Unchanged,
    Window,
)
from archiver.records.errors import ConnectorError
from archiver.records.items import Origin, Provenance
from archiver.records.moments import micros, moment
from archiver.records.pages import PageSettings

BATCH = 500
"""How many items one transaction enters at most."""

RECHECKS = 200
"""How many items of a page climb the re-check ladder in one visit, at most."""

MANY = 3
"""A listing that showed this many items and now shows none is a suspect run."""

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """What a capture may use: it can keep objects, and destroy none."""

    account: Account
    objects: ObjectKeeper
    classifier: Classifier
    schedule: str
    by: str


def capture(
    visitor: Visitor,
    connector: Connector,
    settings: PageSettings,
    source: Source,
    *,
    full: bool = False,
    vouched: bool = False,
    progress: Progress = lambda _count: None,
) -> Coverage:
    """Visit one page through *source* and enter everything it shows.

    Gives the coverage record; never raises for what the platform does, which becomes a gap.
    *vouched* says that a person vouches for a listing that fell to none. *progress* is told
    the number of items after each batch. The ledger's copy is up to date when this returns.

    Raises:
        ArchiveBusy: another process visits the same page.
        ObjectError: the object store failed; what was entered before stands.
    """
    page = open_page(visitor.account, visitor.by, connector, settings)
    with visitor.account.catalogue.exclusive(f"page {page.n}", wait=False):
        visit = _Visit(visitor, connector, settings, page, source, progress, vouched=vouched)
        coverage = visit.run(full=full)
    visitor.account.acknowledge()
    return coverage


class _Visit:
    """One visit, from the begin of its capture to its coverage record."""

    def __init__(
        self,
        visitor: Visitor,
        connector: Connector,
        settings: PageSettings,
        page: PageRow,
        source: Source,
        progress: Progress,
        *,
        vouched: bool,
    ) -> None:
        self._vouched = vouched
        self._account = visitor.account
        self._by = visitor.by
        self._connector = connector
        self._settings = settings
        self._page = page
        self._source = source
        self._progress = progress
        self._began = self._account.now()
        self._coverage = Coverage(page=settings.name)
        self._seen = Numbers()
        self._listed: list[Listed] = []
        self._cut_short = False
        self._n, self._name, self._window_asked = 0, "", Window()
        self._visitor = visitor

    def run(self, *, full: bool) -> Coverage:
        """Visit, retry old gaps, re-check what went missing, and write the coverage record."""
        self._begin(full=full)
        with closing(self._enterer()) as enterer:
            self._walk(enterer, lambda: self._source.visit(self._window_asked), cursors=True)
            suspect = self._suspect()
            if suspect:
                fell = Gap(what=f"listing of {self._page.name}", why=GapReason.SUSPECT_RUN)
                self._tally(enterer.enter([fell], None))
                self._tally(enterer.settle())
            elif not self._cut_short:
                self._retry_gaps(enterer)
                self._recheck(enterer)
        self._end(enterer, suspect=suspect)
        return self._coverage

    def _begin(self, *, full: bool) -> None:
        account, page = self._account, self._page
        with account.catalogue.writing() as desk:
            cursor = pages.cursor(desk.connection, page.n)
            since = self._since(full=full)
            self._window_asked = Window(since=since, cursor=None if full else cursor, full=full)
            self._coverage.since = since
            asked = micros(since) if since else None
            at = micros(self._began)
            self._n, self._name = captures.begin(desk.connection, page.n, at=at, since=asked)

    def _since(self, *, full: bool) -> datetime | None:
        """Look back from the last visit that saw the end, so that late comments are seen."""
        if full or self._page.walked_at is None:
            return None
        return moment(self._page.walked_at) - timedelta(days=self._settings.look_back_days)

    def _enterer(self) -> Enterer:
        imports = self._connector.imports
        context = CaptureContext(
            page=self._page,
            origin=Origin(
                platform=self._connector.platform,
                page=self._settings.identity,
                connector=self._connector.name,
                connector_version=self._connector.version,
                provenance=Provenance.IMPORTED if imports else Provenance.CAPTURED,
            ),
            capture_n=self._n,
            capture=self._name,
            by=self._by,
            schedule=self._visitor.schedule,
            rechecks=self._connector.capabilities.removals == "recheck",
        )
        tools = self._visitor
        return Enterer(self._account, tools.objects, tools.classifier, self._source, context)

    def _walk(self, enterer: Enterer, look: Callable[[], Iterator[Seen]], *, cursors: bool) -> None:
        """Enter what *look* yields, in batches; a failure half-way is a gap."""
        batch: list[Enterable] = []
        cursor: str | None = None
        try:
            for seen in look():
                if isinstance(seen, Cursor):
                    cursor = seen.value if cursors else None
                    if self._resumable and batch and cursor is not None:
                        self._tally(enterer.enter(batch, cursor))
                        batch, cursor = [], None
                elif isinstance(seen, Listed):
                    self._listed.append(seen)
                elif not isinstance(seen, Unchanged):
                    batch.append(seen)
                if len(batch) >= BATCH and not _goes_on(seen):
                    self._tally(enterer.enter(batch, None))
                    batch = []
        except ConnectorError as error:
            self._cut_short = True
            cursor = None
            batch.append(Gap(what=f"visit of {self._settings.name}", why=GapReason(error.gap)))
        self._tally(enterer.settle())
        if self._suspect_so_far(batch):
            cursor = None
        if batch or cursor is not None:
            self._tally(enterer.enter(batch, cursor))
        self._tally(enterer.settle())

    @property
    def _resumable(self) -> bool:
        """On a first visit nothing can be missed yet, so its cursor moves as it goes."""
        return self._page.walked_at is None

    def _tally(self, tally: Tally) -> None:
        coverage = self._coverage
        coverage.seen += tally.seen
        coverage.new += tally.new
        coverage.changed += tally.changed
        coverage.removed += tally.removed
        coverage.unchanged += tally.unchanged
        coverage.destroyed_before += tally.destroyed_before
        coverage.gaps.extend(tally.gaps)
        self._seen.add(tally.numbers)
        self._progress(coverage.seen)

    # --- what should have been there ----------------------------------------------------------

    def _suspect_so_far(self, batch: Sequence[Enterable]) -> bool:
        return not any(not isinstance(what, Gap) for what in batch) and self._suspect()

    def _suspect(self) -> bool:
        """Say whether a whole listing that must have shown many items showed none.

        A person who has looked may vouch that it is so; then each missing item is asked for.
        """
        if self._vouched:
            return False
        for listed in self._listed:
            if not listed.whole:
                continue
            expected = shown = 0
            for row in self._expected(listed):
                expected += 1
                shown += row.n in self._seen
                if shown:
                    break
            if expected >= MANY and not shown:
                return True
        return False

    def _expected(self, listed: Listed) -> Iterator[ItemRow]:
        since = micros(listed.since) if listed.since else None
        with self._account.catalogue.reading() as connection:
            yield from captures.expected(connection, self._page.n, since=since, kinds=listed.kinds)

    def _recheck(self, enterer: Enterer) -> None:
        """Look again at what a whole listing did not show, and at what climbs the ladder."""
        missing: list[ItemRow] = []
        for listed in self._listed:
            if listed.whole:
                for row in self._expected(listed):
                    if row.n not in self._seen:
                        missing.append(row)
                    if len(missing) >= BATCH:
                        self._look_again(enterer, missing)
                        missing = []
        self._look_again(enterer, missing)
        if self._connector.capabilities.removals == "recheck":
            today = self._account.today()
            with self._account.catalogue.reading() as connection:
                due = captures.rung(connection, self._page.n, on=today.toordinal(), limit=RECHECKS)
            self._look_again(enterer, [row for row in due if row.n not in self._seen])
            steps = [
                (row.n, next_rung(self._account.day(row.captured_at), today).toordinal())
                for row in due
            ]
            with self._account.catalogue.writing() as desk:
                captures.climb(desk.connection, steps)

    def _look_again(self, enterer: Enterer, rows: Sequence[ItemRow]) -> None:
        if not rows:
            return
        with self._account.catalogue.reading() as connection:
            texts = contents.contents_of(connection, rows)
        known = [known_as(content) for content in texts.values()]
        self._walk(enterer, lambda: self._source.recheck(known), cursors=False)

    def _retry_gaps(self, enterer: Enterer) -> None:
        after = 0
        while True:
            with self._account.catalogue.reading() as connection:
                some = captures.open_gaps(
                    connection, self._page.n, after=after, before=self._n, limit=BATCH
                )
            if not some:
                return
            wanted = [(gap.n, gap.item_n, gap.slot) for gap in some if gap.item_n is not None]
            self._tally(enterer.retry(self._account.catalogue, wanted))
            after = some[-1].n

    # --- the coverage record ------------------------------------------------------------------

    def _end(self, enterer: Enterer, *, suspect: bool) -> None:
        coverage = self._coverage
        coverage.fetched = self._source.fetched
        counts = [ls.platform_count for ls in self._listed if ls.platform_count is not None]
        coverage.platform_count = sum(counts) if counts else None
        coverage.status = status_of(coverage, cut_short=self._cut_short, suspect=suspect)
        ended = Ended(
            page=self._page,
            n=self._n,
            name=self._name,
            by=self._by,
            began=self._began,
            unchanged=enterer.unchanged_digest,
            vouched=self._vouched,
            walked=not suspect and not self._cut_short and saw_the_end(coverage),
        )
        enter_end(self._account, coverage, ended)


def _goes_on(seen: Seen) -> bool:
    """Say whether more must follow in the same batch: an edit history ends with what shows."""
    return isinstance(seen, Observation) and not seen.current
