"""A plan's lines as they stand: what of it would go today, and what left it, and why.

The same is asked as in carrying out: the decision, by what is known now, and whether each thread
is as it was listed. The store is not asked: what its locks forbid, and whether it still has all
that was kept, are asked when the plan is carried out. Nor is whether a sample waits, which keeps a
whole plan waiting, and takes no item out of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter

from archiver.catalogue import Reading, disposals, items, pages, plans
from archiver.catalogue.items import LIVE, ItemRow
from archiver.catalogue.plans import PlanLine, PlanRow
from archiver.procedures.account import Account
from archiver.procedures.deciding import Decided, decide_by, known_of
from archiver.procedures.errands import unless_changed
from archiver.procedures.in_force import in_force_now
from archiver.procedures.leaving_plans import since, with_what_left
from archiver.records.disposition import Action
from archiver.records.schedules import Schedule

SLICE = 1_000
"""How many lines are looked at together (a thread is never cut, so there may be more)."""

_EVERY_ITEM = 2**62
_STANDS = frozenset({"proposed", "accepted"})


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a plan as it stands now, with why it was put there.

    *out* says what took it out of the plan, or keeps it from going today; empty where it stands,
    and for what is not live any more. *untouched*: it is as it was when the plan was made.
    """

    row: ItemRow
    page: str
    reasons: tuple[str, ...]
    out: tuple[str, ...]
    untouched: bool

    @property
    def stands(self) -> str:
        """Say how it stands in words: `yes`, what became of it, or that and why it is out."""
        if self.row.life != LIVE:
            return self.row.life
        return f"out: {'; '.join(self.out)}" if self.out else "yes"


def lines(account: Account, plan: PlanRow, schedule: Schedule) -> Iterator[Line]:
    """Give each item of *plan* as it stands under *schedule*, thread by thread, in slices.

    Raises:
        RegisterUnreadable: what holds, or freezes, cannot be read.
    """
    after = (0, 0)  # of what left a silent tombstone, the thread is nowhere: its number is 0
    while True:
        with account.catalogue.reading() as connection:
            some = _next(connection, plan, after)
            rows = items.by_numbers(connection, [line.item_n for line in some])
            on_pages = pages.by_numbers(connection, [row.page_n for row in rows.values()])
            over = _over(plan, schedule)
            out = {} if over else _out(account, connection, plan, schedule, some)
        if not some:
            return
        for line in some:
            row = rows[line.item_n]
            yield Line(
                row,
                on_pages[row.page_n].name if row.page_n in on_pages else "",
                tuple(json.loads(line.reasons)),
                (over or out.get(row.item, ())) if row.life == LIVE else (),
                row.seal == line.seal,
            )
        after = (some[-1].thread_n, _EVERY_ITEM)


def _over(plan: PlanRow, schedule: Schedule) -> tuple[str, ...]:
    """Say why nothing that still lives stands on *plan* any more; empty while it does."""
    if plan.status == "carried_out" and Action(plan.action) is not Action.DESTROY:
        return ()
    if plan.status not in _STANDS:
        done = plan.status == "carried_out"
        return ("stayed when the plan was carried out" if done else f"the plan is {plan.status}",)
    if plan.schedule != schedule.digest:
        return ("the plan was made under another version of the schedule",)
    return ()


def _next(connection: Reading, plan: PlanRow, after: tuple[int, int]) -> list[PlanLine]:
    """Give the lines of the next whole threads behind *after* (thread, item)."""
    found: list[PlanLine] = []
    listed = plans.lines_of(connection, plan.n, after=after)
    for _, some in groupby(listed, key=attrgetter("thread_n")):
        found.extend(some)
        if len(found) >= SLICE:
            break
    return found


def _out(
    account: Account,
    connection: Reading,
    plan: PlanRow,
    schedule: Schedule,
    some: Sequence[PlanLine],
) -> Mapping[str, tuple[str, ...]]:
    """Give, by item id, why items of the threads of *some* are out; what stands is not there."""
    listed: dict[int, dict[int, str]] = {}
    for line in some:
        listed.setdefault(line.thread_n, {})[line.item_n] = line.seal
    rows = disposals.threads_by_numbers(connection, list(listed))
    known, told = known_of(connection, rows), since(connection, plan.n)
    law = in_force_now(account, connection, schedule)
    decided = decide_by(account, law, known, on=account.today(), attended=True)
    stays = (
        with_what_left(account, one, listed[one.row.n], known.changes, told)
        for one in (_asked(one, listed[one.row.n]) for one in decided)
        if one.verdict.action is not Action(plan.action)
    )
    return {item.item: one.reasons(item) for one in stays for item in one.members}


def _asked(one: Decided, listed: Mapping[int, str]) -> Decided:
    """Give a thread as decided, or that it stays because it is not as it was *listed*."""
    if one.verdict.action is Action.KEEP:
        return one
    return replace(one, verdict=unless_changed(one, dict(listed)))
