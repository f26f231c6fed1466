"""Adoption: the record by which an agency gives a schedule force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import cast

from archiver.records.canonical import Json
from archiver.records.classification import Basis

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
    may be due before the schedule's least time after the last activity. *demands* says, for each
    thing the state's law demands of an adoption, what answers it. *documents* are the SHA-256 of
    the files that were handed in, by name; the signed instrument is one of them. *shorter* names
    series that may be kept shorter than was promised, each with the reason.
    """

    instrument: str
    number: str
    date: date
    signed_by: tuple[str, ...]
    unattended_purge: bool = False
    automatic: frozenset[str] = frozenset()
    still_on_platform: StillOnPlatform = StillOnPlatform.KEEP
    transitory_determination: str | None = None
    demands: Mapping[str, str] = field(default_factory=dict)
    documents: Mapping[str, str] = field(default_factory=dict)
    shorter: Mapping[str, str] = field(default_factory=dict)
    notes: str = ""

    def counts(self, basis: Basis) -> bool:
        """Say whether a tag on this *basis* counts: a person's does, others where it says so."""
        if basis in (Basis.PERSON, Basis.COUNSEL):
            return True
        if basis is Basis.RULE:
            return "rules" in self.automatic
        return basis is Basis.MODEL and "model" in self.automatic

    def to_json(self) -> dict[str, Json]:
        """Give the record as papers keep it."""
        return {
            "instrument": self.instrument,
            "number": self.number,
            "date": self.date.isoformat(),
            "signed_by": list[Json](self.signed_by),
            "unattended_purge": self.unattended_purge,
            "automatic": list[Json](sorted(self.automatic)),
            "still_on_platform": self.still_on_platform.value,
            "transitory_determination": self.transitory_determination,
            "demands": dict[str, Json](self.demands),
            "documents": dict[str, Json](self.documents),
            "shorter": dict[str, Json](self.shorter),
            "notes": self.notes,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Json]) -> Adoption:
        """Read what `to_json` gave."""
        determined = told["transitory_determination"]
        return cls(
            instrument=str(told["instrument"]),
            number=str(told["number"]),
            date=date.fromisoformat(str(told["date"])),
            signed_by=tuple(str(who) for who in cast("list[Json]", told["signed_by"])),
            unattended_purge=bool(told["unattended_purge"]),
            automatic=frozenset(str(word) for word in cast("list[Json]", told["automatic"])),
            still_on_platform=StillOnPlatform(str(told["still_on_platform"])),
            transitory_determination=None if determined is None else str(determined),
            demands=_texts(told["demands"]),
            documents=_texts(told["documents"]),
            shorter=_texts(told["shorter"]),
            notes=str(told["notes"]),
        )


def _texts(told: Json) -> dict[str, str]:
    return {key: str(value) for key, value in cast("dict[str, Json]", told).items()}
