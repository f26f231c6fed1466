"""Promises: how long an adopted schedule said that a series is kept, which no later one shortens.

A promise outlives the version that made it. It binds beside the new version's own period until a
person with the right accepts, for that one series, that it is shorter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from archiver.records.canonical import Json
from archiver.records.periods import Cutoff, Period, day_after
from archiver.records.series import Disposition, Series, Term, Trigger

NO_TIME = Period()
_CARES = (Disposition.REVIEW, Disposition.TRANSFER)

UNCONFIRMED = "unconfirmed"
"""Under what name the longest period is promised, which items keep whose tag nobody confirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What was promised of a series: its terms, its stages, the least time after activity.

    Without any term the series was to be kept. *settle* is how long an item rests after capture,
    *cares* are review and transfer, where what is in the series goes through them.
    """

    terms: tuple[Term, ...]
    stages: tuple[Period, ...] = ()
    minimum: Period | None = None
    settle: Period = NO_TIME
    cares: frozenset[Disposition] = frozenset()

    @classmethod
    def of(cls, series: Series, minimum: Period | None) -> Promise:
        """Give what *series* promises, under the *minimum* time after the last activity."""
        return cls(
            terms=series.terms,
            stages=tuple(stage.after for stage in series.stages),
            minimum=minimum if series.terms else None,
            settle=series.settle,
            cares=cares_of(series),
        )

    @classmethod
    def of_longest(cls, longest: Period | None, default: Series | None) -> Promise:
        """Give what is promised of items that nobody confirmed.

        They keep the *longest* period of all; those that nobody placed go as *default* does.
        """
        if longest is None:
            return cls(terms=())
        term = Term(trigger=Trigger.LAST_ACTIVITY, period=longest)
        return cls(terms=(term,), cares=cares_of(default) if default else frozenset())

    @property
    def triggers(self) -> frozenset[Trigger]:
        """Give every trigger whose day the promise counts from."""
        return frozenset(term.trigger for term in (*self.terms, *self._least()))

    def first_day(self, days: Mapping[Trigger, date]) -> date | None:
        """Give the first day that breaks no promise, by the *days* known; None: no day does."""
        ends = [(term, term.last_day(days)) for term in (*self.terms, *self._least())]
        if not self.terms or any(term.required and end is None for term, end in ends):
            return None
        last = max(end for _, end in ends[: len(self.terms)] if end is not None)
        for stage in self.stages:
            last = stage.last_day(last)
        return day_after(max(last, *(end for _, end in ends if end is not None)))

    def settled(self, captured: date) -> date:
        """Give the first day on which an item captured or imported on *captured* has settled."""
        return self.settle.first_day(captured) if self.settle else captured

    def _least(self) -> tuple[Term, ...]:
        if self.minimum is None:
            return ()
        return (Term(trigger=Trigger.LAST_ACTIVITY, period=self.minimum),)

    def shortened_by(self, other: Promise) -> bool:
        """Say whether *other* could let a record go earlier; True wherever that is not certain."""
        if not self.terms:
            return bool(other.terms)
        if not other.terms:
            return False
        if self.cares - other.cares or other.settle.may_end_before(self.settle):
            return True
        if len(other.stages) < len(self.stages) or any(
            theirs.may_end_before(ours)
            for ours, theirs in zip(self.stages, other.stages, strict=False)
        ):
            return True
        wanted = (*self.terms, *self._least())
        offered = (*other.terms, *other._least())
        return not all(any(_covers(theirs, ours) for theirs in offered) for ours in wanted)

    def to_json(self) -> dict[str, Json]:
        """Give the promise as the catalogue and papers keep it."""
        return {
            "terms": [
                [term.trigger.value, _period_json(term.period), term.required]
                for term in self.terms
            ],
            "stages": [_period_json(stage) for stage in self.stages],
            "minimum": None if self.minimum is None else _period_json(self.minimum),
            "settle": _period_json(self.settle),
            "cares": list[Json](sorted(care.value for care in self.cares)),
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Json]) -> Promise:
        """Read what `to_json` gave."""
        terms = cast("list[list[Json]]", told["terms"])
        minimum = told["minimum"]
        return cls(
            terms=tuple(
                Term(trigger=Trigger(str(word)), period=_period(period), required=bool(required))
                for word, period, required in terms
            ),
            stages=tuple(_period(stage) for stage in cast("list[Json]", told["stages"])),
            minimum=None if minimum is None else _period(minimum),
            settle=_period(told["settle"]),
            cares=frozenset(Disposition(str(one)) for one in cast("list[Json]", told["cares"])),
        )


def cares_of(series: Series) -> frozenset[Disposition]:
    """Say which of review and transfer items of *series* go through, at its end or before."""
    words = {series.disposition.value, *(stage.then.value for stage in series.stages)}
    return frozenset(care for care in _CARES if care.value in words)


def _covers(offered: Term, wanted: Term) -> bool:
    return (
        offered.trigger is wanted.trigger
        and (offered.required or not wanted.required)
        and not offered.period.may_end_before(wanted.period)
    )


def _period_json(period: Period) -> Json:
    bare = Period(period.years, period.months, period.weeks, period.days)
    return [str(bare), period.cutoff.value, period.fiscal_year_start]


def _period(told: Json) -> Period:
    text, cutoff, start = cast("list[Json]", told)
    return Period.parse(str(text), cutoff=Cutoff(str(cutoff)), fiscal_year_start=int(str(start)))
