"""A query as JSON, so that a saved search or a hold's scope outlives any engine and any syntax."""

from __future__ import annotations

from archiver.language.tree import (
    DEEPEST,
    VERSION,
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
from archiver.records.canonical import Json
from archiver.records.errors import QueryInvalid

_FIELDS = frozenset({"author", "kind", "page", "platform", "title"})
_LONG = 20
_REMEDY = "The search was saved by another version of this program; write it anew."


def to_json(query: Query) -> dict[str, Json]:
    """Give *query* as JSON, with the version of the language."""
    return {"version": VERSION, "query": _value(query)}


def from_json(value: Json) -> Query:
    """Read what `to_json` gave.

    Raises:
        QueryInvalid: it is of another version, or not a query.
    """
    if not isinstance(value, dict) or value.get("version") != VERSION:
        raise QueryInvalid("a saved search of another version", remedy=_REMEDY)
    return _query(value.get("query"), 1)


def _value(query: Query) -> Json:
    match query:
        case And(parts):
            return {"and": [_value(part) for part in parts]}
        case Or(parts):
            return {"or": [_value(part) for part in parts]}
        case Not(part):
            return {"not": _value(part)}
        case _:
            return _leaf_value(query)


def _leaf_value(
    query: Word | Phrase | Prefix | Field | Between | Is | Everything,
) -> dict[str, Json]:
    value: dict[str, Json]
    match query:
        case Word(stem):
            value = {"word": stem}
        case Phrase(tokens):
            value = {"phrase": list(tokens)}
        case Prefix(start):
            value = {"prefix": start}
        case Field(name, tokens):
            value = {"field": name, "value": list(tokens)}
        case Between(low, high):
            value = {"between": [_number(low), _number(high)]}
        case Is(name):
            value = {"is": name}
        case Everything():
            value = {"everything": True}
    return value


def _number(micros: int | None) -> Json:
    return None if micros is None else str(micros)


def _query(value: Json, level: int) -> Query:
    if level > DEEPEST:
        raise QueryInvalid("a saved search is nested too deeply", remedy=_REMEDY)
    match value:
        case {"and": list(parts), **rest} if not rest:
            return And(tuple(_query(part, level + 1) for part in parts))
        case {"or": list(parts), **rest} if not rest:
            return Or(tuple(_query(part, level + 1) for part in parts))
        case {"not": part, **rest} if not rest:
            return Not(_query(part, level + 1))
        case dict():
            return _leaf(value)
        case _:
            raise _unreadable()


def _leaf(value: dict[str, Json]) -> Query:
    query: Query
    match value:
        case {"word": str(stem), **rest} if not rest:
            query = Word(stem)
        case {"phrase": list(tokens), **rest} if not rest:
            query = Phrase(_texts(tokens))
        case {"prefix": str(start), **rest} if not rest:
            query = Prefix(start)
        case {"field": str(name), "value": list(tokens), **rest} if name in _FIELDS and not rest:
            query = Field(name, _texts(tokens))
        case {"between": [low, high], **rest} if not rest:
            query = Between(_micros(low), _micros(high))
        case {"is": str(name), **rest} if not rest:
            query = Is(name)
        case {"everything": True, **rest} if not rest:
            query = Everything()
        case _:
            raise _unreadable()
    return query


def _texts(values: list[Json]) -> tuple[str, ...]:
    texts = tuple(value for value in values if isinstance(value, str))
    if not texts or len(texts) != len(values):
        raise _unreadable()
    return texts


def _micros(value: Json) -> int | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.removeprefix("-").isdecimal() or len(value) > _LONG:
        raise _unreadable()
    return int(value)


def _unreadable() -> QueryInvalid:
    return QueryInvalid("a saved search cannot be read", remedy=_REMEDY)
