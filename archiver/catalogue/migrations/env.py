"""What Alembic runs: the migrations, over the connection that `upgrading` hands it."""

from __future__ import annotations

from alembic import context

from archiver.catalogue.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
)
context.run_migrations()
