"""Capture: everything once, nothing lost in silence, nothing concluded from what was not seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from archiver.catalogue import items
from archiver.catalogue.items import DESTROYED
from archiver.jobs.work import look_around
from archiver.objects.beside import KeeperBeside
from archiver.ports import Downloaded, KeptObject, NewObject
from archiver.procedures import batching, entering, rechecking
from archiver.procedures import capture as capturing
from archiver.procedures.batching import Batching, weight
from archiver.procedures.capture import capture
from archiver.procedures.file_proving import demand_the_file
from archiver.procedures.verify_registers import registers_edited
from archiver.records.captures import (
    CaptureStatus,
    Coverage,
    Cursor,
    Gap,
    GapReason,
    Known,
    Listed,
    Observation,
    PlatformState,
    Seen,
    Sighting,
    Window,
)
from archiver.records.errors import (
    AddressRefused,
    AnswerUnreadable,
    ArchiveBusy,
    AttachmentGone,
    ObjectError,
    PermissionLost,
    PlatformUnreachable,
    TooLarge,
)
from archiver.records.events import EventKind
from archiver.records.items import Attachment
from tests.archive import (
    FOUNDED_AT,
    PAGE,
    TRANSITORY,
    Archive,
    ScriptedPlatform,
    a_comment,
    an_archive,
    an_observation,
    gone,
)
from tests.proofs import invariants
from tests.proofs.invariants import rows

FOUR = tuple(an_observation(str(n), f"number {n}") for n in range(1, 5))
EVERYTHING = Listed(whole=True)


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    archive = an_archive(tmp_path, index="memory:")
    yield archive
    assert invariants.faults_of(archive) == []
    archive.office.close()


def states(archive: Archive) -> dict[str, str]:
    return {n: archive.item(n).state for n in "1234"}


def cursor(archive: Archive) -> list[str]:
    return [row["value"] for row in rows(archive, "SELECT value FROM cursors")]


def open_gaps(archive: Archive) -> list[str]:
    return [row["why"] for row in rows(archive, "SELECT why FROM gaps WHERE closed_at IS NULL")]


@dataclass
class Visited:
    """A source that does what a test wrote; `asked` is what it is asked to look at again."""

    platform: ScriptedPlatform
    does: Callable[[], Iterator[Seen]]
    fetched: int = 0
    asked: list[Known] = field(default_factory=list)

    def visit(self, window: Window) -> Iterator[Seen]:
        del window
        return self.does()

    def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
        self.asked += known
        return iter(())

    def download(self, attachment: Attachment) -> Downloaded:
        raise AssertionError(attachment)

    def close(self) -> None:
        pass


def visit(archive: Archive, does: Callable[[], Iterator[Seen]]) -> Coverage:
    visitor = archive.office.visitor(archive.person)
    source = Visited(archive.platform, does)
    return capture(visitor, archive.platform, archive.page, source)


# --- what was seen ------------------------------------------------------------------------------


def test_the_same_again_changes_nothing_but_the_counts_beside_it(archive):
    archive.capture(an_observation("1", likes=3))
    before = archive.item("1")

    again = archive.capture(an_observation("1", likes=4))

    assert (again.new, again.changed, again.unchanged) == (0, 0, 1)
    assert archive.item("1") == before
    assert [row["counts"] for row in rows(archive, "SELECT counts FROM engagement")] == [
        '{"likes": 4}'
    ]


def test_an_edit_is_a_new_version_and_the_old_one_stays(archive):
    archive.capture(an_observation("1", "before"))

    coverage = archive.capture(an_observation("1", "after"))

    assert coverage.changed == 1
    assert archive.item("1").version == 2
    assert len(archive.objects("1")) == 2
    assert archive.found("after") == ["1"]


def test_an_older_version_that_comes_to_light_does_not_replace_the_one_that_shows(
    archive,
):
    archive.capture(an_observation("1", TRANSITORY))
    shown = archive.item("1")

    coverage = archive.capture(
        an_observation("1", "what it said before", current=False), an_observation("1", TRANSITORY)
    )

    assert coverage.changed == 1
    after = archive.item("1")
    assert (after.version, after.fingerprint) == (shown.version, shown.fingerprint)
    assert len(archive.objects("1")) == 2
    assert (after.tag, after.queued) == ("undetermined", True), "it was edited, so a person looks"


def test_what_an_edit_history_ends_with_and_the_page_shows_is_one_version(archive):
    archive.capture(an_observation("1", "first"))

    archive.capture(
        an_observation("1", "second", current=False),
        an_observation("1", "third", current=False),
        an_observation("1", "third"),
    )

    assert archive.item("1").version == 3
    assert len(archive.objects("1")) == 3
    assert archive.found("third") == ["1"]


def test_a_text_that_came_back_within_one_visit_is_the_newest_version(archive):
    archive.capture(*(an_observation("1", text) for text in ("one", "two", "one")))

    assert archive.item("1").version == 3


def test_a_removal_is_a_sighting_and_erases_nothing(archive):
    archive.capture(*FOUR)

    coverage = archive.capture(gone("2", PlatformState.REPORTED_REMOVED))

    assert coverage.removed == 1
    assert states(archive)["2"] == "reported_removed"
    assert archive.found("number") == ["1", "2", "3", "4"]
    assert archive.item("2").actor == "", "who removed it is not inferred"


def test_what_is_shown_again_and_not_said_to_be_public_is_unknown_and_the_reason_stays(archive):
    held = replace(an_observation("1", "held words"), state=PlatformState.HIDDEN, restricted=True)
    archive.capture(held)
    again = replace(an_observation("1", "held words, edited"), state=PlatformState.UNKNOWN)
    told = Sighting(native_id="1", state=PlatformState.UNKNOWN, source="a status untold")

    coverage = archive.capture(again, told)

    item = archive.item("1")
    assert (item.state, item.restricted, item.version) == ("unknown", "platform", 2)
    assert coverage.removed == 0
    sightings = rows(archive, "SELECT state, source FROM sightings")
    assert {(row["state"], row["source"]) for row in sightings} == {
        ("hidden", ""), ("unknown", "a status untold"),
    }  # fmt: skip


def test_a_removal_of_what_was_never_seen_is_a_gap(archive):
    coverage = archive.capture(gone("9"))

    assert [gap.why for gap in coverage.gaps] == [GapReason.GONE]
    assert coverage.status is CaptureStatus.PARTIAL


def test_a_destroyed_item_that_still_shows_is_not_archived_again(archive):
    archive.capture(an_observation("1", TRANSITORY))
    archive.clock.forward(days=70)
    archive.capture()
    assert archive.purge().destroyed == 1

    coverage = archive.capture(
        an_observation("1", "now it says something else", attachments=("picture",))
    )

    assert (coverage.destroyed_before, coverage.new, coverage.changed) == (1, 0, 0)
    assert archive.item("1").life == DESTROYED
    assert archive.objects("1") == []


# --- what was not seen ----------------------------------------------------------------------------


def test_permission_lost_half_way_keeps_what_came_and_the_cursor_where_it_was(archive):
    archive.capture(an_observation("1", "number 1"), Cursor("a"))

    def lost() -> Iterator[Seen]:
        yield from FOUR[1:3]
        yield Cursor("b")
        raise PermissionLost("the token was withdrawn")

    coverage = visit(archive, lost)

    assert coverage.status is CaptureStatus.PARTIAL
    assert (coverage.new, [gap.why for gap in coverage.gaps]) == (2, [GapReason.PERMISSION_LOST])
    assert cursor(archive) == ["a"]
    assert open_gaps(archive) == ["permission_lost"]
    assert archive.item("1").state == "present", "nothing follows from what was not looked at"


def test_a_visit_that_never_began_failed(archive):
    def refused() -> Iterator[Seen]:
        raise PermissionLost("no token")
        yield

    assert visit(archive, refused).status is CaptureStatus.FAILED


def test_a_complete_visit_closes_the_gaps_of_its_page(archive):
    archive.capture(Gap(what="slice 3", why=GapReason.UNREADABLE))
    assert open_gaps(archive) == ["unreadable"]

    assert archive.capture(*FOUR).status is CaptureStatus.COMPLETE

    assert open_gaps(archive) == []


@pytest.mark.parametrize("shown", [FOUR, [Gap(what="attachment film", why=GapReason.UNREACHABLE)]])
def test_that_a_page_was_gone_is_no_gap_any_more_once_it_answers_to_its_end(archive, shown):
    def refused() -> Iterator[Seen]:
        raise AttachmentGone("the page")
        yield

    archive.capture()
    nights = [visit(archive, refused).status for _ in range(2)]
    before = open_gaps(archive)
    light = archive.capture(light=True)
    still = open_gaps(archive)

    back = archive.capture(*shown)

    assert nights == [CaptureStatus.FAILED] * 2
    assert (before, still, light.lasting) == (["gone"], ["gone"], 1)
    assert "gone" not in open_gaps(archive)
    assert back.lasting == 0
    assert [t["k"] for t in invariants.told(archive)].count(EventKind.GAP_CLOSED.value) == 1


@pytest.mark.parametrize(
    ("known", "status"),
    [(2, CaptureStatus.COMPLETE), (3, CaptureStatus.SUSPECT), (4, CaptureStatus.SUSPECT)],
)
def test_a_listing_that_falls_from_many_to_none_is_suspect(archive, known, status):
    archive.capture(*FOUR[:known], EVERYTHING, Cursor("a"))
    archive.platform.answers = {str(n): gone(str(n)) for n in range(1, known + 1)}

    coverage = archive.capture(EVERYTHING, Cursor("b"))

    assert coverage.status is status
    removed = known if status is CaptureStatus.COMPLETE else 0
    assert coverage.removed == removed
    assert sum(archive.item(str(n)).state == "present" for n in range(1, known + 1)) == (
        known - removed
    )
    assert cursor(archive) == (["a"] if status is CaptureStatus.SUSPECT else ["b"])


def test_an_item_of_which_nothing_could_be_told_is_looked_at_again_by_the_next_whole_visit(archive):
    archive.capture(*FOUR, EVERYTHING)
    archive.platform.answers = {"1": gone("1", PlatformState.UNKNOWN)}
    archive.capture(*FOUR[1:], EVERYTHING)
    untold = states(archive)["1"]
    archive.platform.answers = {"1": gone("1")}

    archive.capture(*FOUR[1:], EVERYTHING)

    assert (untold, states(archive)["1"]) == ("unknown", "not_visible")


def test_items_of_which_nothing_could_be_told_make_no_run_suspect(archive):
    archive.capture(*FOUR, EVERYTHING)
    archive.platform.answers = {str(n): gone(str(n), PlatformState.UNKNOWN) for n in (1, 2)}
    archive.capture(*FOUR[2:], EVERYTHING)
    archive.platform.answers = {str(n): gone(str(n)) for n in range(1, 5)}

    coverage = archive.capture(EVERYTHING)

    assert (coverage.status, coverage.removed) == (CaptureStatus.COMPLETE, 4)


def test_a_suspect_run_leaves_an_open_gap_until_a_person_vouches_for_what_the_page_shows(archive):
    archive.capture(*FOUR, EVERYTHING)
    archive.platform.answers = {str(n): gone(str(n)) for n in range(1, 5)}

    suspects = [archive.capture(EVERYTHING).status for _ in range(2)]
    gaps = open_gaps(archive)
    settled = archive.capture(EVERYTHING, vouched=True)
    after = archive.capture(EVERYTHING)

    assert suspects == [CaptureStatus.SUSPECT, CaptureStatus.SUSPECT]
    assert gaps == ["suspect_run"]
    assert (settled.status, settled.removed) == (CaptureStatus.COMPLETE, 4)
    assert set(states(archive).values()) == {"not_visible"}
    assert (after.status, open_gaps(archive)) == (CaptureStatus.COMPLETE, [])


def bare(archive: Archive, monkeypatch) -> Listed:
    """Four old items; then each is gone, and the listing of what is young shows none."""
    rechecked = replace(archive.platform.capabilities, removals="recheck")
    monkeypatch.setattr(ScriptedPlatform, "capabilities", rechecked)
    archive.capture(*FOUR, EVERYTHING, Cursor("a"))
    archive.platform.answers = {n: gone(n) for n in "1234"}
    archive.clock.forward(days=30)
    return Listed(whole=True, since=archive.clock.now)


def test_a_quiet_page_of_which_everything_is_gone_at_once_is_suspect_until_vouched_for(
    archive, monkeypatch
):
    quiet = bare(archive, monkeypatch)

    nights = []
    for _ in range(3):
        nights.append(archive.capture(quiet, Cursor("b")))
        archive.clock.forward(days=1)
    before = (states(archive), cursor(archive), open_gaps(archive))
    windows = [window.full for window in archive.platform.asked[-3:]]
    vouched = archive.capture(quiet, Cursor("b"), vouched=True)
    archive.clock.forward(days=400)
    after = archive.capture(quiet, Cursor("c"))

    assert [night.status for night in nights] == [CaptureStatus.SUSPECT] * 3
    assert sum(night.removed for night in nights) == 0
    assert before == (dict.fromkeys("1234", "present"), ["a"], ["suspect_run"])
    assert windows == [False, True, True], "while it stands, all is asked for"
    assert (vouched.status, vouched.removed) == (CaptureStatus.COMPLETE, 4)
    assert (after.status, after.removed, open_gaps(archive)) == (CaptureStatus.COMPLETE, 0, [])
    assert cursor(archive) == ["c"]


def test_a_site_that_was_begun_anew_is_suspect_every_night_until_vouched_for(archive):
    """It shows what a new site shows, one post under the number of an old one among it."""
    archive.capture(*FOUR, EVERYTHING, Cursor("a"))
    archive.platform.answers = {n: gone(n) for n in "234"}

    def later(native_id: str) -> Observation:
        return an_observation(native_id, "Hello world!", at=archive.clock.now)

    nights = []
    for night in range(3):
        archive.clock.forward(hours=12)
        light = archive.capture(later(f"light {night}"), light=True)
        archive.clock.forward(hours=12)
        nights.append(archive.capture(later("1"), later("9"), EVERYTHING, Cursor("b")))
    before = (states(archive), cursor(archive), open_gaps(archive))
    vouched = archive.capture(later("1"), later("9"), EVERYTHING, Cursor("b"), vouched=True)
    archive.clock.forward(days=1)
    after = archive.capture(later("1"), later("9"), EVERYTHING, Cursor("c"))

    assert (light.status, light.new) == (CaptureStatus.COMPLETE, 1)
    assert [night.status for night in nights] == [CaptureStatus.SUSPECT] * 3
    assert [night.removed for night in nights] == [0] * 3
    assert nights[0].new == 1, "what it shows is archived all the same"
    assert (set(before[0].values()), before[1:]) == ({"present"}, (["a"], ["suspect_run"]))
    assert vouched.status is CaptureStatus.COMPLETE
    assert states(archive) == {"1": "present"} | dict.fromkeys("234", "not_visible")
    assert (after.status, open_gaps(archive)) == (CaptureStatus.COMPLETE, [])
    assert cursor(archive) == ["c"]


@pytest.mark.parametrize("shows", ["a new post", "an edit", "another day"])
def test_what_is_gone_is_believed_where_anything_shows_that_was_there_before(archive, shows):
    """A new post alone calls for the others one by one, and one of these still shows."""
    archive.capture(*FOUR, EVERYTHING)
    archive.clock.forward(days=1)
    seen = {
        "a new post": an_observation("9", at=archive.clock.now),
        "an edit": an_observation("4", "in other words"),
        "another day": an_observation("4", "number 4", at=archive.clock.now),
    }[shows]
    archive.platform.answers = {n: gone(n) for n in "123"} | {"4": FOUR[3]}
    monthly = Listed(whole=True, since=FOUNDED_AT)

    coverage = archive.capture(seen, monthly)

    assert (coverage.status, coverage.removed) == (CaptureStatus.COMPLETE, 3)


def test_one_item_that_is_gone_of_a_page_that_shows_none_calls_for_the_others(archive, monkeypatch):
    quiet = bare(archive, monkeypatch)
    monkeypatch.setattr(rechecking, "RECHECKS", 1)
    suspect = archive.capture(quiet)
    archive.platform.answers["4"] = FOUR[3]

    settled = archive.capture(quiet)

    assert (suspect.status, suspect.removed) == (CaptureStatus.SUSPECT, 0)
    assert (settled.status, settled.removed) == (CaptureStatus.COMPLETE, 3)
    assert states(archive) == dict.fromkeys("123", "not_visible") | {"4": "present"}
    assert open_gaps(archive) == []


def test_a_suspect_run_stands_although_nothing_is_asked_for_by_itself(archive, monkeypatch):
    bare(archive, monkeypatch)
    archive.capture(EVERYTHING, full=True)
    monkeypatch.setattr(rechecking, "RECHECKS", 0)
    archive.platform.answers = {}

    nightly = archive.capture(Listed(whole=False))
    light = archive.capture(Listed(whole=False), light=True)
    partial = archive.capture(FOUR[0], Gap(what="slice 3", why=GapReason.UNREADABLE))

    assert (nightly.status, light.status) == (CaptureStatus.SUSPECT, CaptureStatus.COMPLETE)
    assert partial.status is CaptureStatus.PARTIAL
    assert open_gaps(archive) == ["unreadable"], "it shows an item again"


def test_what_is_gone_where_the_answers_broke_off_and_nothing_shows_is_asked_for_again(
    archive, monkeypatch
):
    quiet = bare(archive, monkeypatch)

    class Breaking(Visited):
        def recheck(self, known: Sequence[Known]) -> Iterator[Seen]:
            yield gone(known[0].native_id)
            raise PlatformUnreachable("it went away")

    source = Breaking(archive.platform, lambda: iter([quiet]))
    coverage = capture(
        archive.office.visitor(archive.person), archive.platform, archive.page, source
    )
    archive.platform.answers |= {"4": FOUR[3]}
    archive.clock.forward(days=1)
    back = archive.capture(quiet)

    assert (coverage.status, coverage.removed) == (CaptureStatus.FAILED, 0)
    assert (back.status, back.removed) == (CaptureStatus.COMPLETE, 3)


def test_what_a_whole_listing_did_not_show_is_looked_at_again_before_anything_is_said(archive):
    archive.capture(*FOUR, EVERYTHING)
    archive.platform.answers = {"2": gone("2"), "3": FOUR[2]}

    coverage = archive.capture(FOUR[0], EVERYTHING)

    assert coverage.removed == 1
    assert states(archive) == {"1": "present", "2": "not_visible", "3": "present", "4": "present"}


def test_late_answers_to_a_post_that_was_not_walked_again_are_not_missed(archive):
    old, young = FOUNDED_AT - timedelta(days=30), FOUNDED_AT
    answers = [a_comment(n, on="1", at=young) for n in "234"]
    archive.capture(an_observation("1", at=old), *answers)
    archive.platform.answers = {n: gone(n) for n in "234"}
    threads = Listed(whole=True, since=young, kinds=("comment", "reply"), by_thread=True)

    quiet = archive.capture(threads)

    assert (quiet.status, quiet.removed) == (CaptureStatus.COMPLETE, 0)


def test_an_answer_that_vanished_from_a_thread_that_was_walked_is_looked_at_again(archive):
    post, other = an_observation("1"), a_comment("3", on="1")
    archive.capture(post, a_comment("2", on="1"), other)
    archive.platform.answers = {"2": gone("2")}
    threads = Listed(whole=True, since=FOUNDED_AT, kinds=("comment", "reply"), by_thread=True)

    coverage = archive.capture(post, other, threads)

    assert coverage.removed == 1
    assert archive.item("2").state == "not_visible"


def test_a_listing_that_is_not_whole_says_nothing_about_what_it_did_not_show(archive):
    archive.capture(*FOUR)
    archive.platform.answers = {"2": gone("2")}

    archive.capture(FOUR[0], Listed(whole=False))

    assert set(states(archive).values()) == {"present"}


# --- files ----------------------------------------------------------------------------------------


def test_a_file_that_could_not_be_had_is_a_gap_that_the_next_night_makes_good(archive):
    archive.platform.down = {"picture"}
    with_picture = an_observation("1", attachments=("picture",))

    first = archive.capture(with_picture)
    second = archive.capture(with_picture)
    archive.platform.down = set()
    third = archive.capture(with_picture)
    fourth = archive.capture(with_picture)

    assert [c.status for c in (first, second, third, fourth)] == [
        CaptureStatus.PARTIAL,
        CaptureStatus.PARTIAL,
        CaptureStatus.COMPLETE,
        CaptureStatus.COMPLETE,
    ]
    assert [(r["tries"], r["closed_at"] is None) for r in rows(archive, "SELECT * FROM gaps")] == [
        (2, False)
    ]
    assert len(archive.objects("1")) == 2


def test_a_file_that_is_gone_for_good_is_a_gap_for_ever_and_no_later_visit_is_partial(archive):
    archive.platform.absent = {"picture"}

    first = archive.capture(an_observation("1", attachments=("picture",)))
    archive.clock.forward(days=1)
    second = archive.capture()
    edited = archive.capture(an_observation("1", "edited", attachments=("picture",)))

    assert [c.status for c in (first, second, edited)] == [
        CaptureStatus.PARTIAL,
        CaptureStatus.COMPLETE,
        CaptureStatus.COMPLETE,
    ]
    assert [c.lasting for c in (first, second, edited)] == [0, 1, 1]
    assert [c.gaps for c in (second, edited)] == [[], []]
    assert open_gaps(archive) == ["gone"]
    (page,) = rows(archive, "SELECT whole_at FROM pages")
    assert page["whole_at"] == int(archive.clock.now.timestamp() * 1_000_000)


def test_another_file_that_is_gone_makes_its_own_night_partial(archive):
    archive.platform.absent = {"picture", "other"}
    archive.capture(an_observation("1", attachments=("picture",)))

    coverage = archive.capture(an_observation("2", attachments=("other",)))

    assert (coverage.status, coverage.lasting) == (CaptureStatus.PARTIAL, 1)
    assert [gap.why for gap in coverage.gaps] == [GapReason.GONE]


def test_a_file_that_is_gone_is_asked_for_on_the_rungs_of_the_ladder(archive):
    archive.platform.absent = {"picture"}
    archive.capture(an_observation("1", attachments=("picture",)))
    asked = []

    for day in sorted({rung + off for rung in (1, 3, 7, 30) for off in (-1, 0, 1)} - {0}):
        archive.clock.now = FOUNDED_AT + timedelta(days=day)
        archive.platform.downloads.clear()
        archive.capture(index=False)
        asked += [day] if archive.platform.downloads else []
    archive.platform.absent = set()
    archive.clock.now = FOUNDED_AT + timedelta(days=90)
    archive.capture()

    assert asked == [1, 3, 7, 30]
    assert open_gaps(archive) == [], "it came back"


def test_a_file_that_turns_out_to_be_gone_has_one_gap_open(archive):
    archive.platform.down = {"picture"}
    archive.capture(an_observation("1", attachments=("picture",)))
    archive.platform.down, archive.platform.absent = set(), {"picture"}

    turned = archive.capture()
    after = archive.capture()

    assert (turned.status, after.status) == (CaptureStatus.PARTIAL, CaptureStatus.COMPLETE)
    assert open_gaps(archive) == ["gone"]


def test_a_file_that_comes_with_an_edit_is_not_asked_for_again_because_it_was_wanting(archive):
    archive.platform.down = {"picture"}
    archive.capture(an_observation("1", attachments=("picture",)))
    archive.platform.down = set()
    archive.platform.downloads.clear()

    archive.capture(an_observation("1", "edited", attachments=("picture",)))

    assert archive.platform.downloads == ["picture"]
    assert open_gaps(archive) == []
    kept = rows(archive, "SELECT * FROM ledger_entries WHERE kind = 'attachment.kept'")
    assert len(kept) == 1


@pytest.mark.parametrize(
    "page", [b"<!DOCTYPE html>", b"\xef\xbb\xbf \n<HTML lang='en'>", b"<?xml "]
)
def test_a_page_that_comes_in_place_of_a_picture_is_a_gap_and_no_picture(archive, page):
    archive.platform.files, archive.platform.called = {"picture": page}, {"picture": "text/html"}
    coverage = archive.capture(an_observation("1", attachments=("picture",)))
    archive.platform.files, archive.platform.called = {}, {}
    healed = archive.capture()

    assert (coverage.status, healed.status) == (CaptureStatus.PARTIAL, CaptureStatus.COMPLETE)
    assert [gap.why for gap in coverage.gaps] == [GapReason.UNREADABLE]
    assert open_gaps(archive) == []
    assert [row["media_type"] for row in rows(archive, "SELECT * FROM attachments")] == [
        "image/png"
    ]


@pytest.mark.parametrize(
    ("said", "url", "called", "data"),
    [
        ("text/html", "https://social.example/transcript", "text/html", b"<html>"),
        ("", "https://social.example/transcript.html", "text/html", b"<html>"),
        ("", "https://social.example/whatever", "text/html", b"<html>"),
        ("image/png", "https://social.example/picture", "image/png", b"<html>"),
        ("image/png", "https://social.example/picture", "text/html", b"\x89PNG <html>"),
    ],
)
def test_what_may_be_the_file_is_taken_for_it(tmp_path, said, url, called, data):
    path = tmp_path / "file"
    path.write_bytes(data)

    demand_the_file(Attachment("1", url, said), Downloaded(path, "", len(data), called))


def test_the_end_of_an_address_tells_what_a_file_is_to_be(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"<html>")
    attachment = Attachment("1", "https://social.example/1.jpg?oe=65F0")

    with pytest.raises(AnswerUnreadable):
        demand_the_file(attachment, Downloaded(path, "", 6, "text/html"))


@pytest.mark.parametrize("why", [GapReason.TOO_LARGE, GapReason.REFUSED_ADDRESS])
def test_a_file_that_may_not_be_had_is_a_gap_that_lasts_until_a_full_capture_after_the_change(
    archive, why
):
    archive.platform.refused = {"film": why}
    first = archive.capture(an_observation("1", attachments=("film",)))
    nights = []
    for _ in range(3):
        archive.clock.forward(days=1)
        nights.append(archive.capture())
    archive.platform.refused = {}
    allowed = archive.capture()
    before = open_gaps(archive)

    full = archive.capture(full=True)

    assert first.status is CaptureStatus.PARTIAL
    assert {(night.status, night.lasting) for night in nights} == {(CaptureStatus.COMPLETE, 1)}
    assert (allowed.status, before) == (CaptureStatus.COMPLETE, [why.value])
    assert (full.status, open_gaps(archive)) == (CaptureStatus.COMPLETE, [])
    assert len(archive.objects("1")) == 2


def test_a_file_for_which_there_is_no_room_is_a_gap_and_the_rest_of_the_page_is_kept(archive):
    archive.platform.refused = {"film": GapReason.NOT_KEPT}
    full = archive.capture(an_observation("1", attachments=("film",)), an_observation("2"))
    gaps = open_gaps(archive)
    archive.platform.refused = {}

    roomy = archive.capture()

    assert (full.status, full.new, gaps) == (CaptureStatus.PARTIAL, 2, ["not_kept"])
    assert (roomy.status, open_gaps(archive)) == (CaptureStatus.COMPLETE, [])
    assert len(archive.objects("1")) == 2


@pytest.mark.parametrize("error", [TooLarge, AddressRefused])
def test_a_listing_that_is_refused_leaves_no_visit_complete_until_one_is(archive, error):
    def refused() -> Iterator[Seen]:
        yield an_observation("1")
        raise error("the second slice")

    statuses = [visit(archive, refused).status for _ in range(3)]
    whole = visit(archive, lambda: iter(FOUR))

    assert statuses == [CaptureStatus.PARTIAL] * 3
    assert (whole.status, open_gaps(archive)) == (CaptureStatus.COMPLETE, [])


def test_a_visit_that_was_cut_short_is_never_complete_even_by_a_gap_that_lasts(archive):
    def refused() -> Iterator[Seen]:
        yield an_observation("1")
        raise AttachmentGone("the second slice")

    statuses = [visit(archive, refused).status for _ in range(3)]

    assert statuses == [CaptureStatus.PARTIAL] * 3


def test_an_item_that_was_gone_before_it_was_captured_is_a_gap_once(archive):
    first, second, third = (archive.capture(gone("9")) for _ in range(3))

    assert [c.status for c in (first, second, third)] == [
        CaptureStatus.PARTIAL,
        CaptureStatus.COMPLETE,
        CaptureStatus.COMPLETE,
    ]
    assert open_gaps(archive) == ["gone"]


def test_a_file_that_arrives_when_its_item_is_being_destroyed_gets_no_row(archive):
    archive.platform.absent = {"picture"}
    archive.capture(an_observation("1", attachments=("picture",)))
    key = archive.office.keys.archive
    row = archive.item("1")
    download = ScriptedPlatform.open(
        archive.platform, archive.page, archive.office.config.fetching
    ).download

    @dataclass
    class Late(Visited):
        """Downloads the file, and finds the item's destruction begun when it has it."""

        def download(self, attachment: Attachment) -> Downloaded:
            archive.platform.absent = set()
            with archive.office.catalogue.writing() as desk:
                items.change(desk.connection, [replace(row, life=DESTROYED).sealed(key)])
            return download(attachment)

    visitor = archive.office.visitor(archive.person)
    capture(visitor, archive.platform, archive.page, Late(archive.platform, lambda: iter(())))

    assert rows(archive, "SELECT * FROM attachments") == []
    with archive.office.catalogue.writing() as desk:
        items.change(desk.connection, [row])


