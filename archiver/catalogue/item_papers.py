"""Papers that lie under items: of which items there may be any."""

from __future__ import annotations

from sqlalchemy import Connection, or_, select

from archiver.catalogue.items import LIVE, ItemRow, as_item
from archiver.catalogue.tables import bylines, decisions, items, sightings


def items_with_papers(connection: Connection, *, after: int, limit: int) -> list[ItemRow]:
    """Give at most *limit* live items above *after* under which papers may lie, in order."""
    decided = select(decisions.c.n).where(decisions.c.item_n == items.c.n).exists()
    remarked = select(sightings.c.n).where(sightings.c.item_n == items.c.n, sightings.c.paper != "")
    credited = select(bylines.c.number).where(bylines.c.item_n == items.c.n, bylines.c.paper != "")
    said = or_(
        items.c.value_ended_at.isnot(None),
        items.c.triggers != "",
        items.c.restriction != "",
        decided,
        remarked.exists(),
        credited.exists(),
    )
    query = select(items).where(items.c.life == LIVE, items.c.n > after, said)
    rows = connection.execute(query.order_by(items.c.n).limit(limit)).mappings()
    return [as_item(row) for row in rows]
