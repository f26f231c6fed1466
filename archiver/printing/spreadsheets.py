"""Spreadsheets: tables as comma-separated values that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from archiver.printing.sheets import Cell

_STARTS_A_FORMULA = frozenset("=+-@\t\r\n\0＝＋－＠")  # noqa: RUF001 - the wide forms are meant
_QUOTE = "'"


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Give the whole table: RFC 4180, a heading row first, every text guarded.

    A text that a spreadsheet would take for a formula is preceded by an apostrophe; a number
    that came as a number is left alone. Write it as "utf-8-sig", so that Excel reads it rightly.
    """
    return "".join(csv_lines(columns, rows))


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Give the table line by line, for tables too long to be held at once."""
    line = io.StringIO(newline="")
    writer = csv.writer(line, lineterminator="\r\n")
    for row in chain([columns], rows):
        writer.writerow([_guarded(cell) for cell in row])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def _guarded(cell: Cell) -> str | int:
    if cell is None:
        return ""
    if isinstance(cell, int):
        return cell
    text = cell.replace("\0", "")
    starts = cell[:1] in _STARTS_A_FORMULA or text.lstrip()[:1] in _STARTS_A_FORMULA
    return _QUOTE + text if cell and starts else text


def read_csv(text: str) -> Iterator[tuple[int, list[str]]]:
    """Give every row of *text* that is not empty, with the line it ends on; guards taken off.

    Raises:
        ValueError: a quoted cell is not closed, or a cell is too long to be one.
    """
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        for row in rows:
            if any(cell.strip() for cell in row):
                yield rows.line_num, [_unguarded(cell) for cell in row]
    except csv.Error as error:
        raise ValueError(f"line {rows.line_num}: {error}") from error


def _unguarded(cell: str) -> str:
    bare = cell.removeprefix(_QUOTE)
    return bare if cell != bare and _guarded(bare) == cell else cell
