from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.records.periods import Cutoff, Period

DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2200, 12, 31))
LENGTHS = st.builds(
    Period,
    years=st.integers(0, 100),
    months=st.integers(0, 30),
    weeks=st.integers(0, 60),
    days=st.integers(0, 400),
    cutoff=st.sampled_from(Cutoff),
    fiscal_year_start=st.integers(1, 12),
)


def day(text):
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("period", "trigger", "last"),
    [
        # days and weeks: the trigger day is not counted
        ("P60D", "2026-01-01", "2026-03-02"),
        ("P60D", "2026-01-02", "2026-03-03"),
        ("P60D", "2026-01-03", "2026-03-04"),
        ("P14D", "2026-12-17", "2026-12-31"),
        ("P14D", "2026-12-18", "2027-01-01"),
        ("P2W", "2026-02-14", "2026-02-28"),
        ("P1D", "2026-02-28", "2026-03-01"),
        # a year around the leap day
        ("P1Y", "2023-02-28", "2024-02-28"),
        ("P1Y", "2024-02-28", "2025-02-28"),
        ("P1Y", "2024-02-29", "2025-02-28"),
        ("P1Y", "2024-03-01", "2025-03-01"),
        ("P4Y", "2024-02-29", "2028-02-29"),
        ("P2Y", "2024-02-29", "2026-02-28"),
        ("P100Y", "2000-02-29", "2100-02-28"),
        # a month around the ends of months
        ("P1M", "2026-01-30", "2026-02-28"),
        ("P1M", "2026-01-31", "2026-02-28"),
        ("P1M", "2026-02-01", "2026-03-01"),
        ("P1M", "2024-01-30", "2024-02-29"),
        ("P1M", "2026-02-28", "2026-03-28"),
        ("P6M", "2026-08-31", "2027-02-28"),
        ("P1M", "2026-11-30", "2026-12-30"),
        ("P1M", "2026-12-31", "2027-01-31"),
        ("P12M", "2026-12-31", "2027-12-31"),
        # months first, then days
        ("P1M1D", "2026-01-31", "2026-03-01"),
        ("P1Y6M2W3D", "2026-01-31", "2027-08-17"),
    ],
)
def test_a_period_is_kept_through_its_last_day_and_over_on_the_day_after(period, trigger, last):
    found = Period.parse(period)

    assert found.last_day(day(trigger)) == day(last)
    assert found.first_day(day(trigger)) == day(last) + timedelta(days=1)


@pytest.mark.parametrize(
    ("cutoff", "start", "trigger", "runs_from"),
    [
        ("month", 7, "2026-01-31", "2026-01-31"),
        ("month", 7, "2026-02-01", "2026-02-28"),
        ("month", 7, "2024-02-01", "2024-02-29"),
        ("quarter", 7, "2026-03-31", "2026-03-31"),
        ("quarter", 7, "2026-04-01", "2026-06-30"),
        ("quarter", 7, "2026-05-15", "2026-06-30"),
        ("quarter", 7, "2026-12-31", "2026-12-31"),
        ("calendar_year", 7, "2025-12-31", "2025-12-31"),
        ("calendar_year", 7, "2026-01-01", "2026-12-31"),
        ("fiscal_year", 7, "2026-06-30", "2026-06-30"),
        ("fiscal_year", 7, "2026-07-01", "2027-06-30"),
        ("fiscal_year", 10, "2026-09-30", "2026-09-30"),
        ("fiscal_year", 10, "2026-10-01", "2027-09-30"),
        ("fiscal_year", 1, "2026-12-31", "2026-12-31"),
        ("fiscal_year", 1, "2027-01-01", "2027-12-31"),
        ("fiscal_year", 3, "2024-02-29", "2024-02-29"),
        ("fiscal_year", 3, "2024-03-01", "2025-02-28"),
        ("none", 7, "2026-05-15", "2026-05-15"),
    ],
)
def test_a_cutoff_runs_from_the_end_of_the_span_the_trigger_is_in(
    cutoff, start, trigger, runs_from
):
    period = Period(years=1, cutoff=Cutoff(cutoff), fiscal_year_start=start)

    assert period.cut_off(day(trigger)) == day(runs_from)


