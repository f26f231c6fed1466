"""Looking on where a row holds what no column could: what stumbles over it is named, and passed.

An edit with another program may leave anything in SQLite's file: bytes that are no text, words
where a number stands. Each such row is named, and every look that it does not spoil is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

from archiver.catalogue import illegible
from archiver.catalogue.registers import readable
from archiver.procedures.account import Account
from archiver.procedures.verify_findings import LISTED_AT_MOST, Fault
from archiver.records.errors import ArchiverError

T = TypeVar("T")


@dataclass(slots=True)
class Looks:
    """Takes one look after the other; what failed is among the *faults* where *despite* is set."""

    despite: bool = False
    faults: list[Fault] = field(default_factory=list)

    def take(self, what: str, look: Callable[[], T], otherwise: T) -> T:
        """Give what *look* at *what* finds; *otherwise*, named as a fault, where it stumbles."""
        if not self.despite:
            return look()
        try:
            with readable(what):
                return look()
        except ArchiverError as error:
            self.faults.append(Fault(what, f"not all of it could be looked at: {error}"))
            return otherwise


def mistyped(account: Account) -> list[Fault]:
    """Name every row with a value of another type than its column; quick, and asked always."""
    with account.catalogue.reading() as connection:
        found = illegible.illegible(connection, limit=LISTED_AT_MOST)
    return [Fault(what, why) for what, why in found]


def undecodable(account: Account) -> list[Fault]:
    """Name every row with a text that nobody could decode; every text is read."""
    with account.catalogue.reading() as connection:
        return [Fault(what, why) for what, why in illegible.undecodable(connection)]


@contextmanager
def reading_whatever(account: Account) -> Iterator[Account]:
    """Give *account* with a catalogue that reads undecodable text as words that say so."""
    catalogue = account.catalogue.whatever_lies_there()
    try:
        yield replace(account, catalogue=catalogue)
    finally:
        catalogue.dispose()
