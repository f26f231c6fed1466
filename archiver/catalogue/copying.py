"""The whole catalogue as lines of JSON, and back: the same for a file and for a server.

One reading transaction sees one consistent state, so a copy may be made while the archive runs.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import cast

from sqlalchemy import Connection, LargeBinary, insert, select

from archiver.catalogue.tables import METADATA
from archiver.records.errors import BackupInvalid

PIECE = 4 * 1024 * 1024
"""About how many bytes of lines one piece of a table holds."""

_ROWS = 2_000


def pieces(connection: Connection) -> Iterator[tuple[str, bytes]]:
    """Give every table in pieces (its name, and lines), parents before children.

    The first line of a piece names the columns; every other one is a row.
    """
    for table in METADATA.sorted_tables:
        head = json.dumps([column.name for column in table.columns]).encode() + b"\n"
        binary = [isinstance(column.type, LargeBinary) for column in table.columns]
        lines, size = [head], 0
        rows = connection.execution_options(yield_per=_ROWS).execute(select(table))
        for row in rows:
            values = [
                base64.b64encode(value).decode() if is_bytes and value is not None else value
                for value, is_bytes in zip(row, binary, strict=True)
            ]
            line = json.dumps(values, separators=(",", ":")).encode() + b"\n"
            lines.append(line)
            size += len(line)
            if size >= PIECE:
                yield table.name, b"".join(lines)
                lines, size = [head], 0
        if len(lines) > 1:
            yield table.name, b"".join(lines)


def load(connection: Connection, name: str, piece: bytes) -> int:
    """Insert a piece of the table *name* as `pieces` gave it; give how many rows it had.

    Raises:
        BackupInvalid: this program's catalogue has no such table, or other columns.
    """
    table = METADATA.tables.get(name)
    head, *lines = piece.splitlines()
    columns = cast("list[str]", json.loads(head))
    if table is None or columns != [column.name for column in table.columns]:
        raise BackupInvalid(
            f"the backup's table {name} is of another version of this program",
            remedy="Restore with the version that made the backup, then upgrade.",
        )
    binary = [isinstance(column.type, LargeBinary) for column in table.columns]
    rows = [
        {
            column: base64.b64decode(value) if is_bytes and value is not None else value
            for column, value, is_bytes in zip(columns, json.loads(line), binary, strict=True)
        }
        for line in lines
    ]
    for start in range(0, len(rows), _ROWS):
        connection.execute(insert(table), rows[start : start + _ROWS])
    return len(rows)
