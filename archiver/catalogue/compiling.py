"""Statements written out as SQL once in a process, whichever catalogue they are for.

SQLAlchemy remembers for each engine what it has written out. A catalogue has two, one that reads
and one that writes, and writing a statement out takes longer than carrying it out.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from sqlalchemy import Compiled
from sqlalchemy.util import LRUCache

_MOST_REMEMBERED: Final = 2_000

_Key: TypeAlias = tuple[object, ...]
"""The dialect, and all that SQLAlchemy knows a statement's shape by."""


class WrittenOut(LRUCache[_Key, Compiled]):
    """Compiled statements, good for every engine of one kind of database in one version of it."""

    def get(self, key: _Key, default: Compiled | None = None) -> Compiled | None:  # type: ignore[override]  # narrower than LRUCache's overloads, and all that SQLAlchemy calls
        """Give what was compiled for *key*, by whichever engine."""
        return super().get(_of_all_engines(key), default)

    def __setitem__(self, key: _Key, value: Compiled) -> None:
        super().__setitem__(_of_all_engines(key), value)


def _of_all_engines(key: _Key) -> _Key:
    """Name the kind of dialect, and the version it speaks to, in the place of one engine's own."""
    dialect, *shape = key
    return (type(dialect), getattr(dialect, "server_version_info", None), *shape)


WRITTEN: Final = WrittenOut(_MOST_REMEMBERED)
"""What this process has written out."""
