"""Checking the ledger's copy: every hash recomputed from the entries, every damaged tile named.

Two ways lead to a tile: down from the signed root, and up from the entries. Where one of them
is broken, the other one tells which tile broke it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from archiver.ledger.layout import ENTRIES, WIDTH, Tile, edge, tile_at
from archiver.ledger.notes import Checkpoint
from archiver.ledger.reading import CopyReader, edge_frontier
from archiver.ports import Shelf
from archiver.records.merkle import leaf_hash, tree_root


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a check of the ledger's copy found.

    *damaged* and *missing* name files of the store; *faults* are sentences about the whole.
    *behind* is how many entries of the catalogue the copy does not hold yet, which is no fault.
    """

    size: int
    damaged: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    behind: int = 0

    @property
    def ok(self) -> bool:
        """Say whether everything is as it was signed."""
        return not (self.damaged or self.missing or self.faults)

    def with_damaged(self, name: str, fault: str) -> Report:
        """Give this report with one more damaged file, and the fault it is."""
        return replace(self, damaged=(name, *self.damaged), faults=(fault, *self.faults))

    def compared(
        self, signed: Checkpoint, expect_size: int | None, expect_root: bytes | None
    ) -> Report:
        """Give this report with what the catalogue says of size and root held against *signed*."""
        if expect_size is None:
            return self
        fault = ""
        if expect_size < signed.size:
            fault = f"the catalogue has {expect_size} entries, its signed copy {signed.size}"
        elif expect_size == signed.size and expect_root not in (None, signed.root):
            fault = "the catalogue's ledger and its signed copy tell different histories"
        return replace(
            self,
            behind=max(0, expect_size - signed.size),
            faults=(*self.faults, fault) if fault else self.faults,
        )


def inspect(shelf: Shelf, signed: Checkpoint) -> Report:
    """Check every tile and entry of the copy on *shelf* against the checkpoint *signed*."""
    inspection = _Inspection(shelf, signed)
    inspection.right_edge()
    inspection.older_partials()
    return Report(
        size=signed.size,
        damaged=tuple(sorted(inspection.damaged)),
        missing=tuple(sorted(inspection.missing)),
        faults=tuple(inspection.faults),
    )


