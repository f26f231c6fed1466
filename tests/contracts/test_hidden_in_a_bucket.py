"""What somebody hid in a bucket: a catalogue made anew has it, for its bytes are there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from archiver.objects import keys
from archiver.procedures.verify import Verdict, verify
from archiver.procedures.verify_findings import object_name
from archiver.records.identity import ObjectRef, Part
from tests.archive import TRANSITORY, Archive, an_archive, an_observation
from tests.contracts.conftest import NEEDS
from tests.contracts.test_amended_reasons import Bucket
from tests.procedures.test_rebuild import lose_the_catalogue, rebuilt

pytestmark = [pytest.mark.enable_socket]

SERVERS = ["s3_imitation", pytest.param("real_s3", marks=NEEDS)]


@pytest.fixture(params=SERVERS)
def server(request) -> str:
    if request.param == "s3_imitation":
        request.getfixturevalue("s3_keys")
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["versions", "governance"])
def bucket(request, server) -> Bucket:
    return Bucket(server, request.param)


@pytest.fixture
def archive(tmp_path, bucket) -> Iterator[Archive]:
    location = f"s3://{bucket.name}/town"
    archive = an_archive(tmp_path, index="memory:", objects=location, more=bucket.settings())
    archive.capture(
        an_observation("1", "Report of a stolen bicycle", attachments=["photo"]),
        an_observation("2", TRANSITORY),
    )
    archive.decide("1")
    yield archive
    archive.office.close()


def key(ref: ObjectRef) -> str:
    return f"town/{keys.object_key(ref)}"


def hide(bucket: Bucket, ref: ObjectRef) -> None:
    """Delete *ref* as anybody may, whatever locks it: that leaves a marker over it."""
    bucket.client.delete_object(Bucket=bucket.name, Key=key(ref))


def reveal(bucket: Bucket, ref: ObjectRef) -> None:
    listed = bucket.client.list_object_versions(Bucket=bucket.name, Prefix=key(ref))
    (marker,) = listed["DeleteMarkers"]
    bucket.client.delete_object(Bucket=bucket.name, Key=key(ref), VersionId=marker["VersionId"])


def looked_at(archive: Archive, *, share_read: float = 0.0) -> Verdict:
    office = archive.office
    return verify(office.account, office.objects, office.index, share_read=share_read)


def content_of(archive: Archive, native_id: str) -> ObjectRef:
    return next(ref for ref in archive.objects(native_id) if ref.part is Part.CONTENT)


def test_what_a_delete_marker_hides_is_still_held_after_a_rebuild(archive, bucket):
    hold = archive.issue_hold(query="bicycle").hold
    hidden = archive.objects("1")
    for ref in hidden:
        hide(bucket, ref)
    before = looked_at(archive)
    lose_the_catalogue(archive)

    result = rebuilt(archive)

    assert {ref.part for ref in hidden} == {Part.CONTENT, Part.ATTACHMENT, Part.PAPER}
    assert (result.lost_items, result.lost_objects) == ((), ())
    assert {fault.name for fault in result.hidden} == {object_name(ref) for ref in hidden}
    assert all("delete marker" in fault.why for fault in result.hidden)
    assert archive.held_by("1") == [hold]
    after = looked_at(archive)
    assert (after.missing, after.damaged, after.edited) == (before.missing, [], [])
    for ref in hidden:
        reveal(bucket, ref)
    assert looked_at(archive, share_read=1.0).ok


def test_what_another_version_lies_over_is_read_from_beneath_it(archive, bucket):
    ref = content_of(archive, "1")
    hold = archive.issue_hold(query="bicycle").hold
    bucket.client.put_object(Bucket=bucket.name, Key=key(ref), Body=b"?")
    lose_the_catalogue(archive)

    result = rebuilt(archive)

    assert (result.lost_items, result.lost_objects) == ((), ())
    assert [fault.name for fault in result.hidden] == [object_name(ref)]
    assert "not ours" in result.hidden[0].why
    assert archive.held_by("1") == [hold]
    assert [fault.name for fault in looked_at(archive).damaged] == [object_name(ref)]


def test_a_rebuild_brings_nothing_back_that_was_destroyed(archive, bucket):
    hide(bucket, content_of(archive, "2"))
    reveal(bucket, content_of(archive, "2"))
    archive.clock.forward(days=100)
    archive.capture()
    receipt = archive.purge()
    lose_the_catalogue(archive)

    result = rebuilt(archive)

    assert (receipt.destroyed, result.tombstones, result.items) == (1, 1, 1)
    assert (result.lost_items, result.lost_objects, result.hidden) == ((), (), ())


def test_what_is_not_there_at_all_is_lost_and_not_hidden(archive, bucket):
    ref = content_of(archive, "2")
    listed = bucket.client.list_object_versions(Bucket=bucket.name, Prefix=key(ref))
    for one in listed["Versions"]:
        named = {"Key": one["Key"], "VersionId": one["VersionId"]}
        bucket.client.delete_object(Bucket=bucket.name, **named)
    hide(bucket, ref)
    lose_the_catalogue(archive)

    result = rebuilt(archive)

    assert (result.lost_items, result.hidden) == ((archive.item_id("2"),), ())
