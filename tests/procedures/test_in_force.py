"""Of whatever adoptions, on whatever days: at most one is in force, and none comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.catalogue.adoptions import CONFIRMED, PROPOSED, WITHDRAWN, AdoptionRow
from archiver.procedures.in_force import IN_FORCE, SUPERSEDED, standing
from archiver.records.moments import micros
from tests.archive import SettableClock, an_archive


@pytest.fixture
def account(tmp_path):
    archive = an_archive(tmp_path, index="memory:")
    yield archive.office.account
    archive.office.close()


def a_row(n: int, from_day: int) -> AdoptionRow:
    return AdoptionRow(
        n=n,
        adoption=f"A-{n:04}",
        schedule=f"{n % 2}",
        name="",
        particulars="{}",
        from_day=from_day,
        status=CONFIRMED,
        proposed_at=0,
        proposed_by="",
        paper="",
        confirmed_n=n,
    )


A_STEP = st.tuples(st.integers(-2, 4), st.integers(0, 2), st.integers(-1, 5))
"""From which day on one more is adopted; how many days pass; which one is withdrawn, if any."""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(steps=st.lists(A_STEP, min_size=1, max_size=6))
def test_on_no_day_two_adoptions_are_in_force_and_none_comes_back(account, steps):
    clock = SettableClock()
    now = replace(account, clock=clock)
    every: list[AdoptionRow] = []
    over: set[str] = set()
    for n, (ahead, wait, back) in enumerate(steps, start=1):
        every.append(a_row(n, now.today().toordinal() + ahead))
        if 0 <= back < n and every[back].status == CONFIRMED:
            every[back] = replace(every[back], status=WITHDRAWN, withdrawn_at=micros(clock()))
        clock.forward(days=wait)

        stands = {row.adoption: standing(now, row, every) for row in every}

        assert list(stands.values()).count(IN_FORCE) <= 1
        gone = {name for name, word in stands.items() if word in {SUPERSEDED, WITHDRAWN}}
        assert over <= gone
        over = gone


@pytest.mark.parametrize(
    ("place", "ahead", "withdrawn", "word"),
    [
        (3, -9, None, SUPERSEDED),
        (3, 0, None, SUPERSEDED),
        (3, 1, None, IN_FORCE),
        (1, 0, None, IN_FORCE),
        (3, 0, 0, SUPERSEDED),
        (3, 0, -1, IN_FORCE),
        (3, -1, -1, SUPERSEDED),
        (3, 1, 0, IN_FORCE),
    ],
)
def test_what_was_confirmed_later_takes_its_place_on_its_day(
    account, place, ahead, withdrawn, word
):
    today = account.today().toordinal()
    one = replace(a_row(1, today), confirmed_n=2)
    other = replace(a_row(2, today + ahead), confirmed_n=place)
    if withdrawn is not None:
        at = micros(account.now() + timedelta(days=withdrawn))
        other = replace(other, status=WITHDRAWN, withdrawn_at=at)

    assert standing(account, one, [one, other]) == word


@pytest.mark.parametrize(("ahead", "word"), [(-1, IN_FORCE), (0, IN_FORCE), (1, CONFIRMED)])
def test_a_confirmed_adoption_is_in_force_from_its_day_on(account, ahead, word):
    one = a_row(1, account.today().toordinal() + ahead)

    assert standing(account, one, [one]) == word
    waits = replace(one, status=PROPOSED, confirmed_n=None)
    assert standing(account, waits, [waits]) == PROPOSED
