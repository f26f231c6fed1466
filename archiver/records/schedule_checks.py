"""Checking a schedule against itself: its head and its series, its examples and its rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from archiver.records.classification import Tag
from archiver.records.schedule_tables import Table
from archiver.records.schedules import Schedule
from archiver.records.series import Example, Series, Trigger
from archiver.records.states import FLOORS

_STATE = re.compile(r"[A-Z]{2}")
_TRIAL_DAYS = (
    *(date(year, 1, 1) for year in range(2001, 2005)),
    *(date(2003, 3, 1), date(2004, 2, 28), date(2004, 2, 29), date(2004, 3, 1)),
)
"""Days around a leap day, on which a series is compared with a floor."""


def check_head(head: Table, schedule: Schedule) -> None:
    """Report what the head of a schedule promises, and its series do not keep."""
    default = schedule.series.get(schedule.default_series)
    if default is None or default.category is not Tag.SUBSTANTIVE:
        head.fault("default_series", "must be a substantive series of this schedule")
    if schedule.reference:
        if schedule.state or schedule.demonstration or schedule.adoption is not None:
            head.fault("reference", "a reference is of no state, no demonstration, never adopted")
    elif not schedule.state and not schedule.demonstration:
        head.fault("state", "is missing: its two letters, unless reference = true")
    elif schedule.state and not _STATE.fullmatch(schedule.state):
        head.fault("state", "must be two capital letters")
    _check_minimum(head, schedule)
    _check_public_comments(head, schedule)


def _check_minimum(head: Table, schedule: Schedule) -> None:
    floor, least = FLOORS.get(schedule.state), schedule.minimum_after_activity
    if floor is None or not floor.binds_all:
        return
    if least is None or least.may_end_before(floor.period):
        head.fault(
            "minimum_after_activity",
            f"must be {floor.period} or longer in {schedule.state}: {floor.source}",
        )


def _check_public_comments(head: Table, schedule: Schedule) -> None:
    """Report comments without action that are kept for less than the state's correspondence."""
    number = schedule.public_comments
    if not number:
        if schedule.state:
            head.fault("public_comments", "is missing: the series of comments without action")
        return
    if number not in schedule.series:
        head.fault("public_comments", f"{number!r} is not a series of this schedule")
        return
    floor = FLOORS.get(schedule.state)
    if floor is None:
        return
    for start in _TRIAL_DAYS:
        first = schedule.first_day(number, dict.fromkeys(Trigger, start))
        if first is not None and first < floor.period.first_day(start):
            head.fault(
                "public_comments",
                f"series {number} is kept for less than {floor.period}: {floor.source}",
            )
            return


def wrong_examples(name: str, bare: Schedule) -> list[str]:
    """Work every example of *bare*, a schedule as it stands without an adoption."""
    return [
        f"{name}: series {series.number}: examples {n}: {wrong}"
        for series in bare.series.values()
        for n, example in enumerate(series.examples, start=1)
        for wrong in _wrong(bare, series, example)
    ]


def _wrong(bare: Schedule, series: Series, example: Example) -> Iterator[str]:
    written, found = example.first_day_of_disposition, bare.first_day(series.number, example.days)
    if found != written:
        yield (
            f"first_day_of_disposition: written {written or 'no day'}, "
            f"but it comes out as {found or 'no day'}"
        )
    stages = tuple(day for _, day in bare.stage_days(series.number, example.days))
    if example.stages is not None and stages != example.stages:
        listed = ", ".join(day.isoformat() for day in stages) or "no days"
        yield f"stages: they come out as {listed}"
    review = series.review_from(example.days)
    if example.review_from is not None and review != example.review_from:
        yield f"review_from: it comes out as {review or 'no day'}"
