"""What should not be here any more: words of tombstones, and of items without a row."""

from __future__ import annotations

from sqlalchemy import Connection, func, or_, select

from archiver.catalogue.contents import STRUCK
from archiver.catalogue.items import DESTROYED
from archiver.catalogue.tables import (
    attachments,
    bylines,
    contents,
    decisions,
    items,
    matches,
    sightings,
    versions,
)

_OF_ITEMS = (versions, bylines, matches, attachments, sightings, decisions)


def remains(connection: Connection, *, limit: int) -> list[tuple[str, str]]:
    """Give tombstones that still have something to say: (item, table), at most *limit* of each."""
    found: list[tuple[str, str]] = []
    for table in _OF_ITEMS:
        query = (
            select(items.c.item)
            .where(items.c.life == DESTROYED, items.c.n.in_(select(table.c.item_n)))
            .limit(limit)
        )
        found.extend((item, table.name) for item in connection.scalars(query))
    of_none = ~contents.c.n.in_(select(versions.c.n))
    orphans = select(func.count()).where(of_none, contents.c.body != "")
    if count := connection.scalar(orphans):
        found.append((f"{count} texts", contents.name))
    return found


def orphans(connection: Connection, *, limit: int) -> list[tuple[int, str]]:
    """Give what tells of an item without a row: (number, table), at most *limit* of each."""
    found: list[tuple[int, str]] = []
    for table in _OF_ITEMS:
        bereft = ~select(items.c.n).where(items.c.n == table.c.item_n).exists()
        query = select(table.c.item_n).where(bereft).distinct().limit(limit)
        if table is matches:  # what was struck lies there, without words, of no item
            query = query.where(or_(matches.c.item_n != STRUCK, matches.c.words != ""))
        found.extend((item_n, table.name) for item_n in connection.scalars(query))
    return found
