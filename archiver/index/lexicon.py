"""The lexicon of a segment: every term, in order, and its figures.

It is Whoosh's `OrderedHash` file: records, 256 hash tables, their directory, and the position of
every record in order. Whoosh's own classes write it record by record and read it into memory
whole; these write it at once and read it where it lies.
"""

from __future__ import annotations

import mmap
from array import array
from collections.abc import Iterator
from io import BytesIO
from pickle import dumps, load
from struct import Struct
from typing import Final
from zlib import crc32

from archiver.index import fields

_MAGIC: Final = b"HSH3"
_BY_CRC: Final = 1
_HEADER: Final = Struct("!4sbii")
_SIZES: Final = Struct("!ii")
_SLOT: Final = Struct("!Iq")
_TABLE: Final = Struct("!qi")
_TAIL: Final = Struct("!i")
_NUMBER: Final = Struct("!H")
_NUMBERS: Final = {name: number for number, name in enumerate(fields.INDEXED)}


def key(field: str, term: str) -> bytes:
    """Give the key of *term* in *field*: the field's number, then the term in UTF-8."""
    return _NUMBER.pack(_NUMBERS[field]) + term.encode()


def is_scored(term: bytes) -> bool:
    """Say whether the key *term* belongs to the field that is scored."""
    return bool(_NUMBER.unpack_from(term)[0] == _NUMBERS[fields.SCORED])


class LexiconDraft:
    """A lexicon being written; keys come in ascending order."""

    def __init__(self) -> None:
        self._parts = [_HEADER.pack(_MAGIC, _BY_CRC, 0, 0)]
        self._at = _HEADER.size
        self._positions: list[int] = []
        self._buckets: list[list[tuple[int, int]]] = [[] for _ in range(256)]

    def add(self, term: bytes, figures: bytes) -> None:
        """Add the key *term* with its *figures*."""
        hashed = crc32(term)
        at = self._at
        self._buckets[hashed & 255].append((hashed, at))
        self._positions.append(at)
        record = _SIZES.pack(len(term), len(figures)) + term + figures
        self._parts.append(record)
        self._at = at + len(record)

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
        extras = dumps(
            {"fieldmap": _NUMBERS, "indextype": code, "indexlen": len(self._positions)}, 2
        )
        index = _big_endian(array(code, self._positions))
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


def _big_endian(numbers: array[int]) -> bytes:
    if LITTLE:
        numbers.byteswap()
    return numbers.tobytes()


class Lexicon:
    """A lexicon read where it lies: at *start* of *data*, *size* bytes long."""

    def __init__(self, data: mmap.mmap, start: int, size: int) -> None:
        """Find its parts.

        Raises:
            ValueError: it is not a lexicon of ours.
        """
        self._data = data
        self._start = start
        tail = start + size - _TAIL.size
        extras_at = tail - _TAIL.unpack_from(data, tail)[0]
        extras = BytesIO(data[extras_at:tail])
        described = load(extras)  # noqa: S301 - our own file, proven by its checksum when opened
        if data[start : start + 4] != _MAGIC or described["fieldmap"] != _NUMBERS:
            raise ValueError("a segment of another make")
        self._index_at = extras_at + extras.tell()
        self._terms: int = described["indexlen"]
        self._position = Struct("!" + described["indextype"])
        self._directory_at = extras_at - 256 * _TABLE.size
        self._ends = start + int(_TABLE.unpack_from(data, self._directory_at)[0])

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        return self._records(self._start + _HEADER.size)

    def find(self, term: bytes) -> bytes | None:
        """Give the figures of the key *term*, or None."""
        hashed = crc32(term)
        table, slots = _TABLE.unpack_from(
            self._data, self._directory_at + (hashed & 255) * _TABLE.size
        )
        for step in range(slots):
            slot = ((hashed >> 8) + step) % slots
            held, at = _SLOT.unpack_from(self._data, self._start + table + slot * _SLOT.size)
            if not at:
                return None
            if held == hashed and self._key(self._start + at) == term:
                return next(self._records(self._start + at))[1]
        return None

    def beginning(self, start: bytes) -> Iterator[bytes]:
        """Give the figures of every key that begins with *start*."""
        for found, figures in self._records(self._at_or_after(start)):
            if not found.startswith(start):
                return
            yield figures

    def _records(self, at: int) -> Iterator[tuple[bytes, bytes]]:
        data = self._data
        unpack = _SIZES.unpack_from
        while at < self._ends:
            term_size, figures_size = unpack(data, at)
            begins = at + _SIZES.size
            ends = begins + term_size
            at = ends + figures_size
            yield data[begins:ends], data[ends:at]

    def _at_or_after(self, term: bytes) -> int:
        low, high = 0, self._terms
        while low < high:
            middle = (low + high) // 2
            if self._key(self._record(middle)) < term:
                low = middle + 1
            else:
                high = middle
        return self._record(low) if low < self._terms else self._ends

    def _record(self, number: int) -> int:
        at = self._index_at + number * self._position.size
        return self._start + int(self._position.unpack_from(self._data, at)[0])

    def _key(self, at: int) -> bytes:
        begins = at + _SIZES.size
        return self._data[begins : begins + _SIZES.unpack_from(self._data, at)[0]]


LITTLE: Final = array("H", [1]).tobytes() == b"\x01\x00"
"""Whether this machine keeps numbers the other way round than the files do."""
