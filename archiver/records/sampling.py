"""Sampling: how much of a plan a person must look at before it goes, and which of it. Pure.

What a model took for transitory, and what a rule took for it whose word nobody has tried under
the adoption in force, is sampled: if no record is among so many items drawn at random, then with
95 % confidence no more than the tolerated share of all of them are records. One record stops all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from archiver.records.classification import Basis, Tag
from archiver.records.periods import Period

LISTED_BELOW = 300
"""Of fewer items than these no sample is drawn: a person confirms the whole list."""

_AGAIN = timedelta(days=7)
"""When what waits is looked at again while an earlier sample waits for a person."""


class Share(StrEnum):
    """The share of records that is tolerated among what goes, or that nothing is sampled."""

    FIVE = "5%"
    ONE = "1%"
    HALF = "0.5%"
    OFF = "off"


SIZES: Mapping[Share, int] = {Share.FIVE: 59, Share.ONE: 299, Share.HALF: 598}
"""How many items without a record among them show each share, with 95 % confidence."""


class Judgement(StrEnum):
    """What a person says of an item that was drawn."""

    TRANSITORY = "transitory"
    RECORD = "record"


class SampleStatus(StrEnum):
    """How a sample stands: it waits for a person; nothing was found; a record was found.

    *returned*: a record was found, and all that nobody had tried is back in review.
    """

    OPEN = "open"
    CONFIRMED = "confirmed"
    STOPPED = "stopped"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """What the agency has set: the tolerated *share*, and every how many *months* one is drawn."""

    share: Share = Share.ONE
    months: int = 1

    @property
    def on(self) -> bool:
        """Say whether anything is sampled."""
        return self.share is not Share.OFF

    def size(self, population: int) -> int:
        """Give of how many of *population* items a person must be asked: of few, all."""
        if population < LISTED_BELOW:
            return population
        return min(population, SIZES[self.share])

    def next_day(self, drawn_on: date | None, *, waits: bool, today: date) -> date:
        """Give the day of the next sample, where the last was *drawn_on* that day, or none was.

        While one *waits* for a person no other is drawn.
        """
        day = today if drawn_on is None else Period(months=self.months).last_day(drawn_on)
        return max(day, today + _AGAIN) if waits else max(day, today)


DEFAULT = Sampling()
"""What is sampled where the agency has set nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Which tags nobody has tried: every model's, and those of rules that are not *passed*."""

    passed: Collection[str] = ()

    def stops(self, *, tag: str, basis: str, rule: str) -> bool:
        """Say whether an item that is tagged so may only go once a sample was confirmed."""
        if tag != Tag.TRANSITORY.value:
            return False
        if basis == Basis.MODEL.value:
            return True
        return basis == Basis.RULE.value and rule not in self.passed


def rank(bound: str, seed: str, item: str) -> str:
    """Give the place of *item* in the draw: the lowest are drawn.

    It follows from the digest of the plan's lines and a seed that was chosen after they were
    bound, so that anybody can draw again, and nobody could choose what would be drawn.
    """
    return hashlib.sha256(f"{bound} {seed} {item}".encode()).hexdigest()
