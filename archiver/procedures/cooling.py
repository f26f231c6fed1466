"""Cooling down: the days in which an item cannot be due, entered item by item.

An entry on the item itself, and not on the hold or the plan alone, is what a row is held against
before anything is destroyed: one that was put back to before its cool-down lies behind it.
"""

from __future__ import annotations

from collections.abc import Sequence

from archiver.catalogue import Desk, items
from archiver.catalogue.items import ItemRow
from archiver.procedures.account import Account
from archiver.procedures.row_deeds import cooled
from archiver.records.canonical import Json
from archiver.records.events import EventKind


def cool(
    account: Account, desk: Desk, rows: Sequence[ItemRow], *, until: int, by: str, of: str
) -> None:
    """Have *rows* cool down until the day *until* (an ordinal) at least, and be looked at again.

    *of* names the hold that let them go, or the plan from which they were taken to be kept longer.
    Each that does not cool for as long already gets an entry.
    """
    cooling = [(row, after) for row in rows if (after := cooled(row, until)) != row]
    items.change(desk.connection, [after.in_place_of(row, account.key) for row, after in cooling])
    items.look_again(desk.connection, [row.n for row in rows], account.today().toordinal())
    at, told = account.now(), dict[str, Json](until=until, of=of)
    for row, _ in cooling:
        kind = EventKind.ITEM_COOLED
        account.enter(desk, kind, by=by, subject=row.item, told=told, at=at)
