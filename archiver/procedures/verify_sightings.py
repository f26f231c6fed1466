"""Verifying sightings: every change of what was seen of an item stands as its entry tells.

A page's record of moderation is drawn from them: an edit would have somebody else hide a comment,
or on another day. What the platform remarked lies in papers, in the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from archiver.catalogue import Reading, histories, items
from archiver.catalogue.histories import KeptSighting
from archiver.catalogue.items import LIVE
from archiver.procedures.numbers import Numbers
from archiver.procedures.verify_findings import Fault
from archiver.records.captures import PlatformState
from archiver.records.events import EventKind, Leaf
from archiver.records.moments import micros

_TOGETHER = 500


class Sightings:
    """What the ledger tells of what was seen of items, and how the catalogue differs."""

    def __init__(self, connection: Reading) -> None:
        """Begin with nothing told."""
        self._connection = connection
        self._told: list[Leaf] = []
        self._compared = Numbers()
        self._faults: list[Fault] = []
        self.takes: Mapping[EventKind, Callable[[Leaf], None]] = {
            EventKind.ITEM_SIGHTED: self._take
        }

    def _take(self, leaf: Leaf) -> None:
        self._told.append(leaf)
        if len(self._told) >= _TOGETHER:
            self._compare()

    def edited(self) -> Iterator[Fault]:
        """Name every item of which a sighting does not stand as it was entered."""
        self._compare()
        yield from self._faults
        for n, item in histories.sighted(self._connection):
            if n not in self._compared:
                yield Fault(item, "a sighting of it stands there, and the ledger does not know it")

    def _compare(self) -> None:
        ids = list(dict.fromkeys(leaf.subject for leaf in self._told))
        lives = {row.item: row.life for row in items.by_ids(self._connection, ids).values()}
        kept: dict[str, list[KeptSighting]] = {}
        for one in histories.sightings_of_each(self._connection, ids):
            kept.setdefault(one.item, []).append(one)
        for leaf in self._told:
            stands = kept.get(leaf.subject, [])
            same = (one.n for one in stands if one.told == _told_by(leaf))
            mine = [n for n in same if n not in self._compared][:1]
            self._compared.add(mine)
            if not mine and lives.get(leaf.subject) == LIVE and _moved(leaf, stands):
                self._faults.append(Fault(leaf.subject, "the row of a sighting of it is gone"))
        self._told = []


def _told_by(leaf: Leaf) -> tuple[int, str, str, str, str]:
    told = leaf.particulars
    words = (str(told["st"]), str(told.get("ac", "")), str(told.get("so", "")))
    return micros(leaf.at), *words, leaf.paper


def _moved(leaf: Leaf, stands: Sequence[KeptSighting]) -> bool:
    """Say whether the entry tells of another state than was seen before; only that has a row."""
    at = micros(leaf.at)
    before = [one.state for one in stands if one.at < at][-1:] or [PlatformState.PRESENT.value]
    together = [one.state for one in stands if one.at == at]
    return str(leaf.particulars["st"]) not in {*before, *together}
