from __future__ import annotations

import os
from datetime import timedelta

import pytest
from sqlalchemy import select

from archiver.catalogue import facts, tables
from archiver.ports import NewObject
from archiver.procedures.strays import Swept, dispose_strays, find_strays
from archiver.records.errors import ArchiveBusy, NotPermitted, RestoreUnconfirmed
from archiver.records.identity import ObjectRef, Part, sha256
from archiver.records.items import Origin, to_object
from archiver.records.people import Role
from tests.archive import PAGE, Archive, a_colleague, a_content, an_archive, an_observation

ORIGIN = Origin(
    platform="scripted", page=PAGE.identity, connector="scripted", connector_version="1"
)


@pytest.fixture
def archive(tmp_path) -> Archive:
    archive = an_archive(tmp_path)
    archive.capture(an_observation("1", "Report of a stolen bicycle"))
    return archive


def a_stray(archive: Archive, native_id: str, text: str = "left behind", *, days: float = 2):
    """Keep an object as a capture does that dies before it enters it, some days ago."""
    data = to_object(a_content(native_id, text), ORIGIN, salt="0" * 32)
    ref = ObjectRef(archive.item_id(native_id), Part.CONTENT, sha256(data))
    archive.office.objects.keep([NewObject(ref, data)])
    then = (archive.clock.now - timedelta(days=days)).timestamp()
    os.utime(archive.path_of(ref), (then, then))
    return ref


def swept(archive: Archive, person=None) -> Swept:
    with archive.office.disposer() as disposer:
        return dispose_strays(disposer, archive.office.objects, person or archive.person)


def test_a_stray_older_than_a_day_is_destroyed_and_the_ledger_says_so(archive):
    ref = a_stray(archive, "9")
    kept = archive.objects("1")

    assert swept(archive).destroyed == 1

    assert archive.objects() == kept
    assert ref not in archive.objects()
    with archive.office.catalogue.reading() as connection:
        entry = connection.execute(
            select(tables.ledger_entries).where(tables.ledger_entries.c.kind == "strays.destroyed")
        ).one()
    assert b'"n":1' in entry.leaf


def test_a_younger_stray_waits_for_its_retry(archive):
    ref = a_stray(archive, "9", days=0.9)

    result = swept(archive)

    assert result.destroyed == 0
    assert result.stayed[0][1] == "younger than a day"
    assert ref in archive.objects()


def test_the_retry_of_a_capture_adopts_its_stray(archive):
    seen = an_observation("9", "left behind")
    mark = seen.content.fingerprint()
    salt = archive.office.keys.archive.salt(archive.item_id("9"), mark)
    data = to_object(seen.content, ORIGIN, salt=salt)
    ref = ObjectRef(archive.item_id("9"), Part.CONTENT, sha256(data))
    archive.office.objects.keep([NewObject(ref, data)])
    assert [s.ref for s in find_strays(archive.office.account, archive.office.objects)] == [ref]

    archive.capture(seen)

    assert archive.objects("9") == [ref]
    assert find_strays(archive.office.account, archive.office.objects) == []


def test_a_stray_version_of_a_held_item_stays(archive):
    ref = a_stray(archive, "1", "Report of a found bicycle")
    archive.issue_hold("1")

    assert swept(archive).destroyed == 0
    assert ref in archive.objects("1")


@pytest.mark.parametrize(("text", "stays"), [("a stolen bicycle", True), ("a lost hat", False)])
def test_a_stray_whose_words_a_hold_asks_for_stays(archive, text, stays):
    ref = a_stray(archive, "9", text)
    archive.issue_hold(query="bicycle")

    swept(archive)

    assert (ref in archive.objects()) is stays


def test_while_a_hold_binds_a_stray_that_cannot_be_read_stays(archive):
    data = b"no content of ours"
    ref = ObjectRef("0" * 64, Part.ATTACHMENT, sha256(data), "0" * 16)
    archive.office.objects.keep([NewObject(ref, data)])
    os.utime(archive.path_of(ref), (0, 0))
    issued = archive.issue_hold("1")

    assert swept(archive).destroyed == 0
    archive.lift_hold(issued.hold)
    assert swept(archive).destroyed == 1


def test_bytes_whose_row_was_deleted_behind_us_are_never_swept(archive):
    n = archive.item("1").n
    with archive.office.catalogue.writing_raw() as connection:
        version = tables.versions.c
        connection.execute(tables.versions.delete().where(version.item_n == n))
    for ref in archive.objects("1"):
        os.utime(archive.path_of(ref), (0, 0))

    assert swept(archive).destroyed == 0
    assert len(archive.objects("1")) == 1


def test_nothing_is_swept_while_a_page_is_visited(archive):
    a_stray(archive, "9")
    with archive.office.catalogue.exclusive("page 1"), pytest.raises(ArchiveBusy):
        swept(archive)


def test_who_may_not_maintain_sweeps_nothing(archive):
    ref = a_stray(archive, "9")

    with pytest.raises(NotPermitted):
        swept(archive, a_colleague(archive, Role.CLERK))

    assert ref in archive.objects()


def test_nothing_is_swept_in_an_archive_that_was_restored_and_not_reconciled(archive):
    ref = a_stray(archive, "9")
    with archive.office.catalogue.writing_raw() as connection:
        facts.put(connection, facts.UNRECONCILED, "1")

    with pytest.raises(RestoreUnconfirmed):
        swept(archive)

    assert ref in archive.objects()
