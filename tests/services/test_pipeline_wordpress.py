"""A real WordPress in a whole archive, night after night: captured, found, proved, purged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archiver.catalogue import pages
from archiver.procedures.nightly import Report
from archiver.records.captures import Coverage
from tests.archive import TRANSITORY
from tests.services.pictures import a_picture
from tests.services.real_archive import RealArchive, a_page, a_real_archive

pytestmark = pytest.mark.service("ARCHIVER_TEST_WORDPRESS_URL")

LONG_AGO = datetime(2024, 3, 1, 17, 0, tzinfo=UTC)
PRESENT, HIDDEN, UNSEEN = ("present", ""), ("hidden", ""), ("not_visible", "")
REMOVED = ("reported_removed", "")


@pytest.fixture(params=["public", "credentials"])
def real(request, wordpress, tmp_path):
    """An archive of the site as anyone sees it, and as the department's own account does."""
    secret = wordpress.secret if request.param == "credentials" else None
    page = a_page("wordpress", wordpress.url, secret=secret)
    made = a_real_archive(tmp_path, page)
    yield made
    made.office.close()


def knows_the_trash(real: RealArchive) -> bool:
    return real.archive.page.secret is not None


def the_capture(report: Report) -> Coverage:
    """The one visit of a night in which nothing needed a hand."""
    (capture,) = report.captures
    assert report.problems == []
    assert capture.status == "complete"
    assert capture.gaps == []
    return capture


def counts(capture: Coverage) -> tuple[int, int, int]:
    return capture.new, capture.changed, capture.removed


