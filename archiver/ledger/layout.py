"""Where the ledger's copy lies, and how its tiles are written (c2sp.org/tlog-tiles).

A tile holds up to 256 hashes of one level, each the root of a full tile one level below; the
tiles of level 0 hold leaf hashes, and beside each lies a bundle of the entries themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archiver.records.merkle import hashes_in

CHECKPOINT = "ledger/checkpoint"
"""The name of the signed checkpoint."""

HEIGHT = 8
WIDTH = 1 << HEIGHT
"""How many hashes or entries a full tile holds."""

ENTRIES = -1
"""The level at which entries lie, one bundle beside each tile of level 0."""

LARGEST_ENTRY = 65_535
_PREFIX_SIZE = 2


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile: its level, its number within the level, and how much of it there is."""

    level: int
    number: int
    width: int = WIDTH

    @property
    def name(self) -> str:
        """Give the name under which it lies."""
        return self._whole_name if self.width == WIDTH else f"{self.partials}{self.width}"

    @property
    def partials(self) -> str:
        """Give what the names of its partial states begin with; the rest is their width."""
        return f"{self._whole_name}.p/"

    @property
    def whole(self) -> Tile:
        """Give the tile this one will be when it is full."""
        return Tile(self.level, self.number)

    @property
    def _whole_name(self) -> str:
        level = "entries" if self.level == ENTRIES else str(self.level)
        digits, rest = f"{self.number % 1000:03d}", self.number // 1000
        while rest:
            digits, rest = f"x{rest % 1000:03d}/{digits}", rest // 1000
        return f"ledger/tile/{level}/{digits}"

    def pack(self, pieces: Iterable[bytes]) -> bytes:
        """Give the file of a tile that holds *pieces*: hashes, or entries.

        Raises:
            ValueError: an entry is longer than its two-byte prefix can say.
        """
        if self.level != ENTRIES:
            return b"".join(pieces)
        return b"".join(_prefixed(piece) for piece in pieces)

    def unpack(self, data: bytes) -> list[bytes]:
        """Give the hashes or entries that the file *data* of this tile holds.

        Raises:
            ValueError: the file does not hold just as many as the tile is wide.
        """
        pieces = list(_entries_in(data) if self.level == ENTRIES else hashes_in(data))
        if len(pieces) != self.width:
            raise ValueError(f"{self.name}: {len(pieces)} pieces where {self.width} belong")
        return pieces


def tile_at(level: int, number: int, size: int) -> Tile:
    """Give tile *number* of *level* as it is in a tree of *size*."""
    pieces = size >> (HEIGHT * max(level, 0))
    return Tile(level, number, min(WIDTH, pieces - number * WIDTH))


def edge(size: int) -> Iterator[Tile]:
    """Give the partial tiles of hashes that a tree of *size* has, from level 0 up."""
    level = 0
    while pieces := size >> (HEIGHT * level):
        if pieces % WIDTH:
            yield Tile(level, pieces // WIDTH, pieces % WIDTH)
        level += 1


def _prefixed(entry: bytes) -> bytes:
    if len(entry) > LARGEST_ENTRY:
        raise ValueError(f"an entry of {len(entry)} bytes is longer than {LARGEST_ENTRY}")
    return len(entry).to_bytes(_PREFIX_SIZE, "big") + entry


def _entries_in(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        start = at + _PREFIX_SIZE
        at = start + int.from_bytes(data[at:start], "big")
        if at > len(data):
            raise ValueError("a bundle of entries ends in the middle of one")
        yield data[start:at]
