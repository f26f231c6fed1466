"""The outbox of the index: which items it must still be told of.

Rows are written in the transaction that changes an item, claimed under the index lock and
deleted by number, so that a change made meanwhile keeps its own row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, func, select

from archiver.catalogue.rows import add_rows, next_number, sliced
from archiver.catalogue.tables import outbox


def post(connection: Connection, numbers: Iterable[int]) -> None:
    """Have the index told of the items *numbers*."""
    first = next_number(connection, outbox)
    add_rows(connection, outbox, ("n", "item_n"), list(enumerate(numbers, first)))


def posted(connection: Connection, *, limit: int) -> list[tuple[int, int]]:
    """Give at most *limit* rows of the outbox, oldest first: (row number, item number)."""
    query = select(outbox.c.n, outbox.c.item_n).order_by(outbox.c.n).limit(limit)
    return [(row.n, row.item_n) for row in connection.execute(query)]


def collected(connection: Connection, numbers: Sequence[int]) -> None:
    """Take the rows *numbers* out of the outbox: the index has them."""
    for some in sliced(numbers):
        connection.execute(delete(outbox).where(outbox.c.n.in_(some)))


def waiting(connection: Connection) -> int:
    """Give how many items the index has not been told of yet."""
    return connection.scalar(select(func.count(func.distinct(outbox.c.item_n)))) or 0


def newest(connection: Connection) -> int:
    """Give the number of the newest row; 0 for an empty outbox."""
    return connection.scalar(select(func.max(outbox.c.n))) or 0


def collected_to(connection: Connection, number: int) -> None:
    """Take every row up to *number* out of the outbox: a new index has them all."""
    connection.execute(delete(outbox).where(outbox.c.n <= number))
