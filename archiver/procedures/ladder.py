"""The re-check ladder: when an item beyond the look-back window is looked at again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from archiver.catalogue import contents
from archiver.catalogue.items import ItemRow
from archiver.catalogue.rows import sliced
from archiver.procedures.account import Account
from archiver.records.captures import Known, PlatformState
from archiver.records.items import Content

RUNGS = (1, 3, 7, 30, 90, 365)
"""Days after capture on which an item is looked at again; after the last, every year.

For what a lasting gap wants they count from when it was first missed.
"""

FEW = 20
"""How many items are read whole at a time, to say which they are: one may be very long."""


def next_rung(captured_on: date, today: date) -> date:
    """Give the first day after *today* on which an item captured on *captured_on* is due."""
    age = (today - captured_on).days
    for rung in RUNGS:
        if rung > age:
            return captured_on + timedelta(days=rung)
    years = age // RUNGS[-1] + 1
    return captured_on + timedelta(days=years * RUNGS[-1])


def next_look(account: Account, row: ItemRow, *, looked: bool) -> int:
    """Give the day (ordinal) of an item's next re-check: its next rung, once *looked* at today.

    What the platform did not answer for today is asked for tomorrow.
    """
    today = account.today()
    rung = next_rung(account.day(row.captured_at), today)
    return (rung if looked else today + timedelta(days=1)).toordinal()


def known_as(account: Account, rows: Sequence[ItemRow]) -> list[Known]:
    """Give what a connector is told of items it shall look at again; few are read at a time."""
    known: list[Known] = []
    for some in sliced(rows, FEW):
        with account.catalogue.reading() as connection:
            texts = contents.contents_of(connection, some)
        known.extend(_known(row, texts[row.n]) for row in some if row.n in texts)
    return known


def _known(row: ItemRow, content: Content) -> Known:
    return Known(
        native_id=content.native_id,
        kind=content.kind.value,
        parent=content.parent,
        thread=content.thread,
        permalink=content.permalink,
        state=PlatformState(row.state),
    )
