"""Matters: what holds are for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class MatterKind(StrEnum):
    """What kind of matter demands that records are kept."""

    LITIGATION = "litigation"
    CLAIM = "claim"
    COMPLAINT = "complaint"
    AUDIT = "audit"
    INVESTIGATION = "investigation"
    RECORDS_REQUEST = "records_request"
    ANTICIPATED_LITIGATION = "anticipated_litigation"


REVIEW_DAYS = 180
"""After how many days a hold asks to be looked at again, where the configuration says nothing."""

COOL_DOWN_DAYS = 30
"""How long items of a lifted hold cool down."""

REQUEST_COOL_DOWN_DAYS = 90
"""How long items of a request cool down once its freeze has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A matter; *id* (`M-0001`) stands in the ledger, *name* and *text* in its paper."""

    id: str
    kind: MatterKind
    name: str
    text: str = ""
    open: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMatter:
    """A matter that is to be opened together with its first hold."""

    name: str
    kind: MatterKind = MatterKind.LITIGATION
    text: str = ""
