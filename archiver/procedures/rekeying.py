"""Changing the key that signs the ledger: the old one signs that the new one follows it."""

from __future__ import annotations

from archiver.catalogue import inspection
from archiver.procedures.account import Account
from archiver.procedures.authority import demand
from archiver.records.canonical import Json, read_object
from archiver.records.events import EventKind, Leaf
from archiver.records.people import Right, SignedIn


def announce(account: Account, signed_in: SignedIn, *, old: str, new: str) -> None:
    """Enter that the key *new* follows *old*, and have the old key sign it; once, if repeated.

    Both are public keys as C2SP writes them.

    Raises:
        NotPermitted: the person may not maintain.
    """
    demand(account, signed_in.person, Right.MAINTAIN)
    if (old, new) not in changes(account):
        told: dict[str, Json] = {"old": old, "new": new}
        with account.catalogue.writing() as desk:
            account.enter(desk, EventKind.KEY_CHANGED, by=signed_in.person.id, told=told)
    account.acknowledge()


def changes(account: Account) -> list[tuple[str, str]]:
    """Give every change of the signing key that the ledger tells of: the old key and the new."""
    with account.catalogue.reading() as connection:
        leaves = list(inspection.leaves_of(connection, (EventKind.KEY_CHANGED,)))
    told = [Leaf.from_json(read_object(data)).particulars for data in leaves]
    return [(str(each["old"]), str(each["new"])) for each in told]
