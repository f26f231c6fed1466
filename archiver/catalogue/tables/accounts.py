"""The tables of accounts on platforms: by which statute, at what cost, for how long."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

from archiver.catalogue.tables.base import METADATA, number

enablings = Table(
    "enablings",
    METADATA,
    number(),
    Column("enabling", String, nullable=False, unique=True),
    Column("page", String, nullable=False, index=True),
    Column("connector", String, nullable=False),
    Column("term", Text, nullable=False),
    Column("statute", Text, nullable=False),
    Column("counsel", Text, nullable=False),
    Column("dated", Integer, nullable=False),
    Column("document", String, nullable=False),
    Column("entered_at", BigInteger, nullable=False),
    Column("by", String, nullable=False),
    Column("paper", String, nullable=False),
)

spendings = Table(
    "spendings",
    METADATA,
    Column("page", String, primary_key=True),
    Column("account", String, primary_key=True, index=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("units", BigInteger, nullable=False),
    Column("allowed", BigInteger),
    Column("unit", String, nullable=False),
    Column("at", BigInteger, nullable=False),
)

token_terms = Table(
    "token_terms",
    METADATA,
    Column("page", String, primary_key=True),
    Column("token", String, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("dies_at", BigInteger),
)
