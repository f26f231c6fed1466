"""Terms, stages, the longest time, and series that are kept because nobody read how long."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.records.classification import Tag
from archiver.records.periods import Cutoff, Period
from archiver.records.series import (
    Disposition,
    RetentionRule,
    Series,
    Stage,
    Term,
    Then,
    Trigger,
)
from tests.records.test_periods import DAYS, LENGTHS

DAY = timedelta(days=1)
AT_ONCE = Period()
THREE_YEARS = Period(years=3)
TERMS = st.builds(Term, trigger=st.sampled_from(Trigger), period=LENGTHS, required=st.booleans())
KNOWN = st.dictionaries(st.sampled_from(Trigger), DAYS)


def a_series(*also, rule=RetentionRule.PERIOD, period=THREE_YEARS, **changes):
    values = {"trigger": Trigger.LAST_ACTIVITY, "disposition": Disposition.DESTROY, **changes}
    return Series(
        number="S",
        title="A series",
        falls_in="",
        category=Tag.SUBSTANTIVE,
        rule=rule,
        approval="clerk",
        period=period,
        also=also,
        **values,
    )


AUDITED = a_series(Term(trigger=Trigger.AUDIT_COMPLETE, period=AT_ONCE))
"""Three years, or until audited, whichever is later."""


@pytest.mark.parametrize(
    ("audited", "first"),
    [
        (date(2029, 1, 1), date(2029, 1, 3)),
        (date(2029, 1, 2), date(2029, 1, 3)),
        (date(2029, 1, 3), date(2029, 1, 4)),
        (date(2031, 7, 1), date(2031, 7, 2)),
    ],
)
def test_of_several_triggers_the_longest_that_applies_wins(audited, first):
    days = {Trigger.LAST_ACTIVITY: date(2026, 1, 2), Trigger.AUDIT_COMPLETE: audited}

    assert AUDITED.first_day(days) == first


def test_a_required_trigger_that_has_not_happened_means_no_day_however_old_the_item():
    assert AUDITED.first_day({Trigger.LAST_ACTIVITY: date(1990, 1, 1)}) is None
    assert AUDITED.first_day({Trigger.AUDIT_COMPLETE: date(1990, 1, 1)}) is None


def test_a_trigger_that_is_not_required_is_passed_over_until_it_happens():
    series = a_series(Term(trigger=Trigger.REMOVED, period=Period(years=5), required=False))
    posted = {Trigger.LAST_ACTIVITY: date(2026, 1, 2)}

    assert series.first_day(posted) == date(2029, 1, 3)
    assert series.first_day(posted | {Trigger.REMOVED: date(2026, 2, 1)}) == date(2031, 2, 2)


def test_a_series_without_a_period_is_kept_whatever_has_happened():
    series = a_series(period=None)

    assert series.first_day(dict.fromkeys(Trigger, date(1990, 1, 1))) is None
    assert series.terms == ()


STAGED = a_series(
    period=Period(cutoff=Cutoff.FISCAL_YEAR, fiscal_year_start=7),
    stages=(
        Stage(then=Then.HOLD, after=AT_ONCE),
        Stage(then=Then.TRANSFER, after=Period(years=1)),
        Stage(then=Then.DESTROY, after=Period(years=4)),
    ),
)
"""Cut off at the end of the fiscal year, hold a year, transfer, destroy four years later."""


@pytest.mark.parametrize(
    ("active", "days"),
    [
        (date(2026, 6, 29), (date(2026, 7, 1), date(2027, 7, 1), date(2031, 7, 1))),
        (date(2026, 6, 30), (date(2026, 7, 1), date(2027, 7, 1), date(2031, 7, 1))),
        (date(2026, 7, 1), (date(2027, 7, 1), date(2028, 7, 1), date(2032, 7, 1))),
    ],
)
def test_each_stage_follows_the_one_before_and_the_last_is_the_disposition(active, days):
    known = {Trigger.LAST_ACTIVITY: active}

    assert tuple(day for _, day in STAGED.stage_days(known)) == days
    assert STAGED.first_day(known) == days[-1]


def test_before_its_trigger_a_series_has_no_stage():
    assert STAGED.stage_days({}) == ()
    assert STAGED.first_day({}) is None


@pytest.mark.parametrize(
    ("active", "review"),
    [
        (date(2024, 2, 28), date(2029, 3, 1)),
        (date(2024, 2, 29), date(2029, 3, 1)),
        (date(2024, 3, 1), date(2029, 3, 2)),
    ],
)
def test_when_the_longest_time_is_over_a_person_reviews_and_the_least_still_binds(active, review):
    series = a_series(at_most=Period(years=5))
    known = {Trigger.LAST_ACTIVITY: active}

    assert series.review_from(known) == review
    assert series.first_day(known) == Period(years=3).first_day(active)
    assert series.review_from({}) is None


@given(st.lists(TERMS, max_size=4), KNOWN)
def test_another_term_never_makes_a_series_due_earlier(also, known):
    bare, more = a_series().first_day(known), a_series(*also).first_day(known)

    assert bare is None or more is None or bare <= more
    assert not (bare is None and more is not None)


@given(st.lists(TERMS, max_size=4), KNOWN)
def test_the_day_before_the_first_day_some_term_still_runs(also, known):
    series = a_series(*also)
    first = series.first_day(known)

    if first is None or first == date.max:
        return
    ends = [end for term in series.terms if (end := term.last_day(known)) is not None]
    assert first - DAY in ends
    assert all(end < first for end in ends)


@given(st.lists(st.builds(Stage, then=st.sampled_from(Then), after=LENGTHS), max_size=4), DAYS)
def test_stages_never_come_before_the_period_is_over_or_out_of_order(stages, active):
    known = {Trigger.LAST_ACTIVITY: active}
    series = a_series(stages=tuple(stages))
    found = [a_series().first_day(known), *(day for _, day in series.stage_days(known))]

    assert found == sorted(found)
    assert series.first_day(known) == found[-1]


@given(LENGTHS, LENGTHS, DAYS)
def test_a_period_said_never_to_end_before_another_does_not(one, other, start):
    if not one.may_end_before(other):
        assert one.last_day(start) >= other.last_day(start)


@pytest.mark.parametrize(
    ("one", "other", "may"),
    [
        ("P2Y", "P730D", False),
        ("P730D", "P2Y", True),
        ("P731D", "P2Y", False),
        ("P2Y", "P2Y", False),
    ],
)
def test_years_and_days_are_compared_over_the_leap_day(one, other, may):
    assert Period.parse(one).may_end_before(Period.parse(other)) is may
