"""What a query means, said once and plainly: every engine must find what `matches` accepts.

Holds with a search in their scope, and connectors' filters, ask it of one item at a time.
"""

from __future__ import annotations

from collections.abc import Sequence

from archiver.language.documents import IndexDocument
from archiver.language.tokens import fold
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

ATTACHMENT = "attachment"
"""The property `is:attachment`; every other property is a kind of item."""


def matches(query: Query, document: IndexDocument) -> bool:
    """Say whether *document* is among what *query* asks for."""
    match query:
        case And(parts):
            return all(matches(part, document) for part in parts)
        case Or(parts):
            return any(matches(part, document) for part in parts)
        case Not(part):
            return not matches(part, document)
        case Everything():
            return True
        case _:
            return _holds(query, document)


def _holds(query: Word | Phrase | Prefix | Field | Between | Is, document: IndexDocument) -> bool:
    match query:
        case Word(stem):
            return stem in document.stems
        case Phrase(tokens):
            return _runs_through(tokens, document.exact)
        case Prefix(start):
            return any(token.startswith(start) for token in document.exact)
        case Between(low, high):
            when = document.published
            return (low is None or low <= when) and (high is None or when < high)
        case Is(name):
            return document.has_attachment if name == ATTACHMENT else document.kind == name
        case Field(name, value):
            return _field(name, value, document)


def _field(name: str, value: tuple[str, ...], document: IndexDocument) -> bool:
    match name:
        case "author":
            return _runs_through(value, document.author)
        case "title":
            return _runs_through(value, document.title)
        case "page":
            return value == (document.page,)
        case "platform":
            return value == (document.platform,)
        case "kind":
            return value == (document.kind,)
    raise ValueError(f"no field of that name: {name}")


def _runs_through(run: Sequence[str], tokens: Sequence[str]) -> bool:
    size = len(run)
    if size == 0:
        return False
    return any(
        tokens[at : at + size] == run
        for at in range(len(tokens) - size + 1)
        if tokens[at] == run[0]
    )


def can_be_on(query: Query, *, page: str, platform: str) -> bool:
    """Say whether anything on the page that searches call *page* can be among what is asked for."""
    return _on(query, fold(page), fold(platform)) is not False


def _on(query: Query, page: str, platform: str) -> bool | None:
    """Say whether all that is on a page is asked for, or nothing of it; None: some may be."""
    match query:
        case And(parts) | Or(parts):
            decides = isinstance(query, Or)
            said = [_on(part, page, platform) for part in parts]
            return decides if decides in said else None if None in said else not decides
        case Not(part):
            inner = _on(part, page, platform)
            return None if inner is None else not inner
        case Field("page" | "platform" as name, value):
            return value == (page if name == "page" else platform,)
        case Everything():
            return True
    return None
