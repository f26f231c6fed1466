"""The store's own versions of what rows name, brought in line with what it lists.

A bucket gives every object it is handed a version of its own. Where objects were put or copied
back, it is another than the rows have; where nothing was, the rows say which one is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    func,
    select,
    update,
)

from archiver.catalogue.items import LIVE
from archiver.catalogue.rebuilding import NOTED, noted
from archiver.catalogue.tables import attachments, items, versions
from archiver.records.identity import ObjectRef, Part

TABLES = {Part.CONTENT: versions, Part.ATTACHMENT: attachments}
"""Where the rows of the objects of a part are."""


@dataclass(frozen=True, slots=True)
class Unfound:
    """A row *n* of a live item's object, whose version the store does not list.

    *shown* says whether it shows another one under the same name, which is *version*.
    """

    n: int
    ref: ObjectRef
    shown: bool
    version: str | None


def take_noted_versions(connection: Connection) -> None:
    """Write the versions that the store shows, as noted, into all rows: it was empty before."""
    for part, rows in TABLES.items():
        shown = (
            select(func.max(NOTED.c.version))
            .join(items, items.c.item == NOTED.c.owner)
            .where(items.c.n == rows.c.item_n, _same(part, rows), NOTED.c.shows)
        )
        connection.execute(update(rows).values(store_version=shown.scalar_subquery()))


def unfound(connection: Connection, part: Part, *, after: int, limit: int) -> list[Unfound]:
    """Give at most *limit* rows numbered above *after* whose version was not noted, in order."""
    rows = TABLES[part]
    listed = select(NOTED.c.owner).where(
        NOTED.c.owner == items.c.item,
        _same(part, rows),
        NOTED.c.version.is_not_distinct_from(rows.c.store_version),
    )
    query = (
        select(rows.c.n, items.c.item, rows.c.digest, *_slot(part, rows))
        .join(items, items.c.n == rows.c.item_n)
        .where(items.c.life == LIVE, rows.c.n > after, ~listed.exists())
        .order_by(rows.c.n)
        .limit(limit)
    )
    found = {n: ObjectRef(item, part, *rest) for n, item, *rest in connection.execute(query)}
    there = noted(connection, [ref.owner for ref in found.values()])
    shown = {one.ref: one for some in there.values() for one in some if one.shows}
    return [
        Unfound(n, ref, ref in shown, shown[ref].version if ref in shown else None)
        for n, ref in found.items()
    ]


def take_versions(connection: Connection, part: Part, some: Sequence[Unfound]) -> None:
    """Write the versions that the store shows into the rows of *some*."""
    rows = TABLES[part]
    if some:
        connection.execute(
            update(rows).where(rows.c.n == bindparam("row_n")).values(store_version=bindparam("v")),
            [{"row_n": one.n, "v": one.version} for one in some],
        )


def _same(part: Part, rows: Table) -> ColumnElement[bool]:
    slots = (NOTED.c.slot == slot for slot in _slot(part, rows))
    return and_(NOTED.c.part == part.value, NOTED.c.digest == rows.c.digest, *slots)


def _slot(part: Part, rows: Table) -> tuple[Column[str], ...]:
    return (rows.c.slot,) if part is Part.ATTACHMENT else ()
