"""What every table stands on: one MetaData, and row numbers."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""A row number; on SQLite it must be INTEGER to be the rowid itself."""


def number() -> Column[int]:
    """Give the column of row numbers: `n`, the primary key, given out by the writer."""
    return Column("n", NUMBER, primary_key=True, autoincrement=False)
