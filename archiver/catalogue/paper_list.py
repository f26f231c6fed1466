"""A list of papers, for a while: which are told of, and which lie on the shelf.

There may be as many of both as there were deeds. So they stand in a file of their own, which
SQLite makes where temporary files lie once a little memory is full, and which nobody else sees.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import NamedTuple

from archiver.records.errors import CatalogueUnavailable

_MEMORY_KIB = 8_192

_TABLES = """
    CREATE TABLE told (n INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, by TEXT NOT NULL);
    CREATE TABLE lying (digest BLOB PRIMARY KEY, kind TEXT NOT NULL) WITHOUT ROWID;
"""

_NEXT = """
    SELECT told.n, told.digest, told.by, lying.kind FROM told LEFT JOIN lying USING (digest)
    WHERE told.n > ? ORDER BY told.n LIMIT ?
"""

_UNTOLD = """
    SELECT digest, kind FROM lying WHERE digest NOT IN (SELECT digest FROM told)
    ORDER BY kind, digest LIMIT ?
"""


class ToldPaper(NamedTuple):
    """A paper that is told of: its digest, by what, and its kind, or None where none lies there."""

    digest: bytes
    by: str
    kind: str | None


class PaperList:
    """Papers that are told of, each once, in the order in which they were told first."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Begin with none, in *connection*."""
        self._connection = connection
        self._given = 0

    def tell(self, told: Iterable[tuple[bytes, str]]) -> None:
        """Add each digest that was not told before, and what tells of it."""
        self._connection.executemany("INSERT OR IGNORE INTO told (digest, by) VALUES (?, ?)", told)

    def shelve(self, lying: Iterable[tuple[bytes, str]]) -> None:
        """Say of each digest that a paper of that kind lies there."""
        self._connection.executemany("INSERT OR REPLACE INTO lying VALUES (?, ?)", lying)

    def following(self, limit: int) -> list[ToldPaper]:
        """Give at most *limit* papers that were not given yet; none where there is no other."""
        rows = self._connection.execute(_NEXT, (self._given, limit)).fetchall()
        if rows:
            self._given = rows[-1][0]
        return [ToldPaper(*row[1:]) for row in rows]

    def untold(self, limit: int) -> list[tuple[bytes, str]]:
        """Give digest and kind of at most *limit* that lie there, of which nothing tells."""
        return self._connection.execute(_UNTOLD, (limit,)).fetchall()


@contextmanager
def paper_list() -> Iterator[PaperList]:
    """Give an empty list that is gone afterwards.

    Raises:
        CatalogueUnavailable: there is no room for it.
    """
    try:
        with closing(sqlite3.connect("", isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute(f"PRAGMA cache_size = -{_MEMORY_KIB}")
            connection.executescript(_TABLES)
            connection.execute("BEGIN")
            yield PaperList(connection)
    except sqlite3.OperationalError as error:
        raise CatalogueUnavailable(
            f"no list of papers could be made: {error}",
            remedy="Make room where temporary files lie (SQLITE_TMPDIR or TMPDIR names another "
            "folder), and verify again.",
        ) from error