# --- the ladder -----------------------------------------------------------------------------------


def test_old_items_are_looked_at_again_on_the_rungs_of_the_ladder(archive, monkeypatch):
    asked: list[int] = []
    rechecked = replace(archive.platform.capabilities, removals="recheck")
    monkeypatch.setattr(ScriptedPlatform, "capabilities", rechecked)
    archive.capture(an_observation("1"))
    archive.platform.answers = {"1": an_observation("1")}

    for day in sorted(
        {rung + off for rung in (1, 3, 7, 30, 90, 365, 730) for off in (-1, 0, 1)} - {0}
    ):
        archive.clock.now = FOUNDED_AT + timedelta(days=day)
        coverage = archive.capture(index=False)
        if coverage.seen:
            asked.append(day)

    assert asked == [1, 3, 7, 30, 90, 365, 730]


def test_who_looks_again_is_told_how_each_item_was_last_seen(archive, monkeypatch):
    rechecked = replace(archive.platform.capabilities, removals="recheck")
    monkeypatch.setattr(ScriptedPlatform, "capabilities", rechecked)
    hidden = replace(an_observation("1", "one"), state=PlatformState.HIDDEN)
    archive.capture(hidden, an_observation("2", "two"))
    source = Visited(archive.platform, lambda: iter(()))

    archive.clock.now = FOUNDED_AT + timedelta(days=1)
    capture(archive.office.visitor(archive.person), archive.platform, archive.page, source)

    assert {one.native_id: one.state for one in source.asked} == {
        "1": PlatformState.HIDDEN, "2": PlatformState.PRESENT,
    }  # fmt: skip


