"""`init`."""

from __future__ import annotations

import click

from archiver.cli.arguments import words
from archiver.cli.root import Counter, pass_counter

_COULD_LOCK = """\
this bucket has Object Lock. Say [objects] object_lock = "governance" to make use of it: then
  nobody with the archive's keys, the archiver included, can destroy what a hold covers or what
  is not due. Begin with "governance": a date that proves wrong can still be mended there. What
  "compliance" has locked can be destroyed by nobody before its date, whatever a court orders."""


@click.command()
@click.option(
    "--agency",
    default="Example Police Department",
    show_default=True,
    type=words,
    help="The agency's name, for a new configuration.",
)
@click.option(
    "--time-zone",
    default="America/Los_Angeles",
    show_default=True,
    type=words,
    help="The agency's own time zone, for a new configuration.",
)
@pass_counter
def init(counter: Counter, agency: str, time_zone: str) -> None:
    r"""Make an archive, or open the one the configuration names.

    Without a configuration one is written from the shipped example. A configuration that is
    there is opened as it is, and no file of an archive that stands is changed. The OS account
    that makes the archive becomes its first person, with every role. A bucket that could lock
    what is archived, and is not asked to, is named.

    \b
    Example:
      archiver init --agency "Indio Police Department" --time-zone America/Los_Angeles
    """
    from archiver.office.founding import found, write_example

    if not counter.config.exists():
        write_example(counter.config, agency=agency, time_zone=time_zone)
        click.echo(f"wrote {counter.config}")
    founded = found(counter.config)
    if founded.could_lock:
        click.echo(_COULD_LOCK)
    if founded.first is None:
        click.echo(f"the archive {founded.folder} stands; nothing was changed")
        return
    roles = ", ".join(sorted(founded.first.roles))
    click.echo(f"made the archive {founded.folder}")
    click.echo(f"you ({founded.first.account}) are its first person, with every role: {roles}")
    click.echo(f"back up its keys now: {founded.folder / 'keys'}")
    click.echo("before you decide anything in it: `archiver people enrol`, at a terminal")
