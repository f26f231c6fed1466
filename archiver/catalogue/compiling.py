"""Statements written out as SQL once in a process, whichever catalogue they are for.

SQLAlchemy remembers for each engine what it has written out. A catalogue has two, one that reads
and one that writes, and writing a statement out takes longer than carrying it out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from sqlalchemy import Compiled, Dialect
from sqlalchemy.util import LRUCache

_MOST_REMEMBERED: Final = 2_000

_Key: TypeAlias = tuple[object, ...]
"""The dialect, and all that SQLAlchemy knows a statement's shape by."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A kind of dialect and the version it speaks to, equal for all engines; *own* is one's."""

    kind: type[Dialect]
    version: tuple[int, ...] | None
    own: Dialect = field(compare=False)

    @classmethod
    def by(cls, dialect: Dialect) -> Spoken:
        """Give what the *dialect* of one engine speaks."""
        return cls(type(dialect), getattr(dialect, "server_version_info", None), dialect)


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
