"""Reading the catalogue for proof: in the order in which it lies, in slices, nothing held long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TypeAlias

from sqlalchemy import Connection, Row, func, or_, select, text

from archiver.catalogue.bylines import Byline, bylines_between
from archiver.catalogue.contents import STRUCK, match_seal
from archiver.catalogue.items import COLUMNS, DESTROYED, LIVE, ItemRow, thread_seal
from archiver.catalogue.kept_files import Sealed
from archiver.catalogue.rows import sliced, these
from archiver.catalogue.tables import (
    OF_CHANGES,
    OF_REGISTERS,
    attachments,
    bylines,
    contents,
    decisions,
    items,
    ledger_entries,
    matches,
    pages,
    sightings,
    threads,
    versions,
)
from archiver.records.events import EventKind, read_leaf
from archiver.records.identity import ArchiveKey, Part

_SLICE = 5_000
"""How many threads are read at once."""

_SAID = [
    place
    for place, column in enumerate(COLUMNS)
    if column.name in {"value_ended_at", "triggers", "restriction"}
]
"""Where in a row it stands that a person said something of the item, once or more often."""

SAID_IN: Mapping[EventKind, str] = {
    EventKind.ITEM_DECLARED: "declaration",
    EventKind.ITEM_TRIGGERED: "trigger",
    EventKind.ITEM_RESTRICTED: "restriction",
    EventKind.ITEM_UNRESTRICTED: "restriction",
}
"""The slot of the paper that lies under an item for each entry that has no row of its own.

What a schedule restricts, nobody said, and it has none.
"""

ItemValues: TypeAlias = Row[int, str, *tuple[object, ...]]
"""The values of `items.COLUMNS` as the database gives them: cheap to make, dear to understand."""

VersionValues: TypeAlias = Row[int, int, str, str, int, str | None, int, str, str | None]
"""The values of a `KeptVersion` as the database gives them."""

Places: TypeAlias = dict[tuple[Part, str, str], tuple[int | None, str | None]]
"""Objects by part, slot and digest: the size (None where the catalogue keeps none) and the
store's own version."""


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """One version as the catalogue has it; *body* is None where its text was struck."""

    item_n: int
    number: int
    fingerprint: str
    digest: str
    size: int
    store_version: str | None
    captured_at: int
    seal: str
    body: str | None


@dataclass(frozen=True, slots=True)
class Expected:
    """An item's row, every object the catalogue says it owns, what is sealed of its files.

    Its *bylines* are by number: those of versions by theirs.
    """

    row: ItemRow
    versions: list[KeptVersion]
    objects: Places
    files: list[tuple[Sealed, str]]
    bylines: Mapping[int, Byline]


@dataclass(slots=True)
class Glance:
    """What an `Expected` is made of, for who looks at very many.

    *versions* stand in order; *others* are the objects that hold no version; *bylines* are by
    number: those of versions by theirs.
    """

    item: str
    values: ItemValues
    versions: list[VersionValues] = field(default_factory=list)
    others: Places = field(default_factory=dict)
    files: list[tuple[Sealed, str]] = field(default_factory=list)
    bylines: dict[int, Byline] = field(default_factory=dict)

    def understood(self) -> Expected:
        """Give it with names."""
        kept = [KeptVersion(*version) for version in self.versions]
        objects: Places = {
            (Part.CONTENT, "", one.digest): (one.size, one.store_version) for one in kept
        }
        row = ItemRow(**self.values._asdict())
        return Expected(row, kept, objects | self.others, self.files, self.bylines)


def glances_from(connection: Connection, *, first: int, stop: int, limit: int) -> list[Glance]:
    """Give at most *limit* items numbered from *first* up to before *stop*, in that order.

    Rows lie in the order of their numbers, so that reading all of them is reading the file once.
    """
    inside = (items.c.n >= first) & (items.c.n < stop)
    rows = connection.execute(select(*COLUMNS).where(inside).order_by(items.c.n).limit(limit))
    return _with_objects(connection, rows.all())


def highest_number(connection: Connection) -> int:
    """Give the highest number of an item; 0 where there is none."""
    return connection.scalar(select(func.max(items.c.n))) or 0


