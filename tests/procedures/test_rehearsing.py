"""Counts that were claimed, and dry runs: what an import would bring in, told before it does."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.procedures import rehearsing
from archiver.procedures.capture import capture
from archiver.procedures.reckoning import Reckoned
from archiver.procedures.rehearsing import OfKind, rehearse
from archiver.records.captures import CaptureStatus, Gap, GapReason, Listed, Observation, Window
from archiver.records.errors import DepositRefused, NotPermitted
from archiver.records.items import ItemKind
from archiver.records.people import Role
from tests.archive import FOUNDED_AT, PAGE, TRANSITORY, a_colleague, a_content, an_observation


class Shows:
    """A source that shows what it was given, and nothing else."""

    fetched = 1

    def __init__(self, *seen):
        self.seen = seen

    def visit(self, _window):
        for each in self.seen:
            if isinstance(each, Exception):
                raise each
            yield each


def a_post(native_id, text="Road closed"):
    return Observation(content=a_content(native_id, text))


def a_comment(native_id):
    content = a_content(native_id, "Thanks", kind=ItemKind.COMMENT, parent="1", thread="1")
    return Observation(content=content)


def counted(number, *kinds):
    return Listed(whole=False, platform_count=number, kinds=kinds)


def visited(*seen, expected=None):
    return list(Reckoned(Shows(*seen), expected or {}).visit(Window()))


def gaps_of(seen):
    return [(each.what, each.why, each.detail) for each in seen if isinstance(each, Gap)]


@given(
    posts=st.integers(0, 5),
    comments=st.integers(0, 5),
    claimed=st.dictionaries(st.sampled_from(["post", "comment"]), st.integers(0, 5)),
)
def test_a_count_is_a_gap_exactly_where_it_was_not_met(posts, comments, claimed):
    items = [a_post(f"p{n}") for n in range(posts)] + [a_comment(f"c{n}") for n in range(comments)]

    seen = visited(*items, expected=claimed)

    read = {"post": posts, "comment": comments}
    missed = {
        f"the count of {kind}: {count} expected, {read[kind]} read"
        for kind, count in claimed.items()
        if read[kind] != count
    }
    assert {what for what, _, _ in gaps_of(seen)} == missed
    assert [each for each in seen if isinstance(each, Observation)] == items


def test_a_count_of_all_counts_every_kind():
    items = (a_post("1"), a_comment("2"))

    assert gaps_of(visited(*items, counted(2, *ItemKind))) == []
    assert gaps_of(visited(*items, counted(3, *ItemKind))) == [
        (
            "the count of all items: 3 expected, 2 read",
            GapReason.MISCOUNTED,
            "the export or its mapping gave the count; 1 are missing",
        )
    ]
    assert gaps_of(visited(*items, expected={"": 1})) == [
        (
            "the count of all items: 1 expected, 2 read",
            GapReason.MISCOUNTED,
            "whoever handed it in gave the count; 1 are more than expected",
        )
    ]


def test_counts_of_several_files_are_held_against_all_of_them():
    seen = visited(a_post("1"), counted(1, "post"), a_post("2"), counted(2, "post"))

    assert [what for what, _, _ in gaps_of(seen)] == ["the count of post: 3 expected, 2 read"]
    assert sum(e.platform_count or 0 for e in seen if isinstance(e, Listed)) == 3


def test_a_count_of_two_kinds_counts_both():
    seen = visited(a_post("1"), a_comment("2"), counted(3, "post", "comment"))

    assert [what for what, _, _ in gaps_of(seen)] == [
        "the count of post and comment: 3 expected, 2 read"
    ]


def test_a_count_of_some_kinds_is_no_count_of_all():
    of_posts = visited(a_post("1"), a_comment("2"), expected={"post": 1})
    of_both = visited(a_post("1"), a_comment("2"), expected={"post": 1, "comment": 1})
    of_more = visited(a_post("1"), expected={"post": 1, "comment": 0})

    assert gaps_of([*of_posts, *of_both, *of_more]) == []
    assert [e for e in of_posts if isinstance(e, Listed)] == []
    assert [e.platform_count for e in of_both if isinstance(e, Listed)] == [2]
    assert [e.platform_count for e in of_more if isinstance(e, Listed)] == [1]


def test_a_count_the_export_keeps_for_itself_is_recorded_and_not_reckoned():
    seen = visited(a_post("1"), counted(7), expected={"post": 1})

    assert gaps_of(seen) == []
    assert [each.platform_count for each in seen if isinstance(each, Listed)] == [7]


def test_an_earlier_wording_is_not_counted():
    before = Observation(content=a_content("1", "Road open"), current=False)

    assert gaps_of(visited(before, a_post("1"), counted(1, "post"))) == []


def test_a_deposit_that_claims_nothing_is_not_reckoned():
    seen = visited(a_post("1"), Listed(whole=False))

    assert gaps_of(seen) == []
    assert [each.platform_count for each in seen if isinstance(each, Listed)] == [None]


def test_an_import_whose_count_is_not_met_is_partial_and_says_both_counts(archive):
    visitor = archive.office.visitor(archive.person)
    source = Reckoned(Shows(a_post("1"), a_post("2")), {"post": 3})

    coverage = capture(visitor, archive.platform, PAGE, source)

    assert coverage.status is CaptureStatus.PARTIAL
    assert (coverage.seen, coverage.platform_count) == (2, 3)
    assert [gap.why for gap in coverage.gaps] == [GapReason.MISCOUNTED]


# --- dry runs ---------------------------------------------------------------------------------


def tried(archive, *seen, person=None):
    office = archive.office
    with office.source(PAGE) as source:
        shows = Shows(*seen)
        shows.download = source.download
        return rehearse(
            office.account, person or archive.person, archive.platform, PAGE, Reckoned(shows, {})
        )


def everything_in(archive):
    """Give all that is kept: the objects, and the catalogue with its ledger, word for word."""
    archive.office.catalogue.dispose()
    with closing(sqlite3.connect(archive.folder / "catalogue.sqlite")) as catalogue:
        rows = list(catalogue.iterdump())
    files = [path for path in (archive.folder / "objects").rglob("*") if path.is_file()]
    return rows, {path: path.read_bytes() for path in files}


def test_a_dry_run_tells_what_would_be_new_changed_and_the_same(archive):
    archive.capture(a_post("same"), a_post("edited"), a_post("old"))

    told = tried(
        archive, a_post("same"), a_post("edited", "Road open"), a_post("new"), a_post("new")
    )

    (kind,) = told.kinds.items()
    assert kind == (
        "post", OfKind(read=4, new=1, changed=1, unchanged=1, repeated=1)
    )  # fmt: skip
    assert told.gaps == []
    assert (told.read, told.earliest, told.latest) == (4, FOUNDED_AT, FOUNDED_AT)


def test_a_dry_run_writes_nothing(archive):
    archive.capture(a_post("same"))
    before = everything_in(archive)

    tried(archive, a_post("same", "Edited"), an_observation("new", attachments=["a.jpg"]))

    assert everything_in(archive) == before


def test_a_dry_run_brings_every_file_as_far_as_the_spool_and_names_what_is_missing(archive):
    archive.platform.absent.add("gone.jpg")

    told = tried(archive, an_observation("1", attachments=["a.jpg", "gone.jpg"]))

    assert (told.files, told.file_bytes) == (1, 3 * len("a.jpg"))
    assert [(gap.what, gap.why) for gap in told.gaps] == [
        ("a file of an item: gone.jpg", GapReason.GONE)
    ]


def test_a_dry_run_leaves_no_file_in_the_spool(archive):
    with archive.office.source(PAGE) as source:
        shows = Shows(an_observation("1", attachments=["a.jpg", "b.jpg"]))
        shows.download = source.download
        told = rehearse(archive.office.account, archive.person, archive.platform, PAGE, shows)

        assert told.files == 2
        assert list(source.spool.iterdir()) == []


def test_the_wordings_of_one_item_are_compared_together(archive, monkeypatch):
    monkeypatch.setattr(rehearsing, "_BATCH", 1)
    before = Observation(content=a_content("1", "Road open"), current=False)

    told = tried(archive, before, a_post("1"), a_post("2"))

    assert told.kinds["post"] == OfKind(read=2, new=2)


def test_a_dry_run_counts_messages_as_restricted(archive):
    letter = Observation(content=a_content("1", "Hello", kind=ItemKind.MESSAGE))
    draft = Observation(content=a_content("2", "Soon"), restricted=True)

    told = tried(archive, letter, draft, a_post("3"))

    assert {kind: of.restricted for kind, of in told.kinds.items()} == {"message": 1, "post": 1}


def test_what_was_destroyed_would_not_come_back(archive):
    archive.capture(Observation(content=a_content("1", TRANSITORY)))
    archive.clock.forward(days=100)
    archive.capture()
    archive.purge()

    told = tried(archive, Observation(content=a_content("1", TRANSITORY)))

    assert told.kinds["post"] == OfKind(read=1, destroyed_before=1)


def test_a_deposit_that_breaks_off_is_told_as_far_as_it_was_read(archive):
    broken = DepositRefused("posts.json is damaged")

    told = tried(archive, a_post("1"), broken)

    assert told.kinds["post"].new == 1
    assert [gap.detail for gap in told.gaps] == ["posts.json is damaged"]
    with pytest.raises(DepositRefused):
        tried(archive, broken)


def test_who_may_not_capture_may_not_try_either(archive):
    auditor = a_colleague(archive, Role.AUDITOR, name="auditor")

    with pytest.raises(NotPermitted):
        tried(archive, a_post("1"), person=auditor)
