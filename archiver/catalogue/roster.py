"""The roster's rows: every person and every shared account there ever was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import TypeAlias, cast

from sqlalchemy import Connection, RowMapping, insert, select, update

from archiver.catalogue.rows import next_number
from archiver.catalogue.tables import people
from archiver.records.errors import ConfigInvalid
from archiver.records.people import Role
from archiver.records.roster import Member, Span, Spans

Told: TypeAlias = dict[str, list[list[str | None]]]
"""Terms as JSON: by role, the first and the last day of each span."""


def tenures_told(tenures: Mapping[Role, Spans]) -> Told:
    """Give *tenures* as JSON."""
    return {
        role.value: [[s.since.isoformat(), s.until.isoformat() if s.until else None] for s in spans]
        for role, spans in sorted(tenures.items())
    }


def tenures_read(told: Told) -> dict[Role, Spans]:
    """Read what `tenures_told` gave."""
    return {
        Role(role): tuple(
            Span(date.fromisoformat(str(since)), date.fromisoformat(until) if until else None)
            for since, until in spans
        )
        for role, spans in told.items()
    }


def everyone(connection: Connection) -> list[Member]:
    """Give the whole roster, in the order in which it was entered."""
    rows = connection.execute(select(people).order_by(people.c.n)).mappings()
    return [_member(row) for row in rows]


def of_account(connection: Connection, account: str) -> Member | None:
    """Give who has the OS account *account*, or None."""
    query = select(people).where(people.c.account == account)
    row = connection.execute(query).mappings().first()
    return None if row is None else _member(row)


def of_id(connection: Connection, person: str) -> Member | None:
    """Give who has the opaque id *person*, or None."""
    row = connection.execute(select(people).where(people.c.person == person)).mappings().first()
    return None if row is None else _member(row)


def add(connection: Connection, member: Member) -> None:
    """Enter *member* in the roster.

    Raises:
        ConfigInvalid: their account or their name is in it already.
    """
    for known in everyone(connection):
        if member.account and known.account == member.account:
            raise _known(f"the account {member.account}")
        if known.name == member.name and known.left_on is None:
            raise _known(f"the name {member.name}")
    values = _values(member) | {"n": next_number(connection, people)}
    connection.execute(insert(people).values(values))


def change(connection: Connection, member: Member) -> None:
    """Write *member*'s tenures and leaving as they stand now."""
    statement = update(people).where(people.c.person == member.id)
    connection.execute(statement.values(_values(member)))


def _known(what: str) -> ConfigInvalid:
    return ConfigInvalid(
        f"{what} is already in the roster", remedy="`archiver people list` shows the roster."
    )


def _values(member: Member) -> dict[str, str | int | bool | None]:
    return {
        "person": member.id,
        "name": member.name,
        "account": member.account or None,
        "shared": member.shared,
        "tenures": json.dumps(tenures_told(member.tenures)),
        "left_on": member.left_on.toordinal() if member.left_on else None,
    }


def _member(row: RowMapping) -> Member:
    return Member(
        id=row["person"],
        name=row["name"],
        account=row["account"] or "",
        shared=row["shared"],
        tenures=tenures_read(cast("Told", json.loads(row["tenures"]))),
        left_on=None if row["left_on"] is None else date.fromordinal(row["left_on"]),
    )
