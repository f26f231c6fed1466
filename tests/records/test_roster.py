"""The roster through time: roles from a day until a day, and who leaves."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.records import roster
from archiver.records.errors import ConfigInvalid
from archiver.records.people import Role
from archiver.records.roster import Member, Span, newcomer

FIRST, LAST = date(2026, 7, 1), date(2026, 12, 31)
DAY = timedelta(days=1)

days = st.dates(min_value=date(2026, 1, 1), max_value=date(2026, 3, 1))


@st.composite
def spans(draw) -> Span:
    since = draw(days)
    until = draw(st.none() | st.dates(min_value=since, max_value=date(2026, 3, 15)))
    return Span(since, until)


def a_clerk(span: Span | None = None) -> Member:
    span = span or Span(FIRST, LAST)
    return newcomer(
        person="p-1", name="R. Clerk", account="rc", shared=False, roles=[Role.CLERK], span=span
    )


def covered(some: roster.Spans, day: date) -> bool:
    return any(span.covers(day) for span in some)


@pytest.mark.parametrize(
    ("day", "in_force"),
    [(FIRST - DAY, False), (FIRST, True), (FIRST + DAY, True),
     (LAST - DAY, True), (LAST, True), (LAST + DAY, False)],
)  # fmt: skip
def test_a_role_is_in_force_from_its_first_day_to_its_last(day, in_force):
    assert (Role.CLERK in a_clerk().on(day).roles) == in_force


@pytest.mark.parametrize(
    ("day", "active"), [(LAST - DAY, True), (LAST, False), (LAST + DAY, False)]
)
def test_who_leaves_is_inactive_from_that_day_on(day, active):
    assert a_clerk(Span(FIRST)).leaving(LAST).on(day).active == active


def test_a_role_without_an_end_is_in_force_for_good():
    assert Role.CLERK in a_clerk(Span(FIRST)).on(date(2126, 1, 1)).roles


def test_a_term_of_one_day_is_that_day_and_a_term_of_none_is_refused():
    assert Span(FIRST, FIRST).covers(FIRST)
    with pytest.raises(ConfigInvalid, match="no day at all"):
        Span(FIRST, FIRST - DAY)


@given(tenures=st.lists(spans(), max_size=5), more=spans(), day=days)
def test_a_role_given_is_in_force_on_its_days_and_changes_no_other(tenures, more, day):
    before = tuple_of(tenures)

    assert covered(roster.given(before, more), day) == (covered(before, day) or more.covers(day))


@given(tenures=st.lists(spans(), max_size=5), less=spans(), day=days)
def test_a_role_taken_is_gone_on_its_days_and_changes_no_other(tenures, less, day):
    before = tuple_of(tenures)

    after = roster.taken(before, less)
    assert covered(after, day) == (covered(before, day) and not less.covers(day))


@given(tenures=st.lists(spans(), max_size=6), less=spans())
def test_terms_stand_in_order_with_a_day_between_any_two(tenures, less):
    for some in (tuple_of(tenures), roster.taken(tuple_of(tenures), less)):
        for one, following in pairwise(some):
            assert one.until is not None
            assert following.since > one.until + DAY


def tuple_of(tenures: list[Span]) -> roster.Spans:
    some: roster.Spans = ()
    for span in tenures:
        some = roster.given(some, span)
    return some


@given(given=st.lists(st.tuples(st.sampled_from(Role), spans()), max_size=4), day=days)
def test_a_member_has_on_a_day_the_roles_whose_terms_cover_it(given, day):
    member = Member(id="p-1", name="R. Clerk", account="rc")
    for role, span in given:
        member = member.with_role(role, span)

    assert member.on(day).roles == {role for role, span in given if span.covers(day)}


def test_a_role_taken_for_good_leaves_no_term_behind():
    member = a_clerk(Span(FIRST)).without_role(Role.CLERK, Span(FIRST))

    assert member.tenures == {}
    assert member.on(FIRST).active


def test_a_shared_account_stays_one_on_every_day():
    desk = newcomer(
        person="p-2", name="desk", account="d", shared=True, roles=[Role.CLERK], span=Span(FIRST)
    )

    assert desk.on(FIRST).shared
    assert not a_clerk().on(FIRST).shared
