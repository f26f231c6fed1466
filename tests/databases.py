"""Databases of a PostgreSQL server that live for one test each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from uuid import uuid4

from sqlalchemy import URL, Connection, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, Pool

from archiver.catalogue import Catalogue
from archiver.catalogue.upgrading import upgrade


@contextmanager
def a_database(server: str, *, empty: bool = False) -> Iterator[str]:
    """Give the URL of a database of its own: with a catalogue's tables in it, or *empty*.

    Whatever this process opened meanwhile and left open is closed with it.
    """
    url = make_url(server)
    name = f"test_{uuid4().hex}"
    model = "template0" if empty else _model(url)
    with _administration(url) as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {model}"))
    try:
        with _connections_closed():
            yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with _administration(url) as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@cache
def _model(server: URL) -> str:
    """Make a database with a catalogue's tables, once in a run, to be copied.

    The next run makes its own; the server is thrown away with all of them.
    """
    name = f"model_{uuid4().hex}"
    with _administration(server) as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
    catalogue = Catalogue(server.set(database=name).render_as_string(hide_password=False))
    upgrade(catalogue)
    catalogue.dispose()
    return name


@contextmanager
def _connections_closed() -> Iterator[None]:
    opened: list[DBAPIConnection] = []

    def remember(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
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
