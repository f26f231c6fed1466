"""The tables around holds: matters, what scopes grew by, narrowings and who left with them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, String, Table, Text

from archiver.catalogue.tables.base import METADATA, NUMBER, number

matters = Table(
    "matters",
    METADATA,
    number(),
    Column("matter", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("name", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("by", String, nullable=False),
    Column("paper", String, nullable=False),
    Column("closed_at", BigInteger),
)

growths = Table(
    "growths",
    METADATA,
    number(),
    Column("hold_n", NUMBER, ForeignKey("holds.n"), nullable=False, index=True),
    Column("scope", Text, nullable=False),
    Column("bound", NUMBER, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("paper", String, nullable=False),
)

narrowings = Table(
    "narrowings",
    METADATA,
    number(),
    Column("hold_n", NUMBER, ForeignKey("holds.n"), nullable=False, index=True),
    Column("scope", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", String, nullable=False),
    Column("until", Integer, nullable=False),
    Column("swept_to", NUMBER, nullable=False),
    Column("done", Boolean, nullable=False),
    Column("paper", String, nullable=False),
)

departures = Table(
    "departures",
    METADATA,
    Column("item_n", NUMBER, ForeignKey("items.n"), primary_key=True, autoincrement=False),
    Column(
        "narrowing_n", NUMBER, ForeignKey("narrowings.n"), primary_key=True, autoincrement=False
    ),
)
