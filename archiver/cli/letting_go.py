"""`holds lift` and `holds narrow`: counsel's acts, in writing, shown before they are done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.arguments import words
from archiver.cli.item_output import say_not_counted
from archiver.cli.output import Told, emit_json, json_option
from archiver.cli.root import Counter, pass_counter
from archiver.cli.scopes import scope_of, scope_options
from archiver.records.counting import count_of
from archiver.records.errors import ConfigInvalid
from archiver.records.matters import MatterKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.office import Office
    from archiver.procedures.foreseeing import Foreseen
    from archiver.procedures.instruments import Instrument
    from archiver.records.holds import Scope


def _deed_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a deed that is counsel's, and may only be shown."""
    options = (
        click.option("--reason", type=words, help="Why; it is kept in a paper."),
        click.option(
            "--authority",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Counsel's signed letter: the file is hashed and kept.",
        ),
        click.option("--show", is_flag=True, help="Only say what would fall due, and when."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command("lift")
@click.argument("hold")
@_deed_options
@json_option
@pass_counter
def holds_lift(
    counter: Counter,
    hold: str,
    *,
    reason: str | None,
    authority: Path | None,
    show: bool,
    as_json: bool,
) -> None:
    r"""Lift HOLD on counsel's written authority. Its items cool down before any can be due.

    Prints what would fall due and from which day; with --show nothing else is done. Who lifts
    may not afterwards carry out a plan that contains these items.

    \b
    Examples:
      archiver holds lift H-0001 --show
      archiver holds lift H-0001 --reason "settled 2026-05-04" --authority letter.pdf
    """
    from archiver.procedures.foreseeing import foresee
    from archiver.procedures.hold import named
    from archiver.procedures.lifting import lift

    office = counter.office
    row = named(office.account, hold)
    days = cool_down_of(office, row.kind)
    seen = foresee(office.account, office.schedule, row, cool_down_days=days)
    told: dict[str, Told] = {"hold": hold, "days": days, "would_fall_due": told_foreseen(seen)}
    if not as_json:
        print_foreseen(seen)
    if not show:
        said, instrument = demanded(reason, authority)
        signed = office.sign_in()
        cooling = lift(
            office.account,
            signed,
            hold,
            reason=said,
            authority=instrument,
            cool_down_days=days,
            store=office.legal_holder,
        )
        told["cooling"] = cooling
        if not as_json:
            cools = count_of(cooling, "item cools", "items cool")
            click.echo(f"{hold} is lifted; {cools} down for {count_of(days, 'day')}")
    if as_json:
        emit_json(told)


@click.command("narrow")
@click.argument("hold")
@scope_options
@click.option("--without-item", "without", multiple=True, help="An item that is let go, by its id.")
@_deed_options
@json_option
@pass_counter
def holds_narrow(
    counter: Counter,
    hold: str,
    *,
    reason: str | None,
    authority: Path | None,
    show: bool,
    as_json: bool,
    **scope: object,
) -> None:
    r"""Narrow HOLD, on counsel's written authority, to what the options cover too.

    What leaves it cools down like the items of a lifted hold. --show says what would leave, and
    from which day it could be due. An open records request is narrowed by `requests narrow`.

    \b
    Examples:
      archiver holds narrow H-0001 --from 2026-03-01 --show
      archiver holds narrow H-0001 --query shooting --reason stipulation --authority order.pdf
    """
    from archiver.procedures.hold import named
    from archiver.procedures.lifting import narrow

    office = counter.office
    row = named(office.account, hold)
    days, wanted = cool_down_of(office, row.kind), scope_of(office, scope)
    seen = narrowing_foreseen(office, hold, wanted, days)
    told: dict[str, Told] = {"hold": hold, "days": days, "would_fall_due": told_foreseen(seen)}
    if not as_json:
        print_foreseen(seen)
    if not show:
        said, instrument = demanded(reason, authority)
        narrowed = narrow(
            office.account,
            office.sign_in(),
            hold,
            reason=said,
            authority=instrument,
            scope=wanted,
            cool_down_days=days,
            store=office.legal_holder,
        )
        told |= {"left": narrowed.left, "covered": narrowed.covered}
        if not as_json:
            left, stay = count_of(narrowed.left, "item leaves", "items leave"), narrowed.covered
            click.echo(f"{left} {hold}, to cool down for {count_of(days, 'day')}; {stay} stay")
    if as_json:
        emit_json(told)


def narrowing_foreseen(office: Office, hold: str, to: Scope, days: int) -> Foreseen:
    """Give what would fall due, *days* after *hold* were narrowed *to* a scope today."""
    from archiver.procedures.foreseeing import foresee_narrowing
    from archiver.procedures.hold import named

    account, person, schedule = office.account, office.person, office.schedule
    row = named(account, hold)
    return foresee_narrowing(account, person, schedule, row, to, cool_down_days=days)


def cool_down_of(office: Office, kind: MatterKind) -> int:
    """Give for how many days the items of a hold of *kind* cool down."""
    if kind is MatterKind.RECORDS_REQUEST:
        return office.config.request_cool_down_days
    return office.config.cool_down_days


def demanded(reason: str | None, authority: Path | None) -> tuple[str, Instrument]:
    """Give reason and authority, which the deed needs.

    Raises:
        ConfigInvalid: one of them is not given.
    """
    from archiver.procedures.instruments import instrument_at

    if reason is None or authority is None:
        raise ConfigInvalid(
            "say --reason, and hand in counsel's signed letter with --authority FILE",
            remedy="--show says what would fall due, and needs neither.",
        )
    return reason, instrument_at(authority)


def told_foreseen(seen: Foreseen) -> dict[str, Told]:
    """Give what letting go would mean, for scripts."""
    first = seen.first_day
    return {
        "items": seen.items,
        "otherwise_held": seen.otherwise_held,
        "not_counted": seen.closed,
        "first_day": first.isoformat() if first else None,
        "series": [
            {"series": name, "items": count, "first_day": day.isoformat() if day else None}
            for name, (count, day) in sorted(seen.series.items())
        ],
    }


def print_foreseen(seen: Foreseen) -> None:
    """Say what letting go would mean, series by series."""
    for name, (count, day) in sorted(seen.series.items()):
        when = f"from {day.isoformat()}" if day else "never by time alone"
        click.echo(f"{count_of(count, 'item')} of series {name} could be due {when}")
    if seen.otherwise_held:
        click.echo(f"held by others still: {count_of(seen.otherwise_held, 'item')}")
    say_not_counted(seen.closed, "those that leave fall due all the same")
