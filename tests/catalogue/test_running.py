"""The entries that decide are read again for what they are, not for how long the ledger is."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import event

from archiver.catalogue import Catalogue, ledger
from archiver.catalogue.running import running
from archiver.catalogue.upgrading import upgrade


@pytest.mark.sqlite("how SQLite goes about a query")
def test_what_decides_is_found_by_its_indexes_and_not_in_the_whole_ledger(tmp_path):
    file, asked = tmp_path / "catalogue.sqlite", []
    catalogue = Catalogue(f"sqlite:///{file}")
    upgrade(catalogue)
    with catalogue.writing() as desk:
        ledger.found(desk.connection)

    with catalogue.reading() as connection:
        event.listen(connection, "before_cursor_execute", lambda *told: asked.append(told[2]))
        running(connection)

    catalogue.dispose()
    with closing(sqlite3.connect(file)) as plain:
        plans = [
            list(plain.execute(f"EXPLAIN QUERY PLAN {query}")) for query in asked if "FROM" in query
        ]
    gone_through = [[row[3] for row in plan if row[3].startswith("SCAN")] for plan in plans]
    assert [len(some) for some in gone_through] == [1, 1]
    assert all("INDEX ix_ledger_entries_" in some[0] for some in gone_through)
