"""Growths: threads and authors by which scopes of holds have grown, around others or by name."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, Connection, func, insert, literal, select, update

from archiver.catalogue.items import LIVE, looked_at
from archiver.catalogue.object_locks import NOW
from archiver.catalogue.rows import next_number
from archiver.catalogue.tables import bylines, coverage, growths, items, object_locks, threads
from archiver.records.holds import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthRow:
    """One growth of a hold, at a moment (µs UTC), by which it *bound* so many items there were.

    *scope* is JSON: its threads and authors, and what these are called where that is why.
    """

    hold_n: int
    scope: str
    bound: int
    at: int
    paper: str


def add(connection: Connection, row: GrowthRow) -> None:
    """Insert *row* under the next number."""
    values = asdict(row) | {"n": next_number(connection, growths)}
    connection.execute(insert(growths).values(values))


def scopes(connection: Connection) -> dict[int, list[Scope]]:
    """Give, by hold number, everything by which holds have grown; one scope of those called alike.

    It is asked with every batch of a capture, and a hold may have grown with each before.
    """
    found: dict[tuple[int, tuple[str, ...]], tuple[set[str], set[str]]] = {}
    for hold_n, text in connection.execute(select(growths.c.hold_n, growths.c.scope)):
        more = json.loads(text)
        inside, written = found.setdefault((hold_n, tuple(more["called"])), (set(), set()))
        inside.update(more["threads"])
        written.update(more["authors"])
    grown: dict[int, list[Scope]] = {}
    for (hold_n, called), (inside, written) in found.items():
        more = Scope(
            threads=frozenset(inside), authors=frozenset(written), called=frozenset(called)
        )
        grown.setdefault(hold_n, []).append(more)
    return grown


def lying_in(scope: Scope) -> list[ColumnElement[bool]]:
    """Give what asks for the items of the threads of *scope*, and for those of its authors.

    They are asked one by one: each has an index of its own, and one question of all has none.
    """
    inside = select(threads.c.n).where(threads.c.thread.in_(scope.threads))
    of_threads: list[ColumnElement[bool]] = [items.c.thread_n.in_(inside)] if scope.threads else []
    if not scope.authors:
        return of_threads
    written = (items.c.author != "") & items.c.author.in_(scope.authors)
    besides = select(bylines.c.item_n).where(bylines.c.author.in_(scope.authors))
    return [*of_threads, written, items.c.n.in_(besides)]


def bind(connection: Connection, hold_n: int, scope: Scope, *, day: int) -> int:
    """Have a hold cover every live item of the threads and authors of *scope*; count the new ones.

    Their threads are looked at on *day*, and the store hears of them. The items never leave the
    database, however many they are.
    """
    known = select(coverage).where(coverage.c.item_n == items.c.n, coverage.c.hold_n == hold_n)
    bound = 0
    for lying in lying_in(scope):
        live = select(items.c.n).where(lying, items.c.life == LIVE)
        inside = live.with_only_columns(items.c.thread_n)
        fresh = live.with_only_columns(items.c.n, literal(hold_n)).where(~known.exists())
        connection.execute(looked_at(day).where(threads.c.n.in_(inside)))
        hears = update(object_locks).where(object_locks.c.item_n.in_(live))
        connection.execute(hears.values(look_on=NOW))
        covering = insert(coverage).from_select(["item_n", "hold_n"], fresh)
        counted = {"preserve_rowcount": True}  # of an INSERT a driver counts only where asked to
        bound += connection.execute(covering, execution_options=counted).rowcount
    return bound


def of_hold(connection: Connection, hold_n: int) -> list[GrowthRow]:
    """Give every growth of a hold, in order."""
    query = select(growths).where(growths.c.hold_n == hold_n).order_by(growths.c.n)
    rows = connection.execute(query).mappings()
    return [GrowthRow(**{key: value for key, value in row.items() if key != "n"}) for row in rows]


def bound_by(connection: Connection, hold_n: int, *, since: int) -> int:
    """Give how many items the growths of a hold have bound since a moment (µs UTC)."""
    mine = (growths.c.hold_n == hold_n, growths.c.at > since)
    return connection.scalar(select(func.sum(growths.c.bound)).where(*mine)) or 0


def papers_of(connection: Connection, hold_n: int) -> list[str]:
    """Give the digests of the papers of every growth of a hold, in order."""
    query = select(growths.c.paper).where(growths.c.hold_n == hold_n).order_by(growths.c.n)
    return list(connection.scalars(query))
