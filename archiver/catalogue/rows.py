"""Numbers and slices: what every module of the catalogue needs to write and read in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from sqlalchemy import Connection, Table, func, select

SLICE = 500
"""How many keys one statement names at most (SQLite allows 32,766 variables, older ones 999)."""

T = TypeVar("T")


def next_number(connection: Connection, table: Table) -> int:
    """Give the first free row number of *table*; sound because writers exclude each other."""
    highest = connection.scalar(select(func.max(table.c.n)))
    return (highest or 0) + 1


def sliced(values: Sequence[T], size: int = SLICE) -> Iterator[Sequence[T]]:
    """Cut *values* into runs of at most *size*."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
