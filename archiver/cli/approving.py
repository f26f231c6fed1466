"""`dispositions approve`, `decline`, `extend` and `relabel`: people's word on a plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.arguments import day, words
from archiver.cli.output import Told, emit_json, json_option
from archiver.cli.root import Counter, pass_counter
from archiver.records.counting import count_of

if TYPE_CHECKING:
    from datetime import date

    from archiver.procedures.approving import Chain
    from archiver.procedures.plan_lines import Line

_reason = click.option(
    "--reason", required=True, type=words, help="Why; it is kept in a paper, not in the ledger."
)


@click.command("approve")
@click.argument("plan")
@click.option("--step", required=True, help="The step of the plan's chain that you take.")
@click.option(
    "--document",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The signed paper the step rests on; it is kept whole.",
)
@click.option("--on", "dated", type=day, metavar="YYYY-MM-DD", help="The document's day.")
@click.option("--signed-by", type=words, default="-", help="Who signed it, where nobody of yours.")
@click.option(
    "--none-under",
    multiple=True,
    metavar="CODE",
    help="Say that you looked, and nothing here falls under this exclusion of the schedule; "
    "repeatable.",
)
@json_option
@pass_counter
def approve(
    counter: Counter,
    plan: str,
    step: str,
    document: Path | None,
    dated: date | None,
    signed_by: str,
    none_under: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    r"""Take a step of PLAN's approval. It binds the plan's exact items and schedule version.

    \b
    Examples:
      archiver dispositions approve P-000001 --step department_head
      archiver dispositions approve P-000001 --step council_resolution --document 2026-60.pdf
      archiver dispositions approve P-000001 --step city_clerk --none-under CA-34090-a
    """
    from archiver.procedures.approving import Document
    from archiver.procedures.approving import approve as approve_now

    office = counter.office
    found = approve_now(
        office.account,
        office.sign_in(),
        plan,
        step,
        schedule=office.schedule,
        terms=office.config.terms,
        document=Document(
            file=document,
            dated=dated,
            signed_by="" if signed_by == "-" else signed_by,
            none_under=none_under,
        ),
    )
    if as_json:
        emit_json(told_of(found))
        return
    click.echo(f"{step} of {plan} is taken; the plan is {found.standing.value}")
    if found.waits_for:
        click.echo(f"next: `archiver dispositions approve {plan} --step {found.waits_for}`")


@click.command("decline")
@click.argument("plan")
@_reason
@json_option
@pass_counter
def decline(counter: Counter, plan: str, reason: str, *, as_json: bool) -> None:
    r"""Decline PLAN, for good. Its items stay due, and may be planned again.

    \b
    Example:
      archiver dispositions decline P-000001 --reason "the attorney asks for another look"
    """
    from archiver.procedures.amending import decline as decline_now

    office = counter.office
    decline_now(office.account, office.sign_in(), plan, reason=reason)
    if as_json:
        emit_json({"plan": plan, "status": "declined"})
    else:
        click.echo(f"{plan} is declined; its items stay")


@click.command("extend")
@click.argument("plan")
@click.option("--days", required=True, type=click.IntRange(1, 36_500), help="How much longer.")
@click.option("--item", "some", multiple=True, help="Only this item, by its id; repeatable.")
@_reason
@json_option
@pass_counter
def extend(
    counter: Counter, plan: str, days: int, some: tuple[str, ...], reason: str, *, as_json: bool
) -> None:
    r"""Keep PLAN's items so many days longer. What is kept longer leaves the plan.

    All of them, or those you name with --item; you must be allowed to see each.

    \b
    Example:
      archiver dispositions extend P-000001 --item 3f9a --days 365 --reason "anniversary exhibit"
    """
    from archiver.procedures.amending import extend as extend_now
    from archiver.procedures.finding import full_id

    office = counter.office
    only = [full_id(office.catalogue, item) for item in some]
    kept = extend_now(office.account, office.sign_in(), plan, days=days, reason=reason, only=only)
    if as_json:
        emit_json({"plan": plan, "kept": kept, "days": days})
    else:
        left = f"{count_of(kept, 'item')} of {plan}, kept {count_of(days, 'day')} longer"
        click.echo(f"left the plan: {left}")


@click.command("relabel")
@click.argument("plan")
@click.option("--item", required=True, help="The item, by its id.")
@click.option("--series", required=True, help="The series it belongs to.")
@_reason
@json_option
@pass_counter
def relabel(
    counter: Counter, plan: str, item: str, series: str, reason: str, *, as_json: bool
) -> None:
    r"""Say that an item of PLAN belongs to another series. It leaves the plan.

    \b
    Example:
      archiver dispositions relabel P-000001 --item 3f9a --series DEMO-200 --reason "a complaint"
    """
    from archiver.procedures.amending import relabel as relabel_now
    from archiver.procedures.finding import full_id

    office = counter.office
    found = full_id(office.catalogue, item)
    relabel_now(
        office.account,
        office.objects,
        office.sign_in(),
        plan,
        found,
        series=series,
        schedule=office.schedule,
        reason=reason,
    )
    if as_json:
        emit_json({"plan": plan, "id": found, "series": series})
    else:
        click.echo(f"{found[:12]} belongs to {series}, and has left {plan}")


def told_of(found: Chain) -> dict[str, Told]:
    """Give how a plan's approval stands, as JSON shows it."""
    row = found.plan
    return {
        "plan": row.plan,
        "status": row.status,
        "due": row.due,
        "schedule": row.schedule,
        "attended": row.attended,
        "action": row.action,
        "chain": list(found.steps),
        "approvals": [
            {
                "step": one.step,
                "by": one.by,
                "role": one.role.value,
                "on": one.on.isoformat(),
                "document": one.document,
            }
            for one in found.taken
        ],
        "standing": found.standing.value,
        "waits_for": found.waits_for,
    }


def told_of_line(line: Line) -> Told:
    """Give what `--json` prints of one line of a plan."""
    return {
        "id": line.row.item,
        "series": line.row.series,
        "life": line.row.life,
        "reasons": list(line.reasons),
        "stands": line.stands == "yes",
        "out": list(line.out),
        "untouched": line.untouched,
    }


def why_out_or_listed(line: Line) -> str:
    """Say why an item is out of a plan, or else why it stands in it or did until it went."""
    return line.stands if line.out else "; ".join(line.reasons)
