"""Backups that were made: a certificate names those that still hold what was destroyed."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from archiver.catalogue.rows import next_number
from archiver.catalogue.tables import backups
from archiver.records.canonical import Json
from archiver.records.moments import moment, written

LISTED = 400
"""How many backups a certificate lists at most, the newest; it counts all."""

_MICROS_A_DAY = 86_400_000_000


def add(connection: Connection, *, at: int, digest: str, keep_days: int | None) -> None:
    """Enter a backup that was made, and for how long the agency keeps it; None if nobody said."""
    values = {"n": next_number(connection, backups), "at": at, "digest": digest}
    connection.execute(insert(backups).values(values | {"keep_days": keep_days}))


def holding(connection: Connection, at: int) -> dict[str, Json]:
    """Say which backups made before *at* still hold what is destroyed then.

    *last_expires* is None where one of them has no end that anybody named.
    """
    query = select(backups.c.at, backups.c.digest, backups.c.keep_days).where(backups.c.at <= at)
    held = [
        (row.at, row.digest, None if row.keep_days is None else row.at + _days(row.keep_days))
        for row in connection.execute(query.order_by(backups.c.at.desc()))
        if row.keep_days is None or row.at + _days(row.keep_days) > at
    ]
    ends = [end for _, _, end in held]
    named = [end for end in ends if end is not None]
    return {
        "count": len(held),
        "last_expires": _day(max(named)) if named and len(named) == len(ends) else None,
        "listed": [
            {"made": written(moment(made)), "sha256": digest, "expires": end and _day(end)}
            for made, digest, end in held[:LISTED]
        ],
    }


def _days(count: int) -> int:
    return count * _MICROS_A_DAY


def _day(micros_since: int) -> str:
    return moment(micros_since).date().isoformat()
