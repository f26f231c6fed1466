"""Rebuilding court orders: what was closed is closed again, what was destroyed stays unsaid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from archiver.catalogue import Reading, expunging, items, orders
from archiver.catalogue.orders import GOING, HELD, OrderRow
from archiver.catalogue.rebuilding import Doomed
from archiver.procedures import ordering
from archiver.procedures.account import Account
from archiver.procedures.order_outcomes import amended_by
from archiver.procedures.order_striking import conclude, reword_by
from archiver.procedures.ordering import STANDS
from archiver.procedures.papers import paper_of
from archiver.procedures.rebuild_deeds import Deed
from archiver.records.canonical import Json
from archiver.records.errors import LedgerDamaged
from archiver.records.events import EventKind, Leaf
from archiver.records.moments import micros
from archiver.records.orders import OrderStatus


def expunged_by(leaf: Leaf) -> list[Doomed]:
    """Give the items that *leaf* lists to go without a trace; of where and when, nothing."""
    roots = cast("list[Json]", leaf.particulars["t"])
    return [
        Doomed(
            item=item,
            batch=leaf.subject,
            page="",
            thread=item if item in roots else "",
            kind="",
            published_at=0,
            cooling_until=None,
        )
        for item in _listed(leaf)
    ]


def deeds_of_orders(account: Account) -> Mapping[EventKind, Deed]:
    """Give what each entry about a court order comes to in the catalogue."""
    replay = _OrderReplay(account)
    return {
        EventKind.ORDER_ENTERED: replay.entered,
        EventKind.ORDER_CONFIRMED: replay.confirmed,
        EventKind.ORDER_HANDED_OVER: replay.handed_back,
        EventKind.ORDER_RECEIVED: replay.handed_back,
        EventKind.ORDER_BEGUN: replay.begun,
        EventKind.ORDER_CARRIED_OUT: replay.carried_out,
        EventKind.ORDER_REFUSED: replay.refused,
        EventKind.ORDER_LIFTED: replay.lifted,
    }


@dataclass(frozen=True, slots=True)
class _OrderReplay:
    account: Account

    def entered(self, connection: Reading, leaf: Leaf) -> None:
        told = paper_of(self.account, "order", leaf.paper)
        at = micros(leaf.at)
        row = ordering.row_of(leaf.subject, told, at=at, by=leaf.by, paper=leaf.paper)
        named = items.by_ids(connection, cast("list[str]", told["items"])).values()
        orders.add(connection, row, [one.n for one in named])

    def confirmed(self, connection: Reading, leaf: Leaf) -> None:
        row = _order(connection, leaf)
        orders.confirm(connection, row.n, at=micros(leaf.at), by=leaf.by)

    def handed_back(self, connection: Reading, leaf: Leaf) -> None:
        orders.stands(connection, _order(connection, leaf).n, STANDS[leaf.kind])

    def begun(self, connection: Reading, leaf: Leaf) -> None:
        row, going = _order(connection, leaf), items.by_ids(connection, _listed(leaf)).values()
        orders.name_again(connection, row.n, [one.n for one in going])
        orders.stands(connection, row.n, OrderStatus.BEGUN)
        orders.names_stand_in(connection, row.n, leaf.paper)
        rows = [expunging.begun(one) for one in going]
        items.change(connection, [one.sealed(self.account.key) for one in rows])
        items.never_look(connection, {one.thread_n for one in going})

    def carried_out(self, connection: Reading, leaf: Leaf) -> None:
        row = _order(connection, leaf)
        if "whole" in leaf.particulars:
            self._strike(connection, row, leaf)
            conclude(self.account, connection, row, _status(leaf))
        else:
            ordering.close(self.account, connection, row)

    def _strike(self, connection: Reading, row: OrderRow, leaf: Leaf) -> None:
        """Strike again what a backup brought back; in a rebuild there is nothing left to strike."""
        going = orders.named_by(connection, row.n, GOING)
        expunging.strike(connection, [one.n for one in going])
        reword_by(self.account, connection, amended_by(self.account, leaf.paper))

    def refused(self, connection: Reading, leaf: Leaf) -> None:
        if stopped := _listed(leaf):
            row, named = _order(connection, leaf), items.by_ids(connection, stopped).values()
            orders.come_to(connection, row.n, [one.n for one in named], HELD)
            orders.stands(connection, row.n, OrderStatus.STOPPED)

    def lifted(self, connection: Reading, leaf: Leaf) -> None:
        ordering.reopen(self.account, connection, _order(connection, leaf))


def _status(leaf: Leaf) -> OrderStatus:
    """Give how an order stood once it was carried out, as far as could be."""
    if leaf.particulars["whole"]:
        return OrderStatus.CARRIED_OUT
    return OrderStatus.BY_HAND if leaf.particulars.get("open") else OrderStatus.STOPPED


def _listed(leaf: Leaf) -> list[str]:
    return [str(item) for item in cast("list[Json]", leaf.particulars.get("i", []))]


def _order(connection: Reading, leaf: Leaf) -> OrderRow:
    row = orders.called(connection, leaf.subject)
    if row is None:
        raise LedgerDamaged(f"the ledger tells of {leaf.subject}, which it never entered")
    return row
