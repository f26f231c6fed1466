"""Errands: who carries out which plan, and what that came to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeAlias

from archiver.catalogue import Reading, disposals, items
from archiver.catalogue.items import ItemRow
from archiver.ports import ObjectLocker, ObjectReader
from archiver.procedures.account import Account
from archiver.procedures.as_kept import not_as_kept
from archiver.procedures.deciding import Decided, Known, decide_by, known_of
from archiver.procedures.in_force import in_force_now
from archiver.procedures.leaving_plans import Since, since, with_what_left
from archiver.procedures.planning import Plan
from archiver.procedures.sampling import gate_of_plan, unless_untried
from archiver.procedures.staying import Staying
from archiver.procedures.store_locks import protected
from archiver.records.counting import count_of
from archiver.records.disposition import Action, Reason, Verdict, Why
from archiver.records.errors import ObjectDamaged, ObjectError
from archiver.records.moments import local_day
from archiver.records.people import Person
from archiver.records.sampling import DEFAULT, Gate, Sampling
from archiver.records.schedules import Schedule

Threads: TypeAlias = "dict[int, dict[int, str]]"
"""Threads of a plan: for each, the items it lists and their seals then."""

Blocked: TypeAlias = "Mapping[str, datetime | None]"
"""Items that the store would refuse to destroy: until when, or None for a legal hold."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store said of items before anything of them begins, by id.

    *lost* are those of which something is missing, or is not what was kept, already.
    """

    blocked: Blocked = field(default_factory=dict)
    lost: Collection[str] = ()


_UNASKED = Stored()
_OF_LOST = (
    "Run `archiver verify --read-data`, and restore the objects from a backup. What is gone for "
    "good, a person keeps longer with its document named in the reason: `archiver dispositions "
    "plan`, then `archiver dispositions extend PLAN --item ID --days N --reason TEXT`."
)
_NAMED = 5


@dataclass(slots=True)
class Receipt:
    """What carrying out a plan came to; of what *stayed* a part is held, the rest is in papers."""

    stayed: Staying
    destroyed: int = 0
    batches: list[str] = field(default_factory=list)
    refusal: ObjectError | None = None
    """What the store said of batches it refused: they are begun, and tried again every night.

    Otherwise what names the *lost*.
    """
    lost: list[str] = field(default_factory=list)
    """Of what stayed, the items of which something was missing, or not what was kept."""

    @classmethod
    def of(cls, account: Account, plan: Plan) -> Receipt:
        """Give the receipt of a plan of which nothing was carried out yet."""
        return cls(Staying(account, plan.name))

    def refusal_of_lost(self) -> ObjectDamaged | None:
        """Give what names the lost; None where nothing was."""
        if not self.lost:
            return None
        more = f" and {len(self.lost) - _NAMED} more" if len(self.lost) > _NAMED else ""
        return ObjectDamaged(
            f"{count_of(len(self.lost), 'item stays', 'items stay')}, of which bytes are missing "
            f"or not those we kept: {', '.join(item[:12] for item in self.lost[:_NAMED])}{more}",
            remedy=_OF_LOST,
        )


@dataclass(frozen=True, slots=True)
class Finished:
    """How many items batches came to, and what the store said where it refused one."""

    destroyed: int = 0
    refusal: ObjectError | None = None


@dataclass(frozen=True, slots=True)
class Grounds:
    """All that the decisions of one batch rest on, as one transaction saw it.

    An errand looks at nothing else but what the store says, which is asked before: where the
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
    objects: ObjectReader
    locker: ObjectLocker | None = None
    sampling: Sampling = DEFAULT

    def stored(self, planned: Threads) -> Stored:
        """Ask the store what of what was planned it has as it was kept, and would let go.

        Raises:
            ObjectError: it did not answer; nothing begins.
        """
        numbers = [n for listed in planned.values() for n in listed]
        lost = not_as_kept(self.account, self.objects, numbers)
        if self.locker is None:
            return Stored(lost=lost)
        with self.account.catalogue.reading() as connection:
            owners = [row.item for row in items.by_numbers(connection, numbers).values()]
        return Stored(protected(self.account, self.locker, owners), lost)

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

    def asked(self, grounds: Grounds, planned: Threads, stored: Stored = _UNASKED) -> list[Decided]:
        """Decide anew on what was planned; what is not as it was planned stays (D5).

        So does what by what is *stored* is lost, or blocked by the store, and what waits for a
        sample. What left the plan says why.
        """
        decided = decide_by(
            self.account, grounds.schedule, grounds.known, on=self.on, attended=self.plan.attended
        )
        found = (
            unless_untried(self._unless(one, planned[one.row.n], stored), grounds.gate)
            if one.verdict.action is not Action.KEEP
            else one
            for one in decided
        )
        changes, told = grounds.known.changes, grounds.since
        return [
            with_what_left(self.account, one, planned[one.row.n], changes, told) for one in found
        ]

    def _unless(self, one: Decided, listed: dict[int, str], stored: Stored) -> Decided:
        verdict = unless_changed(one, listed)
        lost = [
            Reason(why=Why.NOT_AS_KEPT, item=item.item, of=item.series)
            for item in one.members
            if item.item in stored.lost
        ]
        locked = [
            Reason(why=Why.LOCKED, item=item.item, of=item.series, until=self._day(stored, item))
            for item in one.members
            if item.item in stored.blocked
        ]
        if verdict.action is not Action.KEEP and (lost or locked):
            verdict = replace(verdict, action=Action.KEEP, reasons=(*lost, *locked))
        return one if verdict is one.verdict else replace(one, verdict=verdict)

    def _day(self, stored: Stored, item: ItemRow) -> date | None:
        until = stored.blocked[item.item]
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
