"""Items that are closed to some who may read: which they are, for answers that must not count them.

What a search finds among them it must neither show nor count: whoever may not read words, and
learns how many items have them, reads them one by one.
"""

from __future__ import annotations

from sqlalchemy import Connection, select, text, union

from archiver.catalogue.items import DESTROYED
from archiver.catalogue.orders import sealing
from archiver.catalogue.tables import OF_RESTRICTED, items
from archiver.catalogue.unasked import unasked


def restricted(connection: Connection) -> frozenset[str]:
    """Give the ids of all items, no tombstones, that only who has the right may read."""
    waiting = unasked(connection)
    here = select(items.c.item).where(items.c.life != DESTROYED)
    closed = [here.where(text(OF_RESTRICTED))]
    if waiting:  # an index finds the ones, their numbers the others
        closed.append(here.where(items.c.n > waiting.after, items.c.n <= waiting.upto))
    return frozenset(connection.scalars(union(*closed)))


def sealed(connection: Connection) -> frozenset[str]:
    """Give the ids of all items, no tombstones, that an order in force seals."""
    here = select(items.c.item).where(items.c.life != DESTROYED)
    return frozenset(connection.scalars(here.where(items.c.n.in_(sealing()))))
