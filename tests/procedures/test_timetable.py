"""Which night's work is due, and who has claimed it; summer time makes no night twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.catalogue import jobs
from archiver.procedures import timetable
from archiver.procedures.problems import Problem
from archiver.procedures.timetable import Outcome
from tests.archive import an_archive

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
ZONES = st.sampled_from(
    ["America/New_York", "America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe", "UTC"]
).map(ZoneInfo)
QUARTER_PAST_THREE = time(3, 15)
MONDAY = date(2026, 3, 2)


@pytest.fixture
def account(tmp_path):
    archive = an_archive(tmp_path, index="memory:")
    yield archive.office.account
    archive.office.close()


# --- days -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("local", "due"),
    [
        ("03:14:59", date(2026, 3, 1)),
        ("03:15:00", MONDAY),
        ("03:15:01", MONDAY),
        ("23:59:59", MONDAY),
        ("00:00:00", date(2026, 3, 1)),
    ],
)
def test_a_night_belongs_to_the_day_on_which_its_hour_struck_last(local, due):
    now = datetime.combine(MONDAY, time.fromisoformat(local), LOS_ANGELES).astimezone(UTC)

    assert timetable.day_due(now, QUARTER_PAST_THREE, LOS_ANGELES) == due


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2026, 2, 28), date(2026, 2, 22)),
        (date(2026, 3, 1), date(2026, 3, 1)),
        (date(2026, 3, 7), date(2026, 3, 1)),
    ],
)
def test_a_week_belongs_to_its_sunday(day, due):
    now = datetime.combine(day, time(12), LOS_ANGELES).astimezone(UTC)

    assert timetable.week_due(now, QUARTER_PAST_THREE, LOS_ANGELES) == due


@given(
    zone=ZONES,
    at=st.times(timezones=st.none()).map(lambda t: t.replace(second=0, microsecond=0, fold=0)),
    day=st.dates(min_value=date(2020, 1, 1), max_value=date(2035, 1, 1)),
)
def test_the_moment_at_which_a_days_hour_strikes_belongs_to_that_day(zone, at, day):
    """Be it an hour that summer time leaves out, or one that strikes twice when it ends."""
    began = timetable.struck(day, at, zone)

    assert timetable.day_due(began, at, zone) == day
    assert timetable.day_due(began + timedelta(hours=1), at, zone) == day
    assert timetable.day_due(began - timedelta(seconds=1), at, zone) == day - timedelta(days=1)


# --- runs -------------------------------------------------------------------------------------


def test_a_day_is_claimed_once(account):
    assert timetable.claim(account, "nightly", MONDAY)
    assert not timetable.claim(account, "nightly", MONDAY)
    assert timetable.claim(account, "upkeep", MONDAY)
    assert timetable.claim(account, "nightly", MONDAY + timedelta(days=1))


def test_a_day_whose_run_was_broken_off_can_be_claimed_again(account):
    timetable.claim(account, "upkeep", MONDAY)
    timetable.claim(account, "nightly", MONDAY)

    timetable.break_off(account, but="nightly")

    assert timetable.claim(account, "upkeep", MONDAY)
    assert not timetable.claim(account, "nightly", MONDAY)


def test_before_the_first_run_no_night_was_missed(account):
    assert timetable.missed(account, "nightly", MONDAY) == []


def test_a_long_silence_is_written_down_for_a_year_at_most(account):
    timetable.claim(account, "nightly", MONDAY)

    missed = timetable.missed(account, "nightly", MONDAY + timedelta(days=1000))

    assert len(missed) == timetable.LONGEST_CATCH_UP
    assert missed[-1] == MONDAY + timedelta(days=999)


def test_days_that_were_caught_up_on_are_no_runs(account):
    days = [MONDAY - timedelta(days=2), MONDAY - timedelta(days=1)]

    timetable.claim(account, "nightly", MONDAY, covering=days)

    assert timetable.last_run(account, "nightly").day == MONDAY.isoformat()
    assert not timetable.claim(account, "nightly", days[0])
    with account.catalogue.reading() as connection:
        assert jobs.of_day(connection, "nightly", days[1].isoformat()).status == jobs.COVERED


def test_the_run_begun_last_is_the_last_run_whatever_its_day(account):
    timetable.begin(account, "visit city blog", MONDAY)
    timetable.end(account, "visit city blog", MONDAY, Outcome())

    timetable.begin(account, "visit city blog", MONDAY)

    run = timetable.last_run(account, "visit city blog")
    assert (run.status, run.ended_at) == (jobs.RUNNING, None)


@given(
    st.builds(
        Outcome,
        problems=st.lists(
            st.builds(
                Problem, subject=st.text(), what=st.text(), remedy=st.text(), detail=st.text()
            )
        ).map(tuple),
        captures=st.dictionaries(st.text(), st.sampled_from(["complete", "failed"])),
        failed=st.booleans(),
    )
)
def test_how_a_run_came_out_is_read_as_it_was_written(outcome):
    row = jobs.JobRow(
        n=1,
        job="nightly",
        day="2026-03-02",
        begun_at=0,
        ended_at=1,
        status=outcome.status,
        detail=outcome.written(),
    )

    assert Outcome.read(row) == outcome


# --- signs of life ------------------------------------------------------------------------------


def test_a_sign_of_life_replaces_the_one_before(account):
    timetable.beat(account, "scheduler", "running")
    timetable.beat(account, "scheduler", "stopped")
    timetable.beat(account, "mail", "")

    beats = timetable.beats(account)

    assert {name: beat.detail for name, beat in beats.items()} == {
        "scheduler": "stopped",
        "mail": "",
    }
