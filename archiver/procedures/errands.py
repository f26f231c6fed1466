"""Errands: who carries out which plan, and what that came to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeAlias

from archiver.catalogue import Reading, disposals
from archiver.procedures.account import Account
from archiver.procedures.deciding import Decided, decide_for
from archiver.procedures.planning import Plan
from archiver.records.disposition import Action, Reason, Verdict, Why
from archiver.records.people import Person
from archiver.records.schedules import Schedule

Threads: TypeAlias = "dict[int, dict[int, str]]"
"""Threads of a plan: for each, the items it lists and their seals then."""


@dataclass(slots=True)
class Receipt:
    """What carrying out a plan came to."""

    destroyed: int = 0
    stayed: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    batches: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Who carries out which plan, under which schedule, on which day."""

    account: Account
    person: Person
    plan: Plan
    schedule: Schedule | None
    on: date

    def asked(self, connection: Reading, planned: Threads) -> list[Decided]:
        """Decide anew on what was planned; what is not as it was planned stays (D5)."""
        rows = disposals.threads_by_numbers(connection, list(planned))
        decided = decide_for(
            connection, self.account, self.schedule, rows, on=self.on, attended=self.plan.attended
        )
        return [
            replace(one, verdict=unless_changed(one, planned[one.row.n]))
            if one.verdict.action is not Action.KEEP
            else one
            for one in decided
        ]


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
