"""`dispositions transfer`, `receipt` and `accept`: what goes to another archive, and its answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from archiver.cli.arguments import day, words
from archiver.cli.output import (
    Told,
    emit_json,
    json_option,
    progress,
    say_stayed,
    told_stayed,
)
from archiver.cli.root import Counter, pass_counter
from archiver.records.counting import count_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from archiver.procedures.approving import Document
    from archiver.records.canonical import Json


def _document_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say what a word from outside rests on."""
    signed = click.option("--signed-by", type=words, default="-", help="Who signed it, there.")
    dated = click.option("--on", "dated", type=day, metavar="YYYY-MM-DD", help="Its day.")
    file = click.option(
        "--document",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        required=True,
        help="The signed paper; it is kept whole.",
    )
    return file(dated(signed(command)))


def _document(file: Path, dated: date | None, signed_by: str) -> Document:
    from archiver.procedures.approving import Document

    return Document(file=file, dated=dated, signed_by="" if signed_by == "-" else signed_by)


@click.command("transfer")
@click.argument("plan")
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Where the bag is written, under its own name.",
)
@click.option("--recipient", required=True, type=words, help="Whom it is handed to.")
@json_option
@pass_counter
def transfer(counter: Counter, plan: str, folder: Path, recipient: str, *, as_json: bool) -> None:
    r"""Write what PLAN lists into a BagIt bag for another archive; nothing leaves this one.

    What was broken off is gone on with by the same command.

    \b
    Examples:
      archiver dispositions transfer P-000004 --to /media/usb --recipient "State Archives"
      bagit.py --validate /media/usb/B-000001
    """
    from archiver.procedures.bag_papers import told_of
    from archiver.procedures.transferring import Carrier
    from archiver.procedures.transferring import transfer as transfer_now

    office = counter.office
    carrier = Carrier(
        account=office.account,
        objects=office.objects,
        schedule=office.schedule,
        terms=office.config.terms,
    )
    on = office.account.today()
    with progress("items written") as tell:
        handed = transfer_now(
            carrier, office.sign_in(), plan, folder, recipient=recipient, on=on, progress=tell
        )
    written = bool(handed.bag.paper)
    if as_json:
        emit_json(
            {
                **told_of(handed.bag, plan),
                "path": str(handed.path) if written else None,
                "stayed": told_stayed(list(handed.stayed.items())),
            }
        )
        return
    if written:
        click.echo(f"{count_of(handed.bag.items, 'item')} in {handed.path}, for {recipient}")
        click.echo(f"SHA-256 of its tagmanifest-sha256.txt: {handed.bag.manifest}")
    else:
        click.echo("nothing is left to be transferred, and the plan is void")
    say_stayed(list(handed.stayed.items()))
    if written:
        click.echo(f"when it has arrived: `archiver dispositions receipt {plan} --document FILE`")


@click.command("receipt")
@click.argument("plan")
@_document_options
@click.option("--number", type=words, default="-", help="The receipt's own number.")
@click.option(
    "--sha256",
    "manifest",
    metavar="DIGEST",
    default="",
    help="The SHA-256 of tagmanifest-sha256.txt that the receipt states; it is compared.",
)
@json_option
@pass_counter
def receipt(
    counter: Counter,
    plan: str,
    document: Path,
    dated: date | None,
    signed_by: str,
    number: str,
    manifest: str,
    *,
    as_json: bool,
) -> None:
    r"""Enter the receipt for the bag of PLAN. Only then may what follows a transfer fall due.

    \b
    Examples:
      archiver dispositions receipt P-000004 --document receipt.pdf --on 2029-04-02
      archiver dispositions receipt P-000004 --document receipt.pdf --number T-2029-17
    """
    from archiver.procedures.bag_papers import told_of
    from archiver.procedures.receipts import Stated, receive

    office = counter.office
    stated = Stated(number="" if number == "-" else number, manifest=manifest)
    signed, handed_in = office.sign_in(), _document(document, dated, signed_by)
    bag = receive(office.account, signed, plan, handed_in, stated)
    if as_json:
        emit_json(told_of(bag, plan))
        return
    click.echo(f"the receipt of {bag.bag} is entered, with {count_of(bag.items, 'item')}")
    click.echo(f"print it with `archiver dispositions certificate {plan} --pdf FILE`")


@click.command("accept")
@click.argument("plan")
@_document_options
@json_option
@pass_counter
def accept(
    counter: Counter,
    plan: str,
    document: Path,
    dated: date | None,
    signed_by: str,
    *,
    as_json: bool,
) -> None:
    r"""Enter that another archive accepts what PLAN offers it: transferred, not destroyed.

    That it declines is a step of the plan's approval: `dispositions approve`.

    \b
    Example:
      archiver dispositions accept P-000004 --document letter.pdf --signed-by "State Archivist"
    """
    from archiver.procedures.receipts import accept as accept_now

    office = counter.office
    row = accept_now(
        office.account,
        office.sign_in(),
        plan,
        schedule=office.schedule,
        terms=office.config.terms,
        document=_document(document, dated, signed_by),
    )
    if as_json:
        emit_json({"plan": row.plan, "status": row.status, "items": row.due})
        return
    click.echo(f"{plan} is accepted: its {row.due} items are transferred, and none destroyed")
    click.echo(f"next: `archiver dispositions transfer {plan} --to FOLDER --recipient NAME`")


def print_certificate(told: Mapping[str, Json], pdf: Path | None, *, as_json: bool) -> None:
    """Print a certificate of transfer: to a file, as JSON, or here."""
    from archiver.printing import as_pdf
    from archiver.procedures.transfer_certificates import transfer_sheet

    sheet = transfer_sheet(told)
    if pdf is not None:
        pdf.write_bytes(as_pdf(sheet))
    if as_json:
        emit_json({"name": str(told["certificate"]), "certificates": [cast("Told", told)]})
        return
    for title, value in sheet.fields:
        click.echo(f"{title:34} {value}")
