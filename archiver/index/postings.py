"""Posting lists in the form of Whoosh's `W3Codec`: which documents have a term, how often, where.

A list is a mark and a row of blocks, each with a few figures in front, so that Whoosh's own
matchers can read it. The difference to Whoosh's writer is that whole lists are encoded at once,
and that a list can be moved or thinned without going through every posting of its segment.
"""

from __future__ import annotations

import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from itertools import accumulate, chain, repeat
from operator import sub
from pickle import dumps, load, loads
from struct import Struct
from typing import Final, NamedTuple, TypeVar

from whoosh.codec.whoosh3 import WHOOSH3_HEADER_MAGIC

BLOCK: Final = 64
"""Postings in a block; a reader takes any number."""

_COMPRESS_FROM: Final = 128
_LEVEL: Final = 3
_NOT_LAST: Final = Struct("!i")
_COUNT: Final = Struct("!I")
_FIGURES: Final = Struct("!BfIBBfIIqi")
_EXTENT: Final = Struct("!qi")
_EXTENT_AT: Final = 23
_NO_LENGTH: Final = 0

FIGURES_SIZE: Final = _FIGURES.size
"""How many bytes the figures of a term take."""


@dataclass(slots=True)
class Postings:
    """The documents that have a term: ascending numbers, and beside each its weight and places.

    *weights* is None where all are 1. *places* holds the positions as Whoosh encodes them, and
    is None in a field that keeps none.
    """

    documents: Sequence[int]
    weights: Sequence[float] | None = None
    places: Sequence[bytes] | None = None

    def without(self, gone: Sequence[int]) -> Postings:
        """Give the list without the documents *gone*, all of which it holds."""
        places = [bisect_left(self.documents, document) for document in gone]
        return Postings(
            _without(self.documents, places),
            None if self.weights is None else _without(self.weights, places),
            None if self.places is None else _without(self.places, places),
        )


_Value = TypeVar("_Value")


def _without(values: Sequence[_Value], places: Sequence[int]) -> list[_Value]:
    left = list(values)
    for place in reversed(places):
        del left[place]
    return left


class TermFigures(NamedTuple):
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
        return _FIGURES.pack(0, *self)

    @classmethod
    def unpacked(cls, packed: bytes) -> TermFigures:
        """Read what `packed` gave."""
        return cls._make(_FIGURES.unpack(packed)[1:])


def frequency(packed: bytes) -> int:
    """Give how many documents have the term whose figures are *packed*."""
    return int(_FIGURES.unpack(packed)[2])


def extent(packed: bytes) -> tuple[int, int]:
    """Give where the list of the term whose figures are *packed* begins, and how long it is."""
    offset, length = _EXTENT.unpack_from(packed, _EXTENT_AT)
    return offset, length


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
    yield WHOOSH3_HEADER_MAGIC
    size = len(postings.documents)
    for start in range(0, size, BLOCK):
        ends = start + BLOCK
        some = Postings(
            postings.documents[start:ends],
            None if postings.weights is None else postings.weights[start:ends],
            None if postings.places is None else postings.places[start:ends],
        )
        yield _framed(_block(some, lengths, _COMPRESS_FROM)[1], last=ends >= size)


def _framed(block: bytes, *, last: bool) -> bytes:
    return _NOT_LAST.pack(-len(block) if last else len(block)) + block


_Info = tuple[int, int, float, int, int, int]
"""What stands in front of a block: how many, the last document, the greatest weight, the level of
compression, the shortest and the longest length."""


def _block(
    some: Postings, lengths: Sequence[int] | None, compress_from: int
) -> tuple[_Info, bytes]:
    numbers, heavy = some.documents, some.weights
    data = dumps(
        (
            tuple(map(sub, numbers, chain((0,), numbers))),
            None if heavy is None or set(heavy) == {1.0} else tuple(heavy),
            None if some.places is None else tuple(some.places),
        ),
        2,
    )
    packed = len(data) >= compress_from
    measured = [lengths[document] for document in numbers] if lengths is not None else ()
    info = (
        len(numbers),
        numbers[-1],
        1.0 if heavy is None else max(heavy),
        _LEVEL if packed else 0,
        min(measured, default=_NO_LENGTH),
        max(measured, default=_NO_LENGTH),
    )
    return info, dumps(info, 2) + (zlib.compress(data, _LEVEL) if packed else data)


