"""Writing a segment again without a trace of what was removed from it.

Everything stays where it is: the new segment is a copy of the old one, in which the lists of the
removed documents' own words are thinned, words that nobody else has are dropped, and the rows of
the removed are blanked. So the work is that of the removed documents, not of their neighbours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from struct import calcsize
from typing import Final

from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.filedb.compound import CompoundStorage
from whoosh.filedb.filestore import FileStorage
from whoosh.util.numeric import byte_to_length

from archiver.index import fields, postings
from archiver.index.leaves import Leaf
from archiver.index.lexicon import LexiconCopy, is_scored
from archiver.index.segments import NAME

_TIME: Final = calcsize("!q")
_LENGTH: Final = calcsize("!B")
_PIECE: Final = 1 << 18
"""Bytes written at once: Linux took up to ten times as long over a whole segment in one piece."""

_SPARE: Final = 8
"""A list that must move is given an eighth more than it needs, so that it need not move again."""


def struck(folder: Path, leaf: Leaf, room: bytearray) -> W3Segment:
    """Write *leaf* again without a trace of what is deleted in it, as a new segment in *folder*.

    The documents keep their numbers; the rows of the deleted stay as empty ones. *room* is
    overwritten: memory to use again for the next, as fresh memory takes longer than the copying.
    """
    copy = _Copy(leaf, room)
    gone = sorted(leaf.deleted - leaf.struck)
    having: defaultdict[int, list[int]] = defaultdict(list)
    for document in gone:
        for position in leaf.forward.terms(document):
            having[position].append(document)
    copy.thin(having)
    for document in gone:
        copy.blank_rows(document)
    return copy.written(folder)


class _Copy:
    """The bytes of a segment at the beginning of *room*, to be mended and written."""

    def __init__(self, leaf: Leaf, room: bytearray) -> None:
        self._leaf = leaf
        self._size = leaf.copy(room)
        self._data = room
        self._beyond = bytearray()
        self._lists = leaf.lists.start
        self._lexicon = LexiconCopy(self._data, leaf.lexicon.start, leaf.lexicon.size)

    def thin(self, having: Mapping[int, Sequence[int]]) -> None:
        """Take the documents *having* each term out of its list, and drop the terms nobody has."""
        dropped = []
        for position, gone in having.items():
            term, packed = self._lexicon.at(position)
            if postings.frequency(packed) > len(gone):
                self._lexicon.put(position, self._thinned(term, packed, gone))
            else:
                self._blank(*self._place(packed))
                dropped.append(position)
        self._lexicon.drop(dropped)

    def _thinned(self, term: bytes, packed: bytes, gone: Sequence[int]) -> bytes:
        lengths = self._leaf.lengths if is_scored(term) else None
        at, room = self._place(packed)
        held = bytes(self._data[at : at + room])
        body, figures = postings.thinned(held, packed, gone, lengths)
        if len(body) <= room:
            self._data[at : at + room] = body.ljust(room, b"\0")
            return figures.packed()
        self._blank(at, room)
        begins = self._size + len(self._beyond) - self._lists
        room = len(body) + len(body) // _SPARE
        self._beyond += body.ljust(room, b"\0")
        return figures._replace(offset=begins, length=room).packed()

    def _place(self, packed: bytes) -> tuple[int, int]:
        offset, size = postings.extent(packed)
        return self._lists + offset, size

    def _blank(self, at: int, size: int) -> None:
        self._data[at : at + size] = bytes(size)

    def blank_rows(self, document: int) -> None:
        """Leave nothing in the rows of *document*."""
        self._blank(*self._leaf.forward.extent(document))
        self._blank(*self._leaf.item_extent(document))
        for field, size in ((fields.PUBLISHED, _TIME), (fields.LENGTH, _LENGTH)):
            column = self._leaf.column(field)
            if document * size < column.size:  # a column ends with its last number but 0
                self._blank(column.start + document * size, size)

    def written(self, folder: Path) -> W3Segment:
        """Write the copy as a segment in *folder*."""
        leaf = self._leaf
        segment = W3Segment(W3Codec(), NAME)
        segment.set_doc_count(leaf.size)
        gone = sum(byte_to_length(leaf.lengths[n]) for n in leaf.deleted - leaf.struck)
        left = {fields.SCORED: leaf.total_length - gone}
        segment._fieldlengths = left  # noqa: SLF001 - only Whoosh's writer sets it
        for document in leaf.deleted:
            segment.delete_document(document)
        segment.struck = leaf.deleted
        segment.compound = True
        file = segment.create_file(FileStorage(str(folder)), segment.COMPOUND_EXT)
        for whole, size in ((self._data, self._size), (self._beyond, len(self._beyond))):
            for begins in range(0, size, _PIECE):
                file.write(whole[begins : min(begins + _PIECE, size)])
        CompoundStorage.write_dir(file, 0, self._directory(segment))
        return segment

    def _directory(self, segment: W3Segment) -> dict[str, dict[str, int]]:
        before, now = self._leaf.segment.segment_id(), segment.segment_id()
        directory = {
            now + name.removeprefix(before): {"offset": piece.start, "length": piece.size}
            for name, piece in self._leaf.parts()
        }
        directory[segment.make_filename(W3Codec.POSTS_EXT)]["length"] = (
            self._size + len(self._beyond) - self._lists
        )
        return directory
