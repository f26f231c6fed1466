"""Recomputing the ledger: the tree its rows really make, held against columns and head."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from sqlalchemy import Connection, Row, select

from archiver.catalogue.ledger import ENTRY, Head, has_head, head, watch
from archiver.catalogue.running import Running, as_bytes
from archiver.catalogue.tables import ledger_entries
from archiver.records.canonical import read_object
from archiver.records.clocks import Watch
from archiver.records.errors import LedgerDamaged
from archiver.records.events import EventKind, Leaf
from archiver.records.identity import ArchiveKey
from archiver.records.merkle import Frontier, leaf_hash
from archiver.records.moments import micros, moment, written

_SLICE = 5_000

_Entry: TypeAlias = Row[int, str, int, str, str, bytes]
_KINDS = frozenset(kind.value for kind in EventKind)


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
    if key is not None and isinstance(stated, Head) and not stated.whole(key):
        faults.append("the head does not bear its seal: it was edited behind us")
    if seen != _watched(connection):
        faults.append("what it has seen of the clock is not what its rows tell")
    return Report(frontier.size, frontier.root(), tuple(faults), root_at)


def _stated(connection: Connection) -> Head | str:
    """Give the head, or say why it cannot be read."""
    try:
        return head(connection)
    except LedgerDamaged:
        return "the head cannot be read" if has_head(connection) else "the head is gone"


def _watched(connection: Connection) -> Watch | None:
    """Give what is kept of the clock; None where it cannot be read."""
    try:
        return watch(connection)
    except LedgerDamaged:
        return None


def _tells_of(stated: Head | str, rows: Frontier) -> bool:
    return not isinstance(stated, str) and (stated.size, stated.frontier.root()) == (
        rows.size,
        rows.root(),
    )


def _of_head(stated: Head | str, rows: Frontier, deciding: Running) -> Iterator[str]:
    if isinstance(stated, str):
        yield stated
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
    query = select(*(ledger_entries.c[name] for name in ENTRY)).order_by(ledger_entries.c.seq)
    while some := connection.execute(query.where(ledger_entries.c.seq >= low).limit(_SLICE)).all():
        yield some
        low = some[-1][0] + 1
