"""A WARC file of any size, compressed or not, cut into its records, and where each of them lies.

ISO 28500 compresses every record by itself; a file compressed as one is read as well. Memory
holds one record's header and the beginning of its block.
"""

from __future__ import annotations

import re
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from archiver.records.errors import AnswerUnreadable, DepositRefused
from connectors.deposits import LIMITS, Limits

COMPRESSED = b"\x1f\x8b"
"""How a compressed file begins."""

_PIECE = 256 * 1024
_CUT = 64 * 1024
_LONGEST_HEADER = 64 * 1024
_BEGINNING = 16 * 1024
_VERSION = re.compile(rb"WARC/(?:0\.1[78]|1\.[01])\r?\n")
_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_BETWEEN = b"\r\n"
_LENGTH = re.compile(r"\d{1,15}")

Cutting = Callable[[int, int], bytes]
"""Gives some bytes of a file: from where, and how many."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies: *skip* bytes within what begins at byte *begin* of the file."""

    begin: int
    skip: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record: its fields by their names in small letters, and how its block begins."""

    place: Place
    fields: Mapping[str, str]
    start: bytes = field(repr=False)


def records(pieces: Iterator[bytes], *, limits: Limits = LIMITS) -> Iterator[Record]:
    """Give every record of the WARC file that arrives in *pieces*.

    Raises:
        AnswerUnreadable: it is no WARC file, is damaged, or breaks off; what came before the
            fault has been given by then.
        DepositRefused: it unpacks to more than any real one does.
    """
    plain = _Plain(pieces, limits)
    count = 0
    while plain.pass_over(_BETWEEN):
        yield _record(plain)
        count += 1
    if not count:
        raise AnswerUnreadable("the file holds no record")


def _record(plain: _Plain) -> Record:
    """Read the record that begins here, and pass over it once its taker comes back."""
    begin, skip = plain.where()
    head = plain.head()
    fields = _fields(head)
    told = fields.get("content-length", "")
    if not _LENGTH.fullmatch(told):
        raise AnswerUnreadable("a record does not say how long it is")
    length = int(told)
    plain.take(len(head))
    start = plain.peek(min(length, _BEGINNING))
    plain.leave_out(length)
    return Record(place=Place(begin, skip, len(head) + length), fields=fields, start=start)


def _fields(head: bytes) -> dict[str, str]:
    """Read the named fields of a record's header; of a field told twice, the first."""
    if not _VERSION.match(head):
        raise AnswerUnreadable("what should be a record of a WARC is none")
    found: dict[str, str] = {}
    last = ""
    for line in head.decode("utf-8", "replace").splitlines()[1:]:
        if line[:1] in {" ", "\t"} and last:
            found[last] += f" {line.strip()}"
            continue
        name, colon, value = line.partition(":")
        last = name.strip().lower() if colon else ""
        if last:
            found.setdefault(last, value.strip())
    return found


