"""A hold by a person's name binds whoever comes to bear it, from the capture that says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from archiver.catalogue import holds as rows
from archiver.procedures import hold, hold_report, lifting, surrounding
from archiver.procedures.called import word_for
from archiver.procedures.taken_in import taken_in
from archiver.procedures.verify_deciding import deciding_edited
from archiver.records.captures import Observation
from archiver.records.classification import Tag
from archiver.records.holds import Hold, HoldStatus, Neighbours, Scope
from archiver.records.items import Author, ItemKind
from archiver.records.matters import MatterKind, NewMatter
from archiver.records.people import Role
from tests.archive import (
    FOUNDED_AT,
    LETTER,
    TRANSITORY,
    Archive,
    a_colleague,
    an_archive,
    an_observation,
)
from tests.procedures.court import everything_under
from tests.procedures.test_late_edits import whole
from tests.procedures.test_rebuild import check_the_same, dumped, lose_the_catalogue, rebuilt
from tests.proofs import invariants

JANE = Author("77", name="Jane Doe", handle="jdoe")
BOB = Author("5", name="Bob", handle="bob5")
ANOTHER = Author("91", name="JANE doe", handle="@other")
BY_HANDLE = Author("92", name="Somebody", handle="@jane DOE")
BOB_AS_JANE = replace(BOB, name="Jane Doe")


def by(
    author: Author, native_id: str, text: str = TRANSITORY, *, on: str = "0", **rest: object
) -> Observation:
    seen = an_observation(native_id, text, kind=ItemKind.COMMENT, parent=on, **rest)
    return replace(seen, content=replace(seen.content, author=author))


@pytest.fixture
def archive(tmp_path) -> Archive:
    archive = an_archive(tmp_path, index="memory:")
    archive.capture(an_observation("0"), by(JANE, "1"), by(BOB, "2"), by(BOB, "3"))
    return archive


def held(archive: Archive, *native_ids: str) -> dict[str, list[str]]:
    return {n: archive.held_by(n) for n in native_ids}


def stored(archive: Archive, name: str = "H-0001") -> set[int]:
    with archive.office.catalogue.reading() as connection:
        (row,) = rows.by_name(connection, name)
        return set(rows.covered_slice(connection, row.n, after=0, limit=99))


def growths(archive: Archive) -> int:
    return len(invariants.rows(archive, "SELECT * FROM growths"))


@pytest.mark.parametrize("another", [ANOTHER, BY_HANDLE], ids=["name", "handle"])
def test_who_bears_the_name_later_is_bound_in_the_capture_that_says_so(archive, another):
    archive.issue_hold(called=["Jane Doe"])

    archive.capture(by(another, "4"), by(BOB, "5"))
    archive.capture(by(replace(another, name="Changed", handle=""), "6"))

    assert held(archive, "1", "2", "4", "5", "6") == {
        "1": ["H-0001"], "2": [], "4": ["H-0001"], "5": [], "6": ["H-0001"]
    }  # fmt: skip
    assert stored(archive) == {archive.item(n).n for n in "146"}
    assert growths(archive) == 1
    assert whole(archive)
    assert invariants.faults_of(archive) == []


@pytest.mark.parametrize("edited", [True, False], ids=["with an edit", "alone"])
def test_who_is_renamed_so_brings_in_all_that_they_wrote(archive, edited):
    archive.issue_hold(called=["Jane Doe"])

    archive.capture(by(BOB_AS_JANE, "2", "now edited" if edited else TRANSITORY))

    assert held(archive, "2", "3") == {"2": ["H-0001"], "3": ["H-0001"]}
    assert stored(archive) == {archive.item(n).n for n in "123"}
    for n in "23":
        archive.decide(n, "DEMO-100", tag=Tag.TRANSITORY)
    archive.let_pass(days=600)
    archive.purge()
    assert [archive.item(n).life for n in "23"] == ["live", "live"]


def test_a_hold_by_ids_or_without_authors_takes_nobody_in(archive):
    archive.issue_hold(authors=[archive.item("1").author])
    archive.issue_hold(since=FOUNDED_AT + timedelta(days=5))

    archive.capture(by(ANOTHER, "4"), by(BOB_AS_JANE, "5"))

    assert held(archive, "2", "3", "4", "5") == {n: [] for n in "2345"}
    assert not growths(archive)


def test_the_other_bounds_of_the_hold_bind_namesakes_too(archive):
    later = FOUNDED_AT + timedelta(days=9)
    archive.issue_hold(called=["Jane Doe"], since=later)

    archive.capture(by(BOB_AS_JANE, "4", at=later), by(ANOTHER, "5", at=later), by(ANOTHER, "6"))

    assert held(archive, *"23456") == {"2": [], "3": [], "4": ["H-0001"], "5": ["H-0001"], "6": []}
    assert whole(archive)


def test_a_narrowing_by_name_keeps_who_bears_it_later(archive):
    archive.issue_hold(called=["Jane Doe", "Bob"])
    archive.narrow_hold("H-0001", called=["Jane Doe"])
    assert held(archive, *"123") == {"1": ["H-0001"], "2": [], "3": []}

    archive.capture(by(Author("8", name="Bob", handle="jane doe"), "4"))
    archive.capture(by(Author("9", name="Bob"), "5"), by(ANOTHER, "6"))

    assert held(archive, *"2456") == {"2": [], "4": ["H-0001"], "5": [], "6": ["H-0001"]}
    assert stored(archive) == {archive.item(n).n for n in "146"}
    assert whole(archive)


def test_who_bears_both_the_name_of_a_hold_and_that_of_its_narrowing_is_bound(archive):
    archive.issue_hold(called=["Jane Doe"])
    archive.narrow_hold("H-0001", called=["Bob"])
    assert held(archive, *"123") == {"1": [], "2": [], "3": []}

    archive.capture(by(replace(BOB, handle="jane doe"), "4"), by(ANOTHER, "5"))

    assert held(archive, *"12345") == {n: ["H-0001"] if n in "234" else [] for n in "12345"}
    assert stored(archive) == {archive.item(n).n for n in "234"}


def test_a_narrowing_to_names_gives_the_others_none(archive):
    archive.issue_hold(pages=[archive.office.id_of(archive.page)])
    archive.narrow_hold("H-0001", called=["Jane Doe"])

    archive.capture(by(ANOTHER, "4"), by(BOB, "5"))

    assert held(archive, *"045") == {"0": [], "4": ["H-0001"], "5": []}


def test_who_came_between_the_look_for_the_name_and_the_hold_is_bound(archive):
    scope = archive.scope(called=["Jane Doe"])
    archive.capture(by(ANOTHER, "4"))

    hold.issue(
        archive.office.account,
        archive.person,
        matter=NewMatter(name="Doe", kind=MatterKind.LITIGATION),
        reason="r",
        scope=scope,
    )

    assert archive.held_by("4") == ["H-0001"]
    assert growths(archive) == 1


def test_who_came_between_the_look_for_the_name_and_the_narrowing_does_not_leave(archive):
    archive.issue_hold(pages=[archive.office.id_of(archive.page)])
    scope = archive.scope(called=["Jane Doe"])
    archive.capture(by(ANOTHER, "4"))

    lifting.narrow(
        archive.office.account,
        archive.office.sign_in(),
        "H-0001",
        reason="r",
        authority=LETTER,
        scope=scope,
        cool_down_days=0,
    )

    assert held(archive, "2", "4") == {"2": [], "4": ["H-0001"]}
    assert whole(archive)


def test_a_hold_around_one_by_name_grows_with_it(archive):
    archive.issue_hold(called=["Jane Doe"])
    account, threads = archive.office.account, frozenset({Neighbours.THREADS})
    surrounding.take_in(account, archive.person, "H-0001", threads, review_days=9)

    archive.capture(
        an_observation("10", TRANSITORY),
        by(ANOTHER, "11", on="10"),
    )

    assert held(archive, "10", "11") == {"10": ["H-0002"], "11": ["H-0001", "H-0002"]}
    assert whole(archive)


@pytest.mark.parametrize("lifted", [False, True])
def test_a_rebuild_finds_the_same_people(archive, lifted):
    archive.issue_hold(called=["Jane Doe"])
    archive.capture(by(ANOTHER, "4"), by(BOB_AS_JANE, "2"))
    if lifted:
        archive.let_pass(days=1)
        archive.lift_hold("H-0001")
        archive.let_pass(days=1)
    archive.capture(by(BY_HANDLE, "5"))
    before, report = dumped(archive), hold_report.report(archive.office.account, "H-0001")
    assert len(before["coverage"]) == (4 if lifted else 5)
    assert len(report.growths) == (1 if lifted else 2)

    lose_the_catalogue(archive)
    rebuilt(archive)
    archive.reopen()

    check_the_same(before, dumped(archive))
    again = hold_report.report(archive.office.account, "H-0001")
    assert (again.row.hold, again.growths) == (report.row.hold, report.growths)
    assert whole(archive)


def test_a_growth_by_name_edited_behind_us_is_named(archive):
    archive.issue_hold(called=["Jane Doe"])
    archive.capture(by(ANOTHER, "4"))
    assert not deciding_edited(archive.office.account)

    with archive.office.catalogue.writing_raw() as connection:
        connection.exec_driver_sql("DELETE FROM growths")

    assert deciding_edited(archive.office.account)


def test_no_row_paper_or_entry_of_the_hold_says_the_name(archive):
    archive.capture(by(Author("7", name="Qzwxname"), "9"))
    archive.issue_hold(called=["qzwxname"])
    archive.capture(by(Author("8", name="qzwxNAME"), "8"))

    with archive.office.catalogue.reading() as connection:
        (row,) = rows.by_name(connection, "H-0001")
    every = everything_under(archive.folder)
    papers = {path.parent.name: str(data) for path, data in every}
    told = [papers["hold"], papers["growth"], papers["hold-bound"], str(dumped(archive)["holds"])]

    assert row.hold.scope.called == {word_for(archive.office.keys.archive, "Qzwxname")}
    assert not [one for one in told if "qzwxname" in one.lower()]


def test_whom_it_takes_in_is_told_by_the_name_that_may_be_seen(archive):
    archive.issue_hold(called=["Jane Doe"])
    archive.capture(
        by(ANOTHER, "4"),
        by(replace(BOB, name="Jane Doe"), "5", restricted=True),
        by(Author("93", name="jane doe"), "6", restricted=True),
    )
    account = archive.office.account
    clerk = a_colleague(archive, Role.CLERK)
    with account.catalogue.reading() as connection:
        whom = rows.by_name(connection, "H-0001")[0].hold.whom

    everybody = taken_in(account, archive.person, whom)
    seen = taken_in(account, clerk, whom)

    assert len(whom.authors) == 5, "one is what the platform itself would know as the name"
    assert {one.shown and one.shown.native_id for one in everybody} == {"77", "5", "91", None}
    assert {one.shown and one.shown.name for one in seen} == {"Jane Doe", "JANE doe"}


def test_a_hold_by_names_alone_is_bound_by_the_database():
    assert JOINING.grows_alone
    assert not replace(JOINING, published_from=1).grows_alone


def a_hold(scope: Scope, *narrowed: Scope) -> Hold:
    return Hold(
        id="H-0001",
        matter="M-0001",
        reason="",
        scope=scope,
        status=HoldStatus.ACTIVE,
        narrowed=narrowed,
    )


JOINING = Scope(authors=frozenset({"new"}), called=frozenset({"a name"}))


@pytest.mark.parametrize(
    ("scope", "joins"),
    [
        (Scope(authors=frozenset({"x"}), called=frozenset({"a name", "another"})), True),
        (Scope(authors=frozenset({"x"}), called=frozenset({"another"})), False),
        (Scope(authors=frozenset({"x"})), False),
        (Scope(called=frozenset({"a name"})), False),
        (Scope(), False),
    ],
)
def test_namesakes_join_the_scopes_that_ask_for_their_name_and_name_somebody(scope, joins):
    assert a_hold(scope).lacks("new", "a name") is joins
    assert not a_hold(scope).lacks("x", "a name")

    as_first = a_hold(scope).grown_by(JOINING)
    as_narrowing = a_hold(Scope(), scope).grown_by(JOINING)

    after = replace(scope, authors=scope.authors | {"new"}) if joins else scope
    assert (as_first.scope, as_narrowing.narrowed) == (after, (after,))
