"""The last activity of threads: what moves it, and which rows tell of less than moved it.

The seal of a thread's row says that we wrote it, and not that we wrote no other since. So the row
is held against what is known of the items in it. Its last activity is never earlier than

- when any of them was published;
- any entry that says that one of them was edited, bylined or seen otherwise, but for those of the
  batch that captured it first: what it was then is no activity at that moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from archiver.catalogue.items import LIVE, ItemRow, ThreadRow
from archiver.records.canonical import read_object
from archiver.records.events import EventKind, Leaf
from archiver.records.moments import micros

_MOVING = frozenset({EventKind.ITEM_EDITED, EventKind.ITEM_SIGHTED, EventKind.ITEM_BYLINED})


def threads_behind(
    threads: Iterable[ThreadRow], rows: Iterable[ItemRow], told: Mapping[str, Sequence[bytes]]
) -> frozenset[int]:
    """Give the numbers of those *threads* whose rows tell of less than moved them.

    *rows* are items that lie in them, *told* the entries of changes, by item id. Entries that
    cannot be read move nothing: their item lies behind the ledger by itself (`row_deeds.behind`).
    """
    last = {thread.n: thread.last_activity for thread in threads}
    return frozenset(
        row.thread_n
        for row in rows
        if row.life == LIVE and last[row.thread_n] < _moved_at(row, told.get(row.item, ()))
    )


def _moved_at(row: ItemRow, leaves: Iterable[bytes]) -> int:
    """Give the latest moment at which *row* moved the last activity of its thread."""
    return max([row.published_at, *(_at(data, row) for data in leaves)])


def _at(data: bytes, row: ItemRow) -> int:
    try:
        leaf = Leaf.from_json(read_object(data))
    except (ValueError, KeyError, TypeError, AttributeError):
        return row.published_at
    at = micros(leaf.at)
    return at if leaf.kind in _MOVING and at != row.captured_at else row.published_at
