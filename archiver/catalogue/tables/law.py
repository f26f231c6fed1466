"""The tables of the law an archive keeps by: adoptions, and what they promised."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table, Text

from archiver.catalogue.tables.base import METADATA, number

adoptions = Table(
    "adoptions",
    METADATA,
    number(),
    Column("adoption", String, nullable=False, unique=True),
    Column("schedule", String, nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("particulars", Text, nullable=False),
    Column("from_day", BigInteger, nullable=False),
    Column("status", String, nullable=False),
    Column("proposed_at", BigInteger, nullable=False),
    Column("proposed_by", String, nullable=False),
    Column("confirmed_at", BigInteger),
    Column("confirmed_by", String),
    Column("confirmed_n", BigInteger),
    Column("paper", String, nullable=False),
    Column("withdrawn_at", BigInteger),
    Column("withdrawn_by", String),
    Column("seal", String, nullable=False),
)

promises = Table(
    "promises",
    METADATA,
    number(),
    Column("series", String, nullable=False, index=True),
    Column("adoption", String, nullable=False),
    Column("promise", Text, nullable=False),
    Column("released_at", BigInteger),
    Column("seal", String, nullable=False),
)
