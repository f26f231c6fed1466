"""The tables of deeds: holds, dispositions, the ledger, the timetable."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from archiver.catalogue.tables.base import METADATA, NUMBER, number

holds = Table(
    "holds",
    METADATA,
    number(),
    Column("hold", String, nullable=False, unique=True),
    Column("matter_n", NUMBER, ForeignKey("matters.n"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("status", String, nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("by", String, nullable=False),
    Column("evaluated_to", NUMBER, nullable=False),
    Column("evaluate_to", NUMBER, nullable=False),
    Column("review_on", Integer, nullable=False),
    Column("bound_at", BigInteger),
    Column("lifted_at", BigInteger),
    Column("lifted_by", String, nullable=False, server_default=""),
    Column("paper", String, nullable=False),
)

coverage = Table(
    "coverage",
    METADATA,
    Column("item_n", NUMBER, ForeignKey("items.n"), primary_key=True, autoincrement=False),
    Column("hold_n", NUMBER, ForeignKey("holds.n"), primary_key=True, autoincrement=False),
    Index("ix_coverage_hold", "hold_n"),
)

plans = Table(
    "plans",
    METADATA,
    number(),
    Column("plan", String, nullable=False, unique=True),
    Column("made_at", BigInteger, nullable=False),
    Column("by", String, nullable=False),
    Column("on_day", Integer, nullable=False),
    Column("schedule", String, nullable=False),
    Column("status", String, nullable=False),
    Column("due", Integer, nullable=False),
    Column("attended", Boolean, nullable=False),
    Column("action", String, nullable=False),
    Column("chain", Text, nullable=False),
    Column("bound", String, nullable=False),
    Column("paper", String, nullable=False),
)

plan_items = Table(
    "plan_items",
    METADATA,
    Column("plan_n", NUMBER, ForeignKey("plans.n"), primary_key=True, autoincrement=False),
    Column("item_n", NUMBER, ForeignKey("items.n"), primary_key=True, autoincrement=False),
    Column("thread_n", NUMBER, nullable=False),
    Column("seal", String, nullable=False),
    Column("reasons", Text, nullable=False),
    Index("ix_plan_items_thread", "plan_n", "thread_n", "item_n"),
)

approvals = Table(
    "approvals",
    METADATA,
    number(),
    Column("plan_n", NUMBER, ForeignKey("plans.n"), nullable=False),
    Column("step", String, nullable=False),
    Column("by", String, nullable=False),
    Column("role", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("on_day", Integer, nullable=False),
    Column("signed_by", Text, nullable=False),
    Column("document", String, nullable=False),
    Column("paper", String, nullable=False),
    UniqueConstraint("plan_n", "step"),
)

batches = Table(
    "batches",
    METADATA,
    number(),
    Column("batch", String, nullable=False, unique=True),
    Column("plan_n", NUMBER, ForeignKey("plans.n"), nullable=False),
    Column("begun_at", BigInteger, nullable=False),
    Column("done_at", BigInteger),
    Column("items", Integer, nullable=False),
    Column("struck", Boolean, nullable=False),
    Column("listing", String, nullable=False),
    Column("paper", String, nullable=False),
)

backups = Table(
    "backups",
    METADATA,
    number(),
    Column("at", BigInteger, nullable=False),
    Column("digest", String, nullable=False),
    Column("keep_days", Integer),
)

CHANGES = (
    "item.bylined",
    "item.cooled",
    "item.decided",
    "item.declared",
    "item.edited",
    "item.restricted",
    "item.returned",
    "item.sighted",
    "item.triggered",
    "item.unrestricted",
)
"""The words of entries by which the row of an item became another than it was at capture."""

OF_ITEMS = (
    "attachment.kept",
    "capture.ended",
    "gap.closed",
    "gap.recorded",
    "item.captured",
    *CHANGES,
    "item.viewed",
)
"""The words of entries about no register: of these there are as many as items and visits."""


OF_REGISTERS = " AND ".join(f"kind <> '{word}'" for word in sorted(OF_ITEMS))
"""What is true of an entry about a register: of few, and read before anything is destroyed.

Word by word: for what `IN` lists, SQLite would make a table anew with every entry it adds.
"""

OF_CHANGES = "(" + " OR ".join(f"kind = '{word}'" for word in sorted(CHANGES)) + ")"
"""What is true of an entry by which the row of an item became another than it was at capture."""

ledger_entries = Table(
    "ledger_entries",
    METADATA,
    Column("seq", NUMBER, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Index(
        "ix_ledger_entries_registers",
        "seq",
        sqlite_where=text(OF_REGISTERS),
        postgresql_where=text(OF_REGISTERS),
    ),
    Index(
        "ix_ledger_entries_changes",
        "subject",
        sqlite_where=text(OF_CHANGES),
        postgresql_where=text(OF_CHANGES),
    ),
)

ledger_head = Table(
    "ledger_head",
    METADATA,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("size", NUMBER, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("registers", String, nullable=False),
    Column("changes", String, nullable=False),
    Column("seal", String, nullable=False),
)

job_runs = Table(
    "job_runs",
    METADATA,
    number(),
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
