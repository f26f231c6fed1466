"""What is due today and goes by people's approval alone: counted for who looks, in bounded time.

Only a decision says whether a thread is due, and a look must not last as long as a plan. So the
night writes, for some of what nobody has decided on yet, when it is worth a look again; what is
left to decide is then mostly what is due, and where there is more of it than is looked at, the
count says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from archiver.catalogue import disposals, facts, items
from archiver.catalogue.items import ThreadRow
from archiver.procedures.account import Account
from archiver.procedures.deciding import SLICE, Decided, Known, decide_by, known_of
from archiver.records.counting import count_of
from archiver.records.disposition import Action
from archiver.records.schedules import Schedule

MOST = 5_000
"""How many threads are looked at where a count is asked for in passing."""

A_NIGHT = 5_000
"""Of how many threads a night writes the next look at most; the next goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForPeople:
    """How many *items* are due by a plan that people approve; *at_least*, where some were not seen.

    What may go unattended is not among them.
    """

    items: int
    at_least: bool

    def __str__(self) -> str:
        """Give the number as lines of text tell it."""
        return f"at least {self.items}" if self.at_least else str(self.items)

    def told(self, one: str, many: str) -> str:
        """Give the number with the word for *one* of them, or for *many*."""
        return f"{'at least ' if self.at_least else ''}{count_of(self.items, one, many)}"


NOTHING_FOR_PEOPLE = ForPeople(items=0, at_least=False)


def due_for_people(account: Account, schedule: Schedule, *, most: int | None = MOST) -> ForPeople:
    """Count what is due today for people to approve, in the first *most* threads; None: in all.

    What is held, or kept by an order, is due and stays: it is counted as well.
    """
    found = looked = 0
    for known, some in _ripe(account, schedule):
        looked += len(some)
        found += sum(len(one.members) for one in _not_unattended(account, schedule, known, some))
        if most is not None and looked >= most:
            return ForPeople(items=found, at_least=True)
    return ForPeople(items=found, at_least=False)


def look_ahead(account: Account, schedule: Schedule) -> None:
    """Write of a night's part of what is worth a look when it is so again, where that is later."""
    looked = 0
    for _, some in _ripe(account, schedule):
        write_next_looks(account, schedule, some)
        looked += len(some)
        if looked >= A_NIGHT:
            return


def write_next_looks(account: Account, schedule: Schedule, some: Sequence[Decided]) -> None:
    """Write when what of *some* is not due is worth the look of a plan that people approve again.

    What was stirred since it was read keeps its day, and everything does under another schedule.
    """
    kept: list[tuple[ThreadRow, int | None]] = [
        (one.row, one.verdict.look_on.toordinal() if one.verdict.look_on else None)
        for one in some
        if one.verdict.action is Action.KEEP and not one.stayed
    ]
    with account.catalogue.writing() as desk:
        if facts.get(desk.connection, facts.SCHEDULE) == schedule.digest:
            items.look_next_unless_stirred(desk.connection, kept, ripe=True)


def _ripe(account: Account, schedule: Schedule) -> Iterator[tuple[Known, list[Decided]]]:
    """Decide, slice by slice, for what is worth the look of a plan that people approve."""
    on, after = account.today(), 0
    while schedule.adoption is not None:
        with account.catalogue.reading() as connection:
            rows = disposals.worth_a_look(
                connection, on=on.toordinal(), after=after, limit=SLICE, ripe=True
            )
            if not rows:
                return
            known = known_of(connection, rows)
        yield known, decide_by(account, schedule, known, on=on, attended=True)
        after = rows[-1].n


def _not_unattended(
    account: Account, schedule: Schedule, known: Known, some: Sequence[Decided]
) -> list[Decided]:
    """Give those of *some* that are due by people's approval, and not by the purge besides."""
    due = [one for one in some if _is_due(one)]
    rows = replace(known, threads=[one.row for one in due])
    alone = decide_by(account, schedule, rows, on=account.today(), attended=False)
    return [one for one, purged in zip(due, alone, strict=True) if not _is_due(purged)]


def _is_due(one: Decided) -> bool:
    return one.stayed or one.verdict.action is not Action.KEEP
