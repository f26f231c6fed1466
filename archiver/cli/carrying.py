"""`dispositions carry-out`, `resume` and `certificate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from archiver.cli.output import (
    Streamed,
    Told,
    emit_json,
    json_option,
    progress,
    say_stayed,
    told_stayed,
)
from archiver.cli.root import Counter, pass_counter
from archiver.cli.transferring import print_certificate
from archiver.records.counting import count_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archiver.procedures.errands import Receipt


@click.command("carry-out")
@click.argument("plan")
@click.option(
    "--confirm-count",
    type=click.IntRange(1),
    metavar="N",
    help="Say that so many items are meant, exactly, where they are unusually many.",
)
@json_option
@pass_counter
def carry_out(counter: Counter, plan: str, confirm_count: int | None, *, as_json: bool) -> None:
    r"""Destroy what PLAN lists, where it is approved and every item may still go.

    \b
    Examples:
      archiver dispositions carry-out P-000001
      archiver dispositions carry-out P-000001 --confirm-count 48210
    """
    from archiver.procedures.carrying import carry_out_approved

    office = counter.office
    signed = office.sign_in()
    with office.disposer() as disposer, progress("items destroyed") as tell:
        receipt = carry_out_approved(
            disposer,
            signed,
            plan,
            office.schedule,
            terms=office.config.terms,
            on=office.account.today(),
            confirmed=confirm_count,
            progress=tell,
        )
    _say(plan, receipt, as_json=as_json)
    if receipt.refusal is not None:
        raise receipt.refusal


def _say(plan: str, receipt: Receipt, *, as_json: bool) -> None:
    if as_json:
        emit_json(
            {
                "plan": plan,
                "destroyed": receipt.destroyed,
                "certificates": receipt.batches,
                "stayed": told_stayed(receipt.stayed),
            }
        )
        return
    gone = count_of(receipt.destroyed, "item")
    click.echo(f"{gone} destroyed, {len(receipt.stayed)} stayed")
    say_stayed(receipt.stayed)
    if receipt.destroyed:
        click.echo(f"print it with `archiver dispositions certificate {plan} --pdf FILE`")


@click.command("resume")
@json_option
@pass_counter
def resume(counter: Counter, *, as_json: bool) -> None:
    r"""Finish every destruction that was begun and not done.

    \b
    Example:
      archiver dispositions resume
    """
    from archiver.procedures.authority import demand
    from archiver.procedures.dispose import finish_begun
    from archiver.records.people import Right

    office = counter.office
    demand(office.account, office.person, Right.DISPOSE)
    with office.disposer() as disposer:
        finished = finish_begun(disposer, office.person)
    if as_json:
        emit_json({"finished": finished.destroyed})
    else:
        click.echo(f"finished of an earlier run: {count_of(finished.destroyed, 'item')}")
    if finished.refusal is not None:
        raise finished.refusal


@click.command("certificate")
@click.argument("name", metavar="PLAN|BATCH|BAG")
@click.option(
    "--pdf",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Print it.",
)
@json_option
@pass_counter
def certificate(counter: Counter, name: str, pdf: Path | None, *, as_json: bool) -> None:
    r"""Give the certificate of what was destroyed or transferred of a plan, or of one batch or bag.

    \b
    Examples:
      archiver dispositions certificate P-000001 --pdf certificate.pdf
      archiver dispositions certificate D-000001 --json
      archiver dispositions certificate B-000001 --pdf transfer.pdf
    """
    from archiver.printing import as_pdf
    from archiver.procedures.certificate_sheets import certificate_sheet
    from archiver.procedures.certifying import certificates
    from archiver.procedures.transfer_certificates import transfer_certificate

    if (handed := transfer_certificate(counter.office.account, name)) is not None:
        print_certificate(handed, pdf, as_json=as_json)
        return
    office = counter.office
    authorities = office.authorities()
    if pdf is not None or not as_json:
        sheet = certificate_sheet(name, certificates(office.account, name, authorities))
    if pdf is not None:
        pdf.write_bytes(as_pdf(sheet))
    if as_json:
        told = cast("Iterator[Told]", certificates(office.account, name, authorities))
        emit_json({"name": name, "certificates": Streamed(told)})
        return
    for title, value in sheet.fields:
        click.echo(f"{title:26} {value}")
