"""Lost items: entries by which items were captured that have no row, and where those lay."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from archiver.catalogue.rows import sliced
from archiver.catalogue.tables import captures, items, ledger_entries
from archiver.records.events import EventKind

_ROWLESS = (
    ledger_entries.c.kind == EventKind.ITEM_CAPTURED.value,
    ~select(items.c.n).where(items.c.item == ledger_entries.c.subject).exists(),
)


def without_a_row(connection: Connection, *, limit: int) -> list[str]:
    """Give the ids of at most *limit* items that the ledger says were captured and have no row."""
    query = select(ledger_entries.c.subject).where(*_ROWLESS).distinct()
    return list(connection.scalars(query.limit(limit)))


def count_without_a_row(connection: Connection) -> int:
    """Give how many items the ledger says were captured and have no row."""
    query = select(func.count(ledger_entries.c.subject.distinct())).where(*_ROWLESS)
    return connection.scalar(query) or 0


def captures_without_a_row(connection: Connection) -> list[bytes]:
    """Give the entries, in order, by which items were captured that have no row."""
    query = select(ledger_entries.c.leaf).where(*_ROWLESS).order_by(ledger_entries.c.seq)
    return list(connection.scalars(query))


def pages_of_captures(connection: Connection, names: Sequence[str]) -> dict[str, int]:
    """Give the number of the page that each of the captures *names* visited, where known."""
    found: dict[str, int] = {}
    for some in sliced(names):
        query = select(captures.c.capture, captures.c.page_n)
        rows = connection.execute(query.where(captures.c.capture.in_(some)))
        found.update({row.capture: row.page_n for row in rows})
    return found
