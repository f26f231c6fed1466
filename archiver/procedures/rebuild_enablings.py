"""Rebuilding enablings: on what the capture of each page rests."""

from __future__ import annotations

from collections.abc import Mapping

from archiver.catalogue import Reading, enablings
from archiver.procedures.account import Account
from archiver.procedures.enabling import row_of
from archiver.procedures.papers import paper_of
from archiver.procedures.rebuild_deeds import Deed
from archiver.records.events import EventKind, Leaf
from archiver.records.moments import micros


def deeds_of_enablings(account: Account) -> Mapping[EventKind, Deed]:
    """Give what writes that a page was enabled."""

    def entered(connection: Reading, leaf: Leaf) -> None:
        told = paper_of(account, "enabling", leaf.paper)
        row = row_of(leaf.subject, told, at=micros(leaf.at), by=leaf.by, paper=leaf.paper)
        enablings.add(connection, row)

    return {EventKind.PAGE_ENABLED: entered}
