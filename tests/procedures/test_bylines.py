"""What a platform changes alone of by whom, or on which day, it shows an item as published."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from archiver.catalogue import tables
from archiver.procedures import requests
from archiver.procedures.verify_deciding import deciding_edited
from archiver.records.captures import Observation
from archiver.records.classification import Tag
from archiver.records.items import Author, ItemKind
from archiver.records.requests import RequestKind
from tests.archive import FOUNDED_AT, TRANSITORY, Archive, an_archive, an_observation
from tests.procedures.test_late_edits import checked, whole
from tests.procedures.test_rebuild import check_the_same, dumped, lose_the_catalogue, rebuilt
from tests.proofs import invariants

DAY = timedelta(days=1)
LATER = FOUNDED_AT + 200 * DAY
EARLIER = FOUNDED_AT - 200 * DAY


@pytest.fixture
def archive(tmp_path) -> Archive:
    archive = an_archive(tmp_path, index="memory:")
    archive.capture(
        an_observation("1", TRANSITORY, author="staff"), an_observation("2", TRANSITORY)
    )
    return archive


def shown(archive: Archive, native_id: str = "1", **rest: object) -> None:
    """Have the platform show an item as it was but for what *rest* says."""
    archive.clock.forward(days=1)
    archive.capture(an_observation(native_id, TRANSITORY, **({"author": "staff"} | rest)))


def bylines(archive: Archive) -> list[dict]:
    return [dict(row) for row in invariants.rows(archive, "SELECT * FROM bylines ORDER BY number")]


def entered(archive: Archive) -> int:
    return len([leaf for leaf in invariants.told(archive) if leaf["k"] == "item.bylined"])


def on(day: datetime) -> dict[str, object]:
    return {"since": day, "until": day + DAY}


HOLDS = {
    "that day": lambda _archive: on(LATER),
    "open end": lambda _archive: {"since": LATER},
    "page": lambda archive: on(LATER) | {"pages": [archive.office.id_of(archive.page)]},
    "words": lambda _archive: on(LATER) | {"query": "happy OR friday OR a"},
    "search": lambda _archive: {"query": f"from:{LATER.date()} to:{LATER.date()}"},
}


@pytest.mark.parametrize("criteria", HOLDS.values(), ids=HOLDS)
def test_an_item_that_moves_into_a_held_day_is_held(archive, criteria):
    archive.issue_hold(**criteria(archive))
    assert not archive.held_by("1")

    shown(archive, at=LATER)
    archive.issue_hold(**criteria(archive))

    assert (archive.held_by("1"), archive.held_by("2")) == (["H-0001", "H-0002"], [])
    assert archive.item("1").version == 1
    assert whole(archive)
    with archive.office.catalogue.writing_raw() as connection:
        connection.execute(delete(tables.coverage))
    assert "H-0001 covers it" in str(checked(archive).uncovered)
    for native_id in "12":
        archive.decide(native_id, "DEMO-100", tag=Tag.TRANSITORY)
    archive.let_pass(days=800)
    archive.purge()
    assert [archive.item(n).life for n in "12"] == ["live", "destroyed"], "the scope alone binds"


def test_a_day_that_a_request_froze_binds_it_too(archive):
    requests.open_request(
        archive.office.account,
        archive.person,
        requests.NewRequest(
            number="PRA-1", kind=RequestKind.CPRA, received_on=FOUNDED_AT.date(), about="a street"
        ),
        archive.scope(**on(LATER)),
        review_days=180,
    )

    shown(archive, at=LATER)

    assert archive.held_by("1")


@pytest.mark.parametrize(
    ("moments", "kept"),
    [
        ([FOUNDED_AT], 0),
        ([FOUNDED_AT + timedelta(minutes=1)], 0),
        ([LATER], 1),
        ([LATER, LATER + timedelta(minutes=1), FOUNDED_AT, LATER], 1),
        ([LATER, EARLIER, LATER + DAY, EARLIER], 3),
    ],
)
def test_each_day_is_told_once_and_makes_no_version(archive, moments, kept):
    for at in moments:
        shown(archive, at=at)

    assert (len(bylines(archive)), entered(archive)) == (kept, kept)
    assert [row["number"] for row in bylines(archive)] == sorted(-n for n in range(kept))
    assert len(archive.objects("1")) == 1 + kept
    assert archive.item("1").version == 1
    assert archive.item("1").published_at == archive.item("2").published_at
    assert whole(archive)
    assert invariants.faults_of(archive) == []


def test_one_visit_that_tells_a_day_twice_tells_it_once(archive):
    days = [LATER, LATER + timedelta(minutes=1), EARLIER]
    archive.capture(*(an_observation("1", TRANSITORY, author="staff", at=at) for at in days))
    archive.capture(*(an_observation("9", TRANSITORY, at=at) for at in (FOUNDED_AT, *days)))

    assert len(bylines(archive)) == 4
    assert archive.item("9").published_at == archive.item("2").published_at
    assert whole(archive)


@pytest.mark.parametrize(
    "undated",
    [{"kind": ItemKind.PROFILE}, {"marks": ("date-from-answer",)}, {"marks": ("date-of-update",)}],
)
def test_what_the_platform_does_not_date_itself_moves_nowhere(archive, undated):
    def seen(at: datetime) -> Observation:
        one = an_observation("3", TRANSITORY, at=at)
        return replace(one, content=replace(one.content, **undated))

    archive.capture(seen(FOUNDED_AT))
    archive.clock.forward(days=1)
    archive.capture(seen(LATER))

    assert not bylines(archive)


def test_a_version_that_tells_the_day_itself_needs_no_byline_besides(archive):
    archive.capture(an_observation("1", "other words", author="staff", at=LATER))
    archive.capture(an_observation("1", "other words", author="staff", at=LATER))

    assert [row["number"] for row in bylines(archive)] == [2]
    assert not entered(archive)


def test_another_author_alone_is_told_and_held(archive):
    archive.issue_hold(authors=[archive.office.keys.archive.author("scripted", "miller")])
    archive.issue_hold(called=["staff"])

    shown(archive, "2", author="miller")
    shown(archive, "2", author="")

    assert archive.held_by("2") == ["H-0001"]
    assert len(bylines(archive)) == 1
    assert whole(archive)


def test_who_is_known_by_their_name_alone_and_takes_a_held_one_is_bound(archive):
    def by(name: str) -> Observation:
        one = an_observation("3", TRANSITORY)
        return replace(one, content=replace(one.content, author=Author("", name=name)))

    archive.capture(by("Bob"))
    archive.issue_hold(called=["staff"])
    archive.clock.forward(days=1)

    archive.capture(by("STAFF"))

    assert archive.held_by("3") == ["H-0001"]
    assert whole(archive)


def test_a_byline_is_activity_of_the_thread_and_the_clock_starts_where_it_did(archive):
    before = dumped(archive)["threads"]

    shown(archive, at=EARLIER)

    moved = [row for row in dumped(archive)["threads"] if row not in before]
    assert [row["last_activity"] for row in moved] == [bylines(archive)[0]["at"]]
    assert not deciding_edited(archive.office.account)


@pytest.mark.parametrize("lifted", [False, True])
def test_a_rebuild_finds_the_same(archive, lifted):
    archive.issue_hold(**on(LATER))
    archive.issue_hold(query=f"from:{LATER.date()}")
    shown(archive, at=LATER)
    shown(archive, at=EARLIER, author="miller")
    if lifted:
        archive.let_pass(days=1)
        archive.lift_hold("H-0001")
        archive.lift_hold("H-0002")
        archive.let_pass(days=1)
    shown(archive, "2", at=LATER, author="")
    before = dumped(archive)
    assert (len(before["bylines"]), len(before["coverage"])) == (3, 2 if lifted else 4)

    lose_the_catalogue(archive)
    rebuilt(archive)
    archive.reopen()

    check_the_same(before, dumped(archive))
    assert whole(archive)


def test_nothing_of_it_stays_with_a_tombstone(archive):
    shown(archive, at=LATER)
    archive.decide("1", "DEMO-100", tag=Tag.TRANSITORY)
    archive.let_pass(days=800)
    archive.purge()

    assert archive.item("1").life == "destroyed"
    assert not bylines(archive)
    assert not archive.objects("1")
    assert whole(archive)


EDITS = [
    delete(tables.bylines),
    update(tables.bylines).values(author="somebody"),
    update(tables.bylines).values(published_at=7),
    update(tables.bylines).values(at=7),
    update(tables.bylines).values(paper=""),
    update(tables.bylines).values(number=-5),
    insert(tables.bylines).from_select(
        [column.name for column in tables.bylines.columns],
        select(2, *[column for column in tables.bylines.columns if column.name != "item_n"]),
    ),
]


@pytest.mark.parametrize("edited", EDITS)
def test_one_edited_behind_us_is_named(archive, edited):
    shown(archive, at=LATER)
    assert whole(archive)

    with archive.office.catalogue.writing_raw() as connection:
        connection.execute(edited)

    assert not whole(archive)


def test_its_paper_says_no_name(archive):
    shown(archive, at=LATER, author="miller")

    (paper,) = [ref for ref in archive.objects("1") if ref.slot == "byline"]

    assert b"iller" not in archive.office.objects.read(paper)
