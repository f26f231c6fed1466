"""`holds`: issue, widen, review, list and show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from archiver.cli.arguments import words
from archiver.cli.custody import (
    holds_acknowledge,
    holds_notice,
    holds_reminders,
)
from archiver.cli.hold_reporting import holds_report
from archiver.cli.letting_go import holds_lift, holds_narrow
from archiver.cli.output import Told, day_time, emit_json, iso, json_option, progress, said, table
from archiver.cli.root import Counter, pass_counter
from archiver.cli.scopes import capture_scope, neighbours, scope_of, scope_options, scope_told
from archiver.cli.surroundings import (
    authors_told,
    print_authors,
    print_issued,
    show_counts,
    take_in_around,
    told_issued,
)
from archiver.records.errors import NotFound
from archiver.records.matters import MatterKind, NewMatter
from archiver.records.moments import ordinal_day

if TYPE_CHECKING:
    from archiver.office import Office
    from archiver.procedures.hold import Issued, Known
    from archiver.records.holds import Neighbours, Scope

KINDS = [kind.value for kind in MatterKind]
_capture = click.option("--no-capture", is_flag=True, help="Do not visit the pages in scope now.")
_with = click.option(
    "--with",
    "around",
    type=neighbours,
    help="Take in whole threads, and all else their public authors wrote: `threads,authors`.",
)
_show = click.option(
    "--show", is_flag=True, help="Only say how many items that you may see it would bind."
)


@click.group()
def holds() -> None:
    r"""Legal holds: what they cover cannot be destroyed, by anybody.

    \b
    Example:
      archiver holds list
    """


@holds.command("issue")
@click.option(
    "--matter", required=True, type=words, help="Its id (M-0001), or what the hold is for."
)
@click.option("--kind", type=click.Choice(KINDS), default="litigation", help="Of a new matter.")
@click.option("--reason", required=True, type=words, help="Why; it is kept in the hold's paper.")
@scope_options
@_with
@_capture
@_show
@json_option
@pass_counter
def holds_issue(
    counter: Counter,
    matter: str,
    kind: str,
    reason: str,
    *,
    around: frozenset[Neighbours] | None,
    no_capture: bool,
    show: bool,
    as_json: bool,
    **scope: object,
) -> None:
    r"""Issue a hold. It binds at once, and everything captured later that it covers.

    What --item and --thread name is covered, and besides everything that meets all other
    options; always with every version and attachment. A text as --matter opens a matter.
    --with takes in threads and authors, also of what is covered later; the counts are said before.
    What you may not see it binds and counts, too, and is an entry; --show, which is none, does not.
    Whom --author takes in is named: one name may be several people's. Who is called so later is
    taken in as that is captured, on any platform; `holds show` names them.

    \b
    Examples:
      archiver holds issue --matter "Doe v. City" --reason "claim received" --page Facebook
      archiver holds issue --matter M-0001 --reason subpoena --query '"main street" shooting'
      archiver holds issue --matter M-0001 --reason claim --query bus --with threads,authors --show
    """
    from archiver.procedures.hold import issue

    office = counter.office
    wanted = scope_of(office, scope)
    if show:
        show_counts(office, wanted, around or frozenset(), as_json=as_json)
        return
    with progress("items evaluated") as tell:
        issued = issue(
            office.account,
            office.person,
            matter=matter_of(matter, kind),
            reason=reason,
            scope=wanted,
            review_days=office.config.review_days,
            captures=not no_capture,
            store=office.legal_holder,
            progress=tell,
        )
    _finish(office, issued, wanted, around or frozenset(), no_capture=no_capture, as_json=as_json)


def matter_of(text: str, kind: str) -> NewMatter | str:
    """Give the id of a matter as it stands, and any other text as the name of a new one."""
    start, dash, digits = text.partition("-")
    if start == "M" and dash and digits.isdigit():
        return text
    return NewMatter(name=text, kind=MatterKind(kind))


@click.command("widen")
@click.argument("hold")
@click.option("--reason", required=True, type=words, help="Why; it is kept in a paper.")
@scope_options
@_with
@_capture
@_show
@json_option
@pass_counter
def holds_widen(
    counter: Counter,
    hold: str,
    reason: str,
    *,
    around: frozenset[Neighbours] | None,
    no_capture: bool,
    show: bool,
    as_json: bool,
    **scope: object,
) -> None:
    r"""Have HOLD's matter cover more; what is covered stays covered. `extend` is the same.

    What is added is a hold of its own, so that the scope of each stays as it was written.

    \b
    Examples:
      archiver holds widen H-0001 --reason "second incident" --from 2026-03-01 --to 2026-03-09
      archiver holds extend H-0001 --reason "the whole thread" --thread 3f9a2c
    """
    from archiver.procedures.hold import widen

    office = counter.office
    wanted = scope_of(office, scope)
    if show:
        show_counts(office, wanted, around or frozenset(), as_json=as_json)
        return
    with progress("items evaluated") as tell:
        issued = widen(
            office.account,
            office.person,
            hold,
            reason=reason,
            scope=wanted,
            review_days=office.config.review_days,
            captures=not no_capture,
            store=office.legal_holder,
            progress=tell,
        )
    _finish(office, issued, wanted, around or frozenset(), no_capture=no_capture, as_json=as_json)


holds.add_command(holds_widen)
holds.add_command(holds_widen, "extend")
holds.add_command(holds_narrow)
holds.add_command(holds_lift)
holds.add_command(holds_notice)
holds.add_command(holds_acknowledge)
holds.add_command(holds_reminders)
holds.add_command(holds_report)


def _finish(
    office: Office,
    issued: Issued,
    scope: Scope,
    around: frozenset[Neighbours],
    *,
    no_capture: bool,
    as_json: bool,
) -> None:
    """Visit the pages, take in what lies around, and print what the hold came to.

    The hold binds already; what lies around it is counted, and at a terminal asked for, before.
    """
    from archiver.procedures.hold import named

    seen = [] if no_capture else capture_scope(office, issued.hold)
    covering = named(office.account, issued.hold).hold.scope if scope.called else scope
    if not as_json:
        print_issued(f"{issued.hold} binds", issued)
        print_authors(office, covering)
    added = take_in_around(office, issued.hold, around, say=not as_json) if around else None
    if as_json:
        told = told_issued(issued)
        told["captures"] = [{"page": one.page, "status": one.status.value} for one in seen]
        told["around"] = added
        emit_json(told | authors_told(office, covering))


@holds.command("review")
@click.argument("hold")
@click.option("--reason", required=True, type=words, help="Why it must stand; kept in a paper.")
@click.option("--days", type=click.IntRange(1, 3650), help="Until the next review.")
@pass_counter
def holds_review(counter: Counter, hold: str, reason: str, days: int | None) -> None:
    r"""Enter that HOLD was looked at and must stand; this sets its next review.

    A hold whose review is due says so in `status` and in alerts, and never lapses.

    \b
    Example:
      archiver holds review H-0001 --reason "trial set for October; counsel wants it kept"
    """
    from archiver.procedures.hold import review

    office = counter.office
    days = days or office.config.review_days
    on = review(office.account, office.person, hold, reason=reason, days=days)
    click.echo(f"{hold} stands; its next review is on {on.isoformat()}")


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
    from archiver.procedures.lost_items import lost_by_hold
    from archiver.procedures.request_words import names_of_pages

    account = counter.for_reader.account
    found, lost = every(account), lost_by_hold(account)
    if as_json:
        names = names_of_pages(account)
        emit_json({"holds": [_told(known, names, lost) for known in found]})
        return
    rows = [
        (
            k.row.hold.id,
            k.row.hold.status.value,
            f"{k.matter.id} {k.matter.name}",
            day_time(k.row.issued_at),
            ordinal_day(k.row.review_on).isoformat() if k.row.hold.binds else "-",
            day_time(k.row.lifted_at),
            f"{k.covered}, and {lost[k.row.hold.id]} lost"
            if k.row.hold.id in lost
            else str(k.covered),
        )
        for k in found
    ]
    columns = ("hold", "status", "matter", "issued", "review on", "lifted", "items")
    table("Holds", columns, rows)


@holds.command("show")
@click.argument("hold")
@json_option
@pass_counter
def holds_show(counter: Counter, hold: str, *, as_json: bool) -> None:
    r"""Show HOLD: its matter, reason, scope, how many items it covers, and whom it takes in by now.

    \b
    Example:
      archiver holds show H-0001
    """
    from archiver.procedures.hold import every
    from archiver.procedures.lost_items import lost_by_hold
    from archiver.procedures.request_words import names_of_pages

    account = counter.for_reader.account
    for known in every(account):
        if known.row.hold.id == hold:
            break
    else:
        raise NotFound(f"there is no hold {hold}", remedy="`archiver holds list` names them.")
    whom = known.row.hold.whom
    told = _told(known, names_of_pages(account), lost_by_hold(account))
    if as_json:
        emit_json(told | authors_told(counter.office, whom))
        return
    for name, value in told.items():
        click.echo(f"{name:12} {said(value)}")
    print_authors(counter.office, whom)


def _told(known: Known, names: Mapping[str, str], lost: Mapping[str, int]) -> dict[str, Told]:
    row = known.row
    return {
        "hold": row.hold.id,
        "status": row.hold.status.value,
        "matter": row.hold.matter,
        "matter_name": known.matter.name,
        "kind": row.kind.value,
        "reason": row.hold.reason,
        "issued_at": iso(row.issued_at),
        "bound_at": iso(row.bound_at),
        "by": row.by,
        "review_on": ordinal_day(row.review_on).isoformat(),
        "lifted_at": iso(row.lifted_at),
        "covered": known.covered,
        "lost": lost.get(row.hold.id, 0),
        "scope": scope_told(row.hold.scope, names),
        "narrowed": [scope_told(scope, names) for scope in row.hold.narrowed],
        "paper": row.paper,
    }
