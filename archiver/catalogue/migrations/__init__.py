"""Migrations of the catalogue (Alembic): additive first, destructive a release later."""
