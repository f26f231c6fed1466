"""Holds: what a legal hold covers.

A hold binds what it covers from the moment it is issued. Until its scope has been evaluated it
covers everything within its page and date bounds; re-evaluation only ever adds. Items captured
later, and late edits, are tested in the transaction that captures them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from archiver.records.canonical import Json, canonical, read_object


class HoldStatus(StrEnum):
    """Where a hold stands. Only `lifted` lets go."""

    EVALUATING = "evaluating"
    ACTIVE = "active"
    LIFTED = "lifted"


class Neighbours(StrEnum):
    """What lies around an item: all of its thread, and all else that its public author wrote."""

    THREADS = "threads"
    AUTHORS = "authors"


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldFacts:
    """What a hold asks about an item: opaque ids, and when it was published (µs, UTC).

    *authors* and *published* are those of every version, in any order.
    """

    item: str
    thread: str
    page: str
    authors: tuple[str, ...]
    published: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a hold covers: what is named, and everything that meets all the other criteria.

    Named are *items*, and *threads* with everything in them. An author, a day and a query are met
    by an item as soon as any of its versions meets them, be it one for each. *published_from*
    (inclusive) and *published_to* (exclusive) are in microseconds since 1970 UTC. *query* is the
    JSON of a query tree (archiver.language.written), which keeps the version of the language it was
    written in.
    With names alone, only what is named is covered; with nothing at all, everything is. The items
    *without* are left out, whatever else is asked. A scope *around* a hold, which it names, grows
    by the threads or authors (*kinds*) of whatever that hold comes to cover. One whose authors are
    *called* so (opaque words for their names) grows by whoever is called so later.
    """

    items: frozenset[str] = frozenset()
    threads: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    pages: frozenset[str] = frozenset()
    authors: frozenset[str] = frozenset()
    called: frozenset[str] = frozenset()
    published_from: int | None = None
    published_to: int | None = None
    query: Mapping[str, Json] | None = None
    around: str = ""
    kinds: frozenset[Neighbours] = frozenset()

    @property
    def names_alone(self) -> bool:
        """Say whether items, threads or what lies around are named and nothing else is asked."""
        return bool(self.items or self.threads or self.around) and not (
            self.pages
            or self.authors
            or self.published_from is not None
            or self.published_to is not None
            or self.query is not None
        )

    @property
    def asks_bylines(self) -> bool:
        """Say whether it matters who wrote an item, or when it was published."""
        dated = self.published_from is not None or self.published_to is not None
        return dated or bool(self.authors) or Neighbours.AUTHORS in self.kinds

    @property
    def grows_alone(self) -> bool:
        """Say whether whatever lies in its threads or is of its authors is covered, all of it."""
        return self == Scope(
            threads=self.threads,
            authors=self.authors,
            called=self.called,
            around=self.around,
            kinds=self.kinds,
        )

    def within_bounds(self, facts: HoldFacts) -> bool:
        """Say whether *facts* lie within the bounds that bind before the scope is evaluated."""
        if facts.item in self.without:
            return False
        if self._names(facts):
            return True
        if self.names_alone:
            return False
        return (not self.pages or facts.page in self.pages) and any(
            map(self._lies_within, facts.published)
        )

    def _lies_within(self, published: int) -> bool:
        return (self.published_from is None or published >= self.published_from) and (
            self.published_to is None or published < self.published_to
        )

    def covers(self, facts: HoldFacts, answers_query: Callable[[], bool]) -> bool:
        """Say whether the hold covers *facts*; *answers_query* is asked only where it matters."""
        if not self.within_bounds(facts):
            return False
        if self._names(facts):
            return True
        if self.authors and self.authors.isdisjoint(facts.authors):
            return False
        return self.query is None or answers_query()

    def may_cover(self, item: str, page: str) -> bool:
        """Say whether an *item* of which only its *page* is known may be covered.

        No page says that even that is unknown.
        """
        if item in self.without:
            return False
        if item in self.items or self.threads:
            return True
        if self.names_alone:
            return bool(self.around)
        return not self.pages or not page or page in self.pages

    def _names(self, facts: HoldFacts) -> bool:
        return facts.item in self.items or facts.thread in self.threads

    def grown_by(self, more: Scope) -> Scope:
        """Give this scope with the threads and authors of *more* besides."""
        return replace(
            self, threads=self.threads | more.threads, authors=self.authors | more.authors
        )

    def joined_by(self, namesakes: Scope) -> Scope:
        """Give this scope with the authors of *namesakes* besides, where it asks for their name.

        One that names no author covers everybody's, and must not be given any.
        """
        if not self.authors or self.called.isdisjoint(namesakes.called):
            return self
        return replace(self, authors=self.authors | namesakes.authors)

    def to_json(self) -> dict[str, Json]:
        """Give the scope as JSON, for its paper and its row: its keys in one order, ever."""
        return {
            "items": list[Json](sorted(self.items)),
            "threads": list[Json](sorted(self.threads)),
            "without": list[Json](sorted(self.without)),
            "pages": list[Json](sorted(self.pages)),
            "authors": list[Json](sorted(self.authors)),
            "called": list[Json](sorted(self.called)),
            "published_from": str(self.published_from) if self.published_from is not None else None,
            "published_to": str(self.published_to) if self.published_to is not None else None,
            "query": read_object(canonical(dict(self.query))) if self.query is not None else None,
            "around": self.around,
            "kinds": list[Json](sorted(self.kinds)),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Json]) -> Scope:
        """Read what `to_json` gave."""
        query = value["query"]
        return cls(
            items=_texts(value["items"]),
            threads=_texts(value["threads"]),
            without=_texts(value["without"]),
            pages=_texts(value["pages"]),
            authors=_texts(value["authors"]),
            called=_texts(value["called"]),
            published_from=_micros(value["published_from"]),
            published_to=_micros(value["published_to"]),
            query=query if isinstance(query, dict) else None,
            around=str(value["around"]),
            kinds=frozenset(Neighbours(word) for word in _texts(value["kinds"])),
        )


