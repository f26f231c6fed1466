"""Growing: what the scope of a hold comes to name, as others are captured.

Whatever a hold covers brings its thread and its public author into the scope of one around it,
and whoever bears a name that a scope asks for joins its authors, in the transaction that captures
it: what lies there already is bound with it, and what is captured there later is bound like
everything else in a scope. It only ever adds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from operator import itemgetter
from typing import TypeVar

from archiver.catalogue import Desk, Reading, authors, bylines, contents, holds, items, object_locks
from archiver.catalogue import growths as entries
from archiver.catalogue.growths import GrowthRow
from archiver.catalogue.holds import HoldRow
from archiver.catalogue.items import ItemRow
from archiver.catalogue.pages import PageRow
from archiver.catalogue.rows import sliced
from archiver.ports import LegalHolder
from archiver.procedures.account import Account
from archiver.procedures.called import Bearers, bearers
from archiver.procedures.covering import Coverer, as_document, by_scope, shown_as
from archiver.procedures.evaluating import BATCH, bind_store, settled_coverer
from archiver.records.canonical import Json, canonical
from archiver.records.events import EventKind
from archiver.records.holds import HoldFacts, Neighbours, Scope
from archiver.records.items import Author, Content
from archiver.records.moments import micros

T = TypeVar("T")


class Growing:
    """Gathers by what the scopes of holds must grow."""

    def __init__(self, binding: Sequence[HoldRow]) -> None:
        """Take the holds that bind."""
        self._around: dict[str, list[HoldRow]] = {}
        for row in binding:
            if row.hold.scope.around:
                self._around.setdefault(row.hold.scope.around, []).append(row)
        self._rows = {row.n: row for row in binding}
        self._more: dict[tuple[int, str], Scope] = {}

    @property
    def called(self) -> frozenset[str]:
        """Give the opaque words for all names that scopes ask for."""
        return frozenset[str]().union(*(row.hold.called for row in self._rows.values()))

    def meet(self, found: Bearers) -> None:
        """Note who was *found* to be called as scopes ask, wherever they wrote and whatever.

        Each name is a growth of its own: another scope of the same hold may not ask for it.
        """
        for n, row in self._rows.items():
            for word, ids in found.items():
                if new := frozenset(one for one in ids if row.hold.lacks(one, word)):
                    called = frozenset({word})
                    self._more[n, word] = Scope(authors=new, called=called)

    def note(self, covering: Sequence[HoldRow], facts: HoldFacts, *, own: bool) -> None:
        """Note that the holds *covering* cover an item, which is the department's *own* or not."""
        for row in (one for base in covering for one in self._around.get(base.hold.id, ())):
            scope = row.hold.scope
            threads = {facts.thread} if Neighbours.THREADS in scope.kinds else set()
            public = Neighbours.AUTHORS in scope.kinds and not own
            wrote = set(filter(None, facts.authors)) if public else set()
            more = Scope(
                threads=frozenset(threads - scope.threads),
                authors=frozenset(wrote - scope.authors),
            )
            if more != Scope():
                self._more[row.n, ""] = self._more.get((row.n, ""), Scope()).grown_by(more)

    def grown(self) -> list[tuple[HoldRow, Scope]]:
        """Give every hold whose scope must grow, and by what."""
        noted = sorted(self._more.items(), key=itemgetter(0))
        return [(self._rows[n], more) for (n, _), more in noted]


Growths = Sequence[tuple[HoldRow, Scope]]
"""Holds whose scopes must grow, each with by what."""


class PapersWanting(Exception):
    """Growths have no papers yet: they are written, and the transaction begun again."""

    def __init__(self, wanted: Sequence[tuple[str, Scope]]) -> None:
        super().__init__(f"no paper tells by what {', '.join(hold for hold, _ in wanted)} grew")
        self.wanted = wanted


@dataclass(slots=True)
class GrowthPapers:
    """The papers of growths, each written before the transaction that enters it."""

    account: Account
    _written: dict[tuple[str, Scope], str] = field(default_factory=dict)

    def demand(self, growths: Growths) -> None:
        """See that the paper of every one of *growths* is written, before anything is bound.

        Raises:
            PapersWanting: some are not.
        """
        wanted = [(row.hold.id, more) for row, more in growths]
        if missing := [one for one in wanted if one not in self._written]:
            raise PapersWanting(missing)

    def of(self, hold: str, more: Scope) -> str:
        """Give the digest of the paper that tells by what *hold* has grown."""
        return self._written[hold, more]

    def write(self, hold: str, more: Scope) -> None:
        """Write the paper that tells by what *hold* has grown."""
        told: dict[str, Json] = {"hold": hold, "scope": more.to_json()}
        self._written[hold, more] = self.account.paper("growth", told)


def with_papers(account: Account, write: Callable[[GrowthPapers], T]) -> T:
    """Give what *write* does in one transaction, begun again while it is found to want papers.

    Nothing of the transactions before is left.
    """
    papers = GrowthPapers(account)
    while True:
        try:
            return write(papers)
        except PapersWanting as wanting:
            for hold, more in wanting.wanted:
                papers.write(hold, more)


