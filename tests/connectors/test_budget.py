"""What may be asked of a platform in a day: counted by the platform's own day."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from archiver.records.errors import BudgetSpent
from connectors.fetching import Budget

PACIFIC = ZoneInfo("America/Los_Angeles")
EVENING = datetime(2026, 3, 2, 23, 59, 30, tzinfo=PACIFIC)


class Ticking:
    """A clock that a test turns."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Ticking()


@pytest.fixture
def a_budget(request, clock):
    def open_it(whose="key", *, limit=3):
        name = f"{request.node.nodeid} {whose}"
        return Budget(name, limit=limit, zone=PACIFIC, clock=clock)

    return open_it


def told(moment):
    return {"date": moment.astimezone(ZoneInfo("UTC")).strftime("%a, %d %b %Y %H:%M:%S GMT")}


def test_no_more_is_spent_than_the_limit_allows(a_budget):
    budget = a_budget()
    budget.take(2)

    with pytest.raises(BudgetSpent, match="2 of the day's 3 units"):
        budget.take(2)

    budget.take(1)
    assert budget.spent == 3


def test_two_pages_with_one_credential_share_its_budget_and_another_has_its_own(a_budget):
    a_budget().take(3)

    with pytest.raises(BudgetSpent):
        a_budget().take(1)
    a_budget("another key").take(3)


def test_the_budget_begins_anew_when_the_platforms_day_does(a_budget, clock):
    budget = a_budget()
    budget.take(3)
    budget.note(told(EVENING))

    clock.now += 29
    with pytest.raises(BudgetSpent):
        budget.take(1)
    clock.now += 1
    budget.take(3)

    assert budget.spent == 3


def test_the_platforms_clock_outranks_the_time_that_passed_here(a_budget, clock):
    budget = a_budget()
    budget.note(told(EVENING))
    budget.take(3)
    clock.now += 20

    budget.note(told(EVENING + timedelta(seconds=40)))

    assert budget.spent == 0


def test_where_the_platform_says_that_nothing_is_left_nothing_is_asked(a_budget):
    budget = a_budget()

    budget.note(told(EVENING), exhausted=True)

    with pytest.raises(BudgetSpent):
        budget.take(1)


def test_without_a_limit_and_without_a_clock_there_is_only_a_count(a_budget):
    budget = a_budget(limit=None)

    for _ in range(5):
        budget.take(1)
        budget.note({"date": "yesterday"}, exhausted=True)

    assert budget.spent == 5
