"""`orders by-hand` and `orders answer`: where a person looks for a name, and what they say."""

from __future__ import annotations

from pathlib import Path

import click

from archiver.cli.arguments import words
from archiver.cli.order_output import print_order
from archiver.cli.output import emit_json, json_option, table
from archiver.cli.root import Counter, pass_counter
from archiver.records.orders import Answer


@click.command("by-hand")
@click.argument("order")
@click.option(
    "--to",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Write the documents there, so that somebody can read them.",
)
@json_option
@pass_counter
def orders_by_hand(counter: Counter, order: str, to: Path | None, *, as_json: bool) -> None:
    r"""List where names of ORDER must be looked for by hand, and what was said of each place.

    For counsel. ORDER has not come to its end before each is answered.

    \b
    Example:
      archiver orders by-hand O-0001 --to /media/usb
    """
    from archiver.procedures.order_by_hand import SAYS, by_hand, documents_to
    from archiver.procedures.ordering import called, demand_counsel

    office = counter.office
    demand_counsel(office.account, office.sign_in().person)
    found = by_hand(office.account, office.objects, called(office.account, order))
    written = documents_to(office.account, found, to) if to is not None else []
    if as_json:
        told = [
            {"place": p.place, "why": p.why, "about": p.about, "answer": p.answer} for p in found
        ]
        emit_json({"order": order, "places": told, "written": [str(path) for path in written]})
        return
    rows = [(p.place, SAYS[p.why], p.about, p.answer or "") for p in found]
    table("Places to look at by hand", ("place", "why", "about", "answer"), rows)
    if written:
        click.echo(f"{len(written)} documents written to {to}; take them away when they are read")


@click.command("answer")
@click.argument("order")
@click.argument("places", nargs=-1, required=True)
@click.option(
    "--found",
    required=True,
    type=click.Choice([each.value for each in Answer]),
    help="nothing: it names nobody; done: changed by hand; strike: the document goes; keep: the "
    "name stays, by counsel's word.",
)
@click.option("--reason", required=True, type=words, help="Who looked, and why; without the name.")
@json_option
@pass_counter
def orders_answer(
    counter: Counter, order: str, places: tuple[str, ...], found: str, reason: str, *, as_json: bool
) -> None:
    r"""Say what was found in PLACES, which ORDER has looked at by hand.

    \b
    Example:
      archiver orders answer O-0001 document/3f9a2c81d04e --found nothing --reason "read by counsel"
    """
    from archiver.procedures.order_by_hand import answer

    office = counter.office
    signed = office.sign_in()
    said = Answer(found)
    known = answer(office.account, office.objects, signed, order, places, said, reason=reason)
    print_order(known, as_json=as_json)
    if not as_json:
        click.echo(f"next: when every place is answered, `archiver orders carry-out {order}`")
