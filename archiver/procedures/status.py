"""How the archive stands: looks everywhere and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time

from archiver.catalogue import (
    Reading,
    captures,
    disposals,
    facts,
    holds,
    items,
    jobs,
    ledger,
    moderation,
    object_locks,
    pages,
    requests,
)
from archiver.catalogue.captures import CaptureRow
from archiver.catalogue.jobs import JobRow
from archiver.ports import SearchIndex
from archiver.procedures import asking_anew, health
from archiver.procedures.account import Account
from archiver.procedures.authority import approvers, may_approve
from archiver.procedures.clock_keeping import clock_problems
from archiver.procedures.destroying import DESTROYING
from archiver.procedures.due_now import due_for_people
from archiver.procedures.forsaken_pages import forsaken
from archiver.procedures.growth_warnings import grown_large
from archiver.procedures.heartbeat import heartbeat_told, says_it_lives
from archiver.procedures.indexing import state
from archiver.procedures.law_problems import law_problems
from archiver.procedures.left_pages import addresses_left
from archiver.procedures.listening import (
    listening_notes,
    listening_problems,
    listening_warnings,
)
from archiver.procedures.locking import digest_of
from archiver.procedures.lost_items import lost_problems
from archiver.procedures.order_problems import order_problems
from archiver.procedures.page_warnings import not_enabled, tokens_dying
from archiver.procedures.problems import Problem, of_error
from archiver.procedures.purging import due_unattended
from archiver.procedures.reviews_due import reviews_due
from archiver.procedures.reviews_waiting import reviews_waiting
from archiver.procedures.sample_problems import sample_problems
from archiver.procedures.spending import spent
from archiver.procedures.standing import (
    THAWS_TOLD,
    Degree,
    LedgerStanding,
    PageStanding,
    Standing,
)
from archiver.procedures.timetable import NIGHTLY, SCHEDULER, Outcome, visit_of
from archiver.procedures.token_keeping import deaths
from archiver.procedures.transfer_problems import late, notes, waiting
from archiver.records.clocks import FARTHEST_DAYS
from archiver.records.deliveries import NOTHING_WAITS, Waiting
from archiver.records.errors import ArchiveBusy, ArchiverError
from archiver.records.events import Leaf
from archiver.records.moments import micros
from archiver.records.pages import PageSettings
from archiver.records.schedules import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewpoint:
    """What `status` may look at. *importing* names the pages that are read from export files.

    *locks* says that the object store writes once, and is told what to forbid. *unpacked* are the
    folders in which restores that died left a backup in clear.
    """

    account: Account
    index: SearchIndex
    schedule: Schedule
    pages: Sequence[PageSettings]
    importing: frozenset[str]
    nightly: time
    recipients: int
    demonstration: bool
    carry_out: bool
    free_bytes: int | None
    clock_days: int = FARTHEST_DAYS
    locks: bool = False
    deliveries: Waiting = NOTHING_WAITS
    unpacked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How the archive stands, and what needs a hand.

    *warnings* are of what is in order today: they make it amber, and no less healthy.
    """

    standing: Standing
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    warnings: tuple[Problem, ...] = ()

    @property
    def degree(self) -> Degree:
        """Give how it stands in one word: red needs a hand, amber will, or misses a record."""
        if self.problems:
            return Degree.RED
        return Degree.AMBER if self.warnings else Degree.GREEN

    @property
    def healthy(self) -> bool:
        """Say whether nothing needs a hand."""
        return not self.problems

    @property
    def last_night(self) -> JobRow | None:
        """Give the nightly job that ran last, or None."""
        return self.standing.runs.get(NIGHTLY)

    @property
    def heartbeat(self) -> dict[str, str | int] | None:
        """Give the scheduler's last sign of life, and how old it is; None if there is none."""
        return heartbeat_told(self.standing)


