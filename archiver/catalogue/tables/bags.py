"""The tables of bags: what was handed to another archive, and what lies in each."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from archiver.catalogue.tables.base import METADATA, NUMBER, number

bags = Table(
    "bags",
    METADATA,
    number(),
    Column("bag", String, nullable=False, unique=True),
    Column("plan_n", NUMBER, ForeignKey("plans.n"), nullable=False, index=True),
    Column("status", String, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("begun_at", BigInteger, nullable=False),
    Column("by", String, nullable=False),
    Column("bagged_at", BigInteger),
    Column("items", Integer, nullable=False),
    Column("octets", BigInteger, nullable=False),
    Column("files", Integer, nullable=False),
    Column("manifest", String, nullable=False),
    Column("paper", String, nullable=False),
    Column("received_at", BigInteger),
    Column("receipt", String, nullable=False),
    Column("seal", String, nullable=False),
)

bag_items = Table(
    "bag_items",
    METADATA,
    Column("bag_n", NUMBER, ForeignKey("bags.n"), primary_key=True, autoincrement=False),
    Column("item_n", NUMBER, ForeignKey("items.n"), primary_key=True, autoincrement=False),
    Column("thread_n", NUMBER, nullable=False),
    Column("version", Integer, nullable=False),
    Column("seal", String, nullable=False),
    Index("ix_bag_items_item", "item_n"),
    Index("ix_bag_items_thread", "bag_n", "thread_n", "item_n"),
)
