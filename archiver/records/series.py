"""Series: a record series of a schedule, with its trigger, period, authority and examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from archiver.records.classification import Tag
from archiver.records.periods import Period, day_after


class Trigger(StrEnum):
    """The event whose day sets a period running."""

    CREATED = "created"
    POSTED = "posted"
    RECORDED = "recorded"
    LAST_ACTIVITY = "last_activity"
    REMOVED = "removed"
    SUPERSEDED = "superseded"
    EVENT_OVER = "event_over"
    CASE_CLOSED = "case_closed"
    COMPLAINT_CLOSED = "complaint_closed"
    REQUEST_CLOSED = "request_closed"
    MATTER_CLOSED = "matter_closed"
    ACCOUNT_CLOSED = "account_closed"
    UNBLOCKED = "unblocked"
    HOLD_RELEASED = "hold_released"
    DECIDED = "decided"
    ORDER_RECEIVED = "order_received"
    AUDIT_COMPLETE = "audit_complete"
    ADMIN_VALUE_ENDED = "admin_value_ended"
    REVIEWED = "reviewed"


class Disposition(StrEnum):
    """What the schedule says must finally happen to a series."""

    DESTROY = "destroy"
    TRANSFER = "transfer"
    PERMANENT = "permanent"
    REVIEW = "review"


class RetentionRule(StrEnum):
    """How the end of retention is found."""

    PERIOD = "period"
    PERMANENT = "permanent"
    WHEN_NO_LONGER_REQUIRED = "when_no_longer_required"


class Confidence(StrEnum):
    """How surely the value is known: seen, inside a seen frame, from memory, or proposed."""

    SEEN = "S"
    FRAME = "F"
    MEMORY_HIGH = "M-h"
    MEMORY_MEDIUM = "M-m"
    MEMORY_LOW = "M-l"
    PROPOSAL = "P"


class SeriesBasis(StrEnum):
    """What the value of a series rests on."""

    AUTHORITY = "authority"
    FRAME = "frame"
    POLICY = "policy"
    PROPOSAL = "proposal"


class Then(StrEnum):
    """What is done with a series when one of its stages begins."""

    HOLD = "hold"
    TRANSFER = "transfer"
    REVIEW = "review"
    DESTROY = "destroy"


class Tombstone(StrEnum):
    """What stays of an item of a series when it is destroyed.

    *Full*: that it was, where, when, of which kind and series, under which certificate. *Opaque*:
    an id that says nothing, and the certificate. *None*: nothing but the ledger's own entries; no
    paper of its destruction names it either.
    """

    FULL = "full"
    OPAQUE = "opaque"
    NONE = "none"


SETTLE = Period(days=30)
"""How long a destroying series rests after capture or import where it does not say itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A trigger and the period it sets running.

    Where a term is *required*, no day follows until its trigger has happened.
    """

    trigger: Trigger
    period: Period
    required: bool = True

    def last_day(self, days: Mapping[Trigger, date]) -> date | None:
        """Give the last day of the period, by the *days* known; None before the trigger."""
        happened = days.get(self.trigger)
        return None if happened is None else self.period.last_day(happened)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What is *then* done, when *after* has passed since the stage before."""

    then: Then
    after: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A worked example: an item of the series, its days, and what follows from them.

    *first_day_of_disposition* is None where no day follows. *stages* are the first days of the
    stages, and *review_from* is the day on which the series' longest time is over; both are
    worked only where they are written.
    """

    text: str
    days: Mapping[Trigger, date]
    first_day_of_disposition: date | None = None
    stages: tuple[date, ...] | None = None
    review_from: date | None = None
    own: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One record series of a schedule.

    *period* is None where the series is kept: permanently, or until a named person declares it
    no longer required, or because nobody has read in its authority how long; *floor* is then the
    least time, counted from *floor_from*. *also* are further triggers, of which the longest that
    applies wins, and *stages* what is done after all of them, one after the other. *at_most* is
    the longest time: when it is over a person reviews, and nothing is destroyed because of it.

    *basis* says what the value rests on, *verified* that somebody read the authority and found
    this value there, *number_official* that the number is the agency's own. *approval* names a
    chain of the schedule. *tombstone* says what stays of its items when they are destroyed. What is
    placed in a *restricted* series is shown only to who has the right.
    """

    number: str
    title: str
    falls_in: str
    category: Tag
    rule: RetentionRule
    trigger: Trigger
    disposition: Disposition
    approval: str
    period: Period | None = None
    at_most: Period | None = None
    floor: Period | None = None
    floor_from: Trigger = Trigger.CREATED
    also: tuple[Term, ...] = ()
    stages: tuple[Stage, ...] = ()
    citation: tuple[str, ...] = ()
    basis: SeriesBasis = SeriesBasis.PROPOSAL
    number_official: bool = False
    verified: bool = False
    confidence: Confidence = Confidence.PROPOSAL
    settle: Period = SETTLE
    tombstone: Tombstone = Tombstone.FULL
    restricted: bool = False
    notes: str = ""
    examples: tuple[Example, ...] = ()

    @property
    def terms(self) -> tuple[Term, ...]:
        """Give every trigger with its period; none where no day can ever follow."""
        if self.rule is RetentionRule.PERMANENT:
            return ()
        if self.rule is RetentionRule.PERIOD and self.period is None:
            return ()
        first = Term(trigger=self.trigger, period=self.period or Period())
        if self.floor is None:
            return (first, *self.also)
        return (first, Term(trigger=self.floor_from, period=self.floor), *self.also)

    def last_day(self, days: Mapping[Trigger, date]) -> date | None:
        """Give the last day on which every term has run, before any stage; by the *days* known.

        None where no day follows: the series is kept, a required trigger has not happened, or
        nobody has declared it no longer required. Nothing is ever concluded from a missing day.
        """
        ends = [(term, term.last_day(days)) for term in self.terms]
        if not ends or any(term.required and end is None for term, end in ends):
            return None
        return max(end for _, end in ends if end is not None)

    def stage_days(self, days: Mapping[Trigger, date]) -> tuple[tuple[Stage, date], ...]:
        """Give each stage with its first day; nothing where no day follows yet."""
        last = self.last_day(days)
        if last is None:
            return ()
        found = []
        for stage in self.stages:
            last = stage.after.last_day(last)
            found.append((stage, day_after(last)))
        return tuple(found)

    def first_day(self, days: Mapping[Trigger, date]) -> date | None:
        """Give the first day on which this series allows disposition: its last stage's.

        None where no day follows from what is known.
        """
        last = self.last_day(days)
        if last is None:
            return None
        return self.stage_days(days)[-1][1] if self.stages else day_after(last)

    def review_from(self, days: Mapping[Trigger, date]) -> date | None:
        """Give the first day after the longest time, from which a person must review."""
        started = days.get(self.trigger)
        return self.at_most.first_day(started) if self.at_most and started else None


def days_written(days: Mapping[Trigger, date]) -> str:
    """Give the *days* of triggers as a row keeps them: `case_closed:739000 event_over:739100`."""
    return " ".join(f"{trigger}:{day.toordinal()}" for trigger, day in sorted(days.items()))


def days_read(text: str) -> dict[Trigger, date]:
    """Read what `days_written` gave."""
    pairs = (each.partition(":") for each in text.split())
    return {Trigger(word): date.fromordinal(int(ordinal)) for word, _, ordinal in pairs}
