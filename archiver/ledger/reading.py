"""Reading the ledger's copy as it was at one size: its tiles, its entries, its nodes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from archiver.ledger.layout import ENTRIES, HEIGHT, WIDTH, Tile, edge, tile_at
from archiver.ports import Shelf
from archiver.records.errors import LedgerDamaged
from archiver.records.merkle import Frontier, frontier_of, leaf_hash, tree_root

_TILES_AT_HAND = 64


class CopyReader:
    """Reads the copy as a tree of *size*; keeps the tiles it read last (at most 512 KiB)."""

    def __init__(self, shelf: Shelf, size: int) -> None:
        self.size = size
        self._shelf = shelf
        self._hashes = lru_cache(maxsize=_TILES_AT_HAND)(self.pieces)

    def look(self, tile: Tile) -> list[bytes] | None:
        """Give what *tile* holds, or None where it is missing or cannot be read.

        A partial tile that has since grown full may be gone; then the full one is read.
        """
        data = self._shelf.fetch(tile.name)
        if data is None:
            return None if tile.width == WIDTH else self._grown(tile)
        return _unpacked(tile, data)

    def pieces(self, tile: Tile) -> list[bytes]:
        """Give what *tile* holds.

        Raises:
            LedgerDamaged: it is missing or cannot be read; the message names it.
        """
        found = self.look(tile)
        if found is None:
            raise LedgerDamaged(f"the ledger's copy: {tile.name} is missing or unreadable")
        return found

    def node(self, height: int, index: int) -> bytes:
        """Give the hash of the perfect subtree of *height* and *index*.

        Raises:
            LedgerDamaged: the tile that holds it is missing or cannot be read.
        """
        level, rest = divmod(height, HEIGHT)
        first = index << rest
        tile = tile_at(level, first // WIDTH, self.size)
        start = first % WIDTH
        return tree_root(self._hashes(tile)[start : start + (1 << rest)])

    def edge(self) -> dict[int, list[bytes]]:
        """Give the hashes of the partial tiles, by level: all that a growing tree needs.

        Raises:
            LedgerDamaged: one of them is missing or cannot be read.
        """
        return {tile.level: self.pieces(tile) for tile in edge(self.size)}

    def entries(self, start: int) -> Iterator[bytes]:
        """Give the entries from *start* on, each bundle held against its tile of level 0.

        Raises:
            LedgerDamaged: a bundle is missing, unreadable, or not what its tile says.
        """
        for number in range(start // WIDTH, -(-self.size // WIDTH)):
            bundle = tile_at(ENTRIES, number, self.size)
            entries = self.pieces(bundle)
            if [leaf_hash(entry) for entry in entries] != self.pieces(
                tile_at(0, number, self.size)
            ):
                raise LedgerDamaged(f"the ledger's copy: {bundle.name} is not what its tile says")
            yield from entries[max(0, start - number * WIDTH) :]

    def frontier(self, size: int) -> Frontier:
        """Give the frontier of the first *size* entries.

        Raises:
            LedgerDamaged: a tile it needs is missing or cannot be read.
        """
        return frontier_of(size, self.node)

    def _grown(self, tile: Tile) -> list[bytes] | None:
        data = self._shelf.fetch(tile.whole.name)
        full = None if data is None else _unpacked(tile.whole, data)
        return None if full is None else full[: tile.width]


def edge_frontier(size: int, hashes: dict[int, list[bytes]]) -> Frontier:
    """Give the frontier of a tree of *size* whose partial tiles, by level, hold *hashes*."""
    nodes: list[bytes] = []
    for tile in reversed(list(edge(size))):
        nodes.extend(Frontier().append(hashes[tile.level]).nodes)
    return Frontier(size, tuple(nodes))


def _unpacked(tile: Tile, data: bytes) -> list[bytes] | None:
    try:
        return tile.unpack(data)
    except ValueError:
        return None
