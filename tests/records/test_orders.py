"""Court orders: what an archive may make of them, and what is left of a paper afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.records.canonical import canonical
from archiver.records.orders import CourtOrder, Effect
from archiver.records.scrubbing import NOBODY, SHORT, scrubbed, starts_of, tells_of

DATED = date(2026, 3, 2)
ORDER = CourtOrder(court="District Court", number="26-1", dated=DATED)


def an_id(n: int) -> str:
    return sha256(str(n).encode()).hexdigest()


GONE, STAYS = an_id(1), an_id(2)


def test_an_order_of_which_nothing_is_said_restricts():
    assert ORDER.effect is Effect.RESTRICT
    assert ORDER.faults("CA", on=DATED) == []


@pytest.mark.parametrize(("days", "faults"), [(-1, 1), (0, 0), (1, 0)])
def test_an_order_is_not_entered_before_its_day(days, faults):
    assert len(ORDER.faults("CA", on=DATED + timedelta(days=days))) == faults


@pytest.mark.parametrize("effect", Effect)
def test_missouri_destroys_only_by_words_of_the_order_itself(effect):
    day = DATED + timedelta(days=9) if effect is Effect.SEAL_THEN_DESTROY else None
    to = "J. Roe" if effect is Effect.RETURN else ""
    order = replace(ORDER, effect=effect, destroy_on=day, to=to)

    assert bool(order.faults("MO", on=DATED)) == effect.destroys
    assert order.faults("TX", on=DATED) == []
    assert not replace(order, as_ordered="shall be destroyed").faults("MO", on=DATED)
    assert bool(replace(order, as_ordered=" ").faults("MO", on=DATED)) == effect.destroys


def test_only_an_order_to_return_says_to_whom_and_it_always_does():
    assert replace(ORDER, effect=Effect.RETURN).faults("TX", on=DATED)
    assert replace(ORDER, effect=Effect.RETURN, to=" ").faults("TX", on=DATED)
    assert not replace(ORDER, effect=Effect.RETURN, to="J. Roe").faults("TX", on=DATED)
    assert replace(ORDER, to="J. Roe").faults("TX", on=DATED)


def test_a_day_of_destruction_belongs_to_sealing_until_then_alone():
    later = DATED + timedelta(days=9)

    assert replace(ORDER, destroy_on=later).faults("CA", on=DATED)
    assert replace(ORDER, effect=Effect.SEAL_THEN_DESTROY).faults("CA", on=DATED)
    sealed = replace(ORDER, effect=Effect.SEAL_THEN_DESTROY, destroy_on=DATED)
    assert sealed.faults("CA", on=DATED)


@pytest.mark.parametrize(("days", "may"), [(-1, False), (0, True), (1, True)])
def test_what_is_sealed_until_a_day_is_destroyed_from_that_day_on(days, may):
    later = DATED + timedelta(days=9)
    order = replace(ORDER, effect=Effect.SEAL_THEN_DESTROY, destroy_on=later)

    assert order.may_destroy(on=later + timedelta(days=days)) is may


def test_only_what_destroys_may_ever_destroy():
    may = {effect for effect in Effect if replace(ORDER, effect=effect).may_destroy(on=DATED)}

    assert may == {Effect.SEAL_THEN_DESTROY, Effect.DESTROY, Effect.RETURN}


def test_a_line_about_an_item_goes_whole_and_the_others_stay():
    paper = {
        "kind": "batch",
        "items": [[GONE, "S-1", 4], [STAYS, "S-1", 5], [GONE, "S-1", "2026-03-02"]],
        "stayed": [[STAYS, [f"answers {GONE[:SHORT]}", "held: H-0001"]]],
        "series": {"S-1": {"items": 3}},
    }

    left = scrubbed(paper, frozenset({GONE}))

    assert left["items"] == [[STAYS, "S-1", 5]]
    assert left["stayed"] == [[STAYS, ["held: H-0001"]]]
    assert left["series"] == {"S-1": {"items": 3}}


def test_the_sum_of_a_list_of_which_nothing_is_left_goes_with_it():
    paper = {"kind": "batch", "items": [[GONE, "S-1", 4]], "series": {"S-1": {"from": "2026"}}}

    assert scrubbed(paper, frozenset({GONE})) == {"kind": "batch", "items": [], "series": {}}


def test_a_scope_of_named_items_never_becomes_one_of_everything():
    paper = {"kind": "hold", "reason": "claim", "scope": {"items": [GONE], "pages": []}}

    left = scrubbed(paper, frozenset({GONE}))

    assert left["scope"] == {"items": [NOBODY], "pages": []}


def test_a_list_of_named_items_is_left_in_the_order_of_a_scope():
    paper = {"kind": "hold", "items": [STAYS, GONE, an_id(3)]}

    left = scrubbed(paper, frozenset({GONE, an_id(3)}))

    assert left["items"] == [NOBODY, STAYS]


def test_a_paper_about_one_item_keeps_its_kind_and_salt():
    paper = {"kind": "view", "salt": "00", "item": GONE, "words": "whatever was said"}

    assert scrubbed(paper, frozenset({GONE})) == {"kind": "view", "salt": "00"}


IDS = st.integers(0, 5).map(an_id)
TEXTS = IDS | IDS.map(lambda item: f"answers {item[:SHORT]}") | st.text(max_size=8)
PAPERS = st.recursive(
    TEXTS | st.integers(0, 9) | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(value=PAPERS, ids=st.frozensets(IDS, min_size=1))
def test_nothing_in_a_scrubbed_paper_tells_of_the_items(value, ids):
    left = scrubbed({"kind": "any", "value": value}, ids)

    assert not tells_of(canonical(left).decode(), starts_of(ids))


@given(value=PAPERS)
def test_a_paper_that_tells_of_none_of_the_items_stays_as_it_was(value):
    paper = {"kind": "any", "value": value}

    assert scrubbed(paper, frozenset({an_id(77)})) == paper
