"""Growths: threads and authors by which the scope of a hold around another has grown."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, insert, select

from archiver.catalogue.rows import next_number
from archiver.catalogue.tables import growths
from archiver.records.holds import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthRow:
    """One growth of a hold, at a moment (µs UTC). *scope* is JSON: its threads and authors."""

    hold_n: int
    scope: str
    at: int
    paper: str


def add(connection: Connection, row: GrowthRow) -> None:
    """Insert *row* under the next number."""
    values = asdict(row) | {"n": next_number(connection, growths)}
    connection.execute(insert(growths).values(values))


def scopes(connection: Connection) -> dict[int, Scope]:
    """Give, by hold number, everything by which the scopes of holds have grown."""
    found: dict[int, Scope] = {}
    query = select(growths.c.hold_n, growths.c.scope).order_by(growths.c.n)
    for row in connection.execute(query):
        more = Scope.from_json(json.loads(row.scope))
        found[row.hold_n] = found.get(row.hold_n, Scope()).grown_by(more)
    return found


def papers_of(connection: Connection, hold_n: int) -> list[str]:
    """Give the digests of the papers of every growth of a hold, in order."""
    query = select(growths.c.paper).where(growths.c.hold_n == hold_n).order_by(growths.c.n)
    return list(connection.scalars(query))
