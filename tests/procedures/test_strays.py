from __future__ import annotations

import os
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from archiver.catalogue import facts, tables
from archiver.ports import NewObject
from archiver.procedures.strays import Swept, dispose_strays, find_strays
from archiver.procedures.verify import Verdict, verify
from archiver.procedures.verify_findings import object_name
from archiver.records.errors import ArchiveBusy, NotPermitted, RestoreUnconfirmed
from archiver.records.identity import ObjectRef, Part, sha256
from archiver.records.items import Origin, to_object
from archiver.records.people import Role
from tests.archive import (
    FOUNDED_AT,
    PAGE,
    SUBSTANTIVE,
    TRANSITORY,
    Archive,
    a_colleague,
    a_content,
    an_archive,
    an_observation,
)

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


def a_tombstone(archive: Archive, native_id: str) -> ObjectRef:
    """Capture an item that is purged, and give the object it had."""
    archive.capture(an_observation(native_id, TRANSITORY, author="perry"))
    (had,) = archive.objects(native_id)
    archive.clock.forward(days=100)
    archive.capture()
    assert archive.purge().destroyed == 1
    return had


def verified(archive: Archive) -> Verdict:
    office = archive.office
    return verify(office.account, office.objects, office.index)


def test_a_stray_under_a_tombstone_is_named_damaged_and_destroyed_after_a_day(archive):
    a_tombstone(archive, "2")
    others = archive.objects()
    ref = a_stray(archive, "2", "seen again by a visit that died", days=0.9)
    assert [fault.name for fault in verified(archive).damaged] == [object_name(ref)]
    assert swept(archive).stayed == ((object_name(ref), "younger than a day"),)

    archive.clock.forward(days=0.2)

    assert swept(archive).destroyed == 1
    assert archive.objects() == others
    assert verified(archive).ok


def test_the_very_bytes_that_were_destroyed_are_destroyed_again_when_they_return(archive):
    seen = an_observation("2", TRANSITORY, author="perry")
    mark = seen.content.fingerprint()
    salt = archive.office.keys.archive.salt(archive.item_id("2"), mark)
    data = to_object(seen.content, ORIGIN, salt=salt)
    had = a_tombstone(archive, "2")
    assert had.digest == sha256(data)
    archive.office.objects.keep([NewObject(had, data)])
    os.utime(archive.path_of(had), (0, 0))

    assert swept(archive).destroyed == 1

    assert archive.objects("2") == []


@pytest.mark.parametrize(
    ("scope", "stays"),
    [({"query": "friday"}, True), ({"query": "bicycle"}, False), ({"since": FOUNDED_AT}, True)],
)
def test_what_lies_under_a_tombstone_stays_while_a_hold_would_cover_it(archive, scope, stays):
    a_tombstone(archive, "2")
    ref = a_stray(archive, "2", TRANSITORY)
    archive.issue_hold(**scope)

    swept(archive)

    assert (ref in archive.objects()) is stays


def test_a_row_that_was_made_a_tombstone_behind_us_loses_nothing_to_the_sweep(archive):
    (ref,) = archive.objects("1")
    os.utime(archive.path_of(ref), (0, 0))
    with archive.office.catalogue.writing_raw() as connection:
        connection.execute(
            tables.items.update()
            .where(tables.items.c.n == archive.item("1").n)
            .values(life="destroyed")
        )

    assert swept(archive).destroyed == 0

    assert archive.objects("1") == [ref]


@given(
    lives=st.lists(st.sampled_from(["live", "held", "gone"]), min_size=1, max_size=6),
    days=st.floats(0, 3),
)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_sweep_takes_anything_a_live_or_held_item_owns(tmp_path_factory, lives, days):
    archive = an_archive(tmp_path_factory.mktemp("swept"), index="memory:")
    names = [f"{life}-{n}" for n, life in enumerate(lives)]
    archive.capture(
        *(an_observation(n, TRANSITORY if n.startswith("gone") else SUBSTANTIVE) for n in names)
    )
    held = [name for name in names if name.startswith("held")]
    if held:
        archive.issue_hold(*held)
    archive.clock.forward(days=100)
    archive.capture()
    archive.purge()
    kept = archive.objects()
    left = [a_stray(archive, name, f"left behind {name}", days=days) for name in names]
    for ref in kept:
        os.utime(archive.path_of(ref), (0, 0))

    swept(archive)

    there = set(archive.objects())
    assert set(kept) <= there
    staying = {name for name, ref in zip(names, left, strict=True) if ref in there}
    assert staying == set(names if days < 1 else held)
    archive.office.close()


def test_a_hold_that_comes_while_strays_are_entered_is_asked_too(archive):
    ref, store = a_stray(archive, "9"), archive.office.objects
    place = store.place

    def placed(files) -> None:
        place(files)
        if any(name.startswith("papers/strays/") for name in files):
            store.place = place
            archive.issue_hold(query="behind")

    store.place = placed

    assert swept(archive).stayed == ((object_name(ref), "a hold covers it, or might"),)

    assert ref in archive.objects()


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
