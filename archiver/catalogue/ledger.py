"""The rows of the ledger: gapless, in order, under one head that holds size and frontier.

Appending costs O(log n), many leaves at once; every column follows from the leaf and is
checked by `verify`. There is no statement here that changes or removes an entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Connection, LargeBinary, cast, insert, select, update
from sqlalchemy.exc import NoResultFound

from archiver.catalogue import facts
from archiver.catalogue.rows import add_rows, sliced
from archiver.catalogue.running import NOTHING, Running, as_bytes, of_registers, running
from archiver.catalogue.tables import facts as facts_table
from archiver.catalogue.tables import ledger_entries, ledger_head
from archiver.records.clocks import Watch
from archiver.records.errors import LedgerDamaged
from archiver.records.events import EventKind, Leaf
from archiver.records.identity import ArchiveKey
from archiver.records.merkle import Frontier, leaf_hash
from archiver.records.moments import micros

_SLICE = 5_000

ENTRY = ("seq", "kind", "at", "by", "subject", "leaf")

_ANEW = (
    "Stop destructive work and keep the catalogue as it is; then restore it from a backup, or move "
    "it away and run `archiver rebuild`, which makes it anew from the object store."
)
"""What to do where the head of the ledger is no more: no entry can be appended without it."""


@dataclass(frozen=True, slots=True)
class Head:
    """The ledger's size, the frontier of its tree, and the moment of its newest entry (µs).

    *deciding* are the running digests of the entries that decide. The *seal* is over all of them,
    so that who has no key appends nothing unnoticed.
    """

    size: int
    frontier: Frontier
    last_at: int
    deciding: Running = NOTHING
    seal: str = ""

    def true_seal(self, key: ArchiveKey) -> str:
        """Give the seal that belongs to it."""
        told = (self.size, self.frontier.to_bytes(), self.last_at, *self.deciding)
        return key.seal(ascii(("head", *told)))

    def whole(self, key: ArchiveKey) -> bool:
        """Say whether it stands as it was sealed; the head of an empty ledger bears no seal."""
        return not self.size or self.seal == self.true_seal(key)


def found(connection: Connection) -> None:
    """Lay the one head row of an empty ledger."""
    connection.execute(
        insert(ledger_head).values(
            one=1,
            size=0,
            frontier=Frontier().to_bytes(),
            last_at=0,
            **Running()._asdict(),
            seal="",
        )
    )


def founded(connection: Connection) -> bool:
    """Say whether there is a ledger: an empty one, or one whose head somebody took away."""
    return has_head(connection) or connection.scalar(_FIRST) is not None


_FIRST = select(ledger_entries.c.seq).limit(1)


def has_head(connection: Connection) -> bool:
    """Say whether the ledger has its head, readable or not."""
    return connection.scalar(select(ledger_head.c.one).where(ledger_head.c.one == 1)) is not None


def head(connection: Connection) -> Head:
    """Give the head of the ledger.

    Raises:
        LedgerDamaged: it is gone, or cannot be read: it was edited behind us.
    """
    row = connection.execute(_HEAD).one_or_none()
    if row is None:
        raise LedgerDamaged("the head of the ledger is gone from the catalogue", remedy=_ANEW)
    try:
        frontier = Frontier.from_bytes(row.frontier)
    except (ValueError, TypeError) as error:
        raise LedgerDamaged(
            f"the head of the ledger cannot be read: {error}", remedy=_ANEW
        ) from error
    return Head(row.size, frontier, row.last_at, Running(row.registers, row.changes), row.seal)


_OTHERS = [each for each in ledger_head.c if each is not ledger_head.c.frontier]
_HEAD = select(*_OTHERS, cast(ledger_head.c.frontier, LargeBinary).label("frontier")).where(
    ledger_head.c.one == 1
)
"""What was edited may be no bytes any more, and no text either; asked as bytes it is read."""


def deciding_whole(connection: Connection, key: ArchiveKey) -> bool:
    """Say whether every entry that decides is there as it was entered, and no other."""
    stated = head(connection)
    return stated.seal == stated.true_seal(key) and stated.deciding == running(connection)


def registers_whole(connection: Connection, key: ArchiveKey) -> bool:
    """Say whether every entry about a register is there as it was entered, and no other."""
    stated = head(connection)
    whole = stated.seal == stated.true_seal(key)
    return whole and stated.deciding.registers == of_registers(connection)


def watch(connection: Connection) -> Watch:
    """Give what the ledger has seen of the clock.

    Raises:
        LedgerDamaged: it cannot be read: it was edited behind us.
    """
    try:
        last, leapt = connection.execute(_WATCH).one()
        if leapt is None:
            return Watch(last=int(last))
        since, until = leapt.split()
        return Watch(last=int(last), leapt=(int(since), int(until)))
    except (NoResultFound, ValueError, TypeError, AttributeError) as error:
        raise LedgerDamaged(
            f"what the ledger has seen of the clock cannot be read: {error}", remedy=_ANEW
        ) from error


_LEAPT = select(facts_table.c.value).where(facts_table.c.name == facts.LEAPT)
_WATCH = select(ledger_head.c.last_at, _LEAPT.scalar_subquery()).where(ledger_head.c.one == 1)


def append(connection: Connection, leaves: Sequence[Leaf], key: ArchiveKey | None) -> None:
    """Append *leaves* in order, and seal the head with *key*; see `append_raw`."""
    append_raw(connection, [(leaf, leaf.to_bytes()) for leaf in leaves], key)


def append_raw(
    connection: Connection, leaves: Sequence[tuple[Leaf, bytes]], key: ArchiveKey | None
) -> None:
    """Append leaves whose bytes are already known (a rebuild replays them as they were).

    Raises:
        LedgerDamaged: the head does not bear its seal: somebody else appended, or took away.
    """
    if not leaves:
        return
    before = head(connection)
    if key is not None and not before.whole(key):
        raise LedgerDamaged("the head of the ledger was edited behind us; nothing is appended")
    rows = [
        (seq, leaf.kind.value, _micros(leaf.at), leaf.by, leaf.subject, data)
        for seq, (leaf, data) in enumerate(leaves, before.size)
    ]
    frontier = before.frontier.append(leaf_hash(data) for _, data in leaves)
    seen = watch(connection).seeing((kind, at) for _, kind, at, _, _, _ in rows)
    if seen.leapt is not None:
        facts.put(connection, facts.LEAPT, f"{seen.leapt[0]} {seen.leapt[1]}")
    elif any(leaf.kind is EventKind.CLOCK_CONFIRMED for leaf, _ in leaves):
        facts.remove(connection, facts.LEAPT)
    add_rows(connection, ledger_entries, ENTRY, rows)
    deciding = before.deciding.taking_in((row[0], row[1], row[5]) for row in rows)
    after = Head(before.size + len(rows), frontier, seen.last, deciding)
    connection.execute(
        update(ledger_head)
        .where(ledger_head.c.one == 1)
        .values(
            size=after.size,
            frontier=frontier.to_bytes(),
            last_at=after.last_at,
            **deciding._asdict(),
            seal=after.true_seal(key) if key is not None else "",
        )
    )


_micros = lru_cache(maxsize=64)(micros)
"""The entries of one batch share their moment."""


def raw_entries(connection: Connection, start: int, end: int) -> Iterator[bytes]:
    """Give the bytes of entries [start, end), in order, in slices."""
    for low in range(start, end, _SLICE):
        inside = (ledger_entries.c.seq >= low) & (ledger_entries.c.seq < min(low + _SLICE, end))
        query = select(ledger_entries.c.leaf).where(inside).order_by(ledger_entries.c.seq)
        yield from map(as_bytes, connection.scalars(query).all())


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry as its columns tell it: its number, its word, when (µs UTC), and who."""

    seq: int
    kind: str
    at: int
    by: str
    leaf: bytes