def bind_captured(
    account: Account,
    desk: Desk,
    page: PageRow,
    captured: Iterable[tuple[ItemRow, Sequence[Content]]],
    seen: Iterable[Author],
    papers: GrowthPapers,
    *,
    by: str,
) -> None:
    """Bind what is *captured* on *page*, each item with its new contents, in this transaction.

    *seen* are the authors as the platform named them, of what stayed unchanged, too. Nothing of it
    is asked for where no hold binds.

    Raises:
        PapersWanting: holds grow by it, and the papers of that are not written.
    """
    binding = holds.binding(desk.connection)
    coverer, growing = Coverer(binding), Growing(binding)
    if not coverer:
        return
    if growing.called:
        growing.meet(bearers(account.key, page.platform, set(seen), growing.called))
    pairs: list[tuple[int, int]] = []
    every = list(captured)
    rows = [row for row, _ in every]
    threads = coverer.threads_of(desk.connection, rows)
    besides = coverer.bylines_of(desk.connection, rows)
    # an old text, asked in vain before, may answer now that its item has another author or day
    earlier = _texts_of(desk.connection, list(besides)) if coverer.asks_words else {}
    for row, new in every:
        thread, told = threads.get(row.thread_n, ""), besides.get(row.n, ())
        facts = bylines.facts_of(row, page.page, thread, told)
        said = earlier.get(row.n, new) if coverer.asks_words else ()
        words = shown_as([as_document(one, row, page) for one in said], told)
        covering = coverer.covering(facts, words)
        growing.note(covering, facts, own=row.own)
        pairs.extend((hold.n, row.n) for hold in covering)
    holds.cover(desk.connection, pairs)
    grow(account, desk, growing.grown(), papers, by=by)


def _texts_of(connection: Reading, numbers: Sequence[int]) -> dict[int, list[Content]]:
    """Give every version's content of the items *numbers*, by number."""
    found: dict[int, list[Content]] = {}
    for n, content in contents.all_contents_of(connection, numbers):
        found.setdefault(n, []).append(content)
    return found


def grow(
    account: Account,
    desk: Desk,
    growths: Growths,
    papers: GrowthPapers,
    *,
    by: str,
) -> Growths:
    """Have scopes grow in this transaction, and bind what lies in that by which each does.

    What that binds brings in more for a hold around one of these, which grows in its turn. Gives
    every growth there was.

    Raises:
        PapersWanting: some papers of it are not written.
    """
    grown: list[tuple[HoldRow, Scope]] = []
    now: dict[int, HoldRow] = {}
    while growths:
        papers.demand(growths)
        for row, more in growths:
            so_far, paper = now.get(row.n, row), papers.of(row.hold.id, more)
            now[row.n] = _grow(account, desk, so_far, more, paper, by=by)
        grown += growths
        growths = _stirred(desk.connection, {row.hold.id for row, _ in growths})
    return grown


def _stirred(connection: Reading, grown: Collection[str]) -> Growths:
    """Give every hold around one of *grown* that must grow by what those cover now."""
    outer = [row for row in holds.binding(connection) if row.hold.scope.around in grown]
    found = [_missing(connection, row.hold.id) for row in outer]
    return [(row, more) for row, more in found if more != Scope()]


def _grow(
    account: Account, desk: Desk, row: HoldRow, more: Scope, paper: str, *, by: str
) -> HoldRow:
    at, name = account.now(), row.hold.id
    grown = replace(row, hold=row.hold.grown_by(more))
    bound = _bind(desk.connection, grown, more, today=account.today().toordinal())
    entry = GrowthRow(
        hold_n=row.n,
        scope=canonical(more.to_json()).decode(),
        bound=bound,
        at=micros(at),
        paper=paper,
    )
    entries.add(desk.connection, entry)
    told: dict[str, Json] = {"t": len(more.threads), "a": len(more.authors), "n": bound}
    account.enter(desk, EventKind.HOLD_GROWN, by=by, subject=name, told=told, paper=paper, at=at)
    return grown


def _bind(connection: Reading, row: HoldRow, more: Scope, *, today: int) -> int:
    """Bind what lies in *more* already, and all other scopes of the hold cover; count what is new.

    Where nothing else is asked the database does it alone: an author may have written a hundred
    thousand items, and whoever else would write waits for this transaction.
    """
    if row.hold.scopes == (row.hold.scope,) and row.hold.scope.grows_alone:
        return sum(entries.bind(connection, row.n, part, day=today) for part in _parts(more))
    coverer, bound = settled_coverer(row), 0
    for some in _lying_in(connection, more):
        covered = list(by_scope(connection, coverer, some))
        bound += holds.cover(connection, [(row.n, n) for n in covered])
        items.look_again(connection, covered, today)
        object_locks.look_again(connection, covered)
    return bound


def _lying_in(connection: Reading, more: Scope) -> Iterator[list[ItemRow]]:
    """Give the live items that lie in *more*, in batches."""
    for part in _parts(more):
        after = 0
        while some := holds.lying_in(connection, part, after=after, limit=BATCH):
            yield some
            after = some[-1].n


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
    with account.catalogue.reading() as connection:
        _, more = _missing(connection, name)
    if more == Scope():
        return False
    grown = with_papers(account, partial(_catch_up, account, name))
    for row, more in grown if store is not None else ():
        with account.catalogue.reading() as connection:
            for some in _lying_in(connection, more):
                held = holds.covering(connection, [one.n for one in some])
                bind_store(store, [one.item for one in some if row.hold.id in held.get(one.n, ())])
    return True


def _catch_up(account: Account, name: str, papers: GrowthPapers) -> Growths:
    with account.catalogue.writing() as desk:
        row, more = _missing(desk.connection, name)
        return grow(account, desk, [(row, more)], papers, by=row.by) if more != Scope() else []


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
    wrote = Neighbours.AUTHORS in kinds
    return Scope(
        threads=frozenset(holds.threads_of(connection, hold_n, limit=most) if threads else ()),
        authors=frozenset(authors.authors_of(connection, hold_n, limit=most) if wrote else ()),
    )
