"""One night's work: finish what was begun → capture → classify → index → lock → purge → anchor.

Each step stands on its own: one that fails is named, and the rest of the night goes on. Only
destruction asks for everything else to be in order; where something is not, it is planned and
waits. Capture classifies as it enters, so that classifying needs no step of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date

from archiver.ports import LegalHolder
from archiver.procedures.account import Account
from archiver.procedures.dispose import Disposer, finish_begun
from archiver.procedures.due_now import look_ahead
from archiver.procedures.hold import finish
from archiver.procedures.planning import plan
from archiver.procedures.problems import Problem, of_captures, of_error
from archiver.procedures.purging import Purged, purge
from archiver.procedures.requests import Thawed, thaw
from archiver.procedures.reviews_due import look_ahead_at_reviews
from archiver.procedures.staying import Together
from archiver.procedures.timetable import (
    NIGHTLY,
    Outcome,
    begin,
    break_off,
    claim,
    crash_written,
    end,
    statuses,
)
from archiver.records.captures import Coverage
from archiver.records.errors import ArchiverError, DestructionUnproven
from archiver.records.matters import REQUEST_COOL_DOWN_DAYS
from archiver.records.people import Person
from archiver.records.sampling import DEFAULT, Sampling
from archiver.records.schedules import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What a night may use. *carry_out* is the configuration's word on destroying unattended.

    *restrict* has the schedule's rules asked of whatever waits for them.
    *lock_objects* tells a store that writes once what to lock, and gives how many items it told of.
    *leave_word* has the ledger stamped and anchored elsewhere, and names what failed. *progress*
    is told counts as they grow; what it raises ends the night.
    """

    account: Account
    person: Person
    schedule: Schedule
    capture: Callable[[], Sequence[Coverage]]
    feed_index: Callable[[], int]
    disposer: Callable[[], AbstractContextManager[Disposer]]
    carry_out: bool
    restrict: Callable[[], object] = int
    lock_objects: Callable[[], int] = int
    leave_word: Callable[[], Sequence[Problem]] = tuple
    legal_holder: LegalHolder | None = None
    request_cool_down_days: int = REQUEST_COOL_DOWN_DAYS
    sampling: Sampling = DEFAULT
    progress: Callable[[int], None] = lambda _count: None


@dataclass(slots=True)
class Report:
    """What a night came to; *problems* names everything that needs a hand."""

    captures: list[Coverage] = field(default_factory=list)
    holds_evaluated: int = 0
    thawed: list[Thawed] = field(default_factory=list)
    resumed: int = 0
    indexed: int = 0
    locked: int = 0
    purged: Purged = field(default_factory=Purged)
    problems: list[Problem] = field(default_factory=list)

    @property
    def outcome(self) -> Outcome:
        """Give how the night came out, for its row in the timetable."""
        return Outcome(problems=tuple(self.problems), captures=statuses(self.captures))


def run(night: Night, day: date, *, covering: Sequence[date] = (), again: bool) -> Report | None:
    """Do the work of the night of *day*, and write into the timetable how it came out.

    Where the night was claimed before, nothing is done and None given, unless *again* says that
    a person wants it all the same. The nights *covering* are written down as caught up.

    Raises:
        ArchiveBusy: another process is at a night's work.
    """
    account = night.account
    with account.catalogue.exclusive(NIGHTLY, wait=False):
        break_off(account, job=NIGHTLY)
        if not claim(account, NIGHTLY, day, covering=covering):
            if not again:
                return None
            begin(account, NIGHTLY, day)
        with crash_written(account, NIGHTLY, day):
            report = work(night)
        end(account, NIGHTLY, day, report.outcome)
    return report


def work(night: Night) -> Report:
    """Do one night's work, step by step, and name what could not be done."""
    report = Report()
    in_order = _finish_what_was_begun(night, report)
    with _named("capture", report):
        report.captures = list(night.capture())
        report.problems.extend(of_captures(report.captures))
    with _named("restrictions", report):
        night.restrict()
    with _named("index", report) as index:
        report.indexed = night.feed_index()
    with _named("object locks", report):
        report.locked = night.lock_objects()
    _dispose(night, report, in_order=in_order.well and index.well)
    with _named("reviews", report):
        look_ahead_at_reviews(night.account, night.schedule)
    with _named("what is due", report):
        look_ahead(night.account, night.schedule)
    with _named("anchor", report):
        report.problems.extend(night.leave_word())
    return report


def _dispose(night: Night, report: Report, *, in_order: bool) -> None:
    if in_order:
        with _named("purge", report) as purged:
            _purge(night, report)
        if purged.well or report.purged.plan:
            return
    with _named("plan", report):
        _plan_alone(night, report)


def _finish_what_was_begun(night: Night, report: Report) -> _Step:
    """Evaluate holds first, so that nothing they cover is planned; then finish destructions."""
    with _named("holds", report) as holds:
        report.holds_evaluated = finish(night.account, night.legal_holder)
        report.thawed = thaw(
            night.account,
            night.person,
            night.schedule,
            cool_down_days=night.request_cool_down_days,
            store=night.legal_holder,
        )
    with _named("unfinished destruction", report) as destruction, night.disposer() as disposer:
        finished = finish_begun(disposer, night.person)
        report.resumed = finished.destroyed
        if isinstance(finished.refusal, DestructionUnproven):
            # that batch stays begun; the night goes on
            report.problems.append(of_error("unfinished destruction", finished.refusal))
        elif finished.refusal is not None:
            raise finished.refusal
    return _Step(well=holds.well and destruction.well)


def _purge(night: Night, report: Report) -> None:
    with night.disposer() as disposer:
        report.purged = Purged()
        purge(
            disposer,
            night.person,
            night.schedule,
            carry_out_too=night.carry_out,
            progress=night.progress,
            result=report.purged,
        )


def _plan_alone(night: Night, report: Report) -> None:
    """Say what is due where nothing may be destroyed tonight."""
    account = night.account
    on = account.today()
    made = plan(account, night.person, night.schedule, on=on, sampling=night.sampling)
    account.acknowledge()
    due = made.due + len(made.stayed)
    report.purged = Purged(
        plan=made.name, due=due, superseded=made.superseded, stayed=Together(made.stayed)
    )


@dataclass(slots=True)
class _Step:
    well: bool = True


@contextmanager
def _named(step: str, report: Report) -> Iterator[_Step]:
    """Turn what we can explain into a problem called *step*, and go on."""
    state = _Step()
    try:
        yield state
    except ArchiverError as error:
        state.well = False
        if all(problem.detail != str(error) for problem in report.problems):
            report.problems.append(of_error(step, error))
