"""The tables of the catalogue, and nothing else.

Moments are whole microseconds since 1970 UTC; days are ordinals (date.toordinal) in the
agency's own zone. Opaque ids are 64 hexadecimal digits. Text, names and matched words live only
in `contents` and `matches`: insert-only rowid tables without an index on them, so that striking
a row leaves nothing of it (with `secure_delete` and a truncating checkpoint; measured, see
docs/decisions/text-lives-in-insert-only-tables.md). Rows are numbered by `n` under the one
writer lock, so that a batch knows its numbers before it is inserted.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""A row number; on SQLite it must be INTEGER to be the rowid itself."""


def _n() -> Column[int]:
    return Column("n", _NUMBER, primary_key=True, autoincrement=False)


facts = Table(
    "facts",
    METADATA,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
)

people = Table(
    "people",
    METADATA,
    _n(),
    Column("person", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("account", String, nullable=False, unique=True),
    Column("roles", String, nullable=False),
    Column("active", Boolean, nullable=False),
)

pages = Table(
    "pages",
    METADATA,
    _n(),
    Column("page", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("platform", String, nullable=False),
    Column("identity", String, nullable=False),
    Column("connector", String, nullable=False),
    Column("controlled", Boolean, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("whole_at", BigInteger),
    Column("visited_at", BigInteger),
)

cursors = Table(
    "cursors",
    METADATA,
    Column("page_n", _NUMBER, ForeignKey("pages.n"), primary_key=True, autoincrement=False),
    Column("value", Text, nullable=False),
    Column("moved_at", BigInteger, nullable=False),
)

threads = Table(
    "threads",
    METADATA,
    _n(),
    Column("thread", String, nullable=False, unique=True),
    Column("page_n", _NUMBER, ForeignKey("pages.n"), nullable=False),
    Column("last_activity", BigInteger, nullable=False),
    Column("look_on", Integer, index=True),
)

items = Table(
    "items",
    METADATA,
    _n(),
    Column("item", String, nullable=False, unique=True),
    Column("page_n", _NUMBER, ForeignKey("pages.n"), nullable=False),
    Column("thread_n", _NUMBER, ForeignKey("threads.n"), nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("author", String, nullable=False),
    Column("own", Boolean, nullable=False),
    Column("restricted", Boolean, nullable=False),
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
    Column("batch_n", _NUMBER),
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
)

versions = Table(
    "versions",
    METADATA,
    _n(),
    Column("item_n", _NUMBER, ForeignKey("items.n"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("store_version", String),
    Column("captured_at", BigInteger, nullable=False),
)

contents = Table(
    "contents",
    METADATA,
    _n(),
    Column("body", Text, nullable=False),
)

matches = Table(
    "matches",
    METADATA,
    _n(),
    Column("item_n", _NUMBER, nullable=False, index=True),
    Column("words", Text, nullable=False),
)

attachments = Table(
    "attachments",
    METADATA,
    _n(),
    Column("item_n", _NUMBER, ForeignKey("items.n"), nullable=False),
    Column("slot", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("store_version", String),
    Column("media_type", String, nullable=False),
    UniqueConstraint("item_n", "slot", "digest"),
)

sightings = Table(
    "sightings",
    METADATA,
    _n(),
    Column("item_n", _NUMBER, ForeignKey("items.n"), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("source", String, nullable=False),
)

engagement = Table(
    "engagement",
    METADATA,
    Column("item_n", _NUMBER, ForeignKey("items.n"), primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("counts", Text, nullable=False),
)

decisions = Table(
    "decisions",
    METADATA,
    _n(),
    Column("item_n", _NUMBER, ForeignKey("items.n"), nullable=False, index=True),
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
    _n(),
    Column("capture", String, nullable=False, unique=True),
    Column("page_n", _NUMBER, ForeignKey("pages.n"), nullable=False, index=True),
    Column("begun_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("status", String, nullable=False),
    Column("since", BigInteger),
    Column("seen", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("platform_count", Integer),
)

gaps = Table(
    "gaps",
    METADATA,
    _n(),
    Column("capture_n", _NUMBER, ForeignKey("captures.n"), nullable=False),
    Column("page_n", _NUMBER, ForeignKey("pages.n"), nullable=False),
    Column("item_n", _NUMBER),
    Column("slot", String, nullable=False),
    Column("what", String, nullable=False),
    Column("why", String, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("tries", Integer, nullable=False),
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
    _n(),
    Column("item_n", _NUMBER, ForeignKey("items.n"), nullable=False),
)

holds = Table(
    "holds",
    METADATA,
    _n(),
    Column("hold", String, nullable=False, unique=True),
    Column("matter", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("status", String, nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("by", String, nullable=False),
    Column("evaluated_to", _NUMBER, nullable=False),
    Column("evaluate_to", _NUMBER, nullable=False),
    Column("lifted_at", BigInteger),
    Column("paper", String, nullable=False),
)

coverage = Table(
    "coverage",
    METADATA,
    Column("item_n", _NUMBER, ForeignKey("items.n"), primary_key=True, autoincrement=False),
    Column("hold_n", _NUMBER, ForeignKey("holds.n"), primary_key=True, autoincrement=False),
    Index("ix_coverage_hold", "hold_n"),
)

plans = Table(
    "plans",
    METADATA,
    _n(),
    Column("plan", String, nullable=False, unique=True),
    Column("made_at", BigInteger, nullable=False),
    Column("by", String, nullable=False),
    Column("on_day", Integer, nullable=False),
    Column("schedule", String, nullable=False),
    Column("status", String, nullable=False),
    Column("due", Integer, nullable=False),
    Column("paper", String, nullable=False),
)

plan_items = Table(
    "plan_items",
    METADATA,
    Column("plan_n", _NUMBER, ForeignKey("plans.n"), primary_key=True, autoincrement=False),
    Column("item_n", _NUMBER, ForeignKey("items.n"), primary_key=True, autoincrement=False),
    Column("thread_n", _NUMBER, nullable=False),
    Column("reasons", Text, nullable=False),
)

batches = Table(
    "batches",
    METADATA,
    _n(),
    Column("batch", String, nullable=False, unique=True),
    Column("plan_n", _NUMBER, ForeignKey("plans.n"), nullable=False),
    Column("begun_at", BigInteger, nullable=False),
    Column("done_at", BigInteger),
    Column("items", Integer, nullable=False),
    Column("struck", Boolean, nullable=False),
    Column("paper", String, nullable=False),
)

ledger_entries = Table(
    "ledger_entries",
    METADATA,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
)

ledger_head = Table(
    "ledger_head",
    METADATA,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("size", _NUMBER, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("last_at", BigInteger, nullable=False),
)

job_runs = Table(
    "job_runs",
    METADATA,
    _n(),
    Column("job", String, nullable=False),
    Column("day", String, nullable=False),
    Column("begun_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("status", String, nullable=False),
    Column("detail", Text, nullable=False),
    UniqueConstraint("job", "day"),
)

heartbeats = Table(
    "heartbeats",
    METADATA,
    Column("name", String, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("detail", Text, nullable=False),
)

alerts = Table(
    "alerts",
    METADATA,
    Column("subject", String, primary_key=True),
    Column("first_at", BigInteger, nullable=False),
    Column("last_sent_at", BigInteger, nullable=False),
    Column("sent", Integer, nullable=False),
)