def expected_of(connection: Connection, item: str) -> Expected | None:
    """Give the item with the id *item* as the catalogue has it now, or None."""
    rows = connection.execute(select(*COLUMNS).where(items.c.item == item)).all()
    return _with_objects(connection, rows)[0].understood() if rows else None


def _with_objects(connection: Connection, rows: Sequence[ItemValues]) -> list[Glance]:
    found = {row[0]: Glance(row[1], row) for row in rows}
    if found:
        _add_versions(connection, min(found), max(found), found)
        _add_files(connection, min(found), max(found), found)
        _add_papers_said(connection, found.values())
        for item_n, number, told in bylines_between(connection, min(found), max(found)):
            if item_n in found:
                found[item_n].bylines[number] = told
    return list(found.values())


_VERSIONS = select(
    versions.c.item_n,
    versions.c.number,
    versions.c.fingerprint,
    versions.c.digest,
    versions.c.size,
    versions.c.store_version,
    versions.c.captured_at,
    versions.c.seal,
    contents.c.body,
).outerjoin(contents, contents.c.n == versions.c.n)


def _add_versions(
    connection: Connection, first: int, last: int, found: Mapping[int, Glance]
) -> None:
    for row in connection.execute(_VERSIONS.where(versions.c.item_n.between(first, last))).all():
        if row[0] in found:  # `orphans` names what has lost its item's row
            found[row[0]].versions.append(row)
    for one in found.values():
        if len(one.versions) > 1:
            one.versions.sort(key=itemgetter(1))


def _add_files(connection: Connection, first: int, last: int, found: Mapping[int, Glance]) -> None:
    columns = attachments.c
    sealed = (columns.item_n, columns.slot, columns.digest, columns.size, columns.media_type)
    query = select(*sealed, columns.seal, columns.store_version)
    for *told, seal, version in connection.execute(
        query.where(columns.item_n.between(first, last))
    ):
        item_n, slot, digest, size, _ = told
        if item_n in found:
            found[item_n].others[Part.ATTACHMENT, slot, digest] = (size, version)
            found[item_n].files.append((tuple(told), seal))
    for table, slot in ((decisions, "decision"), (sightings, "sighting"), (bylines, "byline")):
        papers = select(table.c.item_n, table.c.paper).where(table.c.paper != "")
        among = papers.where(table.c.item_n.between(first, last))
        for item_n, digest in connection.execute(among):
            if item_n in found:
                found[item_n].others[Part.PAPER, slot, digest] = (None, None)


def _add_papers_said(connection: Connection, found: Iterable[Glance]) -> None:
    """Add the papers of what people said, which entries alone name: every one, not the last."""
    said = {one.item: one for one in found if any(one.values[place] for place in _SAID)}
    for item, slot, paper in papers_said(connection, list(said)):
        said[item].others[Part.PAPER, slot, paper] = (None, None)


