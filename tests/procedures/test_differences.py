"""The platform's own count of the comments on a post, held against what it showed of them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from archiver.cli.capturing import print_coverages, told
from archiver.jobs.work import look_around
from archiver.procedures.papers import paper_of
from archiver.records.captures import CaptureStatus, Cursor, Difference, Listed, ThreadListed
from tests.archive import Archive, a_comment, an_archive, an_observation
from tests.proofs import invariants
from tests.proofs.invariants import leaves, rows

TWELVE = ThreadListed(native_id="1", counted=12, shown=9)


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    archive = an_archive(tmp_path, index="memory:")
    yield archive
    assert invariants.faults_of(archive) == []
    archive.office.close()


def test_a_difference_is_recorded_and_leaves_the_visit_complete_and_nothing_removed(archive):
    archive.capture(an_observation("1"), a_comment("2", on="1"), Listed(whole=True), Cursor("a"))

    coverage = archive.capture(
        an_observation("1"), a_comment("2", on="1"), TWELVE, Listed(whole=True), Cursor("b")
    )

    twelve = Difference(item=archive.item_id("1"), counted=12, shown=9)
    assert coverage.differences == [twelve]
    assert (coverage.status, coverage.gaps) == (CaptureStatus.COMPLETE, [])
    assert (coverage.removed, coverage.platform_count) == (0, None)
    assert {row["state"] for row in rows(archive, "SELECT state FROM items")} == {"present"}
    assert rows(archive, "SELECT n FROM gaps") == []


def test_the_paper_of_the_record_names_the_post_by_its_opaque_id(archive):
    archive.capture(an_observation("1"), TWELVE)

    ended = [leaf for leaf in map(json.loads, leaves(archive)) if leaf["k"] == "capture.ended"]
    paper = paper_of(archive.office.account, "coverage", ended[-1]["p"])
    assert paper["gaps"] == []
    assert paper["differences"] == [{"item": archive.item_id("1"), "counted": 12, "shown": 9}]


def test_status_counts_the_posts_of_the_last_visit_and_stays_as_it_was(archive):
    archive.capture(an_observation("1"), an_observation("2"))
    before = look_around(archive.office)
    fewer = ThreadListed(native_id="2", counted=1, shown=3)

    archive.capture(an_observation("1"), an_observation("2"), TWELVE, fewer)
    found = look_around(archive.office)
    archive.capture(an_observation("1"), an_observation("2"))
    after = look_around(archive.office)

    (page,) = found.standing.pages
    assert (page.differing, page.differing_by) == (2, 5)
    (note,) = set(found.notes) - set(before.notes)
    assert "below 2 posts the platform counts other comments than it shows, 5 in all" in note
    assert (found.degree, found.problems, found.warnings) == (
        before.degree,
        before.problems,
        before.warnings,
    )
    assert [each.differing for each in after.standing.pages] == [0]


def test_counts_that_agree_and_posts_that_are_not_held_are_not_told(archive):
    agreed = ThreadListed(native_id="1", counted=9, shown=9)
    unknown = ThreadListed(native_id="2", counted=12, shown=9)

    coverage = archive.capture(an_observation("1"), agreed, unknown)

    assert coverage.differences == []


def test_the_answer_of_a_capture_names_some_and_json_all(archive, capsys):
    names = [str(number) for number in range(1, 8)]
    posts = [an_observation(name) for name in names]
    counts = [ThreadListed(native_id=name, counted=12, shown=9) for name in names]

    coverage = archive.capture(*posts, *counts)
    print_coverages([coverage])

    said = capsys.readouterr()
    first = archive.item_id("1")[:12]
    assert "7 posts on" in said.out
    assert f"platform counts: {first} 12 counted and 9 shown;" in said.out
    assert said.out.count("12 counted and 9 shown") == 5
    assert said.err == ""
    assert len(told(coverage)["differences"]) == 7
