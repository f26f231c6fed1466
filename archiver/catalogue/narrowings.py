"""Narrowings of holds, which items left with them, and who let items go."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from archiver.catalogue.rows import next_number, sliced
from archiver.catalogue.tables import coverage, departures, holds, narrowings, plan_items
from archiver.records.holds import HoldStatus, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class NarrowingRow:
    """One narrowing of a hold.

    *scope* is JSON; items cool down until the day *until* (an ordinal). Of what the hold covered,
    items up to number *swept_to* have been let go or kept; until it is *done*, the rest is bound.
    """

    n: int
    hold_n: int
    scope: str
    at: int
    by: str
    until: int
    paper: str
    swept_to: int = 0
    done: bool = False


def add(connection: Connection, row: NarrowingRow) -> NarrowingRow:
    """Insert *row* under the next number, and give it back."""
    values = asdict(row) | {"n": next_number(connection, narrowings)}
    connection.execute(insert(narrowings).values(values))
    return NarrowingRow(**values)


def scopes(connection: Connection) -> dict[int, tuple[Scope, ...]]:
    """Give, by hold number, the scopes to which holds were narrowed, in order."""
    found: dict[int, tuple[Scope, ...]] = {}
    query = select(narrowings.c.hold_n, narrowings.c.scope).order_by(narrowings.c.n)
    for row in connection.execute(query):
        scope = Scope.from_json(json.loads(row.scope))
        found[row.hold_n] = (*found.get(row.hold_n, ()), scope)
    return found


def of_hold(connection: Connection, hold_n: int) -> list[NarrowingRow]:
    """Give every narrowing of a hold, in order."""
    query = select(narrowings).where(narrowings.c.hold_n == hold_n).order_by(narrowings.c.n)
    return [NarrowingRow(**row) for row in connection.execute(query).mappings()]


def every(connection: Connection) -> list[NarrowingRow]:
    """Give every narrowing there ever was, in order."""
    query = select(narrowings).order_by(narrowings.c.n)
    return [NarrowingRow(**row) for row in connection.execute(query).mappings()]


def by_paper(connection: Connection, paper: str) -> NarrowingRow | None:
    """Give the narrowing that the paper with the digest *paper* orders, or None."""
    query = select(narrowings).where(narrowings.c.paper == paper)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else NarrowingRow(**row)


def unfinished(connection: Connection) -> list[NarrowingRow]:
    """Give every narrowing whose items were not all let go, in order."""
    query = select(narrowings).where(narrowings.c.done.is_(False)).order_by(narrowings.c.n)
    return [NarrowingRow(**row) for row in connection.execute(query).mappings()]


def swept(connection: Connection, n: int, *, to: int, done: bool) -> None:
    """Write how far a narrowing has let items go."""
    values = {"swept_to": to, "done": done}
    connection.execute(update(narrowings).where(narrowings.c.n == n).values(values))


def depart(connection: Connection, row: NarrowingRow, item_numbers: Sequence[int]) -> None:
    """Write that items left a hold with a narrowing; it covers them no more."""
    for some in sliced(item_numbers):
        gone = delete(coverage).where(coverage.c.hold_n == row.hold_n, coverage.c.item_n.in_(some))
        connection.execute(gone)
    note(connection, row.n, item_numbers)


def note(connection: Connection, narrowing_n: int, item_numbers: Sequence[int]) -> None:
    """Keep on record which items left with a narrowing."""
    for some in sliced(item_numbers):
        known = select(departures.c.item_n).where(
            departures.c.narrowing_n == narrowing_n, departures.c.item_n.in_(some)
        )
        before = set(connection.scalars(known))
        fresh = [{"item_n": n, "narrowing_n": narrowing_n} for n in some if n not in before]
        if fresh:
            connection.execute(insert(departures), fresh)


def left_with(connection: Connection, narrowing_n: int) -> int:
    """Give how many items are on record to have left with a narrowing."""
    mine = departures.c.narrowing_n == narrowing_n
    return connection.scalar(select(func.count()).select_from(departures).where(mine)) or 0


def let_go_by(connection: Connection, person: str, plan_n: int) -> list[str]:
    """Name the holds from which *person* let items go that stand on a plan, in order."""
    lifted = (
        select(holds.c.hold)
        .join(coverage, coverage.c.hold_n == holds.c.n)
        .join(
            plan_items,
            and_(plan_items.c.item_n == coverage.c.item_n, plan_items.c.plan_n == plan_n),
        )
        .where(holds.c.lifted_by == person, holds.c.status == HoldStatus.LIFTED.value)
    )
    narrowed = (
        select(holds.c.hold)
        .join(narrowings, narrowings.c.hold_n == holds.c.n)
        .join(departures, departures.c.narrowing_n == narrowings.c.n)
        .join(
            plan_items,
            and_(plan_items.c.item_n == departures.c.item_n, plan_items.c.plan_n == plan_n),
        )
        .where(narrowings.c.by == person)
    )
    return sorted(
        {*connection.scalars(lifted.distinct()), *connection.scalars(narrowed.distinct())}
    )
