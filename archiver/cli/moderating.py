"""`moderation`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.arguments import day
from archiver.cli.output import Told, emit_json, iso, json_option, shortened, table
from archiver.cli.root import Counter, pass_counter
from archiver.records.moments import micros

if TYPE_CHECKING:
    from archiver.office import Office
    from archiver.procedures.moderation import ModerationReport, OutOfSight, Span
    from archiver.procedures.moderation_lists import ListTold

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def moderation() -> None:
    r"""Moderation: what went out of sight on a page, and what the platform says of it.

    \b
    Example:
      archiver moderation report --page Facebook --from 2026-01-01
    """


@moderation.command("report")
@click.option("--page", required=True, help="The page.")
@click.option("--from", "since", type=day, help="The first day; without it, from the beginning.")
@click.option("--to", "until", type=day, help="The last day; without it, today.")
@click.option("--pdf", type=_FILE, metavar="FILE", help="Print it.")
@click.option("--csv", type=_FILE, metavar="FILE", help="Write its items as a table.")
@json_option
@pass_counter
def moderation_report(
    counter: Counter,
    page: str,
    since: date | None,
    until: date | None,
    pdf: Path | None,
    csv: Path | None,
    *,
    as_json: bool,
) -> None:
    r"""List every item of PAGE seen hidden, removed or no longer shown, with what is known of it.

    What it said, when it was last seen and first missing, and ground and actor where the platform
    tells them; whom the page blocked and unblocked, what it filters, and the platform's own log,
    where the platform shows them; then what visits could not have, and what the connector never
    sees. An item is listed where anything of this was seen between the two days.

    \b
    Examples:
      archiver moderation report --page Facebook --from 2026-01-01 --to 2026-03-31
      archiver moderation report --page Facebook --pdf moderation.pdf --csv moderation.csv
    """
    from archiver.printing import as_pdf, csv_lines
    from archiver.procedures.moderation import report
    from archiver.procedures.moderation_sheets import COLUMNS, moderation_rows, moderation_sheet

    office = counter.office
    zone, span = office.config.zone, _span(office, since, until)
    found = report(office.account, office.objects, office.person, office.page_id(page), span)
    found = replace(found, blind_to=_blind_to(office, found.page.connector))
    if pdf is not None:
        pdf.write_bytes(as_pdf(moderation_sheet(office.config.agency, found, zone)))
    if csv is not None:
        with csv.open("w", encoding="utf-8-sig", newline="") as file:
            file.writelines(csv_lines(COLUMNS, moderation_rows(found, zone)))
    if as_json:
        emit_json(_told(found))
    else:
        _print(found)


def _span(office: Office, since: date | None, until: date | None) -> Span:
    """Give the time from the first of two days to the end of the second, in the agency's zone."""
    from archiver.procedures.moderation import Span

    last = until or office.account.today()
    if since is not None and since > last:
        raise click.BadParameter(f"{since} is after {last}", param_hint="--from")

    def begins(on: date) -> int:
        return micros(datetime.combine(on, time(), office.config.zone))

    return Span(since=begins(since) if since else 0, until=begins(last + timedelta(days=1)))


def _blind_to(office: Office, connector: str) -> tuple[str, ...]:
    """Give what a connector never sees; nothing of one that is no longer installed."""
    installed = office.connectors.get(connector)
    return installed.capabilities.blind_to if installed else ()


def _print(found: ModerationReport) -> None:
    from archiver.procedures.moderation_sheets import author_of, text_of, told_in_words

    rows = [
        (
            one.found.row.item[:12],
            one.found.row.kind,
            author_of(one),
            iso(one.last_seen) or "never",
            iso(one.first_missing) or "",
            "; ".join(told_in_words(each) for each in one.told),
            iso(one.back_at) or "-",
            shortened(text_of(one)),
        )
        for one in found.items
    ]
    columns = ("id", "kind", "author", "last seen", "first missing", "seen", "seen again", "text")
    table(f"Moderation of {found.page.name}", columns, rows)
    _print_lists(found)
    for gap in found.gaps:
        closed = f", closed {iso(gap.closed_at)}" if gap.closed_at else ", open"
        click.echo(f"gap since {iso(gap.opened_at)}: {gap.what}: {gap.why}{closed}")
    counted = ", ".join(f"{count} {how}" for how, count in sorted(found.visits.items()))
    click.echo(
        f"{len(found.items)} times out of sight; visits: {counted or 'none'}; "
        f"{found.not_shown} restricted items not shown; {found.tombstones} items of this page "
        "are destroyed by authority, and nothing can be told of them",
        err=True,
    )
    for line in found.blind_to:
        click.echo(f"not seen by the connector: {line}", err=True)


def _print_lists(found: ModerationReport) -> None:
    from archiver.procedures.moderation_list_sheets import changed_entries

    for each in found.lists.lists:
        click.echo(f"{each.title}: {len(each.stands)}, known since {iso(each.first_seen)}")
    for each, changed, what, entry in changed_entries(found.lists):
        between = f"between {iso(changed.unchanged_until)} and {iso(changed.at)}"
        click.echo(f"{each.title}: {entry.line()}: {what}, {between}")
    for logged in found.lists.logged:
        click.echo(f"log {iso(logged.at)}: {logged.words}, by {logged.actor or 'nobody named'}")


def _told(found: ModerationReport) -> dict[str, Told]:
    return {
        "page": found.page.name,
        "from": iso(found.span.since) if found.span.since else None,
        "to_before": iso(found.span.until),
        "items": [_item(one) for one in found.items],
        "lists": [_list(each) for each in found.lists.lists],
        "log": [
            {"id": each.found.row.item, "at": iso(each.at), "actor": each.actor,
             "words": each.words}
            for each in found.lists.logged
        ],
        "not_shown": found.not_shown,
        "visits": dict[str, Told](found.visits),
        "gaps": [
            {"what": g.what, "why": g.why, "opened_at": iso(g.opened_at),
             "closed_at": iso(g.closed_at)}
            for g in found.gaps
        ],
        "tombstones": found.tombstones,
        "blind_to": list(found.blind_to),
    }  # fmt: skip


def _item(one: OutOfSight) -> dict[str, Told]:
    from archiver.procedures.moderation_sheets import author_of

    row, content = one.found.row, one.content
    return {
        "id": row.item,
        "kind": row.kind,
        "author": author_of(one),
        "published_at": iso(row.published_at),
        "title": content.title if content else "",
        "text": content.text if content else "",
        "last_seen": iso(one.last_seen),
        "visited_before": iso(one.visited_before),
        "first_missing": iso(one.first_missing),
        "back_at": iso(one.back_at),
        "seen": [
            {"at": iso(t.at), "state": t.state, "actor": t.actor, "ground": t.ground,
             "remark": t.remark}
            for t in one.told
        ],
        "url": content.permalink if content else "",
        "held": bool(one.found.held),
    }  # fmt: skip


def _list(each: ListTold) -> dict[str, Told]:
    return {
        "id": each.found.row.item,
        "title": each.title,
        "known_since": iso(each.first_seen),
        "entries": [entry.line() for entry in each.stands],
        "changes": [
            {
                "as_before_until": iso(changed.unchanged_until),
                "found_at": iso(changed.at),
                "added": [entry.line() for entry in changed.change.added],
                "dropped": [entry.line() for entry in changed.change.dropped],
                "altered": [[old.line(), new.line()] for old, new in changed.change.altered],
                "emptied": changed.change.emptied,
            }
            for changed in each.changes
        ],
    }
