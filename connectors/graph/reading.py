"""What entities of Facebook and Instagram share, read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from archiver.records.captures import Observation, PlatformState
from archiver.records.errors import AnswerUnreadable
from archiver.records.items import Content
from connectors.cutting import count_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An item as it was read, and how it stands on the platform.

    *answers* is how many comments (replies among them) the platform counts below it; *untold*
    names the fields on which its state rests and which the answer did not give.
    """

    content: Content
    engagement: Mapping[str, int] = field(default_factory=dict)
    state: PlatformState = PlatformState.PRESENT
    restricted: bool = False
    answers: int | None = None
    untold: tuple[str, ...] = ()

    @property
    def native_id(self) -> str:
        """Give the id the platform knows the item by."""
        return self.content.native_id

    def seen(self) -> Observation:
        """Give the item as a visit yields it."""
        return Observation(
            content=self.content,
            engagement=self.engagement,
            state=self.state,
            restricted=self.restricted,
        )


def summed(entity: Mapping[str, object], edge: str) -> int | None:
    """Give the count of *edge* that the platform sums up beside *entity*, if it does."""
    below = entity.get(edge)
    summary = below.get("summary") if isinstance(below, dict) else None
    return count_of(summary.get("total_count")) if isinstance(summary, dict) else None


def file_name(url: str) -> str:
    """Give the last part of the path of *url*: the rest of such an address changes by the hour."""
    try:
        return urlsplit(url).path.rpartition("/")[2]
    except ValueError:
        return ""


def served(moment: str) -> datetime:
    """Give the moment at which a server said something, out of its `Date` header.

    Raises:
        AnswerUnreadable: there is none.
    """
    try:
        when = parsedate_to_datetime(moment)
    except (ValueError, TypeError):
        raise AnswerUnreadable("the answer has no date") from None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def hidden_by(entity: Mapping[str, object], field: str) -> PlatformState:
    """Say whether *entity* is hidden, by its yes or no in *field*; unknown where that says neither.

    >>> hidden_by({"hidden": False}, "hidden"), hidden_by({}, "hidden")
    (<PlatformState.PRESENT: 'present'>, <PlatformState.UNKNOWN: 'unknown'>)
    """
    told = entity.get(field)
    if told is True:
        return PlatformState.HIDDEN
    return PlatformState.PRESENT if told is False else PlatformState.UNKNOWN


def missing_of(entity: Mapping[str, object], *fields: str) -> tuple[str, ...]:
    """Give those of *fields*, each of them a yes or no, that *entity* does not tell."""
    return tuple(field for field in fields if not isinstance(entity.get(field), bool))
