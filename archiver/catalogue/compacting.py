"""Compacting: rewriting the catalogue's file without the room that struck rows left.

Weekly upkeep. `secure_delete` leaves traces in the slack of pages that were rewritten later; a
fresh copy has none.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress

from archiver.catalogue.engine import BUSY_TIMEOUT_MS, Catalogue
from archiver.records.errors import ArchiveBusy, CatalogueUnavailable


def compact(catalogue: Catalogue) -> int:
    """Rewrite the catalogue's file; give how many bytes shorter it is.

    Writers wait meanwhile, readers do not. The copy made on the way lies beside the catalogue
    and is gone afterwards. A server compacts itself: there nothing is done, and 0 given.

    Raises:
        ArchiveBusy: another writer did not finish within a minute.
        CatalogueUnavailable: there is no room for the copy.
    """
    file = catalogue.file
    if file is None:
        return 0
    before = file.stat().st_size
    beside = str(file.parent).replace("'", "''")
    try:
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(
                "PRAGMA temp_store = FILE"
            )  # in memory it would all be there at once
            connection.execute(f"PRAGMA temp_store_directory = '{beside}'")
            connection.execute("DELETE FROM contents WHERE body = ''")  # struck before
            connection.execute("DELETE FROM matches WHERE words = ''")
            connection.execute("VACUUM")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise ArchiveBusy("the catalogue was being written to all the time") from error
        raise CatalogueUnavailable(
            f"{file} could not be compacted: {error}",
            remedy="Make room for a second copy of the catalogue beside it.",
        ) from error
    with suppress(ArchiveBusy):  # a reader keeps the log; the next purge empties it
        catalogue.truncate()
    return before - file.stat().st_size
