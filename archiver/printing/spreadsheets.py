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
