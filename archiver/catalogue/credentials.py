"""Credentials and invitations: hashes, sealed secrets and counts; nothing that could be typed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from sqlalchemy import Connection, delete, insert, select, update

from archiver.catalogue.tables import credentials, invitations


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialsRow:
    """The credentials of one person. *last_step* is the newest code's step that was accepted.

    *failures* counts attempts since the last one that succeeded; moments are µs UTC.
    """

    person: str
    passphrase: str = field(repr=False)
    secret: bytes = field(repr=False)
    enrolled_at: int
    last_step: int
    failures: int = 0
    locked_until: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationRow:
    """A one-time code by which a person may enrol, kept as its digest."""

    person: str
    digest: str = field(repr=False)
    expires_at: int
    failures: int = 0


def of(connection: Connection, person: str) -> CredentialsRow | None:
    """Give the credentials of *person*, or None."""
    query = select(credentials).where(credentials.c.person == person)
    row = connection.execute(query).mappings().first()
    return None if row is None else CredentialsRow(**row)


def enrolled(connection: Connection) -> frozenset[str]:
    """Give who has credentials."""
    return frozenset(connection.scalars(select(credentials.c.person)))


def put(connection: Connection, row: CredentialsRow) -> None:
    """Write the credentials of a person, in the place of any they had."""
    strike(connection, row.person)
    connection.execute(insert(credentials).values(asdict(row)))


def strike(connection: Connection, person: str) -> None:
    """Take the credentials and the invitation of *person* away."""
    connection.execute(delete(credentials).where(credentials.c.person == person))
    connection.execute(delete(invitations).where(invitations.c.person == person))


def count_attempt(connection: Connection, person: str) -> None:
    """Count an attempt before it is looked at: what is guessed at once is counted all the same."""
    more = credentials.c.failures + 1
    connection.execute(
        update(credentials).where(credentials.c.person == person).values(failures=more)
    )


def lock(connection: Connection, person: str, *, until: int) -> None:
    """Look at no attempt of *person* before *until*."""
    connection.execute(
        update(credentials).where(credentials.c.person == person).values(locked_until=until)
    )


def accept(connection: Connection, person: str, *, step: int) -> bool:
    """Use up the code of *step*; false where it, or a newer one, was used up before."""
    used = connection.execute(
        update(credentials)
        .where(credentials.c.person == person, credentials.c.last_step < step)
        .values(last_step=step, failures=0, locked_until=0)
    )
    return used.rowcount == 1


def invite(connection: Connection, row: InvitationRow) -> None:
    """Write an invitation, in the place of any there was."""
    connection.execute(delete(invitations).where(invitations.c.person == row.person))
    connection.execute(insert(invitations).values(asdict(row)))


def invitation(connection: Connection, person: str) -> InvitationRow | None:
    """Give the invitation of *person*, or None."""
    query = select(invitations).where(invitations.c.person == person)
    row = connection.execute(query).mappings().first()
    return None if row is None else InvitationRow(**row)


def count_guess(connection: Connection, person: str) -> None:
    """Count an attempt at the invitation of *person*."""
    more = invitations.c.failures + 1
    connection.execute(
        update(invitations).where(invitations.c.person == person).values(failures=more)
    )
