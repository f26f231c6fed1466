"""One night's work: what it does, in which order, and what it does not let itself be stopped by."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import PurePath

import pytest

from archiver.catalogue import jobs
from archiver.procedures import dispose, hold, nightly, timetable, verify
from archiver.procedures.destroying import DESTROYING
from archiver.procedures.dispose import Disposer
from archiver.procedures.nightly import Night
from archiver.records.captures import CaptureStatus
from archiver.records.errors import (
    ArchiveBusy,
    DestructionUnproven,
    IndexUnavailable,
    ObjectError,
    PlatformUnreachable,
)
from archiver.records.holds import Scope
from archiver.records.matters import NewMatter
from archiver.records.pages import FetchSettings, PageSettings
from archiver.records.people import Role
from tests.archive import (
    PAGE,
    TRANSITORY,
    ScriptedPlatform,
    a_colleague,
    an_archive,
    an_observation,
)

LAPSED = 100
"""Days after which the demonstration schedule's transitory items are due."""

TONIGHT = date(2026, 3, 2)


class SilentPlatform(ScriptedPlatform):
    """A platform that does not answer."""

    name = "silent"

    def open(self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None):
        del fetching, deposit
        raise PlatformUnreachable(f"{page.url} does not answer")


class UnprovenDestroyer:
    """A store that still lists what it was to destroy."""

    def destroy(self, owners):
        raise DestructionUnproven(f"{len(owners)} items are still listed")

    def destroy_objects(self, refs):
        raise DestructionUnproven(f"{len(refs)} objects are still listed")


class Refusing:
    """A store that destroys everything but what one item has."""

    def __init__(self, objects, owner):
        self._objects, self._owner = objects, owner

    def destroy(self, owners):
        if self._owner in owners:
            raise DestructionUnproven(f"{self._owner} is still listed")
        return self._objects.destroy(owners)


def refusing(archive, native_id):
    """Give what opens a disposer whose store refuses one item."""

    @contextmanager
    def opened():
        with archive.office.disposer() as disposer:
            store = Refusing(disposer.objects, archive.item_id(native_id))
            yield replace(disposer, objects=store)

    return opened


def verified(archive):
    office = archive.office
    return verify.verify(office.account, office.objects, office.index)


@pytest.fixture
def archive(tmp_path):
    archive = an_archive(tmp_path)
    yield archive
    archive.office.close()


def a_night(archive, *, person=None, pages=(PAGE,), carry_out=True, **replacing):
    office = archive.office
    by = person or archive.person
    night = Night(
        account=office.account,
        person=by,
        schedule=office.schedule,
        capture=lambda: office.capture(list(pages), by=by),
        feed_index=office.feed_index,
        disposer=office.disposer,
        carry_out=carry_out,
    )
    return replace(night, **replacing)


def a_lapsed_item(archive):
    archive.capture(an_observation("1", TRANSITORY))
    archive.clock.forward(days=LAPSED)


def begin_destruction_in_vain(archive):
    """Begin to destroy what is due, in a store that cannot; give what failed to."""
    archive.capture()
    account = archive.office.account
    broken = Disposer(
        account=account,
        objects=UnprovenDestroyer(),
        keeper=archive.office.objects,
        index=archive.office.index,
    )
    with pytest.raises(DestructionUnproven):
        dispose.carry_out(
            broken, archive.person, archive.plan(), archive.office.schedule, on=account.today()
        )
    return broken


def run_of(archive, day=TONIGHT):
    with archive.office.catalogue.reading() as connection:
        return jobs.of_day(connection, "nightly", day.isoformat())


# --- the way of a night -----------------------------------------------------------------------


def test_what_was_posted_can_be_found_after_the_night(archive):
    archive.platform.shows = [an_observation("1"), an_observation("2")]

    report = nightly.work(a_night(archive))

    assert [c.new for c in report.captures] == [2]
    assert report.indexed == 2
    assert report.problems == []
    assert archive.found("patrol") == ["1", "2"]


def test_a_store_that_writes_once_is_told_of_what_was_captured_before_anything_is_purged(archive):
    a_lapsed_item(archive)
    lives = []

    def lock() -> int:
        lives.append(archive.item("1").life)
        return 7

    report = nightly.work(a_night(archive, lock_objects=lock))

    assert (report.locked, lives, report.purged.destroyed) == (7, ["live"], 1)


