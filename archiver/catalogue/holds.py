"""Holds and what they cover."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from archiver.catalogue.items import ItemRow, as_item
from archiver.catalogue.rows import next_number, sliced
from archiver.catalogue.tables import coverage, holds, items, pages
from archiver.records.holds import Hold, HoldFacts, HoldStatus, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRow:
    """A hold with its numbers.

    Items up to number *evaluated_to* were tested; those up to *evaluate_to* must be.
    """

    n: int
    hold: Hold
    issued_at: int
    by: str
    evaluated_to: int
    evaluate_to: int
    lifted_at: int | None
    paper: str


def issue(connection: Connection, hold: Hold, *, at: int, by: str, paper: str) -> HoldRow:
    """Insert *hold*; every item there is now must still be evaluated."""
    n = next_number(connection, holds)
    connection.execute(
        insert(holds).values(
            n=n,
            hold=hold.id,
            matter=hold.matter,
            reason=hold.reason,
            scope=json.dumps(hold.scope.to_json()),
            status=hold.status.value,
            issued_at=at,
            by=by,
            evaluated_to=0,
            evaluate_to=highest_item(connection),
            paper=paper,
        )
    )
    return by_name(connection, hold.id)[0]


def next_name(connection: Connection) -> str:
    """Give the name of the next hold (`H-0001`)."""
    return f"H-{next_number(connection, holds):04}"


def highest_item(connection: Connection) -> int:
    """Give the highest item number there is; 0 for an empty catalogue."""
    return connection.scalar(select(func.max(items.c.n))) or 0


def by_name(connection: Connection, name: str) -> list[HoldRow]:
    """Give the hold called *name*: one, or none."""
    rows = connection.execute(select(holds).where(holds.c.hold == name)).mappings()
    return [_as_hold(dict(row)) for row in rows]


def every(connection: Connection) -> list[HoldRow]:
    """Give every hold there ever was, in order."""
    return [
        _as_hold(dict(r)) for r in connection.execute(select(holds).order_by(holds.c.n)).mappings()
    ]


def binding(connection: Connection) -> list[HoldRow]:
    """Give every hold that binds."""
    return [row for row in every(connection) if row.hold.binds]


def _as_hold(row: dict[str, object]) -> HoldRow:
    hold = Hold(
        id=str(row["hold"]),
        matter=str(row["matter"]),
        reason=str(row["reason"]),
        scope=Scope.from_json(json.loads(str(row["scope"]))),
        status=HoldStatus(str(row["status"])),
    )
    lifted = row["lifted_at"]
    return HoldRow(
        n=int(str(row["n"])),
        hold=hold,
        issued_at=int(str(row["issued_at"])),
        by=str(row["by"]),
        evaluated_to=int(str(row["evaluated_to"])),
        evaluate_to=int(str(row["evaluate_to"])),
        lifted_at=None if lifted is None else int(str(lifted)),
        paper=str(row["paper"]),
    )


def evaluated(connection: Connection, n: int, *, to: int, done: bool) -> None:
    """Write how far the scope of a hold has been evaluated."""
    values: dict[str, object] = {"evaluated_to": to}
    if done:
        values["status"] = HoldStatus.ACTIVE.value
    connection.execute(update(holds).where(holds.c.n == n).values(values))


def lift(connection: Connection, n: int, *, at: int) -> None:
    """Write that a hold was lifted; what it covered stays on record."""
    values = {"status": HoldStatus.LIFTED.value, "lifted_at": at}
    connection.execute(update(holds).where(holds.c.n == n).values(values))


def cover(connection: Connection, pairs: Iterable[tuple[int, int]]) -> int:
    """Write that holds cover items: (hold number, item number); give how many were new."""
    wanted = set(pairs)
    known: set[tuple[int, int]] = set()
    for some in sliced([item_n for _, item_n in wanted]):
        query = select(coverage.c.hold_n, coverage.c.item_n).where(coverage.c.item_n.in_(some))
        known |= {(row.hold_n, row.item_n) for row in connection.execute(query)}
    fresh = sorted(wanted - known)
    if fresh:
        rows = [{"hold_n": hold_n, "item_n": item_n} for hold_n, item_n in fresh]
        connection.execute(insert(coverage), rows)
    return len(fresh)


def covered(connection: Connection, hold_n: int) -> int:
    """Give how many items a hold covers."""
    query = select(func.count()).select_from(coverage).where(coverage.c.hold_n == hold_n)
    return connection.scalar(query) or 0


def covered_slice(connection: Connection, hold_n: int, *, after: int, limit: int) -> list[int]:
    """Give the numbers of at most *limit* items a hold covers, above *after*, in order."""
    query = select(coverage.c.item_n).where(coverage.c.hold_n == hold_n, coverage.c.item_n > after)
    return list(connection.scalars(query.order_by(coverage.c.item_n).limit(limit)))


def covering(connection: Connection, numbers: Sequence[int]) -> dict[int, list[str]]:
    """Give, for each item number, the binding holds whose coverage names it."""
    found: dict[int, list[str]] = {}
    lifted = HoldStatus.LIFTED.value
    for some in sliced(numbers):
        query = (
            select(coverage.c.item_n, holds.c.hold)
            .join(holds, holds.c.n == coverage.c.hold_n)
            .where(coverage.c.item_n.in_(some), holds.c.status != lifted)
            .order_by(holds.c.n)
        )
        for row in connection.execute(query):
            found.setdefault(row.item_n, []).append(row.hold)
    return found


def held_count(connection: Connection) -> int:
    """Give how many items at least one binding hold covers."""
    query = (
        select(func.count(func.distinct(coverage.c.item_n)))
        .join(holds, holds.c.n == coverage.c.hold_n)
        .where(holds.c.status != HoldStatus.LIFTED.value)
    )
    return connection.scalar(query) or 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item a hold may cover: its row, and what the scope asks about it."""

    row: ItemRow
    facts: HoldFacts


def candidates(
    connection: Connection, scope: Scope, *, after: int, to: int, limit: int
) -> list[Candidate]:
    """Give at most *limit* items in (*after*, *to*] that lie within the scope's own columns."""
    query = (
        select(items, pages.c.page.label("page_id"))
        .join(pages, pages.c.n == items.c.page_n)
        .where(items.c.n > after, items.c.n <= to)
    )
    if scope.items_alone:
        query = query.where(items.c.item.in_(scope.items))
    elif not scope.items:
        if scope.pages:
            query = query.where(pages.c.page.in_(scope.pages))
        if scope.authors:
            query = query.where(items.c.author.in_(scope.authors))
        if scope.published_from is not None:
            query = query.where(items.c.published_at >= scope.published_from)
        if scope.published_to is not None:
            query = query.where(items.c.published_at < scope.published_to)
    rows = connection.execute(query.order_by(items.c.n).limit(limit)).mappings()
    return [Candidate(as_item(row), facts_of(as_item(row), row["page_id"])) for row in rows]


def facts_of(row: ItemRow, page: str) -> HoldFacts:
    """Give what a hold asks about an item."""
    return HoldFacts(item=row.item, page=page, author=row.author, published=row.published_at)
