"""The right edge of the ledger's copy: all that must be read to let it grow, and nothing more."""

from __future__ import annotations

from collections.abc import Iterator

from archiver.ledger.layout import ENTRIES, WIDTH, Tile, edge, tile_at
from archiver.ledger.reading import CopyReader, edge_frontier
from archiver.ports import Shelf
from archiver.records.merkle import leaf_hash, tree_root


class RightEdge:
    """The partial tiles of the copy and its last bundle, which take in new entries.

    Raises:
        LedgerDamaged: a partial tile is missing or cannot be read.
    """

    def __init__(self, shelf: Shelf, size: int) -> None:
        reader = CopyReader(shelf, size)
        self.size = size
        self.completed: list[Tile] = []
        self._first_size = size
        self._hashes = reader.edge()
        self._bundle = list[bytes]()
        if size % WIDTH:
            self._bundle = reader.pieces(tile_at(ENTRIES, size // WIDTH, size))

    def root(self) -> bytes:
        """Give the root of the tree as it stands now."""
        return edge_frontier(self.size, self._hashes).root()

    def bundle_fits(self) -> bool:
        """Say whether the last bundle holds the entries that the tile of level 0 says."""
        return [leaf_hash(entry) for entry in self._bundle] == self._hashes.get(0, [])

    def take_in(self, entry: bytes) -> Iterator[tuple[Tile, bytes]]:
        """Take in *entry*, and give the full tiles that this completes, with their bytes."""
        number = self.size // WIDTH
        self._bundle.append(entry)
        self.size += 1
        if len(self._bundle) == WIDTH:
            yield self._finished(Tile(ENTRIES, number), self._bundle)
            self._bundle = []
        level, piece = 0, leaf_hash(entry)
        while True:
            hashes = self._hashes.setdefault(level, [])
            hashes.append(piece)
            if len(hashes) < WIDTH:
                return
            yield self._finished(Tile(level, number), hashes)
            piece, self._hashes[level] = tree_root(hashes), []
            level, number = level + 1, number // WIDTH

    def partial_tiles(self) -> Iterator[tuple[Tile, bytes]]:
        """Give the partial tiles, with their bytes, that are not in the copy yet."""
        before = set(edge(self._first_size))
        for tile in edge(self.size):
            if tile not in before:
                yield tile, tile.pack(self._hashes[tile.level])
        if self._bundle and self.size > self._first_size:
            bundle = tile_at(ENTRIES, self.size // WIDTH, self.size)
            yield bundle, bundle.pack(self._bundle)

    def _finished(self, tile: Tile, pieces: list[bytes]) -> tuple[Tile, bytes]:
        self.completed.append(tile)
        return tile, tile.pack(pieces)
