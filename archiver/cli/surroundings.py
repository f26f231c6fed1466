"""What a hold came to; and what lies around it, counted before it is bound, and taken in."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from archiver.cli.item_output import say_not_counted
from archiver.cli.output import Told, emit_json, plain
from archiver.records.counting import count_of
from archiver.records.holds import Neighbours

if TYPE_CHECKING:
    from archiver.office import Office
    from archiver.procedures.hold import Issued
    from archiver.records.holds import Scope

_SAID = 100
"""How many items that a hold came too late for are named on a screen."""


def show_counts(
    office: Office, scope: Scope, around: frozenset[Neighbours], *, as_json: bool
) -> None:
    """Print how many items a hold on *scope* would bind, without and with its surroundings."""
    from archiver.procedures.surrounding import count

    found = count(office.account, office.person, scope, around)
    if as_json:
        counts: dict[str, Told] = {
            "would_bind": found.without,
            "with_surroundings": found.around,
            "not_counted": found.closed,
        }
        emit_json(counts | authors_told(office, scope))
        return
    click.echo(f"it would bind {count_of(found.without, 'item')}, and what is captured later")
    print_authors(office, scope)
    if around:
        click.echo(f"with {_words(around)} it would be {found.around}")
    say_not_counted(found.closed, "a hold binds those it covers all the same")


def authors_told(office: Office, scope: Scope) -> dict[str, Told]:
    """Give the authors that *scope* takes in, as scripts are told them; nothing without any."""
    from archiver.procedures.taken_in import taken_in

    if not scope.authors:
        return {}
    authors: list[Told] = [
        {
            "id": one.author,
            "name": one.shown.name if one.shown else "",
            "handle": one.shown.handle if one.shown else "",
            "native_id": one.shown.native_id if one.shown else "",
        }
        for one in taken_in(office.account, office.person, scope)
    ]
    return {"authors": authors}


def print_authors(office: Office, scope: Scope) -> None:
    """Print how many authors *scope* takes in, and who they are: a name may be several people's."""
    from archiver.procedures.taken_in import taken_in

    found = taken_in(office.account, office.person, scope)
    if not found:
        return
    click.echo(f"it takes in {count_of(len(found), 'author')} who wrote here:")
    for one in found:
        words = [one.shown.name, one.shown.handle, one.shown.native_id] if one.shown else []
        known = ", ".join(dict.fromkeys(filter(None, words)))
        click.echo(plain(f"  {one.author[:12]}  {known or 'of restricted items alone'}"))


def _words(around: frozenset[Neighbours]) -> str:
    return " and ".join(word for word in Neighbours if word in around)


def take_in_around(
    office: Office, hold: str, around: frozenset[Neighbours], *, say: bool
) -> dict[str, Told] | None:
    """Take in what lies around *hold*, and *say* so; somebody at a terminal is asked before.

    Gives what it came to, None where they would not have it.
    """
    from archiver.procedures.surrounding import count_around, take_in

    counted, words = count_around(office.account, hold, around), _words(around)
    covers = f"{hold} covers {count_of(counted.without, 'item')}"
    told = f"{covers}; with {words} it would be {counted.around}"
    if sys.stdin is not None and sys.stdin.isatty():
        if not click.confirm(f"{told}. Take them in?", default=True, err=True):
            return None
    else:
        click.echo(told, err=True)
    days, store = office.config.review_days, office.legal_holder
    added = take_in(office.account, office.person, hold, around, review_days=days, store=store)
    if say:
        bound = count_of(added.covered, "item")
        click.echo(f"with {words}, {added.hold} binds {bound}, and grows with {hold}")
        _print_too_late(added)
    counts: dict[str, Told] = {"without": counted.without, "with": counted.around}
    return told_issued(added) | counts


def told_issued(issued: Issued) -> dict[str, Told]:
    """Give what a hold came to, as scripts are told it."""
    return {
        "hold": issued.hold,
        "matter": issued.matter,
        "covered": issued.covered,
        "already_destroyed": issued.already_destroyed,
        "begun": list(issued.begun),
    }


def print_issued(binds: str, issued: Issued) -> None:
    """Print what a hold came to, after *binds*, which says what now binds."""
    click.echo(f"{binds} {count_of(issued.covered, 'item')}, and what is captured later")
    if issued.already_destroyed:
        click.echo(f"destroyed before in its bounds: {count_of(issued.already_destroyed, 'item')}")
    _print_too_late(issued)


def _print_too_late(issued: Issued) -> None:
    for item in issued.begun[:_SAID]:
        click.echo(f"too late for {item[:12]}: its destruction had begun; tell counsel", err=True)
    if len(issued.begun) > _SAID:
        rest = len(issued.begun) - _SAID
        click.echo(f"… and too late for {rest} more; --json tells of them all", err=True)
