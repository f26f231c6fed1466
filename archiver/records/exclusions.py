"""Exclusions: what a state's law keeps from destruction, whatever a series says, and who asks.

A schedule names those of its state. Some of them the archiver asks itself, of the facts that it
has: ages, periods, holds, requests. The others only a person can answer, who looked.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from archiver.records.periods import Period
from archiver.records.schedule_tables import Table
from archiver.records.series import Confidence


class AskedOf(StrEnum):
    """Of what it is asked whether an exclusion covers an item."""

    AGES = "ages"
    PERIODS = "periods"
    HOLDS = "holds"
    REQUESTS = "requests"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """One exclusion of the law: what it *excludes* from destruction, by which *citation*.

    *least_age* is the age below which it covers a record, where it is asked of ages. *verified*
    says that somebody read the authority and found this there, *confidence* how surely it is known.
    """

    code: str
    citation: str
    excludes: str
    asked_of: AskedOf
    least_age: Period | None = None
    verified: bool = False
    confidence: Confidence = Confidence.PROPOSAL


def read_exclusions(top: Table) -> tuple[Exclusion, ...]:
    """Read every `[[exclusions]]` of a schedule; faults are reported where they stand."""
    found: dict[str, Exclusion] = {}
    for table in top.tables("exclusions"):
        exclusion = _read(table)
        if exclusion.code in found:
            table.fault("code", "stands here twice")
        found[exclusion.code] = exclusion
    return tuple(found.values())


def _read(table: Table) -> Exclusion:
    exclusion = Exclusion(
        code=table.text("code"),
        citation=table.text("citation"),
        excludes=table.text("excludes"),
        asked_of=table.word("asked_of", AskedOf),
        least_age=table.parsed("least_age", Period.parse),
        verified=table.flag("verified"),
        confidence=table.word("confidence", Confidence),
    )
    by_age = exclusion.asked_of is AskedOf.AGES
    if by_age is (exclusion.least_age is None):
        table.fault("least_age", 'stands where asked_of = "ages", and only there')
    table.finish()
    return exclusion
