"""Runs of jobs, signs of life, and what was said of failures: the scheduler's own rows.

A job that has a day runs once for it: its row is unique, and whoever inserts it has claimed the
day. None of this is a record of the agency; the ledger knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from archiver.catalogue.rows import next_number
from archiver.catalogue.tables import alerts, heartbeats, job_runs

RUNNING, DONE, FAULTS, FAILED = "running", "done", "faults", "failed"
"""How a run stands: under way; everything done; done but for named faults; not done."""

COVERED, BROKEN_OFF = "caught up", "broken off"
"""A day whose work a later run did; a run whose process ended before it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """One run of one job for one day (ISO). *detail* is JSON, written by the timetable."""

    n: int
    job: str
    day: str
    begun_at: int
    ended_at: int | None
    status: str
    detail: str


def of_day(connection: Connection, job: str, day: str) -> JobRow | None:
    """Give the run of *job* for *day*, or None."""
    query = select(job_runs).where(job_runs.c.job == job, job_runs.c.day == day)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else JobRow(**row)


def begin(connection: Connection, job: str, day: str, *, at: int) -> None:
    """Write that *job* runs for *day*, whatever is known of an earlier run for it."""
    values = {"begun_at": at, "ended_at": None, "status": RUNNING, "detail": ""}
    if of_day(connection, job, day) is None:
        n = next_number(connection, job_runs)
        connection.execute(insert(job_runs).values(values | {"n": n, "job": job, "day": day}))
        return
    again = update(job_runs).where(job_runs.c.job == job, job_runs.c.day == day)
    connection.execute(again.values(values))


def end(connection: Connection, job: str, day: str, *, at: int, status: str, detail: str) -> None:
    """Write how the run of *job* for *day* ended."""
    ended = update(job_runs).where(job_runs.c.job == job, job_runs.c.day == day)
    connection.execute(ended.values(ended_at=at, status=status, detail=detail))


def cover(connection: Connection, job: str, days: Sequence[str], *, at: int) -> None:
    """Write that one run did the work of *days* too; days with a run of their own keep it."""
    known = set(connection.scalars(select(job_runs.c.day).where(job_runs.c.job == job)))
    n = next_number(connection, job_runs)
    rows = [
        JobRow(n=n + k, job=job, day=day, begun_at=at, ended_at=at, status=COVERED, detail="")
        for k, day in enumerate(sorted(set(days) - known))
    ]
    if rows:
        connection.execute(insert(job_runs), [asdict(row) for row in rows])


def break_off(connection: Connection, *, job: str | None = None, but: str = "") -> int:
    """Write that what is said to run (of *job*, or of all *but* one) does not; give how many."""
    gone = update(job_runs).where(job_runs.c.status == RUNNING, job_runs.c.job != but)
    if job is not None:
        gone = gone.where(job_runs.c.job == job)
    return connection.execute(gone.values(status=BROKEN_OFF)).rowcount


def last_day(connection: Connection, job: str) -> str | None:
    """Give the latest day for which *job* has a run of any kind, or None."""
    query = select(job_runs.c.day).where(job_runs.c.job == job)
    return connection.scalar(query.order_by(job_runs.c.day.desc()).limit(1))


def latest(connection: Connection) -> list[JobRow]:
    """Give the run of each job that was begun last, leaving out days that were caught up."""
    newest = (
        select(job_runs.c.job, func.max(job_runs.c.begun_at).label("begun_at"))
        .where(job_runs.c.status != COVERED)
        .group_by(job_runs.c.job)
        .subquery()
    )
    query = (
        select(job_runs)
        .join(newest, newest.c.job == job_runs.c.job)
        .where(job_runs.c.begun_at == newest.c.begun_at, job_runs.c.status != COVERED)
        .order_by(job_runs.c.job, job_runs.c.n)
    )
    rows = [JobRow(**row) for row in connection.execute(query).mappings()]
    return list({row.job: row for row in rows}.values())


# --- signs of life ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Beat:
    """The last sign of life called *name*: when, and what it said."""

    name: str
    at: int
    detail: str


def beat(connection: Connection, name: str, *, at: int, detail: str) -> None:
    """Give a sign of life."""
    values = {"at": at, "detail": detail}
    again = update(heartbeats).where(heartbeats.c.name == name).values(values)
    if not connection.execute(again).rowcount:
        connection.execute(insert(heartbeats).values(values | {"name": name}))


def beats(connection: Connection) -> dict[str, Beat]:
    """Give every last sign of life, by name."""
    rows = connection.execute(select(heartbeats)).mappings()
    return {row["name"]: Beat(**row) for row in rows}


# --- what was said of failures --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """What was said of one failure: since when it stands, when last, and how often."""

    subject: str
    first_at: int
    last_sent_at: int
    sent: int


def said(connection: Connection) -> dict[str, AlertRow]:
    """Give what was said of each failure, by its subject."""
    rows = connection.execute(select(alerts)).mappings()
    return {row["subject"]: AlertRow(**row) for row in rows}


def say(connection: Connection, subjects: Sequence[str], *, at: int) -> None:
    """Write that the failures *subjects* were said once more."""
    known = said(connection)
    for subject in subjects:
        if subject in known:
            more = {"last_sent_at": at, "sent": known[subject].sent + 1}
            connection.execute(update(alerts).where(alerts.c.subject == subject).values(more))
        else:
            row = AlertRow(subject=subject, first_at=at, last_sent_at=at, sent=1)
            connection.execute(insert(alerts).values(asdict(row)))


def forget(connection: Connection, subjects: Sequence[str]) -> None:
    """Forget what was said of *subjects*: they are mended."""
    for subject in subjects:
        connection.execute(delete(alerts).where(alerts.c.subject == subject))
