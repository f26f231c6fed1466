"""Evaluating: which items a hold covers, in batches, each told to the store before it is written.

A store that can flag objects itself (`LegalHolder`) has flagged everything a hold covers before
the hold is acknowledged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from archiver.catalogue import Reading, holds, items
from archiver.catalogue.holds import Candidate, HoldRow
from archiver.catalogue.items import DESTROYED, LIVE, ItemRow
from archiver.ports import LegalHolder
from archiver.procedures.account import Account
from archiver.procedures.covering import Coverer, by_scope, held
from archiver.records.canonical import Json
from archiver.records.events import EventKind
from archiver.records.holds import HoldStatus
from archiver.records.moments import micros

BATCH = 500
"""How many items one transaction evaluates at most."""

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """What a hold was found to cover: live items, and tombstones within its bounds."""

    covered: int
    already_destroyed: int


def evaluate(
    account: Account,
    row: HoldRow,
    store: LegalHolder | None,
    progress: Progress = lambda _count: None,
) -> Evaluated:
    """Evaluate the rest of a hold's scope, and enter what it came to, once.

    One that was evaluated before is only counted.
    """
    if row.hold.status is not HoldStatus.EVALUATING:
        with account.catalogue.reading() as connection:
            covered = holds.covered(connection, row.n)
        return Evaluated(covered=covered, already_destroyed=0)
    coverer = settled_coverer(row)
    after, gone, done = row.evaluated_to, _gone_before(account, row), 0
    while True:
        with account.catalogue.reading() as connection:
            some = holds.candidates(
                connection, row.hold.scope, after=after, to=row.evaluate_to, limit=BATCH
            )
            covered_rows = covered_of(connection, coverer, some)
        gone += _gone(row, some)
        if not some:
            return _settle(account, row, gone)
        bind_store(store, [r.item for r in covered_rows])
        after = some[-1].row.n
        with account.catalogue.writing() as desk:
            holds.cover(desk.connection, [(row.n, r.n) for r in covered_rows])
            items.look_again(
                desk.connection, [r.n for r in covered_rows], account.today().toordinal()
            )
            holds.evaluated(desk.connection, row.n, to=after)
        done += len(some)
        progress(done)


def bind_store(store: LegalHolder | None, owners: Sequence[str]) -> None:
    """Have a store that can flag objects flag those of *owners*; it has when this returns."""
    if store is not None and owners:
        store.hold(owners)


def unbind_store(account: Account, store: LegalHolder | None, rows: Sequence[ItemRow]) -> None:
    """Tell a store that flags objects which of *rows* no hold covers any more."""
    if store is None or not rows:
        return
    with account.catalogue.reading() as connection:
        still = held(connection, rows)
    if free := [row.item for row in rows if row.item not in still and row.life == LIVE]:
        store.release(free)


def settled_coverer(row: HoldRow) -> Coverer:
    """Give the tester of one hold that asks its scopes and not its bounds alone."""
    return Coverer([replace(row, hold=replace(row.hold, status=HoldStatus.ACTIVE))])


def covered_of(connection: Reading, coverer: Coverer, some: Sequence[Candidate]) -> list[ItemRow]:
    """Give the live items of *some* that a hold covers."""
    live = [one.row for one in some if one.row.life == LIVE]
    covering = by_scope(connection, coverer, live)
    return [row for row in live if row.n in covering]


def _gone(row: HoldRow, some: Sequence[Candidate]) -> int:
    return sum(one.row.life == DESTROYED and row.hold.within_bounds(one.facts) for one in some)


def _gone_before(account: Account, row: HoldRow) -> int:
    """Count the tombstones that an evaluation which was cut short had passed."""
    after, gone = 0, 0
    while after < row.evaluated_to:
        with account.catalogue.reading() as connection:
            some = holds.candidates(
                connection, row.hold.scope, after=after, to=row.evaluated_to, limit=BATCH
            )
        if not some:
            break
        gone += _gone(row, some)
        after = some[-1].row.n
    return gone


def _settle(account: Account, row: HoldRow, gone: int) -> Evaluated:
    """Write that a hold is evaluated; the first time, with an entry that tells the counts."""
    with account.catalogue.reading() as connection:
        covered = holds.covered(connection, row.n)
    found = Evaluated(covered=covered, already_destroyed=gone)
    told: dict[str, Json] = {"n": covered, "g": gone}
    paper = ""
    if row.bound_at is None:
        paper = account.paper(
            "hold-bound", {"hold": row.hold.id, "scope": row.hold.scope.to_json(), **told}
        )
    with account.catalogue.writing() as desk:
        at = account.now()
        holds.settled(desk.connection, row.n, at=micros(at))
        if paper:
            kind = EventKind.HOLD_BOUND
            account.enter(desk, kind, by=row.by, subject=row.hold.id, told=told, paper=paper, at=at)
    return found
