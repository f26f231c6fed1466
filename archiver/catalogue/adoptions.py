"""Adoptions of schedules, and what the adopted ones promised: rows under seals."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection, Table, func, insert, select, update

from archiver.catalogue.rows import next_number
from archiver.catalogue.seals import SealedRow
from archiver.catalogue.tables import adoptions, promises
from archiver.records.identity import ArchiveKey

PROPOSED, CONFIRMED, WITHDRAWN = "proposed", "confirmed", "withdrawn"
"""What people did with an adoption: one entered it; a second confirmed it; one took it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptionRow(SealedRow):
    """One adoption: which version (*schedule*) it binds, and its *particulars* as JSON.

    *from_day* is the first day of its force as an ordinal, *confirmed_n* its place in the order in
    which adoptions were confirmed: the later takes the place of the earlier on its day.
    """

    n: int
    adoption: str
    schedule: str
    name: str
    particulars: str
    from_day: int
    status: str
    proposed_at: int
    proposed_by: str
    confirmed_at: int | None = None
    confirmed_by: str | None = None
    confirmed_n: int | None = None
    paper: str
    withdrawn_at: int | None = None
    withdrawn_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseRow(SealedRow):
    """What an adopted version promised of one series, as JSON; released, it binds no longer."""

    n: int
    series: str
    adoption: str
    promise: str
    released_at: int | None = None


def next_name(connection: Connection) -> str:
    """Give the name of the next adoption (`A-0001`)."""
    return f"A-{next_number(connection, adoptions):04}"


def add(connection: Connection, row: AdoptionRow, key: ArchiveKey) -> None:
    """Insert *row* under the number in its name, and under its seal."""
    connection.execute(insert(adoptions).values(asdict(row.sealed(key))))


def called(connection: Connection, name: str) -> AdoptionRow | None:
    """Give the adoption called *name*, or None."""
    query = select(adoptions).where(adoptions.c.adoption == name)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else AdoptionRow(**row)


def every(connection: Connection) -> list[AdoptionRow]:
    """Give every adoption, oldest first."""
    rows = connection.execute(select(adoptions).order_by(adoptions.c.n)).mappings()
    return [AdoptionRow(**row) for row in rows]


def confirm(connection: Connection, row: AdoptionRow, key: ArchiveKey, *, at: int, by: str) -> None:
    """Write that *row* was confirmed, after every other that was."""
    last = connection.scalar(select(func.max(adoptions.c.confirmed_n)))
    after = replace(
        row, status=CONFIRMED, confirmed_at=at, confirmed_by=by, confirmed_n=(last or 0) + 1
    )
    _put(connection, adoptions, row, after, key)


def withdraw(
    connection: Connection, row: AdoptionRow, key: ArchiveKey, *, at: int, by: str
) -> None:
    """Write that *row* was withdrawn."""
    after = replace(row, status=WITHDRAWN, withdrawn_at=at, withdrawn_by=by)
    _put(connection, adoptions, row, after, key)


def _put(
    connection: Connection,
    table: Table,
    before: AdoptionRow | PromiseRow,
    after: AdoptionRow | PromiseRow,
    key: ArchiveKey,
) -> None:
    values = asdict(after.in_place_of(before, key))
    connection.execute(update(table).where(table.c.n == before.n).values(values))


# --- promises -----------------------------------------------------------------------------------


def promised(connection: Connection) -> dict[str, list[str]]:
    """Give every promise that still binds, as JSON, by series; what was said twice is one."""
    found: dict[str, dict[str, None]] = {}
    for row in every_promise(connection):
        if row.released_at is None:
            found.setdefault(row.series, {})[row.promise] = None
    return {series: list(texts) for series, texts in found.items()}


def promised_of(connection: Connection, series: str) -> list[PromiseRow]:
    """Give the promises of *series* that still bind, in order."""
    rows = every_promise(connection)
    return [row for row in rows if row.series == series and row.released_at is None]


def every_promise(connection: Connection) -> list[PromiseRow]:
    """Give every promise there ever was, in order."""
    rows = connection.execute(select(promises).order_by(promises.c.n)).mappings()
    return [PromiseRow(**row) for row in rows]


def promise(
    connection: Connection, adoption: str, made: Mapping[str, str], key: ArchiveKey
) -> None:
    """Write what *adoption* promises of each series, be it what another promised before."""
    n = next_number(connection, promises)
    rows = [
        PromiseRow(n=n + place, series=series, adoption=adoption, promise=text).sealed(key)
        for place, (series, text) in enumerate(made.items())
    ]
    if rows:
        connection.execute(insert(promises), [asdict(row) for row in rows])


def release(
    connection: Connection, series: str, made_by: Collection[str], key: ArchiveKey, *, at: int
) -> None:
    """Write that what the adoptions *made_by* promised of *series* binds no longer."""
    for row in promised_of(connection, series):
        if row.adoption in made_by:
            _put(connection, promises, row, replace(row, released_at=at), key)


def all_whole(rows: Iterable[SealedRow], key: ArchiveKey) -> bool:
    """Say whether every one of *rows* stands as it was sealed."""
    return all(row.whole(key) for row in rows)
