"""Surroundings: what lies around the items a hold covers, taken in as a further hold.

Their whole threads, and everything else that their authors wrote, by the platform's own ids. That
hold grows with the first: whatever it covers later brings its thread and its author in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from archiver.catalogue import Reading, bylines, holds, items
from archiver.catalogue.closed import Closed
from archiver.catalogue.holds import HoldRow
from archiver.catalogue.items import ItemRow
from archiver.ports import LegalHolder
from archiver.procedures.account import Account
from archiver.procedures.authority import demand
from archiver.procedures.covering import Coverer, asking, by_scope
from archiver.procedures.evaluating import BATCH, covered_of, settled_coverer
from archiver.procedures.growing import around, catch_up
from archiver.procedures.hold import Issued, named, widen
from archiver.procedures.viewing import closed_to
from archiver.records.errors import ConfigInvalid
from archiver.records.holds import Neighbours, Scope
from archiver.records.people import Person, Right

MOST = 5_000
"""How many threads or authors one scope names at first, at most: each visit asks all of them."""

Kinds = frozenset[Neighbours]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many live items a scope covers by itself (*without*), and with what lies *around* it.

    *closed* are items of the archive that who asked may not see: they are counted in neither,
    whatever was asked, and a hold covers them all the same.
    """

    without: int
    around: int
    closed: int = 0


def count(account: Account, person: Person, scope: Scope, kinds: Kinds) -> Counted:
    """Say what a hold on *scope* would cover today, without and with its surroundings.

    Nothing is bound, and nothing entered; so what *person* may not see is not counted.

    Raises:
        NotPermitted: the person may not hold.
        ConfigInvalid: there are too many threads or authors to be named.
    """
    demand(account, person, Right.HOLD)
    coverer, after, covered = Coverer([asking(scope)]), 0, 0
    lying, closed = Scope(), closed_to(account, person)
    while True:
        with account.catalogue.reading() as connection:
            last = holds.highest_item(connection)
            some = holds.candidates(connection, scope, after=after, to=last, limit=BATCH)
            found = covered_of(connection, coverer, some)
            rows = found if closed is None else closed.open_ones(connection, found)
            lying = lying.grown_by(_around(connection, rows, kinds))
        _demand_few(lying)
        if not some:
            besides = _besides(account, coverer, lying, closed)
            shut = len(closed) if closed is not None else 0
            return Counted(without=covered, around=covered + besides, closed=shut)
        after, covered = some[-1].row.n, covered + len(rows)


def _around(connection: Reading, rows: Sequence[ItemRow], kinds: Kinds) -> Scope:
    threads: Iterable[str] = ()
    authors: set[str] = set()
    if Neighbours.THREADS in kinds:
        threads = items.thread_ids(connection, [row.thread_n for row in rows]).values()
    if Neighbours.AUTHORS in kinds:
        theirs = [row for row in rows if not row.own]
        besides = bylines.of_items(connection, [row.n for row in theirs])
        authors = {row.author for row in theirs}
        authors |= {one.author for told in besides.values() for one in told}
    return Scope(threads=frozenset(threads), authors=frozenset(authors - {""}))


def count_around(account: Account, name: str, kinds: Kinds) -> Counted:
    """Say how many live items the hold *name* covers, and how many with its surroundings.

    Raises:
        NotFound: there is no such hold.
        ConfigInvalid: there are too many threads or authors to be named.
    """
    row = named(account, name)
    with account.catalogue.reading() as connection:
        covered = holds.covered(connection, row.n)
        lying = lying_around(connection, row, kinds)
    return Counted(without=covered, around=covered + _besides(account, settled_coverer(row), lying))


def _besides(account: Account, coverer: Coverer, lying: Scope, closed: Closed | None = None) -> int:
    """Count the live items in the threads or of the authors of *lying* that are not covered.

    None of the *closed* is counted.
    """
    after, besides = 0, 0
    while True:
        with account.catalogue.reading() as connection:
            some = holds.lying_in(connection, lying, after=after, limit=BATCH)
            if not some:
                return besides
            seen = some if closed is None else closed.open_ones(connection, some)
            besides += len(seen) - len(by_scope(connection, coverer, seen))
        after = some[-1].n


def lying_around(connection: Reading, row: HoldRow, kinds: Kinds) -> Scope:
    """Give the scope that names the threads and public authors of what a hold covers, and grows.

    Raises:
        ConfigInvalid: there are too many to be named.
    """
    found = around(connection, row.n, kinds, most=MOST + 1)
    _demand_few(found)
    return replace(found, around=row.hold.id, kinds=kinds)


def _demand_few(found: Scope) -> None:
    if max(len(found.threads), len(found.authors)) > MOST:
        raise ConfigInvalid(
            f"that covers more than {MOST} threads or authors",
            remedy="Widen the hold by pages and dates instead.",
        )


def take_in(
    account: Account,
    person: Person,
    name: str,
    kinds: Kinds,
    *,
    review_days: int,
    store: LegalHolder | None = None,
) -> Issued:
    """Widen the hold *name* by the threads and authors of what it covers, now and from now on.

    Raises:
        NotPermitted: the person may not hold.
        ConfigInvalid: there are too many to be named.
    """
    row = named(account, name)
    with account.catalogue.reading() as connection:
        scope = lying_around(connection, row, kinds)
    issued = widen(
        account,
        person,
        name,
        reason=f"{' and '.join(sorted(kinds, reverse=True))} of what {name} covers",
        scope=scope,
        review_days=review_days,
        store=store,
    )
    # what was captured between the look and the hold's first commit
    if catch_up(account, issued.hold, store):
        account.acknowledge()
    with account.catalogue.reading() as connection:
        covered = holds.covered(connection, named(account, issued.hold).n)
    return replace(issued, covered=covered)
