"""Tombstones: what the paper of a batch, the ledger and a row say of what was destroyed.

The schedule says for each series what stays of its items. It is settled when a destruction
begins: the paper that lists the batch gives a full line for what leaves a full tombstone, the id
alone for an opaque one, and nothing for none; that last the ledger names, by ids that say
nothing, so that nothing is ever lost without a trace.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias, cast

from archiver.catalogue import Desk, Reading, expunging, items, lives
from archiver.catalogue.expunging import remnant
from archiver.catalogue.items import ItemRow
from archiver.procedures.account import Account
from archiver.records.canonical import Json
from archiver.records.events import EventKind
from archiver.records.schedules import Schedule
from archiver.records.series import Tombstone

ITEM, SERIES, PAGE, THREAD, FILED, DUE, TRIGGERED, KEPT_AS = 0, 1, 2, 3, 7, 8, 12, 13
"""The places of a line's particulars in the paper that lists a batch."""

LISTED = 400
"""How many ids one entry lists at most; a leaf has 64 KiB."""

Line: TypeAlias = "list[Json]"


def listed(schedule: Schedule | None, lines: Sequence[Line]) -> list[Json]:
    """Give the lines that the paper of a batch has of *lines*, each as its series' tombstone."""
    found: list[Json] = []
    for line in lines:
        kind = kind_of(schedule, str(line[FILED]))
        if kind is Tombstone.FULL:
            found.append(line)
        elif kind is Tombstone.OPAQUE:
            root = line[ITEM] if line[THREAD] == line[ITEM] else ""
            found.append([line[ITEM], "", "", root, "", "0", None, "", "", 0, 0, 0, [], []])
    return found


def kind_of(schedule: Schedule | None, number: str) -> Tombstone:
    """Give what stays of the items of the series *number*: everything, where nobody says."""
    series = schedule.series.get(number) if schedule is not None else None
    return Tombstone.FULL if series is None else series.tombstone


def enter_untold(
    account: Account,
    desk: Desk,
    going: Sequence[ItemRow],
    told: Collection[str],
    *,
    by: str,
    batch: str,
) -> None:
    """Enter the ids of those of *going* that the paper of the batch does not tell of."""
    silent = [row.item for row in going if row.item not in told]
    for start in range(0, len(silent), LISTED):
        some = silent[start : start + LISTED]
        roots = sorted(items.threads_by_ids(desk.connection, some))
        particulars: dict[str, Json] = {"i": list[Json](some), "t": list[Json](roots)}
        kind = EventKind.DISPOSITION_UNTOLD
        account.enter(desk, kind, by=by, subject=batch, told=particulars)


def told_in_full(listing: Mapping[str, Json]) -> set[str]:
    """Give the items of which the paper of a batch tells everything that a full tombstone says."""
    lines = cast("list[Line]", listing["items"])
    return {str(line[ITEM]) for line in lines if line[PAGE]}


def named_in(listing: Mapping[str, Json]) -> set[str]:
    """Give the items that the paper of a batch names at all."""
    return {str(line[ITEM]) for line in cast("list[Line]", listing["items"])}


def entomb(
    account: Account, connection: Reading, rows: Sequence[ItemRow], full: Collection[str]
) -> None:
    """Leave of *rows* a full tombstone where they are among *full*; of the others only an id.

    A number, and under which certificate they went, stays of these too, so that a visit that
    sees one again can say so.
    """
    lives.entomb(connection, [row for row in rows if row.item in full], account.key)
    if silent := [row for row in rows if row.item not in full]:
        items.change(connection, [bare(row).in_place_of(row, account.key) for row in silent])
        expunging.strike_traces(connection, [row.n for row in silent])
        expunging.blank_threads(connection, account.key)


def bare(row: ItemRow) -> ItemRow:
    """Give a tombstone that says only under which certificate the item went."""
    return replace(remnant(row), batch_n=row.batch_n)
