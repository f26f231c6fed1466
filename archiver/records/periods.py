"""Periods: how long a series is kept, and the first day on which that time is over.

The arithmetic of this module is the law of the house, so it is written out:

- The trigger day itself is not counted. A period of 60 days from 2 January has 3 March of a
  common year as its last day; the first day of disposition is the day after, 4 March.
- Years and months are added first, then weeks and days. Where the month has no such day, the
  last day of the month is taken: a month from 31 January ends on 28 (or 29) February, a year
  from 29 February ends on 28 February.
- A cutoff first moves the trigger to the last day of its month, quarter, calendar year or
  fiscal year, and that day stays the last of a month while years and months are added.
- Days beyond 31 December 9999 do not exist; what would end there never ends before that day.

Days come in already in the agency's own zone; nothing here looks at a clock.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

_WRITTEN = re.compile(r"P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?", re.ASCII)
_DAY = timedelta(days=1)
_MONTHS = 12
_LEAP_CYCLE, _LEAP_DAYS = date(2001, 1, 1), 1461


class Cutoff(StrEnum):
    """Where a file is cut off before its period begins to run."""

    NONE = "none"
    MONTH = "month"
    QUARTER = "quarter"
    CALENDAR_YEAR = "calendar_year"
    FISCAL_YEAR = "fiscal_year"


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time as a schedule writes it: `P2Y`, `P60D`, `P1Y6M`, `P14D`.

    *fiscal_year_start* is the month in which the agency's fiscal year begins; it matters only
    to the cutoff `fiscal_year`.
    """

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0
    cutoff: Cutoff = Cutoff.NONE
    fiscal_year_start: int = 7

    def __post_init__(self) -> None:
        """Refuse negative lengths and a month that does not exist."""
        if min(self.years, self.months, self.weeks, self.days) < 0:
            raise ValueError("a period cannot be negative")
        if not 1 <= self.fiscal_year_start <= _MONTHS:
            raise ValueError(f"{self.fiscal_year_start}: no month for a fiscal year to begin in")

    @classmethod
    def parse(
        cls, text: str, *, cutoff: Cutoff = Cutoff.NONE, fiscal_year_start: int = 7
    ) -> Period:
        """Read ISO 8601 text of whole years, months, weeks and days.

        Raises:
            ValueError: not such text; the message shows some that is.
        """
        found = _WRITTEN.fullmatch(text)
        if found is None or not any(found.groups()):
            raise ValueError(f"{text!r} is no period; write one as P2Y, P6M, P2W or P60D")
        years, months, weeks, days = (int(part or 0) for part in found.groups())
        return cls(years, months, weeks, days, cutoff, fiscal_year_start)

    def __bool__(self) -> bool:
        """Say whether the period has any length or cutoff at all (`P0D` has none)."""
        return any((self.years, self.months, self.weeks, self.days)) or (
            self.cutoff is not Cutoff.NONE
        )

    def __str__(self) -> str:
        """Give the ISO 8601 text, with the cutoff after it where there is one."""
        parts = ((self.years, "Y"), (self.months, "M"), (self.weeks, "W"), (self.days, "D"))
        length = "P" + ("".join(f"{count}{unit}" for count, unit in parts if count) or "0D")
        return length if self.cutoff is Cutoff.NONE else f"{length} after {self.cutoff.value}"

    def last_day(self, trigger: date) -> date:
        """Give the last day of the period that *trigger* sets running; still kept on that day."""
        start = self.cut_off(trigger)
        months = start.year * _MONTHS + (start.month - 1) + self.years * _MONTHS + self.months
        year, month = divmod(months, _MONTHS)
        if year > date.max.year:
            return date.max
        last = monthrange(year, month + 1)[1]
        keeps_the_last = self.cutoff is not Cutoff.NONE
        reached = date(year, month + 1, last if keeps_the_last else min(start.day, last))
        try:
            return reached + timedelta(weeks=self.weeks, days=self.days)
        except OverflowError:
            return date.max

    def first_day(self, trigger: date) -> date:
        """Give the first day on which disposition is allowed: the day after the last day."""
        return day_after(self.last_day(trigger))

    def may_end_before(self, other: Period) -> bool:
        """Say whether there is a day from which this period is over before *other* is.

        Asked of every day of the four years in which a leap day comes once.
        """
        return self != other and _may_end_before(self, other)

    def cut_off(self, trigger: date) -> date:
        """Give the day from which the period runs: *trigger*, or the end of the span it is in."""
        year, month = trigger.year, trigger.month
        if self.cutoff is Cutoff.NONE:
            return trigger
        if self.cutoff is Cutoff.QUARTER:
            month += (3 - month) % 3
        elif self.cutoff is Cutoff.CALENDAR_YEAR:
            month = _MONTHS
        elif self.cutoff is Cutoff.FISCAL_YEAR:
            closing = (self.fiscal_year_start - 2) % _MONTHS + 1
            year += month > closing
            month = closing
        if year > date.max.year:
            return date.max
        return date(year, month, monthrange(year, month)[1])


@lru_cache(maxsize=4096)
def _may_end_before(one: Period, other: Period) -> bool:
    """Compare two periods day by day; once, for a schedule's rows ask it of few pairs, often."""
    return any(
        one.last_day(start) < other.last_day(start)
        for start in (_LEAP_CYCLE + timedelta(days=n) for n in range(_LEAP_DAYS))
    )


def day_after(last: date) -> date:
    """Give the day after *last*; the calendar's last day has none, and stays."""
    return last if last == date.max else last + _DAY
