"""Where what decides cannot be read, nothing goes, and one clear error says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text, update

from archiver.catalogue import tables
from archiver.procedures import purging
from archiver.records.errors import ArchiverError, CatalogueUnavailable, RegisterUnreadable
from tests.archive import SUBSTANTIVE, TRANSITORY, Archive, a_copy_of, an_archive, an_observation

DEEDS = ("plan", "purge", "carry_out")
REFUSALS = (CatalogueUnavailable, RegisterUnreadable)


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    """An archive with an item that is due, a plan that lists it, and a hold on another."""
    archive = a_copy_of(due_and_held, tmp_path)
    archive.planned = archive.plan()
    assert archive.planned.due == 1
    yield archive
    archive.office.close()


def due_and_held(folder: Path) -> Archive:
    archive = an_archive(folder, index="memory:")
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", SUBSTANTIVE))
    archive.issue_hold("2")
    archive.clock.forward(days=100)
    archive.capture()
    return archive


def refused(archive: Archive, deed: str, *kinds: type[ArchiverError]) -> str:
    """Have *deed* refused, and give what was said; the item and its bytes are still there."""
    deeds: dict[str, Callable[[], object]] = {
        "plan": archive.plan,
        "purge": lambda: purged(archive),
        "carry_out": lambda: archive.carry_out(archive.planned),
    }
    with pytest.raises(kinds) as refusal:
        deeds[deed]()

    assert refusal.value.remedy
    return str(refusal.value)


def purged(archive: Archive) -> int:
    office = archive.office
    with office.disposer() as disposer:
        return purging.purge(
            disposer, archive.person, office.schedule, carry_out_too=True
        ).destroyed


def rename(archive: Archive, table: str, name: str) -> None:
    with archive.office.catalogue.writing_raw() as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO {name}"))


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize(
    "table", ["holds", "coverage", "matters", "requests", "ledger_head", "ledger_entries"]
)
def test_while_a_table_that_decides_is_gone_nothing_is_planned_or_destroyed(archive, table, deed):
    rename(archive, table, "lost")

    assert refused(archive, deed, *REFUSALS)

    rename(archive, "lost", table)
    assert archive.item("1").life == "live"
    assert archive.objects("1")
    assert archive.carry_out(archive.planned).destroyed == 1


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize(("column", "value"), [("scope", "{"), ("scope", "[]"), ("status", "lost")])
def test_a_hold_that_cannot_be_read_binds_everything(archive, column, value, deed):
    with archive.office.catalogue.writing_raw() as connection:
        connection.execute(update(tables.holds).values({column: value}))

    assert "register of holds" in refused(archive, deed, RegisterUnreadable)

    assert archive.item("1").life == "live"
    assert archive.objects("1")