def test_a_store_that_cannot_be_told_is_named_and_the_night_goes_on(archive):
    a_lapsed_item(archive)

    def lock() -> int:
        raise ObjectError("the store did not answer")

    report = nightly.work(a_night(archive, lock_objects=lock))

    assert [(p.subject, p.detail) for p in report.problems] == [
        ("object locks", "the store did not answer")
    ]
    assert report.purged.destroyed == 1


def test_a_lapsed_transitory_item_is_destroyed_where_that_is_authorised(archive):
    a_lapsed_item(archive)

    report = nightly.work(a_night(archive))

    assert (report.purged.due, report.purged.destroyed) == (1, 1)
    assert archive.item("1").life == "destroyed"
    assert archive.found("Friday") == []


def test_where_the_mode_is_propose_a_plan_is_made_and_waits(archive):
    a_lapsed_item(archive)

    report = nightly.work(a_night(archive, carry_out=False))

    assert (report.purged.due, report.purged.destroyed) == (1, 0)
    assert report.purged.plan
    assert report.problems == []
    assert archive.item("1").life == "live"


def test_without_an_adoption_that_allows_it_nothing_is_destroyed_at_night(archive):
    a_lapsed_item(archive)
    schedule = archive.office.schedule
    attended = replace(schedule, adoption=replace(schedule.adoption, unattended_purge=False))

    report = nightly.work(a_night(archive, schedule=attended))

    assert (report.problems, report.purged.destroyed) == ([], 0)
    assert archive.item("1").life == "live"


def test_the_scheduler_does_the_same_in_its_own_name(archive):
    a_lapsed_item(archive)

    report = nightly.work(a_night(archive, person=archive.office.service))

    assert report.problems == []
    assert report.purged.destroyed == 1


# --- what was begun -----------------------------------------------------------------------------


def test_a_destruction_that_was_begun_is_finished_before_anything_else(archive):
    a_lapsed_item(archive)
    begin_destruction_in_vain(archive)

    report = nightly.work(a_night(archive, carry_out=False))

    assert report.resumed == 1
    assert archive.item("1").life == "destroyed"
    assert archive.objects("1") == []


def test_a_hold_whose_evaluation_was_cut_short_is_evaluated_before_anything_is_destroyed(archive):
    a_lapsed_item(archive)

    def cut_short(_count):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hold.issue(
            archive.office.account,
            archive.person,
            matter=NewMatter(name="Doe v. City"),
            reason="litigation",
            scope=Scope(items=frozenset({archive.item_id("1")})),
            progress=cut_short,
        )

    report = nightly.work(a_night(archive))

    assert report.holds_evaluated == 1
    assert (report.purged.due, report.purged.destroyed) == (1, 0)
    assert [item for item, _ in report.purged.stayed] == [archive.item_id("1")]
    assert archive.item("1").life == "live"


def test_a_night_during_a_backup_plans_what_is_due_names_it_and_the_next_one_destroys_it(archive):
    a_lapsed_item(archive)

    with archive.office.catalogue.exclusive(DESTROYING):
        report = nightly.work(a_night(archive))

    assert [
        (problem.subject, "makes a backup" in problem.detail) for problem in report.problems
    ] == [("purge", True)]
    assert (report.purged.due, archive.item("1").life) == (1, "live")
    assert nightly.work(a_night(archive)).purged.destroyed == 1


def test_what_the_store_refuses_stays_begun_and_the_rest_of_the_night_goes_on(archive):
    a_lapsed_item(archive)
    begin_destruction_in_vain(archive)
    archive.capture(an_observation("2", TRANSITORY))
    archive.clock.forward(days=LAPSED)

    reports = [nightly.work(a_night(archive, disposer=refusing(archive, "1"))) for _ in range(2)]

    assert archive.item("1").life == "begun"
    assert archive.item("2").life == "destroyed"
    assert [report.purged.destroyed for report in reports] == [1, 0]
    for report in reports:
        assert [p.subject for p in report.problems] == ["unfinished destruction"]
    assert [one.name for one in verified(archive).unfinished] == ["D-000001"]
    assert nightly.work(a_night(archive)).resumed == 1


def test_what_the_store_refuses_of_tonights_plan_stops_nothing_else_of_it(archive, monkeypatch):
    monkeypatch.setattr(dispose, "BATCH", 1)
    monkeypatch.setattr(dispose, "GROUP", 1)
    archive.capture(*(an_observation(n, TRANSITORY) for n in "123"))
    archive.clock.forward(days=LAPSED)

    report = nightly.work(a_night(archive, disposer=refusing(archive, "2")))

    assert [archive.item(n).life for n in "123"] == ["destroyed", "begun", "destroyed"]
    assert (report.purged.due, report.purged.destroyed) == (3, 2)
    assert [p.subject for p in report.problems] == ["purge"]


