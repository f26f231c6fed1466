"""The register of records requests. Where it cannot be read, nothing is destroyed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from archiver.catalogue.registers import readable
from archiver.catalogue.rows import next_number
from archiver.catalogue.tables import coverage, holds, requests
from archiver.records.errors import RegisterUnreadable
from archiver.records.holds import HoldStatus
from archiver.records.requests import RecordsRequest, RequestKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """A request with its number, when and by whom it was opened, and how its freeze stands."""

    n: int
    request: RecordsRequest
    status: HoldStatus
    opened_at: int
    by: str
    paper: str


def next_name(connection: Connection) -> str:
    """Give the name of the next request (`R-0001`)."""
    return f"R-{next_number(connection, requests):04}"


def add(
    connection: Connection,
    request: RecordsRequest,
    *,
    hold_n: int,
    at: int,
    by: str,
    paper: str,
) -> None:
    """Insert *request* under the number its name tells."""
    connection.execute(
        insert(requests).values(
            n=int(request.id.partition("-")[2]),
            request=request.id,
            number=request.number,
            kind=request.kind.value,
            received_on=request.received_on.toordinal(),
            hold_n=hold_n,
            opened_at=at,
            by=by,
            paper=paper,
        )
    )


def close(connection: Connection, n: int, *, on: date, entered_on: date) -> None:
    """Write on which day a request was closed, and on which day that was entered."""
    values = {"closed_on": on.toordinal(), "closing_entered_on": entered_on.toordinal()}
    connection.execute(update(requests).where(requests.c.n == n).values(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class ThawedRow:
    """A request whose freeze ended at a moment (µs UTC) because its own file did."""

    request: str
    hold: str
    at: int
    covered: int


def thawed(connection: Connection, *, since: int) -> list[ThawedRow]:
    """Give every request whose freeze expired *since* a moment (µs UTC), in order.

    What counsel lifted was told to counsel; only what expired has nobody who did it.
    """
    of_hold = select(func.count()).select_from(coverage).where(coverage.c.hold_n == holds.c.n)
    query = (
        select(
            requests.c.request,
            holds.c.hold,
            holds.c.lifted_at.label("at"),
            of_hold.scalar_subquery().label("covered"),
        )
        .join(holds, holds.c.n == requests.c.hold_n)
        .where(holds.c.lifted_at >= since, holds.c.lifted_by == "")
        .order_by(requests.c.n)
    )
    return [ThawedRow(**row) for row in connection.execute(query).mappings()]


def every(connection: Connection) -> list[RequestRow]:
    """Give the whole register, in order.

    Raises:
        RegisterUnreadable: it cannot be read, or a request has lost the hold that freezes for it.
    """
    with readable("the register of records requests"):
        query = select(requests, holds.c.hold, holds.c.status).join_from(
            requests, holds, holds.c.n == requests.c.hold_n, isouter=True
        )
        rows = connection.execute(query.order_by(requests.c.n)).mappings().all()
        return [_as_request(row) for row in rows]


def by_id(connection: Connection, name: str) -> RequestRow | None:
    """Give the request with the id *name*, or None."""
    return next((row for row in every(connection) if row.request.id == name), None)


def _as_request(row: RowMapping) -> RequestRow:
    if row["hold"] is None:
        raise RegisterUnreadable(f"{row['request']} has lost the hold that freezes for it")
    closed, entered = row["closed_on"], row["closing_entered_on"]
    request = RecordsRequest(
        id=row["request"],
        number=row["number"],
        kind=RequestKind(row["kind"]),
        received_on=date.fromordinal(row["received_on"]),
        hold=row["hold"],
        closed_on=None if closed is None else date.fromordinal(closed),
        closing_entered_on=None if entered is None else date.fromordinal(entered),
    )
    return RequestRow(
        n=row["n"],
        request=request,
        status=HoldStatus(row["status"]),
        opened_at=row["opened_at"],
        by=row["by"],
        paper=row["paper"],
    )
