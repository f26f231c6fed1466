"""Papers that lie under items: of which items there are any, and which rows name them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, or_, select, update

from archiver.catalogue.items import LIVE, ItemRow, as_item
from archiver.catalogue.tables import decisions, items, sightings


def items_with_papers(connection: Connection, *, after: int, limit: int) -> list[ItemRow]:
    """Give at most *limit* live items above *after* under which papers may lie, in order."""
    decided = select(decisions.c.n).where(decisions.c.item_n == items.c.n).exists()
    remarked = select(sightings.c.n).where(sightings.c.item_n == items.c.n, sightings.c.paper != "")
    said = or_(
        items.c.value_ended_at.isnot(None), items.c.triggers != "", decided, remarked.exists()
    )
    query = select(items).where(items.c.life == LIVE, items.c.n > after, said)
    rows = connection.execute(query.order_by(items.c.n).limit(limit)).mappings()
    return [as_item(row) for row in rows]


def stands_for(connection: Connection, item_n: int, before: Sequence[str], now: str) -> None:
    """Have the rows of an item name the paper *now* where they named one of *before*."""
    for table in (decisions, sightings):
        mine = (table.c.item_n == item_n) & table.c.paper.in_(before)
        connection.execute(update(table).where(mine).values(paper=now))
