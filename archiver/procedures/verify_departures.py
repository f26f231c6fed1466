"""Verifying departures: with each narrowing of a hold left what its papers list, and nothing else.

Who narrowed a hold does not carry out a plan with what left it: a row that was taken away would
let them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import cast

from archiver.catalogue import Reading, histories, items, narrowings
from archiver.catalogue.expunging import NOWHERE
from archiver.catalogue.narrowings import NarrowingRow
from archiver.procedures.account import Account
from archiver.procedures.numbers import Numbers
from archiver.procedures.papers import paper_of
from archiver.procedures.verify_findings import Fault
from archiver.records.errors import LedgerDamaged
from archiver.records.events import EventKind, Leaf


class Departures:
    """What the ledger tells of what left holds, and how the catalogue differs from it."""

    def __init__(self, account: Account, connection: Reading) -> None:
        """Begin with nothing told."""
        self._account, self._connection = account, connection
        self._told: dict[str, list[str]] = {}
        self.takes: Mapping[EventKind, Callable[[Leaf], None]] = {EventKind.HOLD_LET_GO: self._take}

    def _take(self, leaf: Leaf) -> None:
        if leaf.paper:
            self._told.setdefault(str(leaf.particulars["nr"]), []).append(leaf.paper)

    def edited(self) -> Iterator[Fault]:
        """Name every item that left a hold, or stayed, otherwise than the ledger tells."""
        for row in narrowings.every(self._connection):
            try:
                yield from self._of_narrowing(row)
            except LedgerDamaged as error:
                yield Fault(f"H-{row.hold_n:04} narrowed", str(error))

    def _of_narrowing(self, narrowing: NarrowingRow) -> Iterator[Fault]:
        told, hold = Numbers(), f"H-{narrowing.hold_n:04}"
        for digest in self._told.get(narrowing.paper, ()):
            listed = cast("list[str]", paper_of(self._account, "departure", digest)["items"])
            rows = items.by_ids(self._connection, listed).values()
            numbers = [row.n for row in rows]
            left = histories.departed_among(self._connection, narrowing.n, numbers)
            told.add(numbers)
            for row in rows:
                if row.n not in left and row.page_n != NOWHERE:
                    yield Fault(row.item, f"it left {hold}, and the row that says so is gone")
        for n, item in histories.departed(self._connection, narrowing.n):
            if n not in told:
                yield Fault(item, f"a row says that it left {hold}; the ledger does not know it")
