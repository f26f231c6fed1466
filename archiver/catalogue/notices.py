"""Notices: who was told of a hold, who was reminded, and who has acknowledged it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, Select, func, insert, or_, select, update

from archiver.catalogue.rows import next_number
from archiver.catalogue.tables import holds, notices
from archiver.records.holds import HoldStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """One notice. *person* is of the roster, or empty; *page* is what is administered, or empty.

    *returned* says that the mail server did not take it, and nobody has been told since.
    """

    n: int
    notice: str
    hold_n: int
    person: str
    name: str
    mail: str
    page: str
    given_at: int
    by: str
    paper: str
    returned: bool = False
    reminded_at: int | None = None
    acknowledged_at: int | None = None
    acknowledged_by: str = ""


def add(connection: Connection, row: NoticeRow) -> NoticeRow:
    """Insert *row* under the next number, and give it back with its name (`N-0001`)."""
    n = next_number(connection, notices)
    values = asdict(row) | {"n": n, "notice": f"N-{n:04}"}
    connection.execute(insert(notices).values(values))
    return NoticeRow(**values)


def of_hold(connection: Connection, hold_n: int) -> list[NoticeRow]:
    """Give every notice of a hold, in order."""
    return _read(connection, select(notices).where(notices.c.hold_n == hold_n))


def by_name(connection: Connection, name: str) -> NoticeRow | None:
    """Give the notice called *name*, or None."""
    return next(iter(_read(connection, select(notices).where(notices.c.notice == name))), None)


def unanswered(connection: Connection, *, before: int) -> list[NoticeRow]:
    """Give the notices of binding holds that nobody acknowledged and nobody said since *before*.

    What the mail server did not take has never been said.
    """
    query = (
        select(notices)
        .join(holds, holds.c.n == notices.c.hold_n)
        .where(
            notices.c.acknowledged_at.is_(None),
            holds.c.status != HoldStatus.LIFTED.value,
            or_(
                notices.c.returned,
                func.coalesce(notices.c.reminded_at, notices.c.given_at) <= before,
            ),
        )
    )
    return _read(connection, query)


def remind(connection: Connection, numbers: Sequence[int], *, at: int) -> None:
    """Write that the notices *numbers* were said again."""
    values = {"reminded_at": at, "returned": False}
    connection.execute(update(notices).where(notices.c.n.in_(numbers)).values(values))


def give_back(connection: Connection, n: int) -> None:
    """Write that the mail server did not take a notice."""
    connection.execute(update(notices).where(notices.c.n == n).values(returned=True))


def acknowledge(connection: Connection, n: int, *, at: int, by: str) -> None:
    """Write that a notice was acknowledged."""
    values = {"acknowledged_at": at, "acknowledged_by": by}
    connection.execute(update(notices).where(notices.c.n == n).values(values))


def _read(connection: Connection, query: Select[tuple[object, ...]]) -> list[NoticeRow]:
    rows = connection.execute(query.order_by(notices.c.n)).mappings()
    return [NoticeRow(**{str(name): value for name, value in row.items()}) for row in rows]
