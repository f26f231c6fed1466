"""What an item's objects are locked to: flagged in doubt, dated where there is a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.office.lookup import find_schedule
from archiver.records.adoption import Adoption
from archiver.records.captures import PlatformState
from archiver.records.classification import Basis, Tag
from archiver.records.disposition import Member
from archiver.records.locking import EXTEND_WITHIN, Wanted, extended, wanted
from archiver.records.periods import Period
from archiver.records.schedules import Schedule
from archiver.records.series import Trigger

POSTED = date(2026, 3, 2)
DUE = date(2026, 5, 2)
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


SCHEDULES = Path(__file__).parents[2] / "schedules"


@pytest.fixture(scope="module")
def schedule() -> Schedule:
    """The demonstration schedule, under an adoption that lets rules decide and no model."""
    demo, _ = find_schedule("demo", SCHEDULES)
    adopted = demo.adoption or Adoption(instrument="R", number="1", date=POSTED, signed_by=("A",))
    return replace(demo, adoption=replace(adopted, automatic=frozenset({"rules"})))


def a_member(**changes: object) -> Member:
    """Give a transitory item, posted on POSTED and confirmed by a person."""
    member = Member(
        item="a" * 64,
        tag=Tag.TRANSITORY,
        series="DEMO-100",
        basis=Basis.PERSON,
        live=True,
        restricted="",
        state=PlatformState.PRESENT,
        arrived_on=POSTED,
        triggers={
            Trigger.CREATED: POSTED,
            Trigger.POSTED: POSTED,
            Trigger.LAST_ACTIVITY: POSTED,
        },
    )
    return replace(member, **changes)


def asked(schedule, member=None, *, held=False, on=POSTED) -> Wanted:
    return wanted(member or a_member(), schedule, held=held, on=on)


def test_an_item_with_a_day_ahead_is_retained_until_that_day(schedule):
    assert asked(schedule) == Wanted(flag=False, until=DUE)
    assert asked(schedule, on=DUE - timedelta(days=1)).until == DUE


def test_an_item_whose_day_has_come_is_locked_no_more(schedule):
    assert asked(schedule, on=DUE) == Wanted(flag=False)


def test_a_hold_flags_besides_and_also_what_is_due(schedule):
    assert asked(schedule, held=True) == Wanted(flag=True, until=DUE)
    assert asked(schedule, held=True, on=DUE) == Wanted(flag=True)


def test_the_days_of_settling_and_of_cooling_are_waited_for_too(schedule):
    series = replace(schedule.series["DEMO-100"], settle=Period(days=90))
    settling = replace(schedule, series={**schedule.series, "DEMO-100": series})
    cooling = a_member(cooling_until=date(2026, 7, 1))

    assert asked(settling).until == date(2026, 6, 1)
    assert asked(schedule, cooling).until == date(2026, 7, 1)


@pytest.mark.parametrize(
    "member",
    [
        a_member(live=False),
        a_member(series="no such series"),
        a_member(tag=Tag.SUBSTANTIVE, series="DEMO-900"),
        a_member(triggers={}),
    ],
    ids=["not as it was sealed", "unknown series", "permanent", "nothing triggered its period"],
)
def test_what_has_no_day_is_flagged(schedule, member):
    found = asked(schedule, member, on=date(2126, 1, 1))

    assert (found.flag, found.until) == (True, None)


def test_without_an_adopted_schedule_everything_is_flagged(schedule):
    assert asked(None) == Wanted(flag=True)
    assert asked(replace(schedule, adoption=None)) == Wanted(flag=True)


def test_an_adoption_that_is_not_yet_in_force_is_waited_for(schedule):
    later = replace(schedule, adoption=replace(schedule.adoption, date=date(2027, 1, 1)))

    assert asked(later) == Wanted(flag=True, look_on=date(2027, 1, 1))


@pytest.mark.parametrize(
    "member",
    [
        a_member(tag=Tag.UNDETERMINED, basis=Basis.PERSON),
        a_member(basis=Basis.MODEL),
    ],
    ids=["nobody can say what it is", "only a model said so"],
)
def test_what_nobody_confirmed_is_flagged_until_the_longest_period_and_never_dated(
    schedule, member
):
    first = asked(schedule, member)
    assert (first.flag, first.until) == (True, None)
    assert first.look_on is not None
    before = asked(schedule, member, on=first.look_on - timedelta(days=1))
    assert before.flag

    assert asked(schedule, member, on=first.look_on) == Wanted(flag=False)


MOMENTS = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - given its zone below
    max_value=datetime(2120, 1, 1),  # noqa: DTZ001 - given its zone below
    timezones=st.just(UTC),
)


@given(present=st.none() | MOMENTS, to=st.none() | MOMENTS, at=MOMENTS)
def test_no_retention_is_made_shorter_and_none_ends_in_the_past(present, to, at):
    until = extended(present, to, at=at)

    if until is not None:
        assert until == to
        assert until > at
        assert present is None or until > present or present <= at


@given(to=MOMENTS, at=MOMENTS)
def test_what_has_a_day_ahead_is_never_left_without_a_retention(to, at):
    assert (extended(None, to, at=at) is None) == (to <= at)


@pytest.mark.parametrize(("left", "moved"), [(-1, True), (0, False), (1, False)])
def test_a_retention_is_extended_once_less_than_sixty_days_are_left(left, moved):
    present = AT + EXTEND_WITHIN + timedelta(seconds=left)
    to = AT + timedelta(days=365)

    assert extended(present, to, at=AT) == (to if moved else None)
