"""Databases of a PostgreSQL server, for one test at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from uuid import uuid4

import psycopg
from sqlalchemy import URL, Connection, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, Pool

from archiver.catalogue import Catalogue
from archiver.catalogue.tables import METADATA
from archiver.catalogue.upgrading import upgrade


@contextmanager
def a_database(server: str, *, empty: bool = False) -> Iterator[str]:
    """Give the URL of a database of its own: with a catalogue's tables in it, or *empty*.

    Whatever this process opened meanwhile and left open is closed with it.
    """
    url = make_url(server)
    name = _made(url, "template0" if empty else _model(url))
    try:
        with _connections_closed():
            yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with _administration(url) as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@contextmanager
def a_lent_database(server: str) -> Iterator[str]:
    """Give the URL of a database with a catalogue's empty tables in it.

    It is emptied afterwards and lent again, which takes a tenth of the time of making one.
    """
    url = make_url(server)
    name = _FREE.pop() if _FREE else _made(url, _model(url))
    lent = url.set(database=name)
    with _connections_closed():
        yield lent.render_as_string(hide_password=False)
    if _emptied(lent):
        _FREE.append(name)


_FREE: list[str] = []


_TABLES = text(
    """
    SELECT relname, pg_relation_size(oid) > 0 FROM pg_class
     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    """
)
"""Every table, and whether its file holds anything: of an emptied table it holds nothing at all."""


def _emptied(url: URL) -> bool:
    """Empty every table; False where a test left other tables than a catalogue has.

    Only tables that were written to are emptied, for each costs the server several new files.
    """
    with _administration(url) as connection:
        connection.execute(text("SET lock_timeout = '5s'"))
        written = {str(name): bool(held) for name, held in connection.execute(_TABLES)}
        if written.keys() != {*METADATA.tables, "alembic_version"}:
            return False
        if full := [name for name in METADATA.tables if written[name]]:
            connection.execute(text(f"TRUNCATE {', '.join(full)} CASCADE"))
    return True


@cache
def _model(server: URL) -> str:
    """Make a database with a catalogue's tables, once in a run, to be copied.

    The next run makes its own; the server is thrown away with all of them.
    """
    name = _made(server, "template0")
    catalogue = Catalogue(server.set(database=name).render_as_string(hide_password=False))
    upgrade(catalogue)
    catalogue.dispose()
    return name


def _made(server: URL, model: str) -> str:
    """Make a database as a copy of *model*, and give its name."""
    name = f"test_{uuid4().hex}"
    with _administration(server) as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {model}"))
    return name


@contextmanager
def _connections_closed() -> Iterator[None]:
    opened: list[psycopg.Connection] = []

    def remember(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        if isinstance(connection, psycopg.Connection):  # a replica in memory closes by itself
            opened.append(connection)

    event.listen(Pool, "connect", remember)
    try:
        yield
    finally:
        event.remove(Pool, "connect", remember)
        for connection in opened:
            connection.close()


@contextmanager
def _administration(server: URL) -> Iterator[Connection]:
    engine = create_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
