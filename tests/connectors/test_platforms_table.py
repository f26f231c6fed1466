"""The table of platforms: one row for each, from what connectors declare."""

from __future__ import annotations

from archiver.office.lookup import connectors
from tests.connectors.registry import PLATFORMS
from tests.platforms_table import COLUMNS, rows, written


def test_every_platform_that_is_visited_has_one_row_in_the_table():
    platforms = [row["platform"] for row in rows()]

    assert len(platforms) == len(set(platforms))
    assert {kind.connector.platform for kind in PLATFORMS.values()} <= set(platforms)


def test_the_table_names_every_export_that_can_be_read():
    named = {name for row in rows() for name in row["export"].split(", ")} - {"no"}

    assert named == {name for name, each in connectors().items() if each.imports}


def test_every_cell_of_the_table_is_told():
    assert all(set(row) == set(COLUMNS) and all(row.values()) for row in rows())
    assert len(written().splitlines()) == 2 + len(list(rows()))
