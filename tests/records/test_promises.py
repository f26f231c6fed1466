"""What an adopted version promised, and when another one would break it."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.records.errors import ScheduleInvalid
from archiver.records.periods import Cutoff, Period
from archiver.records.promises import UNCONFIRMED, Promise
from archiver.records.schedule_comparing import Change, Difference, differences
from archiver.records.schedules import Obstacle
from archiver.records.series import Disposition, Stage, Term, Then, Trigger
from tests.records.a_schedule import SMALL, changed, loaded
from tests.records.test_periods import DAYS, LENGTHS

TERMS = st.builds(Term, trigger=st.sampled_from(Trigger), period=LENGTHS, required=st.booleans())
FIRST = st.builds(Term, trigger=st.sampled_from(Trigger), period=LENGTHS)
PROMISES = st.builds(
    lambda first, more, stages, minimum, settle, cares: Promise(
        terms=(first, *more),
        stages=tuple(stages),
        minimum=minimum,
        settle=settle,
        cares=cares,
    ),
    FIRST,
    st.lists(TERMS, max_size=2),
    st.lists(LENGTHS, max_size=2),
    st.none() | LENGTHS,
    st.just(Period()) | LENGTHS,
    st.frozensets(st.sampled_from([Disposition.REVIEW, Disposition.TRANSFER])),
) | st.just(Promise(terms=()))
KNOWN = st.dictionaries(st.sampled_from(Trigger), DAYS)
ACTIVE = {Trigger.LAST_ACTIVITY: date(2026, 1, 2)}


def a_promise(period="P3Y", *, trigger=Trigger.LAST_ACTIVITY, required=True, **more):
    term = Term(trigger=trigger, period=Period.parse(period), required=required)
    return Promise(terms=(term,), **more)


KEPT = Promise(terms=())
_CARES = (Disposition.REVIEW, Disposition.TRANSFER)
REVIEWED = frozenset({Disposition.REVIEW})
AUDIT = Term(trigger=Trigger.AUDIT_COMPLETE, period=Period())


@pytest.mark.parametrize(
    ("promise", "other", "shortened"),
    [
        (a_promise("P3Y"), a_promise("P35M"), True),
        (a_promise("P3Y"), a_promise("P3Y"), False),
        (a_promise("P3Y"), a_promise("P37M"), False),
        (a_promise("P2Y"), a_promise("P730D"), True),
        (a_promise("P2Y"), a_promise("P731D"), False),
        (KEPT, a_promise("P100Y"), True),
        (a_promise("P100Y"), KEPT, False),
        (KEPT, KEPT, False),
        (a_promise("P1Y"), a_promise("P9Y", trigger=Trigger.POSTED), True),
        (replace(a_promise(), terms=(*a_promise().terms, AUDIT)), a_promise(), True),
        (a_promise(), replace(a_promise(), terms=(*a_promise().terms, AUDIT)), False),
        (a_promise(), a_promise(required=False), True),
        (a_promise("P1Y", minimum=Period(years=2)), a_promise("P1Y"), True),
        (a_promise("P1Y", minimum=Period(years=2)), a_promise("P2Y"), False),
        (a_promise("P1Y"), a_promise("P1Y", minimum=Period(years=2)), False),
        (a_promise(stages=(Period(years=1),)), a_promise(), True),
        (a_promise(stages=(Period(years=1),)), a_promise(stages=(Period(months=11),)), True),
        (a_promise(stages=(Period(years=1),)), a_promise(stages=(Period(years=2),)), False),
        (a_promise(settle=Period(days=30)), a_promise(settle=Period(days=29)), True),
        (a_promise(settle=Period(days=30)), a_promise(), True),
        (a_promise(settle=Period(days=30)), a_promise(settle=Period(days=30)), False),
        (a_promise(), a_promise(settle=Period(days=30)), False),
        (a_promise(cares=REVIEWED), a_promise(), True),
        (a_promise(cares=REVIEWED), a_promise(cares=frozenset({Disposition.TRANSFER})), True),
        (a_promise(cares=REVIEWED), a_promise(cares=frozenset(_CARES)), False),
        (a_promise(), a_promise(cares=REVIEWED), False),
        (a_promise(cares=REVIEWED, settle=Period(days=30)), KEPT, False),
    ],
)
def test_a_version_shortens_a_promise_unless_it_certainly_keeps_it(promise, other, shortened):
    assert promise.shortened_by(other) is shortened


@given(PROMISES, PROMISES, KNOWN)
def test_what_is_said_not_to_shorten_never_lets_a_record_go_earlier(promise, other, known):
    if promise.shortened_by(other):
        return
    kept, then = promise.first_day(known), other.first_day(known)

    assert then is None or (kept is not None and then >= kept)


@given(PROMISES, PROMISES, DAYS)
def test_what_is_said_not_to_shorten_takes_no_rest_and_no_care_away(promise, other, captured):
    if promise.shortened_by(other) or not other.terms:
        return

    assert other.settled(captured) >= promise.settled(captured)
    assert other.cares >= promise.cares


@given(st.lists(PROMISES, max_size=3), DAYS)
def test_no_earlier_version_lets_a_series_settle_sooner(promised, captured):
    bare = loaded()
    bound = replace(bare, promised={"TR": tuple(promised)})

    days = [bound.settled("TR", captured), bare.settled("TR", captured)]
    assert days[0] >= days[1]
    assert days[0] == max([days[1], *(each.settled(captured) for each in promised)])


@pytest.mark.parametrize(
    ("number", "promised", "lost"),
    [
        ("TR", {}, False),
        ("TR", {"TR": (a_promise(),)}, False),
        ("TR", {"TR": (a_promise(), a_promise(cares=REVIEWED))}, True),
        ("TR", {"COR": (a_promise(cares=REVIEWED),)}, False),
        ("TR", {UNCONFIRMED: (a_promise(cares=REVIEWED),)}, False),
        ("COR", {UNCONFIRMED: (a_promise(cares=REVIEWED),)}, True),
    ],
)
def test_where_review_was_promised_and_is_no_more_nothing_goes(number, promised, lost):
    found = replace(loaded(), promised=promised).obstacles(number, on=date(2030, 1, 1))

    assert (Obstacle.PROMISED_MORE in found) is lost


@pytest.mark.parametrize(
    ("disposition", "stages", "cares"),
    [
        (Disposition.DESTROY, (), set()),
        (Disposition.REVIEW, (), {Disposition.REVIEW}),
        (Disposition.DESTROY, (Then.TRANSFER, Then.DESTROY), {Disposition.TRANSFER}),
        (Disposition.TRANSFER, (Then.REVIEW, Then.TRANSFER), set(_CARES)),
        (Disposition.PERMANENT, (), set()),
    ],
)
def test_review_and_transfer_are_promised_wherever_a_series_has_them(disposition, stages, cares):
    staged = tuple(Stage(then=then, after=Period(days=1)) for then in stages)
    series = replace(loaded().series["TR"], disposition=disposition, stages=staged)

    promise = loaded().promise(series)

    assert (promise.cares, promise.settle) == (cares, series.settle)


@given(PROMISES)
def test_a_promise_is_kept_word_for_word(promise):
    told = Promise.from_json(promise.to_json())

    assert told == promise


@given(KNOWN)
def test_a_schedule_and_what_it_promises_give_the_same_day(known):
    schedule = loaded()

    for number, series in schedule.series.items():
        assert schedule.promise(series).first_day(known) == schedule.first_day(number, known)


@pytest.mark.parametrize(
    ("promised", "first"),
    [
        ((), date(2029, 1, 3)),
        ((a_promise("P2Y"),), date(2029, 1, 3)),
        ((a_promise("P4Y"), a_promise("P2Y")), date(2030, 1, 3)),
        ((a_promise("P1Y", trigger=Trigger.CASE_CLOSED),), None),
        ((KEPT,), None),
    ],
)
def test_the_longest_of_what_was_ever_promised_binds(promised, first):
    schedule = replace(loaded(), promised={"COR": promised, "TR": (KEPT,)})

    assert schedule.first_day("COR", ACTIVE) == first


@pytest.mark.parametrize(
    ("number", "promised", "first"),
    [
        ("", {}, date(2029, 1, 3)),
        ("", {UNCONFIRMED: (a_promise("P2Y"),)}, date(2029, 1, 3)),
        ("", {UNCONFIRMED: (a_promise("P4Y"),)}, date(2030, 1, 3)),
        ("", {UNCONFIRMED: (KEPT,)}, None),
        ("GONE", {}, date(2029, 1, 3)),
        ("GONE", {"GONE": (a_promise("P1Y"),)}, date(2029, 1, 3)),
        ("GONE", {"GONE": (a_promise("P5Y"),)}, date(2031, 1, 3)),
        ("GONE", {"GONE": (a_promise("P1Y", trigger=Trigger.CASE_CLOSED),)}, None),
        ("GONE", {"GONE": (KEPT,)}, None),
    ],
)
def test_what_was_promised_of_the_longest_and_of_a_dropped_series_binds_the_unconfirmed(
    number, promised, first
):
    schedule = replace(loaded(), promised=promised)

    assert schedule.first_day_unconfirmed(number, ACTIVE) == first
    assert schedule.first_day("GONE", ACTIVE) is None


@given(st.lists(PROMISES, max_size=3), st.lists(PROMISES, max_size=3), KNOWN)
def test_no_promise_brings_forward_what_nobody_confirmed(longest, gone, known):
    bare = loaded()
    bound = replace(bare, promised={UNCONFIRMED: tuple(longest), "GONE": tuple(gone)})

    before, then = (each.first_day_unconfirmed("GONE", known) for each in (bare, bound))

    assert then is None or (before is not None and then >= before)


def test_no_series_is_called_as_the_longest_period_is():
    with pytest.raises(ScheduleInvalid, match="names the longest period"):
        loaded(SMALL.replace('"DIS"', '"unconfirmed"'))


def test_a_cutoff_is_part_of_a_promise():
    period = Period(years=1, cutoff=Cutoff.FISCAL_YEAR, fiscal_year_start=10)
    promise = Promise(terms=(Term(trigger=Trigger.POSTED, period=period),))

    assert promise.first_day({Trigger.POSTED: date(2026, 9, 30)}) == date(2027, 10, 1)
    assert Promise.from_json(promise.to_json()).terms[0].period == period


# --- comparing versions --------------------------------------------------------------------------

SHORTER = SMALL.replace('period = "P3Y"', 'period = "P2Y"').replace("2029-01-03", "2028-01-03")


def test_a_shorter_period_is_named_field_by_field():
    assert differences(loaded(), loaded(SHORTER)) == [
        Difference(
            series="COR",
            change=Change.CHANGED,
            field="period",
            before="P3Y",
            after="P2Y",
            shorter=True,
        ),
        Difference(
            series="unconfirmed",
            change=Change.CHANGED,
            field="longest",
            before="P3Y",
            after="P2Y",
            shorter=True,
        ),
    ]
    assert [each.shorter for each in differences(loaded(SHORTER), loaded())] == [False, False]


def test_what_came_and_what_went_is_named():
    other = loaded(SMALL.replace('number = "DIS"', 'number = "DIT"'))

    assert [(each.series, each.change) for each in differences(loaded(), other)] == [
        ("DIT", Change.ADDED),
        ("DIS", Change.REMOVED),
    ]


def test_a_least_time_that_fell_shortens_every_series_it_bound():
    text = SMALL.replace('state = "CA"', 'state = "TX"')
    longer = text.replace('minimum_after_activity = "P2Y"', 'minimum_after_activity = "P5Y"')
    longer = longer.replace("2028-01-03", "2031-01-03").replace("2029-01-03", "2031-01-03")

    found = differences(loaded(longer), loaded(text))

    assert [(each.series, each.field, each.before, each.after) for each in found] == [
        ("TR", "minimum_after_activity", "P5Y", "P2Y"),
        ("COR", "minimum_after_activity", "P5Y", "P2Y"),
    ]


def test_the_same_version_has_no_differences_and_flags_read_as_words():
    verified = loaded(changed("verified = false", "verified = true"))

    assert differences(loaded(), loaded()) == []
    (found,) = differences(loaded(), verified)
    assert (found.field, found.before, found.after) == ("verified", "no", "yes")