def test_a_night_that_cannot_look_at_all_that_is_due_says_how_many_wait(archive, monkeypatch):
    monkeypatch.setattr(rechecking, "RECHECKS", 3)
    rechecked = replace(archive.platform.capabilities, removals="recheck")
    monkeypatch.setattr(ScriptedPlatform, "capabilities", rechecked)
    archive.capture(*FOUR)
    archive.platform.answers = {str(n): FOUR[n - 1] for n in range(1, 5)}

    nights = []
    for day in (1, 2, 3):
        archive.clock.now = FOUNDED_AT + timedelta(days=day)
        nights.append(archive.capture(index=False))

    assert [(night.seen, night.rechecks_waiting) for night in nights] == [(3, 1), (1, 0), (3, 1)]
    kept = rows(archive, "SELECT rechecks_waiting FROM captures ORDER BY n")
    assert [row["rechecks_waiting"] for row in kept] == [0, 1, 0, 1]
    assert any("1 re-checks waiting" in note for note in look_around(archive.office).notes)


def test_what_the_platform_did_not_answer_for_is_looked_at_again_the_next_night(
    archive, monkeypatch
):
    rechecked = replace(archive.platform.capabilities, removals="recheck")
    monkeypatch.setattr(ScriptedPlatform, "capabilities", rechecked)
    archive.capture(an_observation("1"))
    archive.clock.forward(days=7)
    archive.platform.answers = {
        "1": Gap(what="1", why=GapReason.UNREACHABLE, native_id="1"),
    }
    unanswered = archive.capture()
    archive.clock.forward(days=1)
    archive.platform.answers = {"1": gone("1")}

    next_night = archive.capture()

    assert (unanswered.status, next_night.removed) == (CaptureStatus.PARTIAL, 1)


