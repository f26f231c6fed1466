"""Pages that nobody visits any more: archived from, and configured no longer.

Somebody may have closed a page, or may have lost its lines of the configuration: only people know.
So it is said: loudly for a while, and as long as a hold or a request concerns the page, for what
is posted there now is not bound by it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from archiver.catalogue import pages
from archiver.catalogue.pages import PageRow
from archiver.procedures.account import Account
from archiver.procedures.page_names import PageNames
from archiver.procedures.pages_in_scope import holds_on
from archiver.procedures.problems import Problem
from archiver.records.moments import local_day_at, moment
from archiver.records.pages import PageSettings

LOUD_FOR = timedelta(days=30)
"""For how long after its last visit a page that nobody visits any more is said most loudly."""


@dataclass(frozen=True, slots=True)
class Forsaken:
    """What is said of pages that nobody visits any more, by how loudly it is said."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    notes: tuple[str, ...]


def forsaken(
    account: Account, configured: Iterable[PageSettings], *, said: Collection[str]
) -> Forsaken:
    """Say which pages were visited, have live items, and are not *configured* any more.

    Nothing is said of those whose opaque ids are in *said*: more is said of them elsewhere.
    """
    told: tuple[list[Problem], list[Problem], list[Problem]] = ([], [], [])
    for row, held in _unvisited(account, list(configured), said):
        late = account.now() - moment(row.visited_at or 0) > LOUD_FOR
        told[(not held) + late].append(_problem(account, row, held))
    problems, warnings, notes = told
    return Forsaken(tuple(problems), tuple(warnings), tuple(one.what for one in notes))


def _unvisited(
    account: Account, configured: list[PageSettings], said: Collection[str]
) -> Iterator[tuple[PageRow, list[str]]]:
    """Give each such page, and what binds and concerns it."""
    names = PageNames.of(account, configured)
    unasked = (page for page in names.pages if page.settings is None)
    gone = {page.page: page for page in unasked if page.page not in said}
    if not gone:
        return
    with account.catalogue.reading() as connection:
        live = pages.live_items(connection)
        rows = [row for row in pages.every(connection) if row.page in gone]
    for row in rows:
        if row.visited_at is not None and row.n in live:
            yield row, holds_on(account, gone[row.page])


def _problem(account: Account, row: PageRow, held: list[str]) -> Problem:
    since = local_day_at(row.visited_at or 0, account.zone)
    bound = f"; {', '.join(held)} binds nothing that is posted there now" if held else ""
    return Problem(
        subject=f"visits to {row.name}",
        what=f"{row.name} is not configured any more, and nobody visits it since {since}{bound}",
        remedy="If it still exists, put its [[pages]] back into the configuration, with the same "
        "address; a new address is a page of its own.",
    )
