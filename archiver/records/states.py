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


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One thing a state's law demands of an adoption: its *key*, what it *asks*, and where."""

    key: str
    asks: str
    source: str


DEMANDS = {
    "CA": (
        Demand(
            key="council_resolution",
            asks="the number of the council's resolution",
            source="Gov. Code 34090",
        ),
        Demand(
            key="attorney_consent",
            asks="the day or number of the city attorney's written consent",
            source="Gov. Code 34090",
        ),
    ),
    "MD": (
        Demand(
            key="schedule_number",
            asks="the number of the schedule at the State Archives",
            source="COMAR 14.18.02",
        ),
        Demand(
            key="state_archivist",
            asks="the day on which the State Archivist signed",
            source="State Gov. 10-616",
        ),
    ),
    "MO": (
        Demand(
            key="records_board",
            asks="the schedule of the Local Records Board, and the day it was approved",
            source="RSMo 109.255",
        ),
    ),
    "TX": (
        Demand(
            key="slr_508",
            asks="the day of the declaration of compliance, form SLR 508",
            source="Local Gov. Code 202.001",
        ),
    ),
}
"""What an adoption must answer in each state; of another state only the instrument is asked."""

FLOORS = {
    "CA": Floor(period=Period(years=2), source="Gov. Code 34090(d)", binds_all=True),
    "MD": Floor(period=Period(years=3), source="proposed after schedule M335 (State Gov. 10-616)"),
    "MO": Floor(period=Period(years=3), source="proposed; General Schedule unread (RSMo 109.255)"),
    "TX": Floor(period=Period(years=2), source="Schedule GR, GR1000-26b"),
}
"""The public's comments without action are kept no shorter than this, whatever a schedule says."""
