"""Transfers: what goes to another archive, how far that has come, and what follows it.

Our copy stays until the receiving archive's receipt is entered; only then does what the schedule
says of it afterwards count, and its time runs from the receipt at the earliest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from archiver.records.periods import day_after
from archiver.records.schedules import Schedule
from archiver.records.series import Disposition, Series, Then, Trigger


class BagStatus(StrEnum):
    """How far a bag has come. *dropped*: everything in it left the set before it was written."""

    BEGUN = "begun"
    BAGGED = "bagged"
    RECEIVED = "received"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferred:
    """An item that lies in a written bag. *received_on* is None while the receipt is awaited."""

    bag: str
    received_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is done next with an item, and the first day of it; nothing where *then* is None."""

    then: Disposition | None
    first_day: date


def has_transfer(series: Series) -> bool:
    """Say whether the series is ever transferred: at its end, or in one of its stages."""
    staged = any(stage.then is Then.TRANSFER for stage in series.stages)
    return staged or series.disposition is Disposition.TRANSFER


def follows(series: Series, *, received: bool) -> Disposition | None:
    """Give what is done with items of *series* next; None where nothing follows the transfer.

    What must be transferred first is, whatever comes after it.
    """
    if not has_transfer(series):
        return series.disposition
    if not received:
        return Disposition.TRANSFER
    return None if series.disposition is Disposition.TRANSFER else series.disposition


def next_step(
    schedule: Schedule, number: str, days: Mapping[Trigger, date], received_on: date | None
) -> Step | None:
    """Give the next step of an item of series *number*, by the *days* of its triggers.

    What follows a transfer comes no sooner than its own day, and no sooner than its stages have
    passed since the receipt. None where no day follows.
    """
    series, first = schedule.series.get(number), schedule.first_day(number, days)
    if series is None or first is None:
        return None
    then = follows(series, received=received_on is not None)
    staged = schedule.stage_days(number, days) if series.stages else ()
    place = next((n for n, (stage, _) in enumerate(staged) if stage.then is Then.TRANSFER), None)
    if place is None:
        return Step(then=then, first_day=first)
    if received_on is None:
        return Step(then=then, first_day=staged[place][1])
    last = received_on
    for stage, _ in staged[place + 1 :]:
        last = stage.after.last_day(last)
    return Step(then=then, first_day=max(first, day_after(last)))