def papers_said(connection: Connection, ids: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Give the papers of what people said of the items *ids*: the item, the slot, the digest."""
    query = _CHANGES.where(ledger_entries.c.kind.in_([kind.value for kind in SAID_IN]))
    for some in sliced(ids):
        about = query.where(ledger_entries.c.subject.in_(these(connection, some)))
        for item, leaf in connection.execute(about):
            told = read_leaf(leaf)
            if told is not None and told.paper and told.kind in SAID_IN:
                yield item, SAID_IN[told.kind], told.paper


def lives(connection: Connection) -> dict[str, int]:
    """Give how many items are of each life."""
    query = select(items.c.life, func.count()).group_by(items.c.life)
    return {row[0]: row[1] for row in connection.execute(query)}


def leaves_about(connection: Connection, subjects: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Give what the ledger says of *subjects*: (subject, leaf)."""
    for some in sliced(subjects):
        query = select(ledger_entries.c.subject, ledger_entries.c.leaf)
        for row in connection.execute(query.where(ledger_entries.c.subject.in_(some))):
            yield row.subject, row.leaf


def leaves_of(connection: Connection, kinds: Sequence[EventKind]) -> Iterator[bytes]:
    """Give every entry of *kinds*, in order."""
    query = select(ledger_entries.c.leaf).where(
        ledger_entries.c.kind.in_([kind.value for kind in kinds])
    )
    yield from connection.scalars(query.order_by(ledger_entries.c.seq))


def leaves_of_registers(connection: Connection, kinds: Sequence[EventKind]) -> Iterator[bytes]:
    """Give every entry of *kinds*, all about registers, in order; of the others none is read."""
    wanted = ledger_entries.c.kind.in_([kind.value for kind in kinds])
    query = select(ledger_entries.c.leaf).where(text(OF_REGISTERS), wanted)
    yield from connection.scalars(query.order_by(ledger_entries.c.seq))


def changes_of(connection: Connection, ids: Sequence[str]) -> dict[str, list[bytes]]:
    """Give, for each item of *ids* that changed since its capture, the entries that say so."""
    found: dict[str, list[bytes]] = {}
    for some in sliced(ids):
        query = _CHANGES.where(ledger_entries.c.subject.in_(these(connection, some)))
        for subject, leaf in connection.execute(query.order_by(ledger_entries.c.seq)):
            found.setdefault(subject, []).append(leaf)
    return found


_CHANGES = select(ledger_entries.c.subject, ledger_entries.c.leaf).where(text(OF_CHANGES))


def item_count(connection: Connection) -> int:
    """Give how many items the catalogue knows, tombstones too."""
    return connection.scalar(select(func.count()).select_from(items)) or 0


def threads_edited(connection: Connection, key: ArchiveKey, *, limit: int) -> list[str]:
    """Give the ids of at most *limit* threads whose row does not bear its own seal."""
    columns = threads.c
    sealed = (columns.n, columns.thread, columns.page_n, columns.last_activity)
    query = select(*sealed, columns.seal).order_by(columns.n).limit(_SLICE)
    found: list[str] = []
    after = 0
    while len(found) < limit:
        rows = connection.execute(query.where(columns.n > after)).all()
        if not rows:
            break
        found.extend(row[1] for row in rows if thread_seal(key, row[:4]) != row[4])
        after = rows[-1][0]
    return found[:limit]


def matches_edited(connection: Connection, key: ArchiveKey, *, limit: int) -> list[str]:
    """Give the ids of at most *limit* items whose matched words do not bear their own seal."""
    columns = (matches.c.n, matches.c.item_n, matches.c.words, matches.c.seal)
    kept = or_(matches.c.item_n != STRUCK, matches.c.words != "")
    query = select(*columns).where(kept).order_by(matches.c.n).limit(_SLICE)
    found: list[int] = []
    after = 0
    while len(found) < limit:
        rows = connection.execute(query.where(matches.c.n > after)).all()
        if not rows:
            break
        found += [n for _, n, words, seal in rows if match_seal(key, n, words) != seal]
        after = rows[-1][0]
    ids = select(items.c.item).where(items.c.n.in_(found[:limit]))
    return list(connection.scalars(ids))


def threads_outdone(connection: Connection, *, limit: int) -> list[str]:
    """Give the ids of at most *limit* threads in which lives what was published after them.

    That is after the last activity that the row of the thread tells of.
    """
    later = (items.c.life == LIVE) & (items.c.published_at > threads.c.last_activity)
    query = select(threads.c.thread).join(items, items.c.thread_n == threads.c.n).where(later)
    return list(connection.scalars(query.distinct().limit(limit)))


def without_a_thread(connection: Connection, *, limit: int) -> list[str]:
    """Give the ids of at most *limit* items, none destroyed, whose thread has no row."""
    there = select(threads.c.n).where(threads.c.n == items.c.thread_n).exists()
    query = select(items.c.item).where(items.c.life != DESTROYED, ~there)
    return list(connection.scalars(query.limit(limit)))


def page_ids(connection: Connection) -> dict[int, str]:
    """Give the opaque id of every page, by number."""
    return {row.n: row.page for row in connection.execute(select(pages.c.n, pages.c.page))}


def tombstones_after(connection: Connection, *, after: str, limit: int) -> list[str]:
    """Give the ids of at most *limit* tombstones that come after *after*, in order."""
    query = select(items.c.item).where(items.c.life == DESTROYED, items.c.item > after)
    return list(connection.scalars(query.order_by(items.c.item).limit(limit)))
