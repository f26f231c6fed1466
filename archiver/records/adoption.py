"""Adoption: the record by which an agency gives a schedule force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

AUTOMATIC = frozenset({"rules", "model"})
"""Whose transitory tags an adoption may let count without a person."""


class StillOnPlatform(StrEnum):
    """What may happen to an item last seen present on a page the department controls."""

    KEEP = "keep"
    DESTROY = "destroy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """The record by which an agency gave a schedule force.

    *automatic* says whose transitory tags count without a person (of "rules" and "model").
    *transitory_determination* names the written determination by which a transitory series
    may be due before the schedule's least time after the last activity.
    """

    instrument: str
    number: str
    date: date
    signed_by: tuple[str, ...]
    unattended_purge: bool = False
    automatic: frozenset[str] = frozenset()
    still_on_platform: StillOnPlatform = StillOnPlatform.KEEP
    transitory_determination: str | None = None
    notes: str = ""
