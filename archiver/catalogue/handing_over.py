"""What a person has under way that somebody else must take over when they leave."""

from __future__ import annotations

from sqlalchemy import Connection, select

from archiver.catalogue.tables import holds, plans
from archiver.records.holds import HoldStatus


def holds_issued(connection: Connection, person: str) -> list[str]:
    """Name the holds that *person* issued and that still bind."""
    query = select(holds.c.hold).where(
        holds.c.by == person, holds.c.status != HoldStatus.LIFTED.value
    )
    return list(connection.scalars(query.order_by(holds.c.n)))


def plans_waiting(connection: Connection, person: str) -> list[str]:
    """Name the plans that *person* proposed and that wait."""
    query = select(plans.c.plan).where(plans.c.by == person, plans.c.status == "proposed")
    return list(connection.scalars(query.order_by(plans.c.n)))
