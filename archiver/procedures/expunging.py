"""Expunging: carrying out a court order to destroy, resumably, and everywhere.

For what no hold covers: `begun` in the transaction that asks the holds again → the ledger's copy
is signed → bytes, proven gone by listing → everything the catalogue has, but a number and the
opaque id of the ledger → the index → papers that told of it → the catalogue's file rewritten →
`carried_out`. For what a hold covers nothing is done: that goes to counsel. A crash leaves a
begun without a carried out; the next run finishes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archiver.catalogue import expunging, items, orders
from archiver.catalogue.compacting import compact
from archiver.catalogue.expunging import remnant
from archiver.catalogue.items import LIVE, ItemRow
from archiver.catalogue.orders import GOING, HELD, WAITING, OrderRow
from archiver.procedures.account import Account
from archiver.procedures.amended_papers import drop_returned, every_amended, scrub_papers
from archiver.procedures.authority import demand, demand_clock, demand_reconciled
from archiver.procedures.believing import demand_begun_by_ledger, demand_believable_order
from archiver.procedures.covering import held
from archiver.procedures.destroying import alone_destroying, empty_log
from archiver.procedures.dispose import Disposer
from archiver.procedures.item_papers import PaperStriker, drop_returned_papers
from archiver.procedures.manners import ReadAgain, manner_told, read_again
from archiver.procedures.order_beginning import begin, count_not_as_kept
from archiver.procedures.order_by_hand import by_hand
from archiver.procedures.order_names import forget, left_before, settle, settled, taken_back
from archiver.procedures.order_outcomes import Gone, outcome, unreached
from archiver.procedures.order_striking import (
    Striker,
    conclude,
    reword_by,
    scrub,
    strike_order,
)
from archiver.procedures.ordering import KnownOrder, called, refuse_order, shown
from archiver.procedures.store_locks import demand_unlocked, free
from archiver.records.canonical import Json
from archiver.records.counting import count_of
from archiver.records.errors import (
    LockedByStore,
    OrderRefused,
    UnderHold,
)
from archiver.records.events import EventKind
from archiver.records.orders import CourtOrder, Effect, OrderStatus
from archiver.records.people import Person, Right, SignedIn

_NOT_RECEIVED = {OrderStatus.CONFIRMED, OrderStatus.HANDED_OVER}


def carry_out_order(
    disposer: Disposer, signed: SignedIn, name: str, keep: Sequence[str] = ()
) -> KnownOrder:
    """Destroy what the order called *name* names and no hold covers, and every trace of it.

    What the store's own locks retain is asked first. Places in papers that tell of whom the order
    is for are struck, but for those that counsel has said to *keep*.

    Raises:
        NotPermitted: the person may neither enter orders nor dispose.
        NotFound: there is no such order, or no such place to keep.
        OrderRefused: it is not confirmed, does not destroy, or not yet; or a hold in force asks
            for whom it is for.
        UnderHold: a hold covers all that is left of it; counsel must decide.
        LockedByStore: the store retains some of it, until a day that is named; nothing is done.
        DestructionBegun: some of it is being destroyed by a plan; that comes first.
        DestructionUnproven: the store still answers for something that went; the next run goes on.
        RestoreUnconfirmed: the archive was restored and not reconciled.
        RegisterUnreadable: what decides stands otherwise than the ledger tells.
        ClockDoubted: the clock was put back, or leapt ahead, and nobody confirmed it.
        ArchiveBusy: another process is disposing, or makes a backup.
    """
    account, person = disposer.account, signed.person
    if not person.may(Right.DISPOSE):
        demand(account, person, Right.ORDER)
    with alone_destroying(account, wait=False):
        demand_reconciled(account, person, name)
        demand_clock(account, person, name, days=disposer.clock_days)
        row = called(account, name)
        _demand_ripe(account, person, row)
        demand_believable_order(account, person, name)
        _demand_unlocked(disposer, person, row)
        words = settle(account, disposer.keeper, person, row, keep)
        with taken_back(replace(account, shelf=disposer.papers or account.shelf), name, words):
            stopped = begin(account, disposer.keeper, person, row, words)
        row = called(account, name)
        going = _going(account, row)
        _finish(disposer, person, row, going)
    account.acknowledge()
    if stopped and not going:
        raise UnderHold(
            f"{name}: a hold covers {count_of(stopped, 'item')}; of that nothing was done",
            remedy="Counsel lifts the hold, or has the order changed; then carry it out again.",
        )
    return shown(account, name)


def resume_orders(disposer: Disposer, person: Person) -> int:
    """Finish every order that was begun and not carried out; give how many items it was.

    Of one that stopped at a hold, and was lifted, the names that it was settled by are forgotten.
    """
    account, finished = disposer.account, 0
    _forget_lifted(disposer)
    if not _begun(account):
        return finished
    with alone_destroying(account):
        begun = _begun(account)
        for row in begun:
            demand_reconciled(account, person, row.order)
            demand_believable_order(account, person, row.order)
            going = _going(account, row)
            _finish(disposer, person, row, going)
            finished += len(going)
    if begun:
        account.acknowledge()
    return finished


def _forget_lifted(disposer: Disposer) -> None:
    """Strike the papers of names that nothing needs any more; it may be repeated."""
    account = replace(disposer.account, shelf=disposer.papers or disposer.account.shelf)
    with account.catalogue.reading() as connection:
        rows = [one for one in orders.every(connection) if one.status == OrderStatus.LIFTED]
    done = [row for row in rows if row.words and left_before(account, row) is None]
    if done:
        with alone_destroying(account):
            for row in done:
                forget(account, row.words, {})


def _begun(account: Account) -> Sequence[OrderRow]:
    with account.catalogue.reading() as connection:
        return orders.begun(connection)


def _demand_ripe(account: Account, person: Person, row: OrderRow) -> None:
    read = CourtOrder(
        court=row.court,
        number=row.number,
        dated=account.today().fromordinal(row.dated),
        effect=Effect(row.effect),
        destroy_on=account.today().fromordinal(row.destroy_on) if row.destroy_on else None,
    )
    if row.status == OrderStatus.ENTERED:
        why = "waits for its second signer"
    elif row.status in {OrderStatus.LIFTED, OrderStatus.CARRIED_OUT}:
        why = f"is {row.status.replace('_', ' ')}"
    elif read.effect is Effect.RETURN and row.status in _NOT_RECEIVED:
        why = "is an order to return, and no receipt for it was entered"
    elif not read.may_destroy(on=account.today()):
        why = f"is an order to {row.effect.replace('_', ' ')}"
        why += f", on {read.destroy_on.isoformat()}" if read.destroy_on else ""
    else:
        return
    refuse_order(account, person, row.order, OrderRefused(f"{row.order} {why}"))


def _demand_unlocked(disposer: Disposer, person: Person, row: OrderRow) -> None:
    """Pass unless the store retains, for everybody, something that no hold of ours covers.

    Raises:
        LockedByStore: it does, until a day that is named; the refusal is entered.
    """
    account, locker = disposer.account, disposer.locker
    if locker is None:
        return
    with account.catalogue.reading() as connection:
        named = orders.named_by(connection, row.n, WAITING, HELD, GOING)
        bound = held(connection, [one for one in named if one.life == LIVE])
    try:
        demand_unlocked(account, locker, [one.item for one in named if one.item not in bound])
    except LockedByStore as refusal:
        refuse_order(account, person, row.order, refusal)


def _going(account: Account, row: OrderRow) -> list[ItemRow]:
    with account.catalogue.reading() as connection:
        return orders.named_by(connection, row.n, GOING)


def _finish(disposer: Disposer, person: Person, row: OrderRow, going: Sequence[ItemRow]) -> None:
    """Take *going* from begun to carried out; every step may be repeated, and is after a crash.

    Where nothing is left of what the order named, for others took it, it ends all the same.
    """
    stays = _staying(disposer.account, row)
    whole = not stays
    if not going and not whole:
        return
    account = replace(disposer.account, shelf=disposer.papers or disposer.account.shelf)
    account.acknowledge()
    manner: list[Json] = []
    if going:
        demand_begun_by_ledger(account, row, [one.item for one in going])
        read = _destroy(disposer, account, going)
        manner = manner_told(account, disposer.manner, read, disposer.index)
    scrub(_striker(disposer, account), row, [one.item for one in going])
    left, waits = _left(disposer, account, row)
    gone = Gone(len(going), count_not_as_kept(account, row, [one.item for one in going]))
    if ended := whole and not waits:
        forget(account, row.words, left)
        strike_order(account, row)
    empty_log(account)
    compact(account.catalogue)
    told_of = outcome(account, person, row, gone=gone, held=stays, manner=manner, left=left)
    paper = account.paper("order_outcome", told_of)
    status = OrderStatus.BY_HAND if whole else OrderStatus.STOPPED
    with account.catalogue.writing() as desk:
        conclude(account, desk.connection, row, OrderStatus.CARRIED_OUT if ended else status)
        told: dict[str, Json] = {"e": row.effect, "n": len(going), "whole": ended}
        told |= {"open": waits} if whole and waits else {}
        kind = EventKind.ORDER_CARRIED_OUT
        account.enter(desk, kind, by=person.id, subject=row.order, told=told, paper=paper)


def _striker(disposer: Disposer, account: Account) -> Striker:
    papers = PaperStriker(
        account=account,
        keeper=disposer.keeper,
        destroyer=disposer.objects,
        locker=disposer.locker,
    )
    return Striker(account=account, papers=papers, index=disposer.index)


def _left(disposer: Disposer, account: Account, row: OrderRow) -> tuple[dict[str, Json], int]:
    """Say where names stay, and of how many places nobody has said yet what was found there.

    Once the names are forgotten it stays what it was then: nothing waits any more.
    """
    if (before := left_before(account, row)) is not None:
        return before, 0
    places = by_hand(account, disposer.keeper, row)
    waits = sum(one.answer is None for one in places)
    return unreached(settled(account, row), places), waits


def _destroy(disposer: Disposer, account: Account, going: Sequence[ItemRow]) -> ReadAgain:
    """Destroy the bytes of *going*, strike everything the catalogue has, and unindex it.

    Give what came of asking for some of the bytes again, before the rows that name them went.
    """
    owners, numbers = [one.item for one in going], [one.n for one in going]
    if disposer.locker is not None:
        free(account, disposer.locker, owners)
    disposer.objects.destroy(owners)
    read = read_again(account, disposer.keeper, list(zip(numbers, owners, strict=True)))
    with account.catalogue.writing() as desk:
        expunging.strike(desk.connection, numbers)
        items.look_again(desk.connection, numbers, account.today().toordinal())  # the rest goes on
        left = [expunging.begun(remnant(one)).in_place_of(one, account.key) for one in going]
        items.change(desk.connection, left)
        expunging.blank_threads(desk.connection, account.key)
    with disposer.index.writing() as writer:
        writer.remove(owners)
    return read


def _staying(account: Account, row: OrderRow) -> int:
    """Count what is left of an order beside what is going: a hold keeps it."""
    with account.catalogue.reading() as connection:
        return len(orders.named_by(connection, row.n, WAITING, HELD))


def strike_again(disposer: Disposer) -> None:
    """Strike again what a restore, or an older state of the store, brought back of the expunged.

    Papers that stand beside what an order left of them go; papers and rows are read for the ids
    of all that was ever expunged; the catalogue's file is rewritten.
    """
    account = replace(disposer.account, shelf=disposer.papers or disposer.account.shelf)
    with account.catalogue.reading() as connection:
        gone = expunging.expunged(connection)
    if not gone:
        return
    drop_returned(account)
    drop_returned_papers(account, disposer.keeper, disposer.objects)
    scrub_papers(account, frozenset(gone))
    with account.catalogue.writing() as desk:
        reword_by(account, desk.connection, every_amended(account))
    empty_log(account)
    compact(account.catalogue)