def _texts(value: Json) -> frozenset[str]:
    return frozenset(str(v) for v in value) if isinstance(value, list) else frozenset()


def _micros(value: Json) -> int | None:
    return None if value is None else int(str(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A legal hold: what it is for, what it covers, and where it stands.

    *id* is opaque enough to stand in reasons and in the ledger (`H-0001`), as is that of its
    *matter* (`M-0001`); the reason's text is in its paper. Each narrowing adds a scope to
    *narrowed*: covered is what lies within the first scope and within every one of those.
    """

    id: str
    matter: str
    reason: str
    scope: Scope
    status: HoldStatus
    narrowed: tuple[Scope, ...] = ()

    @property
    def binds(self) -> bool:
        """Say whether the hold binds what it covers."""
        return self.status is not HoldStatus.LIFTED

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """Give every scope that an item must lie within."""
        return (self.scope, *self.narrowed)

    @property
    def called(self) -> frozenset[str]:
        """Give the opaque words for all names that its scopes ask for."""
        return frozenset[str]().union(*(scope.called for scope in self.scopes))

    @property
    def whom(self) -> Scope:
        """Give the scope of the authors that every scope names which names any."""
        named = [scope.authors for scope in self.scopes if scope.authors]
        authors = frozenset.intersection(*named) if named else frozenset[str]()
        return Scope(authors=authors, called=self.called)

    def lacks(self, author: str, name: str) -> bool:
        """Say whether a scope asks for *name*, and does not name an *author* who is called so."""
        return any(
            name in scope.called and scope.authors and author not in scope.authors
            for scope in self.scopes
        )

    def grown_by(self, more: Scope) -> Hold:
        """Give this hold with the threads and authors of *more* besides.

        Namesakes, of whom *more* says what they are called, join every scope that asks for it.
        """
        if not more.called:
            return replace(self, scope=self.scope.grown_by(more))
        narrowed = tuple(scope.joined_by(more) for scope in self.narrowed)
        return replace(self, scope=self.scope.joined_by(more), narrowed=narrowed)

    def within_bounds(self, facts: HoldFacts) -> bool:
        """Say whether *facts* lie within the bounds that bind before the scopes are evaluated."""
        return all(scope.within_bounds(facts) for scope in self.scopes)

    def covers(self, facts: HoldFacts, answers: Callable[[Scope], bool]) -> bool:
        """Say whether the hold covers *facts*; *answers* is asked of a scope with a query."""
        return all(scope.covers(facts, partial(answers, scope)) for scope in self.scopes)
