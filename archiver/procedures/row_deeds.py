"""What entries of the ledger make of an item's row: one deed at a time, and all of them at once.

A rebuild applies them in order. Here they are also held against a row that stands: its seal says
that we wrote it, and not that we wrote no other since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import cast

from archiver.catalogue.items import LIVE, ItemRow
from archiver.procedures.drafting import GONE
from archiver.procedures.triggering import happened
from archiver.records.canonical import Json, read_object
from archiver.records.captures import PlatformState
from archiver.records.classification import Basis, Tag
from archiver.records.events import EventKind, Leaf
from archiver.records.restrictions import Restriction, restricted_by
from archiver.records.series import Trigger


def settled_by(row: ItemRow, leaf: Leaf) -> ItemRow:
    """Give *row* with what the entry says counts for it now, where it says so."""
    told = leaf.particulars
    if "k" not in told:
        return row
    tag, series, basis, rule, confidence, queued = cast("list[Json]", told["k"])
    return replace(
        row,
        restricted=_restricted_as_told(row, leaf),
        tag=str(tag),
        series=str(series),
        basis=str(basis),
        rule=str(rule),
        confidence=int(str(confidence)),
        queued=bool(queued),
        schedule=str(told["s"]),
        version=int(str(told.get("cv", told.get("v", row.version)))),
    )


def decided_by(row: ItemRow, leaf: Leaf) -> ItemRow:
    """Give *row* as a person settled it."""
    tag, series, basis = (str(word) for word in cast("list[Json]", leaf.particulars["k"]))
    return replace(
        row,
        restricted=_restricted_as_told(row, leaf),
        tag=tag,
        series=series,
        basis=basis,
        rule="",
        confidence=1000,
        schedule=str(leaf.particulars["s"]),
        queued=False,
    )


def _restricted_by(row: ItemRow, leaf: Leaf) -> ItemRow:
    """Give *row* as a person restricted it, or took that back; or as a schedule restricted it.

    Only a person's word has a paper.
    """
    paper = leaf.paper or row.restriction
    return replace(row, restricted=_restricted_as_told(row, leaf), restriction=paper)


def _restricted_as_told(row: ItemRow, leaf: Leaf) -> str:
    """Give the reasons that an entry tells of, and an order's, which entries of orders tell."""
    ordered = {Restriction.ORDER} & {*row.restricted.split()}
    return restricted_by(str(leaf.particulars.get("r", "")), *ordered)


def _declared_by(row: ItemRow, leaf: Leaf) -> ItemRow:
    """Give *row* as one that a person declared to be no longer required."""
    return replace(row, value_ended_at=int(str(leaf.particulars["ended"])))


def _triggered_by(row: ItemRow, leaf: Leaf) -> ItemRow:
    """Give *row* with the day of the trigger that a person entered."""
    day = date.fromordinal(int(str(leaf.particulars["d"])))
    return happened(row, Trigger(str(leaf.particulars["t"])), day)


def cooled(row: ItemRow, until: int) -> ItemRow:
    """Give *row* as one that is not due before the day *until*, an ordinal; nor any sooner."""
    return replace(row, cooling_until=max(row.cooling_until or 0, until))


def _cooled_by(row: ItemRow, leaf: Leaf) -> ItemRow:
    """Give *row* with the cool-down that the entry begins, or makes longer."""
    return cooled(row, int(str(leaf.particulars["until"])))


def returned(row: ItemRow) -> ItemRow:
    """Give *row* as one that waits for a person again; what was suggested stays to be seen."""
    return replace(row, tag=Tag.UNDETERMINED.value, basis=Basis.NONE.value, queued=True)


def _returned_by(row: ItemRow, _leaf: Leaf) -> ItemRow:
    """Give *row* as one that a sample sent back to review."""
    return returned(row)


def _seen_by(row: ItemRow, leaf: Leaf) -> ItemRow:
    """Give *row* in the state in which the item was seen; once it was gone, a day is known."""
    state = str(leaf.particulars["st"])
    unknown = PlatformState(state) in GONE and row.removed_at is None
    return replace(settled_by(row, leaf), state=state, removed_at=0 if unknown else row.removed_at)


_DEEDS: Mapping[EventKind, Callable[[ItemRow, Leaf], ItemRow]] = {
    EventKind.ITEM_EDITED: settled_by,
    EventKind.ITEM_SIGHTED: _seen_by,
    EventKind.ITEM_BYLINED: lambda row, _leaf: row,
    EventKind.ITEM_DECIDED: decided_by,
    EventKind.ITEM_DECLARED: _declared_by,
    EventKind.ITEM_TRIGGERED: _triggered_by,
    EventKind.ITEM_COOLED: _cooled_by,
    EventKind.ITEM_RETURNED: _returned_by,
    EventKind.ITEM_RESTRICTED: _restricted_by,
    EventKind.ITEM_UNRESTRICTED: _restricted_by,
}


def applied(row: ItemRow, leaf: Leaf) -> ItemRow:
    """Give *row* as it is after the change that the entry tells of."""
    return _DEEDS[leaf.kind](row, leaf)


def behind(rows: Sequence[ItemRow], told: Mapping[str, Sequence[bytes]]) -> frozenset[str]:
    """Give the ids of those live *rows* that tell an earlier state than the ledger does.

    *told* are the entries of changes, by item. A row that lies behind was put back as it once
    stood, with the seal it had then. What the entries say is applied to each again: it changes
    nothing in a row that knows of all of them.
    """
    changed = (row for row in rows if row.item in told and row.life == LIVE)
    return frozenset(row.item for row in changed if _lags(row, told[row.item]))


def _lags(row: ItemRow, leaves: Iterable[bytes]) -> bool:
    after = row
    try:
        for data in leaves:
            after = applied(after, Leaf.from_json(read_object(data)))
    except (ValueError, KeyError, TypeError, AttributeError):
        return True
    return after != row
