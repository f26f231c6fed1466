"""`holds notice`, `acknowledge`, `reminders` and `report`: who was told, and what there was."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.arguments import words
from archiver.cli.output import Told, emit_json, iso, json_option
from archiver.cli.root import Counter, pass_counter
from archiver.records.errors import NotFound
from archiver.records.moments import moment, ordinal_day

if TYPE_CHECKING:
    from archiver.office import Office
    from archiver.printing.sheets import Grid, Sheet
    from archiver.procedures.alerting import Letter
    from archiver.procedures.hold_report import HoldReport
    from archiver.procedures.notices import Recipient


@click.command("notice")
@click.argument("hold")
@click.option("--to", "name", required=True, type=words, help="A person's name.")
@click.option("--mail", type=words, help="Send it to this address; else it is printed.")
@click.option("--page", "page", default="", help="The page they administer: how to preserve it.")
@pass_counter
def holds_notice(counter: Counter, hold: str, name: str, mail: str | None, page: str) -> None:
    r"""Tell a custodian of HOLD, and ask for an acknowledgement; reminders follow until it comes.

    \b
    Examples:
      archiver holds notice H-0001 --to "J. Doe" --mail jdoe@example.gov
      archiver holds notice H-0001 --to "Page team" --page Facebook
    """
    from archiver.procedures.notices import give, letter, returned

    office = counter.office
    notice = give(office.account, office.person, hold, _recipient(office, name, mail or "", page))
    written = letter(office.account, office.config.agency, notice)
    if mail and _sent(office, mail, written):
        click.echo(f"{notice.notice} was sent to {name}")
        return
    if mail:
        returned(office.account, office.person.id, notice)
    click.echo(f"{notice.notice}\n\n{written.body}")


def _recipient(office: Office, name: str, mail: str, page: str) -> Recipient:
    from archiver.procedures.notices import Recipient
    from archiver.procedures.roster import named

    try:
        person = named(office.account, name).id
    except NotFound:
        person = ""  # who is not of the roster acknowledges on paper
    of = office.page_id(page) if page else ""
    return Recipient(name=name, person=person, mail=mail, page=of)


def _sent(office: Office, mail: str, written: Letter) -> bool:
    """Send a letter to one address; say whether the server took it, and what it says against it."""
    from archiver.jobs.reminding import send_to

    sent = send_to(office, mail, written)
    if not sent.reached:
        click.echo(f"the mail server did not take it: {sent.fault}", err=True)
    return bool(sent.reached)


@click.command("acknowledge")
@click.argument("hold")
@click.option("--notice", help="A notice that came back signed on paper: N-0001.")
@click.option(
    "--letter",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The signed letter: the file is hashed and kept.",
)
@pass_counter
def holds_acknowledge(counter: Counter, hold: str, notice: str | None, letter: Path | None) -> None:
    r"""Acknowledge your own notices of HOLD, or enter that one came back signed.

    \b
    Examples:
      archiver holds acknowledge H-0001
      archiver holds acknowledge H-0001 --notice N-0002 --letter signed.pdf
    """
    from archiver.procedures.instruments import instrument_at
    from archiver.procedures.notices import acknowledge, acknowledge_on_paper

    office = counter.office
    if notice is None and letter is None:
        for name in acknowledge(office.account, office.person, hold):
            click.echo(f"{name} of {hold} is acknowledged")
        return
    if notice is None or letter is None:
        raise click.UsageError("a notice that came back signed needs --notice and --letter")
    acknowledge_on_paper(office.account, office.person, notice, instrument_at(letter))
    click.echo(f"{notice} of {hold} is acknowledged")


@click.command("reminders")
@click.option("--days", type=click.IntRange(0, 3650), default=0, help="Unanswered for so long.")
@pass_counter
def holds_reminders(counter: Counter, days: int) -> None:
    r"""Print every notice that nobody has acknowledged, to be handed over again.

    \b
    Example:
      archiver holds reminders --days 7
    """
    from archiver.procedures.notices import letter, reminded, waiting

    office = counter.office
    for notice in waiting(office.account, days=days):
        click.echo(
            f"{notice.notice}\n\n{letter(office.account, office.config.agency, notice).body}"
        )
        reminded(office.account, office.person.id, notice)


@click.command("report")
@click.argument("hold")
@click.option("--pdf", type=click.Path(dir_okay=False, path_type=Path), help="Write a PDF.")
@click.option("--csv", type=click.Path(dir_okay=False, path_type=Path), help="Write what was gone.")
@json_option
@pass_counter
def holds_report(
    counter: Counter, hold: str, pdf: Path | None, csv: Path | None, *, as_json: bool
) -> None:
    r"""Say what HOLD covers, since when, who was told, and what in its bounds was already gone.

    \b
    Examples:
      archiver holds report H-0001 --pdf H-0001.pdf
      archiver holds report H-0001 --json
    """
    from archiver.printing.pages import as_pdf
    from archiver.printing.spreadsheets import as_csv
    from archiver.procedures.hold_report import report

    office = counter.office
    found = report(office.account, hold)
    sheet = _sheet(office, found)
    if pdf is not None:
        pdf.write_bytes(as_pdf(sheet))
    if csv is not None:
        gone = sheet.tables[1]
        csv.write_text(as_csv(gone.columns, gone.rows), "utf-8")
    if as_json:
        emit_json(_told(found))
        return
    for name, value in sheet.fields:
        click.echo(f"{name:24} {value}")
    for grid in sheet.tables:
        click.echo(f"\n{grid.title}")
        for row in grid.rows:
            click.echo("\t".join("-" if cell is None else str(cell) for cell in row))


def _sheet(office: Office, found: HoldReport) -> Sheet:
    from archiver.printing.sheets import Sheet

    row, told = found.row, _told(found)
    fields = ("hold", "matter", "matter_name", "kind", "status", "issued_at", "bound_at")
    answered = sum(notice.acknowledged_at is not None for notice in found.notices)
    return Sheet(
        title=f"Legal hold {row.hold.id}",
        subtitle=office.config.agency,
        fields=[
            *((name.replace("_", " "), str(told[name] or "-")) for name in fields),
            ("reason", row.hold.reason),
            ("next review", ordinal_day(row.review_on).isoformat()),
            ("lifted at", iso(row.lifted_at)),
            ("items covered", found.covered),
            ("notices acknowledged", f"{answered} of {len(found.notices)}"),
            ("destroyed within bounds", sum(gone.items for gone in found.gone)),
            ("destroyed, where they lay is not told", found.untold),
            ("open gaps within bounds", len(found.gaps)),
        ],
        tables=_tables(found),
    )


def _tables(found: HoldReport) -> list[Grid]:
    from archiver.printing.sheets import Grid

    return [
        Grid(
            title="Who was told",
            columns=("notice", "to", "given", "acknowledged"),
            rows=[
                (n.notice, n.name, iso(n.given_at), iso(n.acknowledged_at)) for n in found.notices
            ],
        ),
        Grid(
            title="Destroyed within its bounds (authors and words of these are not known)",
            columns=("batch", "certificate", "completed", "items"),
            rows=[(g.batch, g.certificate, iso(g.destroyed_at), g.items) for g in found.gone],
        ),
        Grid(
            title="Gaps within its bounds",
            columns=("page", "what", "why", "since"),
            rows=[
                (found.pages[g.page_n], g.what, g.why, iso(moment(g.opened_at))) for g in found.gaps
            ],
        ),
    ]


def _told(found: HoldReport) -> dict[str, Told]:
    row = found.row
    return {
        "hold": row.hold.id,
        "matter": found.matter.id,
        "matter_name": found.matter.name,
        "kind": row.kind.value,
        "status": row.hold.status.value,
        "issued_at": iso(row.issued_at),
        "bound_at": iso(row.bound_at),
        "lifted_at": iso(row.lifted_at),
        "scopes": [dict(scope.to_json()) for scope in row.hold.scopes],
        "covered": found.covered,
        "notices": [
            {
                "notice": n.notice,
                "to": n.name,
                "given_at": iso(n.given_at),
                "reminded_at": iso(n.reminded_at),
                "acknowledged_at": iso(n.acknowledged_at),
            }
            for n in found.notices
        ],
        "untold": found.untold,
        "already_gone": [
            {
                "batch": g.batch,
                "certificate": g.certificate,
                "completed_at": iso(g.destroyed_at),
                "items": g.items,
            }
            for g in found.gone
        ],
        "gaps": [
            {"page": found.pages[g.page_n], "what": g.what, "why": g.why, "at": iso(g.opened_at)}
            for g in found.gaps
        ],
    }