# --- cursors, batches, locks ----------------------------------------------------------------------


def test_a_first_visit_that_breaks_off_resumes_where_its_rows_end(archive, monkeypatch):
    monkeypatch.setattr(capturing, "BATCH", 2)

    def broken() -> Iterator[Seen]:
        yield FOUR[0]
        yield Cursor("1")
        yield FOUR[1]
        yield Cursor("2")
        yield FOUR[2]
        raise PermissionLost("the token was withdrawn")

    visit(archive, broken)

    assert cursor(archive) == ["2"]
    assert {archive.item(n).life for n in "123"} == {"live"}


HISTORY = [an_observation("1", f"wording {n}", current=False) for n in range(3)]
"""An edit history: each wording weighs nine characters, and its raw bytes."""


@pytest.mark.parametrize(
    ("items", "octets", "seen", "cut"),
    [
        (2, 10_000, FOUR[:2], True),
        (3, 10_000, FOUR[:2], False),
        (9, weight(FOUR[:2]), FOUR[:2], True),
        (9, weight(FOUR[:2]) + 1, FOUR[:2], False),
        (2, 10_000, [gone("1"), Gap(what="comments", why=GapReason.GONE)], True),
        (9, 1, [gone("1"), Gap(what="comments", why=GapReason.GONE)], False),
        (2, 1, HISTORY, False),
        (2, 1, [*HISTORY, an_observation("1")], True),
    ],
)
def test_a_batch_is_cut_by_number_and_by_weight_and_never_within_an_edit_history(
    items, octets, seen, cut, monkeypatch
):
    monkeypatch.setattr(batching, "BATCH_BYTES", octets)
    batch = Batching(items)
    for what in seen:
        batch.add(what)

    assert batch.is_full is cut
    assert (batch.take(), batch.seen, batch.take()) == (list(seen), [], [])


