"""Which holds cover an item: asked at capture, at issue, and again before any destruction.

The stored coverage and the scopes themselves are both asked, and either binds: a row of
coverage that went missing frees nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from archiver.catalogue import Reading, bylines, contents, holds, items, pages, requests
from archiver.catalogue.bylines import Byline, Bylines
from archiver.catalogue.holds import HoldRow
from archiver.catalogue.items import ItemRow
from archiver.catalogue.pages import PageRow
from archiver.language.documents import IndexDocument, document
from archiver.language.evaluate import matches
from archiver.language.written import from_json
from archiver.records.errors import QueryInvalid, RegisterUnreadable
from archiver.records.holds import Hold, HoldFacts, HoldStatus, Scope
from archiver.records.items import Content
from archiver.records.matters import MatterKind


class Coverer:
    """Tests items against holds; reads each scope's query once."""

    def __init__(self, binding: Sequence[HoldRow], *, exactly: bool = False) -> None:
        """Take the holds that bind; *exactly* lets authors and days be told by rows alone."""
        self._holds = [row for row in binding if row.hold.binds]
        self._queries = {
            id(scope): from_json(dict(scope.query))
            for row in self._holds
            for scope in row.hold.scopes
            if scope.query is not None
        }
        scopes = [scope for row in self._holds for scope in row.hold.scopes]
        self._threads = any(scope.threads or scope.around for scope in scopes)
        asks = bool(self._queries) or any(scope.asks_bylines for scope in scopes)
        self._bylines = asks and not exactly

    def __bool__(self) -> bool:
        """Say whether any hold binds at all."""
        return bool(self._holds)

    @property
    def asks_words(self) -> bool:
        """Say whether some hold asks for the words of an item."""
        return bool(self._queries)

    def threads_of(self, connection: Reading, rows: Sequence[ItemRow]) -> Mapping[int, str]:
        """Give the ids of the threads of *rows*, by number; none where no hold asks for one."""
        if not self._threads:
            return {}
        return items.thread_ids(connection, [row.thread_n for row in rows])

    def bylines_of(self, connection: Reading, rows: Sequence[ItemRow]) -> Bylines:
        """Give the bylines of *rows*, by number; none where nothing that they tell is asked for."""
        return bylines.of_items(connection, [row.n for row in rows]) if self._bylines else {}

    def covering(self, facts: HoldFacts, documents: Iterable[IndexDocument]) -> list[HoldRow]:
        """Give the holds that cover an item; *documents* are its versions, where words matter."""
        words = list(documents)
        return [row for row in self._holds if self._covers(row, facts, words)]

    def _covers(self, row: HoldRow, facts: HoldFacts, words: Sequence[IndexDocument]) -> bool:
        if row.hold.status is HoldStatus.EVALUATING and row.hold.within_bounds(facts):
            return True
        return row.hold.covers(facts, lambda scope: self._answers(scope, words))

    def _answers(self, scope: Scope, words: Sequence[IndexDocument]) -> bool:
        query = self._queries[id(scope)]
        return any(matches(query, word) for word in words)


def asked_of(connection: Reading) -> tuple[Coverer, dict[str, str]]:
    """Give what tests items against the active holds, and why others of them cannot be read.

    It is for who verifies, and goes on with those that can; nothing is destroyed meanwhile.
    """
    try:
        return _active(holds.binding(connection)), {}
    except _UNREADABLE:
        found: list[HoldRow] = []
        unreadable: dict[str, str] = {}
    for name in holds.names(connection):
        try:
            rows = holds.by_name(connection, name)
            _active(rows)
            found += rows
        except _UNREADABLE as error:
            unreadable[name] = str(error)
    return _active(found), unreadable


_UNREADABLE = (RegisterUnreadable, QueryInvalid)


def _active(rows: Sequence[HoldRow]) -> Coverer:
    return Coverer([row for row in rows if row.hold.status is HoldStatus.ACTIVE])


def legible(bodies: Iterable[str | None], row: ItemRow, page: PageRow) -> Iterator[IndexDocument]:
    """Give the texts of an item as searches see them, but for what nobody can read any more."""
    for body in bodies:
        with suppress(*contents.ILLEGIBLE):
            if body is not None:
                yield as_document(contents.from_body(body), row, page)


def asking(scope: Scope) -> HoldRow:
    """Give *scope* as what tests items against holds takes it; nothing is held by it."""
    hold = Hold(id="", matter="", reason="", scope=scope, status=HoldStatus.ACTIVE)
    return HoldRow(
        n=0,
        hold=hold,
        kind=MatterKind.LITIGATION,
        issued_at=0,
        by="",
        evaluated_to=0,
        evaluate_to=0,
        review_on=0,
        bound_at=None,
        lifted_at=None,
        lifted_by="",
        paper="",
    )


def held(connection: Reading, rows: Sequence[ItemRow]) -> dict[str, list[str]]:
    """Give, by item id, the names of every hold that covers each of *rows* right now.

    Raises:
        RegisterUnreadable: the holds, or the requests that freeze, cannot be read.
    """
    binding = holds.binding(connection)
    requests.every(connection)
    found: dict[str, list[str]] = {}
    by_number = holds.covering(connection, [row.n for row in rows])
    scoped = by_scope(connection, Coverer(binding), rows)
    for row in rows:
        names = [*by_number.get(row.n, ()), *(h.hold.id for h in scoped.get(row.n, ()))]
        if names:
            found[row.item] = list(dict.fromkeys(names))
    return found


def by_scope(
    connection: Reading, coverer: Coverer, rows: Sequence[ItemRow]
) -> dict[int, list[HoldRow]]:
    """Give, by item number, the holds of *coverer* whose scopes cover each of *rows* right now."""
    if not coverer:
        return {}
    on_pages = pages.by_numbers(connection, [row.page_n for row in rows])
    threads = coverer.threads_of(connection, rows)
    besides = coverer.bylines_of(connection, rows)
    documents = _documents(connection, rows, on_pages) if coverer.asks_words else {}
    found = {}
    for row in rows:
        thread = threads.get(row.thread_n, "")
        page = on_pages[row.page_n].page
        told = besides.get(row.n, ())
        facts = bylines.facts_of(row, page, thread, told)
        if covering := coverer.covering(facts, shown_as(documents.get(row.n, ()), told)):
            found[row.n] = covering
    return found


def _documents(
    connection: Reading, rows: Sequence[ItemRow], on_pages: Mapping[int, PageRow]
) -> dict[int, list[IndexDocument]]:
    by_number = {row.n: row for row in rows}
    found: dict[int, list[IndexDocument]] = {}
    for n, content in contents.all_contents_of(connection, list(by_number)):
        row = by_number[n]
        found.setdefault(n, []).append(as_document(content, row, on_pages[row.page_n]))
    return found


def shown_as(documents: Iterable[IndexDocument], told: Iterable[Byline]) -> list[IndexDocument]:
    """Give *documents*, and each of the days besides that no version tells and a paper does."""
    here = list(documents)
    days = {one.published for one in told if one.paper}
    return here + [replace(one, published=day) for day in sorted(days) for one in here]


def as_document(content: Content, row: ItemRow, page: PageRow) -> IndexDocument:
    """Give a content as searches see it."""
    return document(content, item=row.item, page=page.name, platform=page.platform)
