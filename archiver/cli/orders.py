"""`orders`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import cast

import click

from archiver.cli.arguments import day, words
from archiver.cli.order_hands import orders_answer, orders_by_hand
from archiver.cli.order_output import order_told, print_order
from archiver.cli.output import Told, day_time, emit_json, json_option, table
from archiver.cli.root import Counter, pass_counter
from archiver.cli.scopes import scope_of, scope_options
from archiver.records.counting import count_of
from archiver.records.orders import CourtOrder, Effect

_document = click.option(
    "--document",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The signed paper itself, as it came; it is kept whole.",
)


@click.group()
def orders() -> None:
    r"""Court orders: what a court restricts, seals or has destroyed, as it ordered.

    \b
    Example:
      archiver orders list
    """


@orders.command("enter")
@_document
@click.option(
    "--effect",
    type=click.Choice([effect.value for effect in Effect]),
    default=Effect.RESTRICT.value,
    show_default=True,
    help="What the order does, as ordered.",
)
@click.option("--court", required=True, type=words, help="Which court.")
@click.option("--number", required=True, type=words, help="The number of its case.")
@click.option("--dated", required=True, type=day, metavar="YYYY-MM-DD", help="The order's day.")
@click.option(
    "--destroy-on",
    type=day,
    metavar="YYYY-MM-DD",
    help="Where it seals, then destroys: from which day.",
)
@click.option(
    "--as-ordered", type=words, help="The order's own words, where only they let destroy."
)
@click.option(
    "--name",
    "names",
    multiple=True,
    type=words,
    help="A name of whom it is for, to be struck from papers here, too; repeatable.",
)
@click.option("--hand-to", type=words, help="Where it returns: to whom.")
@scope_options
@json_option
@pass_counter
def orders_enter(
    counter: Counter,
    document: Path,
    effect: str,
    court: str,
    number: str,
    dated: date,
    destroy_on: date | None,
    as_ordered: str | None,
    names: tuple[str, ...],
    hand_to: str | None,
    *,
    as_json: bool,
    **scope: object,
) -> None:
    r"""Enter a court order, as counsel reads it. Without a second signer it has no effect.

    What it names is settled now: the items that are here today, and no others.

    \b
    Example:
      archiver orders enter --document o.pdf --court 153rd --number 7 --dated 2026-03-02 --item 3f9a
    """
    from archiver.procedures.ordering import enter

    office = counter.office
    ordered = CourtOrder(
        court=court,
        number=number,
        dated=dated,
        effect=Effect(effect),
        destroy_on=destroy_on,
        as_ordered=as_ordered or "",
        names=names,
        to=hand_to or "",
    )
    known = enter(
        office.account,
        office.sign_in(),
        ordered,
        scope_of(office, scope, exactly=True),
        document,
        state=office.schedule.state,
    )
    print_order(known, as_json=as_json)
    if not as_json:
        click.echo(f"next: another person says `archiver orders confirm {known.row.order}`")


@orders.command("confirm")
@click.argument("order")
@json_option
@pass_counter
def orders_confirm(counter: Counter, order: str, *, as_json: bool) -> None:
    r"""Confirm ORDER, as its second signer. What restricts or seals does so from now on.

    \b
    Example:
      archiver orders confirm O-0001
    """
    from archiver.procedures.ordering import confirm

    office = counter.office
    print_order(confirm(office.account, office.sign_in(), order), as_json=as_json)


@orders.command("preview")
@click.argument("order")
@json_option
@pass_counter
def orders_preview(counter: Counter, order: str, *, as_json: bool) -> None:
    r"""Say what carrying out ORDER would strike: names, and every paper that tells of them.

    For counsel, who decides which of these places are kept.

    \b
    Example:
      archiver orders preview O-0001
    """
    from archiver.procedures.order_names import preview

    office = counter.office
    found = preview(office.account, office.objects, office.sign_in(), order)
    if as_json:
        emit_json(
            {
                "order": found.order,
                "going": found.going,
                "held": found.held,
                "names": list(found.names),
                "places": [
                    {"place": p.place, "about": p.about, "binds": p.binds} for p in found.places
                ],
            }
        )
        return
    gone = count_of(found.going, "item")
    click.echo(f"{gone} would be destroyed; a hold covers {found.held} more")
    click.echo(f"names looked for: {', '.join(found.names) or 'none'}")
    rows = [(p.place, p.about, "a hold in force" if p.binds else "") for p in found.places]
    table("Papers that would be struck", ("place", "about", "asks for them"), rows)


@orders.command("carry-out")
@click.argument("order")
@click.option(
    "--keep",
    multiple=True,
    metavar="PLACE",
    help="A place of the preview that counsel keeps; repeatable.",
)
@json_option
@pass_counter
def orders_carry_out(counter: Counter, order: str, keep: tuple[str, ...], *, as_json: bool) -> None:
    r"""Destroy what ORDER names, and every trace of it. What a hold covers stays, for counsel.

    \b
    Examples:
      archiver orders carry-out O-0001
      archiver orders carry-out O-0001 --keep hold/3f9a2c81d04e
    """
    from archiver.procedures.expunging import carry_out_order

    office = counter.office
    signed = office.sign_in()
    with office.disposer() as disposer:
        known = carry_out_order(disposer, signed, order, keep)
    print_order(known, as_json=as_json)
    if not as_json:
        click.echo(f"what could not be struck: `archiver orders outcome {order}`")


@orders.command("outcome")
@click.argument("order")
@click.option(
    "--pdf", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Print it."
)
@json_option
@pass_counter
def orders_outcome(counter: Counter, order: str, pdf: Path | None, *, as_json: bool) -> None:
    r"""Say what carrying out ORDER came to: what it could not strike, and backups that remain.

    It names the ledger's entries on the order, and nobody.

    \b
    Examples:
      archiver orders outcome O-0001
      archiver orders outcome O-0001 --pdf outcome.pdf
    """
    from archiver.printing import as_pdf
    from archiver.procedures.order_outcomes import outcomes
    from archiver.procedures.order_sheets import outcome_sheet

    told = outcomes(counter.for_reader.account, order)
    sheet = outcome_sheet(order, told)
    if pdf is not None:
        pdf.write_bytes(as_pdf(sheet))
    if as_json:
        emit_json({"order": order, "outcomes": cast("list[Told]", told)})
        return
    for title, value in sheet.fields:
        click.echo(f"{title:26} {value}")


@orders.command("hand-back")
@click.argument("order")
@click.option(
    "--to",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Where the bag is written, under the order's name.",
)
@json_option
@pass_counter
def orders_hand_back(counter: Counter, order: str, to: Path, *, as_json: bool) -> None:
    r"""Write everything ORDER has returned into one bag (BagIt), for whom the order names.

    What was broken off is gone on with by the same command.

    \b
    Example:
      archiver orders hand-back O-0001 --to /media/usb
    """
    from archiver.procedures.handing_back import hand_back

    office = counter.office
    known = hand_back(office.account, office.objects, office.sign_in(), order, to)
    print_order(known, as_json=as_json)
    if not as_json:
        click.echo(f"next: `archiver orders receipt {order} --document FILE`")


@orders.command("receipt")
@click.argument("order")
@_document
@json_option
@pass_counter
def orders_receipt(counter: Counter, order: str, document: Path, *, as_json: bool) -> None:
    r"""Enter the receipt for what ORDER had returned; then it may be carried out.

    \b
    Example:
      archiver orders receipt O-0001 --document receipt.pdf
    """
    from archiver.procedures.handing_back import receive

    office = counter.office
    print_order(receive(office.account, office.sign_in(), order, document), as_json=as_json)


@orders.command("lift")
@click.argument("order")
@_document
@json_option
@pass_counter
def orders_lift(counter: Counter, order: str, document: Path, *, as_json: bool) -> None:
    r"""Lift ORDER by a later one. What another order or another reason restricts, stays so.

    \b
    Example:
      archiver orders lift O-0001 --document vacated.pdf
    """
    from archiver.procedures.ordering import lift

    office = counter.office
    print_order(lift(office.account, office.sign_in(), order, document), as_json=as_json)


@orders.command("list")
@json_option
@pass_counter
def orders_list(counter: Counter, *, as_json: bool) -> None:
    r"""List every court order there ever was.

    \b
    Example:
      archiver orders list --json
    """
    from archiver.procedures.ordering import every

    found = every(counter.for_reader.account)
    if as_json:
        emit_json({"orders": [order_told(known) for known in found]})
        return
    rows = [
        (
            known.row.order,
            known.row.effect,
            known.row.status,
            known.row.court,
            known.row.number,
            day_time(known.row.entered_at),
            str(sum(known.items.values()) + known.row.destroyed),
        )
        for known in found
    ]
    titles = ("order", "effect", "status", "court", "number", "entered", "items")
    table("Court orders", titles, rows)


@orders.command("show")
@click.argument("order")
@json_option
@pass_counter
def orders_show(counter: Counter, order: str, *, as_json: bool) -> None:
    r"""Show ORDER: what it does, who entered and confirmed it, and how far it has come.

    \b
    Example:
      archiver orders show O-0001
    """
    from archiver.procedures.ordering import shown

    print_order(shown(counter.for_reader.account, order), as_json=as_json)


orders.add_command(orders_by_hand)
orders.add_command(orders_answer)
