"""Asking anew: what a new schedule restricts of what was archived before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import delete, update

from archiver.catalogue import disposals, tables
from archiver.catalogue.unasked import Unasked, stands, unasked
from archiver.classifiers.rules import RulesClassifier
from archiver.procedures import asking_anew
from archiver.procedures.asking_anew import Asked, restricted_by_it
from archiver.procedures.deciding import decide_for
from archiver.procedures.finding import by_ids
from archiver.procedures.viewing import closed_to, view, view_one
from archiver.records.captures import Observation
from archiver.records.disposition import Why
from archiver.records.errors import NotPermitted
from archiver.records.orders import Effect
from archiver.records.people import Role
from archiver.records.schedules import Schedule
from tests.archive import (
    TRANSITORY,
    Archive,
    a_colleague,
    a_comment,
    an_archive,
    an_observation,
)
from tests.procedures.court import an_order_text, confirmed, whole
from tests.procedures.test_edits_behind_us import behind_us
from tests.procedures.test_rebuild import lose_the_catalogue, rebuilt
from tests.procedures.test_restricting import (
    JUVENILE,
    OPEN,
    TIP,
    comes_back,
    deeds,
    opens,
    reasons,
    restricts,
)


def without_restrictions(schedule: Schedule) -> Schedule:
    """Give *schedule* as it was when nobody had thought of restricting anything."""
    return replace(
        schedule,
        digest="0" * 64,
        rules=tuple(replace(rule, restricted=False) for rule in schedule.rules),
        series={n: replace(one, restricted=False) for n, one in schedule.series.items()},
    )


def name_schedule(archive: Archive, schedule: Schedule) -> None:
    """Have the configuration name *schedule*, as a new start of the program reads it."""
    office = archive.office
    office.config = replace(office.config, schedule=schedule)
    vars(office).pop("classifier", None)


def capture_under(archive: Archive, schedule: Schedule, *seen: Observation) -> None:
    """Capture what is *seen* while *schedule* is the one that is open."""
    named = archive.office.config.schedule
    name_schedule(archive, schedule)
    opened(archive)
    archive.capture(*seen)
    name_schedule(archive, named)


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    """An archive whose items came in before its schedule restricted anything; it is not open."""
    archive = an_archive(tmp_path)
    before = without_restrictions(archive.office.config.schedule)
    capture_under(
        archive,
        before,
        an_observation("post", OPEN),
        a_comment("tip", TIP, on="post"),
        an_observation("young", JUVENILE),
        an_observation("thanks", TRANSITORY),
    )
    assert reasons(archive, "post", "tip", "young", "thanks") == ["", "", "", ""]
    yield archive
    archive.office.close()


def opened(archive: Archive, most: int | None = None) -> Asked:
    return archive.office.open_schedule(archive.person, most=most)


def seen_by(archive: Archive, role: Role, *native_ids: str) -> set[str]:
    """Give which of the items a person of *role* is shown in a list."""
    office, reader = archive.office, a_colleague(archive, role, name=role.value)
    found = by_ids(office.catalogue, [archive.item_id(n) for n in native_ids])
    shown = {one.row.item for one in view(office.account, reader, found, where="search").items}
    return {n for n in native_ids if archive.item_id(n) in shown}


def waiting(archive: Archive) -> Unasked:
    with archive.office.catalogue.reading() as connection:
        return unasked(connection)


def test_a_tip_archived_before_is_restricted_once_a_schedule_says_so(archive):
    asked = opened(archive)

    assert (asked.asked, asked.restricted, asked.waiting) == (4, 2, 0)
    assert reasons(archive, "post", "tip", "young", "thanks") == ["", "schedule", "schedule", ""]
    assert seen_by(archive, Role.CLERK, "post", "tip", "young") == {"post"}
    digest = archive.office.config.schedule.digest
    assert [leaf["d"] for leaf in deeds(archive, "item.restricted")] == [
        {"r": "schedule", "s": digest}
    ] * 2
    [entry] = deeds(archive, "schedule.asked")
    assert (entry["s"], entry["d"]) == (digest, {"a": 4, "z": 4, "n": 2})
    comes_back(archive)
    assert reasons(archive, "tip", "young", "post") == ["schedule", "schedule", ""]


def test_it_is_asked_once_for_each_schedule_that_is_opened(archive):
    opened(archive)

    assert opened(archive) == Asked()
    archive.capture()
    assert len(deeds(archive, "schedule.asked")) == 1


def test_what_was_not_asked_of_yet_is_shown_to_nobody_without_the_right(archive, monkeypatch):
    monkeypatch.setattr(asking_anew, "BATCH", 1)

    asked = opened(archive, most=1)

    assert (asked.asked, asked.waiting) == (1, 3)
    assert seen_by(archive, Role.CLERK, "post", "tip", "thanks") == {"post"}
    assert seen_by(archive, Role.COUNSEL, "post", "tip", "thanks") == {"post", "tip", "thanks"}
    office, clerk = archive.office, a_colleague(archive, Role.CLERK)
    assert set(closed_to(office.account, clerk) or ()) == {
        archive.item_id(n) for n in ("tip", "young", "thanks")
    }
    [note] = asking_anew.notes(office.account)
    assert note.startswith("3 items wait to be asked anew")
    [found] = by_ids(office.catalogue, [archive.item_id("thanks")])
    with pytest.raises(NotPermitted, match="may not read restricted"):
        view_one(office.account, clerk, found)
    opened(archive)
    view_one(office.account, clerk, found)
    assert asking_anew.notes(office.account) == ()


@pytest.mark.parametrize("asked_of", [0, 1, 2, 3])
def test_what_a_crash_leaves_the_next_run_asks_also_after_a_rebuild(archive, monkeypatch, asked_of):
    monkeypatch.setattr(asking_anew, "BATCH", 1)
    opened(archive, most=asked_of)
    assert waiting(archive) == Unasked(asked_of, 4)
    assert whole(archive)

    lose_the_catalogue(archive)
    rebuilt(archive)

    assert waiting(archive) == Unasked(0, 4)
    assert whole(archive)
    opened(archive)
    assert not waiting(archive)
    assert reasons(archive, "post", "tip", "young", "thanks") == ["", "schedule", "schedule", ""]
    assert len(deeds(archive, "item.restricted")) == 2
    assert whole(archive)


def test_nothing_goes_unattended_before_the_rules_were_asked_of_it(archive):
    account, schedule = archive.office.account, archive.office.schedule
    archive.clock.forward(days=100)
    archive.capture()
    with archive.office.catalogue.writing() as desk:
        stands(desk.connection, Unasked(upto=4))
    thanks = archive.item("thanks")

    with archive.office.catalogue.reading() as connection:
        rows = disposals.threads_by_numbers(connection, [thanks.thread_n])
        [waits] = decide_for(connection, account, schedule, rows, on=account.today())

    assert [one.why for one in waits.verdict.reasons] == [Why.RESTRICTED]
    assert archive.purge().destroyed == 0
    opened(archive)
    archive.purge()
    assert archive.item("thanks").life == "destroyed"


def test_the_purge_opens_the_schedule_that_it_goes_by(archive):
    archive.clock.forward(days=100)

    archive.purge()

    assert reasons(archive, "tip", "young") == ["schedule", "schedule"]


def test_what_a_person_opened_stays_open_but_for_what_came_later(archive):
    restricts(archive, "tip", "young")
    opens(archive, "tip", "young")
    archive.clock.forward(days=1)
    before = without_restrictions(archive.office.config.schedule)
    capture_under(archive, before, an_observation("young", f"{JUVENILE} Her mother called."))
    assert reasons(archive, "tip", "young") == ["", ""]

    opened(archive)

    assert reasons(archive, "tip", "young") == ["", "schedule"]
    comes_back(archive)


def test_a_restricted_series_restricts_what_lies_in_it(archive):
    [number] = list(archive.office.config.schedule.series)[:1]
    archive.decide("post", number)
    assert reasons(archive, "post") == [""]
    schedule = archive.office.config.schedule
    series = {**schedule.series, number: replace(schedule.series[number], restricted=True)}
    name_schedule(archive, replace(schedule, series=series, digest="1" * 64))

    opened(archive)

    assert reasons(archive, "post") == ["schedule"]


def test_what_a_later_schedule_no_longer_restricts_stays_so_until_a_person_opens_it(archive):
    opened(archive)
    name_schedule(archive, without_restrictions(archive.office.config.schedule))

    opened(archive)

    assert reasons(archive, "tip", "young") == ["schedule", "schedule"]
    opens(archive, "tip")
    assert reasons(archive, "tip", "young") == ["", "schedule"]


def test_each_reason_stands_by_itself(archive, tmp_path):
    chief = a_colleague(archive, Role.CHIEF)
    confirmed(archive, chief, an_order_text(tmp_path), Effect.RESTRICT, "tip")
    restricts(archive, "young")

    opened(archive)

    assert reasons(archive, "tip", "young") == ["order schedule", "person schedule"]
    assert archive.item("young").restriction
    comes_back(archive)


def test_what_nobody_can_read_any_more_is_in_doubt_and_restricted(archive):
    behind_us(archive, update(tables.contents).where(tables.contents.c.n == 1).values(body="none"))

    opened(archive)

    assert reasons(archive, "post") == ["schedule"]


def test_every_older_version_is_asked_of_too(archive):
    archive.clock.forward(days=1)
    before = without_restrictions(archive.office.config.schedule)
    capture_under(archive, before, an_observation("young", "It was nothing after all."))

    opened(archive)

    assert reasons(archive, "young") == ["schedule"]


def test_a_visit_that_outlasts_its_schedule_leaves_what_waits_for_the_next(archive):
    opened(archive)
    office = archive.office
    schedule, before = office.config.schedule, without_restrictions(office.config.schedule)
    name_schedule(archive, before)
    archive.capture(a_comment("late", TIP, on="post"), an_observation("later", OPEN))
    archive.capture(an_observation("later", f"{OPEN} {JUVENILE}"))
    name_schedule(archive, schedule)
    assert (reasons(archive, "late", "later"), waiting(archive)) == (["", ""], Unasked(4, 6))
    assert whole(archive)

    opened(archive)

    assert reasons(archive, "late", "later") == ["schedule", "schedule"]
    comes_back(archive)


def test_it_is_told_beforehand_how_much_a_schedule_would_restrict(archive):
    office = archive.office
    schedule = office.config.schedule

    found = restricted_by_it(office.account, archive.person, RulesClassifier(schedule), schedule)

    assert sum(found.values()) == 2
    assert reasons(archive, "tip", "young") == ["", ""]
    clerk, rules = a_colleague(archive, Role.CLERK), RulesClassifier(schedule)
    restricts(archive, "tip")
    assert sum(restricted_by_it(office.account, clerk, rules, schedule).values()) == 1
    assert sum(restricted_by_it(office.account, archive.person, rules, schedule).values()) == 2
    opened(archive)
    assert not restricted_by_it(office.account, archive.person, RulesClassifier(schedule), schedule)


def test_verify_names_who_says_behind_us_that_all_was_asked(archive, monkeypatch):
    monkeypatch.setattr(asking_anew, "BATCH", 1)
    opened(archive, most=1)
    assert whole(archive)

    behind_us(archive, delete(tables.facts).where(tables.facts.c.name == "unasked"))

    assert not whole(archive)


def test_verify_names_a_row_put_back_to_before_it_was_restricted(archive):
    before = archive.item("tip")
    opened(archive)
    mine = update(tables.items).where(tables.items.c.n == before.n)
    behind_us(archive, mine.values(restricted="", seal=before.seal))

    assert not whole(archive)
