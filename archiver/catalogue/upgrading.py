"""Bringing the catalogue's tables up to this version of the program.

Alembic is loaded only when there is something to bring up to date: every command asks for the
version, and loading it takes a quarter of a command's start.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from archiver.catalogue import facts, ledger, server
from archiver.catalogue.engine import Catalogue
from archiver.records.errors import CatalogueUnavailable

NEWEST = "0001"
"""The version of the tables this program knows: the head of the migrations (a test says so)."""

_VERSIONS = Table("alembic_version", MetaData(), Column("version_num", String))


def upgrade(catalogue: Catalogue) -> None:
    """Make the tables, or bring them up to date; nothing to do is quick."""
    with catalogue.writing_raw() as connection:
        if version_of(connection) != NEWEST:
            _migrate(connection)
            if not catalogue.sqlite:
                server.keep_texts_out_of_statistics(connection)


def demand_current(catalogue: Catalogue) -> None:
    """Pass if the catalogue is there and of this version.

    Raises:
        CatalogueUnavailable: it is not.
    """
    if catalogue.file is not None and not catalogue.file.exists():
        raise CatalogueUnavailable(f"there is no catalogue {catalogue.file}")
    with catalogue.reading() as connection:
        found = version_of(connection)
        rebuilding = found == NEWEST and facts.get(connection, facts.REBUILDING)
    if rebuilding:
        raise CatalogueUnavailable(
            "the catalogue is being rebuilt, or its rebuilding was cut short",
            remedy="Run `archiver rebuild` again; it goes on where it stopped.",
        )
    if found is None:
        raise CatalogueUnavailable("the catalogue has no tables yet: it holds no archive")
    if found != NEWEST:
        raise CatalogueUnavailable(
            f"the catalogue is of version {found}, this program of {NEWEST}",
            remedy="Run `archiver init`: it brings the catalogue up to date, and nothing else.",
        )


def demand_founded(catalogue: Catalogue) -> None:
    """Pass if there is an archive in the catalogue, and not only tables.

    Raises:
        CatalogueUnavailable: there is none.
    """
    with catalogue.reading() as connection:
        if not ledger.founded(connection):
            raise CatalogueUnavailable("the catalogue is empty: it holds no archive")


def version_of(connection: Connection) -> str | None:
    """Give the version of the catalogue's tables, None where there are none."""
    if not inspect(connection).has_table(_VERSIONS.name):
        return None
    return connection.scalar(select(_VERSIONS.c.version_num))


def _migrate(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - loaded only when it is needed
    from alembic.config import Config  # noqa: PLC0415 - loaded only when it is needed

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
