"""Holds that have grown out of proportion: said to people, and never cut short."""

from __future__ import annotations

from archiver.catalogue import growths, holds, inspection
from archiver.procedures.account import Account
from archiver.procedures.problems import Problem
from archiver.records.canonical import read_object
from archiver.records.events import EventKind, Leaf
from archiver.records.moments import micros

MANY = 1_000
"""By how many items a hold may grow before people are asked to look at it."""


def grown_large(account: Account) -> list[Problem]:
    """Name every hold whose growth has bound `MANY` items and more since somebody reviewed it."""
    with account.catalogue.reading() as connection:
        found = {
            row.hold.id: (row.n, 0)
            for row in holds.binding(connection)
            if growths.bound_by(connection, row.n, since=0) >= MANY
        }
        if not found:
            return []
        for data in inspection.leaves_of_registers(connection, (EventKind.HOLD_REVIEWED,)):
            leaf = Leaf.from_json(read_object(data))
            if leaf.subject in found:
                found[leaf.subject] = (found[leaf.subject][0], micros(leaf.at))
        counts = {
            name: growths.bound_by(connection, n, since=since) for name, (n, since) in found.items()
        }
    return [_problem(name, count) for name, count in counts.items() if count >= MANY]


def _problem(name: str, count: int) -> Problem:
    return Problem(
        subject=f"growth of {name}",
        what=f"{name} has grown by {count} items since somebody last looked at it; "
        "all of them are held",
        remedy=f"See `archiver holds report {name}`. Where it is right, say "
        f"`archiver holds review {name}`; where it is not, counsel may narrow it.",
    )