def test_everything_of_a_site_is_archived_once_found_and_proved(wordpress, real):
    hours = [LONG_AGO + timedelta(hours=number // 2) for number in range(104)]  # two to a moment
    wordpress.post_many((f"Bulletin {n}", f"Bulletin no. {n}.", on) for n, on in enumerate(hours))
    wordpress.post("About us", "Who we are.", kind="pages")
    picture = a_picture(width=300, height=200)
    upload = wordpress.upload("flyer.png", picture, "image/png")
    talked = wordpress.post("Open house", f'Come on Saturday. <img src="{upload.url}" alt="">')
    question = wordpress.comment(talked, "Is parking free?", by="Pat Public")
    wordpress.comment(talked, "It is, behind the station.", by="Desk Officer", parent=question)

    first = the_capture(real.night())
    quiet = the_capture(real.night())
    whole = real.visit(full=True)

    everything = 104 + 1 + 1 + 2
    assert counts(first) == (everything + 1, 0, 0)  # and the profile
    assert first.platform_count == everything == len(real.latest()) - 1
    assert counts(quiet) == counts(whole) == (0, 0, 0)
    assert (whole.platform_count, whole.unchanged) == (everything, everything + 1)
    assert set(real.versions().values()) == {1}
    assert real.seen(f"post-{talked}") == []  # seen present from the first: nothing to say
    reply = real.latest()[f"comment-{question + 1}"]
    assert (reply.parent, reply.thread) == (f"comment-{question}", f"post-{talked}")
    assert real.archive.found('"behind the station"') == [f"comment-{question + 1}"]
    assert real.archive.search("bulletin").total == 104
    kept = [ref for ref in real.archive.objects(f"post-{talked}") if ref.slot]
    assert [real.office.objects.read(ref) for ref in kept] == [picture]
    found = real.proved()
    assert found.ok
    assert (found.items, len(found.stray)) == (everything + 1, 0)
    assert (found.index.indexed, found.index.of) == (everything + 1, everything + 1)


def test_edits_late_comments_and_new_files_are_archived_night_by_night(wordpress, real):
    old = wordpress.post("Cold case", "Unsolved since March.", on=LONG_AGO)
    first = wordpress.comment(old, "I remember it.", on=LONG_AGO + timedelta(days=1))
    fresh = wordpress.post("Road closed", "On Monday.")
    the_capture(real.night())

    wordpress.edit_post(fresh, "On Monday and Tuesday.")
    wordpress.edit_comment(first, "I remember it well.")
    late = wordpress.comment(old, "Two years late, congratulations.")
    edited = the_capture(real.night())
    picture = a_picture(width=8, height=8)
    upload = wordpress.upload("map.png", picture, "image/png")
    wordpress.edit_post(fresh, f'On Monday and Tuesday. <img src="{upload.url}" alt="">')
    pictured = the_capture(real.night())
    whole = real.visit(full=True)

    assert counts(edited)[0] == 1
    assert counts(pictured) == (0, 1, 0)
    assert counts(whole)[0] == 0
    texts = [content.text for content in real.texts(f"post-{fresh}")]
    assert texts == ["On Monday.", "On Monday and Tuesday.", "On Monday and Tuesday."]
    assert [c.text for c in real.texts(f"comment-{first}")] == [
        "I remember it.",
        "I remember it well.",
    ]
    assert len(real.texts(f"post-{old}")) == 1
    assert len(real.latest()) == 4 + 1
    assert real.archive.found('"two years late"') == [f"comment-{late}"]
    assert real.archive.found('"remember it well"') == [f"comment-{first}"]
    kept = [ref for ref in real.archive.objects(f"post-{fresh}") if ref.slot]
    assert [real.office.objects.read(ref) for ref in kept] == [picture]
    assert real.open_gaps() == 0
    assert real.proved().ok


def test_what_goes_out_of_sight_is_sighted_kept_and_no_one_is_blamed(wordpress, real):
    stays = wordpress.post("Stays", "This one stays.")
    trashed = wordpress.post("Trashed", "Into the trash.")
    erased = wordpress.post("Erased", "Gone for good.")
    drafted = wordpress.post("Drafted", "Back to the drawer.")
    wordpress.comment(stays, "A comment that stays.")
    held = wordpress.comment(stays, "A comment held back.")
    spam = wordpress.comment(stays, "A comment called spam.")
    gone = wordpress.comment(stays, "A comment erased.")
    the_capture(real.night())

    wordpress.trash_post(trashed)
    wordpress.erase_post(erased)
    wordpress.withdraw_post(drafted)
    wordpress.mark_comment(held, "hold")
    wordpress.mark_comment(spam, "spam")
    wordpress.erase_comment(gone)
    away = the_capture(real.night())
    again = the_capture(real.night())
    wordpress.restore_post(trashed)
    wordpress.mark_comment(held, "approve")
    back = the_capture(real.night())

    inside = knows_the_trash(real)
    assert counts(away) == (0, 0, 6)
    assert counts(again) == (0, 0, 0)
    assert counts(back)[:2] == (0, 0)
    assert real.seen(f"post-{stays}") == []
    assert real.seen(f"post-{trashed}") == [REMOVED if inside else UNSEEN, PRESENT]
    assert real.seen(f"post-{erased}") == [REMOVED]
    assert real.seen(f"post-{drafted}") == [HIDDEN if inside else UNSEEN]
    assert real.seen(f"comment-{held}") == [HIDDEN if inside else UNSEEN, PRESENT]
    assert real.seen(f"comment-{spam}") == [HIDDEN if inside else UNSEEN]
    assert real.seen(f"comment-{gone}") == [REMOVED]
    assert set(real.versions().values()) == {1}
    assert real.archive.found('"gone for good" OR "comment erased"') == sorted(
        [f"post-{erased}", f"comment-{gone}"]
    )
    found = real.proved()
    assert (found.ok, found.items, real.open_gaps()) == (True, 8 + 1, 0)


def test_what_was_purged_by_authority_does_not_come_back_with_the_next_visit(wordpress, real):
    greeting = wordpress.post("Friday", TRANSITORY)
    held = wordpress.post("Another", TRANSITORY)
    notice = wordpress.post("Road closed", "The road is closed for repairs after the accident.")
    the_capture(real.night())
    real.archive.issue_hold(f"post-{held}")
    item = real.archive.item_id(f"post-{greeting}")

    report = real.night(days=100)
    after = the_capture(real.night())
    whole = real.visit(full=True)

    the_capture(report)
    assert report.purged.destroyed == 1
    assert sorted(real.latest()) == sorted([f"post-{held}", f"post-{notice}", "profile"])
    assert list(real.office.objects.owned(item)) == []
    assert counts(after) == counts(whole) == (0, 0, 0)
    assert (whole.destroyed_before, whole.platform_count) == (1, 3)
    assert real.archive.found("friday") == [f"post-{held}"]
    assert real.archive.held_by(f"post-{held}") == ["H-0001"]
    assert real.proved().ok


def test_lists_that_come_back_empty_are_suspect_and_remove_nothing(wordpress, real):
    for number in range(12):
        post = wordpress.post(f"Bulletin {number}", f"Text of bulletin {number}.")
        wordpress.comment(post, f"Comment on bulletin {number}.")
    the_capture(real.night())
    cursor = the_cursor(real)

    with wordpress.emptied():
        emptied = real.night()
        row = real.coverage()
    (suspect,) = emptied.captures
    kept = the_cursor(real)
    late = wordpress.comment(post, "A late comment.")
    mended = the_capture(real.night())

    assert suspect.status == row.status == "suspect"
    assert [gap.why for gap in suspect.gaps] == ["suspect_run"]
    assert counts(suspect) == (0, 0, 0)
    assert [problem.subject for problem in emptied.problems] != []
    assert kept == cursor
    assert counts(mended) == (1, 0, 0)
    assert real.open_gaps() == 0
    assert {row.state for row in real.rows()} == {"present"}
    assert real.seen(f"post-{post}") == []
    assert f"comment-{late}" in real.latest()
    assert real.proved().ok


def the_cursor(real: RealArchive) -> str | None:
    with real.office.catalogue.reading() as connection:
        return pages.cursor(connection, real.coverage().page_n)


def test_a_revoked_password_fails_the_page_and_leaves_the_archive_as_it_was(wordpress, tmp_path):
    for number in range(12):
        post = wordpress.post(f"Bulletin {number}", f"Text of bulletin {number}.")
    page = a_page("wordpress", wordpress.url, secret=wordpress.secret)
    real = a_real_archive(tmp_path, page)
    the_capture(real.night())
    cursor = the_cursor(real)

    real.page(secret="archivist:not-the-password")
    (refused,) = real.night().captures
    kept = the_cursor(real)
    real.page(secret=wordpress.secret)
    wordpress.edit_post(post, "Text of the last bulletin.")
    mended = the_capture(real.night())

    assert refused.status == "failed"
    assert [gap.why for gap in refused.gaps] == ["permission_lost"]
    assert kept == cursor
    assert counts(mended)[1] == 1
    assert {row.state for row in real.rows()} == {"present"}
    assert real.proved().ok
    real.office.close()
