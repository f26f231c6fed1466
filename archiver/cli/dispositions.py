"""`dispositions` and `purge`."""

from __future__ import annotations

import click

from archiver.cli.output import Told, day_time, emit_json, json_option, progress, table
from archiver.cli.root import Counter, pass_counter


@click.group()
def dispositions() -> None:
    r"""Plans of disposition: what is due, and why. Nothing here destroys.

    \b
    Example:
      archiver dispositions plan
    """


@dispositions.command("plan")
@json_option
@pass_counter
def dispositions_plan(counter: Counter, *, as_json: bool) -> None:
    r"""Decide for every item whose day has come, and save the plan with a paper.

    \b
    Example:
      archiver dispositions plan --json
    """
    from archiver.procedures.planning import plan

    office = counter.office
    made = plan(office.account, office.person, office.schedule, on=office.account.today())
    office.account.acknowledge()
    if as_json:
        emit_json({"plan": made.name, "due": made.due, "stayed": _stayed(made.stayed)})
        return
    click.echo(f"{made.name}: {made.due} items are due, {len(made.stayed)} are due but stay")
    click.echo(f"read it with `archiver dispositions show {made.name}`")


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
    from archiver.procedures.planning import listed

    plans = listed(counter.office.account, limit=limit)
    if as_json:
        emit_json(
            {
                "plans": [
                    {"plan": p.plan, "status": p.status, "due": p.due, "paper": p.paper}
                    for p in plans
                ]
            }
        )
        return
    rows = [(p.plan, day_time(p.made_at), p.status, str(p.due)) for p in plans]
    table("Plans", ("plan", "made", "status", "due"), rows)


@dispositions.command("show")
@click.argument("plan")
@json_option
@pass_counter
def dispositions_show(counter: Counter, plan: str, *, as_json: bool) -> None:
    r"""Show PLAN line by line, with a reason for each item.

    \b
    Example:
      archiver dispositions show P-000001
    """
    from archiver.procedures.planning import lines

    row, found = lines(counter.office.account, plan)
    if as_json:
        emit_json(
            {
                "plan": row.plan,
                "status": row.status,
                "due": row.due,
                "schedule": row.schedule,
                "items": [
                    {"id": item.item, "series": item.series, "life": item.life, "reasons": reasons}
                    for item, reasons in found
                ],
            }
        )
        return
    rows = [(item.item[:12], item.series, item.life, "; ".join(why)) for item, why in found]
    table(f"{row.plan} ({row.status})", ("item", "series", "life", "reasons"), rows)


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
    from archiver.procedures.purging import look
    from archiver.procedures.purging import purge as purge_now

    office = counter.office
    account = office.account
    if dry_run or upcoming is not None:
        result = look(account, office.schedule, days=upcoming or 0)
    else:
        with office.disposer() as disposer, progress("items destroyed") as tell:
            result = purge_now(
                disposer,
                office.person,
                office.schedule,
                carry_out_too=office.config.purge_mode == "carry-out",
                progress=tell,
            )
    if as_json:
        emit_json(
            {
                "plan": result.plan,
                "due": result.due,
                "destroyed": result.destroyed,
                "resumed": result.resumed,
                "stayed": _stayed(result.stayed),
                "upcoming": [{"id": item, "due": day.isoformat()} for item, day in result.upcoming],
            }
        )
        return
    click.echo(f"{result.due} items due, {result.destroyed} destroyed, {len(result.stayed)} stayed")
    if result.resumed:
        click.echo(f"{result.resumed} items of an earlier run were finished")
    if result.plan and result.due and not result.destroyed:
        click.echo(f"{result.plan} waits: read it with `archiver dispositions show {result.plan}`")
    for item, day in result.upcoming:
        click.echo(f"{item[:12]} falls due on {day.isoformat()}")
    for item, reasons in result.stayed[:100]:
        click.echo(f"{item[:12]} stays: {'; '.join(reasons)}")


def _stayed(stayed: list[tuple[str, tuple[str, ...]]]) -> list[Told]:
    return [{"id": item, "reasons": list(reasons)} for item, reasons in stayed]
