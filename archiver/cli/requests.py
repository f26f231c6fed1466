"""`requests`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import click

from archiver.cli.arguments import day, words
from archiver.cli.letting_go import narrowing_foreseen, print_foreseen, told_foreseen
from archiver.cli.output import Told, emit_json, iso, json_option, said, table
from archiver.cli.root import Counter, pass_counter
from archiver.cli.scopes import capture_scope, period_options, query_option, scope_of, scope_told
from archiver.cli.surroundings import print_issued, told_issued
from archiver.records.counting import count_of
from archiver.records.requests import RequestKind

if TYPE_CHECKING:
    from archiver.office import Office
    from archiver.procedures.request_words import Asked
    from archiver.procedures.requests import Known

_KINDS = [kind.value for kind in RequestKind]


@click.group()
def requests() -> None:
    r"""The register of records requests: each freezes what it is about.

    \b
    Example:
      archiver requests list
    """


@requests.command("open")
@click.option("--number", required=True, type=words, help="What the office calls it.")
@click.option("--kind", required=True, type=click.Choice(_KINDS), help="Under which law it is.")
@click.option("--received", required=True, type=day, metavar="YYYY-MM-DD", help="When it came.")
@click.option("--about", type=words, help="What it asks for; kept in its paper.")
@period_options
@click.option("--no-capture", is_flag=True, help="Do not visit the pages in scope now.")
@json_option
@pass_counter
def requests_open(
    counter: Counter,
    number: str,
    kind: str,
    received: date,
    about: str | None,
    *,
    no_capture: bool,
    as_json: bool,
    **scope: object,
) -> None:
    r"""Enter a request. Its pages and days are frozen at once, until a person narrows it.

    What a search finds is no part of it: `archiver requests narrow` has it freeze that alone.

    \b
    Example:
      archiver requests open --number 26-0412 --kind cpra --received 2026-04-02 --page Facebook
    """
    from archiver.procedures.requests import NewRequest, open_request

    office = counter.office
    wanted = scope_of(office, scope)
    new = NewRequest(number=number, kind=RequestKind(kind), received_on=received, about=about or "")
    opened = open_request(
        office.account,
        office.person,
        new,
        wanted,
        review_days=office.config.review_days,
        captures=not no_capture,
        store=office.legal_holder,
    )
    if not no_capture:
        capture_scope(office, opened.frozen.hold)
    frozen = opened.frozen
    if as_json:
        emit_json({"request": opened.request, **told_issued(frozen)})
        return
    print_issued(f"{opened.request} ({frozen.hold}) freezes", frozen)


@requests.command("narrow")
@click.argument("request")
@period_options
@query_option
@click.option("--reason", type=words, help="Why; it is kept in a paper.")
@click.option("--show", is_flag=True, help="Only say what would thaw, and when it could be due.")
@json_option
@pass_counter
def requests_narrow(
    counter: Counter,
    request: str,
    *,
    reason: str | None,
    show: bool,
    as_json: bool,
    **scope: object,
) -> None:
    r"""Have the open REQUEST freeze only what the options cover too.

    \b
    Example:
      archiver requests narrow R-0001 --query '"main street"' --reason "agreed with requester"
    """
    from archiver.procedures.requests import named, narrow_request

    office = counter.office
    days, wanted = office.config.request_cool_down_days, scope_of(office, scope)
    seen = narrowing_foreseen(office, named(office.account, request).request.hold, wanted, days)
    told: dict[str, Told] = {"request": request, "would_fall_due": told_foreseen(seen)}
    if not as_json:
        print_foreseen(seen)
    if not show:
        if reason is None:
            raise click.UsageError("say --reason, or --show")
        narrowed = narrow_request(
            office.account,
            office.sign_in(),
            request,
            reason=reason,
            scope=wanted,
            cool_down_days=days,
            store=office.legal_holder,
        )
        told |= {"left": narrowed.left, "covered": narrowed.covered}
        if not as_json:
            left = count_of(narrowed.left, "item thaws", "items thaw")
            cool = f"to cool down for {count_of(days, 'day')}"
            click.echo(f"{left}, {cool}; still frozen: {narrowed.covered}")
    if as_json:
        emit_json(told)


@requests.command("close")
@click.argument("request")
@click.option("--outcome", required=True, type=words, help="How it ended; kept in a paper.")
@click.option("--on", type=day, metavar="YYYY-MM-DD", help="The day; today where not said.")
@pass_counter
def requests_close(counter: Counter, request: str, outcome: str, on: date | None) -> None:
    r"""Close REQUEST. What it froze stays frozen until its own file ends, or counsel lifts it.

    Its file is counted from today, whatever day --on says.

    \b
    Example:
      archiver requests close R-0001 --outcome "produced in full" --on 2026-05-04
    """
    from archiver.procedures.requests import close_request, every

    office = counter.office
    on = on or office.account.today()
    close_request(office.account, office.person, request, outcome=outcome, on=on)
    (known,) = (k for k in every(office.account, office.schedule) if k.row.request.id == request)
    when = f"until {known.ends.isoformat()}" if known.ends else "until counsel lifts it in writing"
    frozen = count_of(known.covered, "item stays", "items stay")
    click.echo(f"{request} is closed; {frozen} frozen {when}")


@requests.command("list")
@json_option
@pass_counter
def requests_list(counter: Counter, *, as_json: bool) -> None:
    r"""List the register.

    \b
    Example:
      archiver requests list --json
    """
    from archiver.procedures.requests import every

    office = counter.for_reader
    found = _all_told(office, every(office.account, office.schedule))
    if as_json:
        emit_json({"requests": found})
        return
    rows = [tuple(said(told[name]) for name in _LISTED) for told in found]
    table("Requests", [name.removesuffix("_on") for name in _LISTED], rows)


@requests.command("show")
@click.argument("request")
@json_option
@pass_counter
def requests_show(counter: Counter, request: str, *, as_json: bool) -> None:
    r"""Show REQUEST: what it asks for, what it froze and until when, and how it ended.

    It came too late for items whose destruction had begun when it was opened: they are named.

    \b
    Example:
      archiver requests show R-0001
    """
    from archiver.procedures.requests import every, named

    office = counter.for_reader
    wanted = named(office.account, request).n
    found = [k for k in every(office.account, office.schedule) if k.row.n == wanted]
    (told,) = _all_told(office, found)
    if as_json:
        emit_json(told)
        return
    for name, value in told.items():
        click.echo(f"{name:18} {said(value)}")


_LISTED = (
    *("request", "number", "kind", "received_on", "closed_on", "hold", "freeze"),
    *("about", "scope", "narrowed", "outcome"),
)
"""What the list shows of each request."""


def _all_told(office: Office, found: Sequence[Known]) -> list[dict[str, Told]]:
    from archiver.procedures.request_words import asked_in, names_of_pages

    asked = asked_in(office.account, [known.row for known in found])
    names = names_of_pages(office.account)
    return [_told(known, asked[known.row.request.id], names) for known in found]


def _told(known: Known, asked: Asked, names: Mapping[str, str]) -> dict[str, Told]:
    request = known.row.request
    return {
        "request": request.id,
        "number": request.number,
        "kind": request.kind.value,
        "received_on": request.received_on.isoformat(),
        "opened_at": iso(known.row.opened_at),
        "by": known.row.by,
        "closed_on": request.closed_on.isoformat() if request.closed_on else None,
        "closing_entered_on": (
            request.closing_entered_on.isoformat() if request.closing_entered_on else None
        ),
        "about": asked.about,
        "outcome": asked.outcome,
        "hold": request.hold,
        "scope": scope_told(asked.scope, names),
        "narrowed": [scope_told(scope, names) for scope in asked.narrowed],
        "covered": known.covered,
        "too_late_for": list(asked.begun),
        "too_late_for_more": asked.more,
        "freeze": "ended" if known.row.status.value == "lifted" else "binds",
        "freeze_ends": known.ends.isoformat() if known.ends else None,
        "paper": known.row.paper,
    }
