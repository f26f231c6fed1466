"""Posting lists in the form of Whoosh's `W3Codec`: which documents have a term, how often, where.

A list is a mark and a row of blocks, each with a few figures in front, so that Whoosh's own
matchers can read it. The difference to Whoosh's writer is that whole lists are encoded at once,
and that a list can be moved or thinned without going through every posting of its segment.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from itertools import accumulate, chain, repeat
from operator import sub
from pickle import dumps, load, loads
from struct import Struct
from typing import Final

from whoosh.codec.whoosh3 import WHOOSH3_HEADER_MAGIC

BLOCK: Final = 512
"""Postings in a block; a reader takes any number."""

_COMPRESS_FROM: Final = 128
_LEVEL: Final = 3
_NOT_LAST: Final = Struct("!i")
_COUNT: Final = Struct("!I")
_FIGURES: Final = Struct("!BfIBBfIIqi")
_SPAN: Final = Struct("!II")
_SPAN_AT: Final = 15
_EXTENT: Final = Struct("!qi")
_EXTENT_AT: Final = 23
_NO_LENGTH: Final = 0


@dataclass(slots=True)
class Postings:
    """The documents that have a term: ascending numbers, and beside each its weight and places.

    *weights* is None where all are 1. *places* holds the positions as Whoosh encodes them, and
    is None in a field that keeps none.
    """

    documents: Sequence[int]
    weights: Sequence[float] | None = None
    places: Sequence[bytes] | None = None

    def without(self, gone: frozenset[int]) -> Postings:
        """Give the list without the documents *gone*."""
        keep = [n for n, document in enumerate(self.documents) if document not in gone]
        return Postings(
            [self.documents[n] for n in keep],
            None if self.weights is None else [self.weights[n] for n in keep],
            None if self.places is None else [self.places[n] for n in keep],
        )


@dataclass(frozen=True, slots=True)
class TermFigures:
    """What the lexicon says of a term: how many documents, which span, where its list lies."""

    weight: float
    frequency: int
    shortest: int
    longest: int
    heaviest: float
    first: int
    last: int
    offset: int
    length: int

    def packed(self) -> bytes:
        """Give the figures as the lexicon keeps them."""
        return _FIGURES.pack(
            0,
            self.weight,
            self.frequency,
            self.shortest,
            self.longest,
            self.heaviest,
            self.first,
            self.last,
            self.offset,
            self.length,
        )

    @classmethod
    def unpacked(cls, packed: bytes) -> TermFigures:
        """Read what `packed` gave."""
        return cls(*_FIGURES.unpack(packed)[1:])


def frequency(packed: bytes) -> int:
    """Give how many documents have the term whose figures are *packed*."""
    return int(_FIGURES.unpack(packed)[2])


def span(packed: bytes) -> tuple[int, int]:
    """Give the first and the last document of the term whose figures are *packed*."""
    first, last = _SPAN.unpack_from(packed, _SPAN_AT)
    return first, last


def extent(packed: bytes) -> tuple[int, int]:
    """Give where the list of the term whose figures are *packed* begins, and how long it is."""
    offset, length = _EXTENT.unpack_from(packed, _EXTENT_AT)
    return offset, length


def moved(packed: bytes, by: int) -> bytes:
    """Give the figures *packed* of a term whose list now lies *by* bytes further on."""
    offset, length = _EXTENT.unpack_from(packed, _EXTENT_AT)
    return packed[:_EXTENT_AT] + _EXTENT.pack(offset + by, length)


def encode(
    postings: Postings, offset: int, lengths: Sequence[int] | None
) -> tuple[bytes, TermFigures]:
    """Give the bytes of *postings*, to lie at *offset*, and the figures of the term.

    *lengths* are the lengths of the scored field, each as one byte, by document.
    """
    documents, weights, places = postings.documents, postings.weights, postings.places
    size = len(documents)
    if size == 1 and weights is None and lengths is None:
        body = _single(documents[0], places)
    else:
        body = b"".join(_blocks(postings, lengths))
    measured = [lengths[document] for document in documents] if lengths is not None else ()
    figures = TermFigures(
        weight=float(size) if weights is None else float(sum(weights)),
        frequency=size,
        shortest=min(measured, default=_NO_LENGTH),
        longest=max(measured, default=_NO_LENGTH),
        heaviest=1.0 if weights is None else float(max(weights)),
        first=documents[0],
        last=documents[-1],
        offset=offset,
        length=len(body),
    )
    return body, figures


def _single(document: int, places: Sequence[bytes] | None) -> bytes:
    info = dumps((1, document, 1.0, 0, _NO_LENGTH, _NO_LENGTH), 2)
    data = dumps(((document,), None, None if places is None else (places[0],)), 2)
    return bytes(WHOOSH3_HEADER_MAGIC) + _NOT_LAST.pack(-len(info) - len(data)) + info + data


def _blocks(postings: Postings, lengths: Sequence[int] | None) -> Iterator[bytes]:
    documents, weights, places = postings.documents, postings.weights, postings.places
    yield WHOOSH3_HEADER_MAGIC
    for start in range(0, len(documents), BLOCK):
        numbers = documents[start : start + BLOCK]
        heavy = None if weights is None else tuple(weights[start : start + BLOCK])
        steps = tuple(map(sub, numbers, chain((0,), numbers)))
        data = dumps(
            (
                steps,
                None if heavy is None or set(heavy) == {1.0} else heavy,
                None if places is None else tuple(places[start : start + BLOCK]),
            ),
            2,
        )
        packed = len(data) >= _COMPRESS_FROM
        if packed:
            data = zlib.compress(data, _LEVEL)
        measured = [lengths[document] for document in numbers] if lengths is not None else ()
        info = dumps(
            (
                len(numbers),
                numbers[-1],
                1.0 if heavy is None else max(heavy),
                _LEVEL if packed else 0,
                min(measured, default=_NO_LENGTH),
                max(measured, default=_NO_LENGTH),
            ),
            2,
        )
        size = len(info) + len(data)
        last = start + BLOCK >= len(documents)
        yield _NOT_LAST.pack(-size if last else size) + info + data


def decode(body: bytes) -> Postings:
    """Read a whole list, as `encode` or Whoosh wrote it in one of our fields.

    Raises:
        ValueError: these bytes are not a posting list.
    """
    documents: list[int] = []
    weights: list[float] = []
    places: list[bytes] = []
    heavy = False
    for count, steps, weighed, placed in _read(body):
        documents.extend(accumulate(steps))
        if weighed is None:
            weights.extend(repeat(1.0, count))
        else:
            heavy = True
            weights.extend(repeat(weighed, count) if isinstance(weighed, float) else weighed)
        if placed:
            places.extend(placed)
    return Postings(documents, weights if heavy else None, places or None)


def documents_of(body: bytes) -> list[int]:
    """Give only the documents of a whole list, ascending.

    Raises:
        ValueError: these bytes are not a posting list.
    """
    documents: list[int] = []
    for _, steps, _, _ in _read(body):
        documents.extend(accumulate(steps))
    return documents


_Block = tuple[int, tuple[int, ...], float | tuple[float, ...] | None, tuple[bytes, ...] | None]


def _read(body: bytes) -> Iterator[_Block]:
    stream = BytesIO(body)
    if stream.read(4) != WHOOSH3_HEADER_MAGIC:
        raise ValueError("not a posting list")
    size = 0
    while size >= 0:
        (size,) = _NOT_LAST.unpack(stream.read(4))
        begins = stream.tell()
        info = load(stream)  # noqa: S301 - our own file, proven by its checksum when opened
        data = stream.read(begins + abs(size) - stream.tell())
        if info[3]:
            data = zlib.decompress(data)
        yield info[0], *loads(data)  # noqa: S301 - as above


@lru_cache(maxsize=4096)
def places(positions: tuple[int, ...]) -> bytes:
    """Give *positions* as Whoosh's `Positions` format keeps them."""
    steps = list(map(sub, positions, chain((0,), positions)))
    return bytes(_COUNT.pack(len(positions)) + dumps(steps, 2))


@lru_cache(maxsize=65536)
def positions(placed: bytes) -> tuple[int, ...]:
    """Read what `places` gave."""
    return tuple(accumulate(loads(placed[_COUNT.size :])))  # noqa: S301 - as above
