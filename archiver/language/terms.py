"""One term of a query, as written, and what it means: a word, phrase, prefix, field or date."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from archiver.language.evaluate import ATTACHMENT
from archiver.language.tokens import cut, fold, signed, stem
from archiver.language.tree import And, Between, Field, Is, Phrase, Prefix, Query, Word
from archiver.records.errors import QueryInvalid
from archiver.records.items import ItemKind
from archiver.records.moments import micros

FIELDS: Final = ("author", "from", "is", "kind", "page", "platform", "title", "to")
"""The names a colon may follow."""

KINDS: Final = tuple(kind.value for kind in ItemKind)
PROPERTIES: Final = (ATTACHMENT, *KINDS)
SHORTEST_PREFIX: Final = 2

_NAMED: Final = re.compile(r"([a-zA-Z]+):(?!//)(.*)", re.DOTALL)
_DAY: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_WILDCARD_INSIDE: Final = re.compile(r"\*|\?\w")
_WILDCARD_QUOTED: Final = re.compile(r"\w\*")
_ONLY_AT_THE_END: Final = "An asterisk may only end a single word, without quotation marks: evac*."
_QUOTE_IT: Final = "To search for the text itself, put it in quotation marks."


def invalid(column: int, message: str, remedy: str) -> QueryInvalid:
    """Give the error that says *message* of *column*, and what to do about it."""
    return QueryInvalid(f"column {column}: {message}", remedy=remedy)


def term(text: str, *, column: int, zone: ZoneInfo) -> Query:
    """Give what *text*, one term that begins at *column*, means; days are days in *zone*.

    Raises:
        QueryInvalid: it means nothing.
    """
    if text.startswith('"'):
        if _WILDCARD_QUOTED.search(text):
            raise invalid(column, f"{text} has a wildcard inside", _ONLY_AT_THE_END)
        return _phrase(text.strip('"'), column)
    named = _NAMED.fullmatch(text)
    if named is not None:
        return _field(named[1].lower(), named[2], column, zone)
    if text.startswith("-"):
        raise invalid(column, f"{text} begins with a minus", "Write NOT to leave something out.")
    if text.endswith("*"):
        return _prefix(text.rstrip("*"), column)
    if _WILDCARD_INSIDE.search(text) and "/" not in text:
        raise invalid(column, f"{text} has a wildcard inside", _ONLY_AT_THE_END)
    return _word(text, column)


def _word(text: str, column: int) -> Query:
    tokens = cut(text)
    if len(tokens) == 1 and not signed(text):
        return Word(stem(tokens[0]))
    return _phrase(text, column)


def _phrase(text: str, column: int) -> Query:
    tokens, tags = cut(text), signed(text)
    if not tokens:
        raise invalid(
            column, f"{text!r} has no letter or digit in it", "Search for words, numbers or emoji."
        )
    if not tags:
        return Phrase(tokens)
    tagged = tuple(Phrase((tag,)) for tag in tags)
    parts = tagged if len(tokens) == 1 else (Phrase(tokens), *tagged)
    return parts[0] if len(parts) == 1 else And(parts)


def _prefix(start: str, column: int) -> Query:
    tokens, tags = cut(start), signed(start)
    if len(tokens) > 1 and len(tokens[-1]) == 1 and not tokens[-1].isascii():
        return _phrase(start, column)  # a script without spaces: a phrase finds what goes on
    whole = tags or tokens
    if len(tokens) != 1 or len(whole) != 1:
        raise invalid(column, f"{start}* is not the beginning of one word", _ONLY_AT_THE_END)
    if len(tokens[0]) < SHORTEST_PREFIX and tokens[0].isascii():
        raise invalid(
            column,
            f"{start}* would match too much",
            f"Write at least {SHORTEST_PREFIX} letters before the asterisk.",
        )
    return Prefix(whole[0])


def _field(name: str, written: str, column: int, zone: ZoneInfo) -> Query:
    value = written.strip('"').strip()
    if name not in FIELDS:
        raise invalid(
            column, f"there is no field {name}", f"Fields are {', '.join(FIELDS)}. {_QUOTE_IT}"
        )
    if not value:
        raise invalid(column, f"{name}: has no value", f"Write the value at once: {name}:value.")
    if "*" in value:
        raise invalid(column, f"{name}:{value} has a wildcard inside", _ONLY_AT_THE_END)
    match name:
        case "from":
            return Between(micros(_day(value, column, zone)[0]), None)
        case "to":
            return _until(value, column, zone)
        case "is":
            return Is(_one_of(PROPERTIES, name, value, column))
        case "kind":
            return Field(name, (_one_of(KINDS, name, value, column),))
        case "page" | "platform":
            return Field(name, (fold(value),))
    tokens = cut(value)
    if not tokens:
        raise invalid(column, f"{name}:{value} has no letter or digit in it", _QUOTE_IT)
    return Field(name, tokens)


def _one_of(known: tuple[str, ...], name: str, value: str, column: int) -> str:
    folded = fold(value)
    if folded not in known:
        raise invalid(
            column, f"there is no {name}:{value}", f"After {name}: may stand {', '.join(known)}."
        )
    return folded


def _until(value: str, column: int, zone: ZoneInfo) -> Between:
    after = _day(value, column, zone)[1]
    return Between(None, None if after is None else micros(after))


def _day(value: str, column: int, zone: ZoneInfo) -> tuple[datetime, datetime | None]:
    """Give when the day, month or year *value* begins, and when the next one does."""
    found = _DAY.fullmatch(value)
    first = _date(found) if found is not None else None
    if found is None or first is None:
        raise invalid(
            column, f"{value} is not a day", "Write a day as 2026-01-31, or 2026-01, or 2026."
        )
    year, month = first.year, first.month
    try:
        if found[3]:
            after = first + timedelta(days=1)
        elif found[2]:
            after = date(year + month // 12, month % 12 + 1, 1)
        else:
            after = date(year + 1, 1, 1)
    except (ValueError, OverflowError):
        return _begins(first, zone), None
    return _begins(first, zone), _begins(after, zone)


def _date(found: re.Match[str]) -> date | None:
    try:
        return date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return None


def _begins(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
