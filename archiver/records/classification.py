"""Classification: substantive or transitory, a record series, and on what basis.

Content decides, format never. Counsel outranks the records officer, a person outranks a rule,
a rule outranks a model; rules and model only suggest until an adoption record says whose
transitory tags count. What nothing decides is *undetermined*: kept as substantive, queued for
a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tag(StrEnum):
    """Whether an item is a substantive record, a transitory one, or waits for a person."""

    SUBSTANTIVE = "substantive"
    TRANSITORY = "transitory"
    UNDETERMINED = "undetermined"


class Basis(StrEnum):
    """Whose word a classification rests on, weakest first."""

    NONE = "none"
    MODEL = "model"
    RULE = "rule"
    PERSON = "person"
    COUNSEL = "counsel"


RANK = {basis: rank for rank, basis in enumerate(Basis)}
"""The higher outranks the lower."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What a classifier says of one item.

    *series* is a series number of the schedule, or empty. *rule* names the rule; *matched* are
    the words in the item that made it fire; *queue* asks for a person's eyes whatever the tag.
    *restricts* says that the item is to be shown only to who has the right, whatever the tag.
    """

    tag: Tag
    series: str = ""
    rule: str = ""
    matched: tuple[str, ...] = ()
    confidence: float = 0.0
    queue: bool = False
    basis: Basis = Basis.RULE
    restricts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """What counts for an item now: the tag, the series, and on whose word."""

    tag: Tag
    series: str
    basis: Basis
    rule: str = ""
    schedule: str = ""
    queued: bool = False