def status(view: Viewpoint) -> Status:
    """Say how the archive stands."""
    standing = stand(view)
    asked = [*waiting(view.account), *reviews_waiting(view.account)]
    due = reviews_due(view.account, view.schedule)
    reviews = [due.problem(view.account.today())] if due is not None else []
    visited = [page for page in view.pages if page.name not in view.importing]
    left = addresses_left(view.account)
    unvisited = forsaken(view.account, view.pages, said={one.page for one in left})
    return Status(
        standing=standing,
        warnings=(
            *tokens_dying(standing),
            *listening_warnings(standing),
            *unvisited.warnings,
            *grown_large(view.account),
            *(() if view.demonstration else not_enabled(view.account, visited)),
        ),
        problems=(
            *_of_getting_back(view),
            *(one.problem for one in left),
            *order_problems(view.account),
            *sample_problems(view.account),
            *late(asked),
            *([] if view.demonstration else reviews),
            *law_problems(view.account, view.schedule),
            *clock_problems(view.account, days=view.clock_days),
            *health.problems(standing),
            *unvisited.problems,
            *listening_problems(standing),
        ),
        notes=(
            *health.notes(standing),
            *unvisited.notes,
            *listening_notes(standing),
            *notes(asked),
            *asking_anew.notes(view.account),
            *(each.what for each in reviews if view.demonstration),
        ),
    )


def _of_getting_back(view: Viewpoint) -> list[Problem]:
    """Name what restores left lying, and what rebuilds did not find."""
    return [*map(_unpacked, view.unpacked), *lost_problems(view.account)]


def _unpacked(folder: str) -> Problem:
    """Name a folder in which a restore that died left a backup."""
    return Problem(
        subject=f"unpacked backup {folder}",
        what=f"keys and texts of a backup lie in clear in {folder}, since a restore died",
        remedy="`archiver nightly` removes it; if it stays, and no restore is at work, remove that "
        "folder as the account that owns it.",
    )


def stand(view: Viewpoint) -> Standing:
    """Look everywhere; what cannot be looked at is said, never left out."""
    account = view.account
    unattended, _ = due_unattended(account, view.schedule)
    for_people = due_for_people(account, view.schedule)
    index = state(account.catalogue, view.index)
    with account.catalogue.reading() as connection:
        runs = {row.job: row for row in jobs.latest(connection)}
        standing = Standing(
            now=account.now(),
            zone=account.zone,
            nightly=view.nightly,
            founded_at=_founded_at(connection),
            pages=_pages(connection, view, runs),
            index=index,
            ledger=_ledger(connection, account),
            runs=runs,
            beats=jobs.beats(connection),
            due_unattended=unattended,
            due_for_people=for_people,
            held=holds.held_count(connection),
            unreviewed=_unreviewed(connection, account),
            thawed=tuple(requests.thawed(connection, since=micros(account.now() - THAWS_TOLD))),
            queue=items.queued_count(connection),
            unfinished=sum(batch.items for batch in disposals.unfinished(connection)),
            recipients=view.recipients,
            approvers=len(approvers(connection, account.today())),
            may_approve=len(may_approve(connection, account.today())),
            demonstration=view.demonstration,
            adopted=view.schedule.adoption is not None,
            unattended=_unattended(view),
            unreconciled=bool(facts.get(connection, facts.UNRECONCILED)),
            free_bytes=view.free_bytes,
            locks_waiting=_locks_waiting(connection, view),
            deliveries=view.deliveries,
        )
    return replace(standing, at_work=_at_work(account, standing))


def _at_work(account: Account, standing: Standing) -> frozenset[str]:
    """Name the locks that somebody holds."""
    return frozenset(name for name in _locks_asked(standing) if _held(account, name))


def _locks_asked(standing: Standing) -> set[str]:
    """Name the locks that somebody may hold, as things look."""
    asked = {page.unended for page in standing.pages if page.unended}
    if says_it_lives(standing) is not None:
        asked.add(SCHEDULER)
    if any(run.status == jobs.RUNNING for run in standing.runs.values()):
        asked |= {NIGHTLY, SCHEDULER}
    return asked | ({NIGHTLY, DESTROYING} if standing.unfinished else set())


