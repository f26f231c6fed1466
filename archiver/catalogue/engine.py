"""Connecting to the catalogue: one writer at a time, every reader unhindered.

SQLite: WAL, synchronous=FULL, foreign keys, secure_delete and a busy timeout on every
connection, BEGIN IMMEDIATE for every writing transaction (in the default mode a hold was
acknowledged and the purge still committed; measured). PostgreSQL: one advisory lock serialises
writing transactions in the same way, taken before the first of their statements looks at
anything; reading ones see one snapshot (REPEATABLE READ).
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Protocol, TypeAlias

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from archiver.catalogue import ledger, server
from archiver.catalogue.compiling import WRITTEN
from archiver.catalogue.locks import FileLocks, ServerLocks
from archiver.records.errors import ArchiveBusy, CatalogueUnavailable, RegisterUnreadable
from archiver.records.events import Leaf
from archiver.records.identity import ArchiveKey, sha256

Reading: TypeAlias = Connection
"""A reading transaction, as procedures pass it on to the catalogue's modules."""

BUSY_TIMEOUT_MS = 60_000

SQLITE = (3, 38)
"""The oldest SQLite that has what statements here ask of it, JSON functions before all."""


class Desk:
    """One writing transaction: its connection, and the entries it owes the ledger.

    Entries are appended as the transaction's last act, so that the head row is held as briefly
    as can be.
    """

    def __init__(self, connection: Connection, key: ArchiveKey | None) -> None:
        self.connection = connection
        self._key = key
        self._leaves: list[Leaf] = []

    def enter(self, *leaves: Leaf) -> None:
        """Owe the ledger *leaves*; they stand in it when the transaction commits."""
        self._leaves.extend(leaves)

    def settle(self) -> None:
        """Append what is owed."""
        ledger.append(self.connection, self._leaves, self._key)
        self._leaves = []


class _DbapiConnection(Protocol):
    isolation_level: str | None
    text_factory: Callable[[bytes], str]

    def cursor(self) -> sqlite3.Cursor: ...


class Catalogue:
    """The catalogue of one archive.

    Reading transactions see one consistent state. Writing ones exclude each other, wait their
    turn for at most a minute, and either commit whole or leave nothing. With a *key* the head of
    the ledger is sealed; without one nothing can be entered that an archive would go on with.
    """

    key: ArchiveKey | None = None

    def __init__(self, url: str, *, whatever: bool = False) -> None:
        """Connect to *url* (SQLAlchemy; `sqlite:///file` or `postgresql+psycopg://…`).

        With *whatever*, text that cannot be decoded is read as words that say so: for proof alone.

        Raises:
            CatalogueUnavailable: Python's SQLite is too old.
        """
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        if self.sqlite:
            refuse_old_sqlite(sqlite3.sqlite_version_info)
            self._writer = self._engine_of_file("BEGIN IMMEDIATE")
            self._reader = self._engine_of_file("BEGIN", whatever=whatever)
        else:
            self._writer = self._engine_of_server(server.EACH_STATEMENT)
            self._reader = self._engine_of_server(server.ONE_SNAPSHOT)
        self._locks = FileLocks(self.url) if self.sqlite else ServerLocks(self._writer)
        self._turn = Lock()

    @property
    def file(self) -> Path | None:
        """The file the catalogue lies in, for SQLite; None for a server."""
        return Path(self.url.database) if self.sqlite and self.url.database else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a reading transaction.

        Raises:
            CatalogueUnavailable: the database does not answer or is not a catalogue.
            RegisterUnreadable: what lies there as text is none.
        """
        with _explained(self.url.render_as_string()), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Desk]:
        """Open a writing transaction; it commits at the end, with its ledger entries.

        Raises:
            ArchiveBusy: another writer did not finish within a minute.
            LedgerDamaged: at the end, where the head of the ledger was edited behind us.
            CatalogueUnavailable: the database does not answer or is not a catalogue.
        """
        with (
            self._turn,
            _explained(self.url.render_as_string()),
            self._writer.connect() as connection,
            connection.begin(),
        ):
            if not self.sqlite:
                server.take_turn(connection, patience_ms=BUSY_TIMEOUT_MS)
            desk = Desk(connection, self.key)
            yield desk
            desk.settle()

    @contextmanager
    def writing_raw(self) -> Iterator[Connection]:
        """Open a writing transaction without a ledger, to make or change the tables themselves."""
        if self.file is not None:
            _make(self.file)
        with (
            self._turn,
            _explained(self.url.render_as_string()),
            self._writer.connect() as connection,
            connection.begin(),
        ):
            if not self.sqlite:
                server.take_turn(connection, patience_ms=BUSY_TIMEOUT_MS)
            yield connection

    @property
    def strikes(self) -> str:
        """Say in which manner struck rows are gone, once the log is emptied too."""
        if self.sqlite:
            return "texts overwritten where they lay, rows deleted; secure_delete fills with zeros"
        return (
            "rows deleted, and the tables of texts rewritten without them (VACUUM FULL) once no "
            "transaction could still see them"
        )

    @property
    def empties_log(self) -> str:
        """Say what becomes of the database's log of what was struck."""
        if self.sqlite:
            return "written back and emptied (wal_checkpoint TRUNCATE)"
        return "left to the server, which writes over it in time; its archives are not reached"

    def struck_by(self) -> str:
        """Give the mark of this moment, by which `truncate` tells who may still see what is struck.

        Who begins after it does not, and is not waited for, however many come.
        """
        if self.sqlite:
            return ""
        with _explained(self.url.render_as_string()):
            return server.mark(self._writer)

    def truncate(self, struck_by: str = "") -> None:
        """Leave nothing struck behind: write the WAL back and empty it (PostgreSQL: rewrite).

        *struck_by* is the mark of a moment at which all of it had been struck; as a rule, of now.

        Raises:
            ArchiveBusy: a reader still needs what was struck; the caller tries again.
        """
        with _explained(self.url.render_as_string()):
            if self.sqlite:
                self._empty_wal()
            else:
                server.rewrite_texts(self._writer, struck_by or server.mark(self._writer))

    def _empty_wal(self) -> None:
        with self._reader.connect() as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None  # noqa: S101 - a checked-out connection has one
            busy = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            raise ArchiveBusy("the catalogue's log is still being read and could not be emptied")

    @contextmanager
    def exclusive(self, name: str, *, wait: bool = True) -> Iterator[None]:
        """Hold the archive-wide lock *name* (no transaction): one process, one thread at a time.

        Raises:
            ArchiveBusy: someone else holds it, and *wait* is false or they kept it for long.
        """
        with self._locks.hold(name, wait=wait):
            yield

    def dispose(self) -> None:
        """Close every connection."""
        self._writer.dispose()
        self._reader.dispose()

    def whatever_lies_there(self) -> Catalogue:
        """Give the same catalogue, so opened that undecodable text is read as words that say so.

        It is for proof: nothing that it reads decides, and whoever opens it disposes of it.
        """
        another = Catalogue(self.url.render_as_string(hide_password=False), whatever=True)
        another.key = self.key
        return another

    def _engine_of_file(self, begin: str, *, whatever: bool = False) -> Engine:
        engine = create_engine(self.url, execution_options={"compiled_cache": WRITTEN})
        event.listen(engine, "connect", _configure)
        if whatever:
            event.listen(engine, "connect", _read_whatever)
        # Where "begin" is listened for, every statement looks for listeners, a fifth of its time.
        engine.dialect.do_begin = _begin_with(begin)  # type: ignore[assignment]  # its own dialect
        return engine

    def _engine_of_server(self, isolation: server.Isolation) -> Engine:
        return create_engine(
            self.url,
            pool_pre_ping=True,
            isolation_level=isolation,
            execution_options={"compiled_cache": WRITTEN},
        )


