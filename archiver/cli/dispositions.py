"""`dispositions` and `purge`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.approving import (
    approve,
    decline,
    extend,
    relabel,
    told_of,
    told_of_line,
    why_out_or_listed,
)
from archiver.cli.carrying import carry_out, certificate, resume
from archiver.cli.output import (
    Streamed,
    Told,
    day_time,
    emit_json,
    json_option,
    progress,
    say_stayed,
    table,
    told_stayed,
)
from archiver.cli.purge_output import say_purged, told_of_purge
from archiver.cli.root import Counter, pass_counter
from archiver.cli.sampling import sample
from archiver.cli.transferring import accept, receipt, transfer
from archiver.records.counting import count_of
from archiver.records.errors import (
    ArchiverError,
    CeilingReached,
    ConfigInvalid,
    ObjectError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.office import Office
    from archiver.procedures.planning import Plan
    from archiver.procedures.purging import Purged


REVIEWED_BY = (
    "nobody carries it out: say what becomes of its items with "
    "`archiver dispositions extend`, `relabel` or `decline`"
)
"""What a plan to review waits for, which has no steps of approval."""


def _print_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that print a plan to files."""
    file = click.Path(dir_okay=False, path_type=Path)
    command = click.option("--csv", type=file, metavar="FILE", help="Write it as a table.")(command)
    return click.option("--pdf", type=file, metavar="FILE", help="Print it, to be signed.")(command)


@click.group()
def dispositions() -> None:
    r"""Plans of disposition: what is due and why, who approves it, and what became of it.

    \b
    Example:
      archiver dispositions plan
    """


for _command in (
    approve, decline, extend, relabel, carry_out, resume, certificate, sample,
    transfer, accept, receipt,
):  # fmt: skip
    dispositions.add_command(_command)


@dispositions.command("plan")
@click.option("--series", "series", multiple=True, help="Only items of this series; repeatable.")
@click.option("--page", "page_names", multiple=True, help="Only items of this page; repeatable.")
@click.option(
    "--action",
    type=click.Choice(["destroy", "transfer", "review"]),
    default="destroy",
    show_default=True,
    help="What the plan does with its items.",
)
@_print_options
@json_option
@pass_counter
def dispositions_plan(
    counter: Counter,
    action: str,
    series: tuple[str, ...],
    page_names: tuple[str, ...],
    pdf: Path | None,
    csv: Path | None,
    *,
    as_json: bool,
) -> None:
    r"""Decide for every item whose day has come, and save a plan for people to approve.

    \b
    Examples:
      archiver dispositions plan
      archiver dispositions plan --series IND-CW-COR --pdf plan.pdf --csv plan.csv
      archiver dispositions plan --action transfer
      archiver dispositions plan --action review
    """
    from archiver.procedures.planning import Wanted, numbers_of_pages, plan
    from archiver.records.disposition import Action

    office = counter.office
    wanted = Wanted(
        action=Action(action),
        series=_known(office, series),
        pages=numbers_of_pages(office.account, [office.page_id(name) for name in page_names]),
    )
    account, sampling = office.account, office.config.terms.sampling
    on, law = account.today(), office.schedule
    made = plan(account, office.person, law, on=on, wanted=wanted, sampling=sampling)
    office.account.acknowledge()
    _print_plan(office, made.name, pdf, csv)
    if as_json:
        emit_json(_told_of_plan(made))
        return
    _say_of(made)


def _say_of(made: Plan) -> None:
    """Say what a plan that was just made comes to."""
    due = count_of(made.due, "item is due", "items are due")
    stayed = count_of(len(made.stayed), "is due but stays", "are due but stay")
    click.echo(f"{made.name}: {due}, {stayed}")
    for warning in made.warnings:
        click.echo(f"warning: {warning}", err=True)
    say_stayed(made.stayed)
    if made.chain and made.due:
        click.echo(f"it is approved by: {', '.join(made.chain)}")
    elif made.due:
        click.echo(REVIEWED_BY)
    click.echo(f"read it with `archiver dispositions show {made.name}`")


def _told_of_plan(made: Plan) -> dict[str, Told]:
    return {
        "plan": made.name,
        "due": made.due,
        "chain": list(made.chain),
        "stayed": told_stayed(made.stayed),
        "warnings": list(made.warnings),
    }


@dispositions.command("list")
@click.option(
    "--limit",
    default=30,
    show_default=True,
    type=click.IntRange(1, 10_000),
    help="At most so many.",
)
@json_option
@pass_counter
def dispositions_list(counter: Counter, limit: int, *, as_json: bool) -> None:
    r"""List plans, newest first.

    \b
    Example:
      archiver dispositions list
    """
    from archiver.procedures.approving import chain
    from archiver.procedures.planning import listed

    office = counter.office
    plans = [
        (plan, chain(office.account, plan.plan, office.config.terms).standing.value)
        for plan in listed(office.account, limit=limit)
    ]
    if as_json:
        emit_json(
            {
                "plans": [
                    {
                        "plan": p.plan,
                        "status": p.status,
                        "standing": stands,
                        "due": p.due,
                        "paper": p.paper,
                    }
                    for p, stands in plans
                ]
            }
        )
        return
    rows = [(p.plan, day_time(p.made_at), stands, str(p.due)) for p, stands in plans]
    table("Plans", ("plan", "made", "how it stands", "due"), rows)


