"""A hold around another grows with it: in the capture's own transaction, and after a rebuild."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archiver.catalogue import holds as rows
from archiver.jobs.work import look_around
from archiver.procedures import growing, growth_warnings, hold, surrounding
from archiver.procedures.hold_report import report
from archiver.procedures.verify_deciding import deciding_edited
from archiver.records.errors import NotPermitted
from archiver.records.holds import Neighbours, Scope
from archiver.records.people import Role
from tests.archive import FOUNDED_AT, Archive, a_colleague, a_comment, an_archive, an_observation
from tests.procedures.test_rebuild import check_the_same, dumped, lose_the_catalogue, rebuilt
from tests.proofs import invariants

BOTH = frozenset(Neighbours)
THREADS = frozenset({Neighbours.THREADS})


@pytest.fixture
def archive(tmp_path) -> Archive:
    archive = an_archive(tmp_path, index="memory:")
    archive.capture(
        an_observation("1", "a post"),
        a_comment("2", "a zebra", on="1", author="ann"),
        a_comment("3", "no such animal", on="1", author="bob"),
        an_observation("5", "another post"),
        a_comment("6", "nothing yet", on="5", author="cem"),
        an_observation("7", "a third post"),
        a_comment("8", "hello", on="7", author="cem"),
        a_comment("9", "hello, too", on="7", author="ann"),
    )
    return archive


def around_zebras(archive: Archive, kinds=BOTH) -> None:
    archive.issue_hold(query="zebra")
    surrounding.take_in(archive.office.account, archive.person, "H-0001", kinds, review_days=9)


def covered(archive: Archive, name: str = "H-0002") -> set[str]:
    """Give what the rows of coverage say, which is what is counted and what the store is told."""
    with archive.office.catalogue.reading() as connection:
        (row,) = rows.by_name(connection, name)
        numbers = rows.covered_slice(connection, row.n, after=0, limit=99)
    return {n for n in NATIVE if archive.item(n).n in numbers}


NATIVE = [str(n) for n in range(1, 10) if n != 4]


def grown(archive: Archive) -> list[dict]:
    return invariants.rows(archive, "SELECT * FROM growths")


@pytest.mark.parametrize(
    ("kinds", "first", "then"),
    [
        (BOTH, set("1239"), set("1235689")),
        (THREADS, set("123"), set("12356")),
        ({Neighbours.AUTHORS}, set("29"), set("2689")),
    ],
)
def test_what_the_inner_hold_covers_later_brings_its_thread_and_author_in(
    archive, kinds, first, then
):
    around_zebras(archive, frozenset(kinds))
    assert covered(archive) == first

    archive.capture(a_comment("6", "now with a zebra", on="5", author="cem"))

    assert covered(archive, "H-0001") == {"2", "6"}
    assert covered(archive) == then
    assert {n for n in NATIVE if "H-0002" in archive.held_by(n)} == then
    assert len(grown(archive)) == 1
    assert invariants.faults_of(archive) == []


def test_what_is_captured_later_in_a_thread_or_by_an_author_that_came_in_is_bound(archive):
    around_zebras(archive)
    archive.capture(a_comment("6", "now with a zebra", on="5", author="cem"))

    archive.capture(
        a_comment("10", "late", on="5", author="dan"),
        an_observation("11", "elsewhere"),
        a_comment("12", "late, too", on="11", author="cem"),
    )

    assert [archive.held_by(n) for n in ("10", "11", "12")] == [["H-0002"], [], ["H-0002"]]
    assert len(grown(archive)) == 1


def test_one_batch_that_brings_thread_author_and_word_binds_all_of_it(archive):
    around_zebras(archive)

    archive.capture(
        an_observation("10", "a new post"),
        a_comment("11", "hi", on="10", author="eve"),
        a_comment("12", "a zebra", on="10", author="eve"),
        a_comment("13", "hello again", on="7", author="eve"),
    )

    held = [archive.held_by(n) for n in ("10", "11", "12", "13")]
    assert held == [["H-0002"], ["H-0002"], ["H-0001", "H-0002"], ["H-0002"]]


def test_the_departments_own_post_brings_its_thread_and_not_its_author(archive):
    around_zebras(archive)

    archive.capture(an_observation("5", "a zebra of ours"))

    assert covered(archive) == set("123569")
    assert archive.item("5").own


def test_growth_comes_back_in_a_rebuild_and_goes_on(archive):
    around_zebras(archive)
    archive.capture(a_comment("6", "now with a zebra", on="5", author="cem"))
    before = dumped(archive)
    lose_the_catalogue(archive)

    rebuilt(archive)
    archive.reopen()

    check_the_same(before, dumped(archive))
    archive.capture(a_comment("10", "late", on="5", author="dan"))
    assert archive.held_by("10") == ["H-0002"]
    assert invariants.faults_of(archive) == []


def test_what_was_brought_in_stays_when_the_inner_hold_is_lifted_and_nothing_more_comes(archive):
    around_zebras(archive)
    archive.capture(a_comment("6", "now with a zebra", on="5", author="cem"))
    before = covered(archive)
    archive.lift_hold("H-0001")

    archive.capture(an_observation("7", "a zebra"))
    hold.finish(archive.office.account)

    assert covered(archive) == before
    archive.lift_hold("H-0002")
    assert [archive.held_by(n) for n in NATIVE] == [[]] * len(NATIVE)


def test_what_a_narrowing_let_go_is_not_brought_back_by_growth(archive):
    around_zebras(archive)
    archive.narrow_hold("H-0002", since=FOUNDED_AT - timedelta(days=1), query="zebra OR hello")

    archive.capture(a_comment("6", "now with a zebra", on="5", author="cem"))

    assert covered(archive) == {"2", "6", "8", "9"}
    assert invariants.faults_of(archive) == []


def test_a_hold_that_lacks_what_lies_around_the_one_it_follows_is_given_it_by_night(archive):
    account, person = archive.office.account, archive.person
    archive.issue_hold(query="zebra")
    bare = Scope(around="H-0001", kinds=BOTH)
    assert hold.widen(account, person, "H-0001", reason="r", scope=bare).covered == 0

    assert hold.finish(account) == 0

    assert covered(archive) == set("1239")
    assert not growing.catch_up(account, "H-0002")
    assert len(grown(archive)) == 1


def test_a_hold_around_one_that_covers_nothing_covers_nothing_yet(archive):
    archive.issue_hold(query="okapi")
    account = archive.office.account

    taken = surrounding.take_in(account, archive.person, "H-0001", BOTH, review_days=9)

    assert (taken.covered, covered(archive)) == (0, set())
    archive.capture(a_comment("6", "an okapi", on="5", author="cem"))
    assert covered(archive) == {"5", "6", "8"}


@pytest.mark.parametrize(
    "edit",
    [
        "DELETE FROM growths",
        "UPDATE growths SET scope = replace(scope, '\"threads\"', '\"without\"')",
        "UPDATE growths SET hold_n = 1",
    ],
)
def test_a_growth_that_was_edited_behind_us_is_named_before_anything_goes(archive, edit):
    around_zebras(archive)
    archive.capture(a_comment("6", "now with a zebra", on="5", author="cem"))
    assert deciding_edited(archive.office.account) == []

    with archive.office.catalogue.writing() as desk:
        desk.connection.exec_driver_sql(edit)

    assert deciding_edited(archive.office.account)


def test_how_many_a_hold_would_bind_is_counted_without_and_with_what_lies_around(archive):
    account, person = archive.office.account, archive.person
    scope = archive.scope(query="zebra")

    counts = [surrounding.count(account, person, scope, k) for k in (frozenset(), THREADS, BOTH)]

    assert [(c.without, c.around) for c in counts] == [(1, 1), (1, 3), (1, 4)]
    assert invariants.rows(archive, "SELECT * FROM holds") == []
    archive.issue_hold(query="zebra")
    of_held = surrounding.count_around(account, "H-0001", BOTH)
    assert (of_held.without, of_held.around) == (1, 4)
    with pytest.raises(NotPermitted):
        surrounding.count(account, a_colleague(archive, Role.AUDITOR), scope, BOTH)


def test_a_hold_around_one_that_grows_grows_with_it_in_the_same_transaction(archive):
    around_zebras(archive, frozenset({Neighbours.AUTHORS}))
    account, person = archive.office.account, archive.person
    surrounding.take_in(account, person, "H-0002", THREADS, review_days=9)
    assert (covered(archive), covered(archive, "H-0003")) == (set("29"), set("123789"))

    archive.capture(a_comment("6", "now with a zebra", on="5", author="cem"))

    assert covered(archive) == set("2689")
    assert covered(archive, "H-0003") == set(NATIVE)
    assert [(row["hold_n"], row["bound"]) for row in grown(archive)] == [(2, 2), (3, 2)]
    assert not growing.catch_up(account, "H-0003")
    assert invariants.faults_of(archive) == []


def test_what_an_author_wrote_before_is_looked_at_again_and_its_store_told(archive):
    around_zebras(archive, frozenset({Neighbours.AUTHORS}))
    assert archive.plan().due == 0
    with archive.office.catalogue.writing() as desk:
        desk.connection.exec_driver_sql("UPDATE threads SET look_on = 9999999, ripe_on = 9999999")
        for n in ("8", "9"):
            lock = "INSERT INTO object_locks VALUES ({}, '', 0, '', {}, NULL, NULL, 9999999)"
            flag = desk.connection.dialect.name == "postgresql"
            row = lock.format(archive.item(n).n, "false" if flag else 0)
            desk.connection.exec_driver_sql(row)

    archive.capture(a_comment("6", "now with a zebra", on="5", author="cem"))

    looks = invariants.rows(archive, "SELECT thread, look_on FROM threads")
    found = {row["thread"] for row in looks if row["look_on"] < 9999999}
    assert found == {archive.item_id("5"), archive.item_id("7")}
    locks = invariants.rows(archive, "SELECT item_n, look_on FROM object_locks ORDER BY item_n")
    assert [row["look_on"] for row in locks] == [0, 9999999]
    assert [row["item_n"] for row in locks] == [archive.item(n).n for n in ("8", "9")]


def test_growth_is_told_in_the_report_and_warned_of_until_somebody_reviewed_the_hold(
    archive, monkeypatch
):
    monkeypatch.setattr(growth_warnings, "MANY", 3)
    account = archive.office.account
    around_zebras(archive)
    archive.capture(a_comment("4", "a zebra here", on="1", author="fay"))
    assert [one.bound for one in report(account, "H-0002").growths] == [0]
    assert warned(archive) == []

    archive.capture(a_comment("6", "now with a zebra", on="5", author="cem"))

    assert warned(archive) == ["H-0002 has grown by 3 items"]
    archive.clock.forward(days=1)
    hold.review(account, archive.person, "H-0002", reason="it is right", days=9)
    assert warned(archive) == []
    archive.clock.forward(days=1)
    new = [a_comment(str(n), "nothing", on="10", author="dan") for n in (11, 12, 13)]
    archive.capture(an_observation("10", "new"), *new)
    archive.capture(a_comment("14", "a zebra", on="10", author="eve"))
    assert warned(archive) == ["H-0002 has grown by 5 items"]
    archive.lift_hold("H-0002")
    assert warned(archive) == []


def warned(archive: Archive) -> list[str]:
    """Give what the status warns of growth, and see that it says what to do."""
    found = [one for one in look_around(archive.office).warnings if "grown" in one.what]
    assert all("holds review" in one.remedy for one in found)
    return [one.what.partition(" since")[0] for one in found]


def test_several_holds_that_grow_at_once_begin_the_transaction_again_but_once(archive):
    for word in ("zebra", "okapi"):
        archive.issue_hold(query=word)
    for inner in ("H-0001", "H-0002"):
        surrounding.take_in(archive.office.account, archive.person, inner, BOTH, review_days=9)
    begun = 0
    writing = archive.office.catalogue.writing

    def counted():
        nonlocal begun
        begun += 1
        return writing()

    archive.capture(index=False)
    vars(archive.office.catalogue)["writing"] = counted
    archive.capture(index=False)
    nothing_new, begun = begun, 0
    archive.capture(a_comment("6", "a zebra, an okapi", on="5", author="cem"), index=False)

    assert len(grown(archive)) == 2
    assert begun == nothing_new + 2
