"""What every store that writes once promises: in memory, an imitation of S3, and a real server.

The imitation lets a compliance retention be made shorter, so that what is proven of it here is
that we never ask; that nobody can is proven on the real server.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from archiver.objects import keys
from archiver.objects.locking import LockingStore
from archiver.objects.locking_memory import LockingMemory
from archiver.objects.opening import locker_of, offers_locks, open_store
from archiver.ports import NewObject
from archiver.records.errors import ConfigInvalid, DestructionUnproven, ObjectError
from archiver.records.identity import ObjectRef, Part, sha256
from archiver.records.locking import LockChange, LockMode
from tests.contracts.conftest import NEEDS, the_client

pytestmark = pytest.mark.enable_socket

POST, COMMENT = sha256(b"post"), sha256(b"comment")
SOON = timedelta(seconds=5)
LATER = timedelta(hours=1)


def an_object(owner=POST, data=b"Happy Friday!"):
    return NewObject(ObjectRef(owner, Part.CONTENT, sha256(data)), data)


def now() -> datetime:
    wall = datetime.now(UTC)  # noqa: TID251 - servers end retentions by it
    return wall.replace(microsecond=0)


class InMemory:
    def __init__(self, mode):
        self.first = LockingMemory(mode=mode, may_destroy=True)

    def open(self, *, may_destroy=True, mode=None):
        store = LockingMemory(mode=mode or self.first.mode, may_destroy=may_destroy)
        store._files, store._stored = self.first._files, self.first._stored
        store._locks = self.first._locks
        return store


class InBucket:
    """A bucket of its own for every test; what is still locked in it stays behind."""

    def __init__(self, server, mode):
        self.client, self.server, self.mode = the_client(server), server, mode
        self.name = f"locked-{uuid4().hex}"
        self.client.create_bucket(Bucket=self.name, ObjectLockEnabledForBucket=True)

    def open(self, *, may_destroy=True, mode=None):
        return LockingStore(
            self.name,
            "town",
            mode=mode or self.mode,
            may_destroy=may_destroy,
            endpoint_url=self.server,
            region="us-east-1",
        )


@pytest.fixture(params=["memory", "s3_imitation", pytest.param("real_s3", marks=NEEDS)])
def place(request):
    """Give what makes a place of each kind that locks in a mode."""
    if request.param == "memory":
        return InMemory
    if request.param == "s3_imitation":
        request.getfixturevalue("s3_keys")
    server = request.getfixturevalue(request.param)
    return lambda mode: InBucket(server, mode)


def flag(store, owner=POST, *, on=True):
    states = store.lock_states([owner])
    store.change_locks([LockChange(ref=s.ref, version=s.version, flag=on) for s in states])


def retain(store, until, owner=POST, mode=None):
    states = store.lock_states([owner])
    store.change_locks(
        [LockChange(ref=s.ref, version=s.version, until=until, mode=mode) for s in states]
    )


def test_objects_are_put_unlocked(place):
    store = place(LockMode.COMPLIANCE).open()
    store.keep([an_object()])

    [state] = store.lock_states([POST])

    assert (state.flagged, state.until, state.mode) == (False, None, None)
    assert store.destroy([POST]) == 1


def test_what_is_flagged_is_destroyed_by_nobody_and_goes_once_the_flag_is_gone(place):
    store = place(LockMode.GOVERNANCE).open()
    [kept] = store.keep([an_object()])
    flag(store)

    with pytest.raises(DestructionUnproven, match=POST):
        store.destroy([POST])
    with pytest.raises(DestructionUnproven, match=POST):
        store.destroy_objects([kept.ref])
    flag(store, on=False)

    assert store.destroy([POST]) == 1
    assert store.lock_states([POST]) == []


def test_one_owner_that_is_locked_stays_and_is_named_while_the_others_of_its_batch_go(place):
    store = place(LockMode.GOVERNANCE).open()
    store.keep([an_object(), an_object(COMMENT)])
    flag(store)

    with pytest.raises(DestructionUnproven, match=POST):
        store.destroy([COMMENT, POST])

    assert store.owned(COMMENT) == []
    assert [one.ref.owner for one in store.owned(POST)] == [POST]
    flag(store, on=False)
    assert store.destroy([COMMENT, POST]) == 1


def test_governance_lets_the_destruction_of_an_item_pass_and_no_sweep_of_strays(place):
    store = place(LockMode.GOVERNANCE).open()
    [kept] = store.keep([an_object()])
    retain(store, now() + LATER)

    with pytest.raises(DestructionUnproven):
        store.destroy_objects([kept.ref])

    assert store.destroy([POST]) == 1


def test_compliance_lets_nobody_pass_before_its_end(place):
    store = place(LockMode.COMPLIANCE).open()
    store.keep([an_object()])
    retain(store, now() + LATER)

    with pytest.raises(DestructionUnproven):
        store.destroy([POST])


def test_a_retention_is_made_longer_and_never_shorter(place):
    store = place(LockMode.COMPLIANCE).open()
    store.keep([an_object()])
    until = now() + LATER
    retain(store, until)
    retain(store, until - SOON)

    [state] = store.lock_states([POST])
    assert (state.until, state.mode) == (until, LockMode.COMPLIANCE)

    retain(store, until + SOON)
    [state] = store.lock_states([POST])
    assert state.until == until + SOON


def test_every_version_is_told_and_locked(place):
    store = place(LockMode.GOVERNANCE).open()
    store.keep([an_object(), an_object(data=b"Happy Friday, edited")])
    store.keep([an_object()])
    flag(store)

    states = store.lock_states([POST, COMMENT])

    assert len(states) == len(store.owned(POST))
    assert all(state.flagged for state in states)
    flag(store, on=False)
    store.destroy([POST])


def test_a_lock_of_what_is_gone_is_refused(place):
    store = place(LockMode.GOVERNANCE).open()
    store.keep([an_object()])
    [state] = store.lock_states([POST])
    store.destroy([POST])

    with pytest.raises(ObjectError):
        store.change_locks([LockChange(ref=state.ref, version=state.version, flag=True)])


def test_only_what_was_opened_to_lock_can_be_locked(tmp_path):
    folder = open_store(str(tmp_path / "objects"), create=True)
    memory = open_store("memory:", object_lock=LockMode.GOVERNANCE)

    assert locker_of(folder) is None
    assert locker_of(open_store("memory:")) is None
    assert locker_of(memory) is memory
    with pytest.raises(ConfigInvalid, match="is no bucket"):
        open_store(str(tmp_path / "objects"), object_lock=LockMode.GOVERNANCE)


# --- the real server ------------------------------------------------------------------------


def which(place, state):
    key = f"town/{keys.object_key(state.ref)}"
    return {"Bucket": place.name, "Key": key, "VersionId": state.version}


@NEEDS
def test_compliance_can_be_made_shorter_by_nobody_and_turned_into_governance_by_nobody(real_s3):
    place = InBucket(real_s3, LockMode.COMPLIANCE)
    store = place.open()
    store.keep([an_object()])
    until = now() + LATER
    retain(store, until)
    [state] = store.lock_states([POST])
    version = which(place, state)

    for retention in (
        {"Mode": "COMPLIANCE", "RetainUntilDate": until - timedelta(minutes=30)},
        {"Mode": "GOVERNANCE", "RetainUntilDate": until},
        {"Mode": "GOVERNANCE", "RetainUntilDate": until + LATER},
        {},
    ):
        with pytest.raises(ClientError):
            place.client.put_object_retention(
                **version, Retention=retention, BypassGovernanceRetention=True
            )
    with pytest.raises(ClientError):
        place.client.delete_object(**version, BypassGovernanceRetention=True)
    with pytest.raises(DestructionUnproven):
        place.open(mode=LockMode.GOVERNANCE).destroy([POST])  # a setting changed behind it

    assert store.lock_states([POST]) == [state]


@NEEDS
def test_governance_holds_against_our_own_keys_unless_passing_it_is_asked_for(real_s3):
    place = InBucket(real_s3, LockMode.GOVERNANCE)
    store = place.open()
    store.keep([an_object()])
    retain(store, now() + LATER)
    [state] = store.lock_states([POST])

    with pytest.raises(ClientError):
        place.client.delete_object(**which(place, state))

    assert store.destroy([POST]) == 1


@NEEDS
def test_what_compliance_retained_goes_whole_when_its_day_has_come(real_s3):
    place = InBucket(real_s3, LockMode.COMPLIANCE)
    store = place.open()
    store.keep([an_object()])
    [state] = store.lock_states([POST])
    retain(store, now() + SOON)
    place.client.delete_object(Bucket=place.name, Key=which(place, state)["Key"])  # a marker

    with pytest.raises(DestructionUnproven):
        store.destroy([POST])
    while now() <= state_end(store):
        pass

    assert store.destroy([POST]) == 1
    listed = place.client.list_object_versions(Bucket=place.name)
    assert not [*listed.get("Versions", ()), *listed.get("DeleteMarkers", ())]


def state_end(store) -> datetime:
    [state] = store.lock_states([POST])
    assert state.until is not None
    return state.until


# --- buckets that will not do -----------------------------------------------------------------


@pytest.fixture(params=["s3_imitation", pytest.param("real_s3", marks=NEEDS)])
def server(request):
    if request.param == "s3_imitation":
        request.getfixturevalue("s3_keys")
    return request.getfixturevalue(request.param)


def test_a_bucket_without_object_lock_is_refused_with_what_to_do(server):
    name = f"plain-{uuid4().hex}"
    client = the_client(server)
    client.create_bucket(Bucket=name)

    with pytest.raises(ObjectError, match="has no Object Lock") as caught:
        open_store(f"s3://{name}", endpoint_url=server, object_lock=LockMode.GOVERNANCE)

    assert 'object_lock = "off"' in caught.value.remedy
    assert not offers_locks(f"s3://{name}", endpoint_url=server, region="us-east-1")
    client.delete_bucket(Bucket=name)


def test_a_bucket_with_object_lock_is_told_apart_and_opened(server):
    place = InBucket(server, LockMode.GOVERNANCE)

    store = open_store(f"s3://{place.name}", endpoint_url=server, object_lock=LockMode.COMPLIANCE)

    assert locker_of(store) is store
    assert offers_locks(f"s3://{place.name}", endpoint_url=server, region="us-east-1")
    place.client.delete_bucket(Bucket=place.name)


def test_a_bucket_that_locks_everything_by_default_is_refused(server):
    place = InBucket(server, LockMode.GOVERNANCE)
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    place.client.put_object_lock_configuration(
        Bucket=place.name,
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule},
    )

    with pytest.raises(ObjectError, match="default retention"):
        place.open()

    place.client.delete_bucket(Bucket=place.name)


def test_a_folder_offers_no_locks(tmp_path):
    assert not offers_locks(str(tmp_path), endpoint_url=None, region=None)
