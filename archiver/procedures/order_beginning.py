"""Beginning what a court ordered destroyed: what a hold covers stays, the rest is begun at once.

The store is asked first what it has of it: what was missing or of another size before was not
destroyed by us. A court has it destroyed all the same; the entry says which items they were.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import cast

from archiver.catalogue import Desk, Reading, expunging, items, orders
from archiver.catalogue.items import BEGUN, LIVE, ItemRow
from archiver.catalogue.orders import GOING, HELD, WAITING, OrderRow
from archiver.catalogue.rows import sliced
from archiver.ports import ObjectReader
from archiver.procedures.account import Account
from archiver.procedures.as_kept import not_as_kept
from archiver.procedures.believing import begun_by_order
from archiver.procedures.covering import held
from archiver.procedures.handing_back import changed_since, handed_lines
from archiver.procedures.ordering import refuse_order
from archiver.records.canonical import Json
from archiver.records.errors import ArchiverError, DestructionBegun, OrderRefused, UnderHold
from archiver.records.events import EventKind
from archiver.records.orders import OrderStatus
from archiver.records.people import Person

LISTED = 400
"""How many ids one entry lists at most; a leaf has 64 KiB."""

_SPOILT = "l"
"""The particular that says which of the items listed were not as kept, by their places in it."""

_TOGETHER = 1_000
"""Of how many items the store is asked at a time what it has."""


def begin(
    account: Account, objects: ObjectReader, person: Person, row: OrderRow, words: str
) -> int:
    """Begin the destruction of what may go, in one transaction; give how many items are held.

    Before it the store is asked what it has: the entry says what was not as kept.

    Raises:
        OrderRefused: what goes changed since it was handed over.
        DestructionBegun: some of it is being destroyed by a plan.
        ObjectError: the store did not answer; nothing begins.
    """
    lost = _not_as_kept(account, objects, row)
    handed = handed_lines(account, row)
    with account.catalogue.writing() as desk:
        connection = desk.connection
        named = orders.named_by(connection, row.n, WAITING, HELD)
        bound = held(connection, [one for one in named if one.life == LIVE])
        stays = [one for one in named if one.item in bound]
        free = [one for one in named if one.item not in bound]
        refusal = _in_the_way(connection, row, free, handed)
        if refusal is None:
            _enter_stopped(account, desk, person, row, stays)
            _enter_begun(account, desk, person, row, free, words, lost)
    if refusal is not None:
        refuse_order(account, person, row.order, refusal)
    return len(bound)


def _in_the_way(
    connection: Reading, row: OrderRow, free: Sequence[ItemRow], handed: Sequence[Json] | None
) -> ArchiverError | None:
    """Say what keeps an order from beginning: a plan's destruction, or what was not *handed*."""
    if begun := [one.item[:12] for one in free if one.life == BEGUN]:
        return DestructionBegun(f"destruction has begun of {', '.join(begun[:5])}")
    if handed is not None and (changed := changed_since(connection, free, handed)):
        return OrderRefused(
            f"{', '.join(changed[:5])} changed since it was handed over",
            remedy=f"Say `archiver orders hand-back {row.order}` again, and enter its receipt.",
        )
    return None


def _enter_stopped(
    account: Account, desk: Desk, person: Person, row: OrderRow, stays: Sequence[ItemRow]
) -> None:
    if not stays:
        return
    orders.come_to(desk.connection, row.n, [one.n for one in stays], HELD)
    orders.stands(desk.connection, row.n, OrderStatus.STOPPED)
    told: dict[str, Json] = {"code": UnderHold.exit_code, "n": len(stays)}
    for start in range(0, len(stays), LISTED):
        told["i"] = [one.item for one in stays[start : start + LISTED]]
        kind = EventKind.ORDER_REFUSED
        account.enter(desk, kind, by=person.id, subject=row.order, told=told)


def _enter_begun(
    account: Account,
    desk: Desk,
    person: Person,
    row: OrderRow,
    going: Sequence[ItemRow],
    words: str,
    lost: Collection[str],
) -> None:
    left = orders.named_by(desk.connection, row.n, WAITING, HELD, GOING)
    if not going and left:
        return
    orders.names_stand_in(desk.connection, row.n, words)
    orders.come_to(desk.connection, row.n, [one.n for one in going], GOING)
    orders.stands(desk.connection, row.n, OrderStatus.BEGUN)
    begun = [expunging.begun(one).in_place_of(one, account.key) for one in going]
    items.change(desk.connection, begun)
    items.never_look(desk.connection, {one.thread_n for one in going})
    for start in range(0, max(1, len(going)), LISTED):
        some = [one.item for one in going[start : start + LISTED]]
        roots = sorted(items.threads_by_ids(desk.connection, some))
        told: dict[str, Json] = {"i": list[Json](some), "t": list[Json](roots)}
        if spoilt := [at for at, item in enumerate(some) if item in lost]:
            told[_SPOILT] = list[Json](spoilt)
        kind = EventKind.ORDER_BEGUN
        account.enter(desk, kind, by=person.id, subject=row.order, told=told, paper=words)


def _not_as_kept(account: Account, objects: ObjectReader, row: OrderRow) -> set[str]:
    """Give the ids of what an order names, and of which the store has not all as it was kept."""
    with account.catalogue.reading() as connection:
        numbers = [one.n for one in orders.named_by(connection, row.n, WAITING, HELD)]
    lost: set[str] = set()
    for some in sliced(numbers, _TOGETHER):
        lost |= not_as_kept(account, objects, some)
    return lost


def count_not_as_kept(account: Account, row: OrderRow, going: Collection[str]) -> int:
    """Count the items of *going* that were not as kept before the order was begun."""
    with account.catalogue.reading() as connection:
        leaves = begun_by_order(connection, row.order)
    lost = set[str]()
    for leaf in leaves:
        listed = cast("list[str]", leaf.particulars["i"])
        lost.update(listed[at] for at in cast("list[int]", leaf.particulars.get(_SPOILT, [])))
    return len(lost & set(going))
