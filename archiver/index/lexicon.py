"""The lexicon of a segment: every term, in order, and its figures.

It is Whoosh's `OrderedHash` file: records, 256 hash tables, their directory, and the position of
every record in order. Whoosh's own classes write it record by record and read it into memory
whole; these write it at once and read no more than is asked for.

A term is known by the position of its record, for as long as its segment lives: when a term
goes, the record before it grows over its place. The first record is no term, and stands there to
grow over the first one.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from io import BytesIO
from pickle import dumps, load
from struct import Struct
from typing import Final
from zlib import crc32

from archiver.index import fields
from archiver.index.pieces import Piece
from archiver.index.postings import FIGURES_SIZE

_MAGIC: Final = b"HSH3"
_BY_CRC: Final = 1
_HEADER: Final = Struct("!4sbii")
_SIZES: Final = Struct("!ii")
_SLOT: Final = Struct("!Iq")
_TABLE: Final = Struct("!qi")
_TAIL: Final = Struct("!i")
_NUMBER: Final = Struct("!H")
_NUMBERS: Final = {name: number for number, name in enumerate(fields.INDEXED)}
_FIRST: Final = _SIZES.pack(_NUMBER.size, FIGURES_SIZE) + bytes(_NUMBER.size + FIGURES_SIZE)
_SLOTS_AT_ONCE: Final = 8
_RECORD_AT_ONCE: Final = 256
_RECORDS_AT_ONCE: Final = 1 << 16
_EXTRAS_AT_MOST: Final = 1 << 12


def key(field: str, term: str) -> bytes:
    """Give the key of *term* in *field*: the field's number, then the term in UTF-8."""
    return _NUMBER.pack(_NUMBERS[field]) + term.encode()


def is_scored(term: bytes) -> bool:
    """Say whether the key *term* belongs to the field that is scored."""
    return bool(_NUMBER.unpack_from(term)[0] == _NUMBERS[fields.SCORED])


class LexiconDraft:
    """A lexicon being written; keys come in ascending order."""

    def __init__(self) -> None:
        self._parts = [_HEADER.pack(_MAGIC, _BY_CRC, 0, 0), _FIRST]
        self._at = _HEADER.size + len(_FIRST)
        self._positions: list[int] = []
        self._buckets: list[list[tuple[int, int]]] = [[] for _ in range(256)]

    def add(self, term: bytes, figures: bytes) -> int:
        """Add the key *term* with its *figures*; give the position of its record."""
        hashed = crc32(term)
        at = self._at
        self._buckets[hashed & 255].append((hashed, at))
        self._positions.append(at)
        record = _SIZES.pack(len(term), len(figures)) + term + figures
        self._parts.append(record)
        self._at = at + len(record)
        return at

    def parts(self) -> Iterator[bytes]:
        """Give the whole file, piece by piece."""
        yield b"".join(self._parts)
        at = self._at
        directory = bytearray()
        for bucket in self._buckets:
            directory += _TABLE.pack(at, 2 * len(bucket))
            table = _table(bucket)
            at += len(table)
            yield bytes(table)
        yield bytes(directory)
        code = "I" if self._at < 2**32 else "q"
        extras = _extras(code, len(self._positions))
        index = big_endian(array(code, self._positions))
        yield extras
        yield index
        yield _TAIL.pack(len(extras) + len(index))


def _table(bucket: list[tuple[int, int]]) -> bytearray:
    slots = 2 * len(bucket)
    table = bytearray(slots * _SLOT.size)
    taken = bytearray(slots)
    for hashed, at in bucket:
        slot = (hashed >> 8) % slots
        while taken[slot]:
            slot = (slot + 1) % slots
        taken[slot] = 1
        _SLOT.pack_into(table, slot * _SLOT.size, hashed, at)
    return table


def _extras(code: str, terms: int) -> bytes:
    return dumps({"fieldmap": _NUMBERS, "indextype": code, "indexlen": terms}, 2)


