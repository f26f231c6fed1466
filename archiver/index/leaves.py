"""Reading segments: one segment, mapped into memory, and what it knows of terms and documents.

Whoosh's own reader copies every part of a segment into memory before it looks at it; this one
reads the same bytes where they lie, so that a large archive is searched in little memory.
"""

from __future__ import annotations

import mmap
from array import array
from functools import cached_property
from pathlib import Path

from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.filedb.compound import CompoundStorage
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import BufferFile
from whoosh.util.numeric import byte_to_length

from archiver.index import fields, postings
from archiver.index.lexicon import LITTLE, Lexicon, key
from archiver.index.postings import Postings


class Leaf:
    """One segment, opened for reading. Numbers of documents are its own, from 0."""

    def __init__(self, folder: Path, segment: W3Segment) -> None:
        """Open the file of *segment* in *folder*."""
        self.segment = segment
        self.size: int = segment.doc_count_all()
        self.deleted: frozenset[int] = frozenset(segment.deleted_docs())
        self.struck: frozenset[int] = segment.struck
        storage = FileStorage(str(folder))
        compound = CompoundStorage(
            storage.open_file(segment.make_filename(segment.COMPOUND_EXT)), use_mmap=False
        )
        try:
            self._ranges = {name: compound.range(name) for name in compound.list()}
        finally:
            compound.close()
        with (folder / segment.make_filename(segment.COMPOUND_EXT)).open("rb") as file:
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._lists = self._range(W3Codec.POSTS_EXT)[0]
        self.terms = Lexicon(self._bytes, *self._range(W3Codec.TERMS_EXT))

    def _range(self, extension: str) -> tuple[int, int]:
        offset, length = self._ranges[self.segment.make_filename(extension)]
        return offset, length

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
        return self._numbers(f"_{fields.SCORED}_len", "B")

    @cached_property
    def _bounds(self) -> array[int]:
        name = W3Codec.column_filename(self.segment, fields.ITEM)
        offset, length = self._ranges[name]
        reader = fields.ITEM_COLUMN.reader(
            BufferFile(self._bytes[offset : offset + length]), 0, length, self.size
        )
        bounds = array("Q", [offset])
        for document in range(self.size):
            bounds.append(bounds[-1] + len(reader[document]))
        return bounds

    def _numbers(self, field: str, code: str) -> array[int]:
        offset, length = self._ranges[W3Codec.column_filename(self.segment, field)]
        numbers = array(code, [0]) * self.size
        held = array(code)
        held.frombytes(self._bytes[offset : offset + length])
        if LITTLE:
            held.byteswap()
        numbers[: len(held)] = held
        return numbers

    def item_bytes(self, document: int) -> bytes:
        """Give the id of the item *document* stands for."""
        bounds = self._bounds
        return self._bytes[bounds[document] : bounds[document + 1]]

    def item(self, document: int) -> str:
        """Give the id of the item *document* stands for."""
        return self.item_bytes(document).decode()

    def list_of(self, packed: bytes) -> bytes:
        """Give the posting list of the term whose figures are *packed*, as it lies there."""
        offset, length = postings.extent(packed)
        return self.lists(offset, offset + length)

    def lists(self, begins: int, ends: int) -> bytes:
        """Give the bytes of posting lists from *begins* to *ends*, as they lie there."""
        return self._bytes[self._lists + begins : self._lists + ends]

    def documents(self, field: str, term: str) -> list[int]:
        """Give the documents that have *term* in *field*, the deleted among them."""
        packed = self.terms.find(key(field, term))
        return [] if packed is None else postings.documents_of(self.list_of(packed))

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

    def rest(self) -> None:
        """Let the pages that were read go back to the system; they are read again when needed."""
        self._bytes.madvise(mmap.MADV_DONTNEED)
