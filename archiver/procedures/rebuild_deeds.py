"""Rebuilding a deed: what writes it, the number in its subject's name, and a step of approval."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from archiver.catalogue import Reading
from archiver.catalogue.plans import ApprovalRow
from archiver.records.canonical import Json
from archiver.records.events import Leaf
from archiver.records.moments import micros

Deed = Callable[[Reading, Leaf], None]
"""Writes what an entry tells into the catalogue that is being rebuilt."""


def number_in(name: str) -> int:
    """Give the number in a name: 12 of `H-0012`."""
    return int(name.partition("-")[2])


def approval_told(leaf: Leaf, told: Mapping[str, Json]) -> ApprovalRow:
    """Give the step of a plan's approval that *leaf* enters and its paper has *told* of."""
    return ApprovalRow(
        plan_n=number_in(leaf.subject),
        step=str(told["step"]),
        by=leaf.by,
        role=str(told["role"]),
        at=micros(leaf.at),
        on_day=date.fromisoformat(str(told["on"])).toordinal(),
        signed_by=str(told["signed_by"]),
        document=str(told["document"]),
        paper=leaf.paper,
    )
