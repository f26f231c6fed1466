"""The tables of the roster: people and shared accounts, their credentials, invitations."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, String, Table, Text

from archiver.catalogue.tables.base import METADATA, NUMBER, number

people = Table(
    "people",
    METADATA,
    number(),
    Column("person", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("account", String, unique=True),
    Column("shared", Boolean, nullable=False),
    Column("tenures", Text, nullable=False),
    Column("left_on", Integer),
)

credentials = Table(
    "credentials",
    METADATA,
    Column("person", String, primary_key=True),
    Column("passphrase", String, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("enrolled_at", BigInteger, nullable=False),
    Column("last_step", NUMBER, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", BigInteger, nullable=False),
)

invitations = Table(
    "invitations",
    METADATA,
    Column("person", String, primary_key=True),
    Column("digest", String, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
)
