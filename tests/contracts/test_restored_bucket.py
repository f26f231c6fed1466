"""A restore over a bucket that was copied back: the store's own versions are others than before."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from archiver.catalogue import tables
from archiver.procedures.reconcile import differences
from archiver.procedures.verify import verify
from archiver.procedures.verify_findings import object_name
from archiver.records.identity import ObjectRef, Part
from tests.archive import TRANSITORY, Archive, an_archive, an_observation
from tests.contracts.conftest import BucketPlace
from tests.procedures.test_backup import IDENTITY, backed_up, confirm, lose, restored

KILLED = """
import os, signal, sys

def kill(event, arguments):
    if event == "open" and str(arguments[0]).endswith("/catalogue/version") and arguments[1] == "r":
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(kill)
from archiver.cli.root import main
main()
"""
"""Kills a restore that has put everything in place but the catalogue."""


pytestmark = pytest.mark.usefixtures("s3_keys")


@pytest.fixture
def places(s3_imitation) -> list[BucketPlace]:
    """Two buckets that keep versions: one in use, and one to come back in."""
    return [BucketPlace(s3_imitation, versioned=True) for _ in range(2)]


@pytest.fixture
def archive(tmp_path, places) -> Archive:
    endpoint = f'[objects]\nendpoint_url = "{places[0].endpoint_url}"\nregion = "us-east-1"\n'
    archive = an_archive(tmp_path, objects=places[0].location(), more=endpoint)
    archive.platform.files = {"film": bytes(range(256)) * 6_000}
    archive.capture(
        an_observation("1", TRANSITORY),
        an_observation("2", "Report of a stolen bicycle", attachments=["photo", "film"]),
    )
    archive.capture(an_observation("2", "Report of two bicycles", attachments=["photo", "film"]))
    return archive


def copy(archive: Archive, places: list[BucketPlace]) -> None:
    """Copy what the one bucket shows into the other, byte by byte, and name that one from now on.

    Whatever else the archive had is lost.
    """
    client, (one, other) = places[0].client, places
    for found in client.list_objects_v2(Bucket=one.name)["Contents"]:
        body = client.get_object(Bucket=one.name, Key=found["Key"])["Body"].read()
        client.put_object(Bucket=other.name, Key=found["Key"], Body=body)
    lose(archive, objects=False)
    file = archive.config_file
    file.write_text(file.read_text().replace(one.location(), other.location()))


def files_of(archive: Archive, place: BucketPlace, native_id: str) -> list[ObjectRef]:
    listed = place.open().owned(archive.item_id(native_id))
    return [one.ref for one in listed if one.ref.part is Part.ATTACHMENT]


def proved(archive: Archive):
    office = archive.office
    return verify(office.account, office.objects, office.index, share_read=1)


def versions_known(archive: Archive) -> set[str]:
    with archive.office.catalogue.reading() as connection:
        found = [
            *connection.scalars(select(tables.versions.c.store_version)),
            *connection.scalars(select(tables.attachments.c.store_version)),
        ]
    assert None not in found
    return set(found)


@pytest.mark.parametrize("with_objects", [False, True])
def test_a_bucket_that_was_copied_back_is_whole_after_a_restore(
    archive, places, tmp_path, with_objects
):
    backed_up(archive, tmp_path / "backup.age", with_objects=with_objects)
    before = versions_known(archive)
    archive.capture(an_observation("3", "Report of a found hat"))
    copy(archive, places)

    result = restored(archive, tmp_path / "backup.age")

    assert (result.survived, result.taken, result.lost) == (True, 5, ())
    assert len(versions_known(archive)) == 6
    assert versions_known(archive).isdisjoint(before)
    assert proved(archive).whole
    confirm(archive)
    assert proved(archive).whole


def test_what_stayed_where_it_was_is_not_taken_anew(archive, tmp_path):
    backed_up(archive, tmp_path / "backup.age")
    before = versions_known(archive)
    lose(archive, objects=False)

    result = restored(archive, tmp_path / "backup.age")

    assert (result.taken, result.lost, versions_known(archive)) == (0, (), before)
    assert proved(archive).whole


def test_what_was_not_copied_back_whole_is_named_and_not_taken(archive, places, tmp_path):
    backed_up(archive, tmp_path / "backup.age")
    spoilt, missing = archive.objects("1")[0], archive.objects("2")[0]
    copy(archive, places)
    film = files_of(archive, places[1], "2")[-1]
    places[1].overwrite(spoilt, b"{}")
    places[1].overwrite(film, b"another film")
    places[1].lose(missing)

    result = restored(archive, tmp_path / "backup.age")

    named = sorted(map(object_name, (spoilt, missing, film)))
    assert (sorted(result.lost), result.taken) == (named, 2)
    found = proved(archive)
    assert not found.ok
    assert sorted(fault.name for fault in (*found.damaged, *found.missing)) == named


def test_a_version_that_is_there_is_kept_though_another_lies_over_it(archive, places, tmp_path):
    """It is a fault of the store, which verify names; a restore does not make it right."""
    backed_up(archive, tmp_path / "backup.age")
    before, spoilt = versions_known(archive), archive.objects("1")[0]
    places[0].overwrite(spoilt, b"{}")
    lose(archive, objects=False)

    result = restored(archive, tmp_path / "backup.age")

    assert (result.taken, result.lost, versions_known(archive)) == (0, (), before)
    assert [fault.name for fault in proved(archive).damaged] == [object_name(spoilt)]


def test_what_was_destroyed_since_the_backup_does_not_come_back_with_a_copied_bucket(
    archive, places, tmp_path
):
    backed_up(archive, tmp_path / "backup.age")
    ref = archive.objects("1")[0]
    data = archive.office.objects.read(ref)
    archive.let_pass(days=100)
    assert archive.purge().destroyed == 1
    copy(archive, places)
    places[1].overwrite(ref, data)  # from an older copy of the bucket

    result = restored(archive, tmp_path / "backup.age")

    assert (result.taken, result.lost, archive.item("1").life) == (4, (), "destroyed")
    office = archive.office
    found = differences(office.account, office.objects)
    assert list(found.returned) == [archive.item_id("1")]
    confirm(archive)
    assert archive.objects("1") == []
    assert proved(archive).whole


def test_a_restore_that_was_killed_before_the_catalogue_is_whole_when_it_is_repeated(
    archive, places, tmp_path
):
    backed_up(archive, tmp_path / "backup.age", with_objects=True)
    file, identity = archive.config_file, tmp_path / "key.txt"
    identity.write_text(f"{IDENTITY}\n")
    file.write_text(file.read_text().replace(places[0].location(), places[1].location()))
    lose(archive, objects=False)
    words = ["restore", str(tmp_path / "backup.age"), "--identity", str(identity)]
    ran = subprocess.run(
        [sys.executable, "-c", KILLED, "--config", str(file), *words],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=False,
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    assert len(list(file.parent.glob(".restoring-*"))) == 1

    result = restored(archive, tmp_path / "backup.age")

    assert (result.survived, result.taken, result.lost) == (True, 5, ())
    assert proved(archive).whole
    assert list(file.parent.glob(".restoring-*")) == []
