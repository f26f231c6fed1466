"""The re-check ladder: when an item beyond the look-back window is looked at again."""

from __future__ import annotations

from datetime import date, timedelta

from archiver.records.captures import Known
from archiver.records.items import Content

RUNGS = (1, 3, 7, 30, 90, 365)
"""Days after capture on which an item is looked at again; after the last, every year.

For a file that is gone they count from when it was first missed.
"""


def next_rung(captured_on: date, today: date) -> date:
    """Give the first day after *today* on which an item captured on *captured_on* is due."""
    age = (today - captured_on).days
    for rung in RUNGS:
        if rung > age:
            return captured_on + timedelta(days=rung)
    years = age // RUNGS[-1] + 1
    return captured_on + timedelta(days=years * RUNGS[-1])


def known_as(content: Content) -> Known:
    """Give what a connector is told of an item it shall look at again."""
    return Known(
        native_id=content.native_id,
        kind=content.kind.value,
        parent=content.parent,
        thread=content.thread,
        permalink=content.permalink,
    )
