"""What has equal facts gets an equal verdict, and what differs in any is decided by itself."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.records.adoption import StillOnPlatform
from archiver.records.alike import Decider
from archiver.records.captures import PlatformState
from archiver.records.classification import Basis, Tag
from archiver.records.disposition import Action, Member, Thread, decide
from archiver.records.periods import Period
from archiver.records.series import Trigger
from archiver.records.transfers import Transferred
from tests.records.test_disposition import (
    DAY,
    DAYS,
    DUE,
    SCHEDULES,
    THREADS,
    a_member,
    a_schedule,
    a_series,
    a_thread,
    an_adoption,
)

SCHEDULE = a_schedule(
    a_series(settle=Period(days=1)),
    a_series("TR-2", period=Period(days=90)),
    adoption=an_adoption(still_on_platform=StillOnPlatform.KEEP),
)
MEMBER = a_member(state=PlatformState.REPORTED_REMOVED)
OF_A_MEMBER = {
    "tag": Tag.UNDETERMINED,
    "series": "TR-2",
    "basis": Basis.MODEL,
    "live": False,
    "restricted": "person",
    "state": PlatformState.PRESENT,
    "arrived_on": DUE,
    "triggers": {Trigger.LAST_ACTIVITY: DUE},
    "cooling_until": DUE + DAY,
    "transferred": Transferred(bag="B-000001"),
    "orders": ("CO-0001",),
}


def a_decider(holds=None) -> Decider:
    return Decider(schedule=SCHEDULE, holds=holds or {}, on=DUE, attended=False)


def alone(item="i1", **changes) -> Thread:
    return a_thread(replace(MEMBER, item=item), id=f"thread of {item}", **changes)


def test_no_fact_of_an_item_is_left_out_below():
    assert {field.name for field in fields(Member)} == {"item", *OF_A_MEMBER}


@pytest.mark.parametrize("fact", OF_A_MEMBER)
def test_an_item_that_differs_in_one_fact_stays_where_another_went(fact):
    decider = a_decider()
    other = a_thread(replace(MEMBER, item="i2", **{fact: OF_A_MEMBER[fact]}))

    assert decider.verdict(alone()).action is Action.DESTROY
    assert decider.verdict(other) == decide(other, SCHEDULE, {}, on=DUE)
    assert decider.verdict(other).action is Action.KEEP


def test_what_its_page_still_shows_stays_where_a_comment_elsewhere_went():
    decider, shown = a_decider(), replace(MEMBER, state=PlatformState.PRESENT)

    elsewhere = decider.verdict(a_thread(shown, controlled=False))

    assert elsewhere.action is Action.DESTROY
    assert decider.verdict(a_thread(shown)).action is Action.KEEP


def test_what_no_capture_looked_at_since_stays_where_another_went():
    decider = a_decider()

    assert decider.verdict(alone()).action is Action.DESTROY
    assert decider.verdict(alone("i2", captured_whole_on=None)).action is Action.KEEP


def test_a_held_item_stays_where_an_equal_one_went():
    decider = a_decider({"i2": ["H-0001"]})

    assert decider.verdict(alone()).action is Action.DESTROY
    assert decider.verdict(alone("i2")).action is Action.KEEP
    assert decider.verdict(alone("i3")).action is Action.DESTROY


def test_a_verdict_names_the_thread_and_the_item_it_is_on():
    decider = a_decider()

    first, second = decider.verdict(alone()), decider.verdict(alone("i2"))

    assert (first.thread, first.reasons[0].item) == ("thread of i1", "i1")
    assert (second.thread, second.reasons[0].item) == ("thread of i2", "i2")


def test_what_still_waits_is_worth_a_look_on_the_same_day_as_an_equal_one():
    decider = replace(a_decider(), on=DUE - DAY)

    first, second = decider.verdict(alone()), decider.verdict(alone("i2"))

    assert (first.action, first.due, first.look_on) == (Action.KEEP, DUE, DUE)
    assert (second.action, second.due, second.look_on) == (Action.KEEP, DUE, DUE)


@given(
    threads=st.lists(THREADS, max_size=8),
    schedule=st.none() | SCHEDULES,
    on=DAYS,
    attended=st.booleans(),
    held=st.sampled_from(["i1", "other i1", "nothing"]),
)
def test_every_verdict_is_what_deciding_by_itself_would_say(threads, schedule, on, attended, held):
    holds = {held: ["H-0001"]}
    decider = Decider(schedule=schedule, holds=holds, on=on, attended=attended)

    for thread in (again for one in threads for again in (one, _twin(one), one)):
        expected = decide(thread, schedule, holds, on=on, attended=attended)
        assert decider.verdict(thread) == expected


def _twin(thread: Thread) -> Thread:
    """Give a thread of which everything but its id and those of its items is the same."""
    members = (replace(member, item=f"other {member.item}") for member in thread.members)
    return replace(thread, id="t2", members=tuple(members))
