"""The scheduler's sign of life, beside the lock that it holds: no killed process keeps a lock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from archiver.catalogue.jobs import Beat
from archiver.procedures.problems import Problem
from archiver.procedures.standing import Standing
from archiver.procedures.timetable import SCHEDULER, STARTED
from archiver.records.moments import moment, written

SILENT = timedelta(minutes=5)
"""How old the last sign of life may be of a scheduler that holds its lock."""

_ENDED = "ended without a goodbye"


def says_it_lives(standing: Standing) -> Beat | None:
    """Give the last sign of life of a scheduler that did not say goodbye, or None."""
    beat = standing.beats.get(SCHEDULER)
    return beat if beat is not None and beat.detail.startswith(STARTED) else None


def heartbeat_told(standing: Standing) -> dict[str, str | int] | None:
    """Give the scheduler's last word, and how old it is; None if there is none."""
    beat = standing.beats.get(SCHEDULER)
    if beat is None:
        return None
    died = says_it_lives(standing) is not None and SCHEDULER not in standing.at_work
    return {
        "at": written(moment(beat.at)),
        "age_seconds": round((standing.now - moment(beat.at)).total_seconds()),
        "says": beat.detail.replace(STARTED, _ENDED, 1) if died else beat.detail,
    }


def scheduler_problems(standing: Standing) -> Iterator[Problem]:
    """Name a scheduler that died, and one that is there and does nothing any more."""
    beat = says_it_lives(standing)
    if beat is None:
        return
    last = f"{moment(beat.at).astimezone(standing.zone):%Y-%m-%d %H:%M}"
    if SCHEDULER not in standing.at_work:
        yield Problem(
            subject=SCHEDULER,
            what=f"the scheduler {_ENDED}; its last sign of life was at {last}",
            remedy="Start `archiver run` again; let the system's service manager do so.",
        )
    elif standing.now - moment(beat.at) > SILENT:
        yield Problem(
            subject=SCHEDULER,
            what=f"the scheduler is there, and has given no sign of life since {last}",
            remedy="Stop it, and start `archiver run` again; let the service manager do so.",
        )