def big_endian(numbers: array[int]) -> bytes:
    """Give *numbers* as the files keep them."""
    if LITTLE:
        numbers.byteswap()
    return numbers.tobytes()


class Lexicon:
    """A lexicon, read from its *piece* of a segment."""

    def __init__(self, piece: Piece) -> None:
        """Find its parts.

        Raises:
            ValueError: it is not a lexicon of ours.
        """
        self._read = piece.read
        tail = piece.size - _TAIL.size
        extras_at = tail - int(_TAIL.unpack(piece.read(tail, _TAIL.size))[0])
        directory_at = extras_at - 256 * _TABLE.size
        extras = BytesIO(piece.read(extras_at, min(_EXTRAS_AT_MOST, tail - extras_at)))
        described = load(extras)  # noqa: S301 - our own file, proven by its checksum when opened
        if piece.read(0, len(_MAGIC)) != _MAGIC or described["fieldmap"] != _NUMBERS:
            raise ValueError("a segment of another make")
        self._index_at = extras_at + extras.tell()
        self._terms: int = described["indexlen"]
        self._position = Struct("!" + described["indextype"])
        self._tables = list(_TABLE.iter_unpack(piece.read(directory_at, 256 * _TABLE.size)))
        self._ends = int(self._tables[0][0])

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        return self._records(self._record(0)) if self._terms else iter(())

    def find(self, term: bytes) -> bytes | None:
        """Give the figures of the key *term*, or None."""
        hashed = crc32(term)
        for held, at in self._probed(hashed):
            if not at:
                return None
            if held == hashed:
                found, figures = self.at(at)
                if found == term:
                    return figures
        return None

    def at(self, position: int) -> tuple[bytes, bytes]:
        """Give the key and the figures of the record at *position*."""
        record = self._read(position, min(_RECORD_AT_ONCE, self._ends - position))
        begins = _SIZES.size
        ends = begins + int(_SIZES.unpack_from(record)[0])
        if ends + FIGURES_SIZE > len(record):
            record = self._read(position, ends + FIGURES_SIZE)
        return record[begins:ends], record[ends : ends + FIGURES_SIZE]

    def beginning(self, start: bytes) -> Iterator[bytes]:
        """Give the figures of every key that begins with *start*."""
        for found, figures in self._records(self._at_or_after(start)):
            if not found.startswith(start):
                return
            yield figures

    def _probed(self, hashed: int) -> Iterator[tuple[int, int]]:
        table, slots = self._tables[hashed & 255]
        first = (hashed >> 8) % slots if slots else 0
        for begins, ends in ((first, slots), (0, first)):
            for slot in range(begins, ends, _SLOTS_AT_ONCE):
                some = min(_SLOTS_AT_ONCE, ends - slot)
                yield from _SLOT.iter_unpack(
                    self._read(table + slot * _SLOT.size, some * _SLOT.size)
                )

    def _records(self, at: int) -> Iterator[tuple[bytes, bytes]]:
        unpack = _SIZES.unpack_from
        size = _RECORDS_AT_ONCE
        while at < self._ends:
            some = self._read(at, min(size, self._ends - at))
            begins = 0
            while begins + _SIZES.size <= len(some):
                term_size, figures_size = unpack(some, begins)
                term_at = begins + _SIZES.size
                figures_at = term_at + term_size
                if figures_at + FIGURES_SIZE > len(some):
                    break
                yield some[term_at:figures_at], some[figures_at : figures_at + FIGURES_SIZE]
                begins = figures_at + figures_size
            at += begins
            size = _RECORDS_AT_ONCE if begins else 2 * size

    def _at_or_after(self, term: bytes) -> int:
        low, high = 0, self._terms
        while low < high:
            middle = (low + high) // 2
            if self.at(self._record(middle))[0] < term:
                low = middle + 1
            else:
                high = middle
        return self._record(low) if low < self._terms else self._ends

    def _record(self, number: int) -> int:
        size = self._position.size
        return int(self._position.unpack(self._read(self._index_at + number * size, size))[0])


