"""What lies in the object store and nobody can explain: named, and never touched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from archiver.catalogue import tables
from archiver.procedures import founding
from archiver.procedures.amended_papers import every_paper
from archiver.procedures.strays import dispose_strays
from archiver.procedures.verify import Verdict, verify
from archiver.records.errors import LedgerDamaged
from tests.archive import SUBSTANTIVE, TRANSITORY, Archive, an_archive, an_observation
from tests.procedures.test_rebuild import lose_the_catalogue, rebuilt

FOREIGN = (
    "items/zzz/x",
    "items/note.txt",
    "foo.txt",
    "my notes.txt",
    "papers/foo.txt",
    "papers/hold/foo.json",
    "ledger/foo",
    "else/where",
)


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    archive = an_archive(tmp_path, index="memory:")
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", SUBSTANTIVE))
    archive.issue_hold("2")
    yield archive
    archive.office.close()


def proved(archive: Archive) -> Verdict:
    office = archive.office
    return verify(office.account, office.objects, office.index)


def store_of(archive: Archive) -> Path:
    return archive.folder / "objects"


def test_an_archive_that_nobody_touched_has_nothing_foreign_and_no_paper_without_an_entry(archive):
    found = proved(archive)

    assert (found.foreign, found.unentered, found.whole) == ([], [], True)


def test_foreign_files_are_named_wherever_they_lie_and_leave_the_archive_whole(archive):
    for name in FOREIGN:
        path = store_of(archive) / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"?")

    found = proved(archive)

    assert set(found.foreign) == set(FOREIGN)
    assert found.ok


def test_foreign_files_among_the_papers_are_none(archive):
    papers = list(every_paper(archive.office.account))
    for name in ("papers/foo.txt", "papers/hold/foo.json", f"papers/hold/{'0' * 64}.txt"):
        (store_of(archive) / name).write_bytes(b"?")

    assert list(every_paper(archive.office.account)) == papers
    assert len(proved(archive).foreign) == 3


def test_foreign_files_outlive_purge_and_sweep(archive):
    archive.clock.forward(days=100)
    archive.capture()
    doomed = archive.objects("1")[0]
    beside = archive.path_of(doomed).with_name("kept by a clerk.txt")
    for path in (beside, store_of(archive) / "foo.txt"):
        path.write_bytes(b"?")

    assert archive.purge().destroyed == 1
    archive.clock.now += timedelta(days=2)
    with archive.office.disposer() as disposer:
        dispose_strays(disposer, archive.office.objects, archive.person)

    assert (beside.read_bytes(), (store_of(archive) / "foo.txt").read_bytes()) == (b"?", b"?")
    assert len(proved(archive).foreign) == 2


# --- papers without an entry ----------------------------------------------------------------------


def test_the_papers_of_a_hold_that_was_refused_are_named_as_those_of_no_deed(archive):
    heads = update(tables.ledger_head)
    with archive.office.catalogue.writing_raw() as connection:
        seal = connection.scalar(
            tables.ledger_head.select().with_only_columns(tables.ledger_head.c.seal)
        )
        connection.execute(heads.values(seal="edited"))
    with pytest.raises(LedgerDamaged, match="edited behind us"):
        archive.issue_hold("1", matter="Roe v. City")
    with archive.office.catalogue.writing_raw() as connection:
        connection.execute(heads.values(seal=seal))

    found = proved(archive)

    assert [name.split("/")[1] for name in found.unentered] == ["hold", "matter"]
    assert found.ok


# --- the manifest ---------------------------------------------------------------------------------


def test_a_manifest_that_is_gone_is_named_and_written_again_by_init(archive):
    path = store_of(archive) / founding.MANIFEST
    was = path.read_bytes()
    path.unlink()

    (fault,) = proved(archive).missing
    assert (fault.name, "archiver init" in fault.why) == (founding.MANIFEST, True)

    _init(archive)
    assert path.read_bytes() == was
    assert proved(archive).ok


def test_a_manifest_that_is_damaged_is_named_and_written_again_by_init(archive):
    path = store_of(archive) / founding.MANIFEST
    was = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(b'{"format":"records')

    (fault,) = proved(archive).damaged
    assert (fault.name, "archiver init" in fault.why) == (founding.MANIFEST, True)

    _init(archive)
    assert path.read_bytes() == was
    assert proved(archive).ok


def _init(archive: Archive) -> None:
    account = archive.office.account
    assert founding.found(account, os_account=archive.os_account, service_account="-") is None


def test_a_rebuild_needs_no_manifest_and_writes_it_again(archive):
    (store_of(archive) / founding.MANIFEST).unlink()
    lose_the_catalogue(archive)

    rebuilt(archive)

    assert proved(archive).ok
