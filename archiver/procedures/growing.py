"""Growing: what a hold around another comes to name, as that one comes to cover more.

Whatever the inner hold covers brings its thread and its public author into the scope of
the one around it, in the same transaction: what lies there already is bound with it, and what is
captured there later is bound like everything else in a scope. It only ever adds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from archiver.catalogue import Desk, Reading, growths, holds, items, object_locks
from archiver.catalogue.growths import GrowthRow
from archiver.catalogue.holds import HoldRow
from archiver.catalogue.items import ItemRow
from archiver.catalogue.pages import PageRow
from archiver.catalogue.rows import sliced
from archiver.ports import LegalHolder
from archiver.procedures.account import Account
from archiver.procedures.covering import Coverer, as_document, by_scope
from archiver.procedures.evaluating import BATCH, bind_store, settled_coverer
from archiver.records.canonical import Json, canonical
from archiver.records.events import EventKind
from archiver.records.holds import HoldFacts, Neighbours, Scope
from archiver.records.items import Content
from archiver.records.moments import micros

T = TypeVar("T")


class Growing:
    """Gathers by what the scopes of holds around others must grow."""

    def __init__(self, binding: Sequence[HoldRow]) -> None:
        """Take the holds that bind."""
        self._around: dict[str, list[HoldRow]] = {}
        for row in binding:
            if row.hold.scope.around:
                self._around.setdefault(row.hold.scope.around, []).append(row)
        self._rows = {row.n: row for row in binding}
        self._more: dict[int, Scope] = {}

    def note(self, covering: Sequence[HoldRow], facts: HoldFacts, *, own: bool) -> None:
        """Note that the holds *covering* cover an item, which is the department's *own* or not."""
        for row in (one for base in covering for one in self._around.get(base.hold.id, ())):
            scope = row.hold.scope
            threads = {facts.thread} if Neighbours.THREADS in scope.kinds else set()
            public = Neighbours.AUTHORS in scope.kinds and facts.author and not own
            authors = {facts.author} if public else set()
            more = Scope(
                threads=frozenset(threads - scope.threads),
                authors=frozenset(authors - scope.authors),
            )
            if more != Scope():
                self._more[row.n] = self._more.get(row.n, Scope()).grown_by(more)

    def grown(self) -> list[tuple[HoldRow, Scope]]:
        """Give every hold whose scope must grow, and by what."""
        return [(self._rows[n], more) for n, more in sorted(self._more.items())]


class PaperWanting(Exception):
    """A growth has no paper yet: it is written, and the transaction begun again."""

    def __init__(self, hold: str, more: Scope) -> None:
        super().__init__(f"no paper tells by what {hold} has grown")
        self.hold, self.more = hold, more


@dataclass(slots=True)
class GrowthPapers:
    """The papers of growths, each written before the transaction that enters it."""

    account: Account
    _written: dict[tuple[str, Scope], str] = field(default_factory=dict)

    def of(self, hold: str, more: Scope) -> str:
        """Give the digest of the paper that tells by what *hold* has grown.

        Raises:
            PaperWanting: it is not written.
        """
        if (hold, more) not in self._written:
            raise PaperWanting(hold, more)
        return self._written[hold, more]

    def write(self, hold: str, more: Scope) -> None:
        """Write the paper that tells by what *hold* has grown."""
        told: dict[str, Json] = {"hold": hold, "scope": more.to_json()}
        self._written[hold, more] = self.account.paper("growth", told)


def with_papers(account: Account, write: Callable[[GrowthPapers], T]) -> T:
    """Give what *write* does in one transaction, begun again for every paper it is found to want.

    Nothing of the transactions before is left.
    """
    papers = GrowthPapers(account)
    while True:
        try:
            return write(papers)
        except PaperWanting as wanting:
            papers.write(wanting.hold, wanting.more)


