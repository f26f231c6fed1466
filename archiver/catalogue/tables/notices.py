"""The table of notices: who was told of a hold, and who has acknowledged it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, String, Table, Text, text

from archiver.catalogue.tables.base import METADATA, NUMBER, number

notices = Table(
    "notices",
    METADATA,
    number(),
    Column("notice", String, nullable=False, unique=True),
    Column("hold_n", NUMBER, ForeignKey("holds.n"), nullable=False, index=True),
    Column("person", String, nullable=False),
    Column("name", Text, nullable=False),
    Column("mail", Text, nullable=False),
    Column("page", String, nullable=False),
    Column("given_at", BigInteger, nullable=False),
    Column("by", String, nullable=False),
    Column("paper", String, nullable=False),
    Column("returned", Boolean, nullable=False, server_default=text("false")),
    Column("reminded_at", BigInteger),
    Column("acknowledged_at", BigInteger),
    Column("acknowledged_by", String, nullable=False, server_default=""),
)
