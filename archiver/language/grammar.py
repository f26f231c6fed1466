"""Reading a query as a clerk writes it into the tree of `archiver.language.tree`.

docs/query-language.md describes the language. Whatever the text, `parse` gives a query or raises
QueryInvalid, which names the column and says what to do.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from archiver.language.terms import invalid, term
from archiver.language.tree import DEEPEST, And, Not, Or, Query, depth
from archiver.records.errors import QueryInvalid

LONGEST_QUERY: Final = 10_000
"""Characters a query may have."""

_GRAMMAR: Final = r"""
    ?start: either
    ?either: both (_OR both)*
    ?both: each (_AND? each)*
    ?each: _NOT each -> negated
         | "(" either ")"
         | TERM -> term
    _AND: /AND(?=[\s()"]|$)/
    _NOT: /NOT(?=[\s()"]|$)/
    _OR: /OR(?=[\s()"]|$)/
    TERM.-1: /([a-zA-Z]+:)?"[^"]*"/ | /[^\s()"]+/
    %ignore /\s+/
"""
_QUOTES: Final = str.maketrans(dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\uff02", '"'))
_Branch: TypeAlias = "list[Query]"
_WORDS: Final = {"_AND": "AND", "_OR": "OR", "_NOT": "NOT"}


class _Reading(Transformer[Token, Query]):
    """Builds the tree from below while the text is read, so that depth costs no stack."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self._zone = zone

    def term(self, children: list[Token]) -> Query:
        (token,) = children
        return term(str(token), column=(token.start_pos or 0) + 1, zone=self._zone)

    def negated(self, children: _Branch) -> Query:
        (part,) = children
        return part.part if isinstance(part, Not) else Not(part)

    def both(self, children: _Branch) -> Query:
        return And(_flat(And, children))

    def either(self, children: _Branch) -> Query:
        return Or(_flat(Or, children))


def _flat(kind: type[And | Or], children: _Branch) -> tuple[Query, ...]:
    flat: _Branch = []
    for child in children:
        flat.extend(child.parts if isinstance(child, kind) else (child,))
    return tuple(flat)


@lru_cache(maxsize=8)
def _reader(zone: ZoneInfo) -> Lark:
    return Lark(_GRAMMAR, parser="lalr", lexer="basic", transformer=_Reading(zone))


def parse(text: str, *, zone: ZoneInfo) -> Query:
    """Give the query that *text* writes; its days are days in *zone*.

    Raises:
        QueryInvalid: it cannot be read; the message names the column.
    """
    if not text.strip():
        raise invalid(
            1, "there is nothing to search for", "Write a word, or a field like kind:post."
        )
    if len(text) > LONGEST_QUERY:
        raise invalid(LONGEST_QUERY + 1, "the query is too long", "Split it into several searches.")
    text = text.translate(_QUOTES)
    try:
        query: Query = _reader(zone).parse(text)  # type: ignore[assignment]  # the transformer's, not a Tree
    except UnexpectedCharacters as error:
        raise invalid(
            (error.pos_in_stream or 0) + 1,
            "a quotation mark is never closed",
            'Close the phrase: "shots fired".',
        ) from None
    except UnexpectedToken as error:
        raise _misplaced(error.token, text) from None
    if depth(query) > DEEPEST:
        raise invalid(1, "the query is nested too deeply", "Use fewer parentheses.")
    return query


def _misplaced(token: Token, text: str) -> QueryInvalid:
    if token.type == "$END":
        return invalid(
            len(text) + 1,
            "the query ends too early",
            "Close every parenthesis, and put a term after AND, OR and NOT.",
        )
    column = (token.start_pos or 0) + 1
    if token.type == "RPAR":
        return invalid(column, "a parenthesis closes nothing", "Remove it, or open one before it.")
    word = _WORDS.get(token.type, str(token))
    return invalid(
        column, f"{word} does not belong here", f'To search for the word itself, write "{word}".'
    )
