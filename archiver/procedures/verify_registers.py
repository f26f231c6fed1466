"""Verifying the registers: they stand as the ledger and its papers tell, column by column.

By them it is decided who may decide, what is held and frozen until when, what gives the schedule
force, what was approved, and whether a page was looked at since something fell due; an edit of
theirs may have items go too early.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from archiver.catalogue import Reading, inspection, orders, pages
from archiver.catalogue.replica import differing, replayed, replica
from archiver.procedures.account import Account
from archiver.procedures.papers import paper_of
from archiver.procedures.rebuild_ledger import deeds_of_registers
from archiver.procedures.verify_findings import Fault
from archiver.records.canonical import Json
from archiver.records.captures import CaptureStatus
from archiver.records.errors import LedgerDamaged
from archiver.records.events import EventKind, Leaf
from archiver.records.orders import OrderStatus
from archiver.records.scrubbing import NOBODY

_OF_PAGES = (EventKind.PAGE_OPENED, EventKind.CAPTURE_ENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What a page is, and when it was last captured whole."""

    platform: str
    identity: str
    connector: str
    controlled: bool
    whole_at: int | None


def registers_edited(account: Account) -> list[Fault]:
    """Name every row of a register that is not as the ledger and its papers tell."""
    deeds = deeds_of_registers(account, lines=False)
    del deeds[EventKind.DISPOSITION_EXTENDED]  # it is about items alone
    of_pages: dict[str, _Page] = {}

    def take_page(_connection: Reading, leaf: Leaf) -> None:
        _take_page(account, of_pages, leaf)

    deeds |= dict.fromkeys(_OF_PAGES, take_page)
    faults: list[Fault] = []
    with account.catalogue.reading() as connection, replica() as told:
        for data in inspection.leaves_of(connection, tuple(deeds)):
            leaf = _read(data)
            if leaf is not None and (why := replayed(told, deeds.get(leaf.kind), leaf)):
                faults.append(Fault(leaf.subject or leaf.kind, why))
        differ = differing(connection, told, numbers=not faults)
        faults.extend(Fault(name, why) for name, why in differ)
        faults.extend(_pages_edited(of_pages, _pages(connection)))
        faults.extend(_orders_edited(account, connection))
    return faults


def _read(data: bytes) -> Leaf | None:
    """Read an entry; what cannot be read is named where the ledger itself is proven."""
    try:
        return Leaf.from_json(json.loads(data))
    except (KeyError, ValueError, TypeError, AttributeError):
        return None


def _orders_edited(account: Account, connection: Reading) -> Iterator[Fault]:
    """Name every order that names other items than its paper; one under way is passed."""
    every = orders.every(connection)
    if any(row.status == OrderStatus.BEGUN for row in every):
        return
    for row in every:
        try:
            paper = paper_of(account, "order", row.paper)
        except (LedgerDamaged, ValueError):
            continue  # what of its row is not as entered was named before
        named = set(cast("list[str]", paper["items"])) - {NOBODY}
        if {one.item for one in orders.named_by(connection, row.n)} != named:
            yield Fault(row.order, "it names other items than its paper does")


# --- pages --------------------------------------------------------------------------------------


def _pages_edited(should: Mapping[str, _Page], stands: Mapping[str, _Page]) -> Iterator[Fault]:
    for name in sorted(should.keys() | stands.keys()):
        if should.get(name) != stands.get(name):
            yield Fault(name, "its row in the register of pages is not what the ledger tells")


def _pages(connection: Reading) -> dict[str, _Page]:
    return {
        row.page: _Page(
            platform=row.platform,
            identity=row.identity,
            connector=row.connector,
            controlled=row.controlled,
            whole_at=row.whole_at,
        )
        for row in pages.every(connection)
    }


def _take_page(account: Account, told: dict[str, _Page], leaf: Leaf) -> None:
    known = told.get(leaf.subject)
    if leaf.kind is EventKind.PAGE_OPENED:
        paper = paper_of(account, "page", leaf.paper)
        told[leaf.subject] = _Page(
            platform=str(paper["platform"]),
            identity=str(paper["identity"]),
            connector=str(paper["connector"]),
            controlled=bool(paper["controlled"]),
            whole_at=known.whole_at if known else None,
        )
    elif known is not None and _was_whole(leaf.particulars):
        told[leaf.subject] = replace(known, whole_at=int(str(leaf.particulars["b"])))


def _was_whole(told: Mapping[str, Json]) -> bool:
    return told["st"] == CaptureStatus.COMPLETE.value and not told.get("li")
