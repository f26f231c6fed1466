"""Backup, restore, rebuild and verify, where the catalogue is a server and the objects a bucket."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from archiver.records.errors import RestoreUnconfirmed
from tests.databases import a_database
from tests.services.buckets import SETTINGS, RealBucket, a_bucket
from tests.services.desk import GREETING, Desk, Ended

ON_THE_SERVER = "ARCHIVER_TEST_POSTGRESQL_URL"
MEGABYTES = 300
"""What no process may hold, however much there is to save."""

pytestmark = pytest.mark.service(*SETTINGS, ON_THE_SERVER)


@pytest.fixture
def bucket(monkeypatch) -> Iterator[RealBucket]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", os.environ[SETTINGS[2]])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", os.environ[SETTINGS[3]])
    with a_bucket() as made:
        yield made


@pytest.fixture
def desk(tmp_path, bucket) -> Iterator[Desk]:
    """A founded archive that has imported nothing."""
    with a_database(os.environ[ON_THE_SERVER], empty=True) as url:
        made = Desk(tmp_path, url, bucket)
        made("init")
        yield made


def whole(desk: Desk) -> Ended:
    """Read everything there is, and find it whole and without strays."""
    ended = desk("verify", "--read-data", "--json")
    assert ended.told["ok"] is True
    assert ended.told["read"] == ended.told["objects"] > 0
    assert ended.told["stray"] == []
    return ended


def objects_of(desk: Desk, item: str) -> list[str]:
    return [key for key, _ in desk.bucket.versions() if item in key]


def test_what_was_purged_since_the_backup_stays_gone_and_what_was_held_since_stays_held(desk):
    desk.imported(range(200))
    desk.imported(range(1000, 1040), GREETING)
    backup = desk.start("backup", "vault.age", *desk.sealed(), "--json")
    during = 0
    while backup.goes_on:  # the archive runs on while it is copied
        desk.imported(range(300 + 20 * during, 320 + 20 * during))
        during += 1
    made = backup.ended()
    assert (made.code, during > 0) == (0, True), made
    greetings = list(desk.found("friday"))
    held, purged = greetings[:3], greetings[3:]
    desk("holds", "issue", "--matter=Doe v. City", "--reason=claim", *(f"--item={i}" for i in held))
    returning = {
        key: desk.bucket.client.get_object(Bucket=desk.bucket.name, Key=key)["Body"].read()
        for key in objects_of(desk, purged[0])
    }
    assert desk("purge", "--json").told["destroyed"] == len(purged)
    before = desk.found("friday OR bicycle")
    entered = desk("status", "--json").told["ledger"]["entries"]
    desk.burn_down()
    for key, body in returning.items():  # a replica of the bucket put something back
        desk.bucket.client.put_object(Bucket=desk.bucket.name, Key=key, Body=body)

    back = desk("restore", "vault.age", *desk.opened(), "--json").told

    assert (back["survived"], back["lost"]) == (True, [])
    assert back["entries"] == made.told["entries"]
    assert back["replayed"] == entered - made.told["entries"] > 0
    assert desk.found("friday OR bicycle") == before
    desk.imported([2000], GREETING)  # which is due at once
    desk("purge", code=RestoreUnconfirmed.exit_code)
    confirmed = desk("restore", "--reconcile", "--yes", "--json").told
    assert confirmed["holds_issued"] == ["H-0001"]
    assert confirmed["returned"] == [purged[0]]
    assert sorted(i for i, item in before.items() if item["held"]) == sorted(held)
    assert desk("purge", "--json").told["destroyed"] == 1
    assert desk.found("friday OR bicycle") == before
    assert [objects_of(desk, item) for item in purged] == [[] for _ in purged]
    whole(desk)


def test_catalogue_and_index_are_made_anew_from_the_bucket_alone(desk):
    desk.imported(range(60))
    desk.imported(range(1000, 1010), GREETING)
    held = next(iter(desk.found("friday")))
    desk("holds", "issue", "--matter=Doe v. City", "--reason=claim", f"--item={held}")
    assert desk("purge", "--json").told["destroyed"] == 9
    before = desk.found("friday OR bicycle")
    desk.lose_catalogue()

    made = desk("rebuild", "--json").told

    assert (made["items"], made["tombstones"], made["indexed"]) == (61, 9, 61)
    assert made["lost"] == []
    assert desk.found("friday OR bicycle") == before
    assert before[held]["holds"] == ["H-0001"]
    whole(desk)
    again = desk.imported(range(1000, 1010), GREETING).told["captures"][0]
    assert (again["new"], again["unchanged"]) == (0, 1)


def test_verify_names_exactly_what_was_flipped_cut_short_removed_or_hidden_in_the_bucket(desk):
    desk.imported(range(40))
    names = sorted(key for key, _ in desk.bucket.versions() if "/items/" in key)
    flipped, cut, removed, hidden = names[3], names[11], names[22], names[39]
    client, bucket = desk.bucket.client, desk.bucket.name
    versions = dict(desk.bucket.versions())
    body = client.get_object(Bucket=bucket, Key=flipped)["Body"].read()
    for key, spoiled in ((flipped, bytes([body[0] ^ 1]) + body[1:]), (cut, body[:7])):
        client.put_object(Bucket=bucket, Key=key, Body=spoiled)
    for key in (flipped, cut, removed):
        client.delete_object(Bucket=bucket, Key=key, VersionId=versions[key])
    client.delete_object(Bucket=bucket, Key=hidden)  # leaves a marker over what was kept

    glance = desk("verify", "--json", code=1).told
    read = desk("verify", "--read-data", "--json", code=1).told

    told = [key.rsplit("/", 1)[-1] for key in (flipped, cut, removed, hidden)]
    assert sorted(read["damaged"]) == sorted(told[:2])
    assert sorted(read["missing"]) == sorted(told[2:])
    assert read["edited"] == read["stray"] == read["uncovered"] == []
    assert set(glance["damaged"] + glance["missing"]) == set(told)


def test_however_much_there_is_to_save_no_process_grows_beyond_its_bound(desk):
    grown = {"import": desk.imported(range(2000), film=200 << 20)}
    before = desk.found("bicycle")
    grown["verify"] = whole(desk)
    grown["backup"] = desk("backup", "vault.age", *desk.sealed(), "--with-objects", "--json")
    grown["list"] = desk("backup", "list.age", *desk.sealed(), "--json")
    desk.burn_down()
    desk.bucket.empty()

    grown["restore"] = desk("restore", "vault.age", *desk.opened(), "--json")

    assert grown["restore"].told["objects"] == grown["backup"].told["objects"] == 2001
    assert grown["restore"].told["survived"] is False
    grown["reconcile"] = desk("restore", "--reconcile", "--yes", "--json")
    assert desk.found("bicycle") == before
    whole(desk)
    desk.lose_catalogue()
    grown["rebuild"] = desk("rebuild", "--json")
    megabytes = {name: round(ended.megabytes) for name, ended in grown.items()}
    assert max(megabytes.values()) < MEGABYTES, megabytes
