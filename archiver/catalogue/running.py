"""Running digests over the entries that decide: who takes one of them away, or relabels it, shows.

Entries about registers, and those by which items changed, are read through indexes of their own
before anything is destroyed. Each index finds what its column says; whether that is all there ever
was is told by a digest that every such entry went into, in order. It stands in the ledger's sealed
head, and takes as long to make again as there are entries that decide, not as there are items.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection, select, text

from archiver.catalogue.tables import CHANGES, OF_CHANGES, OF_ITEMS, OF_REGISTERS, ledger_entries

_CHANGES, _OF_ITEMS = frozenset(CHANGES), frozenset(OF_ITEMS)
_TOGETHER = 1_000


class Running(NamedTuple):
    """The digest of every entry about a register, and that of every change of an item."""

    registers: str = ""
    changes: str = ""

    def taking_in(self, entries: Iterable[tuple[int, str, bytes]]) -> Running:
        """Give them after further *entries*, in order: number, word and leaf of each."""
        registers, changes = self
        for seq, kind, leaf in entries:
            if kind in _CHANGES:
                changes = _next(changes, seq, leaf)
            elif kind not in _OF_ITEMS:
                registers = _next(registers, seq, leaf)
        return Running(registers, changes)


NOTHING = Running()
"""Of no entries."""


def running(connection: Connection) -> Running:
    """Make them again from the entries that stand in the two indexes."""
    return Running(of_registers(connection), _made_again(connection, OF_CHANGES).changes)


def of_registers(connection: Connection) -> str:
    """Make that of the entries about registers again, from those that stand in their index."""
    return _made_again(connection, OF_REGISTERS).registers


def _made_again(connection: Connection, these: str) -> Running:
    """Take in what *these* are true of; ordered at once, SQLite would read the whole ledger."""
    columns = ledger_entries.c
    listed = columns.seq.in_(select(columns.seq).where(text(these)))
    query = select(columns.seq, columns.kind, columns.leaf).where(listed)
    rows = connection.execute(
        query.order_by(columns.seq), execution_options={"yield_per": _TOGETHER}
    )
    return Running().taking_in((seq, kind, as_bytes(leaf)) for seq, kind, leaf in rows)


def as_bytes(leaf: object) -> bytes:
    """Give what is hashed of a leaf; SQLite keeps whatever is written, a text where bytes stood."""
    return leaf if isinstance(leaf, bytes) else f"not bytes: {leaf}".encode(errors="replace")


def _next(before: str, seq: int, leaf: bytes) -> str:
    return sha256(f"{before} {seq} ".encode() + leaf).hexdigest()
