"""What PostgreSQL must be told to keep the catalogue's promises: turns, snapshots, leaving nothing.

It keeps a struck row for as long as any transaction might still see it, in a rewritten table too;
and its planner's statistics hold samples of the texts themselves. Neither is noticed from SQL's
own answers, so both are ruled out here.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from sqlalchemy import Connection, Engine, text

from archiver.catalogue.tables import contents, matches
from archiver.records.errors import ArchiveBusy

Isolation: TypeAlias = Literal["REPEATABLE READ", "READ COMMITTED"]
ONE_SNAPSHOT: Final = "REPEATABLE READ"
EACH_STATEMENT: Final = "READ COMMITTED"
"""What a transaction sees: the state at its first statement; what stands as each one begins."""

LOCK_TIMED_OUT = "55P03"
"""PostgreSQL's own code for a lock that was not had in time."""

DISK_FULL = "53100"
"""PostgreSQL's own code for a disk without room."""

_TEXTS = ((contents, "body"), (matches, "words"))
_WRITER_LOCK = 0x61726368  # one number for all archives of a database: "arch"
_REWRITE_PATIENCE_MS = 2_000

# A transaction older than this mark, or the snapshot of one, may still see what was struck. One
# that writes in another database cannot, but while it lasts our own rewriting keeps the rows.
_MARK = text("SELECT pg_current_xact_id()::text")
_MAY_STILL_SEE = text(
    """
    SELECT count(*) FROM (
        SELECT pid AS held, backend_xid AS since FROM pg_stat_activity
         WHERE pid <> pg_backend_pid()
        UNION ALL
        SELECT pid, backend_xmin FROM pg_stat_activity
         WHERE pid <> pg_backend_pid() AND (datname = current_database() OR datname IS NULL)
        UNION ALL SELECT NULL, xmin FROM pg_replication_slots
        UNION ALL SELECT NULL, transaction FROM pg_prepared_xacts
    ) AS seeing
    WHERE since IS NOT NULL AND age(since) > age(cast(cast(:mark AS xid8) AS xid))
    """
)


def take_turn(connection: Connection, *, patience_ms: int) -> None:
    """Wait until no other writing transaction is under way, and keep others out until the end."""
    connection.execute(text(f"SET LOCAL lock_timeout = {patience_ms}"))
    connection.execute(text(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})"))


def keep_texts_out_of_statistics(connection: Connection) -> None:
    """Have the planner sample no texts: what it once sampled outlives the rows."""
    for table, column in _TEXTS:
        connection.execute(text(f"ALTER TABLE {table.name} ALTER {column} SET STATISTICS 0"))


def mark(engine: Engine) -> str:
    """Give the mark of this moment: who begins later sees nothing that was struck before it."""
    with engine.connect() as connection:
        return str(connection.scalar(_MARK))


def rewrite_texts(engine: Engine, struck_by: str) -> None:
    """Rewrite the tables that held what was struck before the mark *struck_by*, without it.

    Raises:
        ArchiveBusy: some transaction may still see it, so that it would be written anew.
    """
    unattended = engine.execution_options(isolation_level="AUTOCOMMIT")
    with unattended.connect() as connection:
        if connection.scalar(_MAY_STILL_SEE, {"mark": struck_by}):
            raise ArchiveBusy("the catalogue is still being read and could not be rewritten")
        connection.execute(text(f"SET lock_timeout = {_REWRITE_PATIENCE_MS}"))
        try:
            for table, _ in _TEXTS:
                connection.execute(text(f"VACUUM (FULL) {table.name}"))
        finally:
            connection.execute(text("RESET lock_timeout"))
