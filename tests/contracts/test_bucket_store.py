"""What only a bucket can get wrong: access, deadlines, unfinished uploads, locks, long listings."""

from __future__ import annotations

import socket
from datetime import UTC, datetime

import pytest

from archiver.objects import keys
from archiver.objects.deadline import Deadline
from archiver.objects.opening import open_store
from archiver.objects.s3 import PART_SIZE, Bucket
from archiver.ports import NewObject
from archiver.records.errors import DestructionUnproven, ObjectDamaged, ObjectError, ObjectMissing
from archiver.records.identity import ObjectRef, Part, sha256
from tests.contracts.conftest import NEEDS, BucketPlace, a_place_in, the_client

pytestmark = pytest.mark.enable_socket

POST, COMMENT = sha256(b"post"), sha256(b"comment")


def an_object(owner=POST, data=b"Happy Friday!"):
    return NewObject(ObjectRef(owner, Part.CONTENT, sha256(data)), data)


@pytest.fixture(params=["s3_imitation", pytest.param("real_s3", marks=NEEDS)])
def server(request):
    """The address of each server, its keys set."""
    if request.param == "s3_imitation":
        request.getfixturevalue("s3_keys")
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["s3_imitation", pytest.param("real_s3", marks=NEEDS)])
def bucket(request):
    """A bucket with versions on each server."""
    place = a_place_in(request, request.param, versioned=True)
    yield place
    for store in place.opened:
        store.close()
    place.close()


@pytest.fixture
def store(bucket):
    return bucket.open(may_destroy=True)


# --- getting in -----------------------------------------------------------------------------


def test_a_bucket_that_is_not_there_is_told_and_not_made(server):
    with pytest.raises(ObjectError, match="there is no bucket s3://no-such-bucket") as caught:
        open_store("s3://no-such-bucket", endpoint_url=server, create=True)

    assert "Create the bucket" in caught.value.remedy


def test_a_bucket_lost_while_the_store_was_open_is_not_a_missing_object(server):
    place = BucketPlace(server, versioned=False)
    store = place.open()
    place.close()

    with pytest.raises(ObjectError, match="there is no bucket") as caught:
        store.read(an_object().ref)
    with pytest.raises(ObjectError, match="there is no bucket"):
        store.keep([an_object()])

    assert not isinstance(caught.value, ObjectMissing)
    store.close()


