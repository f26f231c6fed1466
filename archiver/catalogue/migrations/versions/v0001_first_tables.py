"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "adoptions",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("adoption", sa.String(), nullable=False),
        sa.Column("schedule", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("particulars", sa.Text(), nullable=False),
        sa.Column("from_day", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_by", sa.String(), nullable=True),
        sa.Column("confirmed_n", sa.BigInteger(), nullable=True),
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_by", sa.String(), nullable=True),
        sa.Column("seal", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_adoptions")),
        sa.UniqueConstraint("adoption", name=op.f("uq_adoptions_adoption")),
    )
    op.create_index(op.f("ix_adoptions_schedule"), "adoptions", ["schedule"], unique=False)
    op.create_table(
        "alerts",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_sent_at", sa.BigInteger(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_alerts")),
    )
    op.create_table(
        "backups",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("keep_days", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_backups")),
    )
    op.create_table(
        "contents",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_contents")),
    )
    op.create_table(
        "credentials",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("passphrase", sa.String(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "last_step", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_credentials")),
    )
    op.create_table(
        "enablings",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("enabling", sa.String(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("connector", sa.String(), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("statute", sa.Text(), nullable=False),
        sa.Column("counsel", sa.Text(), nullable=False),
        sa.Column("dated", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_enablings")),
        sa.UniqueConstraint("enabling", name=op.f("uq_enablings_enabling")),
    )
    op.create_index(op.f("ix_enablings_page"), "enablings", ["page"], unique=False)
    op.create_table(
        "facts",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_facts")),
    )
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "invitations",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_invitations")),
    )
    op.create_table(
        "items",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("page_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("thread_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("restricted", sa.String(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("captured_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.Column("value_ended_at", sa.BigInteger(), nullable=True),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("confidence", sa.Integer(), nullable=False),
        sa.Column("schedule", sa.String(), nullable=False),
        sa.Column("queued", sa.Boolean(), nullable=False),
        sa.Column("cooling_until", sa.Integer(), nullable=True),
        sa.Column("recheck_on", sa.Integer(), nullable=True),
        sa.Column("life", sa.String(), nullable=False),
        sa.Column("batch_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("triggers", sa.String(), nullable=False),
        sa.Column("restriction", sa.String(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_items")),
        sa.UniqueConstraint("item", name=op.f("uq_items_item")),
    )
    op.create_index(
        "ix_items_author",
        "items",
        ["author"],
        unique=False,
        sqlite_where=sa.text("author <> ''"),
        postgresql_where=sa.text("author <> ''"),
    )
    op.create_index(
        "ix_items_batch",
        "items",
        ["batch_n"],
        unique=False,
        sqlite_where=sa.text("batch_n IS NOT NULL"),
        postgresql_where=sa.text("batch_n IS NOT NULL"),
    )
    op.create_index("ix_items_page_published", "items", ["page_n", "published_at"], unique=False)
    op.create_index(
        "ix_items_queued",
        "items",
        ["n"],
        unique=False,
        sqlite_where=sa.text("queued"),
        postgresql_where=sa.text("queued"),
    )
    op.create_index("ix_items_recheck", "items", ["page_n", "recheck_on"], unique=False)
    op.create_index(
        "ix_items_restricted",
        "items",
        ["n"],
        unique=False,
        sqlite_where=sa.text("(restricted <> '' OR kind = 'message')"),
        postgresql_where=sa.text("(restricted <> '' OR kind = 'message')"),
    )
    op.create_index(op.f("ix_items_thread_n"), "items", ["thread_n"], unique=False)
    op.create_table(
        "job_runs",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_job_runs")),
        sa.UniqueConstraint("job", "day", name=op.f("uq_job_runs_job")),
    )
    op.create_table(
        "ledger_entries",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger_entries")),
    )
    op.create_index(
        "ix_ledger_entries_changes",
        "ledger_entries",
        ["subject"],
        unique=False,
        sqlite_where=sa.text(
            "(kind = 'item.bylined' OR kind = 'item.cooled' OR kind = 'item.decided' OR kind = 'item.declared' OR kind = 'item.edited' OR kind = 'item.restricted' OR kind = 'item.returned' OR kind = 'item.sighted' OR kind = 'item.triggered' OR kind = 'item.unrestricted')"
        ),
        postgresql_where=sa.text(
            "(kind = 'item.bylined' OR kind = 'item.cooled' OR kind = 'item.decided' OR kind = 'item.declared' OR kind = 'item.edited' OR kind = 'item.restricted' OR kind = 'item.returned' OR kind = 'item.sighted' OR kind = 'item.triggered' OR kind = 'item.unrestricted')"
        ),
    )
    op.create_index(
        "ix_ledger_entries_registers",
        "ledger_entries",
        ["seq"],
        unique=False,
        sqlite_where=sa.text(
            "kind <> 'attachment.kept' AND kind <> 'capture.ended' AND kind <> 'gap.closed' AND kind <> 'gap.recorded' AND kind <> 'item.bylined' AND kind <> 'item.captured' AND kind <> 'item.cooled' AND kind <> 'item.decided' AND kind <> 'item.declared' AND kind <> 'item.edited' AND kind <> 'item.restricted' AND kind <> 'item.returned' AND kind <> 'item.sighted' AND kind <> 'item.triggered' AND kind <> 'item.unrestricted' AND kind <> 'item.viewed'"
        ),
        postgresql_where=sa.text(
            "kind <> 'attachment.kept' AND kind <> 'capture.ended' AND kind <> 'gap.closed' AND kind <> 'gap.recorded' AND kind <> 'item.bylined' AND kind <> 'item.captured' AND kind <> 'item.cooled' AND kind <> 'item.decided' AND kind <> 'item.declared' AND kind <> 'item.edited' AND kind <> 'item.restricted' AND kind <> 'item.returned' AND kind <> 'item.sighted' AND kind <> 'item.triggered' AND kind <> 'item.unrestricted' AND kind <> 'item.viewed'"
        ),
    )
    op.create_table(
        "ledger_head",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("registers", sa.String(), nullable=False),
        sa.Column("changes", sa.String(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_ledger_head")),
    )
    op.create_table(
        "matches",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("item_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_matches")),
    )
    op.create_index(op.f("ix_matches_item_n"), "matches", ["item_n"], unique=False)
    op.create_table(
        "matters",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_matters")),
        sa.UniqueConstraint("matter", name=op.f("uq_matters_matter")),
    )
    op.create_table(
        "orders",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("order", sa.String(), nullable=False),
        sa.Column("effect", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("court", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("dated", sa.Integer(), nullable=False),
        sa.Column("destroy_on", sa.Integer(), nullable=True),
        sa.Column("as_ordered", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_by", sa.String(), nullable=True),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("destroyed", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_orders")),
        sa.UniqueConstraint("order", name=op.f("uq_orders_order")),
    )
    op.create_table(
        "pages",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("connector", sa.String(), nullable=False),
        sa.Column("controlled", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("whole_at", sa.BigInteger(), nullable=True),
        sa.Column("walked_at", sa.BigInteger(), nullable=True),
        sa.Column("looked_at", sa.BigInteger(), nullable=True),
        sa.Column("visited_at", sa.BigInteger(), nullable=True),
        sa.Column("seal", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_pages")),
        sa.UniqueConstraint("page", name=op.f("uq_pages_page")),
    )
    op.create_table(
        "people",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=True),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("tenures", sa.Text(), nullable=False),
        sa.Column("left_on", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_people")),
        sa.UniqueConstraint("account", name=op.f("uq_people_account")),
        sa.UniqueConstraint("person", name=op.f("uq_people_person")),
    )
    op.create_table(
        "plans",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("plan", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("on_day", sa.Integer(), nullable=False),
        sa.Column("schedule", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("due", sa.Integer(), nullable=False),
        sa.Column("attended", sa.Boolean(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("bound", sa.String(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_plans")),
        sa.UniqueConstraint("plan", name=op.f("uq_plans_plan")),
    )
    op.create_table(
        "promises",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("adoption", sa.String(), nullable=False),
        sa.Column("promise", sa.Text(), nullable=False),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.Column("seal", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_promises")),
    )
    op.create_index(op.f("ix_promises_series"), "promises", ["series"], unique=False)
    op.create_table(
        "spendings",
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("allowed", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("page", "account", "day", name=op.f("pk_spendings")),
    )
    op.create_index(op.f("ix_spendings_account"), "spendings", ["account"], unique=False)
    op.create_table(
        "threads",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("page_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_activity", sa.BigInteger(), nullable=False),
        sa.Column("look_on", sa.Integer(), nullable=True),
        sa.Column("ripe_on", sa.Integer(), nullable=True),
        sa.Column("stirred", sa.Integer(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_threads")),
        sa.UniqueConstraint("thread", name=op.f("uq_threads_thread")),
    )
    op.create_index(op.f("ix_threads_look_on"), "threads", ["look_on"], unique=False)
    op.create_index(op.f("ix_threads_ripe_on"), "threads", ["ripe_on"], unique=False)
    op.create_table(
        "token_terms",
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("dies_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("page", name=op.f("pk_token_terms")),
    )
    op.create_table(
        "approvals",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("plan_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("on_day", sa.Integer(), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["plan_n"], ["plans.n"], name=op.f("fk_approvals_plan_n")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_approvals")),
        sa.UniqueConstraint("plan_n", "step", name=op.f("uq_approvals_plan_n")),
    )
    op.create_table(
        "attachments",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("item_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("store_version", sa.String(), nullable=True),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["item_n"], ["items.n"], name=op.f("fk_attachments_item_n")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_attachments")),
        sa.UniqueConstraint("item_n", "slot", "digest", name=op.f("uq_attachments_item_n")),
    )
    op.create_table(
        "bags",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("bag", sa.String(), nullable=False),
        sa.Column("plan_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("bagged_at", sa.BigInteger(), nullable=True),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("octets", sa.BigInteger(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("manifest", sa.String(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=True),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["plan_n"], ["plans.n"], name=op.f("fk_bags_plan_n")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_bags")),
        sa.UniqueConstraint("bag", name=op.f("uq_bags_bag")),
    )
    op.create_index(op.f("ix_bags_plan_n"), "bags", ["plan_n"], unique=False)
    op.create_table(
        "batches",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("plan_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("struck", sa.Boolean(), nullable=False),
        sa.Column("listing", sa.String(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["plan_n"], ["plans.n"], name=op.f("fk_batches_plan_n")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_batches")),
        sa.UniqueConstraint("batch", name=op.f("uq_batches_batch")),
    )
    op.create_table(
        "captures",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("capture", sa.String(), nullable=False),
        sa.Column("page_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("fetched", sa.Integer(), server_default="0", nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("platform_count", sa.Integer(), nullable=True),
        sa.Column("light", sa.Boolean(), nullable=False),
        sa.Column("lasting", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rechecks_waiting", sa.Integer(), server_default="0", nullable=False),
        sa.Column("differing", sa.Integer(), server_default="0", nullable=False),
        sa.Column("differing_by", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["page_n"], ["pages.n"], name=op.f("fk_captures_page_n")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_captures")),
        sa.UniqueConstraint("capture", name=op.f("uq_captures_capture")),
    )
    op.create_index(op.f("ix_captures_page_n"), "captures", ["page_n"], unique=False)
    op.create_table(
        "cursors",
        sa.Column(
            "page_n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("moved_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["page_n"], ["pages.n"], name=op.f("fk_cursors_page_n")),
        sa.PrimaryKeyConstraint("page_n", name=op.f("pk_cursors")),
    )
    op.create_table(
        "decisions",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("item_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["item_n"], ["items.n"], name=op.f("fk_decisions_item_n")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_decisions")),
    )
    op.create_index(op.f("ix_decisions_item_n"), "decisions", ["item_n"], unique=False)
    op.create_table(
        "engagement",
        sa.Column(
            "item_n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item_n"], ["items.n"], name=op.f("fk_engagement_item_n")),
        sa.PrimaryKeyConstraint("item_n", name=op.f("pk_engagement")),
    )
    op.create_table(
        "holds",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("hold", sa.String(), nullable=False),
        sa.Column("matter_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column(
            "evaluated_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "evaluate_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("review_on", sa.Integer(), nullable=False),
        sa.Column("bound_at", sa.BigInteger(), nullable=True),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.Column("lifted_by", sa.String(), server_default="", nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["matter_n"], ["matters.n"], name=op.f("fk_holds_matter_n")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_holds")),
        sa.UniqueConstraint("hold", name=op.f("uq_holds_hold")),
    )
    op.create_table(
        "judgements",
        sa.Column(
            "plan_n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "item_n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("judgement", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["item_n"], ["items.n"], name=op.f("fk_judgements_item_n")),
        sa.ForeignKeyConstraint(["plan_n"], ["plans.n"], name=op.f("fk_judgements_plan_n")),
        sa.PrimaryKeyConstraint("plan_n", "item_n", name=op.f("pk_judgements")),
    )
    op.create_table(
        "object_locks",
        sa.Column(
            "item_n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("seal", sa.String(), nullable=False),
        sa.Column("stirred", sa.Integer(), nullable=False),
        sa.Column("schedule", sa.String(), nullable=False),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("least", sa.BigInteger(), nullable=True),
        sa.Column("most", sa.BigInteger(), nullable=True),
        sa.Column("look_on", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["item_n"], ["items.n"], name=op.f("fk_object_locks_item_n")),
        sa.PrimaryKeyConstraint("item_n", name=op.f("pk_object_locks")),
    )
    op.create_table(
        "order_items",
        sa.Column(
            "order_n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "item_n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("standing", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["item_n"], ["items.n"], name=op.f("fk_order_items_item_n")),
        sa.ForeignKeyConstraint(["order_n"], ["orders.n"], name=op.f("fk_order_items_order_n")),
        sa.PrimaryKeyConstraint("order_n", "item_n", name=op.f("pk_order_items")),
    )
    op.create_index("ix_order_items_item", "order_items", ["item_n"], unique=False)
    op.create_table(
        "outbox",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("item_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["item_n"], ["items.n"], name=op.f("fk_outbox_item_n")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_outbox")),
    )
    op.create_table(
        "plan_items",
        sa.Column(
            "plan_n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "item_n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("thread_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item_n"], ["items.n"], name=op.f("fk_plan_items_item_n")),
        sa.ForeignKeyConstraint(["plan_n"], ["plans.n"], name=op.f("fk_plan_items_plan_n")),
        sa.PrimaryKeyConstraint("plan_n", "item_n", name=op.f("pk_plan_items")),
    )
    op.create_index(
        "ix_plan_items_thread", "plan_items", ["plan_n", "thread_n", "item_n"], unique=False
    )
    op.create_table(
        "samples",
        sa.Column(
            "plan_n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("adoption", sa.String(), nullable=False),
        sa.Column("drawn_at", sa.BigInteger(), nullable=False),
        sa.Column("drawn_on", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("share", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("known", sa.Text(), nullable=False),
        sa.Column("passed", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["plan_n"], ["plans.n"], name=op.f("fk_samples_plan_n")),
        sa.PrimaryKeyConstraint("plan_n", name=op.f("pk_samples")),
    )
    op.create_index(op.f("ix_samples_adoption"), "samples", ["adoption"], unique=False)
    op.create_table(
        "sightings",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("item_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["item_n"], ["items.n"], name=op.f("fk_sightings_item_n")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_sightings")),
    )
    op.create_index(op.f("ix_sightings_item_n"), "sightings", ["item_n"], unique=False)
    op.create_table(
        "versions",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("item_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("store_version", sa.String(), nullable=True),
        sa.Column("captured_at", sa.BigInteger(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["item_n"], ["items.n"], name=op.f("fk_versions_item_n")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_versions")),
    )
    op.create_index(op.f("ix_versions_item_n"), "versions", ["item_n"], unique=False)
    op.create_table(
        "bylines",
        sa.Column(
            "item_n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["item_n"], ["items.n"], name=op.f("fk_bylines_item_n")),
        sa.PrimaryKeyConstraint("item_n", "number", name=op.f("pk_bylines")),
    )
    op.create_index(op.f("ix_bylines_author"), "bylines", ["author"], unique=False)
    op.create_table(
        "bag_items",
        sa.Column(
            "bag_n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "item_n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("thread_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["bag_n"], ["bags.n"], name=op.f("fk_bag_items_bag_n")),
        sa.ForeignKeyConstraint(["item_n"], ["items.n"], name=op.f("fk_bag_items_item_n")),
        sa.PrimaryKeyConstraint("bag_n", "item_n", name=op.f("pk_bag_items")),
    )
    op.create_index("ix_bag_items_item", "bag_items", ["item_n"], unique=False)
    op.create_index(
        "ix_bag_items_thread", "bag_items", ["bag_n", "thread_n", "item_n"], unique=False
    )
    op.create_table(
        "coverage",
        sa.Column(
            "item_n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "hold_n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["hold_n"], ["holds.n"], name=op.f("fk_coverage_hold_n")),
        sa.ForeignKeyConstraint(["item_n"], ["items.n"], name=op.f("fk_coverage_item_n")),
        sa.PrimaryKeyConstraint("item_n", "hold_n", name=op.f("pk_coverage")),
    )
    op.create_index("ix_coverage_hold", "coverage", ["hold_n"], unique=False)
    op.create_table(
        "gaps",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "capture_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("page_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("retry_on", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["capture_n"], ["captures.n"], name=op.f("fk_gaps_capture_n")),
        sa.ForeignKeyConstraint(["page_n"], ["pages.n"], name=op.f("fk_gaps_page_n")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_gaps")),
    )
    op.create_index(
        "ix_gaps_item",
        "gaps",
        ["item_n"],
        unique=False,
        sqlite_where=sa.text("item_n IS NOT NULL"),
        postgresql_where=sa.text("item_n IS NOT NULL"),
    )
    op.create_index(
        "ix_gaps_open",
        "gaps",
        ["page_n"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "growths",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("hold_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("bound", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["hold_n"], ["holds.n"], name=op.f("fk_growths_hold_n")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_growths")),
    )
    op.create_index(op.f("ix_growths_hold_n"), "growths", ["hold_n"], unique=False)
    op.create_table(
        "narrowings",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("hold_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=False),
        sa.Column("swept_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["hold_n"], ["holds.n"], name=op.f("fk_narrowings_hold_n")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_narrowings")),
    )
    op.create_index(op.f("ix_narrowings_hold_n"), "narrowings", ["hold_n"], unique=False)
    op.create_table(
        "notices",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("notice", sa.String(), nullable=False),
        sa.Column("hold_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mail", sa.Text(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("returned", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("reminded_at", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_by", sa.String(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["hold_n"], ["holds.n"], name=op.f("fk_notices_hold_n")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_notices")),
        sa.UniqueConstraint("notice", name=op.f("uq_notices_notice")),
    )
    op.create_index(op.f("ix_notices_hold_n"), "notices", ["hold_n"], unique=False)
    op.create_table(
        "requests",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("received_on", sa.Integer(), nullable=False),
        sa.Column("hold_n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("closed_on", sa.Integer(), nullable=True),
        sa.Column("closing_entered_on", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["hold_n"], ["holds.n"], name=op.f("fk_requests_hold_n")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_requests")),
        sa.UniqueConstraint("request", name=op.f("uq_requests_request")),
    )
    op.create_table(
        "departures",
        sa.Column(
            "item_n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "narrowing_n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["item_n"], ["items.n"], name=op.f("fk_departures_item_n")),
        sa.ForeignKeyConstraint(
            ["narrowing_n"], ["narrowings.n"], name=op.f("fk_departures_narrowing_n")
        ),
        sa.PrimaryKeyConstraint("item_n", "narrowing_n", name=op.f("pk_departures")),
    )
