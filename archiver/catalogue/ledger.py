"""The rows of the ledger: gapless, in order, under one head that holds size and frontier.

Appending costs O(log n), many leaves at once; every column follows from the leaf and is
checked by `verify`. There is no statement here that changes or removes an entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from sqlalchemy import Connection, LargeBinary, Row, cast, insert, select, update

from archiver.catalogue import facts
from archiver.catalogue.rows import add_rows, sliced
from archiver.catalogue.running import NOTHING, Running, as_bytes, of_registers, running
from archiver.catalogue.tables import facts as facts_table
from archiver.catalogue.tables import ledger_entries, ledger_head
from archiver.records.canonical import read_object
from archiver.records.clocks import Watch
from archiver.records.errors import LedgerDamaged
from archiver.records.events import EventKind, Leaf
from archiver.records.identity import ArchiveKey
from archiver.records.merkle import Frontier, leaf_hash
from archiver.records.moments import micros, moment, written

_SLICE = 5_000
_ENTRY = ("seq", "kind", "at", "by", "subject", "leaf")

_Entry: TypeAlias = Row[int, str, int, str, str, bytes]
_ENTRY = ("seq", "kind", "at", "by", "subject", "leaf")
_KINDS = frozenset(kind.value for kind in EventKind)


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
    """Say whether there is a ledger, if only an empty one."""
    return connection.scalar(select(ledger_head.c.one)) is not None


def head(connection: Connection) -> Head:
    """Give the head of the ledger.

    Raises:
        LedgerDamaged: it cannot be read: it was edited behind us.
    """
    row = connection.execute(_HEAD).one()
    try:
        frontier = Frontier.from_bytes(row.frontier)
    except (ValueError, TypeError) as error:
        raise LedgerDamaged(f"the head of the ledger cannot be read: {error}") from error
    return Head(row.size, frontier, row.last_at, Running(row.registers, row.changes), row.seal)


_OTHERS = [each for each in ledger_head.c if each is not ledger_head.c.frontier]
_HEAD = select(*_OTHERS, cast(ledger_head.c.frontier, LargeBinary).label("frontier"))
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
    """Give what the ledger has seen of the clock."""
    last, leapt = connection.execute(select(ledger_head.c.last_at, _LEAPT.scalar_subquery())).one()
    if leapt is None:
        return Watch(last=last)
    since, until = leapt.split()
    return Watch(last=last, leapt=(int(since), int(until)))


_LEAPT = select(facts_table.c.value).where(facts_table.c.name == facts.LEAPT)


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
    add_rows(connection, ledger_entries, _ENTRY, rows)
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


@dataclass(frozen=True, slots=True)
class Report:
    """What a recomputation of the rows found: faults, and the tree they really make.

    *root_at* is the root of the first *at* entries that was asked for, None if there are fewer.
    """

    size: int
    root: bytes
    faults: tuple[str, ...]
    root_at: bytes | None = None


def recompute(
    connection: Connection, *, at: int | None = None, key: ArchiveKey | None = None
) -> Report:
    """Recompute the tree from the leaves, and compare every column and the head with them.

    The root of the first *at* entries is given too, to be held against a checkpoint. With *key*
    the head's seal is proven, too.
    """
    stated = _stated(connection)
    frontier = Frontier()
    faults: list[str] = []
    expected, seen, deciding = 0, Watch(last=0), Running()
    root_at = frontier.root() if at == 0 else None
    for rows in _slices(connection):
        for row in rows:
            if row[0] != expected or not _plainly_follows(row):
                faults.extend(_faults(row, expected))
            expected = row[0] + 1
        seen = seen.seeing((row[1], row[2]) for row in rows if isinstance(row[2], int))
        deciding = deciding.taking_in((row[0], row[1], as_bytes(row[5])) for row in rows)
        hashes = [leaf_hash(as_bytes(row[5])) for row in rows]
        if at is not None and frontier.size < at <= frontier.size + len(hashes):
            root_at = frontier.append(hashes[: at - frontier.size]).root()
        frontier = frontier.append(hashes)
    if not _tells_of(stated, frontier):
        faults = list(_every_fault(connection))
    faults += _of_head(stated, frontier, deciding)
    if key is not None and stated is not None and not stated.whole(key):
        faults.append("the head does not bear its seal: it was edited behind us")
    if seen != _watched(connection):
        faults.append("what it has seen of the clock is not what its rows tell")
    return Report(frontier.size, frontier.root(), tuple(faults), root_at)


def _stated(connection: Connection) -> Head | None:
    """Give the head; None where it cannot be read."""
    try:
        return head(connection)
    except LedgerDamaged:
        return None


def _watched(connection: Connection) -> Watch | None:
    """Give what is kept of the clock; None where it cannot be read."""
    try:
        return watch(connection)
    except ValueError:
        return None


def _tells_of(stated: Head | None, rows: Frontier) -> bool:
    return stated is not None and (stated.size, stated.frontier.root()) == (rows.size, rows.root())


def _of_head(stated: Head | None, rows: Frontier, deciding: Running) -> Iterator[str]:
    if stated is None:
        yield "the head cannot be read"
        return
    if not _tells_of(stated, rows):
        yield f"the head says {stated.size} entries and another tree than the {rows.size} rows"
    if deciding != stated.deciding:
        yield "the head says otherwise of the entries that decide than its rows"


def _plainly_follows(row: _Entry) -> bool:
    """Say whether the columns are beyond doubt those of the leaf; `_faults` judges what it denies.

    It holds the beginning and the end of the leaf against what `Leaf.to_bytes` would write of
    the columns, which takes a tenth of the time of understanding the leaf. An id of letters,
    digits and hyphens can neither end early nor reach into what stands beside it. What stands
    between is not understood: the tree says whether it is what was written.
    """
    _, kind, at, by, subject, leaf = row
    try:
        if kind not in _KINDS or not (by + subject).replace("-", "").isalnum():
            return False
        end = f',"k":"{kind}","s":"{subject}","t":"{_written(at)}"}}'
        return leaf.startswith(f'{{"by":"{by}","d":{{'.encode()) and leaf.endswith(end.encode())
    except (ValueError, TypeError):
        return False


@lru_cache(maxsize=64)
def _written(at: int) -> str:
    """Give a moment as leaves write it; the entries of one batch share theirs."""
    return written(moment(at))


def _faults(row: _Entry, expected: int) -> Iterable[str]:
    seq, *stated, leaf = row
    if seq != expected:
        yield f"entries {expected} to {seq - 1} are missing"
    try:
        told = Leaf.from_json(read_object(leaf))
    except (ValueError, KeyError, TypeError, AttributeError):
        yield f"entry {seq}: its leaf cannot be read"
        return
    if stated != [told.kind.value, micros(told.at), told.by, told.subject]:
        yield f"entry {seq}: its columns do not follow from its leaf"


def _every_fault(connection: Connection) -> Iterable[str]:
    """Understand every leaf, where the tree itself says that one of them is another."""
    expected = 0
    for rows in _slices(connection):
        for row in rows:
            yield from _faults(row, expected)
            expected = row[0] + 1


def _slices(connection: Connection) -> Iterator[Sequence[_Entry]]:
    low = 0
    query = select(*(ledger_entries.c[name] for name in _ENTRY)).order_by(ledger_entries.c.seq)
    while some := connection.execute(query.where(ledger_entries.c.seq >= low).limit(_SLICE)).all():
        yield some
        low = some[-1][0] + 1
