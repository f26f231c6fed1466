"""Believing: before anything goes, what decides it is held against what the ledger tells.

Who can write the database has no key and no shelf: a hold that ended, a role, an approval or an
order that stands there by their hand alone stands in no entry with a paper. `verify` names such a
row whenever it is asked; here it stops the destruction it was put there for (D9).
"""

from __future__ import annotations

from collections.abc import Collection

from archiver.catalogue import Reading, inspection, ledger, orders
from archiver.catalogue.orders import OrderRow
from archiver.catalogue.registers import readable
from archiver.procedures.account import Account
from archiver.procedures.amended_papers import every_amended
from archiver.procedures.authority import refuse
from archiver.procedures.order_striking import reword_by
from archiver.procedures.ordering import refuse_order
from archiver.procedures.verify_deciding import deciding_edited, roster_edited
from archiver.records.canonical import Json, read_object
from archiver.records.errors import RegisterUnreadable
from archiver.records.events import EventKind, Leaf
from archiver.records.people import Person

_NAMED = 5


def demand_believable(account: Account, person: Person, subject: str, *, plan: str = "") -> None:
    """Pass if every register that decides what goes stands as the ledger tells.

    Where *plan* names one, so do its row and its approvals.

    Raises:
        RegisterUnreadable: one does not; destroying *subject* is refused.
    """
    if found := _edited(account, plan):
        refuse(account, person, subject, found)


def demand_believable_order(account: Account, person: Person, name: str) -> None:
    """Pass if every register that decides stands as the ledger tells, the orders among them.

    Raises:
        RegisterUnreadable: one does not; carrying out the order called *name* is refused.
    """
    if found := _edited(account, ""):
        refuse_order(account, person, name, found)


def _edited(account: Account, plan: str) -> RegisterUnreadable | None:
    """Say what stands otherwise; where an order is under way, what its papers say goes first."""
    with account.catalogue.reading() as connection, readable("the register of court orders"):
        under_way = orders.begun(connection)
    if under_way:
        amended = every_amended(account)
        with account.catalogue.writing() as desk:
            reword_by(account, desk.connection, amended)
    with account.catalogue.reading() as connection:
        whole = ledger.deciding_whole(connection, account.key)
    if not whole:
        return RegisterUnreadable(
            "entries of the ledger that decide were edited or taken away; nothing is destroyed"
        )
    faults = deciding_edited(account, plan=plan)
    if not faults:
        return None
    told = [f"{fault.name}: {fault.why}" for fault in faults[:_NAMED]]
    more = [f"and {len(faults) - _NAMED} more"] if len(faults) > _NAMED else []
    return RegisterUnreadable(["nothing is destroyed on registers that were edited", *told, *more])


def doubts(account: Account) -> tuple[str, ...]:
    """Say what stands otherwise than the ledger tells, for who only plans; nothing where all does.

    It refuses nothing: who carries out what was planned is refused while it stands so.
    """
    try:
        found = _edited(account, "")
    except RegisterUnreadable as unreadable:
        found = unreadable
    return tuple(found.faults) if found is not None else ()


def demand_believable_roster(account: Account) -> None:
    """Pass if everybody in the roster has the roles that the ledger tells of, and no others.

    Raises:
        RegisterUnreadable: somebody has not, or entries about registers were edited or taken
            away; nobody decides meanwhile.
    """
    with account.catalogue.reading() as connection:
        whole = ledger.registers_whole(connection, account.key)
    if not whole:
        raise RegisterUnreadable(
            "entries of the ledger that decide were edited or taken away; nobody decides meanwhile"
        )
    if found := roster_edited(account):
        told = [f"{fault.name}: {fault.why}" for fault in found[:_NAMED]]
        raise RegisterUnreadable(["nobody decides by a roster that was edited", *told])


def demand_begun_by_ledger(account: Account, row: OrderRow, going: Collection[str]) -> None:
    """Pass if the ledger says of all items *going* that their destruction by an order has begun.

    Raises:
        RegisterUnreadable: it does not.
    """
    with account.catalogue.reading() as connection:
        told = {item for leaf in begun_by_order(connection, row.order) for item in _listed(leaf)}
    if strange := [item[:12] for item in going if item not in told]:
        raise RegisterUnreadable(
            f"{row.order} was never begun for {', '.join(strange[:_NAMED])}, by the ledger"
        )


def begun_by_order(connection: Reading, order: str) -> list[Leaf]:
    """Give the entries by which the order called *order* was begun."""
    leaves = inspection.leaves_of_registers(connection, [EventKind.ORDER_BEGUN])
    every = (Leaf.from_json(read_object(data)) for data in leaves)
    return [leaf for leaf in every if leaf.subject == order]


def _listed(leaf: Leaf) -> list[Json]:
    listed = leaf.particulars.get("i", [])
    return listed if isinstance(listed, list) else []