@pytest.mark.parametrize(
    ("period", "trigger", "last"),
    [
        (Period(months=1, cutoff=Cutoff.MONTH), "2026-02-10", "2026-03-31"),
        (Period(years=1, cutoff=Cutoff.MONTH), "2023-02-10", "2024-02-29"),
        (Period(years=2, cutoff=Cutoff.CALENDAR_YEAR), "2026-01-01", "2028-12-31"),
        (Period(years=2, cutoff=Cutoff.FISCAL_YEAR), "2026-07-01", "2029-06-30"),
        (Period(cutoff=Cutoff.CALENDAR_YEAR), "2026-05-05", "2026-12-31"),
        (Period(days=10, cutoff=Cutoff.MONTH), "2026-02-10", "2026-03-10"),
    ],
)
def test_what_was_cut_off_at_the_end_of_a_month_ends_at_the_end_of_one(period, trigger, last):
    assert period.last_day(day(trigger)) == day(last)


@pytest.mark.parametrize("trigger", ["9999-12-30", "9999-12-31", "9998-06-01"])
@pytest.mark.parametrize("period", [*map(Period.parse, ["P9999Y", "P2Y", "P99999D"])])
def test_what_would_end_after_the_last_of_days_never_ends_before_it(period, trigger):
    assert period.first_day(day(trigger)) == date.max


def test_a_day_before_the_last_of_days_is_still_counted_exactly():
    assert Period(days=1).first_day(day("9999-12-29")) == day("9999-12-31")
    assert Period(cutoff=Cutoff.FISCAL_YEAR).last_day(day("9999-12-31")) == date.max


@given(LENGTHS, DAYS, DAYS)
def test_a_later_trigger_never_ends_earlier(period, one, other):
    earlier, later = sorted((one, other))

    assert period.first_day(earlier) <= period.first_day(later)


@given(LENGTHS, DAYS)
def test_nothing_is_over_on_the_day_it_begins(period, trigger):
    assert period.last_day(trigger) >= trigger
    assert period.first_day(trigger) == period.last_day(trigger) + timedelta(days=1)


@given(LENGTHS, DAYS, st.integers(1, 40))
def test_a_longer_period_never_ends_earlier(period, trigger, more):
    longer = Period(
        period.years, period.months + more, period.weeks, period.days, period.cutoff,
        period.fiscal_year_start,
    )  # fmt: skip

    assert longer.first_day(trigger) > period.first_day(trigger) - timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("P2Y", Period(years=2)),
        ("P6M", Period(months=6)),
        ("P2W", Period(weeks=2)),
        ("P60D", Period(days=60)),
        ("P0D", Period()),
        ("P1Y2M3W4D", Period(1, 2, 3, 4)),
    ],
)
def test_a_period_reads_as_iso_8601_and_writes_itself_the_same(text, period):
    assert Period.parse(text) == period
    assert str(period) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "2Y",
        "P2",
        "PT5H",
        "P-2Y",
        "p2y",
        "P2Y ",
        "P1.5Y",
        "P1D1Y",
        "P٢Y",
        "P12345Y",
        "P2YT",
    ],
)
def test_what_is_no_period_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="write one as P2Y"):
        Period.parse(text)


def test_a_period_says_whether_it_has_any_length_and_after_what_it_runs():
    assert not Period.parse("P0D")
    assert Period(days=1)
    assert Period(cutoff=Cutoff.MONTH)
    assert str(Period(years=2, cutoff=Cutoff.FISCAL_YEAR)) == "P2Y after fiscal_year"


def test_a_negative_length_and_a_thirteenth_month_are_refused():
    with pytest.raises(ValueError, match="negative"):
        Period(days=-1)
    for month in (0, 13):
        with pytest.raises(ValueError, match="no month"):
            Period(fiscal_year_start=month)