def about(connection: Connection, subject: str) -> list[EntryRow]:
    """Give every entry on *subject*, in order; all rows are looked through."""
    return about_each(connection, [subject])[subject]


def about_each(connection: Connection, subjects: Sequence[str]) -> dict[str, list[EntryRow]]:
    """Give every entry on each of *subjects*, in order; all rows are looked through."""
    columns = [ledger_entries.c[name] for name in ("subject", "seq", "kind", "at", "by", "leaf")]
    found: dict[str, list[EntryRow]] = {subject: [] for subject in subjects}
    for some in sliced(subjects):
        query = select(*columns).where(ledger_entries.c.subject.in_(some))
        for subject, *entry in connection.execute(query.order_by(ledger_entries.c.seq)):
            found[subject].append(EntryRow(*entry))
    return found


def of_kind(connection: Connection, kind: EventKind, *, after: int) -> list[EntryRow]:
    """Give every entry of *kind* behind the entry *after*, in order."""
    columns = [ledger_entries.c[name] for name in ("seq", "kind", "at", "by", "leaf")]
    behind = (ledger_entries.c.kind == kind.value) & (ledger_entries.c.seq > after)
    query = select(*columns).where(behind).order_by(ledger_entries.c.seq)
    return [EntryRow(*entry) for entry in connection.execute(query)]
