"""What is spent of a platform's budget counts from one run to the next, and is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from archiver.catalogue import tables
from archiver.jobs.work import look_around
from archiver.procedures.spending import spent, write_spending
from archiver.records.errors import BudgetSpent
from archiver.records.pages import Spending
from connectors.fetching import Budget, Fetcher, budget
from connectors.x import api as x_api
from connectors.youtube import api as youtube_api
from tests.archive import an_archive
from tests.connectors.platforms import fetching
from tests.connectors.test_budget import Ticking, told

PACIFIC = ZoneInfo("America/Los_Angeles")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=PACIFIC)


@pytest.fixture
def archive(tmp_path):
    archive = an_archive(tmp_path, index="memory:")
    yield archive
    archive.office.close()


@pytest.fixture
def another_run(monkeypatch):
    """Have the process forget what it counted, as the next one does."""
    return lambda: monkeypatch.setattr(budget, "_ACCOUNTS", {})


def a_budget(archive, *, page=None, limit=10, clock=None):
    write = partial(write_spending, archive.office.account, page or archive.page)
    return Budget("key", limit=limit, zone=PACIFIC, clock=clock or Ticking(), write=write)


def ask(budget, units, *, at=NOON, exhausted=False):
    budget.take(units)
    budget.note(told(at), exhausted=exhausted)


def of_page(archive, page=None):
    page = page or archive.page
    return str(spent(archive.office.account, [page])[page.name])


def test_the_next_run_of_a_day_goes_on_with_what_is_left(archive, another_run):
    another_run()
    first = a_budget(archive)
    ask(first, 1)
    first.take(7)
    first.settle()
    another_run()
    second = a_budget(archive)
    ask(second, 1)

    with pytest.raises(BudgetSpent, match="9 of the day's 10 units"):
        second.take(2)

    assert of_page(archive) == "9 of 10 units spent on 2026-03-02"


def test_the_next_day_of_the_platform_begins_anew(archive, another_run):
    another_run()
    ask(a_budget(archive), 9)
    another_run()
    tomorrow = a_budget(archive)
    ask(tomorrow, 1, at=NOON + timedelta(days=1))

    tomorrow.take(9)
    tomorrow.settle()

    assert of_page(archive) == "10 of 10 units spent on 2026-03-03"


def test_a_day_that_ends_within_a_run_is_written_down_to_its_end(archive, another_run):
    another_run()
    clock = Ticking()
    running = a_budget(archive, clock=clock)
    ask(running, 1, at=NOON)
    running.take(3)
    clock.now += 86400
    ask(running, 2, at=NOON + timedelta(days=1))

    with archive.office.catalogue.reading() as connection:
        rows = connection.execute(tables.spendings.select()).mappings().all()
    assert {date.fromordinal(row["day"]): row["units"] for row in rows} == {
        date(2026, 3, 2): 4, date(2026, 3, 3): 2,
    }  # fmt: skip


def test_pages_with_one_credential_share_its_budget_over_runs(archive, another_run):
    another_run()
    other = replace(archive.page, name="other page", url="https://social.example/other")
    ask(a_budget(archive), 6)
    another_run()

    second = a_budget(archive, page=other)
    ask(second, 1)

    assert second.spent == 7
    assert of_page(archive) == of_page(archive, other) == "7 of 10 units spent on 2026-03-02"


def test_what_the_platform_says_is_exhausted_stays_so_in_the_next_run(archive, another_run):
    another_run()
    ask(a_budget(archive), 1, exhausted=True)
    another_run()
    second = a_budget(archive)
    second.note(told(NOON))

    with pytest.raises(BudgetSpent):
        second.take(1)


def test_it_is_written_down_while_a_visit_goes_on_and_not_at_every_answer(another_run):
    another_run()
    clock, writes = Ticking(), []

    def write(spending: Spending) -> int:
        writes.append(spending.units)
        return sum(writes)

    running = Budget("key", limit=None, zone=PACIFIC, clock=clock, write=write)
    for _ in range(100):
        ask(running, 1)
        clock.now += 1

    assert len(writes) == 20
    assert sum(writes) == 96
    running.settle()
    assert sum(writes) == 100


def test_status_says_it_and_the_catalogue_names_no_credential(archive, another_run):
    another_run()
    ask(a_budget(archive), 4)

    (page,) = look_around(archive.office).standing.pages
    assert str(page.spent) == "4 of 10 units spent on 2026-03-02"
    assert "town page: 4 of 10 units spent on 2026-03-02" in look_around(archive.office).notes
    with archive.office.catalogue.reading() as connection:
        (row,) = connection.execute(tables.spendings.select()).mappings()
    assert len(row["account"]) == 64
    assert "key" not in str(dict(row))


@pytest.mark.parametrize("api", [x_api.Api, youtube_api.Api])
def test_tokens_of_one_app_spend_one_budget_however_often_they_change(api, tmp_path, another_run):
    another_run()
    first, second, other = (
        api(Fetcher(fetching(tmp_path)), "https://api.example", token, limit=9, whose=whose)
        for token, whose in (("1", "app"), ("2", "app"), ("3", ""))
    )
    first._budget.take(3)

    assert (second._budget.spent, other._budget.spent) == (3, 0)
