"""Matters: what holds are for."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, insert, select, update

from archiver.catalogue.rows import next_number
from archiver.catalogue.tables import holds, matters
from archiver.records.holds import HoldStatus
from archiver.records.matters import Matter, MatterKind


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterRow:
    """A matter with its number, and when and by whom it was opened."""

    n: int
    matter: Matter
    opened_at: int
    by: str
    closed_at: int | None
    paper: str


def next_name(connection: Connection) -> str:
    """Give the name of the next matter (`M-0001`)."""
    return f"M-{next_number(connection, matters):04}"


def add(connection: Connection, matter: Matter, *, at: int, by: str, paper: str) -> MatterRow:
    """Insert *matter* under the number its name tells."""
    n = int(matter.id.partition("-")[2])
    values = {
        "n": n,
        "matter": matter.id,
        "kind": matter.kind.value,
        "name": matter.name,
        "text": matter.text,
        "opened_at": at,
        "by": by,
        "paper": paper,
    }
    connection.execute(insert(matters).values(values))
    return MatterRow(n=n, matter=matter, opened_at=at, by=by, closed_at=None, paper=paper)


def close(connection: Connection, n: int, *, at: int) -> None:
    """Write that a matter is closed."""
    connection.execute(update(matters).where(matters.c.n == n).values(closed_at=at))


def every(connection: Connection) -> list[MatterRow]:
    """Give every matter there ever was, in order."""
    rows = connection.execute(select(matters).order_by(matters.c.n)).mappings()
    return [_as_matter(row) for row in rows]


def by_id(connection: Connection, matter: str) -> MatterRow | None:
    """Give the matter with the id *matter*, or None."""
    query = select(matters).where(matters.c.matter == matter)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _as_matter(row)


def open_called(connection: Connection, name: str, kind: MatterKind) -> MatterRow | None:
    """Give the open matter of *kind* called *name*, or None; of several, the first."""
    query = select(matters).where(
        matters.c.name == name, matters.c.kind == kind.value, matters.c.closed_at.is_(None)
    )
    row = connection.execute(query.order_by(matters.c.n).limit(1)).mappings().one_or_none()
    return None if row is None else _as_matter(row)


def binding_holds(connection: Connection, matter_n: int) -> list[str]:
    """Give the names of the holds of a matter that bind."""
    query = select(holds.c.hold).where(
        holds.c.matter_n == matter_n, holds.c.status != HoldStatus.LIFTED.value
    )
    return list(connection.scalars(query.order_by(holds.c.n)))


def _as_matter(row: RowMapping) -> MatterRow:
    matter = Matter(
        id=row["matter"],
        kind=MatterKind(row["kind"]),
        name=row["name"],
        text=row["text"],
        open=row["closed_at"] is None,
    )
    return MatterRow(
        n=row["n"],
        matter=matter,
        opened_at=row["opened_at"],
        by=row["by"],
        closed_at=row["closed_at"],
        paper=row["paper"],
    )
