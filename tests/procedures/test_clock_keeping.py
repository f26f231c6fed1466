"""The clock: where it is implausible nothing is destroyed, until a person confirms it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.catalogue import facts, ledger, recomputing
from archiver.procedures import expunging, purging, strays
from archiver.procedures.clock_keeping import clock_problems, confirm_clock
from archiver.records.clocks import Watch
from archiver.records.errors import ClockDoubted, NotPermitted
from archiver.records.people import Means, Person, Role, SignedIn
from tests.archive import TRANSITORY, Archive, a_colleague, an_archive, an_observation
from tests.procedures.test_rebuild import lose_the_catalogue, rebuilt
from tests.proofs import invariants
from tests.proofs.invariants import told

DAYS = 400
A_DAY = 86_400_000_000


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    """An archive with an item that any later day makes due."""
    archive = an_archive(tmp_path, index="memory:")
    archive.capture(an_observation("1", TRANSITORY))
    yield archive
    assert invariants.faults_of(archive) == []
    archive.office.close()


def purged(archive: Archive, *, days: int = DAYS) -> int:
    office = archive.office
    with office.disposer() as disposer:
        return purging.purge(
            replace(disposer, clock_days=days),
            archive.person,
            office.schedule,
            carry_out_too=True,
        ).destroyed


def confirm(archive: Archive, *, by: Person | None = None) -> None:
    signed = SignedIn(person=by or archive.person, means=Means.OS_ACCOUNT)
    confirm_clock(archive.office.account, signed, reason="compared with the time signal")


def subjects(archive: Archive) -> list[str]:
    return [one.subject for one in clock_problems(archive.office.account, days=DAYS)]


@pytest.mark.parametrize(("days", "doubted"), [(399, False), (400, False), (401, True)])
def test_after_more_days_than_are_plausible_nothing_is_destroyed(archive, days, doubted):
    archive.clock.forward(days=days)
    archive.capture()

    if doubted:
        with pytest.raises(ClockDoubted, match="leapt from 2026-03-02"):
            purged(archive)
    else:
        assert purged(archive) == 1

    assert archive.item("1").life == ("live" if doubted else "destroyed")
    assert subjects(archive) == (["clock"] if doubted else [])


def test_a_night_under_a_clock_that_leapt_makes_it_no_more_plausible(archive):
    archive.clock.forward(days=5000)
    for _ in range(3):
        archive.capture()
        with pytest.raises(ClockDoubted):
            purged(archive)
        archive.clock.forward(days=1)

    assert archive.item("1").life == "live"
    assert [leaf["k"] for leaf in told(archive)].count("disposition.refused") == 3


def test_once_a_person_has_confirmed_the_clock_what_is_due_goes(archive):
    archive.clock.forward(days=5000)
    archive.capture()

    confirm(archive)

    assert subjects(archive) == []
    assert purged(archive) == 1
    assert "clock.confirmed" in [leaf["k"] for leaf in told(archive)]


@pytest.mark.parametrize("back", [timedelta(microseconds=1), timedelta(days=30)])
def test_a_clock_that_was_put_back_is_doubted_and_believed_once_it_is_confirmed(archive, back):
    archive.clock.forward(days=100)
    archive.capture()
    archive.clock.now -= back
    with pytest.raises(ClockDoubted, match="before the newest entry"):
        purged(archive, days=0)

    confirm(archive)

    assert subjects(archive) == []
    assert purged(archive) == 1


def test_a_leap_after_the_clock_was_confirmed_is_doubted_again(archive):
    archive.clock.forward(days=500)
    confirm(archive)
    archive.clock.forward(days=500)
    archive.capture()

    with pytest.raises(ClockDoubted):
        purged(archive)


def test_a_demonstration_may_run_through_years(archive):
    archive.clock.forward(days=5000)
    archive.capture()

    assert archive.office.config.terms.clock_days == 0
    assert purged(archive, days=0) == 1


@pytest.mark.parametrize("deed", ["order", "strays"])
def test_neither_an_order_nor_a_sweep_destroys_under_a_clock_in_doubt(archive, deed):
    archive.clock.forward(days=5000)
    office = archive.office
    signed = SignedIn(person=archive.person, means=Means.OS_ACCOUNT)
    with office.disposer() as disposer:
        doubting = replace(disposer, clock_days=DAYS)
        deeds: dict[str, Callable[[], object]] = {
            "order": lambda: expunging.carry_out_order(doubting, signed, "O-0001"),
            "strays": lambda: strays.dispose_strays(doubting, office.objects, archive.person),
        }

        with pytest.raises(ClockDoubted):
            deeds[deed]()


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.RECORDS_OFFICER, True),
        (Role.CLERK, False),
        (Role.COUNSEL, False),
        (Role.ADMINISTRATOR, False),
    ],
)
def test_the_clock_is_confirmed_by_who_answers_for_disposition(archive, role, may):
    archive.clock.forward(days=500)
    archive.capture()
    person = a_colleague(archive, role)

    with suppress(NotPermitted):
        confirm(archive, by=person)

    assert subjects(archive) == ([] if may else ["clock"])


def test_a_rebuild_doubts_the_clock_as_it_was_doubted(archive):
    archive.clock.forward(days=500)
    archive.capture()
    lose_the_catalogue(archive)
    rebuilt(archive)
    assert subjects(archive) == ["clock"]
    confirm(archive)
    lose_the_catalogue(archive)

    rebuilt(archive)

    assert subjects(archive) == []
    with archive.office.catalogue.reading() as connection:
        assert ledger.watch(connection).leapt is None


def test_a_leap_that_was_taken_away_behind_us_is_named_by_verify(archive):
    archive.clock.forward(days=500)
    archive.capture()
    with archive.office.catalogue.reading() as connection:
        assert recomputing.recompute(connection).faults == ()

    with archive.office.catalogue.writing_raw() as connection:
        before = facts.get(connection, facts.LEAPT)
        facts.remove(connection, facts.LEAPT)

    with archive.office.catalogue.reading() as connection:
        (fault,) = recomputing.recompute(connection).faults
    assert "clock" in fault
    with archive.office.catalogue.writing_raw() as connection:
        facts.put(connection, facts.LEAPT, before)


@given(st.lists(st.integers(1, 1000), max_size=20), st.integers(1, 1000))
def test_the_widest_leap_decides_however_the_entries_were_entered(gaps, later):
    moments, at = [], A_DAY
    for gap in gaps:
        at += gap * A_DAY
        moments.append(("capture.ended", at))
    first = Watch(last=A_DAY)

    whole = first.seeing(moments)
    one_by_one = first
    for each in moments:
        one_by_one = one_by_one.seeing([each])

    assert whole == one_by_one
    doubt = whole.doubt(at + later * A_DAY, days=DAYS)
    assert (doubt is not None) is (max([*gaps, later]) > DAYS)
