"""How the proof of an item, and what its platform sent, are shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from archiver.cli.output import Told, iso, plain, table

if TYPE_CHECKING:
    from archiver.procedures.proof_of_item import Deed, ProofOfItem
    from archiver.records.items import RawFragment


def proof_told(proof: ProofOfItem) -> dict[str, Told]:
    """Give the proof as scripts read it."""
    return {
        "due": proof.due.isoformat() if proof.due else None,
        "kept_because": list(proof.kept_because),
        "deeds": [_deed(deed) for deed in proof.deeds],
        "holds": {name: [_deed(deed) for deed in deeds] for name, deeds in proof.holds.items()},
        "orders": {name: [_deed(deed) for deed in deeds] for name, deeds in proof.orders.items()},
    }


def _deed(deed: Deed) -> dict[str, Told]:
    return {
        "index": deed.index,
        "kind": deed.kind,
        "at": iso(deed.at),
        "by": deed.by,
        "told": json.loads(json.dumps(dict(deed.told))),
        "paper": deed.paper,
    }


def print_proof(proof: ProofOfItem) -> None:
    """Print the deeds with their places in the ledger, and why the item is kept."""
    click.echo()
    rows = [("", deed) for deed in proof.deeds]
    bound = {**proof.holds, **proof.orders}
    rows += [(name, deed) for name, deeds in bound.items() for deed in deeds]
    table(
        "In the ledger",
        ("index", "when", "what", "hold or order", "by", "tells"),
        [
            (
                str(deed.index),
                iso(deed.at) or "",
                deed.kind,
                name,
                deed.by,
                json.dumps(dict(deed.told), sort_keys=True),
            )
            for name, deed in rows
        ],
    )
    click.echo(f"first day of disposition: {proof.due or 'none follows from what is known'}")
    for reason in proof.kept_because:
        click.echo(f"kept because: {reason}")


def print_raw(number: int, fragment: RawFragment) -> None:
    """Print the exchange that brought version *number*, and the bytes cut from its answer."""
    exchange = fragment.exchange
    click.echo(f"\nversion {number}, as sent: {fragment.media_type}, {len(fragment.body)} bytes")
    if exchange is None:
        click.echo("by no request of its own: what it came in tells where it is from")
    else:
        click.echo(plain(f"{exchange.method} {exchange.url} -> {exchange.status}"))
        for name, value in exchange.params:
            click.echo(plain(f"? {name}={value}"))
        if exchange.asked:
            click.echo(plain(f"asked: {exchange.asked}"))
        for name, value in exchange.headers.items():
            click.echo(plain(f"{name}: {value}"))
    try:
        click.echo(plain(fragment.body.decode()))
    except UnicodeDecodeError:
        click.echo("(bytes that are no text: --json gives them in base64)")
