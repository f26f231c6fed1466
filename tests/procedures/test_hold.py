"""Holds: they bind what they cover from their first moment, and let go only when lifted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from archiver.catalogue import holds as held_rows
from archiver.catalogue import items
from archiver.catalogue.items import BEGUN
from archiver.procedures import (
    evaluating,
    finding,
    hold,
    indexing,
    lifting,
    plan_sheets,
    planning,
    staying,
)
from archiver.procedures.papers import paper_of
from archiver.records.captures import Observation
from archiver.records.errors import DestructionBegun, NotFound, NotPermitted, UnderHold
from archiver.records.holds import HoldStatus, Scope
from archiver.records.items import Author
from archiver.records.matters import NewMatter
from archiver.records.people import Means, Person, Role, SignedIn
from tests.archive import (
    FOUNDED_AT,
    LETTER,
    TRANSITORY,
    Archive,
    a_colleague,
    a_comment,
    an_observation,
)
from tests.proofs import invariants
from tests.proofs.invariants import rows, told


def refusals(archive: Archive) -> list[str]:
    return [leaf["k"] for leaf in told(archive) if leaf["k"].endswith("refused")]


# --- what a hold covers -------------------------------------------------------------------------


JANE = Author("77", name="Jane Roe", handle="jroe")
NAMESAKE = Author("", name="Jane Roe")


def by(author: Author, native_id: str) -> Observation:
    seen = an_observation(native_id, TRANSITORY)
    return replace(seen, content=replace(seen.content, author=author))


@pytest.mark.parametrize(
    ("name", "covered"),
    [
        ("77", {"1"}),
        ("jroe", {"1"}),
        ("@JRoe", {"1"}),
        ("jane roe", {"1", "2"}),
        ("Jane Roe", {"1", "2", "4"}),
    ],
)
def test_a_hold_on_an_author_covers_whoever_has_that_id_handle_or_name(archive, name, covered):
    archive.capture(by(JANE, "1"), by(NAMESAKE, "2"), by(Author("78", name="Janet Roe"), "3"))

    archive.issue_hold(authors=finding.authors_called(archive.office.account, name))
    archive.capture(by(NAMESAKE, "4"))

    assert {n for n in "1234" if archive.held_by(n)} >= covered
    assert not archive.held_by("3")


def test_an_order_names_an_author_by_what_the_platform_knows_them_by_alone(archive):
    archive.capture(by(JANE, "1"), by(NAMESAKE, "2"))
    account = archive.office.account

    assert finding.author_ids(account, "77") == [archive.item("1").author]
    assert finding.author_ids(account, "Jane Roe") == [archive.item("2").author]
    for nobody in ("jroe", "", "@", "Janet"):
        with pytest.raises(NotFound):
            finding.author_ids(account, nobody)


@pytest.mark.parametrize("nobody", ["", " ", "@", "Jane", "Janet Roe"])
def test_nobody_is_held_by_a_name_that_nobody_has(archive, nobody):
    archive.capture(by(JANE, "1"), an_observation("2"))

    with pytest.raises(NotFound):
        finding.authors_called(archive.office.account, nobody)


def test_a_held_item_outlives_its_period_and_the_night_says_why(archive):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", TRANSITORY))
    archive.issue_hold("1")
    archive.let_pass(days=90)

    plan = archive.plan()
    receipt = archive.carry_out(plan)

    assert receipt.destroyed == 1
    assert archive.item("1").life == "live"
    assert list(plan.stayed) == [(archive.item_id("1"), ("held H-0001",))]
    assert [stayed for stayed, _ in archive.plan().stayed] == [archive.item_id("1")], "every night"


def test_all_that_stays_is_told_and_listed_part_by_part(archive, monkeypatch):
    monkeypatch.setattr(staying, "PART", 2)
    archive.capture(*(an_observation(n, TRANSITORY) for n in "12345"))
    archive.issue_hold(*"12345")
    archive.let_pass(days=90)

    plan = archive.plan()

    account = archive.office.account
    row = planning.named(account, plan.name)
    paper = paper_of(account, "plan", row.paper)
    stays = [(archive.item_id(n), ("held H-0001",)) for n in "12345"]
    assert [len(list(staying.stayed_in(account, [part]))) for part in paper["staying"]] == [2, 2, 1]
    assert (len(plan.stayed), list(plan.stayed)) == (5, stays)
    assert list(plan_sheets.stayed_of(account, row)) == stays


def test_a_held_comment_keeps_its_whole_thread(archive):
    archive.capture(an_observation("1", TRANSITORY), a_comment("2", TRANSITORY, on="1"))
    archive.issue_hold("2")
    archive.let_pass(days=90)

    assert archive.purge().destroyed == 0
    assert archive.held_by("1") == []


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        ({"query": "zebra"}, {"2"}),
        ({"authors": "ann"}, {"2", "3"}),
        ({"pages": True}, {"1", "2", "3"}),
        ({"since": timedelta(days=-4)}, {"1", "2"}),
        ({"until": timedelta(days=-4)}, {"3"}),
        ({"authors": "ann", "query": "zebra"}, {"2"}),
        ({"items": ("1",), "query": "zebra"}, {"1", "2"}),
        ({}, {"1", "2", "3"}),
    ],
)
def test_a_hold_covers_the_items_named_and_what_meets_every_other_criterion(
    archive, scope, covered
):
    keys = archive.office.keys.archive
    archive.capture(
        an_observation("1", "no such animal", at=FOUNDED_AT),
        an_observation("2", "a zebra", at=FOUNDED_AT - timedelta(days=4), author="ann"),
        an_observation("3", "an old post", at=FOUNDED_AT - timedelta(days=5), author="ann"),
    )
    criteria = {
        "query": scope.get("query"),
        "authors": [keys.author("scripted", scope["authors"])] if "authors" in scope else [],
        "pages": [keys.page("scripted", archive.page.identity)] if "pages" in scope else [],
        "since": FOUNDED_AT + scope["since"] if "since" in scope else None,
        "until": FOUNDED_AT + scope["until"] if "until" in scope else None,
    }

    issued = archive.issue_hold(*scope.get("items", ()), **criteria)

    assert {n for n in "123" if archive.held_by(n)} == covered
    assert issued.covered == len(covered)


def test_a_hold_covers_what_is_captured_later_and_what_is_edited_later(archive):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", TRANSITORY))
    archive.issue_hold(query="zebra")

    archive.capture(
        an_observation("1", "now with a zebra"), a_comment("3", "a zebra, late", on="2")
    )

    assert [archive.held_by(n) for n in "123"] == [["H-0001"], [], ["H-0001"]]


def test_a_hold_covers_an_item_whose_older_version_comes_to_light_with_its_words(archive):
    archive.capture(an_observation("1", TRANSITORY))
    archive.issue_hold(query="zebra")

    archive.capture(an_observation("1", "a zebra", current=False), an_observation("1", TRANSITORY))

    assert archive.held_by("1") == ["H-0001"]


def test_what_was_edited_away_is_still_covered(archive):
    archive.capture(an_observation("1", "a zebra"))
    archive.capture(an_observation("1", TRANSITORY))

    assert archive.issue_hold(query="zebra").covered == 1
    archive.capture(an_observation("1", "something else"))
    assert archive.held_by("1") == ["H-0001"]


def test_a_coverage_row_that_went_missing_frees_nothing(archive):
    archive.capture(an_observation("1", TRANSITORY))
    archive.issue_hold("1")
    with archive.office.catalogue.writing() as desk:
        desk.connection.exec_driver_sql("DELETE FROM coverage")
    archive.let_pass(days=90)

    assert archive.purge().destroyed == 0


def test_until_its_scope_is_evaluated_a_hold_covers_everything_within_its_bounds(archive):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", TRANSITORY))
    archive.issue_hold(query="zebra")
    _set_status(archive, HoldStatus.EVALUATING)
    archive.let_pass(days=90)
    assert archive.purge().destroyed == 0

    assert hold.finish(archive.office.account) == 1

    archive.capture()
    archive.clock.forward(days=1)
    with archive.office.catalogue.writing() as desk:
        items.look_at_all(desk.connection, archive.office.account.today().toordinal())
    assert archive.purge().destroyed == 2


def _set_status(archive: Archive, status: HoldStatus) -> None:
    with archive.office.catalogue.writing() as desk:
        desk.connection.exec_driver_sql(
            f"UPDATE holds SET status = '{status.value}', evaluated_to = 0"  # noqa: S608 - our word
        )


def test_a_hold_in_many_small_batches_covers_the_same(archive, monkeypatch):
    monkeypatch.setattr(evaluating, "BATCH", 2)
    archive.capture(*(an_observation(str(n), "a zebra") for n in range(7)))

    assert archive.issue_hold(query="zebra").covered == 7


# --- what is already going -----------------------------------------------------------------------


def test_a_hold_on_an_item_whose_destruction_has_begun_is_refused_by_name(archive):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", TRANSITORY))
    row = archive.item("1")
    key = archive.office.keys.archive
    with archive.office.catalogue.writing() as desk:
        begun = replace(row, life=BEGUN, batch_n=7).sealed(key)
        items.change(desk.connection, [begun])

    with pytest.raises(DestructionBegun, match=archive.item_id("1")[:12]):
        archive.issue_hold("1")

    assert rows(archive, "SELECT * FROM holds") == []
    assert refusals(archive) == ["hold.refused"]
    assert archive.issue_hold("2").covered == 1
    with archive.office.catalogue.writing() as desk:
        items.change(desk.connection, [row])


def test_a_hold_says_what_in_its_bounds_was_destroyed_before(archive):
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", TRANSITORY))
    archive.issue_hold("2")
    archive.let_pass(days=90)
    assert archive.purge().destroyed == 1

    issued = archive.issue_hold("1", "2")

    assert (issued.covered, issued.already_destroyed) == (1, 1)


# --- lifting, cooling down ------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "destroyed"), [(29, 0), (30, 1), (31, 1)])
def test_a_lifted_hold_leaves_its_items_a_cool_down(archive, days, destroyed):
    archive.capture(an_observation("1", TRANSITORY))
    archive.issue_hold("1")
    archive.let_pass(days=90)
    assert archive.lift_hold("H-0001", cool_down_days=30) == 1

    archive.clock.forward(days=days)
    archive.capture()

    assert archive.purge().destroyed == destroyed


def test_lifting_one_of_two_holds_frees_nothing(archive):
    archive.capture(an_observation("1", TRANSITORY))
    archive.issue_hold("1")
    archive.issue_hold(query="friday")
    archive.let_pass(days=90)

    archive.lift_hold("H-0001")

    assert archive.held_by("1") == ["H-0002"]
    assert archive.purge().destroyed == 0


def test_a_longer_cool_down_outlasts_a_shorter_one(archive):
    archive.capture(an_observation("1", TRANSITORY))
    for days in (30, 5):
        name = archive.issue_hold("1").hold
        archive.lift_hold(name, cool_down_days=days)

    first_day = archive.office.account.today() + timedelta(days=30)
    assert date.fromordinal(archive.item("1").cooling_until) == first_day


def test_a_hold_is_lifted_once(archive):
    archive.issue_hold(query="zebra")
    archive.lift_hold("H-0001")

    with pytest.raises(NotFound, match="lifted before"):
        archive.lift_hold("H-0001")
    with pytest.raises(NotFound, match="no hold H-0009"):
        archive.lift_hold("H-0009")


def test_extending_adds_and_takes_nothing_away(archive):
    archive.capture(an_observation("1"), an_observation("2"))
    archive.issue_hold("1")
    account, more = archive.office.account, Scope(items=frozenset({archive.item_id("2")}))

    issued = hold.widen(account, archive.person, "H-0001", reason="a second post", scope=more)

    assert (archive.held_by("1"), archive.held_by("2")) == (["H-0001"], [issued.hold])
    archive.lift_hold("H-0001")
    with pytest.raises(UnderHold, match="was lifted"):
        hold.widen(account, archive.person, "H-0001", reason="again", scope=more)


# --- who, and what is told ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "may_hold", "may_lift"),
    [
        (Role.CLERK, True, False),
        (Role.RECORDS_OFFICER, True, False),
        (Role.COUNSEL, True, True),
        (Role.ADMINISTRATOR, False, False),
    ],
)
def test_who_may_not_hold_or_lift_is_refused_and_the_attempt_is_entered(
    archive, role, may_hold, may_lift
):
    person = a_colleague(archive, role)
    archive.issue_hold(query="friday")

    assert _tried(lambda: _issue(archive, person)) is may_hold
    assert _tried(lambda: _lift(archive, person)) is may_lift

    refused = [leaf for leaf in told(archive) if leaf["k"] == "attempt.refused"]
    assert len(refused) == (not may_hold) + (not may_lift)
    assert all(leaf["by"] == person.id for leaf in refused)


def _tried(deed) -> bool:
    try:
        deed()
    except NotPermitted:
        return False
    return True


def _issue(archive: Archive, person: Person) -> None:
    hold.issue(
        archive.office.account, person, matter=NewMatter(name="m"), reason="r", scope=Scope()
    )


def _lift(archive: Archive, person: Person) -> None:
    lifting.lift(
        archive.office.account,
        SignedIn(person=person, means=Means.OS_ACCOUNT),
        "H-0001",
        reason="r",
        authority=LETTER,
        cool_down_days=0,
    )


def test_the_ledger_tells_of_a_hold_and_its_paper_tells_why(archive):
    archive.capture(an_observation("1"))
    archive.issue_hold("1", matter="Doe v. City", reason="letter of counsel")

    (leaf,) = [leaf for leaf in told(archive) if leaf["k"] == "hold.issued"]
    paper = archive.office.objects.fetch(f"papers/hold/{leaf['p']}.json")

    assert b"letter of counsel" in paper
    assert invariants.t2_the_ledger_tells_no_text(archive, "Doe", "letter") == []
    assert invariants.t1_the_copy_is_up_to_date(archive) == []


def test_a_hold_does_not_wait_for_the_index(archive):
    archive.capture(an_observation("1", "a zebra"), index=False)

    assert archive.issue_hold(query="zebra").covered == 1
    with archive.office.catalogue.reading() as connection:
        assert held_rows.held_count(connection) == 1
    assert indexing.state(archive.office.catalogue, archive.office.index).waiting == 1
