"""Expunging: taking what still points at items out of the catalogue, beyond what they said.

What a disposal leaves of an item (a tombstone that says where and when, the lines of plans, which
holds covered it and let it go, gaps) goes as well. The rows that hold words are emptied before
they go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, delete, func, select, update

from archiver.catalogue import contents
from archiver.catalogue.items import (
    BEGUN,
    DESTROYED,
    ItemRow,
    ThreadRow,
    add_threads,
    next_thread,
    threads_by_ids,
)
from archiver.catalogue.rows import sliced
from archiver.catalogue.tables import (
    bag_items,
    coverage,
    departures,
    gaps,
    items,
    judgements,
    plan_items,
    threads,
)
from archiver.records.identity import ArchiveKey

NOWHERE = 0
"""The number of no page and no thread: where a remnant lies."""

NO_BATCH = 0
"""The number of no batch of a plan: what a court order destroys stands in that one."""


def begun(row: ItemRow) -> ItemRow:
    """Give *row* as it stands while an order destroys it: in no batch of any plan."""
    return replace(row, life=BEGUN, batch_n=NO_BATCH)


def remnant(row: ItemRow) -> ItemRow:
    """Give what stays of an expunged item: its number, and the opaque id the ledger has."""
    return replace(
        row,
        page_n=NOWHERE,
        thread_n=NOWHERE,
        kind="",
        author="",
        own=False,
        restricted="",
        published_at=0,
        captured_at=0,
        version=0,
        fingerprint="",
        state="",
        state_at=0,
        actor="",
        removed_at=None,
        value_ended_at=None,
        tag="",
        series="",
        basis="",
        rule="",
        confidence=0,
        schedule="",
        queued=False,
        cooling_until=None,
        recheck_on=None,
        life=DESTROYED,
        batch_n=None,
        triggers="",
        restriction="",
    )


def is_remnant(row: ItemRow) -> bool:
    """Say whether *row* tells nothing of its item but that it was."""
    return row.life == DESTROYED and row.page_n == NOWHERE


def is_expunged(row: ItemRow) -> bool:
    """Say whether *row* is what an order of a court left; a disposition leaves its certificate."""
    return is_remnant(row) and row.batch_n is None


def expunged(connection: Connection) -> list[str]:
    """Give the ids of everything that orders of a court had destroyed."""
    query = select(items.c.item).where(items.c.page_n == NOWHERE, items.c.life == DESTROYED)
    return list(connection.scalars(query.where(items.c.batch_n.is_(None))))


def remnants(connection: Connection) -> int:
    """Give how many destroyed items there were of which nothing tells where they lay."""
    query = select(func.count()).select_from(items)
    found = connection.scalar(query.where(items.c.page_n == NOWHERE, items.c.life == DESTROYED))
    return found or 0


def strike(connection: Connection, numbers: Sequence[int]) -> None:
    """Strike everything the catalogue has of the items *numbers*, but their rows."""
    contents.strike(connection, numbers)
    strike_traces(connection, numbers)
    for some in sliced(numbers):
        connection.execute(delete(plan_items).where(plan_items.c.item_n.in_(some)))


def strike_traces(connection: Connection, numbers: Sequence[int]) -> None:
    """Strike where the items *numbers* lay: gaps, threads, holds over them, judgements of them."""
    for some in sliced(numbers):
        listed = update(plan_items).where(plan_items.c.item_n.in_(some))
        connection.execute(listed.values(thread_n=NOWHERE))
        mine = gaps.c.item_n.in_(some)
        connection.execute(update(gaps).where(mine).values(what="", slot=""))
        for table in (gaps, coverage, departures, bag_items, judgements):
            connection.execute(delete(table).where(table.c.item_n.in_(some)))


def blank_threads(connection: Connection, key: ArchiveKey) -> None:
    """Blank the threads in which nothing lies any more: no page, no day."""
    lain_in = select(items.c.n).where(items.c.thread_n == threads.c.n).exists()
    query = select(threads).where(threads.c.page_n != NOWHERE, ~lain_in)
    for found in connection.execute(query).mappings().all():
        row = ThreadRow(**found)
        _write(connection, replace(row, page_n=NOWHERE, last_activity=0), key)
        quiet = {"look_on": None, "ripe_on": None}
        connection.execute(update(threads).where(threads.c.n == row.n).values(quiet))


def empty_thread(connection: Connection, thread: str, key: ArchiveKey) -> None:
    """Make a thread in which nothing lies, under the next number, if *thread* names one."""
    if thread and not threads_by_ids(connection, [thread]):
        n = next_thread(connection)
        row = ThreadRow(n=n, thread=thread, page_n=NOWHERE, last_activity=0, look_on=None)
        add_threads(connection, [row], key)


def lie_in(connection: Connection, row: ThreadRow, page_n: int, key: ArchiveKey) -> None:
    """Write on which page a thread lies, now that something lies in it again.

    One whose seal was broken is left as it is, to be found.
    """
    if row.true_seal(key) == row.seal:
        _write(connection, replace(row, page_n=page_n), key)


def _write(connection: Connection, row: ThreadRow, key: ArchiveKey) -> None:
    values = {
        "page_n": row.page_n,
        "last_activity": row.last_activity,
        "seal": row.true_seal(key),
    }
    connection.execute(update(threads).where(threads.c.n == row.n).values(values))
