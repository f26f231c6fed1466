"""Superseding: of the purge's proposals one waits, however many nights pass before people look.

Each night decides anew. Where it comes to the very set that waits already, that proposal stands
and no other is made; where it comes to another one, the newest takes the place of the older ones.
What people have begun to approve, or a sample was drawn of, is theirs and stays as it is.
"""

from __future__ import annotations

from archiver.catalogue import Reading, plans
from archiver.catalogue.plans import PlanRow
from archiver.procedures.account import Account
from archiver.procedures.binding import bound_of
from archiver.records.canonical import Json
from archiver.records.events import EventKind


def waiting_alike(connection: Reading, made: PlanRow) -> PlanRow | None:
    """Give the proposal that lists the very set of *made* under the same schedule; else None."""
    for row in plans.proposals(connection):
        alike = (row.bound, row.schedule, row.action) == (made.bound, made.schedule, made.action)
        if alike and row.due and bound_of(connection, row.n) == row.bound:
            return row
    return None


def supersede(account: Account, standing: PlanRow) -> tuple[str, ...]:
    """Void every other proposal of which nobody approved a step: *standing* takes its place.

    Name them, oldest first.
    """
    with account.catalogue.writing() as desk:
        others = [
            row
            for row in reversed(plans.proposals(desk.connection))
            if row.n != standing.n and not plans.approvals_of(desk.connection, row.n)
        ]
        for row in others:
            plans.plan_stands(desk.connection, row.n, "void")
            told: dict[str, Json] = {"pl": standing.plan}
            kind = EventKind.DISPOSITION_VOIDED
            account.enter(desk, kind, by=standing.by, subject=row.plan, told=told)
    return tuple(row.plan for row in others)
