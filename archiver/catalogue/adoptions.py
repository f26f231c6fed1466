"""Adoptions of schedules, and what the adopted ones promised: the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, insert, select, update

from archiver.catalogue.rows import next_number
from archiver.catalogue.tables import adoptions, promises

PROPOSED, IN_FORCE, SUPERSEDED = "proposed", "in_force", "superseded"
"""How an adoption stands: one person entered it; a second confirmed it; another took its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptionRow:
    """One adoption: which version (*schedule*) it binds, and its *particulars* as JSON."""

    n: int
    adoption: str
    schedule: str
    name: str
    particulars: str
    status: str
    proposed_at: int
    proposed_by: str
    confirmed_at: int | None
    confirmed_by: str | None
    paper: str


def next_name(connection: Connection) -> str:
    """Give the name of the next adoption (`A-0001`)."""
    return f"A-{next_number(connection, adoptions):04}"


def add(connection: Connection, row: AdoptionRow) -> None:
    """Insert *row* under the number in its name."""
    connection.execute(insert(adoptions).values(asdict(row)))


def called(connection: Connection, name: str) -> AdoptionRow | None:
    """Give the adoption called *name*, or None."""
    query = select(adoptions).where(adoptions.c.adoption == name)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else AdoptionRow(**row)


def every(connection: Connection) -> list[AdoptionRow]:
    """Give every adoption, oldest first."""
    rows = connection.execute(select(adoptions).order_by(adoptions.c.n)).mappings()
    return [AdoptionRow(**row) for row in rows]


def in_force(connection: Connection, schedule: str) -> AdoptionRow | None:
    """Give the adoption that binds the version *schedule*, or None."""
    query = select(adoptions).where(
        adoptions.c.schedule == schedule, adoptions.c.status == IN_FORCE
    )
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else AdoptionRow(**row)


def confirm(connection: Connection, row: AdoptionRow, *, at: int, by: str) -> None:
    """Put *row* in force; one that bound the same version before gives way."""
    before = (adoptions.c.schedule == row.schedule) & (adoptions.c.status == IN_FORCE)
    connection.execute(update(adoptions).where(before).values(status=SUPERSEDED))
    connection.execute(
        update(adoptions)
        .where(adoptions.c.n == row.n)
        .values(status=IN_FORCE, confirmed_at=at, confirmed_by=by)
    )


# --- promises -----------------------------------------------------------------------------------


def promised(connection: Connection) -> dict[str, list[str]]:
    """Give every promise that still binds, as JSON, by series."""
    found: dict[str, list[str]] = {}
    query = select(promises.c.series, promises.c.promise).where(promises.c.released_at.is_(None))
    for series, promise in connection.execute(query.order_by(promises.c.n)):
        found.setdefault(series, []).append(promise)
    return found


def promise(connection: Connection, adoption: str, made: Mapping[str, str]) -> None:
    """Write what *adoption* promises of each series, but for what is promised already."""
    known = promised(connection)
    n = next_number(connection, promises)
    fresh = [(series, text) for series, text in made.items() if text not in known.get(series, ())]
    values = [
        {"n": n + place, "series": series, "adoption": adoption, "promise": text}
        for place, (series, text) in enumerate(fresh)
    ]
    if values:
        connection.execute(insert(promises), values)


def release(connection: Connection, series: str, texts: Sequence[str], *, at: int) -> None:
    """Write that the promises *texts* of *series* bind no longer."""
    binding = (promises.c.series == series) & promises.c.released_at.is_(None)
    for text in texts:
        query = update(promises).where(binding, promises.c.promise == text)
        connection.execute(query.values(released_at=at))
