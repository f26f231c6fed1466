"""A simulation says of each item what disposition would: it asks the same function."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from archiver.procedures import deciding, simulating
from archiver.procedures.simulating import Effected, Simulated
from archiver.records.classification import Tag
from archiver.records.periods import Period
from archiver.records.schedules import Adoption, Schedule
from archiver.records.series import Disposition
from tests.archive import FOUNDED_AT, SUBSTANTIVE, TRANSITORY, Archive, an_archive, an_observation

PUBLISHED = FOUNDED_AT.date()
LONGEST = Period.parse("P20Y")


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    """An archive with a transitory post by rule, and one whose series a person has said."""
    archive = an_archive(tmp_path, index="memory:")
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", SUBSTANTIVE))
    archive.decide("2", "DEMO-210", reason="an event")
    yield archive
    archive.office.close()


def simulated(archive: Archive, current: Schedule, other: Schedule) -> dict[str, Effected]:
    account = archive.office.account
    found = simulating.changes(account, current, other, Simulated(), on=account.today())
    return {one.item: one for one in found}


def decided_first_days(archive: Archive, schedule: Schedule) -> dict[str, date | None]:
    """Give the first day of each item as a plan that people approve would find it."""
    long_after = archive.office.account.today() + timedelta(days=365 * 100)
    account = archive.office.account
    every = deciding.decisions(
        account, schedule, on=account.today(), horizon=long_after, attended=True
    )
    return {item.item: one.verdict.due for one in every for item in one.members}


def with_longest(schedule: Schedule, **adoption: object) -> Schedule:
    return replace(
        schedule, longest=LONGEST, adoption=replace(schedule.adoption, **adoption), digest="9" * 64
    )


def test_what_nobody_confirmed_is_simulated_on_the_longest_period_as_it_is_decided(archive):
    schedule = archive.office.schedule
    nobodys = with_longest(schedule, automatic=frozenset())

    found = simulated(archive, schedule, nobodys)

    (one,) = found.values()
    assert one.item == archive.item_id("1"), "what a person placed keeps its own period"
    assert one.after == LONGEST.first_day(PUBLISHED)
    assert one.after == decided_first_days(archive, nobodys)[one.item]
    assert one.before == decided_first_days(archive, schedule)[one.item]


def test_an_item_that_nobody_could_place_is_simulated_too(archive):
    archive.capture(an_observation("3", "Who took the bicycle from the corner?"))
    unplaced = archive.item("3")
    schedule = with_longest(archive.office.schedule)

    found = simulated(archive, archive.office.schedule, schedule)

    assert (unplaced.tag, unplaced.item in found) == (Tag.UNDETERMINED.value, True)
    assert found[unplaced.item].after == decided_first_days(archive, schedule)[unplaced.item]


def test_a_version_nobody_adopted_is_taken_as_adopted_by_the_record_in_force(archive):
    schedule = archive.office.schedule
    bare = replace(schedule, adoption=None)

    assert simulated(archive, schedule, bare) == {}
    assert simulated(archive, bare, schedule) == {}


def test_where_nothing_is_adopted_the_word_of_people_alone_counts(archive):
    bare = replace(archive.office.schedule, adoption=None)
    longer = replace(bare, longest=LONGEST)

    found = simulated(archive, bare, longer)

    assert set(found) == {archive.item_id("1")}
    record = Adoption(instrument="", number="", date=PUBLISHED, signed_by=())
    said = decided_first_days(archive, replace(longer, adoption=record))
    assert found[archive.item_id("1")].after == said[archive.item_id("1")]


def test_a_series_that_stops_for_want_of_its_promised_review_is_named(archive):
    schedule = archive.office.schedule
    number = archive.item("1").series
    reviewed = replace(schedule.series[number], disposition=Disposition.REVIEW)
    other = replace(schedule, promised={number: (schedule.promise(reviewed),)}, digest="9" * 64)
    kept, stopped = Simulated(), Simulated()
    account = archive.office.account

    list(simulating.changes(account, schedule, schedule, kept, on=account.today()))
    list(simulating.changes(account, schedule, other, stopped, on=account.today()))

    assert (kept.stopped, stopped.stopped) == (set(), {number})
