"""How a purge, or a look at what it would do, is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from archiver.cli.output import Told, say_stayed, told_stayed
from archiver.records.counting import count_of

if TYPE_CHECKING:
    from archiver.procedures.due_now import ForPeople
    from archiver.procedures.purging import Purged


def told_of_due(unattended: int, for_people: ForPeople) -> dict[str, Told]:
    """Give what is due as scripts read it: all of it, and how much may go in which way."""
    return {
        "due": unattended + for_people.items,
        "due_unattended": unattended,
        "due_to_approve": for_people.items,
        "due_at_least": for_people.at_least,
    }


def told_of_considered(result: Purged) -> dict[str, Told]:
    """Give what a purge itself considered, which goes or stays or waits, and what it never does."""
    return {
        "due": result.due,
        "due_to_approve": result.for_people.items,
        "due_at_least": result.for_people.at_least,
    }


def told_of_purge(result: Purged) -> dict[str, Told]:
    """Give what a purge came to, or a look at it, as scripts read it."""
    return {
        "plan": result.plan,
        **told_of_considered(result),
        "destroyed": result.destroyed,
        "resumed": result.resumed,
        "sample": result.sample or None,
        "superseded": list(result.superseded),
        "stayed": told_stayed(result.stayed),
        "upcoming": [
            {"id": item, "due": day.isoformat(), "unattended": unattended}
            for item, day, unattended in result.upcoming
        ],
    }


def say_purged(result: Purged, *, waits: bool) -> None:
    """Say what a purge came to, or a look at it; *waits*: a plan that it made is to be read."""
    due = count_of(result.due, "item")
    click.echo(f"{due} due, {result.destroyed} destroyed, {len(result.stayed)} stayed")
    if result.for_people.items or result.for_people.at_least:
        click.echo(
            f"besides, {result.for_people.told('item is', 'items are')} due by people's approval "
            "alone: `archiver dispositions plan`"
        )
    if result.resumed:
        click.echo(f"finished of an earlier run: {count_of(result.resumed, 'item')}")
    if result.sample:
        show = f"archiver dispositions sample show {result.sample}"
        click.echo(f"a sample of {result.sample} waits for a person: `{show}`")
    elif waits and result.plan and _left(result) and not result.destroyed:
        click.echo(f"{result.plan} waits: read it with `archiver dispositions show {result.plan}`")
    if result.superseded:
        older = ", ".join(result.superseded)
        click.echo(f"{result.plan} takes the place of {older}, of which nothing was approved")
    for item, day, unattended in result.upcoming:
        how = "" if unattended else ", by a plan that people approve"
        click.echo(f"{item[:12]} falls due on {day.isoformat()}{how}")
    say_stayed(result.stayed)


def _left(result: Purged) -> int:
    """Count what is due and neither went nor stays: it is in a plan."""
    return result.due - result.destroyed - len(result.stayed)
