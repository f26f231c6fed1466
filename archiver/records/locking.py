"""Object locks: what a store that can write once is asked to forbid, and until when.

A legal-hold flag has no end; a retention ends by itself and is never made shorter. The flag is for
what nobody can date yet. Holds are an argument of the question, as they are of disposition's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from archiver.records.disposition import Member, confirmed
from archiver.records.identity import ObjectRef
from archiver.records.schedules import Obstacle, Schedule

EXTEND_WITHIN = timedelta(days=60)
"""A retention that ends too early is extended once less than this is left of it."""

_NOT_IN_THE_WAY = frozenset({Obstacle.NOT_FOR_DESTRUCTION})
"""What is transferred or reviewed has its day, too."""


class LockMode(StrEnum):
    """How the store's own retention binds: not at all, all but disposition, or everybody."""

    OFF = "off"
    GOVERNANCE = "governance"
    COMPLIANCE = "compliance"

    @property
    def told(self) -> str:
        """Say of a destruction in a store that locks so what it made of the locks."""
        passed = {
            LockMode.OFF: "no lock of ours",
            LockMode.GOVERNANCE: "retentions passed with the right to bypass them",
            LockMode.COMPLIANCE: "nothing that was still under a retention",
        }
        return f"Object Lock in the mode {self.value}: {passed[self]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockState:
    """What the store's own locks say of one version of an object.

    *until* and *mode* are those of its retention, also of one that has ended; None without one.
    """

    ref: ObjectRef
    version: str | None
    flagged: bool
    until: datetime | None = None
    mode: LockMode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockChange:
    """What to change about the locks of one version; None leaves the one or the other as it is.

    *mode* is that of the retention where it is not the store's own.
    """

    ref: ObjectRef
    version: str | None
    flag: bool | None = None
    until: datetime | None = None
    mode: LockMode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an item's objects should be locked to, as of a day.

    *until* is the first day of disposition, where the item has one ahead. *look_on* is the first
    day on which the answer changes by the passing of time alone.
    """

    flag: bool
    until: date | None = None
    look_on: date | None = None


_FLAGGED = Wanted(flag=True)


def wanted(member: Member, schedule: Schedule | None, *, held: bool, on: date) -> Wanted:
    """Say what the objects of *member* should be locked to on the day *on*.

    Flagged while a hold covers it, its row is not as it was sealed, its class is unsettled, or no
    adopted schedule gives it a day. What nobody has confirmed is flagged until the longest period
    of all has passed, and given no date: a wrong one could not be taken back.
    """
    if not member.live or schedule is None or schedule.adoption is None:
        return _FLAGGED
    if not confirmed(member, schedule):
        day = schedule.first_day_unconfirmed(member.series, member.triggers)
        wait = Wanted(flag=True, look_on=day)
        return _unless_held(Wanted(flag=False) if _past(day, on) else wait, held=held)
    obstacles = set(schedule.obstacles(member.series, on=on)) - _NOT_IN_THE_WAY
    if obstacles == {Obstacle.NOT_YET_IN_FORCE}:
        return Wanted(flag=True, look_on=schedule.adoption.date)
    day = schedule.first_day(member.series, member.triggers)
    if obstacles or day is None:
        return _FLAGGED
    settled = schedule.settled(member.series, member.arrived_on)
    due = max(day, settled, member.cooling_until or day)
    return _unless_held(Wanted(flag=False, until=None if _past(due, on) else due), held=held)


def _past(day: date | None, on: date) -> bool:
    return day is not None and day <= on


def _unless_held(found: Wanted, *, held: bool) -> Wanted:
    """Keep the date, and flag besides, while a hold covers the item."""
    return Wanted(flag=found.flag or held, until=found.until, look_on=found.look_on)


def extended(present: datetime | None, to: datetime | None, *, at: datetime) -> datetime | None:
    """Give the end that a retention ending at *present* should be given at the moment *at*.

    None where it is left as it is: it reaches *to*, or is long enough for now. Never one that is
    shorter than what there is.
    """
    if to is None or to <= at:
        return None
    if present is None or present <= at:
        return to
    return to if present < to and present - at < EXTEND_WITHIN else None