@dispositions.command("show")
@click.argument("plan")
@_print_options
@json_option
@pass_counter
def dispositions_show(
    counter: Counter, plan: str, pdf: Path | None, csv: Path | None, *, as_json: bool
) -> None:
    r"""Show PLAN line by line, with reasons, how its approval stands, and what stayed at its end.

    \b
    Examples:
      archiver dispositions show P-000001
      archiver dispositions show P-000001 --pdf plan.pdf
    """
    from archiver.procedures.approving import chain
    from archiver.procedures.plan_lines import lines
    from archiver.procedures.plan_sheets import stayed_of, warnings_of
    from archiver.procedures.staying import Anew

    office = counter.office
    found = chain(office.account, plan, office.config.terms)
    _print_plan(office, plan, pdf, csv)
    listed = lines(office.account, found.plan, office.schedule)
    warnings = warnings_of(office.account, found.plan)
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    if as_json:
        items = Streamed(told_of_line(line) for line in listed)
        told = told_of(found) | {"items": items, "warnings": list[Told](warnings)}
        emit_json(told | {"stayed": told_stayed(stayed_of(office.account, found.plan))})
        return
    rows = [
        (
            line.row.item[:12],
            line.row.series,
            line.row.life,
            why_out_or_listed(line),
        )
        for line in listed
    ]
    table(f"{plan} ({found.plan.status})", ("item", "series", "life", "reasons"), rows)
    say_stayed(Anew.counted(lambda: stayed_of(office.account, found.plan)))
    if found.plan.status != "proposed":
        return
    if not found.steps:
        click.echo(REVIEWED_BY)
        return
    click.echo(f"{found.standing.value}: {', '.join(found.steps)}")
    if found.waits_for:
        click.echo(f"next: `archiver dispositions approve {plan} --step {found.waits_for}`")


def _known(office: Office, series: tuple[str, ...]) -> tuple[str, ...]:
    """Give *series*, all of which the schedule has.

    Raises:
        ConfigInvalid: it has not.
    """
    strange = [number for number in series if number not in office.schedule.series]
    if strange:
        raise ConfigInvalid(
            f"--series {', '.join(strange)}: {office.schedule.name} has no such series",
            remedy=f"`archiver schedule show {office.schedule.name}` lists them.",
        )
    return series


def _print_plan(office: Office, name: str, pdf: Path | None, csv: Path | None) -> None:
    """Print a plan to the files that were asked for."""
    from archiver.printing import as_pdf, csv_lines
    from archiver.procedures.plan_sheets import COLUMNS, plan_rows, plan_sheet

    if pdf is not None:
        pdf.write_bytes(
            as_pdf(plan_sheet(office.account, name, office.config.terms, office.schedule))
        )
    if csv is not None:
        with csv.open("w", encoding="utf-8-sig", newline="") as file:
            file.writelines(csv_lines(COLUMNS, plan_rows(office.account, name, office.schedule)))


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be destroyed; touch nothing.")
@click.option(
    "--upcoming", type=click.IntRange(0, 36_500), metavar="DAYS", help="List what falls due."
)
@json_option
@pass_counter
def purge(counter: Counter, *, dry_run: bool, upcoming: int | None, as_json: bool) -> None:
    r"""Destroy lapsed transitory items, where the adoption authorises it.

    Where [purge] mode is "propose" (as shipped), a plan is made and waits.

    \b
    Examples:
      archiver purge --dry-run
      archiver purge --upcoming 30
    """
    from archiver.procedures.due_now import due_for_people
    from archiver.procedures.purging import look

    office = counter.office
    refusal: ArchiverError | None = None
    if dry_run or upcoming is not None:
        result = look(office.account, office.schedule, days=upcoming or 0)
    else:
        result, refusal = _purge(office)
        result.for_people = due_for_people(office.account, office.schedule)
    warnings = _warnings(office, result.plan)
    if as_json:
        emit_json(told_of_purge(result) | {"warnings": list[Told](warnings)})
    else:
        say_purged(result, waits=refusal is None)
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    if refusal is not None:
        raise refusal


def _purge(office: Office) -> tuple[Purged, ArchiverError | None]:
    """Purge; give what it came to, and what stopped a part of it, to be said after that."""
    from archiver.procedures.purging import Purged, purge

    result = Purged()
    try:
        with office.disposer() as disposer, progress("items destroyed") as tell:
            purge(
                disposer,
                office.person,
                office.schedule,
                carry_out_too=office.config.purge_mode == "carry-out",
                progress=tell,
                result=result,
            )
    except (ObjectError, CeilingReached) as refusal:
        return result, refusal
    return result, None


def _warnings(office: Office, plan: str | None) -> list[str]:
    """Give what a plan that was saved warns of."""
    from archiver.procedures.plan_sheets import warnings_of
    from archiver.procedures.planning import named

    return warnings_of(office.account, named(office.account, plan)) if plan else []