@NEEDS
def test_refused_keys_are_told_with_what_to_check(real_s3, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")

    with pytest.raises(ObjectError) as caught:
        open_store("s3://town", endpoint_url=real_s3)

    assert "Check the access key" in caught.value.remedy


def test_absent_keys_are_told_with_what_to_check(s3_imitation, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    with pytest.raises(ObjectError) as caught:
        open_store("s3://town", endpoint_url=s3_imitation)

    assert "Check the access key" in caught.value.remedy


@pytest.mark.usefixtures("s3_keys")
def test_a_server_that_does_not_answer_is_told_within_the_deadline():
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unheard.getsockname()[1]}"
        bucket = Bucket("town", endpoint_url=address, region=None)

        with pytest.raises(ObjectError) as caught:
            bucket.require(Deadline.for_work())

    assert "endpoint_url" in caught.value.remedy
    bucket.close()


@pytest.mark.usefixtures("s3_keys")
def test_nothing_is_sent_once_the_deadline_has_passed(s3_imitation):
    bucket = Bucket("town", endpoint_url=s3_imitation, region=None)

    with pytest.raises(ObjectError, match="did not answer in time"):
        bucket.require(Deadline(until=0))

    bucket.close()


@pytest.mark.usefixtures("s3_keys")
@pytest.mark.parametrize("address", ["not an address", "http://"])
def test_an_address_that_is_none_is_told(address):
    with pytest.raises(ObjectError):
        open_store("s3://town", endpoint_url=address)


# --- versions and uploads -------------------------------------------------------------------


def test_every_version_is_told_and_listed(store):
    [first], [second] = store.keep([an_object()]), store.keep([an_object()])

    assert first.version
    assert first.version != second.version
    assert {one.version for one in store.owned(POST)} == {first.version, second.version}


def test_a_delete_marker_is_no_object(bucket, store):
    [kept] = store.keep([an_object()])
    bucket.lose(kept.ref)

    assert [(one.version, one.size) for one in store.owned(POST)] == [(kept.version, 13)]


def test_a_version_that_something_lies_over_is_listed_and_does_not_show(bucket, store):
    under, hidden = an_object(), an_object(COMMENT)
    first, second = (store.keep([under])[0] for _ in "ab")
    store.keep([hidden])
    bucket.lose(hidden.ref)

    shown = {listed.version: listed.shows for listed in store.owned(POST)}

    assert shown == {first.version: False, second.version: True}
    assert [listed.shows for listed in store.owned(COMMENT)] == [False]


def test_a_look_shows_every_version_and_what_lies_over_it(bucket, store):
    [first] = store.keep([an_object()])
    [second] = store.keep([an_object()])
    bucket.lose(first.ref)

    found = store.looked_at([first.ref])

    assert {one.version for one in found} == {first.version, second.version}
    assert not any(one.shows for one in found)


@pytest.mark.parametrize("over", ["a marker", "other bytes"])
def test_a_version_that_something_lies_over_is_read_by_its_id(bucket, store, over):
    [kept] = store.keep([an_object()])
    if over == "a marker":
        bucket.lose(kept.ref)
    else:
        bucket.overwrite(kept.ref, b"?")

    with pytest.raises((ObjectMissing, ObjectDamaged)):
        store.read(kept.ref)
    assert store.read(kept.ref, version=kept.version) == b"Happy Friday!"
    with pytest.raises(ObjectError):
        store.read(kept.ref, version="no-such-version")


def test_a_bucket_without_versions_tells_none(server):
    place = BucketPlace(server, versioned=False)
    store = place.open()

    [kept] = store.keep([an_object()])

    assert kept.version is None
    assert [one.version for one in store.owned(POST)] == [None]
    store.close()
    place.close()


def test_an_unfinished_upload_of_an_owner_is_destroyed_with_it(bucket, store):
    for owner in (POST, COMMENT):
        key = bucket.key(keys.object_key(an_object(owner).ref))
        begun = bucket.client.create_multipart_upload(Bucket=bucket.name, Key=key)
        bucket.client.upload_part(
            Bucket=bucket.name, Key=key, UploadId=begun["UploadId"], PartNumber=1, Body=b"x"
        )

    store.destroy([POST])

    assert bucket.everything() == {keys.object_key(an_object(COMMENT).ref)}
    store.destroy([COMMENT])


def test_a_file_that_changes_while_it_is_sent_becomes_no_object(bucket, tmp_path, store):
    path = tmp_path / "video.mp4"
    path.write_bytes(b"x" * (PART_SIZE + 1))
    ref = ObjectRef(POST, Part.ATTACHMENT, sha256(b"what it was before"), "aa")

    with pytest.raises(ObjectDamaged):
        store._bucket.put_in_parts(keys.object_key(ref), path, ref, Deadline.for_work())

    assert bucket.everything() == set()


@NEEDS
def test_a_body_spoiled_on_its_way_is_refused_by_the_server(real_s3):
    place = BucketPlace(real_s3, versioned=False)
    store = place.open()

    with pytest.raises(ObjectError, match=r"BadDigest|InvalidDigest"):
        store._bucket.put("papers/a", b"spoiled", 7, bytes(16), Deadline.for_work())

    assert place.everything() == set()
    store.close()
    place.close()


@NEEDS
def test_an_owner_with_more_versions_than_one_page_is_listed_and_destroyed_whole(real_s3):
    place = BucketPlace(real_s3, versioned=True)
    store = place.open(may_destroy=True)
    for _ in range(11):
        store.keep([an_object()] * 100)
    store.keep([an_object(COMMENT)])

    assert len(store.owned(POST)) == 1100
    assert store.destroy([POST]) == 1
    assert place.everything() == {keys.object_key(an_object(COMMENT).ref)}
    store.close()
    place.close()


# --- locks ----------------------------------------------------------------------------------


@pytest.fixture
def lockable(server):
    """A bucket whose versions can be locked; what is locked in it stays."""
    place = BucketPlace.__new__(BucketPlace)
    place.endpoint_url, place.prefix, place.opened = server, "town", []
    place.client, place.name = the_client(server), f"lock-{sha256(server.encode())[:20]}"
    listed = place.client.list_buckets()["Buckets"]
    if place.name not in {one["Name"] for one in listed}:
        place.client.create_bucket(Bucket=place.name, ObjectLockEnabledForBucket=True)
    yield place
    for store in place.opened:
        store.close()


def test_what_a_lock_protects_is_not_told_as_destroyed(lockable):
    store = lockable.open(may_destroy=True)
    [kept] = store.keep([an_object()])
    which = {
        "Bucket": lockable.name,
        "Key": lockable.key(keys.object_key(kept.ref)),
        "VersionId": kept.version,
    }
    lockable.client.put_object_legal_hold(**which, LegalHold={"Status": "ON"})

    with pytest.raises(DestructionUnproven, match=kept.ref.owner):
        store.destroy([POST])
    lockable.client.put_object_legal_hold(**which, LegalHold={"Status": "OFF"})

    assert store.destroy([POST]) == 1


def test_a_listed_time_is_in_utc(store):
    store.keep([an_object()])

    [listed] = store.listing()

    assert listed.stored_at.tzinfo is UTC
    assert listed.stored_at > datetime(2020, 1, 1, tzinfo=UTC)
