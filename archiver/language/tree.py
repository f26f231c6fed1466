"""The query tree: what a query means, whatever engine answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

VERSION = 1
"""The version of the language; a saved search keeps the one it was written in."""

DEEPEST = 50
"""Levels a query may have, one inside the other."""


@dataclass(frozen=True, slots=True)
class Word:
    """The item has this word, in any of its forms: *stem* is compared with stems."""

    stem: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """The item has these tokens one after another, exactly as written (case folded)."""

    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prefix:
    """The item has a token that begins with *start* (case folded)."""

    start: str


@dataclass(frozen=True, slots=True)
class Field:
    """A named field of the item has *value*: page, platform, kind, author, title.

    For `author` and `title` the value is a run of tokens, as in a phrase.
    """

    name: str
    value: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """The item was published in [*low*, *high*), microseconds since 1970 UTC; None is open."""

    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Is:
    """A property of the item: `is:attachment`, `is:comment`, `is:post` and their like."""

    name: str


@dataclass(frozen=True, slots=True)
class And:
    """Every part holds."""

    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds."""

    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Query


@dataclass(frozen=True, slots=True)
class Everything:
    """Every item."""


Query: TypeAlias = "Word | Phrase | Prefix | Field | Between | Is | And | Or | Not | Everything"
"""Any query."""


def depth(query: Query) -> int:
    """Give how many levels *query* has; a single term has one."""
    deepest = 0
    waiting: list[tuple[Query, int]] = [(query, 1)]
    while waiting:
        part, level = waiting.pop()
        deepest = max(deepest, level)
        if isinstance(part, And | Or):
            waiting.extend((child, level + 1) for child in part.parts)
        elif isinstance(part, Not):
            waiting.append((part.part, level + 1))
    return deepest


def named_as(field: str, query: Query) -> set[str]:
    """Give every page, platform and so on that *query* names, folded, also where it must not be."""
    named: set[str] = set()
    waiting: list[Query] = [query]
    while waiting:
        part = waiting.pop()
        if isinstance(part, And | Or):
            waiting.extend(part.parts)
        elif isinstance(part, Not):
            waiting.append(part.part)
        elif isinstance(part, Field) and part.name == field:
            named.update(part.value)
    return named


def with_pages(query: Query, called: Mapping[str, str]) -> Query:
    """Give *query* with every page it names called what *called* says, case folded."""
    match query:
        case And(parts) | Or(parts):
            return replace(query, parts=tuple(with_pages(part, called) for part in parts))
        case Not(part):
            return Not(with_pages(part, called))
        case Field("page", value):
            return Field("page", tuple(called.get(name, name) for name in value))
    return query
