"""Items whose texts the rules of the schedule that was opened were not asked of yet.

They are a stretch of numbers: whatever was archived before the schedule was opened, but for what
was asked of since. What is captured later is asked of as it comes in.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from archiver.catalogue import facts
from archiver.catalogue.items import LIVE, ItemRow


class Unasked(NamedTuple):
    """The items numbered above *after*, up to *upto*; none where these are equal."""

    after: int = 0
    upto: int = 0

    def __bool__(self) -> bool:
        """Say whether any item is among them."""
        return self.after < self.upto

    def covers(self, row: ItemRow) -> bool:
        """Say whether the item of *row* is here and among them."""
        return self.after < row.n <= self.upto and row.life == LIVE


NOTHING_UNASKED = Unasked()


def unasked(connection: Connection) -> Unasked:
    """Give the items that the schedule's rules were not asked of."""
    told = facts.get(connection, facts.UNASKED)
    return Unasked(*map(int, told.split())) if told else NOTHING_UNASKED


def stands(connection: Connection, these: Unasked) -> None:
    """Write that the schedule's rules were not asked of *these*, and of no other item."""
    if these:
        facts.put(connection, facts.UNASKED, f"{these.after} {these.upto}")
    else:
        facts.remove(connection, facts.UNASKED)


def begin_again(connection: Connection) -> None:
    """Write, where some wait, that none was asked of: their numbers may be others than before."""
    stands(connection, unasked(connection)._replace(after=0))
