"""The table of object locks: what each item's objects are locked to in the store."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, String, Table

from archiver.catalogue.tables.base import METADATA, NUMBER

object_locks = Table(
    "object_locks",
    METADATA,
    Column("item_n", NUMBER, ForeignKey("items.n"), primary_key=True, autoincrement=False),
    Column("seal", String, nullable=False),
    Column("stirred", Integer, nullable=False),
    Column("schedule", String, nullable=False),
    Column("flagged", Boolean, nullable=False),
    Column("least", BigInteger),
    Column("most", BigInteger),
    Column("look_on", Integer),
)
