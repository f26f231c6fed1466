"""Series as rows of a table, for people who work in spreadsheets: written, and read back.

A cell holds what the TOML key of its column holds; lists are parted by ` | `, and what is a
table there is written as words here: `P2Y after fiscal_year 7`, `audit_complete P0D`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import cast

Row = Mapping[str, str]
Values = dict[str, object]

_BETWEEN = " | "
_CUT_OFF = re.compile(r"(\S+) after ([a-z_]+)(?: ([0-9]{1,2}))?")
_YES, _NO = "yes", "no"
_TEXTS = ("number", "title", "falls_in", "category", "rule", "trigger", "floor_from")
_TEXTS_TOO = ("disposition", "approval", "basis", "confidence", "settle", "tombstone", "notes")
_PERIODS = ("period", "at_most", "floor")
_FLAGS = ("number_official", "verified", "restricted")

COLUMNS = (
    *("number", "number_official", "title", "falls_in", "category", "rule", "period", "at_most"),
    *("trigger", "also", "floor", "floor_from", "stages", "disposition", "approval", "citation"),
    *("basis", "verified", "confidence", "settle", "tombstone", "restricted", "notes", "example"),
    *("example_own", "example_days", "example_first_day", "example_stages", "example_review_from"),
)
"""The columns, in order.

A row holds the first worked example; each further one has a row of its own below, which repeats
the number and holds nothing else.
"""

_OF_EXAMPLES = frozenset(name for name in COLUMNS if name.startswith("example"))


def as_rows(series: Mapping[str, object]) -> list[tuple[str, ...]]:
    """Give one `[[series]]`, as TOML was read, as rows: its own, and one for each more example."""
    examples = _tables(series, "examples") or ({},)
    rows = [_series_cells(series) | _example_cells(examples[0])]
    rows += [{"number": str(series["number"])} | _example_cells(more) for more in examples[1:]]
    return [tuple(cells.get(name, "") for name in COLUMNS) for cells in rows]


def _series_cells(series: Mapping[str, object]) -> dict[str, str]:
    cells = {name: str(series.get(name, "")) for name in (*_TEXTS, *_TEXTS_TOO)}
    cells |= {name: _period_cell(series[name]) for name in _PERIODS if name in series}
    cells |= {name: _flag_cell(series.get(name)) for name in _FLAGS}
    cells["citation"] = _BETWEEN.join(cast("Sequence[str]", series.get("citation", ())))
    cells["also"] = _BETWEEN.join(
        f"{each['trigger']} {_period_cell(each['period'])}"
        + ("" if each.get("required", True) else " where it happened")
        for each in _tables(series, "also")
    )
    cells["stages"] = _BETWEEN.join(
        f"{each['then']} {_period_cell(each['after'])}" for each in _tables(series, "stages")
    )
    return cells


def _example_cells(example: Mapping[str, object]) -> dict[str, str]:
    days = cast("Mapping[str, date]", example.get("days", {}))
    return {
        "example": str(example.get("text", "")),
        "example_own": _flag_cell(example.get("own", True)),
        "example_days": _BETWEEN.join(f"{key} {day}" for key, day in days.items()),
        "example_first_day": str(example.get("first_day_of_disposition", "")),
        "example_stages": _BETWEEN.join(
            str(day) for day in cast("Sequence[date]", example.get("stages", ()))
        ),
        "example_review_from": str(example.get("review_from", "")),
    }


def is_one_more_example(row: Row) -> bool:
    """Say whether *row* holds a number and a worked example, and nothing of the series itself."""
    filled = {name for name in COLUMNS if row.get(name, "").strip()}
    return "number" in filled and filled - {"number"} <= _OF_EXAMPLES


def example_from_row(row: Row, fault: Callable[[str, str], None]) -> Values:
    """Give the worked example of *row*; *fault* is told column and problem of what is none."""
    return _Cells(row, fault).example()


def from_row(row: Row, fault: Callable[[str, str], None]) -> Values:
    """Give the `[[series]]` of *row*; *fault* is told column and problem of what is none."""
    cells = _Cells(row, fault)
    values: Values = {
        name: text for name in (*_TEXTS, *_TEXTS_TOO) if (text := row.get(name, "").strip())
    }
    for name in _PERIODS:
        if text := row.get(name, "").strip():
            values[name] = cells.period(name, text)
    for name in _FLAGS:
        values[name] = cells.flag(name)
    values["citation"] = cells.parts("citation")
    if also := [cells.term(text) for text in cells.parts("also")]:
        values["also"] = also
    if stages := [cells.stage(text) for text in cells.parts("stages")]:
        values["stages"] = stages
    values["examples"] = [cells.example()]
    return values


class _Cells:
    """The cells of one row, read column by column."""

    def __init__(self, row: Row, fault: Callable[[str, str], None]) -> None:
        self._row = row
        self._fault = fault

    def parts(self, column: str) -> list[str]:
        return [part.strip() for part in self._row.get(column, "").split("|") if part.strip()]

    def flag(self, column: str) -> bool:
        text = self._row.get(column, "").strip().casefold()
        if text not in {_YES, _NO}:
            self._fault(column, f"{text!r} is neither {_YES} nor {_NO}")
        return text == _YES

    def period(self, column: str, text: str) -> object:
        words = text.split()
        if len(words) == 1:
            return text
        found = _CUT_OFF.fullmatch(" ".join(words))
        if found is None:
            self._fault(column, f"{text!r}: write P2Y, or P2Y after fiscal_year 7")
            return text
        length, cutoff, start = found.groups()
        table: Values = {"length": length, "cutoff": cutoff}
        return table if start is None else table | {"fiscal_year_start": int(start)}

    def term(self, text: str) -> Values:
        bare = text.removesuffix(" where it happened")
        trigger, _, period = bare.partition(" ")
        term: Values = {"trigger": trigger, "period": self.period("also", period)}
        return term if bare == text else term | {"required": False}

    def stage(self, text: str) -> Values:
        then, _, after = text.partition(" ")
        return {"then": then, "after": self.period("stages", after)}

    def day(self, column: str, text: str) -> date | None:
        try:
            return date.fromisoformat(text.strip())
        except ValueError:
            self._fault(column, f"{text.strip()!r} is no day; write one as 2026-03-01")
            return None

    def example(self) -> Values:
        days: Values = {}
        for part in self.parts("example_days"):
            trigger, _, text = part.partition(" ")
            days[trigger] = self.day("example_days", text)
        own = self.flag("example_own")
        values: Values = {"text": self._row.get("example", ""), "days": days, "own": own}
        for key, column in _DAYS_OF_EXAMPLES.items():
            if text := self._row.get(column, "").strip():
                values[key] = self.day(column, text)
        if stages := self.parts("example_stages"):
            values["stages"] = [self.day("example_stages", text) for text in stages]
        return values


_DAYS_OF_EXAMPLES = {
    "first_day_of_disposition": "example_first_day",
    "review_from": "example_review_from",
}


def _tables(series: Mapping[str, object], key: str) -> Sequence[Mapping[str, object]]:
    return cast("Sequence[Mapping[str, object]]", series.get(key, ()))


def _period_cell(value: object) -> str:
    if not isinstance(value, dict):
        return str(value)
    start = value.get("fiscal_year_start")
    ending = f" {start}" if start is not None else ""
    return f"{value.get('length', '')} after {value.get('cutoff', '')}{ending}"


def _flag_cell(value: object) -> str:
    return _YES if value else _NO