@pytest.mark.parametrize(
    ("octets", "told"), [(10**9, [0, 0, 0, 1, 4, 4]), (60, [0, 1, 2, 3, 4, 4])]
)
def test_long_posts_are_entered_one_by_one_so_that_few_are_held_at_a_time(
    archive, monkeypatch, octets, told
):
    monkeypatch.setattr(batching, "BATCH_BYTES", 1)
    monkeypatch.setattr(entering, "_UNDER_WAY", 3)
    monkeypatch.setattr(entering, "_BYTES_UNDER_WAY", octets)
    counts: list[int] = []
    visitor, source = archive.office.visitor(archive.person), Visited(archive.platform, all_four)

    capture(visitor, archive.platform, archive.page, source, progress=counts.append)

    assert counts == told


def all_four() -> Iterator[Seen]:
    yield from FOUR


class FullFor(KeeperBeside):
    """A store whose disk is full as soon as it should keep what says *words*."""

    words = b""

    def keep(self, objects: Iterable[NewObject]) -> list[KeptObject]:
        wanted = list(objects)
        if any(self.words in new.payload for new in wanted if isinstance(new.payload, bytes)):
            raise ObjectError("the disk is full")
        return super().keep(wanted)


def test_nothing_is_entered_after_what_could_not_be_kept(archive, monkeypatch):
    """Batches that were already on their way stop too, so that the cursor passes nothing."""
    monkeypatch.setattr(capturing, "BATCH", 2)
    store = FullFor(archive.office.objects, lambda: archive.office.objects)
    store.words = b"number 2"
    visitor = replace(archive.office.visitor(archive.person), objects=store)

    def all_four() -> Iterator[Seen]:
        for place, observation in enumerate(FOUR, 1):
            yield observation
            yield Cursor(str(place))

    with pytest.raises(ObjectError):
        capture(visitor, archive.platform, archive.page, Visited(archive.platform, all_four))

    assert cursor(archive) == ["1"]
    assert len(rows(archive, "SELECT n FROM items")) == 1

    archive.capture(*FOUR)  # the retry adopts what was kept of the others


