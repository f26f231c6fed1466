"""Letting go: lifting a hold, and narrowing it. Both are counsel's acts, in writing.

What is let go cools down before any of it can be due, and who let it go may not afterwards carry
out a plan that contains it (`separation`). Until a narrowing has been swept through, everything
the hold covered stays bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archiver.catalogue import Desk, Reading, holds, items, narrowings
from archiver.catalogue.holds import HoldRow
from archiver.catalogue.items import LIVE, ItemRow
from archiver.catalogue.narrowings import NarrowingRow
from archiver.ports import LegalHolder
from archiver.procedures.account import Account
from archiver.procedures.authority import demand
from archiver.procedures.cooling import cool
from archiver.procedures.covering import by_scope
from archiver.procedures.evaluating import BATCH, evaluate, settled_coverer, unbind_store
from archiver.procedures.instruments import Instrument, keep_instrument
from archiver.procedures.namesakes import complete, name_namesakes
from archiver.records.canonical import Json, canonical
from archiver.records.errors import ConfigInvalid, NotFound
from archiver.records.events import EventKind
from archiver.records.holds import Scope
from archiver.records.moments import micros
from archiver.records.people import Right, SignedIn


def lift(
    account: Account,
    signed: SignedIn,
    name: str,
    *,
    reason: str,
    authority: Instrument,
    cool_down_days: int,
    store: LegalHolder | None = None,
) -> int:
    """Lift the hold *name* on counsel's written *authority*; give how many items cool down.

    Raises:
        NotPermitted: the person may not lift.
        NotFound: there is no such hold, or it was lifted before.
        ConfigInvalid: the authority is empty, or too large.
    """
    demand(account, signed.person, Right.LIFT)
    row = _binding(account, name)
    paper = account.paper(
        "lift",
        {
            "hold": name,
            "reason": reason,
            "authority": keep_instrument(account, authority).told(),
            "by": signed.person.id,
            "means": signed.means.value,
        },
    )
    return let_go(
        account,
        row,
        kind=EventKind.HOLD_LIFTED,
        by=signed.person.id,
        paper=paper,
        cool_down_days=cool_down_days,
        store=store,
    )


def let_go(
    account: Account,
    row: HoldRow,
    *,
    kind: EventKind,
    by: str,
    paper: str,
    cool_down_days: int,
    store: LegalHolder | None,
) -> int:
    """End a hold that binds, under one entry of *kind*; give how many items cool down.

    One that expires nobody lifted: *by* enters it, and may destroy like anybody else.
    """
    evaluate(account, row, store)
    sweep_unfinished(account, store)
    until = account.today().toordinal() + cool_down_days
    after, cooled = 0, 0
    while True:  # the cool-down is written first: until the lift commits, the hold binds anyway
        with account.catalogue.writing() as desk:
            some = holds.covered_slice(desk.connection, row.n, after=after, limit=BATCH)
            rows = _live(desk.connection, some)
            cool(account, desk, rows, until=until, by=by, of=row.hold.id)
            cooled += len(rows)
            if some:
                after = some[-1]
                continue
            at, subject = account.now(), row.hold.id
            let_go_by = "" if kind is EventKind.HOLD_EXPIRED else by
            holds.lift(desk.connection, row.n, at=micros(at), by=let_go_by)
            told: dict[str, Json] = {"n": cooled, "until": until}
            account.enter(desk, kind, by=by, subject=subject, told=told, paper=paper, at=at)
        break
    account.acknowledge()
    _unbind(account, row, store)
    return cooled


def _unbind(account: Account, row: HoldRow, store: LegalHolder | None) -> None:
    after = 0
    while store is not None:
        with account.catalogue.reading() as connection:
            some = holds.covered_slice(connection, row.n, after=after, limit=BATCH)
            rows = list(items.by_numbers(connection, some).values())
        if not some:
            return
        unbind_store(account, store, rows)
        after = some[-1]


def _live(connection: Reading, numbers: Sequence[int]) -> list[ItemRow]:
    return [r for r in items.by_numbers(connection, numbers).values() if r.life == LIVE]


# --- narrowing ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """What a narrowing came to: how many items left the hold, and how many it still covers."""

    left: int
    covered: int


def narrow(
    account: Account,
    signed: SignedIn,
    name: str,
    *,
    reason: str,
    authority: Instrument,
    scope: Scope,
    cool_down_days: int,
    store: LegalHolder | None = None,
) -> Narrowed:
    """Narrow the hold *name* to what lies within *scope* too, on counsel's written *authority*.

    Raises:
        NotPermitted: the person may not lift.
        NotFound: there is no such hold, or it was lifted before.
        ConfigInvalid: *scope* leaves everything in, or the authority is empty or too large.
    """
    demand(account, signed.person, Right.LIFT)
    row = _binding(account, name)
    paper = account.paper(
        "narrowing",
        {
            "hold": name,
            "reason": reason,
            "scope": scope.to_json(),
            "authority": keep_instrument(account, authority).told(),
            "by": signed.person.id,
            "means": signed.means.value,
        },
    )
    return narrow_to(
        account,
        row,
        by=signed.person.id,
        scope=scope,
        paper=paper,
        cool_down_days=cool_down_days,
        store=store,
    )


def narrow_to(
    account: Account,
    row: HoldRow,
    *,
    by: str,
    scope: Scope,
    paper: str,
    cool_down_days: int,
    store: LegalHolder | None,
) -> Narrowed:
    """Narrow a hold that binds, and let go what leaves it, batch by batch.

    Raises:
        ConfigInvalid: *scope* leaves everything in.
    """
    if scope == Scope():
        raise ConfigInvalid("say what stays covered", remedy="Name pages, authors, days or words.")
    complete(account, row, store)
    sweep_unfinished(account, store)
    at, until = account.now(), account.today().toordinal() + cool_down_days
    with account.catalogue.writing() as desk:
        narrowing = narrowings.add(
            desk.connection,
            NarrowingRow(
                n=0,
                hold_n=row.n,
                scope=canonical(scope.to_json()).decode(),
                at=micros(at),
                by=by,
                until=until,
                paper=paper,
            ),
        )
        told: dict[str, Json] = {"until": until}
        kind = EventKind.HOLD_NARROWED
        account.enter(desk, kind, by=by, subject=row.hold.id, told=told, paper=paper, at=at)
    left = _sweep(account, narrowing, store)
    account.acknowledge()
    with account.catalogue.reading() as connection:
        return Narrowed(left=left, covered=holds.covered(connection, row.n))


def sweep_unfinished(account: Account, store: LegalHolder | None) -> int:
    """Go on with every narrowing that was cut short; give how many there were."""
    with account.catalogue.reading() as connection:
        waiting = narrowings.unfinished(connection)
    for narrowing in waiting:
        _sweep(account, narrowing, store)
    return len(waiting)


def _sweep(account: Account, narrowing: NarrowingRow, store: LegalHolder | None) -> int:
    """Let go what a narrowed hold covers no more; the rows of coverage bind until then.

    The paper that lists what leaves is written before, and anew if something else leaves by then.
    """
    with account.catalogue.reading() as connection:
        (row,) = holds.by_number(connection, narrowing.hold_n)
    if row.hold.binds:
        name_namesakes(account, row)
    after, left = narrowing.swept_to, 0
    while True:
        with account.catalogue.reading() as connection:
            _, leaving = _next_to_leave(connection, narrowing, after)
        listed = list[Json]([one.item for one in leaving])
        told: dict[str, Json] = {"narrowing": narrowing.paper, "items": listed}
        paper = account.paper("departure", told) if listed else ""
        with account.catalogue.writing() as desk:
            some, leaving = _next_to_leave(desk.connection, narrowing, after)
            if [one.item for one in leaving] != listed:
                continue
            narrowings.depart(desk.connection, narrowing, [one.n for one in leaving])
            until, by, of = narrowing.until, narrowing.by, f"H-{narrowing.hold_n:04}"
            cool(account, desk, leaving, until=until, by=by, of=of)
            after = some[-1] if some else after
            narrowings.swept(desk.connection, narrowing.n, to=after, done=not some)
            if leaving or not some:
                _enter_let_go(account, desk, narrowing, len(leaving), paper, end=not some)
        unbind_store(account, store, leaving)
        left += len(leaving)
        if not some:
            return left


def _next_to_leave(
    connection: Reading, narrowing: NarrowingRow, after: int
) -> tuple[list[int], list[ItemRow]]:
    """Give the next items a narrowed hold covers behind *after*, and which of them leave it."""
    (row,) = holds.by_number(connection, narrowing.hold_n)
    some = holds.covered_slice(connection, row.n, after=after, limit=BATCH)
    rows = _live(connection, some)
    staying = by_scope(connection, settled_coverer(row), rows)
    return some, [one for one in rows if one.n not in staying]


def _enter_let_go(
    account: Account, desk: Desk, narrowing: NarrowingRow, count: int, paper: str, *, end: bool
) -> None:
    """Enter how many items left a hold with a narrowing; *end*: nothing of it is left to sweep."""
    told: dict[str, Json] = {"nr": narrowing.paper, "n": count}
    if end:
        told["end"] = True
    subject, kind = f"H-{narrowing.hold_n:04}", EventKind.HOLD_LET_GO
    account.enter(desk, kind, by=narrowing.by, subject=subject, told=told, paper=paper)


def _binding(account: Account, name: str) -> HoldRow:
    """Give the hold called *name*, which binds.

    Raises:
        NotFound: there is none, or it was lifted before.
    """
    with account.catalogue.reading() as connection:
        found = holds.by_name(connection, name)
    if not found:
        raise NotFound(f"there is no hold {name}", remedy="`archiver holds list` names them.")
    if not found[0].hold.binds:
        raise NotFound(f"{name} was lifted before")
    return found[0]
