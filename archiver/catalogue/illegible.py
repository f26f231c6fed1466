"""Values that their columns could never hold: SQLite keeps whatever is written, as any type.

Such a value was put there behind us, with another program. Whoever reads it may stumble over it,
so proof asks the database for them first. A server refuses them, and is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from sqlalchemy import Boolean, Connection, Integer, LargeBinary, String, Table
from sqlalchemy.sql.schema import Column

from archiver.catalogue.tables import METADATA

_SLICE = 500
_RAW = """CASE typeof("{0}") WHEN 'text' THEN CAST("{0}" AS BLOB) END"""


def illegible(connection: Connection, *, limit: int) -> list[tuple[str, str]]:
    """Name what is of another type than its column, at most *limit* of each table: (what, why).

    What is text, but none that anybody could decode, is found by `undecodable`.
    """
    if connection.dialect.name != "sqlite":
        return []
    found: list[tuple[str, str]] = []
    for table, question in _questions().items():
        for row, *wrong in connection.exec_driver_sql(question, (limit,)):
            columns = zip(table.columns, wrong, strict=True)
            named = ", ".join(column.name for column, is_wrong in columns if is_wrong)
            found.append((_named(table, row), f"it was edited behind us: not a value of {named}"))
    return found


def undecodable(connection: Connection) -> Iterator[tuple[str, str]]:
    """Name every text that nobody could decode: (what, why). All of them are read, in slices."""
    if connection.dialect.name != "sqlite":
        return
    for table in METADATA.sorted_tables:
        texts = [column.name for column in table.columns if isinstance(column.type, String)]
        if not texts:
            continue
        raw = ", ".join(_RAW.format(name) for name in texts)
        rows = connection.execution_options(yield_per=_SLICE).exec_driver_sql(
            f"SELECT rowid, {raw} FROM {table.name}"  # noqa: S608 - all of it are our own names
        )
        for row, *values in rows:
            for name, value in zip(texts, values, strict=True):
                if value is not None and not _is_text(value):
                    yield _named(table, row), f"it was edited behind us: its {name} is no text"


def _is_text(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _named(table: Table, row: int) -> str:
    return f"row {row} of {table.name}"


@cache
def _questions() -> dict[Table, str]:
    """Give, for each table, the statement that asks which columns hold another type; SQLite's."""
    questions: dict[Table, str] = {}
    for table in METADATA.sorted_tables:
        wrong = [_is_wrong(column) for column in table.columns]
        questions[table] = (
            f"SELECT rowid, {', '.join(wrong)} FROM {table.name} "  # noqa: S608 - our own names
            f"WHERE {' OR '.join(wrong)} LIMIT ?"
        )
    return questions


def _is_wrong(column: Column[object]) -> str:
    """Say in SQL that a value is of another type than *column*; a truth is 0 or 1.

    It is asked of every value there is: a list of types after IN would take twice as long.
    """
    name = f'"{column.name}"'
    if isinstance(column.type, Boolean | Integer):
        kind = "integer"
    else:
        kind = "blob" if isinstance(column.type, LargeBinary) else "text"
    wrong = f"typeof({name}) <> '{kind}'"
    if isinstance(column.type, Boolean):
        wrong = f"({wrong} OR {name} <> 0 AND {name} <> 1)"
    return f"({wrong} AND {name} IS NOT NULL)" if column.nullable else wrong
