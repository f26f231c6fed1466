"""The tables of court orders, and what each of them names."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from archiver.catalogue.tables.base import METADATA, NUMBER, number

orders = Table(
    "orders",
    METADATA,
    number(),
    Column("order", String, nullable=False, unique=True),
    Column("effect", String, nullable=False),
    Column("status", String, nullable=False),
    Column("court", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("dated", Integer, nullable=False),
    Column("destroy_on", Integer),
    Column("as_ordered", Text, nullable=False),
    Column("entered_at", BigInteger, nullable=False),
    Column("by", String, nullable=False),
    Column("confirmed_at", BigInteger),
    Column("confirmed_by", String),
    Column("document", String, nullable=False),
    Column("paper", String, nullable=False),
    Column("destroyed", Integer, nullable=False),
    Column("words", String, nullable=False),
)

order_items = Table(
    "order_items",
    METADATA,
    Column("order_n", NUMBER, ForeignKey("orders.n"), primary_key=True, autoincrement=False),
    Column("item_n", NUMBER, ForeignKey("items.n"), primary_key=True, autoincrement=False),
    Column("standing", String, nullable=False),
    Index("ix_order_items_item", "item_n"),
)
