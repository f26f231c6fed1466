"""Receiving a deposit: its hash, name and entry list become a paper; the deposit is not kept.

A kept export would hold every text that is purged later; each item keeps its own fragment. What
says how it was read, such as a mapping, stands in the paper whole.
"""

from __future__ import annotations

from archiver.procedures.account import Account
from archiver.procedures.authority import demand
from archiver.records.canonical import Json
from archiver.records.events import EventKind
from archiver.records.people import Person, Right


def receive(
    account: Account, person: Person, *, name: str, digests: Json, entries: Json, read_by: Json
) -> None:
    """Enter that a deposit called *name* was received from *person*.

    *read_by* are the files that say how it was read, by the setting that names each.

    Raises:
        NotPermitted: the person may not capture.
    """
    demand(account, person, Right.CAPTURE)
    told: dict[str, Json] = {
        "name": name,
        "digests": digests,
        "entries": entries,
        "read_by": read_by,
    }
    paper = account.paper("deposit", told)
    with account.catalogue.writing() as desk:
        account.enter(desk, EventKind.DEPOSIT_RECEIVED, by=person.id, paper=paper)
