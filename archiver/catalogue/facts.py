"""Facts about the archive itself."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from archiver.catalogue.tables import facts

SCHEDULE = "schedule"
"""The digest of the retention schedule under which everything was last looked at."""

UNASKED = "unasked"
"""Which items the rules of that schedule were not asked of: see `archiver.catalogue.unasked`."""

UNRECONCILED = "unreconciled"
"""Set by a restore until a person has confirmed the reconciliation; nothing is destroyed then."""

REBUILDING = "rebuilding"
"""Set while the catalogue is being rebuilt: how far that has come. Nothing else is done then."""

LEAPT = "clock leapt"
"""The widest leap of the clock that the ledger saw and nobody has confirmed: from, to (µs UTC)."""


_CALLED = select(facts.c.value).where(facts.c.name == bindparam("name"))


def get(connection: Connection, name: str) -> str | None:
    """Give the fact called *name*, or None."""
    return connection.scalar(_CALLED, {"name": name})


def put(connection: Connection, name: str, value: str) -> None:
    """Write the fact called *name*."""
    if get(connection, name) is None:
        connection.execute(insert(facts).values(name=name, value=value))
    else:
        connection.execute(update(facts).where(facts.c.name == name).values(value=value))


def remove(connection: Connection, name: str) -> None:
    """Take away the fact called *name*, if it is there."""
    connection.execute(delete(facts).where(facts.c.name == name))
