"""Numbers and slices: what every module of the catalogue needs to write and read in batches."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from operator import itemgetter
from typing import TypeAlias, TypeVar

from sqlalchemy import (
    BindParameter,
    Connection,
    Select,
    Table,
    TextClause,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)

from archiver.catalogue.compiling import Spoken

SLICE = 500
"""How many keys one statement names at most (SQLite allows 32,766 variables, older ones 999)."""

Keys: TypeAlias = "Sequence[int] | Sequence[str]"

T = TypeVar("T")


def next_number(connection: Connection, table: Table) -> int:
    """Give the first free row number of *table*; sound because writers exclude each other."""
    highest = connection.scalar(_highest(table))
    return (highest or 0) + 1


@cache
def _highest(table: Table) -> Select[int]:
    return select(func.max(table.c.n))


def add_rows(
    connection: Connection,
    table: Table,
    names: tuple[str, ...],
    rows: Sequence[tuple[object, ...]],
) -> None:
    """Insert *rows*, each a value for every column in *names*, which stand in the table's order.

    The values go to the driver as they are: for plain numbers, texts, bytes, truth values and
    None, which need no conversion. That takes a fifth of what Core takes for each row.
    """
    if not rows:
        return
    statement, positional = _inserting(table, names, Spoken.by(connection.dialect))
    if positional:
        connection.exec_driver_sql(statement, list(rows))
    else:
        connection.exec_driver_sql(statement, [dict(zip(names, r, strict=True)) for r in rows])


@lru_cache(maxsize=256)
def _inserting(table: Table, names: tuple[str, ...], spoken: Spoken) -> tuple[str, bool]:
    """Give the statement as the driver takes it, and whether its values are told by place."""
    if names != tuple(column.name for column in table.columns if column.name in names):
        raise ValueError(f"{table.name}: columns out of order, or unknown")
    compiled = insert(table).compile(dialect=spoken.own, column_keys=list(names))
    return str(compiled), compiled.positional


def change_rows(
    connection: Connection,
    table: Table,
    names: tuple[str, ...],
    rows: Sequence[tuple[object, ...]],
) -> None:
    """Write *rows* over those of the same number: a value for each of *names*, then the number.

    The values go to the driver as they are, as in `add_rows`.
    """
    if not rows:
        return
    statement, places = _changing(table, names, Spoken.by(connection.dialect))
    if places is not None:
        in_place = itemgetter(*places)
        connection.exec_driver_sql(statement, [in_place(row) for row in rows])
    else:
        told = (*names, _NUMBER)
        connection.exec_driver_sql(statement, [dict(zip(told, r, strict=True)) for r in rows])


_NUMBER = "n_of_row"


@lru_cache(maxsize=256)
def _changing(
    table: Table, names: tuple[str, ...], spoken: Spoken
) -> tuple[str, tuple[int, ...] | None]:
    """Give the statement as the driver takes it, and at which places of a row its values stand.

    None where the driver takes values by name.
    """
    values: dict[str, BindParameter[object]] = {name: bindparam(name) for name in names}
    changing = update(table).where(table.c.n == bindparam(_NUMBER)).values(values)
    compiled = changing.compile(dialect=spoken.own)
    if compiled.positiontup is None:
        return str(compiled), None
    told = (*names, _NUMBER)
    return str(compiled), tuple(told.index(name) for name in compiled.positiontup)


def these(connection: Connection, values: Keys) -> TextClause | Keys:
    """Give what `in_` takes for one of *values*, numbers or ids: for SQLite one text to take apart.

    Core makes a parameter of every value, each time anew. That takes longer than the statement
    itself, which counts where a hundred thousand items are asked for in a dozen ways.
    """
    if connection.dialect.name != "sqlite":
        return values
    return _THESE.bindparams(bindparam("these", json.dumps(list(values)), unique=True))


_THESE = text("SELECT value FROM json_each(:these)")


def sliced(values: Sequence[T], size: int = SLICE) -> Iterator[Sequence[T]]:
    """Cut *values* into runs of at most *size*."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
