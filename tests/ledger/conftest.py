from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

import pytest

from archiver.ledger.keys import generate
from archiver.ledger.notes import Signer
from archiver.ledger.tiles import LedgerCopy
from archiver.objects.memory import MemoryStore
from archiver.records.merkle import leaf_hash, tree_root

ORIGIN = "archive.example/ledger"


class PowerLoss(Exception):
    """The machine went down before the call that raises this."""


class WatchedShelf:
    """A shelf in memory that notes what is asked of it, and can lose power before any change.

    It has no right to destroy: what the ledger removes must be no more than superseded tiles.
    """

    def __init__(self) -> None:
        self._store = MemoryStore()
        self.files = self._store._files
        self.fetched: list[str] = []
        self.placed: list[list[str]] = []
        self.heaviest = 0
        self.changes_left: int | None = None

    def place(self, files: Mapping[str, bytes]) -> None:
        self.placed.append(sorted(files))
        self.heaviest = max(self.heaviest, sum(map(len, files.values())))
        for name, data in files.items():
            self._spend()
            self._store.place({name: data})

    def fetch(self, name: str) -> bytes | None:
        self.fetched.append(name)
        return self._store.fetch(name)

    def fetch_all(self, names: Sequence[str]) -> Iterator[bytes | None]:
        return map(self.fetch, names)

    def names(self, prefix: str) -> Iterator[str]:
        return self._store.names(prefix)

    def foreign_names(self) -> Iterator[str]:
        return self._store.foreign_names()

    def remove(self, names: Sequence[str]) -> None:
        for name in names:
            self._spend()
            self._store.remove([name])

    def _spend(self) -> None:
        if self.changes_left is not None:
            if self.changes_left == 0:
                raise PowerLoss
            self.changes_left -= 1


class Book:
    """The ledger as the catalogue has it: its entries, and a copy that is to follow it."""

    def __init__(self, shelf: WatchedShelf, signer: Signer) -> None:
        self.shelf = shelf
        self.signer = signer
        self.entries: list[bytes] = []
        self.asked: list[tuple[int, int]] = []

    @property
    def copy(self) -> LedgerCopy:
        """A copy opened afresh, as the next process would."""
        return LedgerCopy(self.shelf, self.signer, ORIGIN)

    def root(self, size: int | None = None) -> bytes:
        return tree_root(leaf_hash(entry) for entry in self.entries[:size])

    def write(self, count: int) -> None:
        start = len(self.entries)
        for number in range(start, start + count):
            size = number % 5 * 10
            self.entries.append(
                b'{"n":%d}' % number + hashlib.sha256(b"%d" % number).digest() * size
            )

    def between(self, start: int, stop: int) -> list[bytes]:
        self.asked.append((start, stop))
        return self.entries[start:stop]

    def bring_up(self, size: int | None = None) -> None:
        size = len(self.entries) if size is None else size
        self.copy.bring_up_to(size, self.root(size), self.between)


@pytest.fixture(scope="session")
def signer() -> Signer:
    return Signer(ORIGIN, generate())


@pytest.fixture
def book(signer: Signer) -> Book:
    return Book(WatchedShelf(), signer)
