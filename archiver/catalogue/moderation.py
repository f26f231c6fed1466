"""What the catalogue knows of items that went out of sight on a page, and of the visits around."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from sqlalchemy import Connection, func, or_, select

from archiver.catalogue.captures import GapRow
from archiver.catalogue.contents import from_body
from archiver.catalogue.items import DESTROYED, LIVE
from archiver.catalogue.rows import sliced
from archiver.catalogue.sightings import SightingRow
from archiver.catalogue.tables import captures, contents, gaps, items, sightings, versions
from archiver.records.captures import CaptureStatus, GapReason, PlatformState
from archiver.records.items import Content, ItemKind


def standing_lists(connection: Connection, page_n: int) -> list[str]:
    """Give the ids of the lists by which a page is moderated, in the order they were first kept."""
    return _of_kind(connection, page_n, ItemKind.MODERATION, since=0, until=None, after=0)[1]


def log_entries(
    connection: Connection, page_n: int, *, since: int, until: int, after: int, limit: int
) -> tuple[int, list[str]]:
    """Give the ids of entries of a page's log of moderation that were made in a time.

    From *since* to before *until*, numbered above *after*, at most *limit*; first the number of
    the last, 0 where there is none.
    """
    return _of_kind(
        connection, page_n, ItemKind.LOG, since=since, until=until, after=after, limit=limit
    )


def has_log(connection: Connection, page_n: int) -> bool:
    """Say whether an entry of a page's log of moderation was ever captured, destroyed or not."""
    query = select(items.c.n).where(items.c.page_n == page_n, items.c.kind == ItemKind.LOG.value)
    return connection.scalar(query.limit(1)) is not None


def _of_kind(
    connection: Connection,
    page_n: int,
    kind: ItemKind,
    *,
    since: int,
    until: int | None,
    after: int,
    limit: int | None = None,
) -> tuple[int, list[str]]:
    query = select(items.c.n, items.c.item).where(
        items.c.page_n == page_n,
        items.c.life == LIVE,
        items.c.kind == kind.value,
        items.c.n > after,
    )
    if until is not None:
        query = query.where(items.c.published_at >= since, items.c.published_at < until)
    rows = connection.execute(query.order_by(items.c.n).limit(limit)).all()
    return (rows[-1].n if rows else 0), [row.item for row in rows]


def out_of_sight(
    connection: Connection, page_n: int, *, since: int, until: int, after: int, limit: int
) -> list[tuple[int, str]]:
    """Give number and id of live items of a page that were seen other than present in a time.

    From *since* to before *until*, in order, numbered above *after*, at most *limit*.
    """
    seen = select(sightings.c.item_n).where(
        sightings.c.state != PlatformState.PRESENT.value,
        sightings.c.at >= since,
        sightings.c.at < until,
    )
    query = select(items.c.n, items.c.item).where(
        items.c.page_n == page_n, items.c.life == LIVE, items.c.n > after, items.c.n.in_(seen)
    )
    return [(row.n, row.item) for row in connection.execute(query.order_by(items.c.n).limit(limit))]


def sightings_by_item(
    connection: Connection, numbers: Sequence[int]
) -> dict[int, list[SightingRow]]:
    """Give what was seen of each of the items *numbers*, oldest first."""
    columns = [sightings.c[f.name] for f in fields(SightingRow)]
    found: dict[int, list[SightingRow]] = {n: [] for n in numbers}
    for some in sliced(numbers):
        query = select(*columns).where(sightings.c.item_n.in_(some))
        # A rebuild numbers them anew in the ledger's own order, so that the moment comes first.
        for row in connection.execute(query.order_by(sightings.c.at, sightings.c.n)).mappings():
            found[row["item_n"]].append(SightingRow(**row))
    return found


@dataclass(frozen=True, slots=True)
class Said:
    """What an item said from the moment *at* on, as far as we know."""

    at: int
    content: Content


def said_by_item(connection: Connection, numbers: Sequence[int]) -> dict[int, list[Said]]:
    """Give what each of the items *numbers* said, in the order in which it was entered."""
    found: dict[int, list[Said]] = {n: [] for n in numbers}
    for some in sliced(numbers):
        query = (
            select(versions.c.item_n, versions.c.captured_at, contents.c.body)
            .join(contents, contents.c.n == versions.c.n)
            .where(versions.c.item_n.in_(some), contents.c.body != "")
            .order_by(versions.c.captured_at, versions.c.number)
        )
        for row in connection.execute(query):
            found[row.item_n].append(Said(row.captured_at, from_body(row.body)))
    return found


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit that was complete and not light: from when to when, and since when it asked."""

    began: int
    ended: int
    since: int | None


def whole_visits(connection: Connection, page_n: int, *, until: int) -> list[Visit]:
    """Give the complete visits to a page that ended before *until*, oldest first."""
    query = select(captures.c.begun_at, captures.c.ended_at, captures.c.since).where(
        captures.c.page_n == page_n,
        captures.c.status == CaptureStatus.COMPLETE.value,
        ~captures.c.light,
        captures.c.ended_at < until,
    )
    return [Visit(*row) for row in connection.execute(query.order_by(captures.c.n))]


def visit_counts(connection: Connection, page_n: int, *, since: int, until: int) -> dict[str, int]:
    """Give how many visits to a page that began in a time ended how."""
    query = select(captures.c.status, func.count()).where(
        captures.c.page_n == page_n, captures.c.begun_at >= since, captures.c.begun_at < until
    )
    return {row[0]: row[1] for row in connection.execute(query.group_by(captures.c.status))}


def gaps_open_in(connection: Connection, page_n: int, *, since: int, until: int) -> list[GapRow]:
    """Give the gaps of a page that were open at any moment of a time, oldest first."""
    query = select(gaps).where(
        gaps.c.page_n == page_n,
        gaps.c.opened_at < until,
        or_(gaps.c.closed_at.is_(None), gaps.c.closed_at >= since),
    )
    return [GapRow(**row) for row in connection.execute(query.order_by(gaps.c.n)).mappings()]


def not_granted(connection: Connection) -> dict[int, list[tuple[int, str]]]:
    """Give, of each page, the open gaps for what its token was never shown: number and name."""
    query = select(gaps.c.page_n, gaps.c.n, gaps.c.what).where(
        gaps.c.closed_at.is_(None), gaps.c.why == GapReason.NOT_GRANTED.value
    )
    found: dict[int, list[tuple[int, str]]] = {}
    for row in connection.execute(query.order_by(gaps.c.n)):
        found.setdefault(row.page_n, []).append((row.n, row.what))
    return found


def tombstones(connection: Connection, page_n: int) -> int:
    """Give how many items of a page are destroyed: nothing can be told of what was seen of them."""
    query = select(func.count()).where(items.c.page_n == page_n, items.c.life == DESTROYED)
    return connection.scalar(query) or 0
