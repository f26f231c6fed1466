"""What a person has under way that somebody else must take over when they leave."""

from __future__ import annotations

from sqlalchemy import Connection, select

from archiver.catalogue.adoptions import PROPOSED
from archiver.catalogue.tables import (
    adoptions,
    bags,
    holds,
    matters,
    notices,
    orders,
    plans,
    requests,
)
from archiver.records.holds import HoldStatus
from archiver.records.orders import OrderStatus
from archiver.records.transfers import BagStatus


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


def notices_unanswered(connection: Connection, person: str) -> list[str]:
    """Name the notices of binding holds that *person* was given and has not acknowledged."""
    query = (
        select(notices.c.notice, holds.c.hold)
        .join(holds, holds.c.n == notices.c.hold_n)
        .where(
            notices.c.person == person,
            notices.c.acknowledged_at.is_(None),
            holds.c.status != HoldStatus.LIFTED.value,
        )
        .order_by(notices.c.n)
    )
    return [f"{row.notice} of {row.hold}" for row in connection.execute(query)]


def matters_open(connection: Connection, person: str) -> list[str]:
    """Name the open matters that *person* opened, or for which they issued a hold that binds."""
    theirs = select(holds.c.matter_n).where(
        holds.c.by == person, holds.c.status != HoldStatus.LIFTED.value
    )
    query = select(matters.c.matter).where(
        matters.c.closed_at.is_(None), (matters.c.by == person) | matters.c.n.in_(theirs)
    )
    return list(connection.scalars(query.order_by(matters.c.n)))


def orders_open(connection: Connection, person: str) -> list[str]:
    """Name the court orders that *person* entered and that are neither over nor lifted."""
    over = (OrderStatus.CARRIED_OUT.value, OrderStatus.LIFTED.value)
    query = select(orders.c.order).where(orders.c.by == person, orders.c.status.not_in(over))
    return list(connection.scalars(query.order_by(orders.c.n)))


def orders_to_confirm(connection: Connection, person: str) -> list[str]:
    """Name the court orders that somebody else than *person* entered and nobody has confirmed."""
    waiting = orders.c.status == OrderStatus.ENTERED.value
    query = select(orders.c.order).where(orders.c.by != person, waiting)
    return list(connection.scalars(query.order_by(orders.c.n)))


def adoptions_to_confirm(connection: Connection, person: str) -> list[str]:
    """Name the adoptions that somebody else than *person* proposed and nobody has confirmed."""
    waiting = adoptions.c.status == PROPOSED
    query = select(adoptions.c.adoption).where(adoptions.c.proposed_by != person, waiting)
    return list(connection.scalars(query.order_by(adoptions.c.n)))


def requests_open(connection: Connection, person: str) -> list[str]:
    """Name the records requests that *person* opened and nobody has closed."""
    query = select(requests.c.request).where(
        requests.c.by == person, requests.c.closed_on.is_(None)
    )
    return list(connection.scalars(query.order_by(requests.c.n)))


def transfers_unanswered(connection: Connection, person: str) -> list[str]:
    """Name the bags that *person* began, or whose plan they proposed, without a receipt yet."""
    query = (
        select(bags.c.bag)
        .join(plans, plans.c.n == bags.c.plan_n)
        .where((bags.c.by == person) | (plans.c.by == person))
        .where(bags.c.status.in_([BagStatus.BEGUN.value, BagStatus.BAGGED.value]))
    )
    return list(connection.scalars(query.order_by(bags.c.n)))
