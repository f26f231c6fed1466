"""What has come to its review is asked for from its day on, until a person has decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from archiver.catalogue import tables
from archiver.jobs.work import do_night, look_around
from archiver.procedures import amending, plan_lines, planning, reviews_due, triggering
from archiver.procedures.alerting import daily_line
from archiver.procedures.planning import Wanted
from archiver.procedures.reviews_due import ReviewsDue, look_ahead_at_reviews
from archiver.procedures.reviews_due import reviews_due as due_now
from archiver.procedures.status import Viewpoint, status
from archiver.records.disposition import Action
from archiver.records.errors import NotApproved
from archiver.records.series import Trigger
from tests.archive import FOUNDED_AT, SUBSTANTIVE, Archive, a_comment, an_archive, an_observation
from tests.procedures.test_approving import approve, carried_out, chief, planned, signed
from tests.proofs import invariants

__all__ = ["chief"]

FALLS_DUE = FOUNDED_AT + timedelta(days=365 * 2 + 2)
"""Two years after the last activity, and the first day after them."""


@pytest.fixture
def archive(tmp_path):
    """An archive with two threads of warnings, which the schedule has reviewed after two years."""
    archive = an_archive(tmp_path, index="memory:")
    archive.capture(
        an_observation("1", SUBSTANTIVE),
        a_comment("2", SUBSTANTIVE, on="1"),
        an_observation("3", SUBSTANTIVE),
        an_observation("4", SUBSTANTIVE),
    )
    for native_id, series in {"1": "230", "2": "230", "3": "230", "4": "200"}.items():
        placed(archive, native_id, f"DEMO-{series}")
    yield archive
    assert invariants.faults_of(archive) == []
    archive.office.close()


def placed(archive: Archive, native_id: str, series: str) -> None:
    """Have a person say where an item belongs."""
    archive.decide(native_id, series, reason="a warning while it was in progress")


def asked(archive: Archive) -> ReviewsDue | None:
    return due_now(archive.office.account, archive.office.schedule)


def waiting(archive: Archive) -> int:
    found = asked(archive)
    return found.items if found is not None else 0


def to_review(archive: Archive):
    account = archive.office.account
    wanted = Wanted(action=Action.REVIEW)
    return planning.plan(
        account, archive.person, archive.office.schedule, on=account.today(), wanted=wanted
    )


def need_not_be_kept(archive: Archive, *native_ids: str) -> None:
    triggering.enter_trigger(
        archive.office.account,
        archive.office.objects,
        signed(archive.person),
        [archive.item_id(n) for n in native_ids],
        Trigger.REVIEWED,
        archive.office.account.today(),
        reason="the danger is over, and the report is kept",
    )


def test_a_review_is_asked_for_from_its_day_on_without_anybody_planning_it(archive):
    found = []
    for off in (-1, 0, 1):
        archive.clock.now = FALLS_DUE + timedelta(days=off)
        archive.capture(index=False)
        look_ahead_at_reviews(archive.office.account, archive.office.schedule)
        found.append(waiting(archive))

    assert found == [0, 3, 3]


def test_the_night_the_status_and_the_daily_mail_ask_for_it(archive):
    archive.clock.now = FALLS_DUE + timedelta(days=9)
    do_night(archive.office, archive.person, again=True)

    shown = look_around(archive.office)
    office = archive.office
    view = Viewpoint(
        account=office.account,
        index=office.index,
        schedule=office.schedule,
        pages=(),
        importing=frozenset(),
        nightly=shown.standing.nightly,
        recipients=2,
        demonstration=False,
        carry_out=False,
        free_bytes=None,
    )
    real = status(view)

    said = "3 items wait for a person's review, the first for 9 days"
    assert said in shown.notes, "a demonstration says it"
    (problem,) = (p for p in real.problems if p.subject == "reviews due")
    assert problem.what == said
    assert said in daily_line("Smallville", real).body
    assert all(word in problem.remedy for word in ("extend", "relabel", "reviewed"))


def test_what_stands_on_a_plan_to_review_is_asked_for_by_that_plan(archive):
    archive.clock.now = FALLS_DUE
    archive.capture(index=False)
    plan = to_review(archive)

    assert plan.due == 3
    assert asked(archive) is None


def test_keeping_longer_relabelling_and_reviewing_each_answer_it(archive):
    archive.clock.now = FALLS_DUE
    archive.capture(index=False)
    plan = to_review(archive)
    account, office = archive.office.account, archive.office
    first = [archive.item_id(n) for n in "12"]
    amending.extend(account, signed(archive.person), plan.name, days=30, reason="r", only=first)
    amending.relabel(
        account,
        office.objects,
        signed(archive.person),
        plan.name,
        archive.item_id("3"),
        series="DEMO-200",
        schedule=office.schedule,
        reason="an answer after all",
    )
    amending.decline(account, signed(archive.person), plan.name, reason="each is decided")

    assert waiting(archive) == 0
    archive.clock.forward(days=31)
    archive.capture(index=False)
    assert waiting(archive) == 2, "kept longer is asked for again"
    need_not_be_kept(archive, "1", "2")
    assert waiting(archive) == 0


def test_what_was_reviewed_goes_the_ordinary_way_with_the_review_as_its_ground(archive, chief):
    archive.clock.now = FALLS_DUE
    archive.capture(index=False)
    assert planned(archive, "DEMO-230").due == 0
    need_not_be_kept(archive, "3")

    plan = planned(archive, "DEMO-230")
    account, law = archive.office.account, archive.office.schedule
    grounds = [line.reasons for line in plan_lines.lines(account, named(archive, plan), law)]
    with pytest.raises(NotApproved):
        carried_out(archive, plan)
    for step in plan.chain:
        if step != "adopted_schedule":
            approve(archive, plan, step, archive.person if "custodian" in step else chief)
    archive.clock.forward(days=7)
    receipt = carried_out(archive, plan)

    assert [reason.split()[0] for (reason,) in grounds] == ["reviewed_and_not_kept"]
    assert (receipt.destroyed, archive.item("3").life) == (1, "destroyed")
    assert archive.item("1").life == "live"


def named(archive: Archive, plan):
    return planning.named(archive.office.account, plan.name)


def test_a_comment_that_comes_after_the_review_has_its_thread_reviewed_again(archive):
    archive.clock.now = FALLS_DUE
    archive.capture(index=False)
    need_not_be_kept(archive, "3")
    archive.capture(a_comment("5", "is it over?", on="3", at=archive.clock.now), index=False)
    placed(archive, "5", "DEMO-230")
    archive.clock.forward(days=365 * 2 + 2)
    archive.capture(index=False)

    assert waiting(archive) == 4


def test_a_held_item_is_not_asked_for_and_keeps_its_day(archive):
    archive.clock.now = FALLS_DUE
    archive.capture(index=False)
    archive.issue_hold("3")
    look_ahead_at_reviews(archive.office.account, archive.office.schedule)
    assert waiting(archive) == 2

    archive.lift_hold("H-0001")

    assert waiting(archive) == 3


def test_without_an_adoption_nothing_is_asked_and_no_day_is_moved(archive):
    archive.clock.now = FALLS_DUE
    archive.capture(index=False)
    days = looks(archive)
    bare = replace(archive.office.schedule, adoption=None)

    look_ahead_at_reviews(archive.office.account, bare)

    assert due_now(archive.office.account, bare) is None
    assert looks(archive) == days


def looks(archive: Archive):
    with archive.office.catalogue.reading() as connection:
        query = select(tables.threads.c.ripe_on).order_by(tables.threads.c.n)
        return list(connection.scalars(query))


def test_a_night_looks_again_only_on_the_day_a_review_falls_due(archive):
    look_ahead_at_reviews(archive.office.account, archive.office.schedule)

    first, second, other = looks(archive)
    assert first == second == FALLS_DUE.date().toordinal()
    assert other < first, "no series of it is reviewed, and a plan looks at it when it is made"


def test_of_very_many_it_is_said_that_they_are_at_least_so_many(archive, monkeypatch):
    monkeypatch.setattr(reviews_due, "MOST", 1)
    archive.clock.now = FALLS_DUE
    archive.capture(index=False)

    found = asked(archive)

    assert found is not None
    assert (found.items, found.at_least) == (2, True)
    assert found.problem(archive.office.account.today()).what.startswith("at least 2 items")
