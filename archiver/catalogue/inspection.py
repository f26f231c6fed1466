"""Reading the catalogue for proof: in order of item id, in slices, nothing held for long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from archiver.catalogue.items import DESTROYED, ItemRow, as_item
from archiver.catalogue.rows import sliced
from archiver.catalogue.tables import (
    attachments,
    contents,
    decisions,
    items,
    ledger_entries,
    matches,
    pages,
    sightings,
    versions,
)
from archiver.records.events import EventKind
from archiver.records.identity import Part


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """One version as the catalogue has it; *body* is None where its text was struck."""

    number: int
    fingerprint: str
    digest: str
    size: int
    store_version: str | None
    body: str | None


@dataclass(frozen=True, slots=True)
class Expected:
    """An item's row, and every object the catalogue says it owns.

    *objects* maps part, slot and digest to size (None where the catalogue keeps none) and the
    store's own version.
    """

    row: ItemRow
    versions: list[KeptVersion] = field(default_factory=list)
    objects: dict[tuple[Part, str, str], tuple[int | None, str | None]] = field(
        default_factory=dict
    )


def expected_after(connection: Connection, *, shard: str, after: str, limit: int) -> list[Expected]:
    """Give at most *limit* items whose ids begin with *shard* and come after *after*, in order."""
    query = select(items).where(items.c.item > max(after, shard), items.c.item < f"{shard}g")
    rows = connection.execute(query.order_by(items.c.item).limit(limit)).mappings()
    return _with_objects(connection, [as_item(row) for row in rows])


def expected_of(connection: Connection, item: str) -> Expected | None:
    """Give the item with the id *item* as the catalogue has it now, or None."""
    row = connection.execute(select(items).where(items.c.item == item)).mappings().one_or_none()
    return None if row is None else _with_objects(connection, [as_item(row)])[0]


def _with_objects(connection: Connection, rows: Sequence[ItemRow]) -> list[Expected]:
    found = {row.n: Expected(row) for row in rows}
    for some in sliced(list(found)):
        _add_versions(connection, some, found)
        _add_files(connection, some, found)
    return list(found.values())


def _add_versions(
    connection: Connection, numbers: Sequence[int], found: dict[int, Expected]
) -> None:
    query = (
        select(
            versions.c.item_n,
            versions.c.number,
            versions.c.fingerprint,
            versions.c.digest,
            versions.c.size,
            versions.c.store_version,
            contents.c.body,
        )
        .outerjoin(contents, contents.c.n == versions.c.n)
        .where(versions.c.item_n.in_(numbers))
        .order_by(versions.c.item_n, versions.c.number)
    )
    for item_n, *version in connection.execute(query).all():
        kept = KeptVersion(*version)
        found[item_n].versions.append(kept)
        place = (Part.CONTENT, "", kept.digest)
        found[item_n].objects[place] = (kept.size, kept.store_version)


def _add_files(connection: Connection, numbers: Sequence[int], found: dict[int, Expected]) -> None:
    columns = attachments.c
    query = select(
        columns.item_n, columns.slot, columns.digest, columns.size, columns.store_version
    )
    for item_n, slot, digest, size, version in connection.execute(
        query.where(columns.item_n.in_(numbers))
    ):
        found[item_n].objects[Part.ATTACHMENT, slot, digest] = (size, version)
    papers = select(decisions.c.item_n, decisions.c.paper)
    for item_n, digest in connection.execute(papers.where(decisions.c.item_n.in_(numbers))):
        found[item_n].objects[Part.PAPER, "decision", digest] = (None, None)


def without_a_row(connection: Connection, *, limit: int) -> list[str]:
    """Give the ids of at most *limit* items that the ledger says were captured and have no row."""
    query = select(ledger_entries.c.subject).where(
        ledger_entries.c.kind == EventKind.ITEM_CAPTURED.value,
        ~select(items.c.n).where(items.c.item == ledger_entries.c.subject).exists(),
    )
    return list(connection.scalars(query.limit(limit)))


def remains(connection: Connection, *, limit: int) -> list[tuple[str, str]]:
    """Give tombstones that still have something to say: (item, table), at most *limit* of each."""
    found: list[tuple[str, str]] = []
    for table in (versions, matches, attachments, sightings, decisions):
        query = (
            select(items.c.item)
            .where(items.c.life == DESTROYED, items.c.n.in_(select(table.c.item_n)))
            .limit(limit)
        )
        found.extend((item, table.name) for item in connection.scalars(query))
    of_none = ~contents.c.n.in_(select(versions.c.n))
    orphans = select(func.count()).where(of_none, contents.c.body != "")
    if count := connection.scalar(orphans):
        found.append((f"{count} texts", contents.name))
    return found


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


def item_count(connection: Connection) -> int:
    """Give how many items the catalogue knows, tombstones too."""
    return connection.scalar(select(func.count()).select_from(items)) or 0


def page_ids(connection: Connection) -> dict[int, str]:
    """Give the opaque id of every page, by number."""
    return {row.n: row.page for row in connection.execute(select(pages.c.n, pages.c.page))}


def tombstones_after(connection: Connection, *, after: str, limit: int) -> list[str]:
    """Give the ids of at most *limit* tombstones that come after *after*, in order."""
    query = select(items.c.item).where(items.c.life == DESTROYED, items.c.item > after)
    return list(connection.scalars(query.order_by(items.c.item).limit(limit)))
