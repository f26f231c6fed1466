"""`holds`."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import click

from archiver.cli.arguments import day, words
from archiver.cli.output import Told, day_time, emit_json, iso, json_option, progress, table
from archiver.cli.root import Counter, pass_counter
from archiver.records.errors import ConfigInvalid, NotFound
from archiver.records.holds import Scope
from archiver.records.moments import micros

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.office import Office
    from archiver.procedures.hold import Issued, Known


def _scope_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say what a hold covers."""
    options = (
        click.option("--item", "item_ids", multiple=True, help="An item, by its id; repeatable."),
        click.option("--page", "pages", multiple=True, help="Everything on this page."),
        click.option("--author", "authors", multiple=True, help="An author's id, handle or name."),
        click.option(
            "--from",
            "first",
            type=day,
            metavar="YYYY-MM-DD",
            help="Published on this day or later.",
        ),
        click.option(
            "--to", "last", type=day, metavar="YYYY-MM-DD", help="Published on this day or earlier."
        ),
        click.option("--query", type=words, help="What a search finds, now and from now on."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group()
def holds() -> None:
    r"""Legal holds: what they cover cannot be destroyed, by anybody.

    \b
    Example:
      archiver holds list
    """


@holds.command("issue")
@click.option("--matter", required=True, type=words, help="What the hold is for (a case, a claim).")
@click.option("--reason", required=True, type=words, help="Why; it is kept in the hold's paper.")
@_scope_options
@json_option
@pass_counter
def holds_issue(
    counter: Counter, matter: str, reason: str, *, as_json: bool, **scope: object
) -> None:
    r"""Issue a hold. It binds at once, and everything captured later that it covers.

    Items named with --item are covered, and besides everything that meets all other options.

    \b
    Examples:
      archiver holds issue --matter "Doe v. City" --reason "claim received" --page Facebook
      archiver holds issue --matter 26-0412 --reason subpoena --query '"main street" shooting'
    """
    from archiver.procedures.hold import issue

    office = counter.office
    with progress("items evaluated") as tell:
        issued = issue(
            office.account,
            office.person,
            matter=matter,
            reason=reason,
            scope=_scope(office, scope),
            progress=tell,
        )
    _print_issued(issued, as_json=as_json)


@holds.command("extend")
@click.argument("hold")
@click.option("--reason", required=True, type=words, help="Why; it is kept in a paper.")
@_scope_options
@json_option
@pass_counter
def holds_extend(
    counter: Counter, hold: str, reason: str, *, as_json: bool, **scope: object
) -> None:
    r"""Have HOLD's matter cover more; what is covered stays covered.

    \b
    Example:
      archiver holds extend H-0001 --reason "second incident" --from 2026-03-01 --to 2026-03-09
    """
    from archiver.procedures.hold import extend

    office = counter.office
    with progress("items evaluated") as tell:
        issued = extend(
            office.account,
            office.person,
            hold,
            reason=reason,
            scope=_scope(office, scope),
            progress=tell,
        )
    _print_issued(issued, as_json=as_json)


def _print_issued(issued: Issued, *, as_json: bool) -> None:
    if as_json:
        emit_json(
            {
                "hold": issued.hold,
                "covered": issued.covered,
                "already_destroyed": issued.already_destroyed,
                "begun": list(issued.begun),
            }
        )
        return
    click.echo(f"{issued.hold} binds {issued.covered} items, and what is captured later")
    if issued.already_destroyed:
        click.echo(f"{issued.already_destroyed} items in its bounds were destroyed before")
    for item in issued.begun:
        click.echo(f"too late for {item[:12]}: its destruction had begun", err=True)


@holds.command("lift")
@click.argument("hold")
@click.option(
    "--reason", required=True, type=words, help="On whose authority; it is kept in a paper."
)
@json_option
@pass_counter
def holds_lift(counter: Counter, hold: str, reason: str, *, as_json: bool) -> None:
    r"""Lift HOLD. Its items cool down before any of them can be due.

    \b
    Example:
      archiver holds lift H-0001 --reason "settled 2026-05-04, counsel's letter of that day"
    """
    from archiver.procedures.hold import lift

    office = counter.office
    days = office.config.cool_down_days
    cooled = lift(office.account, office.person, hold, reason=reason, cool_down_days=days)
    if as_json:
        emit_json({"hold": hold, "cooling": cooled, "days": days})
    else:
        click.echo(f"{hold} is lifted; {cooled} items cool down for {days} days")


@holds.command("list")
@json_option
@pass_counter
def holds_list(counter: Counter, *, as_json: bool) -> None:
    r"""List every hold there ever was.

    \b
    Example:
      archiver holds list --json
    """
    from archiver.procedures.hold import every

    found = every(counter.office.account)
    if as_json:
        emit_json({"holds": [_told(known) for known in found]})
        return
    rows = [
        (
            k.row.hold.id,
            k.row.hold.status.value,
            k.row.hold.matter,
            day_time(k.row.issued_at),
            day_time(k.row.lifted_at),
            str(k.covered),
        )
        for k in found
    ]
    table("Holds", ("hold", "status", "matter", "issued", "lifted", "items"), rows)


@holds.command("show")
@click.argument("hold")
@json_option
@pass_counter
def holds_show(counter: Counter, hold: str, *, as_json: bool) -> None:
    r"""Show HOLD: its matter, reason, scope and how many items it covers.

    \b
    Example:
      archiver holds show H-0001
    """
    from archiver.procedures.hold import every

    for known in every(counter.office.account):
        if known.row.hold.id == hold:
            break
    else:
        raise NotFound(f"there is no hold {hold}", remedy="`archiver holds list` names them.")
    if as_json:
        emit_json(_told(known))
        return
    for name, value in _told(known).items():
        click.echo(f"{name:12} {value}")


def _told(known: Known) -> dict[str, Told]:
    row = known.row
    scope: dict[str, Told] = dict(row.hold.scope.to_json())
    return {
        "hold": row.hold.id,
        "status": row.hold.status.value,
        "matter": row.hold.matter,
        "reason": row.hold.reason,
        "issued_at": iso(row.issued_at),
        "by": row.by,
        "lifted_at": iso(row.lifted_at),
        "covered": known.covered,
        "scope": scope,
        "paper": row.paper,
    }


def _scope(office: Office, options: dict[str, object]) -> Scope:
    """Give the scope that the options mean.

    Raises:
        ConfigInvalid: no option says what to cover, no day is meant, or a page is not configured.
        NotFound: an item or an author is not here.
    """
    from archiver.language.grammar import parse
    from archiver.language.written import to_json
    from archiver.procedures.finding import author_ids, full_id

    if not any(options.values()):
        raise ConfigInvalid(
            "say what the hold covers: --item, --page, --author, --from, --to or --query",
            remedy="To hold everything, say --from 1900-01-01.",
        )
    first, last, query = options["first"], options["last"], options["query"]
    if isinstance(first, date) and isinstance(last, date) and last < first:
        raise ConfigInvalid(
            f"--from {first} is after --to {last}: no day lies between",
            remedy="Give the earlier day with --from and the later one with --to.",
        )
    return Scope(
        items=frozenset(full_id(office.catalogue, i) for i in _texts(options["item_ids"])),
        pages=frozenset(office.page_id(name) for name in _texts(options["pages"])),
        authors=frozenset(
            found
            for name in _texts(options["authors"])
            for found in author_ids(office.account, name)
        ),
        published_from=_edge(office, first, days=0),
        published_to=_edge(office, last, days=1),
        query=to_json(parse(str(query), zone=office.config.zone)) if query else None,
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(v) for v in value) if isinstance(value, tuple) else ()


def _edge(office: Office, edge: object, *, days: int) -> int | None:
    """Give the moment at which a day begins in the agency's zone, or ends (*days* = 1)."""
    if not isinstance(edge, date):
        return None
    return micros(datetime.combine(edge + timedelta(days=days), time(), office.config.zone))
