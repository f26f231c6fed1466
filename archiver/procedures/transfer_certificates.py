"""Certificates of transfer: what was handed to whom, by whose authority, and what came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from archiver.catalogue import bags, plans
from archiver.catalogue.bags import BagRow
from archiver.printing import Cell, Grid, Sheet
from archiver.procedures.account import Account
from archiver.procedures.certificate_words import (
    APPROVALS,
    adopted_by,
    checkpoint_told,
    entries_grid,
    in_words,
    objects_in,
    registers_told,
    row_of,
    titles,
)
from archiver.procedures.ledger_places import places
from archiver.procedures.papers import paper_of
from archiver.records.canonical import Json
from archiver.records.moments import moment, written

_SERIES = ("number", "title", "citation", "items", "versions", "attachments", "from", "to")


def transfer_certificate(account: Account, name: str) -> dict[str, Json] | None:
    """Give the certificate of the bag, or of the plan's bag, called *name*; None without a bag.

    Until the receipt is entered it says that one is awaited.

    Raises:
        LedgerDamaged: a paper of it is missing, or not what was written.
    """
    bag = _written(account, name)
    if bag is None:
        return None
    told = paper_of(account, "bag", bag.paper)
    received: dict[str, Json] = {"status": "receipt awaited"}
    if bag.receipt and bag.received_at is not None:
        receipt = paper_of(account, "receipt", bag.receipt)
        received = {
            "status": "received",
            "entered": written(moment(bag.received_at)),
            "paper": bag.receipt,
            **{part: receipt[part] for part in _OF_A_RECEIPT},
        }
    told = {part: value for part, value in told.items() if part not in {"kind", "salt", "parts"}}
    where = places(account, [bag.bag])[bag.bag]
    return told | {"certificate": bag.bag, "paper": bag.paper, "receipt": received, "ledger": where}


_OF_A_RECEIPT = ("on", "number", "signed_by", "sha256", "document", "name", "stated")


def _written(account: Account, name: str) -> BagRow | None:
    with account.catalogue.reading() as connection:
        plan = plans.plan_called(connection, name)
        bag = bags.of_plan(connection, plan.n) if plan else bags.called(connection, name)
    return bag if bag is not None and bag.paper else None


def transfer_sheet(told: Mapping[str, Json]) -> Sheet:
    """Give a certificate of transfer as a sheet. It names nothing that an item said."""
    authority = cast("Mapping[str, Json]", told["authority"])
    receipt = cast("Mapping[str, Json]", told["receipt"])
    name = in_words(told["certificate"])
    return Sheet(
        title=f"Certificate of transfer {name}",
        subtitle=in_words(authority.get("agency")),
        fields=[
            ("Transferred to", in_words(told["recipient"])),
            ("Bag", f"{name} ({in_words(told['identifier'])})"),
            ("SHA-256 of tagmanifest-sha256.txt", in_words(told["manifest"])),
            ("Plan", in_words(told["plan"])),
            ("Schedule", f"{in_words(authority.get('schedule'))}, {in_words(told['schedule'])}"),
            ("Adopted by", adopted_by(authority)),
            ("Items", in_words(told["items"])),
            ("Files", in_words(told["files"])),
            ("Bytes", in_words(told["octets"])),
            ("Begun", in_words(told["begun"])),
            ("Written", in_words(told["bagged"])),
            ("Carried out by", in_words(told["name"])),
            *registers_told(told),
            *_receipt(receipt),
            ("Our own copy", "kept, until what the schedule says of it is carried out"),
            ("Ledger's checkpoint", checkpoint_told(told["ledger"])),
            ("Paper", in_words(told["paper"])),
        ],
        tables=_tables(told),
        footer=f"{name}, paper {in_words(told['paper'])[:16]}",
        wide=True,
    )


def _receipt(told: Mapping[str, Json]) -> list[tuple[str, Cell]]:
    if told["status"] != "received":
        return [("Receipt", "awaited")]
    return [
        ("Receipt", f"of {in_words(told['on'])}, entered {in_words(told['entered'])}"),
        ("Receipt signed by", in_words(told["signed_by"])),
        ("Receipt's own number", in_words(told["number"])),
        ("SHA-256 of the receipt", in_words(told["sha256"])),
        ("Entered by", in_words(told["name"])),
    ]


def _tables(told: Mapping[str, Json]) -> list[Grid]:
    proposed = cast("Mapping[str, Json]", told["proposed_by"])
    steps: list[Sequence[Cell]] = [
        ("proposed", in_words(proposed["name"]), "", in_words(proposed["at"]), "", "")
    ]
    steps += [row_of(one, APPROVALS) for one in objects_in(told["approvals"])]
    series = [row_of(one, _SERIES) for one in objects_in(told["series"])]
    stayed = [
        (in_words(item), in_words(why)) for item, why in cast("list[list[Json]]", told["stayed"])
    ]
    return [
        Grid(title="Series", columns=titles(_SERIES), rows=series),
        Grid(title="Approvals", columns=titles(APPROVALS), rows=steps),
        entries_grid([(in_words(told["certificate"]), told["ledger"])]),
        Grid(
            title="Exceptions: planned, and not transferred", columns=("item", "why"), rows=stayed
        ),
    ]
