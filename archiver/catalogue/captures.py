"""Captures and their gaps; which items of a page are worth another look."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from archiver.catalogue.items import LIVE, ItemRow, as_item
from archiver.catalogue.rows import next_number, sliced
from archiver.catalogue.tables import captures, gaps, items, threads
from archiver.records.captures import (
    LASTING,
    LASTING_ANYWHERE,
    CaptureStatus,
    Coverage,
    GapReason,
    PlatformState,
)
from archiver.records.items import OF_MODERATION

_NOT_SOUGHT = sorted(kind.value for kind in OF_MODERATION)


def begin(
    connection: Connection, page_n: int, *, at: int, since: int | None, light: bool
) -> tuple[int, str]:
    """Write that a capture of a page has begun; give its number and its name (`C-000001`)."""
    n = next_number(connection, captures)
    name = f"C-{n:06}"
    connection.execute(
        insert(captures).values(
            n=n,
            capture=name,
            page_n=page_n,
            begun_at=at,
            status="running",
            since=since,
            light=light,
            seen=0,
            new=0,
            changed=0,
            removed=0,
            unchanged=0,
        )
    )
    return n, name


_OF_COVERAGE = (
    *("fetched", "seen", "new", "changed", "removed", "unchanged", "platform_count", "lasting"),
    *("rechecks_waiting", "differing", "differing_by"),
)


def end(connection: Connection, n: int, coverage: Coverage, *, at: int) -> None:
    """Write how a capture ended."""
    connection.execute(
        update(captures)
        .where(captures.c.n == n)
        .values(
            ended_at=at,
            status=coverage.status.value,
            **{name: getattr(coverage, name) for name in _OF_COVERAGE},
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRow:
    """One coverage record, as `status` and reports show it."""

    capture: str
    page_n: int
    begun_at: int
    ended_at: int | None
    status: str
    fetched: int
    seen: int
    new: int
    changed: int
    removed: int
    unchanged: int
    platform_count: int | None
    light: bool
    lasting: int
    rechecks_waiting: int
    differing: int
    differing_by: int


def latest(connection: Connection) -> dict[int, CaptureRow]:
    """Give the newest ended capture of each page, by page number.

    A complete light visit says nothing of what it did not look at: instead of it stands the
    newest that was not light.
    """
    newest = select(func.max(captures.c.n)).where(captures.c.ended_at.isnot(None))
    of_each = (newest, newest.where(~captures.c.light))
    columns = [captures.c[name] for name in CaptureRow.__dataclass_fields__]
    found: dict[int, CaptureRow] = {}
    for wanted in of_each:
        some = select(*columns).where(captures.c.n.in_(wanted.group_by(captures.c.page_n)))
        for row in (CaptureRow(**values) for values in connection.execute(some).mappings()):
            known = found.get(row.page_n, row)
            glance = known.light and known.status == CaptureStatus.COMPLETE.value
            found[row.page_n] = row if glance else known
    return found


def ended_at(connection: Connection, page_n: int, *, begun_at: int | None) -> int | None:
    """Give when the capture that began then ended, if there is one."""
    begun = and_(captures.c.page_n == page_n, captures.c.begun_at == begun_at, ~captures.c.light)
    found: int | None = connection.scalar(select(func.max(captures.c.ended_at)).where(begun))
    return found


def unended(connection: Connection) -> set[int]:
    """Give the numbers of the pages whose newest capture has not ended."""
    newest = select(func.max(captures.c.n)).group_by(captures.c.page_n)
    begun = select(captures.c.page_n).where(captures.c.n.in_(newest), captures.c.ended_at.is_(None))
    return set(connection.scalars(begun))


@dataclass(frozen=True, slots=True, kw_only=True)
class GapRow:
    """One gap: what could not be had, and whether it was made good since."""

    n: int
    capture_n: int
    page_n: int
    item_n: int | None
    slot: str
    what: str
    why: str
    opened_at: int
    closed_at: int | None
    tries: int
    retry_on: int | None


def open_gaps(
    connection: Connection, page_n: int, *, on: int | None, after: int, before: int, limit: int
) -> list[GapRow]:
    """Give open gaps of a page that concern an attachment and are to be tried on the day *on*.

    Where *on* is None, whatever their day.
    In order, numbered above *after*, and left by captures before the one numbered *before*.
    """
    query = select(gaps).where(
        gaps.c.page_n == page_n,
        gaps.c.closed_at.is_(None),
        gaps.c.slot != "",
        gaps.c.n > after,
        gaps.c.capture_n < before,
    )
    if on is not None:
        query = query.where(or_(gaps.c.retry_on.is_(None), gaps.c.retry_on <= on))
    rows = connection.execute(query.order_by(gaps.c.n).limit(limit)).mappings()
    return [GapRow(**row) for row in rows]


def gaps_of_item(connection: Connection, item_n: int) -> list[GapRow]:
    """Give every gap that concerns an item."""
    rows = connection.execute(select(gaps).where(gaps.c.item_n == item_n)).mappings()
    return [GapRow(**row) for row in rows]


def gaps_open_on(connection: Connection, page_n: int) -> list[GapRow]:
    """Give every open gap of a page, oldest first."""
    query = select(gaps).where(gaps.c.page_n == page_n, gaps.c.closed_at.is_(None))
    return [GapRow(**row) for row in connection.execute(query.order_by(gaps.c.n)).mappings()]


def open_gap_count(connection: Connection, *, lasting: bool) -> dict[int, int]:
    """Give how many gaps are open on each page: the *lasting* ones, or all others."""
    query = select(gaps.c.page_n, func.count()).where(
        gaps.c.closed_at.is_(None), _LASTS if lasting else ~_LASTS
    )
    return {row[0]: row[1] for row in connection.execute(query.group_by(gaps.c.page_n))}


def lasting_gaps(connection: Connection, page_n: int, *, before: int) -> int:
    """Give how many gaps of a page last since captures before the one numbered *before*."""
    query = select(func.count()).where(gaps.c.page_n == page_n, gaps.c.capture_n < before)
    return connection.scalar(query.where(gaps.c.closed_at.is_(None), _LASTS)) or 0


NewGap: TypeAlias = "dict[str, int | str | None]"
"""The columns of a new gap, without number, `tries` and `closed_at`."""

_LASTS = or_(
    gaps.c.why.in_(sorted(LASTING_ANYWHERE)),
    and_(gaps.c.slot != "", gaps.c.why.in_(sorted(LASTING))),
)
"""What no later night brings by itself: what is gone or came too late, a file that is too large."""


def open_like(connection: Connection, row: NewGap) -> GapRow | None:
    """Give the open gap that is the like of *row*, or None."""
    found = connection.execute(_like(row)).mappings().first()
    return None if found is None else GapRow(**found)


def add_gap(connection: Connection, row: NewGap) -> int:
    """Insert a gap and give its number."""
    n = next_number(connection, gaps)
    connection.execute(insert(gaps).values(row | {"n": n, "tries": 1}))
    return n


def tried_again(connection: Connection, n: int, *, retry_on: int | None) -> None:
    """Write that the gap *n* was met once more, and on which day it is to be tried next."""
    values = {"tries": gaps.c.tries + 1, "retry_on": retry_on}
    connection.execute(update(gaps).where(gaps.c.n == n).values(values))


def _like(row: NewGap) -> Select[tuple[object, ...]]:
    query = select(gaps).where(
        gaps.c.page_n == row["page_n"],
        gaps.c.closed_at.is_(None),
        gaps.c.what == row["what"],
        gaps.c.why == row["why"],
        gaps.c.slot == row["slot"],
    )
    item_n = row["item_n"]
    return query.where(gaps.c.item_n.is_(None) if item_n is None else gaps.c.item_n == item_n)


def close_gaps(connection: Connection, numbers: Sequence[int], *, at: int) -> None:
    """Write that the gaps *numbers* were made good."""
    if numbers:
        made_good = update(gaps).where(gaps.c.n == bindparam("_n")).values(closed_at=at)
        connection.execute(made_good, [{"_n": n} for n in numbers])


def strike_gaps(connection: Connection, item_numbers: Sequence[int], *, at: int) -> None:
    """Close the gaps of destroyed items: what is missing of them is wanted no more.

    What they were called may name the item on its platform, and is struck.
    """
    for some in sliced(item_numbers):
        mine = update(gaps).where(gaps.c.item_n.in_(some))
        connection.execute(mine.values(what="", closed_at=func.coalesce(gaps.c.closed_at, at)))


VISIT = "visit of "
"""How what a whole visit could not have begins."""


def gone_visits(connection: Connection, page_n: int) -> list[int]:
    """Give the open gaps of a page that was itself gone when it was visited, by number."""
    query = select(gaps.c.n).where(
        gaps.c.page_n == page_n,
        gaps.c.closed_at.is_(None),
        gaps.c.slot == "",
        gaps.c.why == GapReason.GONE.value,
        gaps.c.what.startswith(VISIT, autoescape=True),
    )
    return list(connection.scalars(query.order_by(gaps.c.n)))


def close_page_gaps(connection: Connection, page_n: int, *, at: int) -> list[int]:
    """Close the gaps of a page that concern no attachment: a complete visit makes them good.

    What lasts it does not bring back.
    """
    query = select(gaps.c.n).where(
        gaps.c.page_n == page_n, gaps.c.closed_at.is_(None), gaps.c.slot == "", ~_LASTS
    )
    numbers = list(connection.scalars(query))
    close_gaps(connection, numbers, at=at)
    return numbers


def expected(
    connection: Connection,
    page_n: int,
    *,
    since: int | None,
    kinds: Sequence[str],
    by_thread: bool,
    after: int,
    limit: int,
) -> list[ItemRow]:
    """Give live items of a page that a listing since *since* should show.

    They were last seen present, or nobody could tell. In order, above *after*, at most *limit*.
    *by_thread* has not their own date count, but that of the item their thread begins with.
    """
    query = select(items).where(
        items.c.page_n == page_n,
        items.c.life == LIVE,
        items.c.state.in_((PlatformState.PRESENT.value, PlatformState.UNKNOWN.value)),
        items.c.n > after,
        items.c.kind.not_in(_NOT_SOUGHT),
    )
    if since is not None and not by_thread:
        query = query.where(items.c.published_at >= since)
    elif since is not None:
        first = items.alias("first")
        begun = select(threads.c.n).join(first, first.c.item == threads.c.thread)
        young = begun.where(first.c.page_n == page_n, first.c.published_at >= since)
        query = query.where(items.c.thread_n.in_(young))
    if kinds:
        query = query.where(items.c.kind.in_(kinds))
    rows = connection.execute(query.order_by(items.c.n).limit(limit)).mappings()
    return [as_item(row) for row in rows]


def rung(connection: Connection, page_n: int, *, on: int, limit: int) -> list[ItemRow]:
    """Give at most *limit* items of a page whose day of re-check has come."""
    query = select(items).where(*_to_climb(page_n, on))
    rows = connection.execute(query.order_by(items.c.recheck_on).limit(limit)).mappings()
    return [as_item(row) for row in rows]


def waiting_to_climb(connection: Connection, page_n: int, on: int) -> int:
    """Give how many items of a page have had their day of re-check, up to the day *on*."""
    query = select(func.count()).select_from(items).where(*_to_climb(page_n, on))
    return connection.scalar(query) or 0


def _to_climb(page_n: int, on: int) -> tuple[ColumnElement[bool], ...]:
    due = items.c.recheck_on <= on
    sought = items.c.kind.not_in(_NOT_SOUGHT)
    return (items.c.page_n == page_n, due, items.c.life == LIVE, sought)


def climb(connection: Connection, steps: Iterable[tuple[int, int | None]]) -> None:
    """Write the day of the next re-check of each item number."""
    values = [{"_n": n, "_on": on} for n, on in steps]
    if values:
        connection.execute(
            update(items).where(items.c.n == bindparam("_n")).values(recheck_on=bindparam("_on")),
            values,
        )
