"""The scheduler: APScheduler with its jobs declared here, in memory, in one locked process.

What has run is known from the catalogue and not from APScheduler, which forgets; a job that
fires twice, or late, asks there first. See docs/decisions/one-locked-scheduler.md.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from threading import Thread
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
)
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from archiver.jobs.duties import HELD_MINUTES, MORNING, Duties
from archiver.jobs.work import hour_of
from archiver.procedures import timetable
from archiver.procedures.timetable import DELAYED, LINE, NIGHTLY, SCHEDULER, STOPPED, UPKEEP, WATCH

GRACE_SECONDS = 45.0
"""How long a stopping process waits for duties to reach the end of a batch."""

ASK_MINUTES = 15
"""How often a job that has a day asks whether it is still to be done."""

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

Duty = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Job:
    """One job: its fixed id, what it does, when, and in which pool of threads.

    *at_start* says that it asks at once whether there is something to catch up on.
    """

    id: str
    duty: Duty
    trigger: Any
    pool: str
    at_start: bool = True


def timetable_of(duties: Duties) -> list[Job]:
    """Declare every job, in the order in which they are done where all are due."""
    config = duties.office.config
    hour, zone = hour_of(config), config.zone
    every = partial(IntervalTrigger, timezone=zone)
    visits = [
        Job(
            timetable.visit_of(page.name),
            partial(duties.visit, page),
            every(minutes=page.every),
            "visits",
            at_start=duties.overdue(page),
        )
        for page in duties.light
    ]
    return [
        Job("heartbeat", duties.beat, every(minutes=1), "short"),
        Job(NIGHTLY, duties.nightly, daily(hour, zone), "long"),
        *visits,
        Job("held pages", duties.visit_held, every(minutes=HELD_MINUTES), "visits"),
        Job(UPKEEP, duties.upkeep, daily(hour, zone, "sun"), "long"),
        Job(LINE, duties.line, daily(MORNING, zone), "short"),
        Job(WATCH, duties.watch, every(minutes=ASK_MINUTES), "short", at_start=False),
    ]


def daily(at: time, zone: ZoneInfo, weekday: str = "*") -> Any:
    """Give the trigger of a job that has a day: its hour in *zone*, and every quarter of an hour.

    The duty itself knows whether its day is claimed. So a machine that slept, or a day that the
    cron trigger passes over (it does, at midnight after the clocks were put forward), costs a
    quarter of an hour and not a night.
    """
    cron = CronTrigger(day_of_week=weekday, hour=at.hour, minute=at.minute, timezone=zone)
    return OrTrigger([cron, CronTrigger(minute=f"*/{ASK_MINUTES}", timezone=zone)])


def run_once(duties: Duties) -> bool:
    """Do everything that is due now, one after the other; give whether all of it was well.

    A night that was done before and came out otherwise is not well either: it is not done again.

    Raises:
        ArchiveBusy: another process runs the timetable.
    """
    with _alone(duties):
        wanted = [job for job in timetable_of(duties) if job.at_start or job.id == WATCH]
        scheduler = BlockingScheduler(
            timezone=duties.office.config.zone,
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        for place, job in enumerate(wanted):
            when = DateTrigger(_LONG_AGO + timedelta(seconds=place))
            scheduler.add_job(job.duty, when, id=job.id)
        came_out: list[bool] = []

        def ended(event: Any) -> None:
            if event.code == EVENT_JOB_ERROR:
                _note(duties, event)
            came_out.append(event.code == EVENT_JOB_EXECUTED and event.retval)
            if len(came_out) == len(wanted):
                Thread(target=scheduler.shutdown, name="end").start()

        scheduler.add_listener(ended, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
        with _stopped_by_signals(duties, scheduler):
            scheduler.start()
        duties.idle(within=GRACE_SECONDS)
    return len(came_out) == len(wanted) and all(came_out) and duties.night_stands()


def run(duties: Duties) -> bool:
    """Run the timetable until the process is told to stop (SIGTERM, SIGINT).

    Gives whether every duty had ended by then. One that had not is taken up by the next start,
    and the process may be left at once: nothing half-written stays.

    Raises:
        ArchiveBusy: another process runs the timetable.
    """
    with _alone(duties):
        scheduler = BlockingScheduler(
            timezone=duties.office.config.zone,
            executors={
                "default": ThreadPoolExecutor(2),
                "short": ThreadPoolExecutor(2),
                "visits": ThreadPoolExecutor(4),
                "long": ThreadPoolExecutor(1),
            },
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        jobs = timetable_of(duties)
        for job in jobs:
            first = {"next_run_time": duties.account.now()} if job.at_start else {}
            scheduler.add_job(job.duty, job.trigger, id=job.id, executor=job.pool, **first)
        listener = partial(_note, duties)
        scheduler.add_listener(
            listener, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES
        )
        with _stopped_by_signals(duties, scheduler):
            duties.say(f"running; nightly at {duties.office.config.nightly}")
            scheduler.start()
        return duties.idle(within=GRACE_SECONDS)


@contextmanager
def _alone(duties: Duties) -> Iterator[None]:
    with duties.account.catalogue.exclusive(SCHEDULER, wait=False):
        duties.tidy()
        yield
        duties.beat(STOPPED)


def _note(duties: Duties, event: Any) -> None:
    """Remember that a run was left out; what failed has written itself down."""
    if event.code == EVENT_JOB_ERROR:
        duties.say(f"{event.job_id}: {type(event.exception).__name__}: {event.exception}")
        return
    why = "left out; the run before it had not ended"
    timetable.beat(duties.account, f"{DELAYED}{event.job_id}", why)
    duties.say(f"{event.job_id}: {why}")


@contextmanager
def _stopped_by_signals(duties: Duties, scheduler: Any) -> Iterator[None]:
    """Have SIGTERM and SIGINT end the scheduler, and tell long duties to end after a batch."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        if duties.stopping.is_set():
            os._exit(os.EX_TEMPFAIL)  # asked twice: leave now; the next start takes up the rest
        duties.stopping.set()
        Thread(target=scheduler.shutdown, kwargs={"wait": False}, name="stop").start()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
