"""A late edit that names another author or day is asked of every hold that stood before it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, update

from archiver.catalogue import tables
from archiver.procedures import finding, hold_report, surrounding
from archiver.procedures.verify import Verdict, verify
from archiver.records.classification import Tag
from archiver.records.holds import Neighbours
from tests.archive import (
    FOUNDED_AT,
    TRANSITORY,
    Archive,
    a_comment,
    an_archive,
    an_observation,
)
from tests.procedures.test_rebuild import check_the_same, dumped, lose_the_catalogue, rebuilt
from tests.proofs import invariants

LATER, EDITED = FOUNDED_AT + timedelta(days=200), f"{TRANSITORY} again"
THAT_DAY = {"since": LATER, "until": LATER + timedelta(days=1)}


@pytest.fixture
def archive(tmp_path) -> Archive:
    archive = an_archive(tmp_path, index="memory:")
    archive.capture(
        an_observation("1", TRANSITORY, author="staff"),
        an_observation("2", TRANSITORY, author="miller"),
        an_observation("3", TRANSITORY, author="staff"),
        an_observation("4", TRANSITORY),
    )
    return archive


def miller(archive: Archive) -> list[str]:
    return finding.authors_called(archive.office.account, "Miller")


def a_scope(archive: Archive, *names: str) -> dict[str, object]:
    """Give what the criteria *names* are called for `issue_hold`."""
    known = {
        "author": lambda: {"authors": miller(archive)},
        "day": lambda: THAT_DAY,
        "open end": lambda: {"since": LATER},
        "page": lambda: {"pages": [archive.office.id_of(archive.page)]},
        "words": lambda: {"query": "author:miller"},
    }
    return {key: value for name in names for key, value in known[name]().items()}


def edit(archive: Archive, native_id: str = "1", **rest: object) -> None:
    archive.clock.forward(days=1)
    archive.capture(an_observation(native_id, EDITED, **rest))


def checked(archive: Archive) -> Verdict:
    office = archive.office
    return verify(office.account, office.objects, office.index, share_read=1)


def whole(archive: Archive) -> bool:
    found = checked(archive)
    return not (found.damaged or found.missing or found.edited or found.uncovered)


SCOPES = [
    ("author",),
    ("day",),
    ("open end",),
    ("author", "day"),
    ("author", "page"),
    ("page", "day"),
    ("author", "page", "day", "words"),
]


@pytest.mark.parametrize("names", SCOPES, ids="+".join)
def test_a_standing_hold_binds_what_an_edit_brings_within_it(archive, names):
    archive.issue_hold(**a_scope(archive, *names))
    assert not archive.held_by("1")

    edit(archive, author="miller", at=LATER)
    edit(archive, "3", author="jones")
    assert (archive.held_by("1"), archive.held_by("3")) == (["H-0001"], [])
    assert whole(archive)

    with archive.office.catalogue.writing_raw() as connection:
        connection.execute(delete(tables.coverage))
    for native_id in "13":
        archive.decide(native_id, "DEMO-100", tag=Tag.TRANSITORY)
    archive.let_pass(days=600)
    archive.purge()
    assert [archive.item(n).life for n in "13"] == ["live", "destroyed"], "the scope alone binds"


@pytest.mark.parametrize("names", SCOPES, ids="+".join)
def test_a_hold_issued_after_the_edit_covers_no_more_than_the_one_before(archive, names):
    archive.issue_hold(**a_scope(archive, *names))
    edit(archive, author="miller", at=LATER)
    edit(archive, "2", author="jones", at=LATER)
    edit(archive, "4", author="miller")

    archive.issue_hold(**a_scope(archive, *names))

    held = {n: archive.held_by(n) for n in "1234"}
    assert all(names in ([], ["H-0001", "H-0002"]) for names in held.values()), held
    assert held["1"]
    assert not held["3"]


def test_an_older_version_that_comes_to_light_late_is_asked_as_well(archive):
    archive.issue_hold(authors=miller(archive))

    archive.capture(an_observation("3", "An older text", current=False, author="miller"))

    assert archive.held_by("3")
    assert whole(archive)


def test_an_edit_that_takes_an_item_out_of_a_hold_lets_nothing_go(archive):
    archive.issue_hold(**a_scope(archive, "author"))

    edit(archive, "2", author="staff")

    assert archive.held_by("2")


def test_a_name_that_only_a_later_version_bears_is_its_own_authors_alone(archive):
    edit(archive, author="miller")

    assert archive.item("2").author in miller(archive)
    assert archive.item("1").author not in miller(archive)


def test_a_hold_around_another_grows_by_the_author_of_an_edit(archive):
    archive.capture(
        a_comment("5", "a zebra", on="1", author="ann"),
        a_comment("6", "no such animal", on="3", author="bob"),
        a_comment("7", "hello", on="3", author="cem"),
    )
    archive.clock.forward(days=1)
    archive.capture(a_comment("7", "hello, all", on="3", author="bob"))
    archive.issue_hold(query="zebra")
    authors = frozenset({Neighbours.AUTHORS})
    account, person = archive.office.account, archive.person
    surrounding.take_in(account, person, "H-0001", authors, review_days=9)
    assert [archive.held_by(n) for n in "567"] == [["H-0001", "H-0002"], [], []]

    archive.clock.forward(days=1)
    archive.capture(a_comment("5", "a zebra, I said", on="1", author="bob"))

    assert archive.held_by("6") == archive.held_by("7") == ["H-0002"]
    before = dumped(archive)
    lose_the_catalogue(archive)
    rebuilt(archive)
    archive.reopen()
    check_the_same(before, dumped(archive))


@pytest.mark.parametrize("lifted", [False, True])
def test_a_rebuild_finds_the_same_bound_by_every_version(archive, lifted):
    archive.issue_hold(**a_scope(archive, "author", "day"))
    archive.issue_hold(**a_scope(archive, "author"))
    edit(archive, author="miller", at=LATER)
    archive.let_pass(days=1)
    if lifted:
        archive.lift_hold("H-0001")
        archive.lift_hold("H-0002")
    archive.let_pass(days=1)
    edit(archive, "3", author="miller", at=LATER)
    before = dumped(archive)
    assert len(before["bylines"]) == 2
    assert len(before["coverage"]) == (3 if lifted else 5)

    lose_the_catalogue(archive)
    rebuilt(archive)
    archive.reopen()

    check_the_same(before, dumped(archive))
    assert whole(archive)


def test_nothing_of_a_byline_stays_with_a_tombstone(archive):
    edit(archive, author="miller", at=LATER)
    archive.decide("1", "DEMO-100", tag=Tag.TRANSITORY)
    archive.let_pass(days=600)
    archive.purge()

    assert archive.item("1").life == "destroyed"
    assert not invariants.rows(archive, "SELECT * FROM bylines")
    assert whole(archive)


LOST = [
    delete(tables.bylines),
    update(tables.bylines).values(author="somebody"),
    update(tables.bylines).values(published_at=7),
    insert(tables.bylines).values(
        item_n=3, number=1, author="somebody", published_at=7, at=7, paper="", seal=""
    ),
]


@pytest.mark.parametrize("edited", LOST, ids=["lost", "author", "day", "added"])
def test_a_byline_edited_behind_us_is_named(archive, edited):
    edit(archive, author="miller", at=LATER)
    assert whole(archive)

    with archive.office.catalogue.writing_raw() as connection:
        connection.execute(edited)

    assert "its bylines are not those of its versions" in str(checked(archive).edited)


def test_the_report_of_a_hold_still_counts_what_was_destroyed_before_it(archive):
    archive.decide("2", "DEMO-100", tag=Tag.TRANSITORY)
    archive.let_pass(days=600)
    archive.purge()
    archive.issue_hold(authors=[archive.item("1").author])

    assert hold_report.report(archive.office.account, "H-0001").gone
