"""Bringing the catalogue's tables up to this version of the program."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from archiver.catalogue import facts, server
from archiver.catalogue.engine import Catalogue
from archiver.records.errors import CatalogueUnavailable


def upgrade(catalogue: Catalogue) -> None:
    """Make the tables, or bring them up to date; nothing to do is quick."""
    with catalogue.writing_raw() as connection:
        if version_of(connection) != _newest():
            command.upgrade(_alembic(connection), "head")
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
        rebuilding = found == _newest() and facts.get(connection, facts.REBUILDING)
    if rebuilding:
        raise CatalogueUnavailable(
            "the catalogue is being rebuilt, or its rebuilding was cut short",
            remedy="Run `archiver rebuild` again; it goes on where it stopped.",
        )
    if found != _newest():
        raise CatalogueUnavailable(
            f"the catalogue is of version {found or 'none'}, this program of {_newest()}",
            remedy="Run `archiver init`: it brings the catalogue up to date, and nothing else.",
        )


def version_of(connection: Connection) -> str | None:
    """Give the version of the catalogue's tables, None where there are none."""
    return MigrationContext.configure(connection).get_current_revision()


_MIGRATIONS = Path(__file__).parent / "migrations"


def _newest() -> str | None:
    return ScriptDirectory(str(_MIGRATIONS)).get_current_head()


def _alembic(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config
