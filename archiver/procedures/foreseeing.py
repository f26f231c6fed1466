"""Foreseeing: what would fall due, and when, once a hold let go. Touches nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from archiver.catalogue import disposals, holds, items, orders, pages
from archiver.catalogue.closed import Closed
from archiver.catalogue.holds import HoldRow
from archiver.catalogue.items import LIVE, ItemRow
from archiver.procedures.account import Account
from archiver.procedures.covering import Coverer, by_scope
from archiver.procedures.deciding import as_thread, lagging_behind
from archiver.procedures.evaluating import BATCH, settled_coverer
from archiver.procedures.viewing import closed_to, demand_reader
from archiver.records.disposition import decide
from archiver.records.holds import Scope
from archiver.records.people import Person
from archiver.records.schedules import Schedule


@dataclass(slots=True)
class Foreseen:
    """What letting go would mean for the live items of a hold.

    *series* gives, for each series, how many items no other hold covers, and the first day on
    which any of them can be due; None where no day follows. *otherwise_held* stay held. *closed*
    are items of the archive that who asked may not see, counted in none of these.
    """

    series: dict[str, tuple[int, date | None]] = field(default_factory=dict)
    otherwise_held: int = 0
    closed: int = 0

    @property
    def items(self) -> int:
        """Give how many items nothing would hold any more."""
        return sum(count for count, _ in self.series.values())

    @property
    def first_day(self) -> date | None:
        """Give the first day on which any item can be due."""
        return min((day for _, day in self.series.values() if day is not None), default=None)

    def add(self, series: str, due: date | None) -> None:
        """Count one item of *series* that can be due on the day *due*."""
        count, first = self.series.get(series, (0, None))
        days = [day for day in (first, due) if day is not None]
        self.series[series] = (count + 1, min(days, default=None))


def foresee(
    account: Account,
    schedule: Schedule | None,
    row: HoldRow,
    *,
    cool_down_days: int,
    staying: Coverer | None = None,
    closed: Closed | None = None,
) -> Foreseen:
    """Say what would fall due if the hold *row* were lifted today; of what is *closed*, nothing.

    With *staying* it is narrowed only, and what that covers stays.
    """
    found = Foreseen(closed=len(closed) if closed is not None else 0)
    cooled = account.today() + timedelta(days=cool_down_days)
    for some, others in _covered(account, row, staying, closed):
        free = [one for one in some if others.get(one.n, [row.hold.id]) == [row.hold.id]]
        found.otherwise_held += len(some) - len(free)
        due = _due(account, schedule, free)
        for one in free:
            day = due.get(one.thread_n)
            found.add(one.series or "-", None if day is None else max(day, cooled))
    return found


def foresee_narrowing(
    account: Account,
    person: Person,
    schedule: Schedule | None,
    row: HoldRow,
    to: Scope,
    *,
    cool_down_days: int,
) -> Foreseen:
    """Say what would fall due if the hold *row* were narrowed *to* a scope today.

    Nothing is entered; so what *person* may not see is not counted, for the scope may ask words.

    Raises:
        NotPermitted: the person may not read.
    """
    demand_reader(account, person)
    narrowed = replace(row, hold=replace(row.hold, narrowed=(*row.hold.narrowed, to)))
    return foresee(
        account,
        schedule,
        row,
        cool_down_days=cool_down_days,
        staying=settled_coverer(narrowed),
        closed=closed_to(account, person),
    )


def _covered(
    account: Account, row: HoldRow, staying: Coverer | None, closed: Closed | None
) -> Iterator[tuple[list[ItemRow], dict[int, list[str]]]]:
    """Give what a hold covers and would let go, slice by slice, with all holds of each item."""
    after = 0
    while True:
        with account.catalogue.reading() as connection:
            numbers = holds.covered_slice(connection, row.n, after=after, limit=BATCH)
            rows = [r for r in items.by_numbers(connection, numbers).values() if r.life == LIVE]
            rows = rows if closed is None else closed.open_ones(connection, rows)
            kept = by_scope(connection, staying, rows) if staying is not None else {}
            others = holds.covering(connection, numbers)
        if not numbers:
            return
        yield [r for r in rows if r.n not in kept], others
        after = numbers[-1]


def _due(
    account: Account, schedule: Schedule | None, rows: list[ItemRow]
) -> dict[int, date | None]:
    """Give the first day of disposition of each thread that *rows* belong to, holds apart.

    That is the day on which people may approve a plan of it: nothing falls due before.
    """
    with account.catalogue.reading() as connection:
        threads = disposals.threads_by_numbers(connection, [row.thread_n for row in rows])
        members = disposals.members(connection, [thread.n for thread in threads])
        every = [item for some in members.values() for item in some]
        ordered = orders.keeping(connection, [one.n for one in every])
        _, lagging = lagging_behind(connection, threads, every)
        on_pages = pages.by_numbers(connection, [thread.page_n for thread in threads])
    sound = {n: page.whole(account.key) for n, page in on_pages.items()}
    return {
        thread.n: decide(
            as_thread(
                account,
                thread,
                members[thread.n],
                on_pages[thread.page_n],
                sound=sound[thread.page_n],
                ordered=ordered,
                behind=lagging,
            ),
            schedule,
            {},
            on=account.today(),
            attended=True,
        ).due
        for thread in threads
    }