class LexiconCopy:
    """The bytes of a lexicon, copied to be mended: at *start* of *data*, *size* bytes long."""

    def __init__(self, data: bytearray, start: int, size: int) -> None:
        """Find its parts."""
        self._data = data
        self._start = start
        self._tail = start + size - _TAIL.size
        self._extras_at = self._tail - int(_TAIL.unpack_from(data, self._tail)[0])
        extras = BytesIO(data[self._extras_at : self._extras_at + _EXTRAS_AT_MOST])
        described = load(extras)  # noqa: S301 - our own file, proven by its checksum when opened
        index_at = self._extras_at + extras.tell()
        self._order = array(described["indextype"])
        ends = index_at + described["indexlen"] * self._order.itemsize
        self._order.frombytes(data[index_at:ends])
        if LITTLE:
            self._order.byteswap()

    def at(self, position: int) -> tuple[bytes, bytes]:
        """Give the key and the figures of the record at *position*."""
        begins = self._start + position + _SIZES.size
        ends = begins + int(_SIZES.unpack_from(self._data, begins - _SIZES.size)[0])
        return bytes(self._data[begins:ends]), bytes(self._data[ends : ends + FIGURES_SIZE])

    def put(self, position: int, figures: bytes) -> None:
        """Give the record at *position* other *figures*."""
        at = self._start + position
        at += _SIZES.size + int(_SIZES.unpack_from(self._data, at)[0])
        self._data[at : at + FIGURES_SIZE] = figures

    def drop(self, positions: Iterable[int]) -> None:
        """Leave nothing of the records at *positions*."""
        numbers = [bisect_left(self._order, position) for position in sorted(positions)]
        before = into = -1
        for number in numbers:
            position = self._order[number]
            if number - 1 != before or into < 0:
                into = self._order[number - 1] if number else _HEADER.size
            before = number
            self._free_slot(crc32(self.at(position)[0]), position)
            self._grow_over(into, position)
        for number in reversed(numbers):
            del self._order[number]
        self._rewrite_order()

    def _grow_over(self, into: int, position: int) -> None:
        begins, at = self._start + into, self._start + position
        term_size, figures_size = _SIZES.unpack_from(self._data, begins)
        size = _SIZES.size + sum(_SIZES.unpack_from(self._data, at))
        self._data[at : at + size] = bytes(size)
        _SIZES.pack_into(self._data, begins, term_size, figures_size + size)

    def _free_slot(self, hashed: int, position: int) -> None:
        """Empty the slot of the record at *position*, and close up those that stand behind it."""
        directory = self._extras_at - 256 * _TABLE.size
        table, slots = _TABLE.unpack_from(self._data, directory + (hashed & 255) * _TABLE.size)
        begins = self._start + table
        after = (hashed >> 8) % slots
        while _SLOT.unpack_from(self._data, begins + after * _SLOT.size)[1] != position:
            after = (after + 1) % slots
        free = after
        while True:
            after = (after + 1) % slots
            held, at = _SLOT.unpack_from(self._data, begins + after * _SLOT.size)
            if not at:
                break
            wanted = (held >> 8) % slots
            if (after - wanted) % slots >= (after - free) % slots:
                _SLOT.pack_into(self._data, begins + free * _SLOT.size, held, at)
                free = after
        _SLOT.pack_into(self._data, begins + free * _SLOT.size, 0, 0)

    def _rewrite_order(self) -> None:
        extras = _extras(self._order.typecode, len(self._order))
        order = big_endian(self._order[:])
        room = self._tail - self._extras_at
        self._data[self._extras_at : self._tail] = (extras + order).ljust(room, b"\0")


LITTLE: Final = array("H", [1]).tobytes() == b"\x01\x00"
"""Whether this machine keeps numbers the other way round than the files do."""
