"""Rebuilding transfers: bags as they were begun, written and received, with what lies in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from archiver.catalogue import Reading, bags, items, plans, rebuilding
from archiver.catalogue.bags import BagRow
from archiver.procedures.account import Account
from archiver.procedures.bagged import look_again
from archiver.procedures.papers import paper_of
from archiver.procedures.rebuild_deeds import Deed, approval_told, number_in
from archiver.records.approval import ACCEPTS
from archiver.records.canonical import Json
from archiver.records.errors import LedgerDamaged
from archiver.records.events import EventKind, Leaf
from archiver.records.moments import micros
from archiver.records.transfers import BagStatus


def deeds_of_transfers(account: Account, *, lines: bool = True) -> Mapping[EventKind, Deed]:
    """Give what each entry about a transfer comes to; without *lines*, bags list no items."""
    replay = _TransferReplay(account, lines)
    return {
        EventKind.DISPOSITION_ACCEPTED: replay.accepted,
        EventKind.TRANSFER_BEGUN: replay.begun,
        EventKind.TRANSFER_DROPPED: replay.dropped,
        EventKind.TRANSFER_BAGGED: replay.bagged,
        EventKind.TRANSFER_RECEIVED: replay.received,
    }


@dataclass(frozen=True, slots=True)
class _TransferReplay:
    account: Account
    lines: bool

    def accepted(self, connection: Reading, leaf: Leaf) -> None:
        told = paper_of(self.account, "acceptance", leaf.paper)
        taken = approval_told(leaf, told | {"step": ACCEPTS})
        plans.approve(connection, taken)
        rebuilding.plan_came_to(connection, leaf.subject, "accepted")

    def begun(self, connection: Reading, leaf: Leaf) -> None:
        told = paper_of(self.account, "transfer", leaf.paper)
        row = BagRow(
            n=0,
            bag="",
            plan_n=number_in(str(leaf.particulars["pl"])),
            status=BagStatus.BEGUN,
            recipient=str(told["recipient"]),
            begun_at=micros(leaf.at),
            by=leaf.by,
        )
        bags.add(connection, row, self.account.key)

    def dropped(self, connection: Reading, leaf: Leaf) -> None:
        self._write(connection, replace(_bag(connection, leaf), status=BagStatus.DROPPED))
        rebuilding.plan_came_to(connection, str(leaf.particulars["pl"]), "void")

    def bagged(self, connection: Reading, leaf: Leaf) -> None:
        told = leaf.particulars
        row = replace(
            _bag(connection, leaf),
            status=BagStatus.BAGGED,
            bagged_at=micros(leaf.at),
            items=int(str(told["n"])),
            files=int(str(told["f"])),
            octets=int(str(told["o"])),
            manifest=str(told["m"]),
            paper=leaf.paper,
        )
        self._write(connection, row)
        rebuilding.plan_came_to(connection, str(told["pl"]), "carried_out")
        parts = paper_of(self.account, "bag", leaf.paper)["parts"]
        for digest in cast("list[str]", parts if self.lines else []):
            listed = paper_of(self.account, "bag_part", digest)["items"]
            versions = {str(item): int(str(n)) for item, n in cast("list[list[Json]]", listed)}
            rows = items.by_ids(connection, list(versions)).values()
            lying = [replace(one, version=versions[one.item]) for one in rows]
            bags.put_in(connection, row.n, lying, self.account.key)

    def received(self, connection: Reading, leaf: Leaf) -> None:
        bag, at = _bag(connection, leaf), micros(leaf.at)
        row = replace(bag, status=BagStatus.RECEIVED, received_at=at, receipt=leaf.paper)
        self._write(connection, row)
        look_again(connection, row, self.account.day(at))

    def _write(self, connection: Reading, row: BagRow) -> None:
        bags.write(connection, row, self.account.key)


def _bag(connection: Reading, leaf: Leaf) -> BagRow:
    row = bags.called(connection, leaf.subject)
    if row is None:
        raise LedgerDamaged(f"the ledger tells of {leaf.subject}, which it never began")
    return row
