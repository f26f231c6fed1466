"""The timetable: which night's work is due, who has claimed it, and how it came out.

Days are the agency's own. A night belongs to the day on which its hour struck last, so that a
run that is late, or an hour that strikes twice when summer time ends, belongs to the same night.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from archiver.catalogue import jobs
from archiver.catalogue.jobs import Beat, JobRow
from archiver.procedures.account import Account
from archiver.procedures.problems import Problem
from archiver.records.captures import CaptureStatus, Coverage

NIGHTLY, UPKEEP, LINE = "nightly", "upkeep", "daily line"
"""The jobs that have a day of their own, and claim it."""

WATCH = "watch"
"""The job that looks for problems, and has them said."""

SCHEDULER = "scheduler"
"""The lock of the one scheduler, and the name of its heartbeat."""

MAIL = "mail"
"""The name under which the last attempt to send a mail is remembered."""

DELAYED = "delayed "
"""What the name of a sign begins with that tells of a run which was left out or late."""

STARTED, STOPPED = "running", "stopped"
"""What the scheduler's heartbeat begins with while it lives, and what it says as it goes."""

LONGEST_CATCH_UP = 366
"""How many missed days are written down one by one."""


def visit_of(page: str) -> str:
    """Give the name of the light visits' job of *page*."""
    return f"visit {page}"


# --- days -------------------------------------------------------------------------------------


def struck(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Give the moment (UTC) at which the clock in *zone* first shows *at* or later on *day*."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def day_due(now: datetime, at: time, zone: ZoneInfo) -> date:
    """Give the day whose work is due at *now*: the last one on which *at* has struck."""
    today = now.astimezone(zone).date()
    return today if struck(today, at, zone) <= now else today - timedelta(days=1)


def week_due(now: datetime, at: time, zone: ZoneInfo) -> date:
    """Give the Sunday whose weekly work is due at *now*."""
    day = day_due(now, at, zone)
    return day - timedelta(days=day.isoweekday() % 7)


def missed(account: Account, job: str, due: date) -> list[date]:
    """Give the days before *due* on which *job* should have run since its last run, and did not."""
    with account.catalogue.reading() as connection:
        last = jobs.last_day(connection, job)
    if last is None:
        return []
    first = max(date.fromisoformat(last), due - timedelta(days=LONGEST_CATCH_UP + 1))
    return [first + timedelta(days=k) for k in range(1, (due - first).days)]


# --- runs -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run came out: what needs a hand, and the status of each page it visited.

    *failed* says that the work itself could not be done.
    """

    problems: tuple[Problem, ...] = ()
    captures: Mapping[str, str] = field(default_factory=dict)
    failed: bool = False

    @property
    def status(self) -> str:
        """Give the status the run's row has."""
        if self.failed:
            return jobs.FAILED
        return jobs.FAULTS if self.problems else jobs.DONE

    def written(self) -> str:
        """Give this as the JSON of the run's row."""
        problems = [[p.subject, p.what, p.remedy, p.detail] for p in self.problems]
        return json.dumps({"problems": problems, "captures": dict(self.captures)})

    @classmethod
    def read(cls, row: JobRow) -> Outcome:
        """Read what `written` gave; a run that has not ended has nothing to tell."""
        if not row.detail:
            return cls(failed=row.status == jobs.FAILED)
        told = json.loads(row.detail)
        return cls(
            problems=tuple(
                Problem(subject=subject, what=what, remedy=remedy, detail=detail)
                for subject, what, remedy, detail in told["problems"]
            ),
            captures=told["captures"],
            failed=row.status == jobs.FAILED,
        )


def statuses(coverages: Sequence[Coverage]) -> dict[str, str]:
    """Give the status of each page that was visited."""
    return {coverage.page: CaptureStatus(coverage.status).value for coverage in coverages}


def claimed(account: Account, job: str, day: date) -> bool:
    """Say whether *job* has run, or runs, for *day*; a run that was broken off does not count."""
    with account.catalogue.reading() as connection:
        return _taken(jobs.of_day(connection, job, day.isoformat()))


def claim(account: Account, job: str, day: date, *, covering: Sequence[date] = ()) -> bool:
    """Claim *day* for a run of *job* that does the work of the days *covering* too.

    Gives False, and changes nothing, where somebody has claimed it before.
    """
    at = account.now_micros()
    with account.catalogue.writing() as desk:
        if _taken(jobs.of_day(desk.connection, job, day.isoformat())):
            return False
        jobs.begin(desk.connection, job, day.isoformat(), at=at)
        jobs.cover(desk.connection, job, [d.isoformat() for d in covering], at=at)
        return True


def _taken(row: JobRow | None) -> bool:
    return row is not None and row.status != jobs.BROKEN_OFF


def begin(account: Account, job: str, day: date) -> None:
    """Write that *job* runs for *day*, as often as it likes (light visits, a person's own run)."""
    with account.catalogue.writing() as desk:
        jobs.begin(desk.connection, job, day.isoformat(), at=account.now_micros())


def end(account: Account, job: str, day: date, outcome: Outcome) -> None:
    """Write how the run of *job* for *day* came out."""
    with account.catalogue.writing() as desk:
        jobs.end(
            desk.connection,
            job,
            day.isoformat(),
            at=account.now_micros(),
            status=outcome.status,
            detail=outcome.written(),
        )


@contextmanager
def crash_written(account: Account, job: str, day: date) -> Iterator[None]:
    """Write down how a run ended that the block is left by an exception, and let that pass on.

    One that was told to stop is broken off, and may be taken up again; any other has failed.
    """
    try:
        yield
    except Exception as error:
        problem = Problem(
            subject=job,
            what=f"{job}: ended by {type(error).__name__}",
            remedy="Run it by hand to see why; report it if it stays.",
            detail=str(error),
        )
        end(account, job, day, Outcome(problems=(problem,), failed=True))
        raise
    except KeyboardInterrupt:
        break_off(account, job=job)
        raise


def break_off(account: Account, *, job: str | None = None, but: str = "") -> int:
    """Write that runs (of *job*, or of all *but* one) said to be under way are not.

    Only who holds the lock that such a run would hold may say so.
    """
    with account.catalogue.writing() as desk:
        return jobs.break_off(desk.connection, job=job, but=but)


def last_run(account: Account, job: str) -> JobRow | None:
    """Give the run of *job* that was begun last, or None."""
    with account.catalogue.reading() as connection:
        return next((row for row in jobs.latest(connection) if row.job == job), None)


def ended_badly(account: Account, job: str) -> JobRow | None:
    """Give the run of *job* that was begun last, if it failed or had faults."""
    run = last_run(account, job)
    return run if run is not None and run.status in {jobs.FAULTS, jobs.FAILED} else None


# --- signs of life ----------------------------------------------------------------------------


def beat(account: Account, name: str, detail: str) -> None:
    """Give a sign of life."""
    with account.catalogue.writing() as desk:
        jobs.beat(desk.connection, name, at=account.now_micros(), detail=detail)


def beats(account: Account) -> dict[str, Beat]:
    """Give every last sign of life, by name."""
    with account.catalogue.reading() as connection:
        return jobs.beats(connection)
