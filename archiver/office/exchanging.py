"""Schedules as spreadsheets: written for people to work on, and read back row by row."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import tomli_w

from archiver.classifiers.rules import RulesClassifier
from archiver.office.lookup import find_schedule
from archiver.ports import Classifier
from archiver.printing.spreadsheets import as_csv, read_csv
from archiver.records.errors import ScheduleInvalid
from archiver.records.schedule_reading import load_schedule
from archiver.records.schedule_rows import (
    COLUMNS,
    Values,
    as_rows,
    example_from_row,
    from_row,
    is_one_more_example,
)
from archiver.records.schedules import Schedule
from archiver.records.wordings import ScheduleText

_COLUMNS_OF_EXAMPLES = {
    "first_day_of_disposition": "example_first_day",
    "review_from": "example_review_from",
    "stages": "example_stages",
    "days": "example_days",
    "text": "example",
}
_OF_EXAMPLE = re.compile(r"examples (?P<n>[0-9]+): (?P<key>[a-z_]+)")
_OF_SERIES = re.compile(r"series (?P<number>\S+): (?P<rest>.*)", re.DOTALL)


def classifier_of(schedule: Schedule) -> Classifier:
    """Give the classifier that capture would ask under *schedule*."""
    return RulesClassifier(schedule)


def export_csv(name: str, beside: Path) -> str:
    """Give the series of the schedule called *name* (or of that file) as CSV.

    Raises:
        ScheduleInvalid: the file breaks its rules.
        ConfigInvalid: there is neither such a schedule nor such a file.
    """
    _, text = find_schedule(name, beside)
    values = tomllib.loads(text.toml.decode("utf-8"))
    return as_csv(COLUMNS, [row for series in values["series"] for row in as_rows(series)])


def import_csv(file: Path, onto: str, out: str, beside: Path) -> tuple[Schedule, bytes]:
    """Put the series of the CSV *file* in the place of those of *onto*; give it with its TOML.

    Everything else (head, chains, topics, rules) stays that of *onto*; the name becomes *out*.

    Raises:
        ScheduleInvalid: with every fault at once; file, row and column named.
        ConfigInvalid: there is no schedule *onto*.
    """
    _, text = find_schedule(onto, beside)
    faults: list[str] = []
    rows = _rows(file, faults)
    if faults:
        raise ScheduleInvalid(faults)
    values = tomllib.loads(text.toml.decode("utf-8"))
    series, lines = _series_of(file, rows, faults)
    values["series"] = [_without_holes(each) for each in series]
    values["schedule"]["name"] = out
    values.pop("adoption", None)
    toml = tomli_w.dumps(values, multiline_strings=False).encode("utf-8")
    try:
        found = load_schedule(out, ScheduleText(toml=toml, wordings=text.wordings))
    except ScheduleInvalid as error:
        faults.extend(_by_row(file.name, out, fault, lines) for fault in error.faults)
        raise ScheduleInvalid(list(dict.fromkeys(faults))) from error
    if faults:
        raise ScheduleInvalid(faults)
    return found, toml


def _series_of(
    file: Path, rows: Sequence[tuple[int, dict[str, str]]], faults: list[str]
) -> tuple[list[Values], dict[str, list[int]]]:
    """Read rows as series; give them, and in which rows each, with its examples, stands."""
    series: list[Values] = []
    lines: dict[str, list[int]] = {}
    for line, row in rows:

        def fault(column: str, problem: str, *, line: int = line) -> None:
            faults.append(f"{file.name}: row {line}: {column}: {problem}")

        number = row.get("number", "").strip()
        if series and number == series[-1].get("number") and is_one_more_example(row):
            examples = cast("list[Values]", series[-1]["examples"])
            examples.append(example_from_row(row, fault))
            lines[number].append(line)
            continue
        if not number or number in lines:
            fault("number", "stands here twice" if number else "is missing")
        lines.setdefault(number, [line])
        series.append(from_row(row, fault))
    return series, lines


def _rows(file: Path, faults: list[str]) -> list[tuple[int, dict[str, str]]]:
    """Read the file as rows by column; the first line names the columns."""
    try:
        lines = list(read_csv(file.read_text("utf-8-sig")))
    except (UnicodeDecodeError, ValueError) as error:
        faults.append(f"{file.name}: is not CSV in UTF-8: {error}")
        return []
    if not lines:
        faults.append(f"{file.name}: is empty")
        return []
    columns = [name.strip() for name in lines[0][1]]
    faults.extend(
        f"{file.name}: row {lines[0][0]}: {name}: unknown column"
        for name in columns
        if name not in COLUMNS
    )
    faults.extend(
        f"{file.name}: row {lines[0][0]}: {name}: the column is missing"
        for name in COLUMNS
        if name not in columns
    )
    faults.extend(
        f"{file.name}: row {line}: has {len(cells)} cells instead of {len(columns)}"
        for line, cells in lines[1:]
        if len(cells) != len(columns)
    )
    return [(line, dict(zip(columns, cells, strict=False))) for line, cells in lines[1:]]


def _without_holes(value: Values) -> Values:
    """Leave out what could not be read; it was reported, and TOML has nothing for it."""
    return {key: _whole(each) for key, each in value.items() if each is not None}


def _whole(value: object) -> object:
    if isinstance(value, dict):
        return _without_holes(value)
    if isinstance(value, list):
        return [_whole(each) for each in cast("Sequence[object]", value) if each is not None]
    return value


def _by_row(file: str, out: str, fault: str, lines: dict[str, list[int]]) -> str:
    """Give a *fault* of the TOML as one of the row that it came from."""
    bare = fault.removeprefix(f"{out}: ")
    found = _OF_SERIES.fullmatch(bare)
    if found is None or found["number"] not in lines:
        return f"{file}: {bare}"
    rest, line = found["rest"], lines[found["number"]][0]
    example = _OF_EXAMPLE.match(rest)
    if example is not None:
        line = lines[found["number"]][int(example["n"]) - 1]
        column = _COLUMNS_OF_EXAMPLES.get(example["key"], example["key"])
        rest = column + rest[example.end() :]
    return f"{file}: row {line}: {rest}"
