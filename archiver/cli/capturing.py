"""`capture`, and what came of visits."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from archiver.cli.output import Told, emit_json, json_option, progress, table
from archiver.cli.root import Counter, pass_counter
from archiver.records.captures import CaptureStatus, Coverage, Gap
from archiver.records.errors import ConfigInvalid

if TYPE_CHECKING:
    from archiver.office import Office

_SCREEN = 50
"""How many gaps are named on a screen."""

_A_LINE = 5
"""How many posts a line names whose comments are counted otherwise than they are shown."""


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

    Exits with 0 only if every page is complete. A listing that falls from many to none, or
    a page that shows nothing of what it had while its items are gone, is a suspect run, every
    night, until it shows an item that it had before, or a person has looked at the page and
    says --vouched; then each missing item is asked for by itself.

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


def finish(
    office: Office,
    coverages: Sequence[Coverage],
    *,
    as_json: bool,
    counts: Sequence[Told] | None = None,
) -> None:
    """Bring index and locks up to date, print what came of the visits, set the exit code.

    What the visits brought is kept, and told, whatever the index says afterwards. *counts* are
    those that an import was held against, where it is one.

    Raises:
        IndexUnavailable: the index is missing or damaged; what was captured waits for it.
    """
    try:
        with progress("items indexed") as tell:
            office.feed_index(progress=tell)
        with progress("items locked") as tell:
            office.lock_objects(progress=tell)
    finally:
        if as_json:
            captures: list[Told] = [told(coverage) for coverage in coverages]
            held = {} if counts is None else {"counts": list(counts)}
            emit_json({"captures": captures} | held)
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
        "not_granted": sorted(coverage.not_granted),
        "rechecks_waiting": coverage.rechecks_waiting,
        "gaps": [
            {"what": gap.what, "why": gap.why.value, "detail": gap.detail} for gap in coverage.gaps
        ],
        "differences": [
            {"item": each.item, "counted": each.counted, "shown": each.shown}
            for each in coverage.differences
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


def _differences(coverage: Coverage) -> Iterator[str]:
    """Say below how many posts a platform counts other comments than it shows, and name some."""
    if differing := coverage.differences:
        some = "; ".join(
            f"{each.item[:12]} {each.counted} counted and {each.shown} shown"
            for each in differing[:_A_LINE]
        )
        more = "; --json names them all" if len(differing) > _A_LINE else ""
        posts = f"{len(differing)} posts on {coverage.page}"
        yield f"{posts} show another number of comments than the platform counts: {some}{more}"


def print_coverages(coverages: Sequence[Coverage]) -> None:
    """Print coverage records as a table, and every gap by name."""
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
        for line in (*_destroyed_before(coverage), *_differences(coverage)):
            click.echo(line)
        if coverage.rechecks_waiting:
            click.echo(f"{coverage.page}: {coverage.rechecks_waiting} re-checks waiting")
        print_gaps(coverage.page, coverage.gaps)
    print_remedies(gap for coverage in coverages for gap in coverage.gaps)


def print_gaps(page: str, gaps: Sequence[Gap]) -> None:
    """Print the gaps of a page by name, as many as a screen holds."""
    for gap in gaps[:_SCREEN]:
        said = f": {gap.detail}" if gap.detail else ""
        click.echo(f"gap on {page}: {gap.what}: {gap.why.value}{said}", err=True)
    if len(gaps) > _SCREEN:
        more = f"and {len(gaps) - _SCREEN} more gaps on {page}; --json names them all"
        click.echo(more, err=True)


def print_remedies(gaps: Iterable[Gap]) -> None:
    """Print what a person can do about *gaps*, once for each reason."""
    from archiver.procedures.problems import REMEDY_OF

    for why in sorted({gap.why for gap in gaps} & REMEDY_OF.keys()):
        click.echo(f"{why.value}: {REMEDY_OF[why]}", err=True)
