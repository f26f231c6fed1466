"""`demo`."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.capturing import print_coverages
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
    """Do a night's work on the samples, and print what came of each step."""
    from archiver.procedures.finding import tallies
    from archiver.procedures.purging import purge

    click.echo("DEMONSTRATION: nothing in here is a record\n")
    print_coverages(_archive(office, folder))
    before = tallies(office.catalogue)
    click.echo(f"\narchived    {before.live} items")
    for tag, count in sorted(before.tags.items()):
        click.echo(f"classified  {count} {tag}")
    click.echo(f"queued      {before.queued} wait for a person")
    hold, covered = _hold(office)
    click.echo(f"held        {covered} items by {hold}")
    with office.disposer() as disposer:
        purged = purge(disposer, office.person, office.schedule, carry_out_too=True)
    after = tallies(office.catalogue)
    click.echo(f"purged      {purged.destroyed} lapsed transitory items")
    for item, reasons in purged.stayed:
        click.echo(f"stayed      {item[:12]}: {'; '.join(reasons)}")
    click.echo(f"kept        {after.live} items, and {after.destroyed} tombstones")
    click.echo(f"\nLook next (cd {folder}):")
    for words in (
        "items search 'road OR suspect'",
        "review list",
        f"holds show {hold}",
        f"dispositions show {purged.plan}",
        "verify --read-data",
        "status",
    ):
        click.echo(f"  archiver {words}")


def _archive(office: Office, folder: Path) -> list[Coverage]:
    from archiver.office.importing import import_deposit

    pages = [page for page in office.config.pages if not office.imports(page)]
    coverages = office.capture(pages, by=office.person)
    export = office.config.page("export")
    coverages.append(
        import_deposit(office, export, folder / "export.zip", by=office.person, expected={})
    )
    office.feed_index()
    return coverages


def _hold(office: Office) -> tuple[str, int]:
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
    return issued.hold, issued.covered
