"""Rebuilding adoptions, and what adopted schedules promised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from archiver.catalogue import Reading, adoptions
from archiver.procedures import adopting
from archiver.procedures.account import Account
from archiver.procedures.papers import paper_of
from archiver.records.canonical import Json
from archiver.records.events import EventKind, Leaf
from archiver.records.moments import micros


def adoption_deeds(account: Account) -> Mapping[EventKind, Callable[[Reading, Leaf], None]]:
    """Give what each entry about an adoption comes to in the catalogue."""

    def proposed(connection: Reading, leaf: Leaf) -> None:
        told = paper_of(account, "adoption", leaf.paper)
        row = adopting.row_of(leaf.subject, told, at=micros(leaf.at), by=leaf.by, paper=leaf.paper)
        adoptions.add(connection, row, account.key)

    def confirmed(connection: Reading, leaf: Leaf) -> None:
        row = adopting.called(connection, leaf.subject)
        adopting.put_in_force(connection, row, account.key, at=micros(leaf.at), by=leaf.by)

    def withdrawn(connection: Reading, leaf: Leaf) -> None:
        row = adopting.called(connection, leaf.subject)
        adoptions.withdraw(connection, row, account.key, at=micros(leaf.at), by=leaf.by)

    def released(connection: Reading, leaf: Leaf) -> None:
        told = paper_of(account, "shortening", leaf.paper)
        made_by = cast("dict[str, Json]", told["released"])
        adoptions.release(connection, leaf.subject, made_by, account.key, at=micros(leaf.at))

    return {
        EventKind.ADOPTION_PROPOSED: proposed,
        EventKind.ADOPTION_CONFIRMED: confirmed,
        EventKind.ADOPTION_WITHDRAWN: withdrawn,
        EventKind.PROMISE_RELEASED: released,
    }
