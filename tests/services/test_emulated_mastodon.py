"""Somebody else's emulator of Mastodon in a whole archive, night after night.

What the archive holds is held against what the server itself says of its threads and edits.
"""

from __future__ import annotations

import pytest

from archiver.procedures.nightly import Report
from archiver.records.captures import Coverage
from archiver.records.items import Content, ItemKind
from tests.archive import TRANSITORY
from tests.services.mastodon_site import Member
from tests.services.pictures import a_picture
from tests.services.real_archive import RealArchive, a_page, a_real_archive

pytestmark = pytest.mark.service("ARCHIVER_TEST_MASTODON_URL")

UNSEEN = ("not_visible", "")
STATUSES = {ItemKind.POST, ItemKind.COMMENT, ItemKind.REPLY}


@pytest.fixture
def police(town):
    return town.member("police")


@pytest.fixture
def pat(town):
    return town.member("pat")


@pytest.fixture
def real(police, tmp_path):
    """An archive of the account of the police, with its own token."""
    page = a_page("mastodon", police.page, secret=police.token)
    archive = a_real_archive(tmp_path, page)
    yield archive
    archive.office.close()


def the_capture(report: Report) -> Coverage:
    """The one visit of a night in which nothing needed a hand."""
    (capture,) = report.captures
    assert (report.problems, capture.status, capture.gaps) == ([], "complete", [])
    return capture


def counts(capture: Coverage) -> tuple[int, int, int]:
    return capture.new, capture.changed, capture.removed


def kept(real: RealArchive) -> dict[str, Content]:
    """What the archive says now of every status, by the server's id."""
    return {name: told for name, told in real.latest().items() if told.kind in STATUSES}


def as_written(text: str) -> str:
    """One paragraph as the server writes it."""
    return f"<p>{text}</p>"


def assert_it_says_what_the_server_says(real: RealArchive, police: Member) -> None:
    shown, archived = police.shown(), kept(real)
    assert archived.keys() >= shown.keys()
    for name, status in shown.items():
        told = archived[name]
        assert as_written(told.text) == status["content"]
        assert told.parent == status["in_reply_to_id"]
        assert told.author is not None
        assert told.author.native_id == status["account"]["id"]
        assert told.published_at.isoformat() == status["created_at"]


def test_an_account_and_its_threads_are_archived_once_as_the_server_shows_them(police, pat, real):
    picture = a_picture(width=30, height=20)
    notices = [police.post(f"Notice {number}.") for number in range(95)]
    asked = pat.post("Is the road open?", on=notices[0])
    told = police.post("Since noon.", on=asked)
    thanks = pat.post("Thank you.", on=told)
    mapped = police.post("The map.", file=police.upload("map.png", picture, "image/png"))
    quiet = police.post("For followers alone.", seen_by="private")

    one = the_capture(real.night())
    two = the_capture(real.night())
    whole = real.visit(full=True)

    everything = 95 + 3 + 2
    assert len(kept(real)) == everything
    assert counts(two) == counts(whole) == (0, 0, 0)
    assert one.new == everything + len(real.latest().keys() - kept(real).keys())
    assert set(real.versions().values()) == {1}
    assert_it_says_what_the_server_says(real, police)
    threads = {name: kept(real)[name].thread for name in (asked, told, thanks)}
    assert set(threads.values()) == {notices[0]}
    assert kept(real)[asked].kind is ItemKind.COMMENT
    assert kept(real)[told].kind is ItemKind.REPLY
    assert real.archive.item(quiet).restricted
    assert not real.archive.item(mapped).restricted
    files = [ref for ref in real.archive.objects(mapped) if ref.slot]
    assert [real.office.objects.read(ref) for ref in files] == [picture]
    assert real.archive.found('"since noon"') == [told]
    assert real.proved().ok


def test_every_wording_between_two_nights_is_kept(police, pat, real):
    notice = police.post("Road closed on Monday.")
    asked = pat.post("All day?", on=notice)
    the_capture(real.night())

    police.edit(notice, "Road closed on Monday and Tuesday.")
    police.edit(notice, "Road closed until Friday.")
    pat.edit(asked, "All day long?")
    edited = the_capture(real.night())
    quiet = the_capture(real.night())

    assert edited.new == 0
    assert counts(quiet) == (0, 0, 0)
    for name in (notice, asked):
        wordings = [as_written(told.text) for told in real.texts(name)]
        assert wordings == police.wordings(name)
    assert len(real.texts(notice)) == 3
    assert_it_says_what_the_server_says(real, police)
    assert real.proved().ok


def test_what_goes_is_sighted_and_kept_and_nobody_is_blamed(police, pat, real):
    stays, mistaken = police.post("Road closed."), police.post("Posted by mistake.")
    rude = pat.post("A rude word.", on=stays)
    under = police.post("Please mind your words.", on=rude)
    the_capture(real.night())

    police.remove(mistaken)
    pat.remove(rude)
    late = pat.post("Sorry for that.", on=stays)
    away = the_capture(real.night())
    again = the_capture(real.night())

    assert counts(away) == (1, 0, 2)
    assert counts(again) == (0, 0, 0)
    assert police.shown().keys() == {stays, under, late}
    assert kept(real).keys() == {stays, mistaken, rude, under, late}
    assert real.seen(mistaken) == real.seen(rude) == [UNSEEN]
    assert real.seen(stays) == real.seen(under) == []
    assert real.archive.found('"rude word"') == [rude]
    assert real.proved().ok


def test_what_was_purged_by_authority_does_not_come_back_with_the_next_visit(police, real):
    greeting, held = police.post(TRANSITORY), police.post(TRANSITORY)
    the_capture(real.night())
    real.archive.issue_hold(held)

    report = real.night(days=100)
    after = the_capture(real.night())
    whole = real.visit(full=True)

    assert report.purged.destroyed == 1
    assert kept(real).keys() == {held}
    assert police.shown().keys() == {greeting, held}
    assert counts(after) == counts(whole) == (0, 0, 0)
    assert whole.destroyed_before == 1
    assert real.proved().ok


def test_whom_the_account_blocks_is_an_item_with_its_versions(police, pat, real):
    police.block(pat)
    police.block_server("rude.example")
    the_capture(real.night())

    police.unblock(pat)
    the_capture(real.night())

    before, now = real.texts("moderation:blocks")
    assert before.text == f"@{pat.name} [account {pat.id}]"
    assert pat.id not in now.text
    (servers,) = real.texts("moderation:domain_blocks")
    assert "rude.example" in servers.text


def test_a_server_that_answers_badly_leaves_gaps_and_the_next_night_closes_them(
    town, police, pat, real
):
    notices = [police.post(f"Notice {number}.") for number in range(45)]
    asked = pat.post("Is the road open?", on=notices[3])
    the_capture(real.night())
    late = pat.post("And now?", on=notices[4])

    with town.answering(500, path=f"/api/v1/statuses/{notices[4]}/context"):
        (short,) = real.night().captures
    with town.answering(401, path=f"/api/v1/accounts/{police.id}/statuses"):
        (refused,) = real.night().captures
    mended = the_capture(real.night())

    assert short.status == "partial"
    assert [gap.native_id for gap in short.gaps] == [notices[4]]
    assert refused.status == "failed"
    assert [gap.why for gap in refused.gaps] == ["permission_lost"]
    assert counts(mended) == (1, 0, 0)
    assert real.open_gaps() == 0
    assert [real.seen(name) for name in (*notices, asked, late)] == [[]] * 47
    assert_it_says_what_the_server_says(real, police)