def _make(file: Path) -> None:
    """Make *file*, if it is not there, for its owner alone; SQLite gives its log the same rights.

    What the operating system refuses here, SQLite meets and tells.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(OSError):
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def refuse_old_sqlite(version: tuple[int, ...]) -> None:
    """Pass a *version* of SQLite that knows every statement of ours.

    Raises:
        CatalogueUnavailable: it is older than 3.38.
    """
    if version < SQLITE:
        raise CatalogueUnavailable(
            f"Python's SQLite is {'.'.join(map(str, version))}; it must be 3.38 or newer",
            remedy="Use a newer Python, or a build of it that is linked against a newer SQLite.",
        )


def _configure(connection: _DbapiConnection, _entry: ConnectionPoolEntry) -> None:
    """Set what SQLite forgets between connections; transactions are begun by us, not by it."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
        "cell_size_check = ON",
        "temp_store = MEMORY",
        "wal_autocheckpoint = 4000",
        "cache_size = -16384",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _read_whatever(connection: _DbapiConnection, _entry: ConnectionPoolEntry) -> None:
    connection.text_factory = _as_text


def _as_text(value: bytes) -> str:
    """Decode *value*; what is no text is told apart from every other, and repeats no word of it."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return f"[no text: {sha256(value)}]"


def _begin_with(statement: str) -> Callable[[PoolProxiedConnection], None]:
    def begin(dbapi_connection: PoolProxiedConnection) -> None:
        cursor = dbapi_connection.cursor()
        cursor.execute(statement)
        cursor.close()

    return begin


_READ_ONLY = (
    "Give the account that runs this the right to write the catalogue, the files beside it and "
    "their folder; check that the file system is not mounted read-only."
)

_FULL = "Make room where the catalogue lies, and run the command again; nothing half-written stays."


_DAMAGED = ("not a database", "malformed", "does not exist")
"""What databases say of a catalogue that is none, or of which a table is gone."""

_UNDECODABLE = re.compile(r"Could not decode to UTF-8 column '(\w*)'")
"""What SQLite says of text that is none."""


@contextmanager
def _explained(url: str) -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if found := _UNDECODABLE.match(str(error.orig)):  # what follows there repeats the text
            raise RegisterUnreadable(
                f"{url}: a row was edited behind us: its {found[1]} is no text"
            ) from None
        sqlstate = getattr(error.orig, "sqlstate", None)
        if (
            sqlstate == server.LOCK_TIMED_OUT
            or "locked" in str(error.orig)
            or "busy" in str(error.orig)
        ):
            raise ArchiveBusy("another process kept the catalogue locked for too long") from error
        if "readonly" in str(error.orig):
            raise CatalogueUnavailable(f"{url}: {error.orig}", remedy=_READ_ONLY) from error
        if "is full" in str(error.orig) or sqlstate == server.DISK_FULL:
            raise CatalogueUnavailable(f"{url}: {error.orig}", remedy=_FULL) from error
        raise CatalogueUnavailable(f"{url}: {error.orig}") from error
    except DBAPIError as error:
        if any(word in str(error.orig) for word in _DAMAGED):
            raise CatalogueUnavailable(
                f"{url}: {error.orig}", remedy="Restore the catalogue, or run `archiver rebuild`."
            ) from error
        raise
