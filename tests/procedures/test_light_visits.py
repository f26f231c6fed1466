"""Light visits: what is new, and nothing concluded from what was not looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from archiver.jobs.work import look_around
from archiver.records.captures import CaptureStatus, Cursor, Gap, GapReason, Listed
from tests.archive import (
    FOUNDED_AT,
    PAGE,
    Archive,
    ScriptedPlatform,
    an_archive,
    an_observation,
    gone,
)
from tests.proofs import invariants
from tests.proofs.invariants import rows

YOUNG = timedelta(days=14)


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    page = replace(PAGE, look_back_days=60)
    archive = an_archive(tmp_path, index="memory:", page=page)
    yield archive
    assert invariants.faults_of(archive) == []
    archive.office.close()


def moments(archive: Archive) -> tuple[int, int, int]:
    (page,) = rows(archive, "SELECT whole_at, walked_at, looked_at FROM pages")
    return page["whole_at"], page["walked_at"], page["looked_at"]


def test_a_light_visit_asks_for_what_is_new_and_for_comments_on_posts_under_fourteen_days_old(
    archive,
):
    archive.capture(an_observation("1"), Cursor("a"))
    night = archive.clock.now
    archive.clock.forward(minutes=15)
    archive.capture(an_observation("2"), Cursor("b"), light=True)
    last = archive.clock.now
    archive.clock.forward(minutes=15)

    coverage = archive.capture(an_observation("3"), light=True)

    first, second = archive.platform.asked[1:]
    assert (first.since, first.cursor, first.light) == (night, "a", True)
    assert (second.since, second.cursor, second.young) == (last, "b", archive.clock.now - YOUNG)
    assert second.comments_since == archive.clock.now - YOUNG
    assert (coverage.light, coverage.new, coverage.status) == (True, 1, CaptureStatus.COMPLETE)
    assert [row["light"] for row in rows(archive, "SELECT light FROM captures")] == [0, 1, 1]


def test_after_a_long_silence_a_light_visit_asks_for_all_that_is_new_since(archive):
    archive.capture(an_observation("1"))
    archive.clock.forward(days=40)

    archive.capture(light=True)

    window = archive.platform.asked[-1]
    assert window.comments_since == window.since == FOUNDED_AT


def test_a_page_that_was_never_walked_is_walked_whole_even_by_a_light_visit(archive):
    coverage = archive.capture(an_observation("1"), light=True)

    assert (archive.platform.asked[0].since, coverage.light) == (None, False)
    assert moments(archive)[0] is not None


def test_a_light_visit_is_no_whole_capture_and_moves_no_look_back(archive):
    archive.capture(an_observation("1"))
    night = moments(archive)
    later = archive.clock.forward(hours=6)

    archive.capture(an_observation("2"), light=True)
    archive.clock.forward(hours=6)
    archive.capture()

    whole, walked, _ = night
    assert archive.platform.asked[-1].since == FOUNDED_AT - timedelta(days=60)
    assert (whole, walked) == night[:2]
    assert rows(archive, "SELECT looked_at FROM pages")[0]["looked_at"] > int(
        later.timestamp() * 1_000_000
    )


def test_a_light_visit_that_broke_off_is_made_up_for_by_the_next(archive):
    archive.capture(an_observation("1"))
    archive.clock.forward(minutes=15)
    archive.capture(Gap(what="slice 2", why=GapReason.UNREADABLE), light=True)
    archive.clock.forward(minutes=15)

    archive.capture(light=True)

    assert archive.platform.asked[-1].since == FOUNDED_AT


def test_a_light_visit_retries_no_file_and_closes_no_gap(archive):
    archive.capture()
    archive.platform.down = {"picture"}
    archive.capture(
        an_observation("1", attachments=("picture",)),
        Gap(what="edits of 7", why=GapReason.UNREACHABLE),
    )
    archive.platform.downloads.clear()

    archive.capture(light=True)

    assert archive.platform.downloads == []
    assert len(rows(archive, "SELECT * FROM gaps WHERE closed_at IS NULL")) == 2


def test_a_light_visit_climbs_no_ladder_and_marks_nothing_removed_that_it_did_not_ask_for(
    archive, monkeypatch
):
    rechecked = replace(archive.platform.capabilities, removals="recheck")
    monkeypatch.setattr(ScriptedPlatform, "capabilities", rechecked)
    archive.capture(*(an_observation(n) for n in "1234"), Listed(whole=True))
    archive.clock.forward(days=3)
    archive.platform.answers = {n: gone(n) for n in "1234"}

    coverage = archive.capture(Listed(whole=True), light=True)

    assert (coverage.status, coverage.removed, coverage.seen) == (CaptureStatus.COMPLETE, 0, 0)
    assert {archive.item(n).state for n in "1234"} == {"present"}


def test_what_vanished_from_the_listing_a_light_visit_did_walk_is_looked_at_at_once(archive):
    archive.capture(*(an_observation(n) for n in "12"))
    archive.clock.forward(minutes=15)
    archive.platform.answers = {"2": gone("2")}

    coverage = archive.capture(
        an_observation("1"), Listed(whole=True, since=FOUNDED_AT - YOUNG), light=True
    )

    assert coverage.removed == 1
    assert archive.item("2").state == "not_visible"


def test_status_tells_the_last_visit_that_saw_everything_unless_a_light_one_failed_since(archive):
    fails = Gap(what="slice 2", why=GapReason.UNREADABLE)
    told = []
    archive.capture()
    for shown, light in (((), True), ((fails,), True), ((), True), ((fails,), False), ((), True)):
        archive.clock.forward(minutes=15)
        archive.capture(*shown, light=light)
        told.append(look_around(archive.office).standing.pages[0].status)

    assert told == ["complete", "partial", "complete", "partial", "partial"]
