"""Answering a query from one segment: a set of documents for every part of the tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import compress
from math import log
from typing import Final, TypeAlias

from whoosh.util.numeric import byte_to_length

from archiver.index import fields, postings
from archiver.index.leaves import Leaf
from archiver.language.evaluate import ATTACHMENT
from archiver.language.tokens import stem
from archiver.language.tree import (
    And,
    Between,
    Everything,
    Field,
    Is,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Word,
)

_SATURATION: Final = 1.2
_LENGTH_COUNTS: Final = 0.75


Flags: TypeAlias = bytes | bytearray
"""A byte for each document of a leaf, set where who asks may not learn what it says; or nothing."""

Hidden: TypeAlias = Sequence[Flags]
"""The flags of each leaf: what is flagged is not found, and weighs nothing."""


def documents(query: Query, leaf: Leaf, hidden: Flags) -> AbstractSet[int]:
    """Give the documents of *leaf* that *query* matches, that are alive and not *hidden*."""
    found = _found(query, leaf)
    if hidden:
        found = {document for document in found if not hidden[document]}
    return found - leaf.deleted if leaf.deleted else found


def _found(query: Query, leaf: Leaf) -> AbstractSet[int]:
    match query:
        case And(parts):
            return _all_of(parts, leaf)
        case Or(parts):
            return set[int]().union(*(_found(part, leaf) for part in parts))
        case Not(part):
            return leaf.all_alive - _found(part, leaf)
        case Everything():
            return leaf.all_alive
        case _:
            return _one(query, leaf)


def _all_of(parts: tuple[Query, ...], leaf: Leaf) -> AbstractSet[int]:
    left: AbstractSet[int] = leaf.all_alive
    for part in sorted(parts, key=lambda part: isinstance(part, Not)):
        if not left:
            break
        if isinstance(part, Not):
            left = left - _found(part.part, leaf)
        else:
            left = left & _found(part, leaf)
    return left


def _one(query: Word | Phrase | Prefix | Field | Between | Is, leaf: Leaf) -> AbstractSet[int]:
    found: AbstractSet[int]
    match query:
        case Word(stemmed):
            found = set(leaf.documents(fields.STEMS, stemmed))
        case Phrase(tokens):
            found = _run(fields.EXACT, tokens, leaf)
        case Prefix(start):
            found = leaf.beginning(fields.EXACT, start)
        case Between(low, high):
            found = _between(low, high, leaf)
        case Is(name):
            field = fields.HAS if name == ATTACHMENT else fields.KIND
            found = set(leaf.documents(field, name))
        case Field(name, value) if name in {fields.AUTHOR, fields.TITLE}:
            found = _run(name, value, leaf)
        case Field(name, value):
            found = set(leaf.documents(name, value[0])) if len(value) == 1 else set()
    return found


def _between(low: int | None, high: int | None, leaf: Leaf) -> set[int]:
    return {
        document
        for document, when in enumerate(leaf.published)
        if (low is None or low <= when) and (high is None or when < high)
    }


def _run(field: str, tokens: tuple[str, ...], leaf: Leaf) -> set[int]:
    if len(tokens) < 2:  # noqa: PLR2004 - a single token needs no places
        return set(leaf.documents(field, tokens[0])) if tokens else set()
    held: list[dict[int, bytes]] = []
    both: set[int] = set()
    for token in tokens:
        found = leaf.postings(field, token)
        both = both & set(found.documents) if held else set(found.documents)
        if not both:
            return both
        held.append(dict(zip(found.documents, found.places or (), strict=True)))
    return {document for document in both if _adjacent([at[document] for at in held])}


def _adjacent(placed: list[bytes]) -> bool:
    starts = set(postings.positions(placed[0]))
    for step, places in enumerate(placed[1:], 1):
        starts &= {place - step for place in postings.positions(places)}
        if not starts:
            return False
    return True


def weigh(query: Query, leaves: list[Leaf], hidden: Hidden) -> dict[str, float]:
    """Give how much each stem of *query* counts over all *leaves*: the rarer, the more (BM25)."""
    beside = list(zip(leaves, hidden, strict=True))
    alive = sum(leaf.alive - _besides(leaf.deleted, none) for leaf, none in beside)
    weights = {}
    for stemmed in set(_stems(query)):
        having = sum(_having(stemmed, leaf, none) for leaf, none in beside)
        weights[stemmed] = log(1 + max(alive - having + 0.5, 0.5) / (having + 0.5))
    return weights


def _besides(gone: AbstractSet[int], hidden: Flags) -> int:
    """Give how many documents are *hidden* and not among the *gone*."""
    return hidden.count(1) - sum(hidden[document] for document in gone) if hidden else 0


def _having(stemmed: str, leaf: Leaf, hidden: Flags) -> int:
    """Give how many documents of *leaf* have a stem, the deleted among them, the *hidden* not."""
    if not hidden:
        return leaf.frequency(fields.STEMS, stemmed)
    return sum(not hidden[document] for document in leaf.documents(fields.STEMS, stemmed))


def average_length(leaves: list[Leaf], hidden: Hidden) -> float:
    """Give how many tokens an item of *leaves* has on average, at least one."""
    size, tokens = 0, 0
    for leaf, none in zip(leaves, hidden, strict=True):
        size += leaf.size - len(leaf.struck) - _besides(leaf.struck, none)
        tokens += leaf.total_length - sum(map(byte_to_length, compress(leaf.lengths, none)))
    return max(1.0, tokens / size) if size else 1.0


def scores(weights: Mapping[str, float], leaf: Leaf, average: float) -> dict[int, float]:
    """Give how well each document of *leaf* answers the stems of *weights* (BM25)."""
    found: dict[int, float] = {}
    spread = [
        _SATURATION * (1 - _LENGTH_COUNTS + _LENGTH_COUNTS * byte_to_length(code) / average)
        for code in range(256)
    ]
    lengths = leaf.lengths
    for stemmed, weight in weights.items():
        held = leaf.postings(fields.STEMS, stemmed)
        for at, document in enumerate(held.documents):
            times = 1.0 if held.weights is None else held.weights[at]
            score = weight * times * (_SATURATION + 1) / (times + spread[lengths[document]])
            found[document] = found.get(document, 0.0) + score
    return found


def _stems(query: Query) -> Iterator[str]:
    match query:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _stems(part)
        case Word(stemmed):
            yield stemmed
        case Phrase(tokens):
            yield from map(stem, tokens)
        case _:
            return
