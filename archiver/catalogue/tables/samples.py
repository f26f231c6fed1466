"""The tables of samples: which plans wait for a person's look, and what was said of each item."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, Text

from archiver.catalogue.tables.base import METADATA, NUMBER

samples = Table(
    "samples",
    METADATA,
    Column("plan_n", NUMBER, ForeignKey("plans.n"), primary_key=True, autoincrement=False),
    Column("adoption", String, nullable=False, index=True),
    Column("drawn_at", BigInteger, nullable=False),
    Column("drawn_on", Integer, nullable=False),
    Column("seed", String, nullable=False),
    Column("share", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("population", Integer, nullable=False),
    Column("known", Text, nullable=False),
    Column("passed", Text, nullable=False),
    Column("status", String, nullable=False),
    Column("decided_at", BigInteger),
    Column("by", String, nullable=False),
    Column("paper", String, nullable=False),
    Column("seal", String, nullable=False),
)

judgements = Table(
    "judgements",
    METADATA,
    Column("plan_n", NUMBER, ForeignKey("plans.n"), primary_key=True, autoincrement=False),
    Column("item_n", NUMBER, ForeignKey("items.n"), primary_key=True, autoincrement=False),
    Column("judgement", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", String, nullable=False),
    Column("paper", String, nullable=False),
)
