"""Reasons that an order of a court amends, in buckets: no version of them says the name any more.

A bucket keeps what was written over and what was deleted; one that locks keeps it from us, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from archiver.procedures import ordering
from archiver.procedures.item_papers import DIGITS, LOCKED
from archiver.records.orders import Effect
from archiver.records.people import Person, Role
from tests.archive import SUBSTANTIVE, Archive, a_colleague, a_comment, an_archive, an_observation
from tests.contracts.conftest import NEEDS, the_client
from tests.procedures.court import an_order_text, carried_out, confirmed, whole
from tests.procedures.test_order_by_hand import COMMENT, VISITOR, places, slots

pytestmark = [pytest.mark.enable_socket, pytest.mark.proof]

SERVERS = ["s3_imitation", pytest.param("real_s3", marks=NEEDS)]


class Bucket:
    """A bucket of its own that keeps versions, or locks them, or neither."""

    def __init__(self, server: str, kind: str) -> None:
        self.client, self.server, self.kind = the_client(server), server, kind
        self.name, self.locks = f"reasons-{uuid4().hex}", kind in {"governance", "compliance"}
        self.client.create_bucket(Bucket=self.name, ObjectLockEnabledForBucket=self.locks)
        if kind == "versions":
            enabled = {"Status": "Enabled"}
            self.client.put_bucket_versioning(Bucket=self.name, VersioningConfiguration=enabled)

    def settings(self) -> str:
        """Give the `[objects]` of a configuration that keeps things here."""
        lock = f'object_lock = "{self.kind}"\n' if self.locks else ""
        return f'[objects]\nendpoint_url = "{self.server}"\nregion = "us-east-1"\n{lock}'

    def saying(self, word: str) -> list[str]:
        """Name every version that says *word*, the deleted and the overwritten too."""
        found = []
        for page in self.client.get_paginator("list_object_versions").paginate(Bucket=self.name):
            for one in page.get("Versions", ()):
                named = {"Key": one["Key"], "VersionId": one["VersionId"]}
                body = self.client.get_object(Bucket=self.name, **named)["Body"].read()
                found += [one["Key"]] if word.encode() in body else []
        return found


@pytest.fixture(params=SERVERS)
def server(request) -> str:
    if request.param == "s3_imitation":
        request.getfixturevalue("s3_keys")
    return request.getfixturevalue(request.param)


@pytest.fixture
def bucket(server, kind) -> Bucket:
    return Bucket(server, kind)


@pytest.fixture
def archive(tmp_path, bucket) -> Iterator[Archive]:
    location = f"s3://{bucket.name}/town"
    archive = an_archive(tmp_path, index="memory:", objects=location, more=bucket.settings())
    yield archive
    archive.office.close()


@pytest.fixture
def chief(archive) -> Person:
    return a_colleague(archive, Role.CHIEF, name="chief")


@pytest.mark.parametrize("kind", ["plain", "versions"])
def test_no_version_of_a_reason_says_a_name_that_an_order_struck(archive, bucket, chief, tmp_path):
    order = said_and_struck(archive, chief, tmp_path)

    assert ordering.called(archive.office.account, order).status == "carried_out"
    assert bucket.saying(VISITOR) == []
    assert slots(archive, "1") == ["decision"]
    assert whole(archive)


@pytest.mark.parametrize("kind", ["governance", "compliance"])
def test_a_reason_that_its_bucket_retains_stays_alone_and_a_person_is_told_where(
    archive, bucket, chief, tmp_path
):
    order = said_and_struck(archive, chief, tmp_path)

    (paper,) = [key for key in bucket.saying(VISITOR) if "/items/" in key]
    assert slots(archive, "1") == ["decision"]
    digest = paper.rpartition("pdecision.")[2]
    assert places(archive, order) == {LOCKED: f"decision/{digest[:DIGITS]}"}
    assert ordering.called(archive.office.account, order).status == "by_hand"
    assert whole(archive)


def said_and_struck(archive: Archive, chief: Person, folder: Path) -> str:
    """Have a reason say a name, and an order strike it; give the order's name."""
    archive.capture(
        an_observation("1", SUBSTANTIVE),
        a_comment(COMMENT, "said it", on="1", author=VISITOR),
    )
    archive.decide("1", reason=f"{VISITOR} asked for it")
    archive.office.lock_objects()
    order = confirmed(archive, chief, an_order_text(folder), Effect.DESTROY, COMMENT)
    carried_out(archive, order)
    return order
