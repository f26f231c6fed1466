"""Moments and days: every moment has a zone, and is kept as microseconds since 1970 in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MICROS_A_SECOND = 1_000_000


def micros(moment: datetime) -> int:
    """Give *moment* as whole microseconds since 1970-01-01T00:00Z.

    Raises:
        ValueError: the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()}: a moment needs a time zone")
    return (moment - _EPOCH) // _MICROSECOND


def moment(micros_since: int) -> datetime:
    """Give the moment that lies *micros_since* microseconds after 1970-01-01T00:00Z, in UTC."""
    return _EPOCH + timedelta(microseconds=micros_since)


def written(when: datetime) -> str:
    """Give *when* as RFC 3339 text in UTC, with microseconds only where there are any."""
    text = when.astimezone(UTC).isoformat()
    return text.removesuffix("+00:00") + "Z"


def from_text(text: str) -> datetime:
    """Read RFC 3339 text, as `written` gives it, into a moment with its zone.

    Raises:
        ValueError: not a date and time, or without a zone.
    """
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        raise ValueError(f"{text}: a moment needs a time zone")
    return when


def local_day(when: datetime, zone: ZoneInfo) -> date:
    """Give the calendar day on which *when* falls in the agency's own *zone*."""
    return when.astimezone(zone).date()


def local_day_at(micros_since: int, zone: ZoneInfo) -> date:
    """Give the `local_day` of a `moment`, four times as quickly: no offset cuts a second.

    Raises:
        ValueError, OverflowError: no calendar has such a day.
    """
    return _day_of_second(micros_since // _MICROS_A_SECOND, zone)


@lru_cache(maxsize=8_192)
def _day_of_second(second: int, zone: ZoneInfo) -> date:
    """Remember some: one item is asked about several times, and many are captured at once."""
    return datetime.fromtimestamp(second, zone).date()


def ordinal_day(ordinal: int) -> date:
    """Give the day that the catalogue keeps as *ordinal*."""
    return date.fromordinal(ordinal)
