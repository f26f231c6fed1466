"""The records of one file of a foreign export, each with its place and its own bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import NoReturn

from archiver.records.errors import AnswerUnreadable
from connectors.cutting import BadRow, byte_lines, csv_stream, json_stream
from connectors.deposits import Deposit
from connectors.mapped_export.mapping import DELIMITERS, ExportMapping

_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Record:
    """One record: where it stands, its fields, its bytes; *fault* says why it cannot be read.

    The bytes of a row of CSV are those of the header, then its own: alone they would say nothing.
    """

    place: str
    fields: Mapping[str, object]
    raw: bytes
    fault: str = ""


def records(deposit: Deposit, name: str, mapping: ExportMapping) -> Iterator[Record]:
    """Give every record of the file *name*, those that cannot be read too.

    Raises:
        AnswerUnreadable: from here on the file cannot be read.
        DepositRefused: the file is damaged, or one record larger than any real one.
    """
    if mapping.format == "csv":
        return _rows(deposit, name, mapping)
    if mapping.format == "jsonl":
        return _lines(deposit, name)
    return _elements(deposit, name, mapping)


def media_type(mapping: ExportMapping) -> str:
    """Give the media type of a record's bytes."""
    if mapping.format != "csv":
        return "application/json"
    encoding = "utf-16le" if mapping.encoding == "utf-16" else mapping.encoding
    return f"text/csv; charset={encoding}"


def missing_columns(deposit: Deposit, name: str, mapping: ExportMapping) -> list[str]:
    """Say which columns that the mapping names the CSV file *name* has not, or that it is no CSV.

    A file without rows is asked nothing.
    """
    if mapping.format != "csv":
        return []
    try:
        first = next((r for r in _rows(deposit, name, mapping) if not r.fault), None)
    except AnswerUnreadable as fault:
        return [f"{name}: {fault}"]
    if first is None:
        return []
    shown = ", ".join(repr(column) for column in list(first.fields)[:40])
    absent = sorted({named for named in mapping.named if named not in first.fields})
    if absent and (hint := _misread(list(first.fields))):
        return [f"{name}: {hint}"]
    return [f"{name}: there is no column {column!r}; there are {shown}" for column in absent]


def _misread(header: list[str]) -> str:
    """Say what in the mapping has the header read as what it is not; nothing where it fits."""
    if any("\x00" in column for column in header):
        return "its header is not in the mapping's `encoding`; it looks like utf-16"
    likely = [word for word, mark in DELIMITERS.items() if len(header) == 1 and mark in header[0]]
    if likely:
        return f"its header is one column with the mapping's `delimiter`; try {' or '.join(likely)}"
    return ""


def _rows(deposit: Deposit, name: str, mapping: ExportMapping) -> Iterator[Record]:
    pieces = deposit.open(name)
    rows = csv_stream(pieces, delimiter=mapping.delimiter, encoding=mapping.encoding)
    for row, raw in rows:
        if isinstance(row, BadRow):
            yield Record(f"line {row.line}", {}, raw, row.why)
        else:
            yield Record(f"line {row.line}", row, raw)


def _lines(deposit: Deposit, name: str) -> Iterator[Record]:
    for number, line in enumerate(byte_lines(deposit.open(name)), start=1):
        raw = line.removeprefix(_MARK if number == 1 else b"").strip(b" \t\r\n")
        if raw:
            yield _object(f"line {number}", raw)


def _elements(deposit: Deposit, name: str, mapping: ExportMapping) -> Iterator[Record]:
    found = json_stream(deposit.open(name), member=mapping.records or None)
    for number, (value, raw) in zip(count(1), found, strict=False):
        fields = value if isinstance(value, dict) else {}
        fault = "" if isinstance(value, dict) else "it is no object"
        yield Record(f"record {number}", fields, raw, fault)


def _object(place: str, raw: bytes) -> Record:
    """Read one line of JSON, which must be an object."""
    try:
        value = json.loads(raw.decode("utf-8", "surrogateescape"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return Record(place, {}, raw, "it is not JSON")
    if not isinstance(value, dict):
        return Record(place, {}, raw, "it is no object")
    return Record(place, value, raw)


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def record_of(value: object) -> Record:
    """Give *value*, an element of a file, as the record it must be.

    Raises:
        AnswerUnreadable: it could not be read.
    """
    if not isinstance(value, Record):
        raise AnswerUnreadable("it is no record")
    if value.fault:
        raise AnswerUnreadable(value.fault)
    return value


def place_of(value: object) -> str:
    """Say where *value*, an element of a file, stands in it."""
    return value.place if isinstance(value, Record) else ""
