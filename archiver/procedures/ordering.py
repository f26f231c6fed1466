"""Court orders: entered as counsel reads them, confirmed by another person, lifted by a later one.

Until it is confirmed an order has no effect. What it names is settled when it is entered: one
exact set of items, decided by counsel. An order that closes items (restricts or seals them) has
its effect with its confirmation; one that destroys is carried out apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from archiver.catalogue import Reading, holds, items, orders
from archiver.catalogue.expunging import is_remnant
from archiver.catalogue.holds import Candidate
from archiver.catalogue.items import BEGUN, LIVE, ItemRow
from archiver.catalogue.orders import DONE, OrderRow
from archiver.procedures.account import Account
from archiver.procedures.authority import demand
from archiver.procedures.covering import Coverer, asking
from archiver.procedures.destroying import alone_destroying
from archiver.procedures.evaluating import BATCH, covered_of
from archiver.procedures.instruments import instrument_at, keep_instrument
from archiver.records.canonical import Json
from archiver.records.errors import (
    ArchiverError,
    DestructionBegun,
    NotFound,
    NotPermitted,
    OrderRefused,
)
from archiver.records.events import EventKind
from archiver.records.holds import Scope
from archiver.records.moments import micros
from archiver.records.orders import CourtOrder, Effect, OrderStatus
from archiver.records.people import Person, Right, Role, SignedIn
from archiver.records.restrictions import Restriction, restricted_by, unordered

_LIFTABLE = set(OrderStatus) - {
    OrderStatus.BEGUN,
    OrderStatus.CARRIED_OUT,
    OrderStatus.LIFTED,
}

STANDS = {
    EventKind.ORDER_HANDED_OVER: OrderStatus.HANDED_OVER,
    EventKind.ORDER_RECEIVED: OrderStatus.RECEIVED,
}
"""How an order stands after each deed of handing it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownOrder:
    """An order as lists show it: its row, and how many of its items stand how."""

    row: OrderRow
    items: dict[str, int]


def enter(
    account: Account, signed: SignedIn, ordered: CourtOrder, scope: Scope, file: Path, *, state: str
) -> KnownOrder:
    """Enter *ordered*, whose text is *file*, for everything in *scope*. It has no effect yet.

    *state* is the agency's, by its schedule.

    Raises:
        NotPermitted: the person is not counsel.
        OrderRefused: an archive of this state may not take it as it was read.
        NotFound: nothing here is in its scope.
        DestructionBegun: something in it is being destroyed.
        ConfigInvalid: the file is empty, or too large for a document.
    """
    person = signed.person
    demand_counsel(account, person)
    if faults := ordered.faults(state, on=account.today()):
        refuse_order(account, person, "", OrderRefused("; ".join(faults)))
    named = _in_scope(account, scope)
    _demand_not_begun(account, person, named)
    if not named:
        refuse_order(account, person, "", NotFound("nothing here is in the scope of the order"))
    kept = keep_instrument(account, instrument_at(file))
    told = _told(ordered, scope) | {
        "by": person.id,
        "document": kept.paper,
        "sha256": kept.sha256,
        "items": [row.item for row in named],
    }
    name = _enter(account, person, told, [row.n for row in named])
    account.acknowledge()
    return shown(account, name)


def _enter(account: Account, person: Person, told: dict[str, Json], numbers: Sequence[int]) -> str:
    """Enter the order as it is *told*, for the items *numbers*; give its name.

    Raises:
        DestructionBegun: the destruction of one has begun since the scope was read (D6).
    """
    paper = account.paper("order", told)
    at = account.now()
    with account.catalogue.writing() as desk:
        fresh = items.by_numbers(desk.connection, numbers)
        if not (begun := [row for row in fresh.values() if row.life == BEGUN]):
            name = orders.next_name(desk.connection)
            row = row_of(name, told, at=micros(at), by=person.id, paper=paper)
            orders.add(desk.connection, row, fresh)
            counts: dict[str, Json] = {"e": told["effect"], "n": len(fresh)}
            kind = EventKind.ORDER_ENTERED
            account.enter(desk, kind, by=person.id, subject=name, told=counts, paper=paper, at=at)
    _demand_not_begun(account, person, begun)
    return name