class _Inspection:
    """One check, and what it has found so far; holds at most one tile of each level."""

    def __init__(self, shelf: Shelf, signed: Checkpoint) -> None:
        self.damaged: set[str] = set()
        self.missing: set[str] = set()
        self.faults: list[str] = []
        self._shelf = shelf
        self._signed = signed
        self._reader = CopyReader(shelf, signed.size)

    def right_edge(self) -> None:
        """Check the partial tiles against the signed root, and everything below each of them."""
        stored = {tile.level: self._read(tile) for tile in edge(self._signed.size)}
        certain = self._gives_root(stored)
        below: dict[int, list[bytes | None] | None] = {}
        for tile in edge(self._signed.size):
            if tile.level:
                below[tile.level] = self._children(tile, stored[tile.level], certain=certain)
            else:
                below[0] = _listed(self._leaves(tile))
        if not certain:
            self._settle(stored, below)
        elif 0 in stored and stored[0] != below[0]:
            self._blame(tile_at(ENTRIES, self._signed.size // WIDTH, self._signed.size))

    def older_partials(self) -> None:
        """Check that each partial tile of an older checkpoint begins the tile it has become.

        Where that one is damaged itself, the older ones are checked when it has been restored.
        """
        now = list(edge(self._signed.size))
        if now and now[0].level == 0:
            now.append(tile_at(ENTRIES, now[0].number, self._signed.size))
        for tile in now:
            if {tile.name, tile.whole.name} & (self.damaged | self.missing):
                continue
            pieces = self._reader.pieces(tile)
            for name in self._shelf.names(tile.partials):
                width = name.removeprefix(tile.partials)
                if not width.isdecimal() or not 0 < int(width) < tile.width:
                    continue
                if self._shelf.fetch(name) != tile.pack(pieces[: int(width)]):
                    self.damaged.add(name)

    def _settle(
        self,
        stored: dict[int, list[bytes | None] | None],
        below: dict[int, list[bytes | None] | None],
    ) -> None:
        """Find which partial tiles are damaged, where together they do not give the root."""
        for source in (below, stored):
            believed = {**below, **({0: source[0]} if 0 in source else {})}
            if self._gives_root(believed):
                break
        else:
            believed = {}
            self.faults.append("the copy's entries and tiles do not give the root that is signed")
        for tile in edge(self._signed.size):
            truth = believed.get(tile.level)
            if truth is None:
                truth = below[tile.level]
            if stored[tile.level] != truth:
                self._blame(tile)
            if tile.level == 0 and below[0] != (believed or stored)[0]:
                self._blame(tile_at(ENTRIES, tile.number, self._signed.size))

    def _subtree(self, tile: Tile, claim: bytes | None, *, certain: bool) -> bytes | None:
        """Check the full *tile* and all below it; give the hash it really has, if it can be told.

        *claim* is the hash that the tile above has for it; *certain* says that one is proven.
        """
        stored = self._read(tile)
        trusted = stored is not None and claim is not None and _root(stored) == claim
        below: list[bytes | None] | None
        if tile.level:
            below = self._children(tile, stored, certain=trusted)
        else:
            below = _listed(self._leaves(tile))
            if trusted and below != stored:
                self._blame(tile_at(ENTRIES, tile.number, self._signed.size))
        if trusted:
            return claim
        computed = _root(below)
        if computed is not None and computed == claim:
            self._blame(tile)
            return claim
        if certain or (stored is not None and computed is not None and stored != below):
            self._blame(tile)
            if not tile.level:
                self._blame(tile_at(ENTRIES, tile.number, self._signed.size))
        return claim if certain or computed is None else computed

    def _children(
        self, tile: Tile, stored: Sequence[bytes | None] | None, *, certain: bool
    ) -> list[bytes | None]:
        """Check the full tiles below *tile*; give the hash each of them really has."""
        claims = stored if stored is not None else [None] * tile.width
        first = tile.number * WIDTH
        return [
            self._subtree(Tile(tile.level - 1, first + place), claim, certain=certain)
            for place, claim in enumerate(claims)
        ]

    def _leaves(self, tile: Tile) -> list[bytes] | None:
        bundle = tile_at(ENTRIES, tile.number, self._signed.size)
        entries = self._reader.look(bundle)
        if entries is None:
            self._blame(bundle)
            return None
        return [leaf_hash(entry) for entry in entries]

    def _read(self, tile: Tile) -> list[bytes | None] | None:
        hashes = self._reader.look(tile)
        if hashes is None:
            self._blame(tile)
        return _listed(hashes)

    def _blame(self, tile: Tile) -> None:
        there = self._shelf.fetch(tile.name) is not None
        grown = tile.width < WIDTH and self._shelf.fetch(tile.whole.name) is not None
        if there:
            self.damaged.add(tile.name)
        elif grown:
            self.damaged.add(tile.whole.name)
        else:
            self.missing.add(tile.name)

    def _gives_root(self, tiles: dict[int, list[bytes | None] | None]) -> bool:
        known: dict[int, list[bytes]] = {}
        for level, hashes in tiles.items():
            complete = _complete(hashes)
            if complete is None:
                return False
            known[level] = complete
        return edge_frontier(self._signed.size, known).root() == self._signed.root


def _listed(hashes: list[bytes] | None) -> list[bytes | None] | None:
    return None if hashes is None else list(hashes)


def _complete(hashes: Sequence[bytes | None] | None) -> list[bytes] | None:
    if hashes is None:
        return None
    known = [piece for piece in hashes if piece is not None]
    return known if len(known) == len(hashes) else None


def _root(hashes: Sequence[bytes | None] | None) -> bytes | None:
    complete = _complete(hashes)
    return None if complete is None else tree_root(complete)
