"""`demo`."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.capturing import print_coverages
from archiver.cli.running import name_problems
from archiver.records.errors import ConfigInvalid

if TYPE_CHECKING:
    from archiver.office import Office
    from archiver.records.captures import Coverage

_MARK = ".archiver-demo"

_CONFIG = """\
# What `archiver demo` wrote. Nothing in this archive is a record.
[agency]
name = "Rivertown Police Department"
time_zone = "America/Los_Angeles"
demonstration = true

[archive]
schedule = "demo"

[purge]
mode = "carry-out"

[fetching]
allow_private_hosts = ["127.0.0.1"]

[[pages]]
name = "blog"
connector = "wordpress"
url = "{base}/blog"

[[pages]]
name = "microblog"
connector = "mastodon"
url = "{base}/@rivertownpd"

[[pages]]
name = "press releases"
connector = "feed"
url = "{base}/feed.xml"

[[pages]]
name = "export"
connector = "facebook-export"
url = "https://www.facebook.com/rivertownpd"
"""


@click.command()
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".demo"),
    show_default=True,
    help="Where to put it; an earlier demonstration there is replaced.",
)
def demo(folder: Path) -> None:
    r"""Show the nightly job on shipped samples, in a folder apart.

    An invented department's blog, microblog, press releases and export file are served on this
    machine, archived, classified, held and purged under a demonstration schedule.

    \b
    Example:
      archiver demo
    """
    from archiver.cli.sample_site import read_samples, serving, write_export
    from archiver.office import Office
    from archiver.office.founding import found
    from archiver.office.lookup import read_config, shipped

    samples = shipped("_samples", "samples")
    _clear(folder)
    config = folder / "config.toml"
    with serving(samples) as base:
        config.write_text(_CONFIG.format(base=base), "utf-8")
        write_export(folder / "export.zip", read_samples(samples)["export"])
        found(config)
        office = Office(read_config(config, os.environ))
        try:
            _show(office, folder)
        finally:
            office.close()


def _clear(folder: Path) -> None:
    """Make *folder* empty; one that is not of an earlier demonstration is left alone.

    Raises:
        ConfigInvalid: there is something else.
    """
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARK).exists():
            raise ConfigInvalid(f"{folder} holds something else; name another with --folder")
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / _MARK).touch()


def _show(office: Office, folder: Path) -> None:
    """Place a hold, do a night's work on the samples, and print what came of each step."""
    from archiver.jobs.work import do_night
    from archiver.procedures.finding import Tallies, tallies
    from archiver.procedures.hold import every

    click.echo("DEMONSTRATION: nothing in here is a record\n")
    hold = _hold(office)
    captured: list[Tallies] = []

    def visit() -> list[Coverage]:
        coverages = _archive(office, folder)
        captured.append(tallies(office.catalogue))
        return coverages

    report = do_night(office, office.person, again=True, capture=visit)
    if report is None:
        raise TypeError("a night done again gives a report")
    [before], after = captured, tallies(office.catalogue)
    print_coverages(report.captures)
    click.echo(f"\narchived    {before.live} items")
    for tag, count in sorted(before.tags.items()):
        click.echo(f"classified  {count} {tag}")
    click.echo(f"queued      {before.queued} wait for a person")
    [held] = [known.covered for known in every(office.account)]
    click.echo(f"held        {held} items by {hold}, issued before they were captured")
    click.echo(f"purged      {report.purged.destroyed} lapsed transitory items")
    for item, reasons in report.purged.stayed:
        click.echo(f"stayed      {item[:12]}: {'; '.join(reasons)}")
    click.echo(f"kept        {after.live} items, and {after.destroyed} tombstones")
    _say_where_to_look(folder, hold, report.purged.plan)
    name_problems(report)


def _say_where_to_look(folder: Path, hold: str, plan: str) -> None:
    program = program_from(folder)
    click.echo(f"\nLook next (cd {folder}):")
    for words in (
        "items search 'road OR suspect'",
        "review list",
        f"holds show {hold}",
        f"dispositions show {plan}",
        "verify --read-data",
        "status",
    ):
        click.echo(f"  {program} {words}")


def program_from(folder: Path) -> str:
    """Say how this program is called from inside *folder*: by its name, or by where it lies."""
    beside = Path(sys.executable).with_name("archiver")
    if shutil.which("archiver") is not None or not beside.exists():
        return "archiver"
    return os.path.relpath(beside, folder)


def _archive(office: Office, folder: Path) -> list[Coverage]:
    """Visit the sample pages, and read the sample export in its page's place."""
    from archiver.jobs.work import visit_all
    from archiver.office.importing import import_deposit

    coverages = visit_all(office, office.person, progress=lambda _count: None)
    export = office.config.page("export")
    imported = import_deposit(office, export, folder / "export.zip", by=office.person, expected={})
    return [*coverages, imported.coverage]


def _hold(office: Office) -> str:
    """Hold what a search finds, now and in whatever is captured later; give the hold's name."""
    from archiver.language.grammar import parse
    from archiver.language.written import to_json
    from archiver.procedures.hold import issue
    from archiver.records.holds import Scope
    from archiver.records.matters import NewMatter

    issued = issue(
        office.account,
        office.person,
        matter=NewMatter(name="Demonstration v. Rivertown"),
        reason="to show that a hold outranks a lapsed period",
        scope=Scope(query=to_json(parse("valentine's", zone=office.config.zone))),
    )
    return issued.hold
