"""Standing: what was looked at to judge how the archive is; health judges it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from archiver.catalogue.jobs import Beat, JobRow
from archiver.catalogue.requests import ThawedRow
from archiver.procedures.authority import QUORUM
from archiver.procedures.due_now import NOTHING_FOR_PEOPLE, ForPeople
from archiver.procedures.indexing import State
from archiver.procedures.problems import Problem
from archiver.procedures.spending import Spent
from archiver.records.counting import count_of
from archiver.records.deliveries import NOTHING_WAITS, Waiting
from archiver.records.moments import local_day_at

THAWS_TOLD = timedelta(days=7)
"""How long a freeze that ended of itself is told: longer than any week-end, or a mail that fails.

What it covered cools down for far longer before any of it can be due."""


class Degree(StrEnum):
    """How an archive stands: in order; in order, with warnings; in need of a hand."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageStanding:
    """How a page stands. *status* is that of its last visit, empty before the first.

    *gaps* are open; *lasting* ones too, but no later night brings what they want; those among them
    for want of a right are named by *not_granted*. *called* is its name in the archive, where the
    configuration has another one. *rechecks_waiting* counts the items that the last visit should
    have looked at again, and left to the next.
    *differing* counts the posts below which the platform counted other comments than it showed on
    that visit, *differing_by* the comments by which it did.
    *unended* is the lock of an import that has not ended: who is at work on it holds it.
    *token_dies_at* is None where its token does not expire, or nobody knows when; *spent* is
    what its last day with a budget came to.
    """

    name: str
    imports: bool = False
    visited_at: int | None = None
    whole_at: int | None = None
    status: str = ""
    live: int = 0
    gaps: int = 0
    lasting: int = 0
    not_granted: tuple[str, ...] = ()
    platform_count: int | None = None
    token_missing: bool = False
    called: str = ""
    rechecks_waiting: int = 0
    differing: int = 0
    differing_by: int = 0
    token_dies_at: int | None = None
    spent: Spent | None = None
    unended: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerStanding:
    """How far the signed copy (*copied*) follows the ledger; None where it cannot be read."""

    size: int
    copied: int | None
    last_at: int
    fault: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Everything that was looked at, at *now*. Moments in µs UTC."""

    now: datetime
    zone: ZoneInfo
    nightly: time
    founded_at: int
    pages: tuple[PageStanding, ...]
    index: State
    ledger: LedgerStanding
    runs: Mapping[str, JobRow] = field(default_factory=dict)
    beats: Mapping[str, Beat] = field(default_factory=dict)
    at_work: frozenset[str] = frozenset()
    due_unattended: int = 0
    due_for_people: ForPeople = NOTHING_FOR_PEOPLE
    held: int = 0
    unreviewed: tuple[str, ...] = ()
    thawed: tuple[ThawedRow, ...] = ()
    """The freezes that ended of themselves within `THAWS_TOLD`."""
    queue: int = 0
    unfinished: int = 0
    recipients: int = 0
    approvers: int = QUORUM
    may_approve: int = QUORUM
    demonstration: bool = False
    adopted: bool = False
    unattended: bool = False
    unreconciled: bool = False
    free_bytes: int | None = None
    locks_waiting: int | None = None
    """Of how many items a store that writes once must still hear; None where none does."""
    deliveries: Waiting = NOTHING_WAITS

    @property
    def due(self) -> int:
        """Give how many items are due: all of them, or as many as were seen."""
        return self.due_unattended + self.due_for_people.items

    @property
    def thawed_told(self) -> list[str]:
        """Say of every freeze that ended of itself of late what it was, and when it ended."""
        return [
            f"the freeze of {one.request} ({one.hold}) on {count_of(one.covered, 'item')} ended "
            f"on {local_day_at(one.at, self.zone)}, with the request's own file"
            for one in self.thawed
        ]

    @property
    def due_told(self) -> str:
        """Say how many items are due, and how many of them wait for people's approval."""
        people = self.due_for_people
        if not (people.items or people.at_least):
            return f"{self.due} due"
        return f"{self.due_unattended} due unattended and {people} by people's approval alone"