def test_a_page_that_is_being_visited_is_not_visited_by_another(archive):
    archive.capture(FOUR[0])

    def nested() -> Iterator[Seen]:
        with pytest.raises(ArchiveBusy, match="at work on the page town page"):
            archive.capture(FOUR[1])
        yield FOUR[2]

    assert visit(archive, nested).new == 1


def test_the_window_looks_back_from_the_last_complete_visit(archive):
    archive.capture(FOUR[0])
    archive.clock.forward(days=3)
    archive.capture(Gap(what="slice 2", why=GapReason.UNREADABLE))
    archive.clock.forward(days=3)
    archive.capture(FOUR[1])

    look_back = timedelta(days=archive.page.look_back_days)
    assert [window.since for window in archive.platform.asked] == [
        None,
        FOUNDED_AT - look_back,
        FOUNDED_AT - look_back,
    ]


def test_a_late_comment_stirs_its_thread(archive):
    archive.capture(an_observation("1", TRANSITORY))
    later = archive.clock.forward(days=30)

    archive.capture(a_comment("2", TRANSITORY, on="1", at=later))

    assert archive.item("2").thread_n == archive.item("1").thread_n
    activity = rows(archive, "SELECT last_activity FROM threads")
    assert [row["last_activity"] for row in activity] == [int(later.timestamp() * 1_000_000)]


