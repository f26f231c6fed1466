"""`schedule export`, `import`, `diff` and `simulate`: working on another version."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.output import Told, emit_json, json_option, table
from archiver.cli.root import Counter, pass_counter
from archiver.records.errors import FileRefused

if TYPE_CHECKING:
    from archiver.procedures.simulating import Simulated

_NEW_FILE = click.Path(dir_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("export")
@click.argument("name")
@click.option("--csv", "file", required=True, type=_NEW_FILE, help="The file to write.")
def export(name: str, file: Path) -> None:
    r"""Write the series of NAME into a CSV file, to be worked on in a spreadsheet.

    \b
    Example:
      archiver schedule export indio-ca --csv indio.csv
    """
    from archiver.office.exchanging import export_csv

    _write(file, [export_csv(name, Path.cwd()).encode("utf-8-sig")])
    click.echo(f"{file}: written")


@click.command("import")
@click.argument("file", type=_FILE)
@click.option("--onto", required=True, help="The schedule whose head, chains and rules it keeps.")
@click.option("--out", required=True, type=_NEW_FILE, help="The TOML file to write.")
@json_option
def take_in(file: Path, onto: str, out: Path, *, as_json: bool) -> None:
    r"""Make a schedule of the rows of FILE; every fault names the file, the row and the column.

    The rows take the place of all series of the schedule --onto.

    \b
    Example:
      archiver schedule import indio.csv --onto indio-ca --out my-city.toml
    """
    from archiver.office.exchanging import import_csv

    found, toml = import_csv(file, onto, out.stem, Path.cwd())
    _write(out, [toml])
    if as_json:
        emit_json({"file": str(out), "series": len(found.series), "digest": found.digest})
    else:
        click.echo(f"{out}: {len(found.series)} series, digest {found.digest}")


def _write(file: Path, pieces: Iterable[bytes]) -> None:
    """Write a new file; one that is there is left as it is.

    Raises:
        FileRefused: the file is there already, or cannot be written.
    """
    try:
        with file.open("xb") as new:
            new.writelines(pieces)
    except FileExistsError as error:
        raise FileRefused(
            f"{file} is there already; nothing was written",
            remedy="Choose another name, or move away what is there.",
        ) from error
    except OSError as error:
        raise FileRefused(f"{file}: cannot be written: {error.strerror}") from error


@click.command("diff")
@click.argument("old")
@click.argument("new")
@json_option
def diff(old: str, new: str, *, as_json: bool) -> None:
    r"""Say what differs between the schedules OLD and NEW, and what gets shorter.

    \b
    Example:
      archiver schedule diff indio-ca my-city.toml
    """
    from archiver.office.lookup import find_schedule
    from archiver.records.schedule_comparing import differences

    before, after = find_schedule(old, Path.cwd())[0], find_schedule(new, Path.cwd())[0]
    found = differences(before, after)
    if as_json:
        lines: list[Told] = [
            {
                "series": each.series,
                "change": each.change.value,
                "field": each.field,
                "before": each.before,
                "after": each.after,
                "shorter": each.shorter,
            }
            for each in found
        ]
        emit_json({"old": before.digest, "new": after.digest, "differences": lines})
        return
    rows = [
        (
            each.series,
            each.change.value,
            each.field,
            each.before,
            each.after,
            "shorter" if each.shorter else "",
        )
        for each in found
    ]
    columns = ("series", "change", "field", "before", "after", "")
    table(f"{before.name} to {after.name}", columns, rows)
    if before.digest == after.digest:
        click.echo("the same version")


@click.command("simulate")
@click.argument("new")
@click.option("--csv", "file", type=_NEW_FILE, help="Write each item that changes into this file.")
@json_option
@pass_counter
def simulate(counter: Counter, new: str, file: Path | None, *, as_json: bool) -> None:
    r"""Say what NEW would change if it took the place of the schedule in force; touch nothing.

    Items keep the series they have. What was promised binds NEW too, as it would in force; what
    nobody has confirmed keeps the longest period of NEW, and no shorter one than was promised.
    Where NEW is not adopted, it is taken as adopted by the record in force. What NEW would
    restrict is counted besides, but for what is closed to you already.

    \b
    Example:
      archiver schedule simulate my-city.toml --csv changes.csv
    """
    from archiver.office.exchanging import classifier_of
    from archiver.office.lookup import find_schedule
    from archiver.printing.spreadsheets import csv_lines
    from archiver.procedures.asking_anew import restricted_by_it
    from archiver.procedures.in_force import schedule_in_force
    from archiver.procedures.simulating import Simulated, changes

    office, found = counter.office, Simulated()
    other = schedule_in_force(office.account, find_schedule(new, Path.cwd())[0])
    changed = changes(office.account, office.schedule, other, found, on=office.account.today())
    rows = (
        (one.item, one.series, one.effect.value, _day(one.before), _day(one.after))
        for one in changed
    )
    lines = csv_lines(("item", "series", "effect", "first_day_now", "first_day_then"), rows)
    if file is None:
        deque(lines, maxlen=0)
    else:
        _write(file, (line.encode("utf-8") for line in lines))
    rules = classifier_of(other)
    found.restricted = restricted_by_it(office.account, office.person, rules, other)
    _print_simulated(found, as_json=as_json)


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _print_simulated(found: Simulated, *, as_json: bool) -> None:
    from archiver.procedures.simulating import Effect

    if as_json:
        series: list[Told] = [
            {
                "series": number,
                "effects": {effect.value: counts[effect] for effect in Effect},
                "restricted": found.restricted[number],
            }
            for number, counts in sorted(found.counts.items())
        ]
        unknown, stopped = list[Told](sorted(found.unknown)), list[Told](sorted(found.stopped))
        emit_json({"series": series, "unknown_series": unknown, "stopped_series": stopped})
        return
    rows = [
        (number or "(none)", *(str(counts[effect]) for effect in Effect))
        for number, counts in sorted(found.counts.items())
    ]
    table("What would change", ("series", *(effect.value for effect in Effect)), rows)
    for number, count in sorted(found.restricted.items()):
        click.echo(f"series {number or '(none)'}: {count} more items would be restricted")
    for number in sorted(found.unknown):
        click.echo(f"series {number} is not in the new schedule: its items are kept")
    for number in sorted(found.stopped):
        click.echo(
            f"series {number}: nothing of it would be destroyed, on whatever day: a review or "
            "transfer that was promised of it is gone; `schedule accept-shorter` accepts that"
        )
