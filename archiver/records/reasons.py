"""Reasons: what a verdict says may be done, and the codes that say why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Action(StrEnum):
    """What a verdict says may be done."""

    KEEP = "keep"
    REVIEW = "review"
    TRANSFER = "transfer"
    DESTROY = "destroy"


class Why(StrEnum):
    """Reason codes; their text stands in GLOSSARY.md and in papers, never in the ledger."""

    HELD = "held"
    ORDERED = "kept_by_order"
    COOLING = "cooling"
    NOT_LIVE = "not_live"
    EDITED = "edited_behind_us"
    NO_SERIES = "no_series"
    UNDETERMINED = "undetermined"
    NOT_TRANSITORY = "not_transitory"
    UNCONFIRMED = "unconfirmed"
    NOT_ADOPTED = "not_adopted"
    NOT_IN_FORCE = "adoption_not_in_force"
    NOT_UNATTENDED = "not_unattended"
    KEPT_BY_SERIES = "kept_by_series"
    PERMANENT = "permanent"
    NO_PERIOD = "no_period"
    PERIOD_RUNS = "period_runs"
    SETTLING = "settling"
    STILL_ON_PLATFORM = "still_on_platform"
    NO_CAPTURE_SINCE = "no_capture_since"
    RESTRICTED = "restricted"
    CHANGED = "changed_since_plan"
    LOCKED = "due_blocked_by_store"
    NOT_AS_KEPT = "bytes_not_as_kept"
    UNSAMPLED = "waits_for_a_sample"
    RECEIPT_AWAITED = "receipt_awaited"
    TRANSFERRED = "transferred"
    LAPSED = "lapsed"
    LAPSED_UNCONFIRMED = "lapsed_on_the_longest_period"
    TO_REVIEW = "to_be_reviewed"
    REVIEWED = "reviewed_and_not_kept"
    TO_TRANSFER = "to_be_transferred"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why, with the code's own particulars: a hold's id, a series number, a day."""

    why: Why
    item: str = ""
    of: str = ""
    until: date | None = None

    def __str__(self) -> str:
        """Give the reason as tables show it."""
        parts = [self.why.value]
        if self.of:
            parts.append(self.of)
        if self.until:
            parts.append(f"until {self.until.isoformat()}")
        return " ".join(parts)
