"""Items that are closed to some who may read: which they are, for answers that must not count them.

What a search finds among them it must neither show nor count: whoever may not read words, and
learns how many items have them, reads them one by one. There may be as many as the archive has
items: they are asked for a slice at a time, or among those that are looked at, and never held.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Select, func, select, text, union

from archiver.catalogue.engine import Catalogue
from archiver.catalogue.items import DESTROYED, ItemRow
from archiver.catalogue.orders import sealing
from archiver.catalogue.rows import sliced
from archiver.catalogue.tables import OF_RESTRICTED, items
from archiver.catalogue.unasked import unasked

_SLICE = 2_000
"""How many ids the database hands over at a time."""


@dataclass(frozen=True, slots=True)
class Closed:
    """What is closed to somebody, no tombstones; *sealed* is all of it to who has the right.

    It is asked for anew each time: nothing of it stays in memory.
    """

    catalogue: Catalogue
    sealed: bool = False

    def __len__(self) -> int:
        """Say how many items they are."""
        with self.catalogue.reading() as connection:
            every = union(*_questions(connection, sealed=self.sealed)).subquery()
            return connection.scalar(select(func.count()).select_from(every)) or 0

    def __iter__(self) -> Iterator[str]:
        """Give their ids, each once."""
        with self.catalogue.reading() as connection:
            every = union(*_questions(connection, sealed=self.sealed))
            rows = connection.execution_options(yield_per=_SLICE).execute(every)
            yield from (row.item for row in rows)

    def open_ones(self, connection: Connection, rows: Sequence[ItemRow]) -> list[ItemRow]:
        """Give those of *rows* that are not among them, in their order."""
        hidden = among(connection, rows, sealed=self.sealed)
        return [row for row in rows if row.item not in hidden]


def among(connection: Connection, rows: Sequence[ItemRow], *, sealed: bool) -> set[str]:
    """Give the ids of those of *rows*, no tombstones, that only who has the right may read.

    Where *sealed*, of those that an order in force seals.
    """
    found: set[str] = set()
    for asked in _questions(connection, sealed=sealed):
        for some in sliced([row.n for row in rows]):
            found.update(connection.scalars(asked.where(items.c.n.in_(some))))
    return found


def _questions(connection: Connection, *, sealed: bool) -> list[Select[tuple[str]]]:
    """Give the questions whose answers together are all that is closed."""
    here = select(items.c.item).where(items.c.life != DESTROYED)
    if sealed:
        return [here.where(items.c.n.in_(sealing()))]
    waiting = unasked(connection)
    closed = [here.where(text(OF_RESTRICTED))]
    if waiting:  # an index finds the ones, their numbers the others
        closed.append(here.where(items.c.n > waiting.after, items.c.n <= waiting.upto))
    return closed
