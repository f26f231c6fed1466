"""Reading one table of a schedule file, key by key, so that every fault is found in one go.

A table never raises for what it holds: it reports the fault, with file, series and key, and
gives a harmless stand-in, so that reading goes on to the next fault.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

Word = TypeVar("Word", bound=StrEnum)
Parsed = TypeVar("Parsed")


class Table:
    """One table: *where* names it in every fault, *faults* is the list they are added to."""

    def __init__(self, values: Mapping[str, object], where: str, faults: list[str]) -> None:
        self.where = where
        self._values = values
        self._faults = faults
        self._asked: set[str] = set()

    @classmethod
    def of_file(cls, name: str, data: bytes, faults: list[str]) -> Table | None:
        """Give the outermost table of the TOML file *name*, or report that it is none."""
        try:
            return cls(tomllib.loads(data.decode("utf-8")), name, faults)
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            faults.append(f"{name}: is not TOML in UTF-8: {error}")
            return None

    def another(self, name: str, data: bytes) -> Table | None:
        """Give the outermost table of another file, whose faults join those of this one."""
        return Table.of_file(name, data, self._faults)

    def fault(self, key: str, problem: str) -> None:
        """Report that *key* of this table has *problem*."""
        self._faults.append(
            f"{self.where}: {key}: {problem}" if key else f"{self.where}: {problem}"
        )

    def has(self, key: str) -> bool:
        """Say whether *key* is written at all."""
        return key in self._values

    def is_table(self, key: str) -> bool:
        """Say whether *key* is written as a table."""
        return isinstance(self._values.get(key), dict)

    def text(self, key: str, *, default: str | None = None) -> str:
        """Give the text of *key*; it must not be empty. Without *default* it must be there."""
        value = self._take(key, required=default is None)
        if value is None:
            return default or ""
        if isinstance(value, str) and value.strip():
            return value
        self.fault(key, "must be text, and not empty")
        return default or ""

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """Give the list of texts of *key*; where *required* it must have at least one."""
        value = self._take(key, required=required)
        if value is None:
            return ()
        whole = isinstance(value, list) and all(isinstance(v, str) and v.strip() for v in value)
        if isinstance(value, list) and whole and (value or not required):
            return tuple(str(v) for v in value)
        self.fault(key, "must be a list of texts, none of them empty")
        return ()

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """Give true or false of *key*. Without *default* it must be there."""
        value = self.maybe_flag(key)
        if value is None and default is None and key not in self._values:
            self.fault(key, "is missing")
        return bool(default if value is None else value)

    def maybe_flag(self, key: str) -> bool | None:
        """Give true, false, or None where *key* is not written."""
        value = self._take(key)
        if value is None or isinstance(value, bool):
            return value
        self.fault(key, "must be true or false")
        return None

    def whole(self, key: str, *, least: int, most: int) -> int | None:
        """Give the whole number of *key*, between *least* and *most*, or None."""
        value = self._take(key)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.fault(key, f"must be a whole number from {least} to {most}")
        return None

    def share(self, key: str, *, required: bool) -> float:
        """Give the number of *key*, above 0 and at most 1."""
        value = self._take(key, required=required)
        if value is None:
            return 0.0
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1:
            return float(value)
        self.fault(key, "must be a number above 0 and at most 1")
        return 0.0

    def day(self, key: str, *, required: bool = False) -> date | None:
        """Give the day of *key*, written as a TOML date without a time."""
        value = self._take(key, required=required)
        if value is None:
            return None
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        self.fault(key, "must be a day, written without quotes: 2026-03-01")
        return None

    def days(self, key: str) -> tuple[date, ...] | None:
        """Give the list of days of *key*, or None where it is not written."""
        value = self._take(key)
        if value is None:
            return None
        if isinstance(value, list) and all(type(day) is date for day in value):
            return tuple(value)
        self.fault(key, "must be a list of days, written without quotes: [2026-03-01]")
        return None

    def word(self, key: str, words: type[Word], default: Word | None = None) -> Word:
        """Give the one of *words* that *key* names."""
        value = self._take(key, required=default is None)
        stand_in = default or next(iter(words))
        if value is None:
            return stand_in
        try:
            return words(str(value))
        except ValueError:
            self.fault(key, f"{value!r} is not one of {', '.join(words)}")
            return stand_in

    def parsed(self, key: str, parse: Callable[[str], Parsed]) -> Parsed | None:
        """Give what *parse* makes of the text of *key*; its ValueError becomes the fault."""
        if key not in self._values:
            return None
        text = self.text(key)
        if not text:
            return None
        try:
            return parse(text)
        except ValueError as error:
            self.fault(key, str(error))
            return None

    def table(self, key: str, *, required: bool = False) -> Table | None:
        """Give the table of *key*."""
        value = self._take(key, required=required)
        if value is None:
            return None
        if isinstance(value, dict):
            return Table(value, f"{self.where}: {key}", self._faults)
        self.fault(key, f"must be a table, written as [{key}]")
        return None

    def tables(self, key: str) -> list[Table]:
        """Give the tables of *key*, written as `[[key]]`; they are counted from 1."""
        value = self._take(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            self.fault(key, f"must be tables, written as [[{key}]]")
            return []
        return [
            Table(v, f"{self.where}: {key} {n}", self._faults) for n, v in enumerate(value, start=1)
        ]

    def written(self) -> Sequence[str]:
        """Give every key of the table, in order."""
        return list(self._values)

    def finish(self) -> None:
        """Report every key that nobody asked for: a misspelt key stops the program."""
        for key in self._values:
            if key not in self._asked:
                self.fault(key, "unknown key")

    def _take(self, key: str, *, required: bool = False) -> object | None:
        self._asked.add(key)
        if required and key not in self._values:
            self.fault(key, "is missing")
        return self._values.get(key)
