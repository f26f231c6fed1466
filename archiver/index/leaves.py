"""Reading segments: one segment, and what it knows of terms and documents.

Whoosh's own reader copies every part of a segment into memory before it looks at it; this one
reads what is asked for where it lies, so that a large archive is searched in little memory.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Final

from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.filedb.compound import CompoundStorage
from whoosh.filedb.filestore import FileStorage
from whoosh.util.numeric import byte_to_length

from archiver.index import fields, postings
from archiver.index.forward import EXTENSION, Forward
from archiver.index.lexicon import LITTLE, Lexicon, key
from archiver.index.pieces import OpenFile, Piece
from archiver.index.postings import Postings

_LOOKUP_COSTS: Final = 16
"""To look one item up takes as long as to go past this many, about."""


def file_of(segment: W3Segment) -> str:
    """Give the name of the one file of *segment*."""
    return str(segment.make_filename(segment.COMPOUND_EXT))


class Leaf:
    """One segment, opened for reading. Numbers of documents are its own, from 0."""

    def __init__(self, folder: Path, segment: W3Segment) -> None:
        """Open the file of *segment* in *folder*.

        Raises:
            FileNotFoundError: it is gone.
            ValueError: it is not a segment of ours.
        """
        self.segment = segment
        self.size: int = segment.doc_count_all()
        self.deleted: frozenset[int] = frozenset(segment.deleted_docs())
        self.struck: frozenset[int] = segment.struck
        name = file_of(segment)
        storage = FileStorage(str(folder))
        compound = CompoundStorage(storage.open_file(name), use_mmap=False)
        try:
            self._ranges = {name: compound.range(name) for name in compound.list()}
        finally:
            compound.close()
        self._file = OpenFile(folder / name)
        self.lexicon = self._piece(segment.make_filename(W3Codec.TERMS_EXT))
        self.terms = Lexicon(self.lexicon)
        self.lists = self._piece(segment.make_filename(W3Codec.POSTS_EXT))
        self.forward = Forward(self._piece(segment.make_filename(EXTENSION)), self.size)

    def _piece(self, name: str) -> Piece:
        return Piece(self._file, *self._ranges[name])

    def parts(self) -> Iterator[tuple[str, Piece]]:
        """Give every part of the segment by name."""
        return ((name, self._piece(name)) for name in self._ranges)

    def copy(self, room: bytearray) -> int:
        """Copy all parts into *room* as they lie in the file, the lists last; give their size.

        *room* grows where it is too small, and keeps what it held behind them.
        """
        size = self.lists.start + self.lists.size
        self._file.copy(size, room)
        return size

    def column(self, field: str) -> Piece:
        """Give the column of *field*."""
        return self._piece(W3Codec.column_filename(self.segment, field))

    @property
    def alive(self) -> int:
        """How many documents are alive."""
        return self.size - len(self.deleted)

    @cached_property
    def all_alive(self) -> frozenset[int]:
        """The documents that are alive."""
        return frozenset(range(self.size)) - self.deleted

    @cached_property
    def published(self) -> array[int]:
        """When each document was published, in microseconds since 1970."""
        return self._numbers(fields.PUBLISHED, "q")

    @cached_property
    def lengths(self) -> array[int]:
        """How long the scored field of each document is, as one byte."""
        return self._numbers(fields.LENGTH, "B")

    @cached_property
    def _bounds(self) -> array[int]:
        piece = self.column(fields.ITEM)
        code = piece.read(piece.size - 1, 1).decode()
        room = self.size * array(code).itemsize
        sizes = array(code, piece.read(piece.size - 1 - room, room))
        if LITTLE:
            sizes.byteswap()
        return array("Q", accumulate(sizes, initial=piece.start))

    def _numbers(self, field: str, code: str) -> array[int]:
        piece = self.column(field)
        numbers = array(code, [0]) * self.size
        held = array(code)
        held.frombytes(piece.read(0, piece.size))
        if LITTLE:
            held.byteswap()
        numbers[: len(held)] = held
        return numbers

    def item_extent(self, document: int) -> tuple[int, int]:
        """Give where in the file the id of *document* begins, and how many bytes it has."""
        begins = self._bounds[document]
        return begins, self._bounds[document + 1] - begins

    def item_bytes(self, document: int) -> bytes:
        """Give the id of the item *document* stands for."""
        return self._file.read(*self.item_extent(document))

    def item(self, document: int) -> str:
        """Give the id of the item *document* stands for."""
        return self.item_bytes(document).decode()

    def list_of(self, packed: bytes) -> bytes:
        """Give the posting list of the term whose figures are *packed*, as it lies there."""
        return self.lists.read(*postings.extent(packed))

    def documents(self, field: str, term: str) -> list[int]:
        """Give the documents that have *term* in *field*, the deleted among them."""
        packed = self.terms.find(key(field, term))
        return [] if packed is None else postings.documents_of(self.list_of(packed))

    def standing_for(self, items: Sequence[str]) -> list[int]:
        """Give the documents that stand for one of *items*, the deleted among them."""
        if len(items) * _LOOKUP_COSTS < self.size:
            return [found for item in items for found in self.documents(fields.ITEM, item)]
        wanted = {item.encode() for item in items}
        bounds = self._bounds
        ids = self._file.read(bounds[0], bounds[-1] - bounds[0])
        steps = pairwise(bound - bounds[0] for bound in bounds)
        return [n for n, (begins, ends) in enumerate(steps) if ids[begins:ends] in wanted]

    def frequency(self, field: str, term: str) -> int:
        """Give how many documents have *term* in *field*, the deleted among them."""
        packed = self.terms.find(key(field, term))
        return 0 if packed is None else postings.frequency(packed)

    @cached_property
    def total_length(self) -> int:
        """Give how many tokens the scored field of all documents has, about."""
        return sum(map(byte_to_length, self.lengths))

    def beginning(self, field: str, start: str) -> set[int]:
        """Give the documents with a term in *field* that begins with *start*, deleted or not."""
        found: set[int] = set()
        for packed in self.terms.beginning(key(field, start)):
            found.update(postings.documents_of(self.list_of(packed)))
        return found

    def postings(self, field: str, term: str) -> Postings:
        """Give the whole posting list of *term* in *field*, the deleted among it."""
        packed = self.terms.find(key(field, term))
        return Postings(()) if packed is None else postings.decode(self.list_of(packed))