def _demand_not_begun(account: Account, person: Person, rows: Sequence[ItemRow]) -> None:
    """Pass if the destruction of none of *rows* has begun; otherwise name them."""
    if begun := [row.item[:12] for row in rows if row.life == BEGUN]:
        refusal = DestructionBegun(f"destruction has begun of {', '.join(begun[:5])}")
        refuse_order(account, person, "", refusal)


def confirm(account: Account, signed: SignedIn, name: str) -> KnownOrder:
    """Confirm the order called *name*, as its second signer; one that closes items does so now.

    Raises:
        NotPermitted: the person may neither enter orders nor approve, or entered this one.
        NotFound: there is no such order.
        OrderRefused: it was confirmed before.
    """
    person = signed.person
    if not person.may(Right.ORDER):
        demand(account, person, Right.APPROVE)
    row = called(account, name)
    if row.by == person.id:
        refusal = NotPermitted("who entered an order does not confirm it: it takes two people")
        refuse_order(account, person, name, refusal)
    if row.status != OrderStatus.ENTERED:
        refuse_order(account, person, name, OrderRefused(f"{name} was confirmed before"))
    at = account.now()
    with account.catalogue.writing() as desk:
        orders.confirm(desk.connection, row.n, at=micros(at), by=person.id)
        account.enter(desk, EventKind.ORDER_CONFIRMED, by=person.id, subject=name, at=at)
        if Effect(row.effect).closes:
            told: dict[str, Json] = {"e": row.effect, "n": close(account, desk.connection, row)}
            kind = EventKind.ORDER_CARRIED_OUT
            account.enter(desk, kind, by=person.id, subject=name, told=told, at=at)
    account.acknowledge()
    return shown(account, name)


def close(account: Account, connection: Reading, row: OrderRow) -> int:
    """Restrict what an order names; give how many items that are."""
    named = orders.named_by(connection, row.n)
    key = account.key
    live = [
        replace(one, restricted=restricted_by(one.restricted, Restriction.ORDER)).in_place_of(
            one, key
        )
        for one in named
        if one.life == LIVE
    ]
    items.change(connection, live)
    orders.stands(connection, row.n, OrderStatus.IN_FORCE)
    if not Effect(row.effect).destroys:
        orders.come_to(connection, row.n, [one.n for one in named], DONE)
    return len(live)


def lift(account: Account, signed: SignedIn, name: str, file: Path) -> KnownOrder:
    """Lift an order by a later one, whose text is *file*: nothing more happens by it.

    So ends also one that stopped at a hold; what it destroyed before stays destroyed. What another
    order still closes stays closed, and what is restricted for another reason stays restricted.

    Raises:
        NotPermitted: the person is not counsel.
        NotFound: there is no such order.
        OrderRefused: it was lifted before, is destroying what it names, or has.
        ArchiveBusy: another process is carrying out an order, or makes a backup.
    """
    person = signed.person
    demand_counsel(account, person)
    with alone_destroying(account, wait=False):
        row = called(account, name)
        if row.status not in _LIFTABLE:
            refuse_order(account, person, name, OrderRefused(f"{name} is {row.status}"))
        kept = keep_instrument(account, instrument_at(file))
        told: dict[str, Json] = {"order": name, "document": kept.paper, "sha256": kept.sha256}
        paper = account.paper("order_lift", told)
        with account.catalogue.writing() as desk:
            counts: dict[str, Json] = {"n": reopen(account, desk.connection, row)}
            kind = EventKind.ORDER_LIFTED
            account.enter(desk, kind, by=person.id, subject=name, told=counts, paper=paper)
    account.acknowledge()
    return shown(account, name)


def reopen(account: Account, connection: Reading, row: OrderRow) -> int:
    """Let go of what an order closed; give how many items are open again."""
    orders.stands(connection, row.n, OrderStatus.LIFTED)
    named = [one for one in orders.named_by(connection, row.n) if one.life == LIVE]
    closed = named if Effect(row.effect).closes else []
    still = orders.closed_by(connection, [one.n for one in named])
    free = [
        replace(one, restricted=unordered(one.restricted)).in_place_of(one, account.key)
        for one in closed
        if one.n not in still
    ]
    items.change(connection, free)
    items.look_again(connection, [one.n for one in named], account.today().toordinal())
    return sum(not one.restricted for one in free)