class _Plain:
    """The plain bytes of a file, and where in the file what stands next can be found again."""

    def __init__(self, pieces: Iterator[bytes], limits: Limits) -> None:
        self._pieces = pieces
        self._limits = limits
        self._buffer = bytearray()
        self._passed = 0
        self._left_out = 0
        self._members: deque[tuple[int, int]] = deque()
        first = next(pieces, b"")
        self._source = (
            self._inflated(first) if first.startswith(COMPRESSED) else self._as_it_is(first)
        )

    def where(self) -> tuple[int, int]:
        """Give where what stands next lies: the byte of the file, and how far on from there."""
        while len(self._members) > 1 and self._members[1][0] <= self._passed:
            self._members.popleft()
        at, begin = self._members[0]
        return begin, self._passed - at

    def pass_over(self, marks: bytes) -> bool:
        """Pass over *marks*, and what was left out; say whether anything follows.

        Raises:
            AnswerUnreadable: the file ends within what was left out.
        """
        while self._left_out:
            if not self._buffer and not self._more():
                raise AnswerUnreadable("the file breaks off within a record")
            count = min(self._left_out, len(self._buffer))
            self.take(count)
            self._left_out -= count
        while True:
            while self._buffer and self._buffer[0] in marks:
                self.take(1)
            if self._buffer or not self._more():
                return bool(self._buffer)

    def head(self) -> bytes:
        """Give the header that begins here, with the empty line that ends it."""
        while True:
            found = _END_OF_HEADER.search(self._buffer, 0, _LONGEST_HEADER)
            if found:
                return bytes(self._buffer[: found.end()])
            if len(self._buffer) >= _LONGEST_HEADER or not self._more():
                raise AnswerUnreadable("the header of a record has no end")

    def peek(self, count: int) -> bytes:
        """Give the next *count* bytes, or as many as there are."""
        while len(self._buffer) < count and self._more():
            pass
        return bytes(self._buffer[:count])

    def take(self, count: int) -> None:
        """Pass over *count* bytes that are here."""
        del self._buffer[:count]
        self._passed += count

    def leave_out(self, count: int) -> None:
        """Have the next *count* bytes passed over before anything else is looked for."""
        self._left_out = count

    def _more(self) -> bool:
        piece = next(self._source, b"")
        self._buffer += piece
        return bool(piece)

    def _as_it_is(self, first: bytes) -> Iterator[bytes]:
        self._members.append((0, 0))
        if first:
            yield first
        yield from self._pieces

    def _inflated(self, first: bytes) -> Iterator[bytes]:
        """Undo the compression, noting where in the file each compressed part begins."""
        waiting, packed, plain = first, 0, 0
        part: _Compressed | None = None
        while waiting or (waiting := next(self._pieces, b"")):
            if part is None:
                part = _Compressed()
                self._members.append((plain, packed))
            before = len(waiting)
            piece, waiting = part.piece(waiting)
            packed += before - len(waiting)
            plain += len(piece)
            limits = self._limits
            if plain > limits.small and plain > limits.ratio * packed:
                raise DepositRefused(f"it would unpack to more than {limits.ratio} times its size")
            if part.ended:
                part = None
            if piece:
                yield piece
        if part is not None:
            raise AnswerUnreadable("the file breaks off within what is compressed")


class _Compressed:
    """One part of a file that was compressed by itself."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)

    @property
    def ended(self) -> bool:
        """Say whether all of it was read."""
        return self._inflate.eof

    def piece(self, data: bytes) -> tuple[bytes, bytes]:
        """Give a piece of what *data* holds, and what of *data* is still to be read.

        Raises:
            AnswerUnreadable: it is damaged.
        """
        try:
            piece = self._inflate.decompress(data, _PIECE)
        except zlib.error:
            raise AnswerUnreadable("what is compressed in the file is damaged") from None
        return piece, self._inflate.unconsumed_tail or self._inflate.unused_data


def read_at(place: Place, size: int, cut: Cutting, *, compressed: bool) -> Iterator[bytes]:
    """Give the bytes of the record at *place* of a file of *size* bytes, in pieces.

    Raises:
        AnswerUnreadable: it is damaged, or breaks off.
        DepositRefused: the file cannot be read.
    """
    skip, wanted = place.skip, place.length
    for piece in _plain_from(place.begin, size, cut, compressed=compressed):
        told = piece[skip : skip + wanted]
        skip = max(0, skip - len(piece))
        wanted -= len(told)
        if told:
            yield told
        if not wanted:
            return
    raise AnswerUnreadable("the file breaks off within a record")


def _plain_from(begin: int, size: int, cut: Cutting, *, compressed: bool) -> Iterator[bytes]:
    at, waiting = begin, b""
    part = _Compressed()
    while at < size or waiting:
        if not waiting:
            waiting = cut(at, min(_CUT, size - at))
            at += len(waiting)
        piece, waiting = part.piece(waiting) if compressed else (waiting, b"")
        yield piece
        if part.ended:
            part = _Compressed()
