"""Spendings: what visits spent of the budgets that platforms, or the agency, set for a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, insert, select, update

from archiver.catalogue.tables import spendings
from archiver.records.pages import Spending


def spend(connection: Connection, page: str, spending: Spending, *, at: int) -> int:
    """Write down what a visit of *page* spent; give what the account's whole day comes to."""
    mine = (
        (spendings.c.page == page)
        & (spendings.c.account == spending.account)
        & (spendings.c.day == spending.day.toordinal())
    )
    values = {"allowed": spending.limit, "unit": spending.unit, "at": at}
    more = update(spendings).where(mine)
    if not connection.execute(
        more.values(units=spendings.c.units + spending.units, **values)
    ).rowcount:
        new = {"page": page, "account": spending.account, "day": spending.day.toordinal()}
        connection.execute(insert(spendings).values(units=spending.units, **new, **values))
    return _whole(connection, spending.account, spending.day.toordinal())


@dataclass(frozen=True, slots=True, kw_only=True)
class SpentRow:
    """What the account that a page asked with last had spent on its last day, over all pages."""

    day: date
    spent: int
    limit: int | None
    unit: str
    at: int


def last_spent(connection: Connection) -> dict[str, SpentRow]:
    """Give for each page, by its opaque id, the last day on which it asked at a price."""
    newest = select(spendings.c.page, func.max(spendings.c.at).label("at")).group_by(
        spendings.c.page
    )
    last = newest.subquery()
    query = select(spendings).join(
        last, (last.c.page == spendings.c.page) & (last.c.at == spendings.c.at)
    )
    return {
        row["page"]: SpentRow(
            day=date.fromordinal(row["day"]),
            spent=_whole(connection, row["account"], row["day"]),
            limit=row["allowed"],
            unit=row["unit"],
            at=row["at"],
        )
        for row in connection.execute(query.order_by(spendings.c.day)).mappings()
    }


def _whole(connection: Connection, account: str, day: int) -> int:
    query = select(func.sum(spendings.c.units)).where(
        spendings.c.account == account, spendings.c.day == day
    )
    return int(connection.scalar(query) or 0)