def bind_captured(
    account: Account,
    desk: Desk,
    page: PageRow,
    captured: Sequence[tuple[ItemRow, Sequence[Content]]],
    papers: GrowthPapers,
    *,
    by: str,
) -> None:
    """Bind what is *captured* on *page*, each item with its new contents, in this transaction.

    Raises:
        PaperWanting: a hold grows by it, and the paper of that is not written.
    """
    binding = holds.binding(desk.connection)
    coverer, growing = Coverer(binding), Growing(binding)
    if not coverer:
        return
    pairs: list[tuple[int, int]] = []
    threads = coverer.threads_of(desk.connection, [row for row, _ in captured])
    for row, new in captured:
        facts = holds.facts_of(row, page.page, threads.get(row.thread_n, ""))
        words = [as_document(one, row, page) for one in new] if coverer.asks_words else []
        covering = coverer.covering(facts, words)
        growing.note(covering, facts, own=row.own)
        pairs.extend((hold.n, row.n) for hold in covering)
    holds.cover(desk.connection, pairs)
    for hold, more in growing.grown():
        grow(account, desk, hold, more, papers, by=by)


def grow(
    account: Account, desk: Desk, row: HoldRow, more: Scope, papers: GrowthPapers, *, by: str
) -> list[str]:
    """Have the scope of a hold grow by *more* in this transaction, and bind what lies in that.

    Gives the ids of what is bound.

    Raises:
        PaperWanting: the paper of it is not written.
    """
    paper, at, name = papers.of(row.hold.id, more), account.now(), row.hold.id
    scope = canonical(more.to_json()).decode()
    growths.add(desk.connection, GrowthRow(hold_n=row.n, scope=scope, at=micros(at), paper=paper))
    told: dict[str, Json] = {"t": len(more.threads), "a": len(more.authors)}
    account.enter(desk, EventKind.HOLD_GROWN, by=by, subject=name, told=told, paper=paper, at=at)
    grown = replace(row, hold=replace(row.hold, scope=row.hold.scope.grown_by(more)))
    return _bind(desk.connection, grown, more, today=account.today().toordinal())


def _bind(connection: Reading, row: HoldRow, more: Scope, *, today: int) -> list[str]:
    """Bind what lies in *more* already, and all other scopes of the hold cover too."""
    coverer = settled_coverer(row)
    bound: list[str] = []
    for part in _parts(more):
        after = 0
        while some := holds.lying_in(connection, part, after=after, limit=BATCH):
            after = some[-1].n
            covered = by_scope(connection, coverer, some)
            holds.cover(connection, [(row.n, n) for n in covered])
            items.look_again(connection, list(covered), today)
            object_locks.look_again(connection, list(covered))
            bound.extend(one.item for one in some if one.n in covered)
    return bound


def _parts(more: Scope) -> Iterator[Scope]:
    """Cut *more* into scopes of which each names no more than one statement asks for."""
    for some in sliced(sorted(more.threads)):
        yield Scope(threads=frozenset(some))
    for some in sliced(sorted(more.authors)):
        yield Scope(authors=frozenset(some))


def catch_up(account: Account, name: str, store: LegalHolder | None = None) -> bool:
    """Have the hold *name* name all that lies around what the one within it covers by now.

    Gives whether anything was missing. Whoever issued the hold stands in the entries.
    """
    papers, missing = GrowthPapers(account), False
    while True:
        with account.catalogue.reading() as connection:
            _, more = _missing(connection, name)
        if more == Scope():
            return missing
        papers.write(name, more)
        with account.catalogue.writing() as desk:
            row, now_missing = _missing(desk.connection, name)
            if now_missing != more:
                continue
            bound = grow(account, desk, row, more, papers, by=row.by)
        missing = True
        bind_store(store, bound)


def _missing(connection: Reading, name: str) -> tuple[HoldRow, Scope]:
    """Give the hold *name*, and what it does not name of what lies around the one within."""
    (row,) = holds.by_name(connection, name)
    scope = row.hold.scope
    found = holds.by_name(connection, scope.around)
    if not (found and found[0].hold.binds and row.hold.binds):
        return row, Scope()
    theirs = around(connection, found[0].n, scope.kinds)
    more = Scope(threads=theirs.threads - scope.threads, authors=theirs.authors - scope.authors)
    return row, more


def around(
    connection: Reading, hold_n: int, kinds: frozenset[Neighbours], *, most: int | None = None
) -> Scope:
    """Give the threads and the public authors of what a hold covers, at most *most* of each.

    The department's own posts do not bring in their author, who wrote everything there is.
    """
    threads = Neighbours.THREADS in kinds
    authors = Neighbours.AUTHORS in kinds
    return Scope(
        threads=frozenset(holds.threads_of(connection, hold_n, limit=most) if threads else ()),
        authors=frozenset(holds.authors_of(connection, hold_n, limit=most) if authors else ()),
    )
