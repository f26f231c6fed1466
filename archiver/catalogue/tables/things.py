"""The tables of things: pages, threads, items and what goes with them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from archiver.catalogue.tables.base import METADATA, NUMBER, number

facts = Table(
    "facts",
    METADATA,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
)

pages = Table(
    "pages",
    METADATA,
    number(),
    Column("page", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("platform", String, nullable=False),
    Column("identity", String, nullable=False),
    Column("connector", String, nullable=False),
    Column("controlled", Boolean, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("whole_at", BigInteger),
    Column("walked_at", BigInteger),
    Column("looked_at", BigInteger),
    Column("visited_at", BigInteger),
    Column("seal", String, nullable=False),
)

cursors = Table(
    "cursors",
    METADATA,
    Column("page_n", NUMBER, ForeignKey("pages.n"), primary_key=True, autoincrement=False),
    Column("value", Text, nullable=False),
    Column("moved_at", BigInteger, nullable=False),
)

threads = Table(
    "threads",
    METADATA,
    number(),
    Column("thread", String, nullable=False, unique=True),
    Column("page_n", NUMBER, nullable=False),
    Column("last_activity", BigInteger, nullable=False),
    Column("look_on", Integer, index=True),
    Column("ripe_on", Integer, index=True),
    Column("stirred", Integer, nullable=False),
    Column("seal", String, nullable=False),
)

OF_RESTRICTED = "(restricted <> '' OR kind = 'message')"
"""What is true of an item that only who has the right may read, whatever the rules yet find."""

items = Table(
    "items",
    METADATA,
    number(),
    Column("item", String, nullable=False, unique=True),
    Column("page_n", NUMBER, nullable=False),
    Column("thread_n", NUMBER, nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("author", String, nullable=False),
    Column("own", Boolean, nullable=False),
    Column("restricted", String, nullable=False),
    Column("published_at", BigInteger, nullable=False),
    Column("captured_at", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("state", String, nullable=False),
    Column("state_at", BigInteger, nullable=False),
    Column("actor", String, nullable=False),
    Column("removed_at", BigInteger),
    Column("value_ended_at", BigInteger),
    Column("tag", String, nullable=False),
    Column("series", String, nullable=False),
    Column("basis", String, nullable=False),
    Column("rule", String, nullable=False),
    Column("confidence", Integer, nullable=False),
    Column("schedule", String, nullable=False),
    Column("queued", Boolean, nullable=False),
    Column("cooling_until", Integer),
    Column("recheck_on", Integer),
    Column("life", String, nullable=False),
    Column("batch_n", NUMBER),
    Column("triggers", String, nullable=False),
    Column("restriction", String, nullable=False),
    Column("seal", String, nullable=False),
    Index("ix_items_page_published", "page_n", "published_at"),
    Index(
        "ix_items_author",
        "author",
        sqlite_where=text("author <> ''"),
        postgresql_where=text("author <> ''"),
    ),
    Index("ix_items_queued", "n", sqlite_where=text("queued"), postgresql_where=text("queued")),
    Index(
        "ix_items_batch",
        "batch_n",
        sqlite_where=text("batch_n IS NOT NULL"),
        postgresql_where=text("batch_n IS NOT NULL"),
    ),
    Index("ix_items_recheck", "page_n", "recheck_on"),
    Index(
        "ix_items_restricted",
        "n",
        sqlite_where=text(OF_RESTRICTED),
        postgresql_where=text(OF_RESTRICTED),
    ),
)

versions = Table(
    "versions",
    METADATA,
    number(),
    Column("item_n", NUMBER, ForeignKey("items.n"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("store_version", String),
    Column("captured_at", BigInteger, nullable=False),
    Column("seal", String, nullable=False),
)

bylines = Table(
    "bylines",
    METADATA,
    Column("item_n", NUMBER, ForeignKey("items.n"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("author", String, nullable=False, index=True),
    Column("published_at", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("paper", String, nullable=False),
    Column("seal", String, nullable=False),
)

contents = Table(
    "contents",
    METADATA,
    number(),
    Column("body", Text, nullable=False),
)

matches = Table(
    "matches",
    METADATA,
    number(),
    Column("item_n", NUMBER, nullable=False, index=True),
    Column("words", Text, nullable=False),
    Column("seal", String, nullable=False),
)

attachments = Table(
    "attachments",
    METADATA,
    number(),
    Column("item_n", NUMBER, ForeignKey("items.n"), nullable=False),
    Column("slot", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("store_version", String),
    Column("media_type", String, nullable=False),
    Column("seal", String, nullable=False),
    UniqueConstraint("item_n", "slot", "digest"),
)

sightings = Table(
    "sightings",
    METADATA,
    number(),
    Column("item_n", NUMBER, ForeignKey("items.n"), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("source", String, nullable=False),
    Column("paper", String, nullable=False),
)

engagement = Table(
    "engagement",
    METADATA,
    Column("item_n", NUMBER, ForeignKey("items.n"), primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("counts", Text, nullable=False),
)

decisions = Table(
    "decisions",
    METADATA,
    number(),
    Column("item_n", NUMBER, ForeignKey("items.n"), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("by", String, nullable=False),
    Column("tag", String, nullable=False),
    Column("series", String, nullable=False),
    Column("basis", String, nullable=False),
    Column("paper", String, nullable=False),
)

captures = Table(
    "captures",
    METADATA,
    number(),
    Column("capture", String, nullable=False, unique=True),
    Column("page_n", NUMBER, ForeignKey("pages.n"), nullable=False, index=True),
    Column("begun_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("status", String, nullable=False),
    Column("since", BigInteger),
    Column("fetched", Integer, nullable=False, server_default="0"),
    Column("seen", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("platform_count", Integer),
    Column("light", Boolean, nullable=False),
    Column("lasting", Integer, nullable=False, server_default="0"),
    Column("rechecks_waiting", Integer, nullable=False, server_default="0"),
    Column("differing", Integer, nullable=False, server_default="0"),
    Column("differing_by", BigInteger, nullable=False, server_default="0"),
)

gaps = Table(
    "gaps",
    METADATA,
    number(),
    Column("capture_n", NUMBER, ForeignKey("captures.n"), nullable=False),
    Column("page_n", NUMBER, ForeignKey("pages.n"), nullable=False),
    Column("item_n", NUMBER),
    Column("slot", String, nullable=False),
    Column("what", String, nullable=False),
    Column("why", String, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("tries", Integer, nullable=False),
    Column("retry_on", Integer),
    Index(
        "ix_gaps_open",
        "page_n",
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index(
        "ix_gaps_item",
        "item_n",
        sqlite_where=text("item_n IS NOT NULL"),
        postgresql_where=text("item_n IS NOT NULL"),
    ),
)

outbox = Table(
    "outbox",
    METADATA,
    number(),
    Column("item_n", NUMBER, ForeignKey("items.n"), nullable=False),
)
