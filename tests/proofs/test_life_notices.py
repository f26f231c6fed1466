"""Each guard among people, taken away: the life that would have been refused or kept is noticed.

The same stories pass where every guard stands. They are steps of the life among people, whose
random runs take them in any order; here they are taken in the one that needs the guard.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from archiver.catalogue import orders, plans
from archiver.procedures import (
    carrying,
    deciding,
    errands,
    expunging,
    growing,
    order_beginning,
    order_striking,
    ordering,
    requests,
)
from archiver.procedures.account import Account
from archiver.records import approval
from archiver.records.approval import Standing
from archiver.records.holds import Neighbours
from archiver.records.orders import CourtOrder, Effect
from tests.proofs.test_life_among_people import LifeAmongPeople

Story = Callable[[LifeAmongPeople, st.DataObject], None]
Guard = tuple[object, str, object]


class OneLife(LifeAmongPeople):
    """A life that a story tells, and that ends with it."""

    close = LifeAmongPeople.teardown


def tell(story: Story) -> None:
    """Live *story* once; whatever it would draw is the simplest there is."""

    @settings(max_examples=1, phases=(Phase.generate,), database=None)
    @given(data=st.data())
    def once(data: st.DataObject) -> None:
        with closing(OneLife()) as life:
            life.found()
            story(life, data)

    once()


def a_hold_comes_between(life: OneLife, data: st.DataObject) -> None:
    assert life._approved()
    life.a_hold_is_issued(data, "items")
    life.the_plan_is_carried_out(crash=None, rest=True)


def an_order_comes_between(life: OneLife, data: st.DataObject) -> None:
    assert life._approved()
    life.an_order_is_entered(data, Effect.RESTRICT, None)
    life.the_plan_is_carried_out(crash=None, rest=True)


def a_person_says_the_same_of_an_item(life: OneLife, data: st.DataObject) -> None:
    assert life._approved()
    life.an_item_of_the_plan_is_said_to_be_something_else(data, "DEMO-100", None)
    life.the_plan_is_carried_out(crash=None, rest=True)


def nobody_waits(life: OneLife, _data: st.DataObject) -> None:
    life.a_plan_does_not_go_all_its_way("no rest", None)


def an_approval_expires(life: OneLife, _data: st.DataObject) -> None:
    life.a_plan_does_not_go_all_its_way("expiry", None)


def a_step_is_missing(life: OneLife, _data: st.DataObject) -> None:
    life.a_plan_does_not_go_all_its_way("a missing step", None)


def the_schedule_changes(life: OneLife, _data: st.DataObject) -> None:
    life.a_plan_does_not_go_all_its_way("schedule", None)


def the_proposer_approves(life: OneLife, _data: st.DataObject) -> None:
    life.a_plan_is_made(series=("DEMO-100",), crash=None, fresh=True)
    life.who_proposed_cannot_approve_for_another()


def who_lifted_carries_out(life: OneLife, data: st.DataObject) -> None:
    life._appear([(None, "friday")], "", 0, None)
    life.a_hold_is_issued(data, "items")
    life.a_hold_is_lifted(data, 0, None)
    assert life._approved()
    life.the_plan_is_carried_out(crash=None, rest=True)


def a_closed_request_freezes_on(life: OneLife, data: st.DataObject) -> None:
    life._appear([(None, "friday")], "", 0, None)
    life.a_request_is_opened(30, None)
    life.a_request_is_closed_and_freezes_on(data, None)
    life.time_passes(62)
    life.what_closed_requests_froze_thaws_when_their_files_end(None)


def an_order_is_signed_once(life: OneLife, data: st.DataObject) -> None:
    life._appear([(None, "friday")], "", 0, None)
    life.an_order_is_entered(data, Effect.DESTROY, None)
    life.an_order_is_carried_out(data, None)
    life.an_order_is_confirmed_by_another(data, None)


def an_order_names_what_is_held(life: OneLife, data: st.DataObject) -> None:
    life._appear([(None, "friday")], "", 0, None)
    life.a_hold_is_issued(data, "items")
    life.an_order_goes_all_its_way(data, Effect.DESTROY, None)


def an_order_waits_for_its_day(life: OneLife, data: st.DataObject) -> None:
    life._appear([(None, "friday")], "", 0, None)
    life.an_order_is_entered(data, Effect.SEAL_THEN_DESTROY, None)
    life.an_order_is_confirmed_by_another(data, None)
    life.an_order_is_carried_out(data, None)


def an_order_destroys_what_a_plan_listed(life: OneLife, data: st.DataObject) -> None:
    assert life._approved()
    life.an_order_goes_all_its_way(data, Effect.DESTROY, None)


def two_orders_close_an_item(life: OneLife, data: st.DataObject) -> None:
    life._appear([(None, "friday")], "", 0, None)
    for _ in range(2):
        life.an_order_is_entered(data, Effect.RESTRICT, None)
    for _ in range(2):
        life.an_order_is_confirmed_by_another(data, None)
    life.an_order_is_lifted(data, None)


def an_author_writes_a_word_that_is_held(life: OneLife, data: st.DataObject) -> None:
    life.a_hold_is_issued(data, "query")
    life.a_hold_takes_in_what_lies_around(data, frozenset(Neighbours), None)
    life._appear([(None, "friday"), ("1", "friday")], "bartholomew", 0, None)
    life._appear([("1", "zebra")], "bartholomew", 0, None)


def standing_unless(wrong: Standing) -> Callable[..., Standing]:
    def stands(*args: object, **named: object) -> Standing:
        found = STANDING(*args, **named)
        return Standing.READY if found is wrong else found

    return stands


STANDING = approval.standing

TAKEN_AWAY: dict[str, tuple[Story, list[Guard]]] = {
    "holds are asked at intent": (
        a_hold_comes_between,
        [(deciding, "held", lambda _connection, _rows: {})],
    ),
    "orders are asked at intent": (
        an_order_comes_between,
        [(orders, "keeping", lambda _connection, _numbers: {})],
    ),
    "what was touched leaves the set": (
        a_person_says_the_same_of_an_item,
        [(errands, "unless_changed", lambda one, _listed: one.verdict)],
    ),
    "grace is waited for": (
        nobody_waits,
        [(approval, "standing", standing_unless(Standing.RESTING))],
    ),
    "an approval expires": (
        an_approval_expires,
        [(approval, "standing", standing_unless(Standing.EXPIRED))],
    ),
    "every step is taken": (
        a_step_is_missing,
        [(approval, "standing", standing_unless(Standing.WAITING))],
    ),
    "an approval names one schedule": (
        the_schedule_changes,
        [
            (carrying, "demand_standing", lambda _account, _person, row, _schedule: row),
            (carrying, "demand_to_destroy", lambda *_args, **_named: None),
            (plans, "void_made_under_others", lambda _connection, _schedule: None),
        ],
    ),
    "who proposed does not approve": (
        the_proposer_approves,
        [(approval, "_demand_person", lambda asked, *_args, **_named: min(asked.roles))],
    ),
    "who lifts does not destroy": (
        who_lifted_carries_out,
        [(carrying, "demand_another_let_go", lambda *_args: None)],
    ),
    "a freeze outlives the request": (
        a_closed_request_freezes_on,
        [(requests, "freeze_ends", lambda request, _schedule: request.closed_on)],
    ),
    "an order takes two": (
        an_order_is_signed_once,
        [(ordering, "refuse_order", lambda *_args: None)],
    ),
    "an unconfirmed order destroys nothing": (
        an_order_is_signed_once,
        [(expunging, "_demand_ripe", lambda *_args: None)],
    ),
    "an order stops at a hold": (
        an_order_names_what_is_held,
        [(order_beginning, "held", lambda _connection, _rows: {})],
    ),
    "an order waits for its day": (
        an_order_waits_for_its_day,
        [(CourtOrder, "may_destroy", lambda order, on: order.effect.destroys and bool(on))],
    ),
    "papers forget what was expunged": (
        an_order_destroys_what_a_plan_listed,
        [(order_striking, "scrub_papers", lambda *_account, **_spared: None)],
    ),
    "what another order closes stays closed": (
        two_orders_close_an_item,
        [(orders, "closed_by", lambda _connection, _numbers: {})],
    ),
    "a hold around another grows with it": (
        an_author_writes_a_word_that_is_held,
        [(growing.Growing, "grown", lambda _growing: [])],
    ),
    "what lies there is bound with its growth": (
        an_author_writes_a_word_that_is_held,
        [(growing, "_bind", lambda *_args, **_named: 0)],
    ),
    "the copy is signed before it is said": (
        a_hold_comes_between,
        [(Account, "acknowledge", lambda _account: None)],
    ),
}


@pytest.mark.proof
@pytest.mark.parametrize("story", {story for story, _ in TAKEN_AWAY.values()})
def test_where_every_guard_stands_nothing_is_noticed(story):
    tell(story)


@pytest.mark.proof
@pytest.mark.parametrize("guard", TAKEN_AWAY)
def test_a_guard_that_is_taken_away_is_noticed(guard, monkeypatch):
    story, taken_away = TAKEN_AWAY[guard]
    for where, name, nothing in taken_away:
        monkeypatch.setattr(where, name, nothing)

    with pytest.raises((AssertionError, pytest.fail.Exception)):
        tell(story)
