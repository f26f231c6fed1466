"""How an order of a court is printed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from archiver.cli.output import Told, emit_json, iso
from archiver.records.counting import count_of

if TYPE_CHECKING:
    from archiver.procedures.ordering import KnownOrder


def print_order(known: KnownOrder, *, as_json: bool) -> None:
    """Print how an order stands."""
    if as_json:
        emit_json(order_told(known))
        return
    row = known.row
    click.echo(f"{row.order} ({row.effect.replace('_', ' ')}) is {row.status.replace('_', ' ')}")
    for standing, count in sorted(known.items.items()):
        click.echo(f"  {standing}: {count_of(count, 'item')}")
    if row.destroyed:
        click.echo(f"  destroyed: {count_of(row.destroyed, 'item')}")


def order_told(known: KnownOrder) -> dict[str, Told]:
    """Give an order as scripts read it."""
    row = known.row
    return {
        "order": row.order,
        "effect": row.effect,
        "status": row.status,
        "court": row.court,
        "number": row.number,
        "dated": date.fromordinal(row.dated).isoformat(),
        "destroy_on": date.fromordinal(row.destroy_on).isoformat() if row.destroy_on else None,
        "as_ordered": row.as_ordered,
        "entered": iso(row.entered_at),
        "by": row.by,
        "confirmed": iso(row.confirmed_at),
        "confirmed_by": row.confirmed_by,
        "items": dict[str, Told](known.items),
        "destroyed": row.destroyed,
        "document": row.document,
        "paper": row.paper,
    }
