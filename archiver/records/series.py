"""Series: a record series of a schedule, with its trigger, period, authority and examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from archiver.records.classification import Tag
from archiver.records.periods import Period


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
    ACCOUNT_CLOSED = "account_closed"
    HOLD_RELEASED = "hold_released"
    DECIDED = "decided"
    AUDIT_COMPLETE = "audit_complete"
    ADMIN_VALUE_ENDED = "admin_value_ended"


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


SETTLE = Period(days=30)
"""How long a destroying series rests after capture or import where it does not say itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A worked example: an item of the series, its days, and what follows from them.

    *first_day_of_disposition* is None where no day follows.
    """

    text: str
    days: Mapping[Trigger, date]
    first_day_of_disposition: date | None = None
    own: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One record series of a schedule.

    *period* is None where the series is kept permanently, or until a named person declares it
    no longer required; *floor* is then the least time, counted from *floor_from*. *verified*
    says that somebody read the authority and found this value there; *number_official* that
    the number is the agency's own. *approval* names a chain of the schedule.
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
    floor: Period | None = None
    floor_from: Trigger = Trigger.CREATED
    citation: tuple[str, ...] = ()
    number_official: bool = False
    verified: bool = False
    confidence: Confidence = Confidence.PROPOSAL
    settle: Period = SETTLE
    notes: str = ""
    examples: tuple[Example, ...] = ()

    def first_day(self, days: Mapping[Trigger, date]) -> date | None:
        """Give the first day on which this series allows disposition, by the *days* known.

        None where no day follows: the series is permanent, its trigger has not happened, or
        nobody has declared it no longer required. Nothing is ever concluded from a missing day.
        """
        started = days.get(self.trigger)
        if started is None or self.rule is RetentionRule.PERMANENT:
            return None
        first = (self.period or Period()).first_day(started)
        if self.floor is None:
            return first
        floored = days.get(self.floor_from)
        return None if floored is None else max(first, self.floor.first_day(floored))

    def settled(self, captured: date) -> date:
        """Give the first day on which an item captured or imported on *captured* has settled."""
        return self.settle.first_day(captured) if self.settle else captured
