"""An archive whose objects lie in a real bucket, with its catalogue in a file and on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict

import pytest
from sqlalchemy import text

from archiver.catalogue import holds, items, tables
from archiver.ports import NewObject
from archiver.procedures.rebuild import Rebuilder, rebuild
from archiver.procedures.verify import Verdict, verify
from archiver.procedures.verify_findings import object_name
from archiver.records.errors import NotPermitted
from archiver.records.identity import Part
from tests.archive import TRANSITORY, Archive, a_comment, an_archive, an_observation
from tests.databases import a_database
from tests.services.buckets import SETTINGS, RealBucket, a_bucket
from tests.services.deciding import call_transitory

ON_THE_SERVER = "ARCHIVER_TEST_POSTGRESQL_URL"
LARGE = 17 << 20
"""Large enough to be put part by part."""

pytestmark = pytest.mark.service(*SETTINGS, ON_THE_SERVER)


@pytest.fixture
def bucket(monkeypatch) -> Iterator[RealBucket]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", os.environ[SETTINGS[2]])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", os.environ[SETTINGS[3]])
    with a_bucket() as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def archive(request, tmp_path, bucket) -> Iterator[Archive]:
    """Two greetings, one with a film; a report, edited, with a comment and a picture."""
    with ExitStack() as stack:
        catalogue = ""
        if request.param == "postgresql":
            catalogue = stack.enter_context(a_database(os.environ[ON_THE_SERVER]))
        archive = an_archive(
            tmp_path, catalogue=catalogue, objects=bucket.location, more=bucket.settings
        )
        archive.platform.files["film"] = os.urandom(LARGE)
        archive.capture(
            an_observation("greeting", TRANSITORY, author="perry", attachments=["film"]),
            an_observation("held", TRANSITORY, author="quinn", attachments=["small"]),
            an_observation("report", "Report of a stolen bicycle", attachments=["photo"]),
            a_comment("comment", "It was red \U0001f6b2", on="report"),
        )
        archive.capture(
            an_observation("report", "Report of two stolen bicycles", attachments=["photo"])
        )
        call_transitory(archive, "greeting", "held")  # a rule leaves what has files to a person
        yield archive
        archive.office.close()


def proved(archive: Archive) -> Verdict:
    office = archive.office
    return verify(office.account, office.objects, office.index, share_read=1.0)


def lying_under(bucket: RealBucket, archive: Archive, native_id: str) -> list[str]:
    owner = archive.item_id(native_id)
    return [key for key, _ in bucket.versions() if owner in key]


def test_a_bucket_holds_the_whole_archive_and_proves_it(archive, bucket):
    found = proved(archive)

    assert found.ok
    assert (found.items, found.objects, found.read) == (4, 10, 10)
    assert found.stray == []
    assert all(key.startswith("town/police/") for key, _ in bucket.versions())
    assert archive.found("bicycles") == ["report"]
    (film,) = (ref for ref in archive.objects("greeting") if ref.part is Part.ATTACHMENT)
    assert archive.office.objects.read(film) == archive.platform.files["film"]
    assert (found.ledger.ok, found.ledger.behind) == (True, 0)


def test_what_was_spoiled_or_lost_in_the_bucket_is_named_and_nothing_else(archive, bucket):
    report, comment = archive.objects("report"), archive.objects("comment")
    keys = {key.rsplit("/", 1)[-1]: key for key, _ in bucket.versions()}
    lost = next(keys[name] for name in keys if report[0].digest in name)
    spoiled = next(keys[name] for name in keys if comment[0].digest in name)
    bucket.client.delete_object(Bucket=bucket.name, Key=lost)
    for key, version in bucket.versions():
        if key in {lost, spoiled}:
            bucket.client.delete_object(Bucket=bucket.name, Key=key, VersionId=version)
    bucket.client.put_object(Bucket=bucket.name, Key=spoiled, Body=b"another")

    found = proved(archive)

    assert [fault.name for fault in found.missing] == [object_name(report[0])]
    assert [fault.name for fault in found.damaged] == [object_name(comment[0])]
    assert not found.ok


def test_what_is_destroyed_leaves_no_version_in_the_bucket_and_what_is_held_stays(archive, bucket):
    (content,) = (ref for ref in archive.objects("greeting") if ref.part is Part.CONTENT)
    data = archive.office.objects.read(content)
    archive.office.objects.keep([NewObject(content, data)])  # as a retry does: a second version
    twice = lying_under(bucket, archive, "greeting")
    held_before = sorted(lying_under(bucket, archive, "held"))
    issued = archive.issue_hold("held")
    archive.clock.forward(days=100)
    archive.capture()

    with pytest.raises(NotPermitted):
        archive.office.objects.destroy([archive.item_id("held")])
    receipt = archive.purge()

    assert issued.covered == 1
    assert len(twice) == 4  # the decision's paper too
    assert receipt.destroyed == 1
    assert lying_under(bucket, archive, "greeting") == []
    assert sorted(lying_under(bucket, archive, "held")) == held_before
    assert not any(b"perry" in body or b"Perry" in body for body in bucket.bodies())
    assert any(b"quinn" in body for body in bucket.bodies())
    assert archive.found("friday") == ["held"]
    found = proved(archive)
    assert (found.ok, found.unfinished, found.stray) == (True, [], [])
    assert (found.ledger.ok, found.ledger.behind) == (True, 0)
    again = archive.capture(an_observation("greeting", TRANSITORY, author="perry"))
    assert (again.new, again.destroyed_before) == (0, 1)
    assert lying_under(bucket, archive, "greeting") == []


def test_the_archive_is_rebuilt_from_the_bucket_alone(archive):
    issued = archive.issue_hold(query="bicycles")
    archive.clock.forward(days=100)
    archive.capture()
    archive.purge()
    before = told(archive)
    lose_the_catalogue(archive)

    office = archive.reopen(founding=True)
    result = rebuild(
        Rebuilder(
            account=office.account,
            objects=office.objects,
            classifier=office.classifier,
            index=office.index,
            os_account=archive.os_account,
        )
    )
    archive.reopen()

    assert (result.items, result.tombstones) == (2, 2)
    assert (result.lost_items, result.lost_objects) == ((), ())
    assert told(archive) == before
    assert archive.held_by("report") == [issued.hold]
    assert archive.found("bicycles") == ["report"]
    assert archive.found("friday") == []
    assert proved(archive).ok
    quiet = archive.capture(an_observation("held", TRANSITORY))
    assert (quiet.new, quiet.destroyed_before) == (0, 1)


def told(archive: Archive) -> list[dict[str, object]]:
    """Give every item and hold there is, tombstones too."""
    with archive.office.catalogue.reading() as connection:
        rows = [
            asdict(row) | {"recheck_on": None}  # climbs the ladder again from the day of capture
            for row in items.by_numbers(connection, range(1, 100)).values()
        ]
        return [*rows, *(asdict(row.hold) for row in holds.every(connection))]


def lose_the_catalogue(archive: Archive) -> None:
    catalogue = archive.office.catalogue
    if catalogue.file is None:
        with catalogue.writing_raw() as connection:
            tables.METADATA.drop_all(connection)
            connection.execute(text("DROP TABLE alembic_version"))
    archive.office.close()
    if catalogue.file is not None:
        for path in catalogue.file.parent.glob(f"{catalogue.file.name}*"):
            if path.is_file():
                path.unlink()
