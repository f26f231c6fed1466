"""Enablings: by which statute a page is captured, whatever its platform's terms say."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, insert, select

from archiver.catalogue.rows import next_number
from archiver.catalogue.tables import enablings


@dataclass(frozen=True, slots=True, kw_only=True)
class EnablingRow:
    """One enabling. *page* is opaque, *dated* an ordinal, *document* a digest or empty."""

    n: int
    enabling: str
    page: str
    connector: str
    term: str
    statute: str
    counsel: str
    dated: int
    document: str
    entered_at: int
    by: str
    paper: str


def next_name(connection: Connection) -> str:
    """Give the name of the next enabling (`E-0001`)."""
    return f"E-{next_number(connection, enablings):04}"


def add(connection: Connection, row: EnablingRow) -> None:
    """Insert *row* under its number."""
    connection.execute(insert(enablings).values(asdict(row)))


def every(connection: Connection) -> list[EnablingRow]:
    """Give every enabling there ever was, in order."""
    rows = connection.execute(select(enablings).order_by(enablings.c.n)).mappings()
    return [EnablingRow(**row) for row in rows]


def in_force(connection: Connection) -> dict[str, EnablingRow]:
    """Give the enabling that counts for each page, the last that was entered, by opaque id."""
    return {row.page: row for row in every(connection)}
