"""`import`, and its dry run."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.capturing import finish, print_gaps, print_remedies
from archiver.cli.output import Told, emit_json, json_option, progress, table
from archiver.cli.root import Counter, pass_counter
from archiver.records.errors import ConfigInvalid
from archiver.records.items import ItemKind
from archiver.records.moments import written

if TYPE_CHECKING:
    from archiver.procedures.reckoning import Count
    from archiver.procedures.rehearsing import Rehearsal

_EXPECTED = re.compile(r"([a-z]+)=(\d{1,12})")


@click.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--page", "name", required=True, help="The page whose export this is.")
@click.option("--dry-run", is_flag=True, help="Say what would come in and what not; keep nothing.")
@click.option(
    "--expect",
    "expected",
    multiple=True,
    metavar="KIND=N",
    help="How many there should be: items=N of all, or post=N, comment=N and so on.",
)
@json_option
@pass_counter
def import_(
    counter: Counter,
    path: Path,
    name: str,
    *,
    dry_run: bool,
    expected: tuple[str, ...],
    as_json: bool,
) -> None:
    r"""Import PATH, an export file of a platform; returns with the index up to date.

    The page's connector names the importer. Importing the same file twice changes nothing.

    --expect holds a count against the records of that kind that were read out of the export:
    whether they are new here or not, and each as it stands last, without its earlier wordings. A
    kind that is not named is not compared. Where a count is not met the import is partial, exits
    with 1, and the gap says both numbers; what was read is kept. With --dry-run nothing is.

    \b
    Examples:
      archiver import facebook-export.zip --page "Facebook page" --dry-run
      archiver import facebook-export.zip --page "Facebook page" --expect post=1204
    """
    from archiver.office.importing import import_deposit, rehearse_import
    from archiver.office.naming import page_called

    office = counter.office
    page = page_called(office, name)
    if not office.imports(page):
        raise ConfigInvalid(
            f"{name}: its connector {page.connector} visits the network",
            remedy="Use `archiver capture NAME`, or a page with an importing connector.",
        )
    counts = _counts(expected)
    if dry_run:
        with progress("items read") as tell:
            tried = rehearse_import(
                office, page, path, by=office.person, expected=counts, progress=tell
            )
        _show(tried, as_json=as_json)
        return
    with progress("items imported") as tell:
        imported = import_deposit(
            office, page, path, by=office.person, expected=counts, progress=tell
        )
    if not as_json:
        _print_counts(imported.counts)
    finish(office, [imported.coverage], as_json=as_json, counts=_counts_told(imported.counts))


def _counts(expected: tuple[str, ...]) -> dict[str, int]:
    """Read `post=12`; `items` stands for all, and is kept under no kind."""
    kinds = {"items", *(kind.value for kind in ItemKind)}
    counts: dict[str, int] = {}
    for told in expected:
        found = _EXPECTED.fullmatch(told)
        if not found or found[1] not in kinds or found[1] in counts:
            raise ConfigInvalid(
                f"--expect {told}: is not KIND=N, or names a kind twice",
                remedy=f"The kinds are {', '.join(sorted(kinds))}.",
            )
        counts[found[1]] = int(found[2])
    return {"" if kind == "items" else kind: count for kind, count in counts.items()}


def _show(tried: Rehearsal, *, as_json: bool) -> None:
    """Print what a dry run came to; exits with 1 where an import would not be complete."""
    if as_json:
        emit_json({"dry_run": _told(tried)})
    else:
        _print(tried)
    if tried.gaps:
        sys.exit(1)


def _told(tried: Rehearsal) -> dict[str, Told]:
    return {
        "page": tried.page,
        "read": tried.read,
        "kinds": [{"kind": kind, **asdict(of)} for kind, of in sorted(tried.kinds.items())],
        "files": tried.files,
        "file_bytes": tried.file_bytes,
        "earliest": written(tried.earliest) if tried.earliest else None,
        "latest": written(tried.latest) if tried.latest else None,
        "platform_count": tried.platform_count,
        "counts": _counts_told(tried.counts),
        "gaps": [
            {"what": gap.what, "why": gap.why.value, "detail": gap.detail} for gap in tried.gaps
        ],
    }


def _counts_told(counts: Sequence[Count]) -> list[Told]:
    return [{**asdict(count), "met": count.met} for count in counts]


def _print_counts(counts: Sequence[Count]) -> None:
    for count in counts:
        said = f"{count.of}: {count.expected} expected by {count.who}, {count.read} read"
        click.echo(said if count.met else f"{said}: NOT MET")


def _print(tried: Rehearsal) -> None:
    from archiver.procedures.rehearsing import OfKind

    rows = [(kind, *map(str, asdict(of).values())) for kind, of in sorted(tried.kinds.items())]
    columns = ("kind", *(each.name.replace("_", " ") for each in fields(OfKind)))
    table(f"Dry run for {tried.page}", columns, rows)
    if tried.earliest and tried.latest:
        click.echo(f"published from {written(tried.earliest)} to {written(tried.latest)}")
    click.echo(f"{tried.files} files of {tried.file_bytes} bytes")
    _print_counts(tried.counts)
    if tried.platform_count is not None and not tried.counts:
        click.echo(f"the export says that it holds {tried.platform_count}; {tried.read} items read")
    print_gaps(tried.page, tried.gaps)
    print_remedies(tried.gaps)
    click.echo("a dry run: nothing was kept")
