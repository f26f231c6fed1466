"""How the archive stands: what is red, what is only said, and that nothing is left out."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from archiver.catalogue import jobs
from archiver.catalogue.jobs import Beat, JobRow
from archiver.jobs.work import do_night, look_around
from archiver.procedures import health, heartbeat, timetable
from archiver.procedures.capture import capture
from archiver.procedures.indexing import State
from archiver.procedures.problems import Problem, of_captures
from archiver.procedures.standing import (
    LedgerStanding,
    PageStanding,
    Standing,
)
from archiver.procedures.timetable import NIGHTLY, Outcome
from archiver.records.captures import CaptureStatus, Gap, GapReason
from archiver.records.errors import IndexUnavailable
from archiver.records.events import EventKind, Leaf
from archiver.records.moments import micros
from tests.archive import TRANSITORY, an_archive, an_observation

ZONE = ZoneInfo("America/Los_Angeles")
MONDAY = date(2026, 3, 2)
STRUCK = datetime(2026, 3, 2, 3, 15, tzinfo=ZONE).astimezone(UTC)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=ZONE).astimezone(UTC)
SECOND = timedelta(seconds=1)


def a_run(day=MONDAY, *, job="nightly", status=jobs.DONE, problems=(), captures=None, at=STRUCK):
    outcome = Outcome(problems=tuple(problems), captures=captures or {})
    return JobRow(
        n=1,
        job=job,
        day=day.isoformat(),
        begun_at=micros(at),
        ended_at=None if status == jobs.RUNNING else micros(at),
        status=status,
        detail="" if status == jobs.RUNNING else outcome.written(),
    )


def standing(**replacing):
    """Give an archive that is in good order, but for what a case turns on."""
    good = Standing(
        now=NOON,
        zone=ZONE,
        nightly=time(3, 15),
        founded_at=micros(NOON - timedelta(days=100)),
        pages=(PageStanding(name="city blog", status="complete", live=3),),
        index=State(held=3, of=3),
        ledger=LedgerStanding(size=9, copied=9, last_at=micros(STRUCK)),
        runs={"nightly": a_run()},
        recipients=2,
        adopted=True,
        free_bytes=10 * health.LEAST_FREE,
    )
    return replace(good, **replacing)


def subjects(one):
    return [problem.subject for problem in health.problems(one)]


def a_problem(subject):
    return Problem(subject=subject, what=f"{subject} is broken", remedy="Mend it.")


@pytest.fixture
def archive(tmp_path):
    archive = an_archive(tmp_path)
    yield archive
    archive.office.close()


# --- judged -----------------------------------------------------------------------------------


def test_an_archive_in_good_order_is_healthy():
    assert health.problems(standing()) == []
    assert health.notes(standing()) == []


def test_every_problem_comes_with_a_remedy():
    worst = standing(
        pages=(PageStanding(name="city blog", status="failed", token_missing=True),),
        index=State(held=1, of=3),
        ledger=LedgerStanding(size=9, copied=8, last_at=micros(NOON + SECOND)),
        runs={"upkeep": a_run(job="upkeep", status=jobs.BROKEN_OFF)},
        beats={
            "scheduler": Beat("scheduler", micros(STRUCK), timetable.STARTED),
            "mail": Beat("mail", micros(STRUCK), "refused"),
        },
        recipients=0,
        unfinished=2,
        unreconciled=True,
        free_bytes=0,
    )

    found = health.problems(worst)

    assert len(found) >= 11
    assert all(problem.what and problem.remedy.endswith(".") for problem in found)
    assert len({problem.subject for problem in found}) == len(found)


@pytest.mark.parametrize(("late", "red"), [(-SECOND, False), (timedelta(0), False), (SECOND, True)])
def test_a_night_that_has_not_begun_two_hours_after_its_hour_was_missed(late, red):
    now = STRUCK + health.LATE + late
    yesterdays = {"nightly": a_run(MONDAY - timedelta(days=1))}

    assert ("missed night" in subjects(standing(now=now, runs=yesterdays))) is red
    assert ("missed night" in subjects(standing(now=now, runs={}))) is red
    assert "missed night" not in subjects(standing(now=now))


def test_an_archive_founded_today_has_missed_no_night():
    assert subjects(standing(runs={}, founded_at=micros(STRUCK + SECOND))) == []


def test_a_night_that_came_out_with_faults_is_red_until_the_next():
    faulty = a_run(status=jobs.FAULTS, problems=[a_problem("purge")])

    assert subjects(standing(runs={"nightly": faulty})) == ["purge"]


def test_what_a_night_said_of_pages_and_the_index_is_judged_by_how_they_stand_now():
    old = [a_problem("page city blog"), a_problem("index"), a_problem("unfinished destruction")]

    assert subjects(standing(runs={"nightly": a_run(problems=old)})) == []


def test_a_fault_of_a_page_that_is_configured_no_more_is_still_said():
    old = [a_problem("page former blog")]

    assert subjects(standing(runs={"nightly": a_run(problems=old)})) == ["page former blog"]


def test_a_run_without_a_process_was_broken_off():
    running = {"nightly": a_run(status=jobs.RUNNING)}

    assert subjects(standing(runs=running)) == ["nightly"]
    assert subjects(standing(runs=running, at_work=frozenset({"nightly"}))) == []
    assert subjects(standing(runs=running, at_work=frozenset({"scheduler"}))) == []


@pytest.mark.parametrize(
    ("status", "imports", "red"),
    [
        ("complete", False, False),
        ("partial", False, True),
        ("suspect", False, True),
        ("failed", False, True),
        ("", False, False),
        ("partial", True, False),
        ("failed", True, True),
        ("", True, False),
    ],
)
def test_a_page_whose_last_capture_is_not_complete_is_red(status, imports, red):
    """An export with gaps stays one; nobody can make it whole, so it is only said."""
    page = PageStanding(name="city blog", status=status, imports=imports, gaps=4)
    one = standing(pages=(page,))

    assert bool(subjects(one)) is red
    assert bool(health.notes(one)) is (
        not red and status != "complete" and (imports <= bool(status))
    )
    assert all("4 gaps are open" in problem.what for problem in health.problems(one))


def test_one_gap_is_one():
    page = PageStanding(name="city blog", status="partial", gaps=1)

    (problem,) = health.problems(standing(pages=(page,)))

    assert problem.what == "city blog: the last capture is partial, 1 gap is open"


@pytest.mark.parametrize(
    ("unended", "at_work", "red"), [("page 1", set(), True), ("page 1", {"page 1"}, False)]
)
def test_an_import_that_was_broken_off_is_red_unless_somebody_is_at_it(unended, at_work, red):
    page = PageStanding(name="export", imports=True, live=3, unended=unended)

    found = health.problems(standing(pages=(page,), at_work=frozenset(at_work)))

    assert [one.subject for one in found] == (["import of export"] if red else [])


def test_a_token_that_is_not_set_is_red():
    page = PageStanding(name="city blog", status="complete", token_missing=True)

    assert subjects(standing(pages=(page,))) == ["token of city blog"]


@pytest.mark.parametrize(
    ("index", "red"),
    [
        (State(held=3, of=3), False),
        (State(held=2, of=3, waiting=1), False),
        (State(held=2, of=3), True),
        (State(held=4, of=3), True),
        (State(held=None, of=3, fault=IndexUnavailable("it is gone")), True),
    ],
)
def test_an_index_that_lacks_items_and_waits_for_none_is_red(index, red):
    assert subjects(standing(index=index)) == (["index"] if red else [])


@pytest.mark.parametrize(
    ("age", "says", "alive", "told"),
    [
        (heartbeat.SILENT, timetable.STARTED, True, ""),
        (heartbeat.SILENT + SECOND, timetable.STARTED, True, "is there, and has given no sign"),
        (SECOND, timetable.STARTED, False, "ended without a goodbye"),
        (timedelta(days=9), timetable.STARTED, False, "ended without a goodbye"),
        (timedelta(days=9), timetable.STOPPED, False, ""),
    ],
)
def test_a_scheduler_that_died_is_red_at_once_and_one_that_holds_its_lock_once_it_falls_silent(
    age, says, alive, told
):
    one = standing(
        beats={"scheduler": Beat("scheduler", micros(NOON - age), f"{says}; process 7")},
        at_work=frozenset({"scheduler"} if alive else ()),
    )

    found = [problem.what for problem in health.problems(one)]

    assert [told in what for what in found] == ([True] if told else [])


@pytest.mark.parametrize(("recipients", "red"), [(0, True), (1, True), (2, False), (3, False)])
def test_fewer_than_two_people_who_are_told_are_red_but_in_a_demonstration(recipients, red):
    one = standing(recipients=recipients)
    shown = standing(recipients=recipients, demonstration=True)

    assert subjects(one) == (["recipients"] if red else [])
    assert subjects(shown) == []
    assert any("nobody is told" in note for note in health.notes(shown)) is red


@pytest.mark.parametrize(
    ("free", "red"),
    [(health.LEAST_FREE - 1, True), (health.LEAST_FREE, False), (None, False)],
)
def test_a_full_disk_is_red(free, red):
    assert subjects(standing(free_bytes=free)) == (["disk"] if red else [])


@pytest.mark.parametrize(
    ("copied", "age", "red"),
    [
        (9, timedelta(days=1), False),
        (8, health.COPY_BEHIND, False),
        (8, health.COPY_BEHIND + SECOND, True),
        (10, timedelta(0), True),
    ],
)
def test_a_copy_of_the_ledger_that_lags_for_long_or_is_longer_is_red(copied, age, red):
    ledger = LedgerStanding(size=9, copied=copied, last_at=micros(NOON - age))

    assert subjects(standing(ledger=ledger)) == (["ledger copy"] if red else [])


def test_a_store_without_any_copy_of_the_ledger_is_red_at_once():
    """Of a deed before its acknowledgement a part of the copy is there; of a lost store none."""
    emptied = standing(ledger=LedgerStanding(size=9, copied=0, last_at=micros(NOON)))
    behind = standing(ledger=LedgerStanding(size=9, copied=1, last_at=micros(NOON)))

    (problem,) = health.problems(emptied)

    assert problem.what == "the object store has no signed copy of the ledger's 9 entries"
    assert (health.notes(emptied), health.problems(behind)) == ([], [])
    assert len(health.notes(behind)) == 1


def test_a_destruction_that_is_not_done_is_red_unless_somebody_is_at_it():
    assert subjects(standing(unfinished=3)) == ["unfinished destruction"]
    assert subjects(standing(unfinished=3, at_work=frozenset({"disposition"}))) == []


@pytest.mark.parametrize(("indexed", "red"), [(9, False), (5, True)])
def test_only_what_a_begun_destruction_left_in_the_index_is_for_the_destruction_to_take_out(
    indexed, red
):
    differs = standing(unfinished=3, index=State(held=indexed, of=6, begun=3))

    assert ("index" in subjects(differs)) is red
    assert "index" in subjects(standing(index=State(held=indexed, of=6)))


def test_items_that_are_due_and_wait_for_a_person_are_said():
    assert any("7 items are due" in note for note in health.notes(standing(due_unattended=7)))
    assert health.notes(standing(due_unattended=7, unattended=True)) == []
    assert any("no adoption" in note for note in health.notes(standing(adopted=False)))


def test_runs_that_were_left_out_are_said_for_a_day():
    name = f"{timetable.DELAYED}visit city blog"
    lately = standing(beats={name: Beat(name, micros(NOON - timedelta(hours=23)), "left out")})
    long_ago = standing(beats={name: Beat(name, micros(NOON - timedelta(hours=25)), "left out")})

    assert health.notes(lately) == ["visit city blog: left out"]
    assert health.notes(long_ago) == []


# --- looked at --------------------------------------------------------------------------------


def test_after_a_good_night_the_archive_is_healthy_and_says_what_it_holds(archive):
    archive.platform.shows = [an_observation("1"), an_observation("2", TRANSITORY)]
    do_night(archive.office, archive.person, again=True)
    archive.issue_hold("1")

    found = look_around(archive.office)

    at = found.standing
    assert found.healthy, found.problems
    assert (found.last_night.day, found.last_night.status) == ("2026-03-01", jobs.DONE)
    assert (at.index.indexed, at.index.of, at.held, at.queue, at.due) == (2, 2, 1, 1, 0)
    (page,) = at.pages
    assert (page.name, page.status, page.live, page.gaps) == ("town page", "complete", 2, 0)
    assert at.ledger.copied == at.ledger.size
    assert at.founded_at == micros(archive.clock.now)


def test_an_item_that_is_due_is_counted(archive):
    archive.capture(an_observation("1", TRANSITORY))
    archive.clock.forward(days=100)
    archive.capture()

    assert look_around(archive.office).standing.due == 1


def test_an_index_that_is_missing_is_said_and_never_shown_as_none_of_none(archive):
    archive.capture(an_observation("1"))
    archive.office.index.close()
    shutil.rmtree(archive.folder / "index")
    archive.reopen()

    found = look_around(archive.office)

    assert (found.standing.index.indexed, found.standing.index.of) == (None, 1)
    (problem,) = found.problems
    assert problem.subject == "index"
    assert "archiver index rebuild" in problem.remedy


def test_a_page_that_the_night_found_busy_shows_as_failed(archive):
    """That visit left no capture in the catalogue; the run that tried remembers it."""
    account, today = archive.office.account, archive.office.account.today()
    archive.capture(an_observation("1"))
    archive.clock.forward(hours=1)
    timetable.begin(account, NIGHTLY, today)
    timetable.end(account, NIGHTLY, today, Outcome(captures={"town page": "failed"}))
    failed = look_around(archive.office)
    archive.clock.forward(hours=1)
    archive.capture()

    assert failed.standing.pages[0].status == "failed"
    assert look_around(archive.office).standing.pages[0].status == "complete"


def test_a_page_that_the_configuration_calls_something_else_is_named_as_searches_name_it(archive):
    archive.capture()
    archive.page = replace(archive.page, name="another name")
    archive.reopen()

    (note,) = (n for n in look_around(archive.office).notes if "another name" in n)

    assert "stands as town page in searches and holds" in note


def test_open_gaps_and_the_platforms_own_count_are_shown(archive):
    archive.platform.absent = {"picture"}
    archive.capture(an_observation("1", attachments=["picture"]))

    found = look_around(archive.office)

    (page,) = found.standing.pages
    assert (page.status, page.gaps, page.lasting) == ("partial", 0, 1)
    assert [p.subject for p in found.problems] == ["page town page"]


def test_a_lagging_copy_of_the_ledger_is_noticed(archive):
    archive.capture(an_observation("1"))
    timetable.beat(archive.office.account, "scheduler", "stopped")
    with archive.office.catalogue.writing() as desk:
        now = archive.clock.now
        desk.enter(Leaf(kind=EventKind.BACKUP_MADE, at=now, by=archive.person.id))

    found = look_around(archive.office)

    assert found.standing.ledger.size == found.standing.ledger.copied + 1
    assert any("lacks 1 entry," in note for note in found.notes)


def test_a_scheduler_is_said_to_run_while_its_lock_is_held_and_no_longer(archive):
    timetable.beat(archive.office.account, "scheduler", f"{timetable.STARTED}; process 7")

    with archive.office.catalogue.exclusive("scheduler"):
        alive = look_around(archive.office)
    dead = look_around(archive.office)

    assert alive.healthy
    assert alive.heartbeat["says"] == "running; process 7"
    assert [problem.subject for problem in dead.problems] == ["scheduler"]
    assert dead.heartbeat["says"] == "ended without a goodbye; process 7"


def test_a_night_under_way_is_not_taken_for_broken_off(archive):
    account = archive.office.account
    timetable.begin(account, "nightly", account.today())

    with archive.office.catalogue.exclusive("nightly"):
        under_way = look_around(archive.office)
    afterwards = look_around(archive.office)

    assert under_way.healthy
    assert [p.what for p in afterwards.problems] == ["nightly of 2026-03-02 was broken off"]


def test_what_an_import_that_was_killed_left_out_is_told_until_it_is_imported_again(archive):
    def killed(count):
        if count:
            raise KeyboardInterrupt

    def problems():
        return [problem.what for problem in look_around(archive.office).problems]

    archive.platform.imports = True
    archive.platform.shows = [an_observation("1")]
    visitor = archive.office.visitor(archive.person)
    with archive.office.source(archive.page) as source, pytest.raises(KeyboardInterrupt):
        capture(visitor, archive.platform, archive.page, source, progress=killed)
    page_n = archive.item("1").page_n

    assert problems() == ["town page: its last import was broken off; 1 item is here"]
    with archive.office.catalogue.exclusive(f"page {page_n}"):
        assert problems() == []
    archive.capture(an_observation("1"), an_observation("2"))
    assert problems() == []


def test_a_visit_with_gaps_names_how_many_and_why(archive):
    coverage = archive.capture(
        an_observation("1"),
        Gap(what="a", why=GapReason.UNREACHABLE),
        Gap(what="b", why=GapReason.UNREACHABLE),
    )
    (problem,) = of_captures([coverage])

    assert problem.what == "town page: the capture is partial (2 unreachable)"


@pytest.mark.parametrize("others", [(), (Gap(what="a", why=GapReason.UNREACHABLE),)])
def test_only_a_visit_that_another_kept_away_says_to_wait_for_that(archive, others):
    busy = Gap(what="visit", why=GapReason.BUSY)
    coverage = replace(archive.capture(an_observation("1")), status=CaptureStatus.FAILED)

    (problem,) = of_captures([replace(coverage, gaps=[busy, *others])])

    assert ("Another visit" in problem.remedy) is (not others)
    assert ("address and token" in problem.remedy) is bool(others)


@pytest.mark.parametrize(("able", "said"), [(0, True), (1, True), (2, False), (3, False)])
def test_with_fewer_than_two_who_can_approve_the_status_says_that_nothing_is_destroyed(able, said):
    words = f"{able} of 2 people can approve"

    notes = health.notes(standing(approvers=able, adopted=False))
    problems = [p.what for p in health.problems(standing(approvers=able))]

    assert any(words in note for note in notes) is said
    assert any(words in what for what in problems) is said
    shown = standing(approvers=0, demonstration=True)
    assert not any("can approve" in note for note in health.notes(shown))
    assert "approvers" not in subjects(shown)


@pytest.mark.parametrize(("may", "remedy"), [(2, "people enrol"), (1, "people add")])
def test_where_nobody_is_enrolled_any_more_the_status_says_who_enrols_first(may, remedy):
    """So it is after every rebuild: law is in force, and nobody has credentials to see to it."""
    (problem,) = health.problems(standing(approvers=0, may_approve=may))

    assert remedy in problem.remedy
