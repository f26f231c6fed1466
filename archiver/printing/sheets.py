"""Sheets: what is to be printed, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

Cell: TypeAlias = "str | int | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table: its columns' headings, its rows, and a title above it if it needs one.

    A row shorter than the headings is filled with empty cells.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One paper: a title, fields by name, paragraphs, tables, and a footer on every page.

    They are printed in that order. *wide* turns the paper on its side.
    """

    title: str
    subtitle: str = ""
    fields: Sequence[tuple[str, Cell]] = ()
    paragraphs: Sequence[str] = ()
    tables: Sequence[Grid] = ()
    footer: str = ""
    wide: bool = False
