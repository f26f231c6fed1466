"""`holds notice`, `acknowledge` and `reminders`: who is told of a hold, until they answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.arguments import words
from archiver.cli.output import Told, emit_json, json_option
from archiver.cli.root import Counter, pass_counter
from archiver.records.errors import NotFound

if TYPE_CHECKING:
    from archiver.office import Office
    from archiver.procedures.alerting import Letter
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
@json_option
@pass_counter
def holds_reminders(counter: Counter, days: int, *, as_json: bool) -> None:
    r"""Print every notice that nobody has acknowledged, to be handed over again.

    \b
    Example:
      archiver holds reminders --days 7
    """
    from archiver.procedures.notices import letter, reminded, waiting

    office = counter.office
    account, agency = office.account, office.config.agency
    found = [(one, letter(account, agency, one).body) for one in waiting(account, days=days)]
    if as_json:
        told = [{"notice": one.notice, "to": one.name, "letter": body} for one, body in found]
        emit_json({"reminders": list[Told](told)})
    for one, body in found:
        if not as_json:
            click.echo(f"{one.notice}\n\n{body}")
        reminded(account, office.person.id, one)
