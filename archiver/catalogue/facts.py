"""Facts about the archive itself, and the roster of people."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select, update

from archiver.catalogue.rows import next_number
from archiver.catalogue.tables import facts, people
from archiver.records.errors import ConfigInvalid
from archiver.records.people import Person, Role

SCHEDULE = "schedule"
"""The digest of the retention schedule under which everything was last looked at."""

UNRECONCILED = "unreconciled"
"""Set by a restore until a person has confirmed the reconciliation; nothing is destroyed then."""

REBUILDING = "rebuilding"
"""Set while the catalogue is being rebuilt: how far that has come. Nothing else is done then."""


def get(connection: Connection, name: str) -> str | None:
    """Give the fact called *name*, or None."""
    return connection.scalar(select(facts.c.value).where(facts.c.name == name))


def put(connection: Connection, name: str, value: str) -> None:
    """Write the fact called *name*."""
    if get(connection, name) is None:
        connection.execute(insert(facts).values(name=name, value=value))
    else:
        connection.execute(update(facts).where(facts.c.name == name).values(value=value))


def remove(connection: Connection, name: str) -> None:
    """Take away the fact called *name*, if it is there."""
    connection.execute(delete(facts).where(facts.c.name == name))


def roster(connection: Connection) -> list[Person]:
    """Give every person, in the order in which they were entered."""
    rows = connection.execute(select(people).order_by(people.c.n)).mappings()
    return [
        Person(
            id=row["person"],
            name=row["name"],
            account=row["account"],
            roles=frozenset(Role(role) for role in row["roles"].split() if role),
            active=row["active"],
        )
        for row in rows
    ]


def person_of_account(connection: Connection, account: str) -> Person | None:
    """Give the person whose OS account is *account*, or None."""
    return next((p for p in roster(connection) if p.account == account), None)


def add_person(connection: Connection, person: Person) -> None:
    """Enter *person* in the roster.

    Raises:
        ConfigInvalid: their account is in it already.
    """
    if person_of_account(connection, person.account) is not None:
        raise ConfigInvalid(
            f"the account {person.account} is already in the roster",
            remedy="`archiver people list` shows the roster.",
        )
    connection.execute(
        insert(people).values(
            n=next_number(connection, people),
            person=person.id,
            name=person.name,
            account=person.account,
            roles=" ".join(sorted(person.roles)),
            active=person.active,
        )
    )