# --- what there is ------------------------------------------------------------------------------


def every(account: Account) -> list[KnownOrder]:
    """Give every order there ever was, in order."""
    with account.catalogue.reading() as connection:
        rows = orders.every(connection)
        return [KnownOrder(row=row, items=orders.counted(connection, row.n)) for row in rows]


def shown(account: Account, name: str) -> KnownOrder:
    """Give the order called *name*, with how it stands.

    Raises:
        NotFound: there is none.
    """
    row = called(account, name)
    with account.catalogue.reading() as connection:
        return KnownOrder(row=row, items=orders.counted(connection, row.n))


def called(account: Account, name: str) -> OrderRow:
    """Give the row of the order called *name*.

    Raises:
        NotFound: there is none.
    """
    with account.catalogue.reading() as connection:
        row = orders.called(connection, name)
    if row is None:
        raise NotFound(f"there is no order {name}", remedy="`archiver orders list` names them.")
    return row


def row_of(name: str, told: dict[str, Json], *, at: int, by: str, paper: str) -> OrderRow:
    """Give the row of an order as its paper tells it."""
    on = told["destroy_on"]
    return OrderRow(
        n=int(name.partition("-")[2]),
        order=name,
        effect=str(told["effect"]),
        status=OrderStatus.ENTERED.value,
        court=str(told["court"]),
        number=str(told["number"]),
        dated=int(str(told["dated"])),
        destroy_on=None if on is None else int(str(on)),
        as_ordered=str(told["as_ordered"]),
        entered_at=at,
        by=by,
        confirmed_at=None,
        confirmed_by=None,
        document=str(told["document"]),
        paper=paper,
    )


def demand_counsel(account: Account, person: Person) -> None:
    """Pass if *person* is counsel and may enter orders; a refused attempt is entered, once.

    Raises:
        NotPermitted: they are not.
    """
    demand(account, person, Right.ORDER)
    if Role.COUNSEL not in person.roles:
        refusal = NotPermitted(f"{person.name} is not counsel, who decides what an order covers")
        refuse_order(account, person, "", refusal)


def refuse_order(account: Account, person: Person, name: str, refusal: ArchiverError) -> NoReturn:
    """Enter that *person* was refused what was asked of an order, and raise the refusal."""
    told: dict[str, Json] = {"code": refusal.exit_code}
    with account.catalogue.writing() as desk:
        account.enter(desk, EventKind.ORDER_REFUSED, by=person.id, subject=name, told=told)
    account.acknowledge()
    raise refusal


def _told(ordered: CourtOrder, scope: Scope) -> dict[str, Json]:
    on = ordered.destroy_on
    return {
        "effect": ordered.effect.value,
        "court": ordered.court,
        "number": ordered.number,
        "dated": ordered.dated.toordinal(),
        "destroy_on": None if on is None else on.toordinal(),
        "as_ordered": ordered.as_ordered,
        "scope": scope.to_json(),
        "names": list[Json](ordered.names),
        "to": ordered.to,
    }


def _in_scope(account: Account, scope: Scope) -> Sequence[ItemRow]:
    """Give what *scope* covers today: items, and the tombstones of what it covered.

    A hold may take in what any version says; who destroys goes by whom and when the row names.
    """
    coverer, after = Coverer([asking(scope)], exactly=True), 0
    found: list[ItemRow] = []
    while True:
        with account.catalogue.reading() as connection:
            last = holds.highest_item(connection)
            some = holds.candidates(connection, scope, after=after, to=last, limit=BATCH)
            found.extend(covered_of(connection, coverer, some))
        found.extend(one.row for one in some if one.row.life != LIVE and _was_meant(scope, one))
        if not some:
            return sorted(found, key=lambda row: row.n)
        after = some[-1].row.n


def _was_meant(scope: Scope, one: Candidate) -> bool:
    """Say whether a tombstone, which has neither author nor words, lies in *scope*."""
    named = one.facts.item in scope.items or one.facts.thread in scope.threads
    return not is_remnant(one.row) and (named or scope.covers(one.facts, lambda: False))
