"""Holds and what they cover."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Select, func, insert, or_, select, update

from archiver.catalogue import bylines, growths, narrowings
from archiver.catalogue.bylines import Byline, facts_of
from archiver.catalogue.items import DESTROYED, LIVE, ItemRow, as_item
from archiver.catalogue.registers import readable
from archiver.catalogue.rows import next_number, sliced, these
from archiver.catalogue.tables import coverage, holds, items, matters, pages, threads
from archiver.records.holds import Hold, HoldFacts, HoldStatus, Scope
from archiver.records.matters import MatterKind


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRow:
    """A hold with its numbers, and the kind of its matter.

    Items up to number *evaluated_to* were tested; those up to *evaluate_to* must be. *review_on*
    is the day (an ordinal) from which it asks to be looked at again, *bound_at* the moment at
    which it was first evaluated.
    """

    n: int
    hold: Hold
    kind: MatterKind
    issued_at: int
    by: str
    evaluated_to: int
    evaluate_to: int
    review_on: int
    bound_at: int | None
    lifted_at: int | None
    lifted_by: str
    paper: str


def issue(
    connection: Connection,
    hold: Hold,
    *,
    matter_n: int,
    at: int,
    by: str,
    review_on: int,
    paper: str,
) -> HoldRow:
    """Insert *hold*; every item there is now must still be evaluated."""
    n = next_number(connection, holds)
    connection.execute(
        insert(holds).values(
            n=n,
            hold=hold.id,
            matter_n=matter_n,
            reason=hold.reason,
            scope=json.dumps(hold.scope.to_json()),
            status=hold.status.value,
            issued_at=at,
            by=by,
            evaluated_to=0,
            evaluate_to=highest_item(connection),
            review_on=review_on,
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
    return _read(connection, _HOLDS.where(holds.c.hold == name))


def by_number(connection: Connection, n: int) -> list[HoldRow]:
    """Give the hold numbered *n*: one, or none."""
    return _read(connection, _HOLDS.where(holds.c.n == n))


def every(connection: Connection) -> list[HoldRow]:
    """Give every hold there ever was, in order."""
    return _read(connection, _HOLDS)


def names(connection: Connection) -> list[str]:
    """Give the name of every hold there ever was, in order, whether its row can be read or not."""
    return list(connection.scalars(select(holds.c.hold).order_by(holds.c.n)))


def binding(connection: Connection) -> list[HoldRow]:
    """Give every hold that binds.

    Raises:
        RegisterUnreadable: the holds cannot be read.
    """
    return _read(connection, _HOLDS.where(holds.c.status != HoldStatus.LIFTED.value))


_HOLDS = (
    select(holds, matters.c.matter, matters.c.kind)
    .join(matters, matters.c.n == holds.c.matter_n)
    .order_by(holds.c.n)
)


def _read(connection: Connection, query: Select[tuple[object, ...]]) -> list[HoldRow]:
    with readable("the register of holds"):
        rows = [dict(row) for row in connection.execute(query).mappings()]
        narrowed = narrowings.scopes(connection) if rows else {}
        grown = growths.scopes(connection) if rows else {}
        return [
            _as_hold(row, grown.get(n, ()), narrowed.get(n, ()))
            for row, n in ((row, int(str(row["n"]))) for row in rows)
        ]


def _as_hold(
    row: dict[str, object], grown: Iterable[Scope], narrowed: tuple[Scope, ...]
) -> HoldRow:
    hold = Hold(
        id=str(row["hold"]),
        matter=str(row["matter"]),
        reason=str(row["reason"]),
        scope=Scope.from_json(json.loads(str(row["scope"]))),
        status=HoldStatus(str(row["status"])),
        narrowed=narrowed,
    )
    for more in grown:
        hold = hold.grown_by(more)
    return HoldRow(
        n=int(str(row["n"])),
        hold=hold,
        kind=MatterKind(str(row["kind"])),
        issued_at=int(str(row["issued_at"])),
        by=str(row["by"]),
        evaluated_to=int(str(row["evaluated_to"])),
        evaluate_to=int(str(row["evaluate_to"])),
        review_on=int(str(row["review_on"])),
        bound_at=_moment(row["bound_at"]),
        lifted_at=_moment(row["lifted_at"]),
        lifted_by=str(row["lifted_by"]),
        paper=str(row["paper"]),
    )


def _moment(value: object) -> int | None:
    return None if value is None else int(str(value))


def evaluated(connection: Connection, n: int, *, to: int) -> None:
    """Write how far the scope of a hold has been evaluated."""
    connection.execute(update(holds).where(holds.c.n == n).values(evaluated_to=to))


def settled(connection: Connection, n: int, *, at: int) -> None:
    """Write that the scope of a hold is evaluated, for the first time or anew."""
    values = {
        "evaluated_to": holds.c.evaluate_to,
        "status": HoldStatus.ACTIVE.value,
        "bound_at": func.coalesce(holds.c.bound_at, at),
    }
    connection.execute(update(holds).where(holds.c.n == n).values(values))


def lift(connection: Connection, n: int, *, at: int, by: str) -> None:
    """Write that a hold was lifted; what it covered stays on record.

    *by* is empty where it expired: the freeze of a request ends with the request's own file, and
    no person let it go.
    """
    values = {"status": HoldStatus.LIFTED.value, "lifted_at": at, "lifted_by": by}
    connection.execute(update(holds).where(holds.c.n == n).values(values))


def reviewed(connection: Connection, n: int, *, review_on: int) -> None:
    """Write on which day a hold asks to be looked at again."""
    connection.execute(update(holds).where(holds.c.n == n).values(review_on=review_on))


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


def pages_covered(connection: Connection, numbers: Sequence[int]) -> dict[int, set[str]]:
    """Give, for each of the holds *numbers*, the ids of the pages on which it covers anything."""
    query = (
        select(coverage.c.hold_n, pages.c.page)
        .join(items, items.c.n == coverage.c.item_n)
        .join(pages, pages.c.n == items.c.page_n)
        .where(coverage.c.hold_n.in_(numbers))
    )
    found: dict[int, set[str]] = {}
    for hold_n, page in connection.execute(query.distinct()):
        found.setdefault(hold_n, set()).add(page)
    return found


def threads_of(connection: Connection, hold_n: int, *, limit: int | None) -> list[str]:
    """Give the ids of at most *limit* threads in which a hold covers something."""
    query = (
        select(threads.c.thread)
        .join(items, items.c.thread_n == threads.c.n)
        .join(coverage, coverage.c.item_n == items.c.n)
        .where(coverage.c.hold_n == hold_n)
    )
    return list(connection.scalars(query.distinct().order_by(threads.c.thread).limit(limit)))


def lying_in(connection: Connection, scope: Scope, *, after: int, limit: int) -> list[ItemRow]:
    """Give at most *limit* live items above *after* of the threads or authors of *scope*, in order.

    Each is found through an index of its own, however many items there are.
    """
    found: dict[int, ItemRow] = {}
    for lying in growths.lying_in(scope):
        query = select(items).where(lying, items.c.n > after, items.c.life == LIVE)
        rows = connection.execute(query.order_by(items.c.n).limit(limit)).mappings()
        found |= {row["n"]: as_item(row) for row in rows}
    return [found[n] for n in sorted(found)[:limit]]


def covering(connection: Connection, numbers: Sequence[int]) -> dict[int, list[str]]:
    """Give, for each item number, the binding holds whose coverage names it."""
    found: dict[int, list[str]] = {}
    lifted = HoldStatus.LIFTED.value
    for some in sliced(numbers):
        query = (
            select(coverage.c.item_n, holds.c.hold)
            .join(holds, holds.c.n == coverage.c.hold_n)
            .where(coverage.c.item_n.in_(these(connection, some)), holds.c.status != lifted)
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
    """An item a hold may cover: its row, the ids of its page and thread, and its bylines."""

    row: ItemRow
    page: str
    thread: str
    bylines: Sequence[Byline]

    @property
    def facts(self) -> HoldFacts:
        """Give what a hold asks about it."""
        return self.facts_at(None)

    def facts_at(self, moment: int | None) -> HoldFacts:
        """Give what a hold asked about it at *moment* (µs UTC), or asks now."""
        told = [one for one in self.bylines if moment is None or one.since <= moment]
        return facts_of(self.row, self.page, self.thread, told)


_MOST_NAMED = 10_000
"""How many items, threads or authors one statement names at most (SQLite takes 32,766 values)."""


def candidates(
    connection: Connection, scope: Scope, *, after: int, to: int, limit: int
) -> list[Candidate]:
    """Give at most *limit* items in (*after*, *to*] that lie within the scope's own columns.

    Of a tombstone nobody knows the author: it lies within them whoever wrote it. So does every item
    with bylines, within authors and days. Of a scope that names more than one statement can,
    everything is given.
    """
    query = (
        select(items, pages.c.page.label("page_id"), threads.c.thread.label("thread_id"))
        .join(pages, pages.c.n == items.c.page_n)
        .join(threads, threads.c.n == items.c.thread_n)
        .where(items.c.n > after, items.c.n <= to)
    )
    if max(map(len, (scope.items, scope.threads, scope.authors))) > _MOST_NAMED:
        pass
    elif scope.names_alone:
        query = query.where(or_(items.c.item.in_(scope.items), threads.c.thread.in_(scope.threads)))
    elif not (scope.items or scope.threads):
        if scope.pages:
            query = query.where(pages.c.page.in_(scope.pages))
        if scope.authors:
            written = items.c.author.in_(scope.authors)
            query = query.where(or_(written, items.c.life == DESTROYED, bylines.there()))
        if scope.published_from is not None:
            since = items.c.published_at >= scope.published_from
            query = query.where(or_(since, bylines.there()))
        if scope.published_to is not None:
            before = items.c.published_at < scope.published_to
            query = query.where(or_(before, bylines.there()))
    rows = connection.execute(query.order_by(items.c.n).limit(limit)).mappings().all()
    besides = bylines.of_items(connection, [row["n"] for row in rows])
    return [
        Candidate(one, row["page_id"], row["thread_id"], besides.get(one.n, ()))
        for one, row in ((as_item(row), row) for row in rows)
    ]
