"""The other way round: which terms each document of a segment has.

The lists say which documents have a term. Taking a document out of them needs to know which lists
hold it, without going through all of them; a term is named by the position of its record in the
lexicon.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain
from typing import Final

from archiver.index.lexicon import LITTLE, big_endian
from archiver.index.pieces import Piece

EXTENSION: Final = ".fwd"
_CODE: Final = "I"
_SIZE: Final = array(_CODE).itemsize


class ForwardDraft:
    """The terms of *size* documents, being gathered."""

    def __init__(self, size: int) -> None:
        """Begin with documents that have no terms."""
        self._positions = [array(_CODE) for _ in range(size)]

    def add(self, documents: Iterable[int], position: int) -> None:
        """Note that *documents* have the term whose record is at *position*."""
        positions = self._positions
        for document in documents:
            positions[document].append(position)

    def parts(self) -> Iterator[bytes]:
        """Give the whole file, piece by piece."""
        yield big_endian(array(_CODE, accumulate(chain((0,), map(len, self._positions)))))
        for positions in self._positions:
            yield big_endian(positions)


class Forward:
    """The terms of *size* documents, read from their *piece* of a segment."""

    def __init__(self, piece: Piece, size: int) -> None:
        """Read nothing yet."""
        self._piece = piece
        self._terms_at = (size + 1) * _SIZE

    def extent(self, document: int) -> tuple[int, int]:
        """Give where in the segment the terms of *document* begin, and how many bytes."""
        begins, ends = _numbers(self._piece.read(document * _SIZE, 2 * _SIZE))
        return self._piece.start + self._terms_at + begins * _SIZE, (ends - begins) * _SIZE

    def terms(self, document: int) -> array[int]:
        """Give the position of the record of every term of *document*."""
        at, size = self.extent(document)
        return _numbers(self._piece.file.read(at, size))


def _numbers(kept: bytes) -> array[int]:
    numbers = array(_CODE, kept)
    if LITTLE:
        numbers.byteswap()
    return numbers
