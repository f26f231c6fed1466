"""How far back the public's answers are searched for, and which days no search reaches any more.

When answers were last searched for stands in the cursor, beside the newest post: a visit that left
other gaps has searched all the same, and is not told of again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from archiver.records.captures import Gap, GapReason
from archiver.records.moments import from_text, written

RECENT = timedelta(days=7)
"""How far back X's ordinary search reaches, by its documentation of "Search Posts"."""

_NO_POST = "0"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a visit left off: the newest post it saw, and when it began to search for answers."""

    newest: str
    searched: datetime | None = None

    @classmethod
    def read(cls, cursor: str | None) -> Place:
        """Read a cursor; one without a moment of search does not say when that was."""
        newest, _, moment = (cursor or "").partition(" ")
        try:
            return cls(newest, from_text(moment))
        except ValueError:
            return cls(newest)

    def written(self) -> str:
        """Give the place as a cursor; empty where there is nothing to be said."""
        if self.searched is None:
            return self.newest
        return f"{self.newest or _NO_POST} {written(self.searched.replace(microsecond=0))}"


def too_late(searched: datetime, began: datetime) -> Gap | None:
    """Give the gap for the days between a search at *searched* and the reach of one at *began*.

    None where the later search reaches back to the earlier. Days are those of UTC.
    """
    reached = began - RECENT
    if searched >= reached:
        return None
    return Gap(
        what=f"answers of {searched:%Y-%m-%d} to {reached:%Y-%m-%d}",
        why=GapReason.TOO_LATE,
        detail="X's search reaches back seven days, and nobody searched sooner; what people "
        "answered in these days is missing, unless it was delivered",
    )