# --- what does not stop a night -----------------------------------------------------------------


def test_a_page_that_does_not_answer_does_not_stop_the_others(archive):
    silent = PageSettings(
        name="silent page", connector="silent", platform="scripted", url="https://x.example"
    )
    archive.office.connectors["silent"] = SilentPlatform()
    archive.platform.shows = [an_observation("1")]

    report = nightly.work(a_night(archive, pages=(silent, PAGE)))

    failed, seen = report.captures
    assert failed.status is CaptureStatus.FAILED
    assert (seen.status, seen.new) == (CaptureStatus.COMPLETE, 1)
    assert archive.found("patrol") == ["1"]
    (problem,) = report.problems
    assert problem.what == "silent page: the capture is failed (1 unreachable)"
    assert "token" in problem.remedy
    assert report.outcome.captures == {"silent page": "failed", "town page": "complete"}
    assert report.outcome.status == jobs.FAULTS


def test_a_missing_index_stops_neither_captures_nor_the_plan_but_every_destruction(archive):
    a_lapsed_item(archive)
    archive.office.index.close()
    shutil.rmtree(archive.folder / "index")
    archive.reopen()
    archive.platform.shows = [an_observation("2")]

    report = nightly.work(a_night(archive))

    assert [c.new for c in report.captures] == [1]
    assert [(p.subject, p.remedy) for p in report.problems] == [("index", IndexUnavailable.remedy)]
    assert (report.purged.due, report.purged.destroyed) == (1, 0)
    assert archive.item("1").life == "live"


def test_who_may_not_dispose_captures_all_the_same_and_is_told_once(archive):
    a_lapsed_item(archive)
    clerk = a_colleague(archive, Role.CLERK)
    archive.platform.shows = [an_observation("2")]

    report = nightly.work(a_night(archive, person=clerk))

    assert [c.new for c in report.captures] == [1]
    assert [p.subject for p in report.problems] == ["purge"]
    assert archive.item("1").life == "live"


# --- the night in the timetable -----------------------------------------------------------------


def test_a_night_is_done_once_unless_a_person_wants_it_again(archive):
    night = a_night(archive)

    first = nightly.run(night, TONIGHT, again=False)
    second = nightly.run(night, TONIGHT, again=False)
    third = nightly.run(night, TONIGHT, again=True)

    assert first is not None
    assert second is None
    assert third is not None
    assert run_of(archive).status == jobs.DONE


def test_two_nights_at_the_same_time_are_refused(archive):
    with (
        archive.office.catalogue.exclusive("nightly"),
        pytest.raises(ArchiveBusy),
    ):
        nightly.run(a_night(archive), TONIGHT, again=True)

    assert run_of(archive) is None


def test_missed_nights_are_written_down_as_caught_up(archive):
    nightly.run(a_night(archive), TONIGHT, again=False)
    later = TONIGHT + timedelta(days=3)

    missed = timetable.missed(archive.office.account, "nightly", later)
    nightly.run(a_night(archive), later, covering=missed, again=False)

    assert missed == [TONIGHT + timedelta(days=1), TONIGHT + timedelta(days=2)]
    assert [run_of(archive, day).status for day in missed] == [jobs.COVERED] * 2
    assert run_of(archive, later).status == jobs.DONE
    assert timetable.missed(archive.office.account, "nightly", later) == []


def test_a_night_that_was_told_to_stop_is_taken_up_again(archive):
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        nightly.run(a_night(archive, capture=stop), TONIGHT, again=False)
    stopped = run_of(archive).status

    report = nightly.run(a_night(archive), TONIGHT, again=False)

    assert stopped == jobs.BROKEN_OFF
    assert report is not None


def test_a_night_whose_process_died_is_taken_up_again(archive):
    timetable.begin(archive.office.account, "nightly", TONIGHT)

    report = nightly.run(a_night(archive), TONIGHT, again=False)

    assert report is not None
    assert run_of(archive).status == jobs.DONE


def test_a_night_that_ends_by_a_mistake_of_ours_is_written_down_as_failed(archive):
    def mistaken():
        raise ZeroDivisionError("by mistake")

    with pytest.raises(ZeroDivisionError):
        nightly.run(a_night(archive, capture=mistaken), TONIGHT, again=False)

    outcome = timetable.Outcome.read(run_of(archive))
    assert outcome.failed
    assert [p.what for p in outcome.problems] == ["nightly: ended by ZeroDivisionError"]
