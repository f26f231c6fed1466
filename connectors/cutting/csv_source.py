"""CSV, cut into the exact source bytes of each row: as a stream of any size.

The bytes of a row alone do not say what its columns mean: what is kept of a row is the file's
header and the row, each as the platform wrote it, which together are a CSV file of one row.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from archiver.records.errors import AnswerUnreadable, DepositRefused

LONGEST_LINE = 1024**2
"""The most characters one line of a file may have; a row may have more lines than one."""

_BYTE_ORDER_MARK = "\ufeff"


ENCODINGS = ("iso-8859-1", "utf-16", "utf-8", "windows-1252")
"""The encodings in which a CSV file can be read."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read; *why* says so without anything that stands in it."""

    why: str
    line: int = 0


class Row(dict[str, str]):
    """A row by the names in its header; *line* is the one on which it begins, counted from 1."""

    line = 0


def csv_stream(
    chunks: Iterable[bytes],
    *,
    ended: bool = False,
    delimiter: str = ",",
    encoding: str = "utf-8",
    columns: Collection[str] = (),
) -> Iterator[tuple[Row | BadRow, bytes]]:
    """Give every row of a CSV file by the names in its header, with header and row as bytes.

    Names are given as they are written but for white space around them. Bytes that are no
    character stand in values as surrogates, and unchanged in the bytes; those of UTF-16 are given
    without a byte order mark. A row that breaks the rules of CSV, or has more or fewer columns
    than the header, is given as a `BadRow`; what follows is read on. *ended* says that whoever
    wrote the file ends its last row too, as platforms do. *columns* are those that the header must
    have, in capitals or not: one that is spoilt may have swallowed the first row.

    Raises:
        AnswerUnreadable: it has no header, one that names a column twice, or one without one of
            *columns*; or, after its rows, the last was to be ended, and is not; or it is not
            UTF-16, as it was said to be.
        DepositRefused: a line is longer than `LONGEST_LINE`.
    """
    lines = _Lines(chunks, encoding)
    rows = csv.reader(lines, strict=True, delimiter=delimiter)
    names = _named(rows, columns)
    header = lines.taken()
    while True:
        line = rows.line_num + 1
        try:
            row = next(rows, None)
        except csv.Error as fault:
            yield BadRow(f"it is not CSV ({fault})", line), header + lines.taken()
            continue
        if row is None:
            break
        raw = lines.taken()
        if not row:
            continue
        if len(row) != len(names):
            why = f"it has {len(row)} columns, and the header {len(names)}"
            yield BadRow(why, line), header + raw
        else:
            found = Row(zip(names, row, strict=True))
            found.line = line
            yield found, header + raw
    if ended and lines.cut_off:
        raise AnswerUnreadable("the file breaks off, perhaps within its last row")


def _named(rows: Iterator[list[str]], columns: Collection[str]) -> list[str]:
    """Give the names in the header, the first of *rows*."""
    try:
        names = [name.strip() for name in next(rows, [])]
    except csv.Error as fault:
        raise AnswerUnreadable(f"its header is not CSV ({fault})") from None
    if not any(names) or len(set(names)) != len(names):
        raise AnswerUnreadable("it has no header that names every column once")
    if missing := {name.casefold() for name in columns} - {name.casefold() for name in names}:
        raise AnswerUnreadable(f"its header has no column {', '.join(sorted(missing))}")
    return names


def row_of(value: object) -> Mapping[str, str]:
    """Give *value*, an element of a CSV file, as the row it must be.

    Raises:
        AnswerUnreadable: it could not be read.
    """
    if isinstance(value, BadRow):
        raise AnswerUnreadable(value.why)
    if not isinstance(value, dict):
        raise AnswerUnreadable("it is no row")
    return value


def cell(row: Mapping[str, str], name: str) -> str:
    """Give what stands in the column *name* of a row, without white space around it.

    Raises:
        AnswerUnreadable: there is no such column.
    """
    if name not in row:
        raise AnswerUnreadable(f"its header has no column {name!r}")
    return row[name].strip()


class _Lines:
    """The lines of a text that arrives in pieces, and what of them was taken since last asked."""

    def __init__(self, chunks: Iterable[bytes], encoding: str) -> None:
        errors = "strict" if encoding == "utf-16" else "surrogateescape"
        self._pieces = codecs.iterdecode(chunks, encoding, errors=errors)
        self._back = "utf-16-le" if encoding == "utf-16" else encoding
        self._waiting = ""
        self._lines: Iterator[str] = iter(())
        self._begun = False
        self._taken: list[str] = []
        self.cut_off = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines, None)
        while line is None:
            self._more()
            line = next(self._lines, None)
        self._taken.append(line)
        return line if self._begun else self._first(line)

    def taken(self) -> bytes:
        """Give the bytes of the lines that were read since this was asked last."""
        raw = "".join(self._taken).encode(self._back, "surrogateescape")
        self._taken.clear()
        return raw

    def _first(self, line: str) -> str:
        self._begun = True
        return line.removeprefix(_BYTE_ORDER_MARK)

    def _more(self) -> None:
        """Read on, and cut what arrived into lines; ends the iteration at the end of the text."""
        try:
            piece = next(self._pieces, None)
        except UnicodeError:
            raise AnswerUnreadable("it is not in UTF-16, as it was said to be") from None
        if piece is None:
            if not self._waiting:
                raise StopIteration
            lines = [self._waiting]
            self._waiting, self.cut_off = "", True
        else:
            *lines, self._waiting = (self._waiting + piece).split("\n")
            lines = [f"{line}\n" for line in lines]
            if len(self._waiting) > LONGEST_LINE:
                raise DepositRefused(f"a line is longer than {LONGEST_LINE} characters")
        self._lines = iter(lines)
