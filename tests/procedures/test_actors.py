"""Who removed an item: a code everywhere, and the platform's own words under the item alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from archiver.procedures.remarks import remark_of
from archiver.procedures.verify import verify
from archiver.records.captures import Actor, Gap, GapReason, PlatformState, Sighting
from archiver.records.classification import Tag
from archiver.records.identity import Part
from tests.archive import TRANSITORY, Archive, an_archive, an_observation, gone
from tests.proofs import invariants
from tests.proofs.invariants import leaves, rows

NAME = "Quentin Zwyxborough"


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    archive = an_archive(tmp_path)
    yield archive
    assert invariants.faults_of(archive) == []
    archive.office.close()


def removed_by_somebody(native_id: str) -> Sighting:
    return replace(
        gone(native_id, PlatformState.REPORTED_REMOVED),
        actor=Actor.UNKNOWN,
        source="at:deleted-entry",
        remark=NAME,
    )


def files_that_say(archive: Archive, word: str) -> list[str]:
    archive.office.account.catalogue.truncate()
    found = [
        p for p in archive.folder.rglob("*") if p.is_file() and word.encode() in p.read_bytes()
    ]
    return [path.relative_to(archive.folder).parts[0] for path in found]


def test_the_platforms_name_for_who_removed_an_item_is_kept_under_the_item_and_nowhere_else(
    archive,
):
    archive.capture(an_observation("1"))

    archive.capture(removed_by_somebody("1"))

    (seen,) = rows(archive, "SELECT * FROM sightings")
    assert (archive.item("1").actor, seen["actor"]) == ("unknown", "unknown")
    item = archive.item("1").item
    assert (
        remark_of(archive.office.keys.archive, archive.office.objects, item, seen["paper"]) == NAME
    )
    assert files_that_say(archive, NAME) == ["objects"]
    assert not any(NAME.encode() in leaf for leaf in leaves(archive))
    assert [ref.slot for ref in archive.objects("1") if ref.part is Part.PAPER] == ["sighting"]
    office = archive.office
    assert verify(office.account, office.objects, office.index, share_read=1).whole


def test_a_paper_that_says_who_removed_an_item_is_missed_when_it_is_gone(archive):
    archive.capture(an_observation("1"))
    archive.capture(removed_by_somebody("1"))
    (paper,) = [ref for ref in archive.objects("1") if ref.part is Part.PAPER]
    kept = archive.path_of(paper).read_bytes()
    archive.path_of(paper).unlink()

    office = archive.office
    missed = verify(office.account, office.objects, office.index, share_read=0)

    assert not missed.ok
    archive.path_of(paper).write_bytes(kept)


def test_the_same_removal_seen_again_is_told_once(archive):
    archive.capture(an_observation("1"))
    for _ in range(2):
        archive.capture(removed_by_somebody("1"))

    assert len(rows(archive, "SELECT * FROM sightings")) == 1
    assert len([leaf for leaf in leaves(archive) if b"item.sighted" in leaf]) == 1


def test_an_item_that_shows_again_blames_nobody(archive):
    archive.capture(an_observation("1"))
    archive.capture(removed_by_somebody("1"))

    archive.capture(removed_by_somebody("1"), an_observation("1"))

    assert (archive.item("1").state, archive.item("1").actor) == ("present", "")


def test_after_a_destruction_nothing_says_who_removed_the_item(archive):
    archive.capture(an_observation("1", TRANSITORY))
    archive.capture(removed_by_somebody("1"))
    archive.decide("1", "DEMO-100", tag=Tag.TRANSITORY, reason="a greeting")
    archive.clock.forward(days=70)
    archive.capture()

    assert archive.purge().destroyed == 1

    assert files_that_say(archive, NAME) == []


@pytest.mark.parametrize(
    "source", ["mastodon 410", "at:deleted-entry", "wordpress 404 rest_id", ""]
)
def test_the_source_of_a_sighting_is_a_code(source):
    assert Sighting(native_id="1", state=PlatformState.HIDDEN, source=source).source == source


@pytest.mark.parametrize("source", ["Removed by Ann", "x" * 81, "a\nb"])
def test_a_source_that_is_no_code_is_refused(source):
    with pytest.raises(ValueError, match="is a code"):
        Sighting(native_id="1", state=PlatformState.HIDDEN, source=source)


def test_the_remark_is_not_in_what_is_logged_of_a_sighting():
    assert NAME not in repr(removed_by_somebody("1"))


def test_what_destroyed_items_lacked_is_wanted_no_more(archive):
    archive.capture(an_observation("1", TRANSITORY))
    archive.capture(Gap(what="edits of status 4711", why=GapReason.UNREACHABLE, native_id="1"))
    archive.clock.forward(days=70)
    archive.capture()
    archive.capture(Gap(what="edits of status 4711", why=GapReason.UNREACHABLE, native_id="1"))

    assert archive.purge().destroyed == 1

    gaps = rows(archive, "SELECT * FROM gaps")
    assert {(gap["what"], gap["closed_at"] is None) for gap in gaps} == {("", False)}
    assert json.loads(leaves(archive)[-2])["k"] == "disposition.done"
