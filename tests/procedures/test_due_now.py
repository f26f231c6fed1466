"""What is due is told whole: what may go unattended, and apart from it what people must approve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from archiver.catalogue import disposals
from archiver.jobs.work import do_night, look_around
from archiver.procedures import due_now, planning, purging
from archiver.procedures.due_now import ForPeople, due_for_people, look_ahead
from archiver.procedures.planning import Wanted
from archiver.procedures.reviews_due import look_ahead_at_reviews
from tests.archive import SUBSTANTIVE, TRANSITORY, Archive, a_comment, an_archive, an_observation
from tests.procedures.test_adopting import UNSAMPLED
from tests.procedures.test_approving import decided_long_ago

TWO_YEARS = 365 * 2 + 2


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    """An archive with one transitory post and a thread and a post that people must approve."""
    archive = an_archive(tmp_path, index="memory:")
    archive.capture(
        an_observation("1", SUBSTANTIVE),
        a_comment("2", SUBSTANTIVE, on="1"),
        an_observation("3", SUBSTANTIVE),
        an_observation("4", TRANSITORY),
    )
    yield archive
    archive.office.close()


def counted(archive: Archive, **most: int) -> ForPeople:
    return due_for_people(archive.office.account, archive.office.schedule, **most)


def to_be_looked_at(archive: Archive) -> int:
    """Count the threads that are worth the look of a plan for people today."""
    today = archive.office.account.today().toordinal()
    with archive.office.catalogue.reading() as connection:
        return len(disposals.worth_a_look(connection, on=today, after=0, limit=99, ripe=True))


def test_status_says_what_is_due_and_how_much_of_it_waits_for_people(archive):
    decided_long_ago(archive, "1", "2", "3")

    shown = look_around(archive.office)

    at = shown.standing
    assert (at.due, at.due_unattended, at.due_for_people.items) == (4, 1, 3)
    assert at.due_told == "1 due unattended and 3 by people's approval alone"
    assert (
        "3 items are due by people's approval; what no plan names and nothing keeps waits for "
        "`archiver dispositions plan`"
    ) in shown.notes


def test_what_is_held_is_due_and_stays_and_is_counted_with_the_rest(archive):
    decided_long_ago(archive, "1", "2", "3")
    archive.issue_hold("3")

    assert counted(archive).items == 3


def test_a_plan_of_it_leaves_it_due_until_it_goes(archive):
    decided_long_ago(archive, "1", "2", "3")
    account, schedule = archive.office.account, archive.office.schedule

    made = planning.plan(account, archive.person, schedule, on=account.today(), wanted=Wanted())

    assert (made.due, counted(archive).items) == (4, 3)


def test_a_look_at_what_is_to_come_names_what_people_must_approve_too(archive):
    decided_long_ago(archive, "1", "2")
    archive.capture(an_observation("5", TRANSITORY, at=archive.clock.now))
    on = archive.office.account.today()

    look = purging.look(archive.office.account, archive.office.schedule, days=365 * 3)

    assert (look.due, look.for_people.items) == (1, 2)
    told = {item: (day, unattended) for item, day, unattended in look.upcoming}
    assert set(told) <= {archive.item_id("3"), archive.item_id("5")}
    day, unattended = told[archive.item_id("5")]
    assert (day - on, unattended) == (timedelta(days=61), True)


def test_a_look_at_what_is_to_come_says_of_what_people_approve_when_it_falls_due(archive):
    decided_long_ago(archive, "1", "2", "3")
    archive.capture(an_observation("6", SUBSTANTIVE, at=archive.clock.now))
    account, schedule = archive.office.account, archive.office.schedule

    look = purging.look(account, schedule, days=365 * 30)

    (day, unattended) = {i: (d, u) for i, d, u in look.upcoming}[archive.item_id("6")]
    assert not unattended
    archive.clock.forward(days=(day - account.today()).days - 1)
    archive.capture()
    before = counted(archive).items
    archive.clock.forward(days=1)
    archive.capture()
    assert counted(archive).items == before + 1


def test_where_there_is_more_than_is_looked_at_the_count_says_so(archive):
    decided_long_ago(archive, "1", "2", "3")

    few = counted(archive, most=1)

    assert few.at_least
    assert str(few).startswith("at least ")
    assert not counted(archive).at_least


def test_a_night_settles_what_is_not_due_so_that_a_look_need_not_decide_on_it(archive):
    assert to_be_looked_at(archive) == 3

    do_night(archive.office, archive.person, again=True)

    assert to_be_looked_at(archive) == 0
    archive.clock.forward(days=TWO_YEARS * 10)
    assert to_be_looked_at(archive) == 3, "and each is looked at again once its day has come"


def test_a_night_settles_no_more_than_its_part(archive, monkeypatch):
    monkeypatch.setattr(due_now, "A_NIGHT", 1)
    monkeypatch.setattr(due_now, "SLICE", 1)

    look_ahead(archive.office.account, archive.office.schedule)

    assert to_be_looked_at(archive) == 2


def test_under_a_schedule_nobody_adopted_nothing_is_due(archive):
    decided_long_ago(archive, "1", "2", "3")
    bare = replace(archive.office.schedule, adoption=None)

    assert due_for_people(archive.office.account, bare) == due_now.NOTHING_FOR_PEOPLE


def under_a_later_adoption(archive: Archive, days: int) -> None:
    """Have the schedule in force from a day to come on."""
    office, schedule = archive.office, archive.office.schedule
    on = office.account.today() + timedelta(days=days)
    later = replace(schedule, adoption=replace(schedule.adoption, date=on))
    office.config = replace(office.config, schedule=later)


@pytest.mark.parametrize("settles", ["a night", "what settles alone"])
def test_what_a_night_settled_before_the_adoption_is_in_force_is_due_from_its_day_on(
    archive, settles
):
    decided_long_ago(archive, "1", "2", "3")
    under_a_later_adoption(archive, 10)
    if settles == "a night":
        do_night(archive.office, archive.person, again=True)
    look_ahead(archive.office.account, archive.office.schedule)
    look_ahead_at_reviews(archive.office.account, archive.office.schedule)

    found = []
    for days in (9, 1):
        archive.clock.forward(days=days)
        archive.capture()
        found.append((archive.plan(UNSAMPLED).due, counted(archive).items))

    assert found == [(0, 0), (1, 3)]