def _unreviewed(connection: Reading, account: Account) -> tuple[str, ...]:
    """Name the holds whose review is due."""
    today = account.today().toordinal()
    return tuple(row.hold.id for row in holds.binding(connection) if row.review_on <= today)


def _locks_waiting(connection: Reading, view: Viewpoint) -> int | None:
    if not view.locks:
        return None
    today = view.account.today().toordinal()
    return object_locks.waiting_count(connection, schedule=digest_of(view.schedule), on=today)


def _unattended(view: Viewpoint) -> bool:
    adoption = view.schedule.adoption
    return view.carry_out and adoption is not None and adoption.unattended_purge


def _held(account: Account, name: str) -> bool:
    """Say whether a process holds the lock *name*; asked only where one seems to be at work."""
    try:
        with account.catalogue.exclusive(name, wait=False):
            return False
    except ArchiveBusy:
        return True


def _founded_at(connection: Reading) -> int:
    for data in ledger.raw_entries(connection, 0, 1):
        return micros(Leaf.from_json(json.loads(data)).at)
    return 0


def _ledger(connection: Reading, account: Account) -> LedgerStanding:
    head = ledger.head(connection)
    try:
        copied = account.copy.size()
    except ArchiverError as error:
        fault = of_error("ledger copy", error)
        return LedgerStanding(size=head.size, copied=None, last_at=head.last_at, fault=fault)
    return LedgerStanding(size=head.size, copied=copied, last_at=head.last_at)


def _pages(
    connection: Reading, view: Viewpoint, runs: Mapping[str, JobRow]
) -> tuple[PageStanding, ...]:
    rows = {row.page: row for row in pages.every(connection)}
    live = pages.live_items(connection)
    gaps = captures.open_gap_count(connection, lasting=False)
    lasting = captures.open_gap_count(connection, lasting=True)
    ungranted = moderation.not_granted(connection)
    ended, unended = captures.latest(connection), captures.unended(connection)
    dying, spending = deaths(view.account, view.pages), spent(view.account, view.pages)
    found = []
    for settings in view.pages:
        row = rows.get(view.account.key.page(settings.platform, settings.identity))
        capture = ended.get(row.n) if row is not None else None
        imports = settings.name in view.importing
        found.append(
            PageStanding(
                name=settings.name,
                imports=imports,
                unended=f"page {row.n}" if imports and row and row.n in unended else "",
                visited_at=row.visited_at if row is not None else None,
                whole_at=row.whole_at if row is not None else None,
                status=_last_status(settings.name, capture, runs.values()),
                live=live.get(row.n, 0) if row is not None else 0,
                gaps=gaps.get(row.n, 0) if row is not None else 0,
                lasting=lasting.get(row.n, 0) if row is not None else 0,
                not_granted=tuple(what for _, what in ungranted.get(row.n, ())) if row else (),
                platform_count=capture.platform_count if capture is not None else None,
                token_missing=settings.secret_missing,
                called=row.name if row is not None and row.name != settings.name else "",
                rechecks_waiting=capture.rechecks_waiting if capture is not None else 0,
                differing=capture.differing if capture is not None else 0,
                differing_by=capture.differing_by if capture is not None else 0,
                token_dies_at=dying.get(settings.name),
                spent=spending.get(settings.name),
            )
        )
    return tuple(found)


def _last_status(name: str, capture: CaptureRow | None, runs: Iterable[JobRow]) -> str:
    """Give the status of a page's last visit.

    One that found the page busy left no capture, only what the run says of it; a light one says
    nothing of what it did not look at.
    """
    said = [(capture.ended_at or capture.begun_at, capture.status)] if capture is not None else []
    said += [
        (run.ended_at or run.begun_at, told[name])
        for run in runs
        if run.job != visit_of(name) and name in (told := Outcome.read(run).captures)
    ]
    return max(said, default=(0, ""), key=lambda one: one[0])[1]
