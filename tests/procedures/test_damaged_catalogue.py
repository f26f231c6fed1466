"""A catalogue in which something is gone, or is what no column holds: said, named, and mended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Executable, delete, update

from archiver.catalogue import facts, tables
from archiver.procedures.rebuild import Rebuilder, rebuild
from archiver.procedures.verify import Verdict, verify
from archiver.records.errors import ArchiverError, CatalogueUnavailable, LedgerDamaged
from tests.archive import SUBSTANTIVE, TRANSITORY, Archive, a_copy_of, an_archive, an_observation


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    """An archive with an item that is due and one that is held."""
    archive = a_copy_of(_due_and_held, tmp_path)
    yield archive
    archive.office.close()


def _due_and_held(folder: Path) -> Archive:
    archive = an_archive(folder, index="memory:")
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", SUBSTANTIVE))
    archive.issue_hold("2")
    archive.clock.forward(days=100)
    archive.capture()
    return archive


def edit(archive: Archive, *statements: Executable) -> None:
    with archive.office.catalogue.writing_raw() as connection:
        for statement in statements:
            connection.execute(statement)


def proved(archive: Archive) -> Verdict:
    office = archive.office
    return verify(office.account, office.objects, office.index)


# --- the head of the ledger -----------------------------------------------------------------------

DEEDS: dict[str, Callable[[Archive], object]] = {
    "capture": lambda archive: archive.capture(an_observation("9", SUBSTANTIVE)),
    "hold": lambda archive: archive.issue_hold("1"),
    "lift": lambda archive: archive.lift_hold("H-0001"),
    "plan": lambda archive: archive.plan(),
    "purge": lambda archive: archive.purge(),
}

HEADS: dict[str, Executable] = {
    "taken": delete(tables.ledger_head),
    "moved": update(tables.ledger_head).values(one=2),
    "unreadable": update(tables.ledger_head).values(frontier=b"x"),
}


@pytest.mark.parametrize("change", HEADS.values(), ids=HEADS)
@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_without_its_head_nothing_is_entered_and_the_error_says_what_to_do(archive, change, deed):
    objects = archive.objects()
    edit(archive, change)
    archive.reopen()

    with pytest.raises(ArchiverError) as refusal:
        deed(archive)

    assert refusal.type.__name__ in {"LedgerDamaged", "RegisterUnreadable"}
    assert "archiver rebuild" in refusal.value.remedy
    assert set(objects) <= set(archive.objects())


@pytest.mark.parametrize("change", [HEADS["taken"], HEADS["moved"]], ids=["taken", "moved"])
def test_a_head_of_the_ledger_that_is_gone_is_named(archive, change):
    edit(archive, change)
    archive.reopen()

    found = proved(archive)

    assert "the head is gone" in found.ledger.faults
    assert not found.ok


def test_a_catalogue_without_its_head_is_moved_away_and_made_anew(archive):
    edit(archive, delete(tables.ledger_head))
    office = archive.reopen(founding=True)
    rebuilder = Rebuilder(
        account=office.account,
        objects=office.objects,
        classifier=office.classifier,
        index=office.index,
        os_account=archive.os_account,
    )
    with pytest.raises(CatalogueUnavailable, match="not empty") as refusal:
        rebuild(rebuilder)
    assert "Move the catalogue away" in refusal.value.remedy


@pytest.mark.parametrize("leapt", ["", "yesterday", "1 2 3", "1 x"])
def test_a_leap_of_the_clock_that_nobody_can_read_is_one_clear_error(archive, leapt):
    leap = tables.facts.c.name == facts.LEAPT
    edit(archive, update(tables.facts).where(leap).values(value=leapt))

    with pytest.raises(LedgerDamaged, match="of the clock") as refusal:
        archive.capture(an_observation("9", SUBSTANTIVE))

    assert "archiver rebuild" in refusal.value.remedy
    assert (
        "what it has seen of the clock is not what its rows tell" in proved(archive).ledger.faults
    )
