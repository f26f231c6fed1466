"""Everything the rules of an item's life allow in the small; and each guard, taken away in turn."""

from __future__ import annotations

from functools import cache

import pytest

from tests.proofs.lifecycle_model import (
    ABANDONED,
    BEGUN,
    DESTROYED,
    GUARDS,
    LIVE,
    LOST,
    UNSEEN,
    Found,
    Item,
    Rules,
    State,
    search,
)

ALONE = State(items=(Item(), Item(life=LOST, entries=1)))
"""An archive of one item; the other was lost before anybody saw it."""


pytestmark = pytest.mark.proof


@cache
def everything() -> Found:
    return search(Rules())


def test_no_step_the_rules_allow_breaks_an_invariant():
    assert everything().broken == {}


def test_the_search_sees_every_life_and_what_a_second_item_adds():
    found = everything()
    lives = {item.life for state in found.before for item in state.items}
    together = {tuple(item.life for item in state.items) for state in found.before}

    assert lives == {UNSEEN, LOST, LIVE, BEGUN, DESTROYED}
    assert (BEGUN, LIVE) in together
    assert any(s.refuses and s.lives(BEGUN) for s in found.before)
    assert any(s.matter and s.lives(BEGUN) and s.lives(LIVE) for s in found.before)


def test_from_everywhere_a_tombstone_can_be_reached_or_the_item_was_lost_at_its_source():
    assert everything().stuck() == set()


@pytest.mark.parametrize(
    ("guard", "number"),
    [(guard, number) for guard, number in GUARDS.items() if number != "L4"],
)
def test_without_a_guard_the_invariant_it_keeps_is_broken(guard, number):
    found = search(Rules({guard}), until=number)

    assert number in found.broken


@pytest.mark.parametrize("guard", [guard for guard, number in GUARDS.items() if number == "L4"])
def test_a_destruction_given_up_is_never_done(guard):
    assert search(Rules(), first=ALONE).stuck() == set()

    stuck = search(Rules({guard}), first=ALONE).stuck()

    assert stuck
    assert all(state.lives(ABANDONED) for state in stuck)


def test_every_invariant_of_the_design_has_a_guard_in_the_model():
    numbers = [f"L{n}" for n in range(1, 6)] + [f"D{n}" for n in range(1, 11)]
    numbers += [f"T{n}" for n in range(1, 5)]

    assert sorted(set(GUARDS.values())) == sorted(numbers)
