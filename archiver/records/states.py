"""States: what each state's law demands of every schedule and of its adoption.

Values that nobody could read in their source say so. They are floors: a schedule may keep longer.
"""

from __future__ import annotations

from dataclasses import dataclass

from archiver.records.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """The least time for which a state's correspondence is kept, and where that is said.

    Where it *binds_all*, no city record of that state is destroyed earlier.
    """

    period: Period
    source: str
    binds_all: bool = False


FLOORS = {
    "CA": Floor(period=Period(years=2), source="Gov. Code 34090(d)", binds_all=True),
    "MD": Floor(period=Period(years=3), source="proposed after schedule M335 (State Gov. 10-616)"),
    "MO": Floor(period=Period(years=3), source="proposed; General Schedule unread (RSMo 109.255)"),
    "TX": Floor(period=Period(years=2), source="Schedule GR, GR1000-26b"),
}
"""The public's comments without action are kept no shorter than this, whatever a schedule says."""
