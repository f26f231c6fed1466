"""Handing back: an order to return gives its bytes to whom it names, and only then destroys them.

Everything the store has of what the order names goes into one package, with a manifest that
`sha256sum -c` checks. It is destroyed only after the receipt for it was entered; until then the
schedule does not touch it either.
"""

from __future__ import annotations

import os
import zipfile
from contextlib import suppress
from functools import partial
from io import FileIO
from pathlib import Path

from archiver.catalogue import orders
from archiver.catalogue.items import LIVE
from archiver.catalogue.orders import OrderRow
from archiver.ports import ObjectReader
from archiver.procedures.account import Account
from archiver.procedures.instruments import instrument_at, keep_instrument
from archiver.procedures.ordering import KnownOrder, called, demand_counsel, refuse_order, shown
from archiver.records.canonical import Json
from archiver.records.errors import ConfigInvalid, OrderRefused
from archiver.records.events import EventKind
from archiver.records.identity import ObjectRef, sha256
from archiver.records.orders import Effect, OrderStatus
from archiver.records.people import Person, SignedIn

MANIFEST = "manifest-sha256.txt"
_DAY = (1980, 1, 1, 0, 0, 0)


def hand_back(
    account: Account, objects: ObjectReader, signed: SignedIn, name: str, target: Path
) -> KnownOrder:
    """Write everything the order called *name* has returned as a package to *target*.

    Raises:
        NotPermitted: the person is not counsel.
        NotFound: there is no such order.
        OrderRefused: it is no confirmed order to return, or was received before.
        ConfigInvalid: *target* is there already.
        ObjectDamaged: the store does not have what it kept; nothing is handed over.
    """
    person = signed.person
    demand_counsel(account, person)
    row = called(account, name)
    _demand(account, person, row, OrderStatus.CONFIRMED, OrderStatus.HANDED_OVER)
    if target.exists():
        raise ConfigInvalid(f"{target} is there already", remedy="Name another file.")
    with account.catalogue.reading() as connection:
        live = [one for one in orders.named_by(connection, row.n) if one.life == LIVE]
    refs = [ref for one in live for ref in dict.fromkeys(o.ref for o in objects.owned(one.item))]
    manifest = _write(objects, refs, target)
    told: dict[str, Json] = {"order": name, "manifest": manifest, "files": len(refs)}
    paper = account.paper("order_package", told)
    counts: dict[str, Json] = {"n": len(live), "o": len(refs)}
    _enter(account, person, row, EventKind.ORDER_HANDED_OVER, paper, counts)
    return shown(account, name)


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


STANDS = {
    EventKind.ORDER_HANDED_OVER: OrderStatus.HANDED_OVER,
    EventKind.ORDER_RECEIVED: OrderStatus.RECEIVED,
}
"""How an order stands after each deed of handing it back."""


def _write(objects: ObjectReader, refs: list[ObjectRef], target: Path) -> str:
    """Write the package aside, proven object by object; give the digest of its manifest."""
    aside = target.with_name(f".{target.name}.part")
    lines: list[str] = []
    try:
        with (
            FileIO(str(aside), "x+", opener=partial(os.open, mode=0o600)) as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as package,
        ):
            for ref in refs:
                place = f"data/{ref.owner[:12]}/{ref.part.value}{ref.slot}-{ref.digest[:16]}"
                with package.open(zipfile.ZipInfo(place, _DAY), "w", force_zip64=True) as member:
                    for piece in objects.stream(ref):
                        member.write(piece)
                lines.append(f"{ref.digest}  {place}\n")
            manifest = "".join(lines).encode()
            package.writestr(zipfile.ZipInfo(MANIFEST, _DAY), manifest)
        aside.rename(target)
    finally:
        with suppress(FileNotFoundError):
            aside.unlink()
    return sha256(manifest)
