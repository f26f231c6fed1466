"""`schedule`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.output import Told, emit_json, json_option, table

if TYPE_CHECKING:
    from archiver.records.schedules import Schedule


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


@schedule.command("show")
@click.argument("name")
@json_option
def schedule_show(name: str, *, as_json: bool) -> None:
    r"""Show a shipped schedule, or the one in the file NAME.

    \b
    Example:
      archiver schedule show indio-ca --json
    """
    from archiver.office.lookup import find_schedule

    found, _ = find_schedule(name, Path.cwd())
    if as_json:
        emit_json(told(found))
        return
    rows = [
        (
            series.number,
            series.title,
            series.category.value,
            str(series.period) if series.period else series.rule.value,
            series.trigger.value,
            series.disposition.value,
            "yes" if series.verified else "no",
        )
        for series in found.series.values()
    ]
    columns = ("number", "title", "category", "period", "trigger", "disposition", "verified")
    table(f"{found.title} ({found.digest[:12]})", columns, rows)
    if found.demonstration:
        click.echo("a demonstration: opens only where [agency] demonstration = true")
    click.echo("adopted" if found.adoption else "not adopted: nothing is destroyed under it")


def told(found: Schedule) -> Told:
    """Give a schedule as scripts read it."""
    return {
        "name": found.name,
        "title": found.title,
        "state": found.state,
        "agency": found.agency,
        "digest": found.digest,
        "demonstration": found.demonstration,
        "adopted": found.adoption is not None,
        "series": [
            {
                "number": series.number,
                "title": series.title,
                "category": series.category.value,
                "period": str(series.period) if series.period else None,
                "rule": series.rule.value,
                "floor": str(series.floor) if series.floor else None,
                "trigger": series.trigger.value,
                "disposition": series.disposition.value,
                "approval": series.approval,
                "citation": list(series.citation),
                "verified": series.verified,
                "number_official": series.number_official,
                "confidence": series.confidence.value,
                "notes": series.notes,
            }
            for series in found.series.values()
        ],
    }
