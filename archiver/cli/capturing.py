"""`capture` and `import`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.output import Told, emit_json, json_option, progress, table
from archiver.cli.root import Counter, pass_counter
from archiver.records.captures import CaptureStatus, Coverage
from archiver.records.errors import ConfigInvalid

if TYPE_CHECKING:
    from archiver.office import Office


@click.command()
@click.argument("pages", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every configured page but imports.")
@click.option("--full", is_flag=True, help="Walk the whole page, whatever was seen before.")
@click.option("--light", is_flag=True, help="Look only for what is new, as through the day.")
@click.option("--vouched", is_flag=True, help="I looked: a listing that fell to none is right.")
@json_option
@pass_counter
def capture(
    counter: Counter,
    pages: tuple[str, ...],
    *,
    every: bool,
    full: bool,
    light: bool,
    vouched: bool,
    as_json: bool,
) -> None:
    r"""Visit PAGES and keep what they show; returns with the index up to date.

    Exits with 0 only if every page is complete. A listing that falls from many to none is a
    suspect run, every night, until a person has looked at the page and says --vouched; then
    each missing item is asked for by itself.

    \b
    Examples:
      archiver capture --all
      archiver capture "Facebook page" --full --json
    """
    from archiver.office.naming import page_called

    office = counter.office
    if bool(pages) == every:
        raise ConfigInvalid("name pages, or say --all", remedy="See `archiver capture --help`.")
    if full and light:
        raise ConfigInvalid("--full and --light contradict each other", remedy="Say one of them.")
    names = pages or tuple(p.name for p in office.config.pages if not office.imports(p))
    if not names:
        click.echo("no page is configured that could be visited; see [[pages]]", err=True)
    wanted = list({page.name: page for page in (page_called(office, n) for n in names)}.values())
    if deposits := [page.name for page in wanted if office.imports(page)]:
        raise ConfigInvalid(
            f"{', '.join(deposits)}: reads an export file, not the network",
            remedy="Use `archiver import PATH --page NAME`.",
        )
    with progress("items seen") as tell:
        coverages = office.capture(
            wanted, by=office.person, full=full, light=light, vouched=vouched, progress=tell
        )
    finish(office, coverages, as_json=as_json)


@click.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--page", "name", required=True, help="The page whose export this is.")
@json_option
@pass_counter
def import_(counter: Counter, path: Path, name: str, *, as_json: bool) -> None:
    r"""Import PATH, an export file of a platform; returns with the index up to date.

    The page's connector names the importer. Importing the same file twice changes nothing.

    \b
    Example:
      archiver import facebook-export.zip --page "Facebook page"
    """
    from archiver.office.importing import import_deposit
    from archiver.office.naming import page_called

    office = counter.office
    page = page_called(office, name)
    if not office.imports(page):
        raise ConfigInvalid(
            f"{name}: its connector {page.connector} visits the network",
            remedy="Use `archiver capture NAME`, or a page with an importing connector.",
        )
    with progress("items imported") as tell:
        coverage = import_deposit(office, page, path, by=office.person, progress=tell)
    finish(office, [coverage], as_json=as_json)


def finish(office: Office, coverages: Sequence[Coverage], *, as_json: bool) -> None:
    """Bring index and locks up to date, print what came of the visits, set the exit code."""
    with progress("items indexed") as tell:
        office.feed_index(progress=tell)
    with progress("items locked") as tell:
        office.lock_objects(progress=tell)
    if as_json:
        emit_json({"captures": [told(coverage) for coverage in coverages]})
    else:
        print_coverages(coverages)
    if any(coverage.status is not CaptureStatus.COMPLETE for coverage in coverages):
        sys.exit(1)


def told(coverage: Coverage) -> dict[str, Told]:
    """Give a coverage record as scripts read it."""
    return {
        "page": coverage.page,
        "status": coverage.status.value,
        "fetched": coverage.fetched,
        "seen": coverage.seen,
        "new": coverage.new,
        "changed": coverage.changed,
        "removed": coverage.removed,
        "unchanged": coverage.unchanged,
        "destroyed_before": coverage.destroyed_before,
        "expunged_before": coverage.expunged_before,
        "certificates": sorted(coverage.certificates),
        "platform_count": coverage.platform_count,
        "light": coverage.light,
        "lasting_gaps": coverage.lasting,
        "rechecks_waiting": coverage.rechecks_waiting,
        "gaps": [
            {"what": gap.what, "why": gap.why.value, "detail": gap.detail} for gap in coverage.gaps
        ],
    }


def _destroyed_before(coverage: Coverage) -> Iterator[str]:
    """Say what was seen and not captured again, and under which certificates; never which item."""
    expunged = coverage.expunged_before
    if disposed := coverage.destroyed_before - expunged:
        names = ", ".join(sorted(coverage.certificates)[:20])
        under = f"already disposed of under certificate {names}" if names else "being destroyed"
        yield f"{disposed} items on {coverage.page} are {under}, and are not captured again"
    if expunged:
        yield f"an order of a court covers {expunged} items seen, which are not captured again"


def print_coverages(coverages: Sequence[Coverage]) -> None:
    """Print coverage records as a table, and every gap by name."""
    from archiver.procedures.problems import REMEDY_OF

    rows = [
        (
            c.page,
            c.status.value,
            str(c.seen),
            str(c.new),
            str(c.changed),
            str(c.removed),
            str(c.unchanged),
            f"{len(c.gaps)} (and {c.lasting} lasting)" if c.lasting else str(len(c.gaps)),
        )
        for c in coverages
    ]
    columns = ("page", "status", "seen", "new", "changed", "removed", "unchanged", "gaps")
    table("Captures", columns, rows)
    for coverage in coverages:
        for line in _destroyed_before(coverage):
            click.echo(line)
        if coverage.rechecks_waiting:
            click.echo(f"{coverage.page}: {coverage.rechecks_waiting} re-checks waiting")
        for gap in coverage.gaps[:50]:
            said = f": {gap.detail}" if gap.detail else ""
            click.echo(f"gap on {coverage.page}: {gap.what}: {gap.why.value}{said}", err=True)
        if len(coverage.gaps) > 50:  # noqa: PLR2004 - what a screen holds
            click.echo(f"and {len(coverage.gaps) - 50} more gaps on {coverage.page}", err=True)
    reasons = {gap.why for coverage in coverages for gap in coverage.gaps}
    for why in sorted(reasons & REMEDY_OF.keys()):
        click.echo(f"{why.value}: {REMEDY_OF[why]}", err=True)
