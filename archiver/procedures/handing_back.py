"""Handing back: an order to return gives its bytes to whom it names, and only then destroys them.

Everything the store has of what the order names goes into one bag, as a transfer's does. It is
destroyed only after the receipt for it was entered; until then the schedule does not touch it
either. What has changed since is handed back again first. A crash leaves a begun bag, with which
the same command goes on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import cast

from archiver import __version__
from archiver.bagging import BagFolder, Entry, Packed
from archiver.catalogue import Reading, ledger, orders
from archiver.catalogue.items import LIVE, ItemRow
from archiver.catalogue.orders import OrderRow
from archiver.catalogue.volumes import kept_files
from archiver.ports import ObjectReader
from archiver.procedures.account import Account
from archiver.procedures.bag_contents import ITEMS
from archiver.procedures.bag_papers import identifier
from archiver.procedures.instruments import instrument_at, keep_instrument
from archiver.procedures.ordering import (
    STANDS,
    KnownOrder,
    called,
    demand_counsel,
    refuse_order,
    shown,
)
from archiver.procedures.papers import paper_of
from archiver.procedures.transferring import LOCK
from archiver.records.canonical import Json, canonical
from archiver.records.errors import ConfigInvalid, OrderRefused
from archiver.records.events import EventKind, Leaf
from archiver.records.identity import ObjectRef, sha256
from archiver.records.orders import Effect, OrderStatus
from archiver.records.people import Person, SignedIn
from archiver.records.scrubbing import SHORT

_DIGITS = 16
_HANDED_FROM = (
    OrderStatus.CONFIRMED,
    OrderStatus.HANDED_OVER,
    OrderStatus.RECEIVED,
    OrderStatus.STOPPED,
)


def hand_back(
    account: Account, objects: ObjectReader, signed: SignedIn, name: str, to: Path
) -> KnownOrder:
    """Write everything the order called *name* has returned into a bag in the folder *to*.

    A bag that was begun before is gone on with. Where one was handed over before, this is
    another, under a name of its own, and a receipt for it is awaited anew.

    Raises:
        NotPermitted: the person is not counsel.
        NotFound: there is no such order.
        OrderRefused: it is no confirmed order to return, or has come to its end.
        ConfigInvalid: *to* is no folder, or something else stands there.
        ObjectDamaged: the store does not have what it kept; nothing is handed over.
        ArchiveBusy: another process is writing a bag.
    """
    person = signed.person
    demand_counsel(account, person)
    with account.catalogue.exclusive(LOCK, wait=False):
        row = called(account, name)
        _demand(account, person, row, *_HANDED_FROM)
        bag = f"{name}-{again + 1}" if (again := len(_packages(account, name))) else name
        folder = BagFolder(to, bag, identifier(account, bag))
        if folder.is_another or not to.is_dir():
            why = "is there already, and not ours" if to.is_dir() else "lies in no folder"
            raise ConfigInvalid(f"--to: {folder.path} {why}", remedy="Name another folder.")
        with account.catalogue.reading() as connection:
            live = [one for one in orders.named_by(connection, row.n) if one.life == LIVE]
            lines = list[Json](_lines(connection, live))
        packed = _write(account, objects, folder, [one.item for one in live])
        told: dict[str, Json] = {"order": name, "bag": bag, "items": lines}
        told |= {"manifest": packed.manifest, "files": packed.files}
        paper = account.paper("order_package", told)
        counts: dict[str, Json] = {"n": len(live), "o": packed.files}
        _enter(account, person, row, EventKind.ORDER_HANDED_OVER, paper, counts)
    return shown(account, name)


def handed_lines(account: Account, row: OrderRow) -> list[Json] | None:
    """Give what an order to return handed over last, item by item; None for any other order."""
    if Effect(row.effect) is not Effect.RETURN:
        return None
    package = paper_of(account, "order_package", _packages(account, row.order)[-1])
    return cast("list[Json]", package["items"])


def changed_since(
    connection: Reading, going: Sequence[ItemRow], handed: Sequence[Json]
) -> list[str]:
    """Name those of *going* that are not as they were *handed* over."""
    there = {canonical(line) for line in handed}
    now = _lines(connection, [one for one in going if one.life == LIVE])
    return [str(line["item"])[:SHORT] for line in now if canonical(line) not in there]


def _packages(account: Account, name: str) -> list[str]:
    """Give the papers of everything that was handed over by the order called *name*."""
    with account.catalogue.reading() as connection:
        entries = ledger.about(connection, name)
    leaves = [Leaf.from_json(json.loads(entry.leaf)) for entry in entries]
    return [leaf.paper for leaf in leaves if leaf.kind is EventKind.ORDER_HANDED_OVER]


def _lines(connection: Reading, live: Sequence[ItemRow]) -> list[dict[str, Json]]:
    """Say of each item what versions and files it has."""
    files = kept_files(connection, [one.n for one in live])
    told = {n: sorted(file.slot + file.digest for file in every) for n, every in files.items()}
    return [{"item": one.item, "files": sha256(repr(told[one.n]).encode())} for one in live]


def receive(account: Account, signed: SignedIn, name: str, receipt: Path) -> KnownOrder:
    """Enter the *receipt* for what the order called *name* had returned; now it may be destroyed.

    Raises:
        NotPermitted: the person is not counsel.
        NotFound: there is no such order.
        OrderRefused: nothing was handed over.
        ConfigInvalid: the file is empty, or too large for a document.
    """
    person = signed.person
    demand_counsel(account, person)
    row = called(account, name)
    _demand(account, person, row, OrderStatus.HANDED_OVER)
    kept = keep_instrument(account, instrument_at(receipt))
    paper = account.paper("order_receipt", {"order": name, **kept.told()})
    _enter(account, person, row, EventKind.ORDER_RECEIVED, paper, {})
    return shown(account, name)


def _demand(account: Account, person: Person, row: OrderRow, *statuses: OrderStatus) -> None:
    if Effect(row.effect) is not Effect.RETURN:
        why = f"{row.order} is an order to {row.effect.replace('_', ' ')}"
    elif row.status not in statuses:
        why = f"{row.order} is {row.status.replace('_', ' ')}"
    else:
        return
    refuse_order(account, person, row.order, OrderRefused(why))


def _enter(
    account: Account,
    person: Person,
    row: OrderRow,
    kind: EventKind,
    paper: str,
    told: dict[str, Json],
) -> None:
    with account.catalogue.writing() as desk:
        orders.stands(desk.connection, row.n, STANDS[kind])
        account.enter(desk, kind, by=person.id, subject=row.order, told=told, paper=paper)
    account.acknowledge()


def _write(account: Account, objects: ObjectReader, folder: BagFolder, owners: list[str]) -> Packed:
    """Write the bag, proven object by object; what a break left of it is proven too."""
    info = (
        ("Bagging-Date", account.today().isoformat()),
        ("External-Description", "Everything kept of what an order of a court has returned"),
        ("Bag-Software-Agent", f"archiver {__version__}"),
    )
    folder.open()
    folder.keep_only(ITEMS, lambda names: set(names) & set(owners))
    enclosed = list(_enclosed(objects, owners))
    for ref, entry in enclosed:
        if not folder.holds(entry):
            folder.put(entry.path, objects.stream(ref))
    return folder.close((entry for _, entry in enclosed), info)


def _enclosed(objects: ObjectReader, owners: Iterable[str]) -> Iterator[tuple[ObjectRef, Entry]]:
    """Give every object of the items *owners*, with the file it is in the bag."""
    for item in owners:
        for ref in sorted({kept.ref for kept in objects.owned(item)}):
            file = f"{ref.part.value}{ref.slot}-{ref.digest[:_DIGITS]}"
            yield ref, Entry(f"{ITEMS}/{item[:2]}/{item}/{file}", ref.digest)
