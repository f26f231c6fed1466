"""Records requests: the register, and how long each freezes what it is about.

Opening a request freezes its pages and days, as a hold of its own. Closing it does not thaw: the
freeze lasts until the request file's own series ends, counted from the day it was closed (or from
the day on which that was entered, where that came later), or until counsel lifts it in writing
(Texas Local Government Code 202.002; California Penal Code 832.5 for complaints; elsewhere good
practice).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from archiver.records.schedules import Schedule
from archiver.records.series import Trigger


class RequestKind(StrEnum):
    """Under which law a request is made."""

    CPRA = "cpra"
    SUNSHINE = "sunshine"
    MPIA = "mpia"
    PIA = "pia"
    FOIA = "foia"
    COMPLAINT = "complaint"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsRequest:
    """A request of the register; *id* (`R-0001`) stands in the ledger, *number* in its paper.

    *hold* is the hold that freezes what it is about. It was closed on the day *closed_on*, and
    that was entered on the day *closing_entered_on*.
    """

    id: str
    number: str
    kind: RequestKind
    received_on: date
    hold: str
    closed_on: date | None = None
    closing_entered_on: date | None = None

    @property
    def counted_from(self) -> date | None:
        """Give the day from which its own file is counted; None while it is open.

        It is the later of the two: a day that was over when it was entered must not end a freeze
        that nobody could object to.
        """
        if self.closed_on is None or self.closing_entered_on is None:
            return None
        return max(self.closed_on, self.closing_entered_on)

    @property
    def closes(self) -> Trigger:
        """Give the trigger that closing it pulls."""
        return (
            Trigger.COMPLAINT_CLOSED
            if self.kind is RequestKind.COMPLAINT
            else Trigger.REQUEST_CLOSED
        )


def freeze_ends(request: RecordsRequest, schedule: Schedule | None) -> date | None:
    """Give the first day on which the file of *request* has ended, and its freeze with it.

    None while the request is open, where no schedule is adopted, where none of its series is
    about such files, and where one of them is kept, or was promised and is there no more: then
    only counsel ends the freeze. Of several series the longest counts.
    """
    counted_from = request.counted_from
    if counted_from is None or schedule is None or schedule.adoption is None:
        return None
    days = _days(request, counted_from)
    about = [n for n, series in schedule.series.items() if series.trigger is request.closes]
    dropped = schedule.promised.keys() - schedule.series.keys()
    about += [number for number in dropped if request.closes in schedule.counts_from(number)]
    ends = [schedule.first_day(number, days) for number in about]
    known = [day for day in ends if day is not None]
    return max(known) if known and len(known) == len(ends) else None


def _days(request: RecordsRequest, closed: date) -> Mapping[Trigger, date]:
    return {
        Trigger.CREATED: request.received_on,
        Trigger.RECORDED: request.received_on,
        Trigger.LAST_ACTIVITY: closed,
        request.closes: closed,
    }