def test_an_item_is_of_the_platform_that_its_page_is_of(archive):
    page = replace(PAGE, name="left", url="", platform="facebook")

    archive.capture(an_observation("1", "Road closed"), page=page)

    item = archive.office.keys.archive.item("facebook", "left", "1")
    with archive.office.catalogue.reading() as connection:
        assert list(items.by_ids(connection, [item])) == [item]
    assert archive.found("platform:facebook") == ["1"]
    assert archive.found("platform:scripted") == []


def test_an_import_is_no_visit_after_which_a_page_would_be_asked_for_less(archive):
    archive.platform.imports = True
    imported = archive.capture(an_observation("1"), Cursor("1760000000"))
    archive.platform.imports = False

    archive.capture()

    assert imported.status is CaptureStatus.COMPLETE
    assert archive.platform.asked[-1] == Window(began=archive.clock.now)


def test_an_import_tells_nothing_of_what_a_page_shows_that_was_visited_before(archive):
    archive.capture(an_observation("1"), Cursor("1"))
    [visited] = rows(archive, "SELECT whole_at, walked_at FROM pages")
    archive.clock.now += timedelta(days=30)

    archive.platform.imports = True
    imported = archive.capture(an_observation("2"))

    [page] = rows(archive, "SELECT whole_at, walked_at FROM pages")
    assert imported.status is CaptureStatus.COMPLETE
    assert visited["whole_at"] is not None
    assert page == visited
    assert registers_edited(archive.office.account) == []