def decode(body: bytes) -> Postings:
    """Read a whole list, as `encode` wrote it.

    Raises:
        ValueError: these bytes are not a posting list.
    """
    documents: list[int] = []
    weights: list[float] = []
    places: list[bytes] = []
    heavy = False
    for frame in _frames(body):
        info, data = _opened(frame)
        steps, weighed, placed = _unpacked(info, data)
        documents.extend(accumulate(steps))
        heavy = heavy or weighed is not None
        weights.extend(repeat(1.0, info[0]) if weighed is None else weighed)
        if placed:
            places.extend(placed)
    return Postings(documents, weights if heavy else None, places or None)


def documents_of(body: bytes) -> list[int]:
    """Give only the documents of a whole list, ascending.

    Raises:
        ValueError: these bytes are not a posting list.
    """
    documents: list[int] = []
    for frame in _frames(body):
        documents.extend(accumulate(_unpacked(*_opened(frame))[0]))
    return documents


def thinned(
    body: bytes, packed: bytes, gone: Sequence[int], lengths: Sequence[int] | None
) -> tuple[bytes, TermFigures]:
    """Give the list *body*, whose figures are *packed*, without *gone*, and its new figures.

    *gone* are documents that the list holds, ascending; at least one other is left. Blocks that
    hold none of them stay as they are. The figures leave the list its place and its room.

    Raises:
        ValueError: these bytes are not a posting list.
    """
    frames: list[bytes] = []
    infos: list[_Info] = []
    lost, done = 0.0, 0
    for frame in _frames(body):
        info, data = _opened(frame)
        reached = bisect_right(gone, info[1], done)
        if reached > done:
            held = _held(info, data)
            left = held.without(gone[done:reached])
            lost += _weight(held) - _weight(left)
            done = reached
            if not left.documents:
                continue
            info, block = _block(left, lengths, 0 if info[3] else _COMPRESS_FROM)
            frames.append(_framed(block, last=False))
        else:
            frames.append(frame)
        infos.append(info)
    frames[-1] = _framed(frames[-1][_NOT_LAST.size :], last=True)
    whole = b"".join((WHOOSH3_HEADER_MAGIC, *frames))
    before = TermFigures.unpacked(packed)
    _, lasts, heaviest, _, shortest, longest = zip(*infos, strict=True)
    return whole, TermFigures(
        weight=before.weight - lost,
        frequency=before.frequency - len(gone),
        shortest=min(shortest),
        longest=max(longest),
        heaviest=max(heaviest),
        first=_held(*_opened(frames[0])).documents[0] if before.first == gone[0] else before.first,
        last=lasts[-1],
        offset=before.offset,
        length=before.length,
    )


_Unpacked = tuple[tuple[int, ...], tuple[float, ...] | None, tuple[bytes, ...] | None]
"""What a block holds: the steps from document to document, their weights, their places."""


def _frames(body: bytes) -> Iterator[bytes]:
    """Give the blocks of *body*, each with its size in front, the last one last."""
    if body[:4] != WHOOSH3_HEADER_MAGIC:
        raise ValueError("not a posting list")
    unpack = _NOT_LAST.unpack_from
    size, at = 0, len(WHOOSH3_HEADER_MAGIC)
    while size >= 0:
        (size,) = unpack(body, at)
        ends = at + _NOT_LAST.size + abs(size)
        yield body[at:ends]
        at = ends


def _opened(frame: bytes) -> tuple[_Info, BytesIO]:
    """Give what stands in front of a block, and the block from there on."""
    stream = BytesIO(frame)
    stream.seek(_NOT_LAST.size)
    return load(stream), stream  # noqa: S301 - our own file, proven by its checksum when opened


def _unpacked(info: _Info, stream: BytesIO) -> _Unpacked:
    data = stream.read()
    held: _Unpacked = loads(zlib.decompress(data) if info[3] else data)  # noqa: S301 - as in _opened
    return held


def _held(info: _Info, stream: BytesIO) -> Postings:
    steps, weights, placed = _unpacked(info, stream)
    return Postings(tuple(accumulate(steps)), weights, placed)


def _weight(some: Postings) -> float:
    return float(len(some.documents) if some.weights is None else sum(some.weights))


@lru_cache(maxsize=4096)
def places(positions: tuple[int, ...]) -> bytes:
    """Give *positions* as Whoosh's `Positions` format keeps them."""
    steps = list(map(sub, positions, chain((0,), positions)))
    return bytes(_COUNT.pack(len(positions)) + dumps(steps, 2))


@lru_cache(maxsize=65536)
def positions(placed: bytes) -> tuple[int, ...]:
    """Read what `places` gave."""
    return tuple(accumulate(loads(placed[_COUNT.size :])))  # noqa: S301 - as in _opened
