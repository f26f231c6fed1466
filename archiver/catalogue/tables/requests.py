"""The table of records requests."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, Text

from archiver.catalogue.tables.base import METADATA, NUMBER, number

requests = Table(
    "requests",
    METADATA,
    number(),
    Column("request", String, nullable=False, unique=True),
    Column("number", Text, nullable=False),
    Column("kind", String, nullable=False),
    Column("received_on", Integer, nullable=False),
    Column("hold_n", NUMBER, ForeignKey("holds.n"), nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("by", String, nullable=False),
    Column("paper", String, nullable=False),
    Column("closed_on", Integer),
    Column("closing_entered_on", Integer),
)
