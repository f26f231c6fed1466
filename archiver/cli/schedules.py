"""`schedule`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli import adopting, exchanging
from archiver.cli.output import Told, emit_json, json_option, table
from archiver.cli.root import Counter, pass_counter

if TYPE_CHECKING:
    from archiver.records.schedules import Schedule
    from archiver.records.series import Series


@click.group()
def schedule() -> None:
    r"""Retention schedules: the law of the archive, as data.

    \b
    Example:
      archiver schedule show indio-ca
    """


@schedule.command("check")
@click.argument("name")
@json_option
def schedule_check(name: str, *, as_json: bool) -> None:
    r"""Check a shipped schedule, or the file NAME; every fault at once.

    \b
    Example:
      archiver schedule check my-city.toml
    """
    from archiver.office.lookup import find_schedule

    found, _ = find_schedule(name, Path.cwd())
    if as_json:
        emit_json(
            {
                "ok": True,
                "name": found.name,
                "digest": found.digest,
                "warnings": list(found.warnings.values()),
            }
        )
        return
    click.echo(f"{found.name} is sound: {len(found.series)} series, digest {found.digest}")
    for warning in found.warnings.values():
        click.echo(f"warning: {warning}")
    if found.adoption is None:
        click.echo("it is not adopted: nothing is destroyed under it")


@schedule.command("list")
@json_option
def schedule_list(*, as_json: bool) -> None:
    r"""List the schedules that are shipped.

    \b
    Example:
      archiver schedule list
    """
    from archiver.office.lookup import find_schedule, schedules_folder

    names = sorted(path.stem for path in schedules_folder().glob("*.toml"))
    found = [find_schedule(name, Path.cwd())[0] for name in names]
    if as_json:
        emit_json(
            {
                "schedules": [
                    {
                        "name": each.name,
                        "title": each.title,
                        "state": each.state,
                        "series": len(each.series),
                        "digest": each.digest,
                        "kind": _kind(each),
                    }
                    for each in found
                ]
            }
        )
        return
    rows = [
        (each.name, each.state or "-", str(len(each.series)), _kind(each), each.title)
        for each in found
    ]
    table("Shipped schedules", ("name", "state", "series", "kind", "title"), rows)


def _kind(found: Schedule) -> str:
    if found.demonstration:
        return "demonstration"
    return "reference" if found.reference else "local"


_COLUMNS = (
    *("number", "title", "category", "period", "trigger", "disposition"),
    *("verified", "restricted"),
)


def _row(series: Series) -> tuple[str, ...]:
    return (
        series.number,
        series.title,
        series.category.value,
        _kept_for(series),
        series.trigger.value,
        series.disposition.value,
        "yes" if series.verified else "no",
        "yes" if series.restricted else "no",
    )


@schedule.command("show")
@click.argument("name", required=False)
@json_option
@pass_counter
def schedule_show(counter: Counter, name: str | None, *, as_json: bool) -> None:
    r"""Show the archive's schedule as it is in force; or a shipped one; or the file NAME.

    \b
    Examples:
      archiver schedule show
      archiver schedule show indio-ca --json
    """
    from archiver.office.lookup import find_schedule

    found = counter.office.schedule if name is None else find_schedule(name, Path.cwd())[0]
    if as_json:
        emit_json(told(found))
        return
    rows = [_row(series) for series in found.series.values()]
    table(f"{found.title} ({found.digest[:12]})", _COLUMNS, rows)
    if found.demonstration:
        click.echo("a demonstration: opens only where [agency] demonstration = true")
    click.echo("adopted" if found.adoption else "not adopted: nothing is destroyed under it")


def _kept_for(series: Series) -> str:
    if series.period is not None:
        return str(series.period)
    return "kept" if series.rule.value == "period" else series.rule.value


def told(found: Schedule) -> Told:
    """Give a schedule as scripts read it."""
    return {
        "name": found.name,
        "title": found.title,
        "state": found.state,
        "agency": found.agency,
        "digest": found.digest,
        "demonstration": found.demonstration,
        "reference": found.reference,
        "wordings": found.wordings,
        "adopted": found.adoption is not None,
        "series": [_told(series) for series in found.series.values()],
    }


def _told(series: Series) -> dict[str, Told]:
    return {
        "number": series.number,
        "title": series.title,
        "falls_in": series.falls_in,
        "category": series.category.value,
        "period": str(series.period) if series.period else None,
        "rule": series.rule.value,
        "floor": str(series.floor) if series.floor else None,
        "at_most": str(series.at_most) if series.at_most else None,
        "trigger": series.trigger.value,
        "also": [
            {"trigger": each.trigger.value, "period": str(each.period), "required": each.required}
            for each in series.also
        ],
        "stages": [{"then": each.then.value, "after": str(each.after)} for each in series.stages],
        "disposition": series.disposition.value,
        "approval": series.approval,
        "citation": list(series.citation),
        "basis": series.basis.value,
        "verified": series.verified,
        "number_official": series.number_official,
        "confidence": series.confidence.value,
        "restricted": series.restricted,
        "notes": series.notes,
    }


for command in (
    *(exchanging.diff, exchanging.export, exchanging.take_in, exchanging.simulate),
    *(adopting.adopt, adopting.adoptions, adopting.withdraw, adopting.accept_shorter),
):
    schedule.add_command(command)
