"""An archive in a real bucket with Object Lock: what nobody can destroy, and what goes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.catalogue import disposals
from archiver.procedures import dispose
from archiver.procedures.store_locks import StoreHolds, demand_unlocked, protected
from archiver.procedures.verify import verify
from archiver.procedures.verify_locks import check_locks
from archiver.records.errors import DestructionUnproven, LockedByStore
from tests.archive import TRANSITORY, Archive, SettableClock, an_archive, an_observation
from tests.services.buckets import SETTINGS
from tests.services.locked import LockedBucket, a_locked_bucket

pytestmark = pytest.mark.service(*SETTINGS)

Maker = Callable[[str], Archive]


@pytest.fixture
def bucket(monkeypatch) -> LockedBucket:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", os.environ[SETTINGS[2]])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", os.environ[SETTINGS[3]])
    return a_locked_bucket()


@pytest.fixture
def archive_in(tmp_path: Path, bucket: LockedBucket) -> Iterator[Maker]:
    """Give what founds an archive that locks in a mode; its clock begins at the server's."""
    made: list[Archive] = []

    def make(mode: str) -> Archive:
        clock = SettableClock(datetime.now(UTC))  # noqa: TID251 - the server locks by its own
        archive = an_archive(
            tmp_path,
            clock=clock,
            index="memory:",
            objects=bucket.location,
            more=bucket.settings(mode),
        )
        made.append(archive)
        return archive

    yield make
    for archive in made:
        archive.office.close()


def shown(archive: Archive, native_id: str, text: str = TRANSITORY, *, days_ago: int = 0) -> object:
    at = archive.clock.now - timedelta(days=days_ago)
    return an_observation(native_id, text, at=at)


def drift(archive: Archive) -> list[str]:
    office = archive.office
    assert office.locker is not None
    found = check_locks(office.account, office.locker, office.schedule)
    return [fault.why for fault in found.drifted]


def unfinished(archive: Archive) -> int:
    with archive.office.catalogue.reading() as connection:
        return len(disposals.unfinished(connection))


@pytest.mark.parametrize("mode", ["governance", "compliance"])
def test_a_held_item_is_deleted_by_nobody_with_our_keys_until_the_hold_is_lifted(
    archive_in, bucket, mode
):
    archive = archive_in(mode)
    archive.capture(shown(archive, "held", days_ago=100), shown(archive, "free", days_ago=100))
    archive.office.lock_objects()
    owner = archive.item_id("held")
    issued = archive.issue_hold("held")
    holds = StoreHolds(archive.office.account, archive.office.locker)
    holds.hold([owner])
    versions = bucket.under(owner)

    assert versions
    assert all(bucket.refuses_to_delete(version) for version in versions)
    with (
        archive.office.disposer() as disposer,
        pytest.raises(DestructionUnproven, match=owner),
    ):
        disposer.objects.destroy([owner])
    assert bucket.under(owner) == versions

    archive.lift_hold(issued.hold)
    holds.release([owner])
    archive.office.lock_objects()
    archive.clock.forward(days=1)
    archive.capture()
    assert archive.purge().destroyed == 2
    assert bucket.under(owner) == []
    assert bucket.under(archive.item_id("free")) == []
    assert drift(archive) == []


def test_governance_is_passed_by_disposition_and_by_nothing_else(archive_in, bucket):
    archive = archive_in("governance")
    archive.capture(shown(archive, "1"))
    archive.office.lock_objects()
    owner = archive.item_id("1")
    [version] = bucket.under(owner)
    [ref] = archive.objects("1")

    assert bucket.refuses_to_delete(version, bypass=False)
    with archive.office.disposer() as disposer:
        with pytest.raises(DestructionUnproven):
            disposer.objects.destroy_objects([ref])
        assert protected(archive.office.account, archive.office.locker, [owner]) == {}
        assert disposer.objects.destroy([owner]) == 1
    assert bucket.under(owner) == []


def test_compliance_is_neither_shortened_nor_turned_nor_passed_and_an_order_is_told_the_date(
    archive_in, bucket
):
    archive = archive_in("compliance")
    archive.capture(shown(archive, "1"))
    archive.office.lock_objects()
    owner, account = archive.item_id("1"), archive.office.account
    [version] = bucket.under(owner)
    [state] = archive.office.locker.lock_states([owner])
    until = state.until
    assert until is not None

    assert bucket.refuses_retention(version, "COMPLIANCE", until - timedelta(days=1))
    assert bucket.refuses_retention(version, "GOVERNANCE", until)
    assert bucket.refuses_to_delete(version)
    with pytest.raises(LockedByStore) as caught:
        demand_unlocked(account, archive.office.locker, [owner])
    assert until.astimezone(account.zone).date().isoformat() in str(caught.value)
    with (
        archive.office.disposer() as disposer,
        pytest.raises(DestructionUnproven),
    ):
        disposer.objects.destroy([owner])
    assert archive.office.locker.lock_states([owner]) == [state]


def test_a_version_refused_within_a_batch_leaves_it_begun_named_and_finished_another_night(
    archive_in, bucket
):
    archive = archive_in("governance")
    archive.capture(shown(archive, "1", days_ago=100), shown(archive, "2", days_ago=100))
    archive.office.lock_objects()
    owner = archive.item_id("1")
    [version] = bucket.under(owner)
    archive.clock.forward(days=1)
    archive.capture()
    plan = archive.plan()
    bucket.flag(version, on=True)  # after everything was asked, behind the archiver's back

    with pytest.raises(DestructionUnproven, match=owner):
        archive.carry_out(plan)

    assert {archive.item(n).life for n in ("1", "2")} == {"begun"}
    assert bucket.under(owner) == [version]
    assert unfinished(archive) == 1
    office = archive.office
    assert verify(office.account, office.objects, office.index).unfinished

    bucket.flag(version, on=False)
    with archive.office.disposer() as disposer:
        assert dispose.resume(disposer, archive.person) == 2
    assert {archive.item(n).life for n in ("1", "2")} == {"destroyed"}
    assert bucket.under(owner) == []


def test_a_lock_changed_behind_the_archivers_back_is_named(archive_in, bucket):
    archive = archive_in("governance")
    archive.capture(shown(archive, "1"), shown(archive, "2", "We sent a patrol."))
    archive.office.lock_objects()
    assert drift(archive) == []
    [dated], [doubtful] = (bucket.under(archive.item_id(n)) for n in ("1", "2"))
    [state] = archive.office.locker.lock_states([archive.item_id("1")])

    bucket.flag(doubtful, on=False)
    assert not bucket.refuses_retention(dated, "GOVERNANCE", state.until - timedelta(days=1))

    missing, short = sorted(drift(archive))
    assert missing == "its legal hold is missing in the store"
    assert "and should until" in short


def test_a_bucket_that_was_locked_goes_on_working_when_locks_are_switched_off(archive_in, bucket):
    archive = archive_in("governance")
    archive.capture(shown(archive, "1"))
    archive.office.lock_objects()
    config = archive.office.config.file
    config.write_text(config.read_text().replace('"governance"', '"off"'))

    office = archive.reopen()

    assert office.locker is None
    assert office.lock_objects() == 0
    assert bucket.refuses_to_delete(bucket.under(archive.item_id("1"))[0], bypass=False)
