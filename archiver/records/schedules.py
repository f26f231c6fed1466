"""Schedules: record series, their authority, the rules that suggest them, and the adoption.

A schedule is data. It destroys nothing by being shipped: only an adoption record, which the
agency writes into its own copy, gives it force.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from archiver.records.adoption import Adoption, StillOnPlatform
from archiver.records.classification import Tag
from archiver.records.exclusions import Exclusion
from archiver.records.periods import Period
from archiver.records.promises import UNCONFIRMED, Promise
from archiver.records.rules import Rule, Wording
from archiver.records.series import (
    Disposition,
    RetentionRule,
    Series,
    Stage,
    Then,
    Trigger,
)

__all__ = [
    "Adoption",
    "Obstacle",
    "Schedule",
    "StillOnPlatform",
]


class Obstacle(StrEnum):
    """What in a schedule itself forbids that items of a series are destroyed."""

    UNKNOWN_SERIES = "unknown_series"
    NOT_ADOPTED = "not_adopted"
    NOT_YET_IN_FORCE = "not_yet_in_force"
    REFERENCE = "reference"
    PERMANENT = "permanent"
    NOT_FOR_DESTRUCTION = "not_for_destruction"
    PROMISED_MORE = "promised_more"


_KNOWN = 10_000
"""How many first days one series remembers."""


@dataclass(frozen=True, slots=True)
class _Bound:
    """Every promise that binds a series, and the triggers they count from.

    *lost* are review and transfer where they were promised, and the series has them no more.
    *known* are first days that were asked for, by the days of the triggers in their order: items
    of the same days are many, and each is decided on more than once.
    """

    promises: tuple[Promise, ...]
    triggers: frozenset[Trigger]
    lost: frozenset[Disposition]
    known: dict[tuple[date | None, ...], date | None] = field(default_factory=dict)

    def first_day(self, days: Mapping[Trigger, date]) -> date | None:
        """Give the first day that breaks none of the promises; None: no day does."""
        told = tuple(map(days.get, self.triggers))
        if told not in self.known:
            if len(self.known) >= _KNOWN:
                self.known.clear()
            firsts = [promise.first_day(days) for promise in self.promises]
            last = None if None in firsts else max((d for d in firsts if d), default=None)
            self.known[told] = last
        return self.known[told]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A retention schedule, read whole and cross-checked.

    *digest* is the SHA-256 of its text and its wordings': the version every decision names.
    *default_series* takes substantive content that no rule places, *public_comments* the
    public's words on which nobody acts. *longest* is the longest period of any of its series:
    what nobody has confirmed keeps it. A *reference* is to be read, and never to be kept by.
    *division* is the part of the agency whose records these are, where it says so, *exclusions*
    what the state's law keeps from destruction. *adoption* and *promised*, what earlier versions
    promised of each series, come from the catalogue; only a demonstration brings an adoption of
    its own. *until* is the day on which another adoption, confirmed already, takes the place of
    this one.
    """

    name: str
    title: str
    state: str
    agency: str
    digest: str
    series: Mapping[str, Series]
    default_series: str
    division: str = ""
    public_comments: str = ""
    wordings: str = ""
    demonstration: bool = False
    reference: bool = False
    adoption: Adoption | None = None
    until: date | None = None
    minimum_after_activity: Period | None = None
    longest: Period | None = None
    exclusions: tuple[Exclusion, ...] = ()
    approval_chains: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    promised: Mapping[str, tuple[Promise, ...]] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    guards: Mapping[str, Wording] = field(default_factory=dict)
    fillers: frozenset[str] = frozenset()
    notes: str = ""
    _bound: dict[str, _Bound] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What binds each series, once it was asked for: it follows from the rest, and never changes.
    """

    @property
    def warnings(self) -> Mapping[str, str]:
        """Say of each series whose value nobody verified that it is so: every plan prints it."""
        return {
            number: f"series {number}: its value is not verified "
            f"(confidence {each.confidence}, basis {each.basis})"
            for number, each in self.series.items()
            if not each.verified
        }

    def minimum_for(self, series: Series) -> Period | None:
        """Give the least time after the last activity that holds for *series*.

        Only a transitory series, and only by a written determination in the adoption record,
        is free of it.
        """
        determined = self.adoption is not None and self.adoption.transitory_determination
        if determined and series.category is Tag.TRANSITORY:
            return None
        return self.minimum_after_activity

    def first_day(self, number: str, days: Mapping[Trigger, date]) -> date | None:
        """Give the first day on which items of series *number* may be disposed of, by *days*.

        The series' own rule, the schedule's least time after the last activity, and whatever an
        earlier version promised all bind. None where no day follows from what is known.
        """
        return self._binding(number).first_day(days) if number in self.series else None

    def settled(self, number: str, captured: date) -> date:
        """Give the first day on which an item of series *number* has settled after capture.

        *captured* is the day of its capture or import. What an earlier version promised binds.
        """
        days = (promise.settled(captured) for promise in self._binding(number).promises)
        return max(days, default=captured)

    def counts_from(self, number: str) -> frozenset[Trigger]:
        """Give every trigger on whose day `first_day` of series *number* rests."""
        return self._binding(number).triggers

    def _binding(self, number: str) -> _Bound:
        """Give what binds series *number*: its own promise, and all that was promised before.

        Of a series that this version lacks, what was promised binds alone.
        """
        bound = self._bound.get(number)
        if bound is None:
            own, made = self.promises.get(number), self.promised.get(number, ())
            made = (own, *made) if own is not None else made
            triggers = frozenset[Trigger]().union(*(each.triggers for each in made))
            bound = self._bound[number] = _Bound(made, triggers, self._lost(number, own))
        return bound

    def _lost(self, number: str, own: Promise | None) -> frozenset[Disposition]:
        """Give what was promised to be done first in series *number*, and is *own* no more.

        Where nobody placed an item it goes as the default series does, whichever that was.
        """
        names = (number, UNCONFIRMED) if number == self.default_series else (number,)
        made = (promise.cares for name in names for promise in self.promised.get(name, ()))
        return frozenset[Disposition]().union(*made) - (own.cares if own else frozenset())

    def promise(self, series: Series) -> Promise:
        """Give what this version by itself promises of *series*."""
        return Promise.of(series, self.minimum_for(series))

    @property
    def promises(self) -> Mapping[str, Promise]:
        """Give all that this version by itself promises, of what nobody confirmed too."""
        made = {number: self.promise(series) for number, series in self.series.items()}
        default = self.series.get(self.default_series)
        return made | {UNCONFIRMED: Promise.of_longest(self.longest, default)}

    def stage_days(
        self, number: str, days: Mapping[Trigger, date]
    ) -> tuple[tuple[Stage, date], ...]:
        """Give each stage of series *number* with its first day, by *days*.

        No stage that ends retention comes before the first day of disposition.
        """
        series, first = self.series.get(number), self.first_day(number, days)
        if series is None or first is None:
            return ()
        last = len(series.stages) - 1
        return tuple(
            (stage, max(day, first) if n == last or stage.then is Then.DESTROY else day)
            for n, (stage, day) in enumerate(series.stage_days(days))
        )

    def first_day_unconfirmed(self, number: str, days: Mapping[Trigger, date]) -> date | None:
        """Give the first day for an item whose tag nobody has confirmed: the longest period.

        Counted from the last activity, never before an earlier version's longest, and never
        before the suggested series' own day; None while a substantive series that was suggested,
        or one that only an earlier version had, waits for its trigger.
        """
        longest = self._binding(UNCONFIRMED).first_day(days)
        if longest is None:
            return None
        suggested = self._binding(number).first_day(days)
        if suggested is not None:
            return max(longest, suggested)
        series = self.series.get(number)
        waits = number in self.promised if series is None else series.category is not Tag.TRANSITORY
        return None if waits else longest

    def obstacles(self, number: str, *, on: date) -> tuple[Obstacle, ...]:
        """Say what in this schedule forbids destroying items of series *number* on the day *on*.

        Empty means only that the schedule does not stand in the way; holds, requests, periods
        and approvals are asked elsewhere.
        """
        series = self.series.get(number)
        if series is None:
            return (Obstacle.UNKNOWN_SERIES,)
        found = []
        if self.adoption is None:
            found.append(Obstacle.NOT_ADOPTED)
        elif on < self.adoption.date:
            found.append(Obstacle.NOT_YET_IN_FORCE)
        if self.reference:
            found.append(Obstacle.REFERENCE)
        if series.rule is RetentionRule.PERMANENT:
            found.append(Obstacle.PERMANENT)
        elif series.disposition is not Disposition.DESTROY:
            found.append(Obstacle.NOT_FOR_DESTRUCTION)
        if self._binding(number).lost:
            found.append(Obstacle.PROMISED_MORE)
        return tuple(found)
