"""Errands: who carries out which plan, and what that came to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeAlias

from archiver.catalogue import Reading, disposals, items
from archiver.catalogue.items import ItemRow
from archiver.ports import ObjectLocker
from archiver.procedures.account import Account
from archiver.procedures.deciding import Decided, Known, decide_by, known_of
from archiver.procedures.in_force import in_force_now
from archiver.procedures.leaving_plans import Since, since, with_what_left
from archiver.procedures.planning import Plan
from archiver.procedures.sampling import gate_of_plan, unless_untried
from archiver.procedures.staying import Staying
from archiver.procedures.store_locks import protected
from archiver.records.disposition import Action, Reason, Verdict, Why
from archiver.records.errors import ObjectError
from archiver.records.moments import local_day
from archiver.records.people import Person
from archiver.records.sampling import DEFAULT, Gate, Sampling
from archiver.records.schedules import Schedule

Threads: TypeAlias = "dict[int, dict[int, str]]"
"""Threads of a plan: for each, the items it lists and their seals then."""

Blocked: TypeAlias = "dict[str, datetime | None]"
"""Items that the store would refuse to destroy: until when, or None for a legal hold."""


@dataclass(slots=True)
class Receipt:
    """What carrying out a plan came to; of what *stayed* a part is held, the rest is in papers."""

    stayed: Staying
    destroyed: int = 0
    batches: list[str] = field(default_factory=list)
    refusal: ObjectError | None = None
    """What the store said of batches it refused: they are begun, and tried again every night."""

    @classmethod
    def of(cls, account: Account, plan: Plan) -> Receipt:
        """Give the receipt of a plan of which nothing was carried out yet."""
        return cls(Staying(account, plan.name))


@dataclass(frozen=True, slots=True)
class Finished:
    """How many items batches came to, and what the store said where it refused one."""

    destroyed: int = 0
    refusal: ObjectError | None = None


@dataclass(frozen=True, slots=True)
class Grounds:
    """All that the decisions of one batch rest on, as one transaction saw it.

    An errand looks at nothing else but what the store refuses, which is asked before: where the
    grounds are the same, so is every decision.
    """

    known: Known
    schedule: Schedule | None
    gate: Gate | None
    since: Since


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Who carries out which plan, under which schedule, on which day."""

    account: Account
    person: Person
    plan: Plan
    schedule: Schedule | None
    on: date
    locker: ObjectLocker | None = None
    sampling: Sampling = DEFAULT

    def blocked(self, planned: Threads) -> Blocked:
        """Ask the store which items of what was planned it would refuse to destroy.

        Raises:
            ObjectError: it did not answer; nothing begins.
        """
        if self.locker is None:
            return {}
        numbers = [n for listed in planned.values() for n in listed]
        with self.account.catalogue.reading() as connection:
            owners = [row.item for row in items.by_numbers(connection, numbers).values()]
        return protected(self.account, self.locker, owners)

    def grounds(self, connection: Reading, planned: Threads) -> Grounds:
        """Read all that a decision on what was planned rests on, holds included."""
        rows = disposals.threads_by_numbers(connection, list(planned))
        schedule = self.schedule
        if schedule is not None:  # its adoption may have been withdrawn since
            schedule = in_force_now(self.account, connection, schedule)
        return Grounds(
            known_of(connection, rows),
            schedule,
            gate_of_plan(connection, self.account, self.plan.n, self.schedule, self.sampling),
            since(connection, self.plan.n),
        )

    def asked(
        self, grounds: Grounds, planned: Threads, blocked: Blocked | None = None
    ) -> list[Decided]:
        """Decide anew on what was planned; what is not as it was planned stays (D5).

        So does what is *blocked* by the store, and what waits for a sample. What left the plan says
        why.
        """
        decided = decide_by(
            self.account, grounds.schedule, grounds.known, on=self.on, attended=self.plan.attended
        )
        found = (
            unless_untried(
                replace(one, verdict=self._unless(one, planned[one.row.n], blocked or {})),
                grounds.gate,
            )
            if one.verdict.action is not Action.KEEP
            else one
            for one in decided
        )
        changes, told = grounds.known.changes, grounds.since
        return [
            with_what_left(self.account, one, planned[one.row.n], changes, told) for one in found
        ]

    def _unless(self, one: Decided, listed: dict[int, str], blocked: Blocked) -> Verdict:
        verdict = unless_changed(one, listed)
        locked = [
            Reason(why=Why.LOCKED, item=item.item, of=item.series, until=self._day(blocked, item))
            for item in one.members
            if item.item in blocked
        ]
        if verdict.action is Action.KEEP or not locked:
            return verdict
        return replace(verdict, action=Action.KEEP, reasons=tuple(locked))

    def _day(self, blocked: Blocked, item: ItemRow) -> date | None:
        until = blocked[item.item]
        return None if until is None else local_day(until, self.account.zone)


def unless_changed(one: Decided, listed: dict[int, str]) -> Verdict:
    """Give the verdict on a thread, or that it stays because it is not as it was *listed*."""
    found = {item.n: item.seal for item in one.members}
    if found == listed:
        return one.verdict
    reasons = [
        Reason(why=Why.CHANGED, item=item.item, of=item.series)
        for item in one.members
        if listed.get(item.n) != item.seal
    ]
    found_fewer = [Reason(why=Why.CHANGED)]
    return replace(one.verdict, action=Action.KEEP, reasons=tuple(reasons or found_fewer))
