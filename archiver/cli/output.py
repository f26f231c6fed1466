"""What commands print: rich tables and progress bars on a terminal, plain text otherwise, JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain, islice
from typing import Any, TextIO, TypeAlias

import click

from archiver.records.moments import moment, written

Told: TypeAlias = "Mapping[str, Told] | Sequence[Told] | str | int | float | bool | None"
"""What `--json` prints."""

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
"""The option every reading command has."""


def _on_terminal(stream: TextIO | None) -> bool:
    """Say whether *stream* is a terminal; a closed one is None, and is not."""
    return stream is not None and stream.isatty()


_CONTROLS = (
    {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\t\n"}
    | {0x7F: "\N{SYMBOL FOR DELETE}"}
    | {code: f"[U+{code:04X}]" for code in range(0x80, 0xA0)}
)


def plain(text: str) -> str:
    """Give *text* with every control character shown as a sign, but for tabs and ends of lines.

    What the public writes is printed on a clerk's terminal, and must not give it orders.
    """
    return text.replace("\r\n", "\n").translate(_CONTROLS)


class Streamed(list[Told]):
    """A list in what `emit_json` prints that is made while it is printed, and never held whole."""

    def __init__(self, made: Iterator[Told]) -> None:
        """Give what is *made*; the first of it is made at once."""
        super().__init__()
        self._first = list(islice(made, 1))
        self._rest = made

    def __len__(self) -> int:
        """Tell an empty list, of length 0, from any other."""
        return len(self._first)

    def __iter__(self) -> Iterator[Told]:
        """Give each value, once."""
        return chain(self._first, self._rest)


_PIECES = 10_000
"""How many pieces of a JSON document are written at once."""


def emit_json(told: Told) -> None:
    """Print *told* as one JSON document; in ASCII where the output is not UTF-8."""
    indent = 2 if _on_terminal(sys.stdout) else None
    utf_8 = sys.stdout is not None and sys.stdout.encoding.lower() in {"utf-8", "utf8"}
    pieces = json.JSONEncoder(ensure_ascii=not utf_8, indent=indent).iterencode(told)
    while some := "".join(islice(pieces, _PIECES)):
        click.echo(some, nl=False)
    click.echo()


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table: with lines on a terminal, separated by tabs otherwise."""
    if not _on_terminal(sys.stdout):
        click.echo("\t".join(columns))
        for row in rows:
            cells = (plain(cell).replace("\t", " ").replace("\n", " ") for cell in row)
            click.echo("\t".join(cells))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=title, title_justify="left")
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(plain(cell)) for cell in row))
    Console().print(drawn)


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show how far *what* has come, on a terminal; give the function that is told the count.

    Nothing is shown before it is told: what is drawn again and again would efface a question.
    """
    if not _on_terminal(sys.stderr):
        yield lambda _count: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns: list[Any] = [
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,}"),
        TimeElapsedColumn(),
    ]
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(what, total=total)

    def tell(count: int) -> None:
        bar.update(task, completed=count)
        bar.start()

    try:
        yield tell
    finally:
        if bar.live.is_started:
            bar.stop()


def said(told: Told) -> str:
    """Give *told* as a line of text: what is empty is left out, a dash says that all of it is."""
    if isinstance(told, Mapping):
        parts = [f"{name.replace('_', ' ')} {said(one)}" for name, one in told.items() if one]
    elif isinstance(told, Sequence) and not isinstance(told, str):
        parts = [said(one) for one in told]
    else:
        return "-" if told is None or told == "" else str(told)
    return "; ".join(parts) or "-"


def day_time(micros_since: int | None) -> str:
    """Give a moment in µs UTC as tables show it."""
    return "-" if micros_since is None else f"{moment(micros_since):%Y-%m-%d %H:%M}Z"


def iso(when: datetime | int | None) -> str | None:
    """Give a moment as JSON shows it (RFC 3339, UTC)."""
    if when is None:
        return None
    return written(moment(when) if isinstance(when, int) else when)


Stayed: TypeAlias = "Collection[tuple[str, tuple[str, ...]]]"
"""Items that are due and stay, by id, each with its reasons."""

_SAID = 100


def told_stayed(stayed: Iterable[tuple[str, tuple[str, ...]]]) -> Streamed:
    """Give what `--json` prints of what is due and stays, however much it is."""
    return Streamed({"id": item, "reasons": list(reasons)} for item, reasons in stayed)


def say_stayed(stayed: Stayed) -> None:
    """Print each item that is due and stays, with its reasons; of very many the first."""
    for item, reasons in islice(stayed, _SAID):
        click.echo(f"{item[:12]} stays: {'; '.join(reasons)}")
    if len(stayed) > _SAID:
        click.echo(f"… and {len(stayed) - _SAID} more; --json tells of them all")


def shortened(text: str, length: int = 70) -> str:
    """Give one line of *text* of at most *length* characters."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"
