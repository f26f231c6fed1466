"""Transfers: what goes to another archive, how far that has come, and what follows it.

Our copy stays until the receiving archive's receipt is entered; only then does what the schedule
says of it afterwards count, and its time runs from the receipt at the earliest. In the same way
nothing follows a review before a person has said, since its day, that the item need not be kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from archiver.records.periods import day_after
from archiver.records.schedules import Schedule
from archiver.records.series import Disposition, Series, Stage, Then, Trigger


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


def has_review(series: Series) -> bool:
    """Say whether a person ever reviews the series: at its end, or in one of its stages."""
    staged = any(stage.then is Then.REVIEW for stage in series.stages)
    return staged or series.disposition is Disposition.REVIEW


def follows(series: Series, *, received: bool, reviewed: bool) -> Disposition | None:
    """Give what is done with items of *series* next; None where nothing follows the transfer.

    What must be transferred first is, whatever comes after it, and then what is to be reviewed. A
    review after which an item need not be kept leaves the series' end, or destruction.
    """
    if has_transfer(series) and not received:
        return Disposition.TRANSFER
    if has_review(series) and not reviewed:
        return Disposition.REVIEW
    if series.disposition is Disposition.REVIEW:
        return Disposition.DESTROY
    return None if series.disposition is Disposition.TRANSFER else series.disposition


def was_reviewed(days: Mapping[Trigger, date], since: date) -> bool:
    """Say whether a person has said, on *since* or later, that the item need not be kept."""
    day = days.get(Trigger.REVIEWED)
    return day is not None and day >= since


def next_step(
    schedule: Schedule, number: str, days: Mapping[Trigger, date], received_on: date | None
) -> Step | None:
    """Give the next step of an item of series *number*, by the *days* of its triggers.

    What follows a transfer comes no sooner than its own day, and no sooner than its stages have
    passed since the receipt; what follows a review, no sooner than that. Where no day follows and
    the longest time is over, a person looks. None where nothing is next by any day.
    """
    series, first = schedule.series.get(number), schedule.first_day(number, days)
    if series is None:
        return None
    if first is None:
        over = series.review_from(days)
        asks = over is not None and not was_reviewed(days, over)
        return Step(then=Disposition.REVIEW, first_day=over) if over and asks else None
    if not series.stages and not has_review(series):
        then = follows(series, received=received_on is not None, reviewed=False)
        return Step(then=then, first_day=first)
    return _staged_step(schedule, series, days, first, received_on)


def _staged_step(
    schedule: Schedule,
    series: Series,
    days: Mapping[Trigger, date],
    first: date,
    received_on: date | None,
) -> Step:
    """Give the next step where stages, or a review, come before the end."""
    staged = schedule.stage_days(series.number, days)
    sent, looked = (_place(staged, then) for then in (Then.TRANSFER, Then.REVIEW))
    end = first
    if sent is not None and received_on is not None:
        last = received_on
        for stage, _ in staged[sent + 1 :]:
            last = stage.after.last_day(last)
        end = max(first, day_after(last))
    review = end if looked is None or looked == len(staged) - 1 else staged[looked][1]
    reviewed = not has_review(series) or was_reviewed(days, review)
    then = follows(series, received=received_on is not None, reviewed=reviewed)
    sends_first = sent is None or looked is None or sent < looked
    if then is Disposition.TRANSFER and not sends_first and not reviewed:
        then = Disposition.REVIEW
    if then is Disposition.TRANSFER and sent is not None:
        return Step(then=then, first_day=staged[sent][1])
    return Step(then=then, first_day=review if then is Disposition.REVIEW else end)


def _place(staged: Sequence[tuple[Stage, date]], then: Then) -> int | None:
    return next((n for n, (stage, _) in enumerate(staged) if stage.then is then), None)
