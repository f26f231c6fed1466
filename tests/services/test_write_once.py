"""An archive in a real bucket with Object Lock: what nobody can destroy, and what goes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.catalogue import disposals
from archiver.office.founding import found
from archiver.procedures import dispose, ordering
from archiver.procedures.locking import look_at_all
from archiver.procedures.store_locks import StoreHolds, demand_unlocked, protected
from archiver.procedures.verify import verify
from archiver.procedures.verify_locks import check_locks
from archiver.records.disposition import Action
from archiver.records.errors import DestructionUnproven, LockedByStore
from archiver.records.identity import Part
from archiver.records.orders import Effect
from archiver.records.people import Role
from tests.archive import (
    SUBSTANTIVE,
    TRANSITORY,
    Archive,
    SettableClock,
    a_colleague,
    an_archive,
    an_observation,
)
from tests.procedures.court import an_order_text, carried_out, confirmed, order_words
from tests.procedures.test_approving import decided_long_ago
from tests.procedures.test_transferring import a_desk_for, bag_is_valid
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


@pytest.mark.parametrize("mode", ["governance", "compliance"])
def test_an_order_to_destroy_names_the_date_until_which_compliance_retains_and_passes_governance(
    archive_in, bucket, tmp_path, mode
):
    archive = archive_in(mode)
    archive.capture(shown(archive, "1"), shown(archive, "2", SUBSTANTIVE))
    archive.office.lock_objects()
    chief = a_colleague(archive, Role.CHIEF, name="chief")
    name = confirmed(archive, chief, an_order_text(tmp_path), Effect.DESTROY, "1", "2")
    kept = [bucket.under(archive.item_id(n)) for n in ("1", "2")]
    [state] = archive.office.locker.lock_states([archive.item_id("1")])

    if mode == "governance":
        assert carried_out(archive, name).row.destroyed == 2
        assert [bucket.under(archive.item_id(n)) for n in ("1", "2")] == [[], []]
        return
    with pytest.raises(LockedByStore) as caught:
        carried_out(archive, name)
    assert state.until.astimezone(archive.office.account.zone).date().isoformat() in str(
        caught.value
    )
    assert [bucket.under(archive.item_id(n)) for n in ("1", "2")] == kept
    assert ordering.called(archive.office.account, name).status == "confirmed"
    assert order_words(archive)[-1] == "order.refused"
    assert {archive.item(n).life for n in ("1", "2")} == {"live"}


def test_what_lies_in_a_bucket_is_bagged_received_and_only_then_destroyed_there(
    archive_in, bucket, tmp_path
):
    archive = archive_in("governance")
    archive.platform.files["film"] = os.urandom(17 << 20)  # put part by part
    archive.capture(
        an_observation("1", SUBSTANTIVE, at=archive.clock.now, attachments=["film", "photo"]),
        an_observation("2", SUBSTANTIVE, at=archive.clock.now),
    )
    archive.office.lock_objects()
    decided_long_ago(archive, "1", "2")
    archive.office.lock_objects()
    desk = a_desk_for(archive, tmp_path)
    plan = desk.approved()

    handed = desk.transferred(plan)

    assert bag_is_valid(handed.path)
    owners = [archive.item_id(n) for n in "12"]
    for ref in (one for n in "12" for one in archive.objects(n) if one.part is not Part.PAPER):
        digests = (handed.path / "manifest-sha256.txt").read_text()
        assert ref.digest in digests
    kept = [bucket.under(owner) for owner in owners]
    assert all(kept)
    desk.forward(days=100)
    assert desk.planned(Action.DESTROY).due == 0
    assert [bucket.under(owner) for owner in owners] == kept

    desk.received(plan, manifest=handed.bag.manifest)

    desk.forward(days=31)
    ours = desk.approved(Action.DESTROY)
    archive.capture()
    assert desk.destroyed(ours) == 2
    assert [bucket.under(owner) for owner in owners] == [[], []]
    assert desk.verdict().ok


def test_what_is_flagged_before_it_is_begun_stays_due_and_the_rest_goes(archive_in, bucket):
    archive = archive_in("governance")
    archive.capture(shown(archive, "1", days_ago=100), shown(archive, "2", days_ago=100))
    archive.office.lock_objects()
    [version] = bucket.under(archive.item_id("1"))
    archive.clock.forward(days=1)
    archive.capture()
    bucket.flag(version, on=True)

    receipt = archive.purge()

    assert receipt.destroyed == 1
    assert [item for item, _ in receipt.stayed] == [archive.item_id("1")]
    assert archive.item("1").life == "live"
    assert unfinished(archive) == 0
    bucket.flag(version, on=False)
    assert archive.purge().destroyed == 1


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
    plan, office = archive.plan(), archive.office
    bucket.flag(version, on=True)  # as if after everything was asked, behind our back
    with office.disposer() as disposer, pytest.raises(DestructionUnproven, match=owner):
        dispose.carry_out(
            replace(disposer, locker=None),
            archive.person,
            plan,
            office.schedule,
            on=office.account.today(),
        )

    assert {archive.item(n).life for n in ("1", "2")} == {"begun"}
    assert bucket.under(owner) == [version]
    assert unfinished(archive) == 1
    office = archive.office
    assert verify(office.account, office.objects, office.index).unfinished

    bucket.flag(version, on=False)
    with archive.office.disposer() as disposer:
        assert dispose.finish_begun(disposer, archive.person).destroyed == 2
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


def test_founding_says_where_a_bucket_could_lock_and_is_not_asked_to(archive_in, bucket):
    archive = archive_in("off")
    archive.capture(shown(archive, "1"))

    assert found(archive.office.config.file).could_lock
    assert archive.office.lock_objects() == 0
    assert not bucket.refuses_to_delete(bucket.under(archive.item_id("1"))[0], bypass=False)


def test_what_locks_is_told_of_no_such_thing(archive_in):
    assert not found(archive_in("governance").office.config.file).could_lock


def test_a_person_mends_what_was_unlocked_behind_the_archivers_back(archive_in, bucket):
    archive = archive_in("governance")
    archive.capture(shown(archive, "1", "We sent a patrol."))
    archive.office.lock_objects()
    [version] = bucket.under(archive.item_id("1"))
    bucket.flag(version, on=False)
    assert drift(archive) != []

    look_at_all(archive.office.account)
    archive.office.lock_objects()

    assert drift(archive) == []
    assert bucket.refuses_to_delete(version)


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
