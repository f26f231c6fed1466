"""The timetable at work: a real scheduler, a real mail server, real processes."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archiver.catalogue import jobs
from archiver.config import Alerts
from archiver.index.memory import MemoryIndex
from archiver.jobs.duties import Duties
from archiver.jobs.mail import Mailer
from archiver.jobs.scheduling import daily, run_once, timetable_of
from archiver.jobs.work import do_night, look_around
from archiver.procedures import timetable
from archiver.procedures.alerting import Letter
from archiver.records.captures import Gap, GapReason
from archiver.records.errors import ArchiveBusy
from tests.archive import (
    PAGE,
    TRANSITORY,
    SettableClock,
    an_archive,
    an_observation,
)
from tests.cli.clerk import Clerk

ZONE = ZoneInfo("America/Los_Angeles")
MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)
ZONES = ["America/New_York", "America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe"]
TWO_PEOPLE = ("records@example.gov", "clerk@example.gov")
CONFIG = """
[agency]
name = "Demonstration Police Department"
time_zone = "America/Los_Angeles"
demonstration = true
[archive]
schedule = "demo"
"""


class MistakenIndex(MemoryIndex):
    """An index with a mistake in it."""

    def writing(self):
        raise ZeroDivisionError("by mistake")


def alerts(postbox, *to):
    return Alerts(
        mail_to=to or TWO_PEOPLE,
        mail_from="archiver@example.gov",
        smtp_host="127.0.0.1",
        smtp_port=postbox.port,
    )


@pytest.fixture
def archive(tmp_path):
    archive = an_archive(tmp_path, clock=SettableClock(MORNING))
    yield archive
    archive.office.close()


def configured(archive, **replacing):
    """Have the configuration say something else."""
    archive.office.config = replace(archive.office.config, **replacing)
    return archive.office


def do_what_is_due(archive, said=None):
    return run_once(Duties(archive.office, say=(said if said is not None else []).append))


def run_of(archive, job, day):
    with archive.office.catalogue.reading() as connection:
        return jobs.of_day(connection, job, day.isoformat())


# --- the night under the scheduler ----------------------------------------------------------------


def test_what_is_due_is_done_once_and_in_the_schedulers_name(archive):
    archive.platform.shows = [an_observation("1")]

    first = do_what_is_due(archive)
    archive.platform.shows = [an_observation("2")]
    second = do_what_is_due(archive)

    assert (first, second) == (True, True)
    assert archive.found("patrol") == ["1"]
    night = run_of(archive, "nightly", date(2026, 3, 2))
    assert night.status == jobs.DONE
    assert look_around(archive.office).healthy


def test_the_next_night_is_due_when_its_hour_strikes_in_the_agencys_zone(archive):
    do_what_is_due(archive)
    archive.platform.shows = [an_observation("1")]
    archive.clock.now = datetime(2026, 3, 3, 3, 14, 59, tzinfo=ZONE)
    do_what_is_due(archive)
    before = archive.found("patrol")
    archive.clock.forward(seconds=1)

    do_what_is_due(archive)

    assert before == []
    assert archive.found("patrol") == ["1"]


def test_nights_that_were_missed_are_caught_up_by_one_run(archive):
    do_what_is_due(archive)
    archive.clock.forward(days=3)
    said = []

    do_what_is_due(archive, said)

    statuses = [run_of(archive, "nightly", date(2026, 3, day)).status for day in (2, 3, 4, 5)]
    assert statuses == [jobs.DONE, jobs.COVERED, jobs.COVERED, jobs.DONE]
    assert any("caught up on 2 missed" in line for line in said)


def test_the_scheduler_destroys_only_where_the_mode_is_carry_out(archive):
    archive.capture(an_observation("1", TRANSITORY))
    archive.clock.forward(days=100)

    do_what_is_due(archive)
    proposed = archive.item("1").life
    configured(archive, purge_mode="carry-out")
    archive.clock.forward(days=1)
    do_what_is_due(archive)

    assert proposed == "live"
    assert archive.item("1").life == "destroyed"


def test_a_failing_job_is_seen_in_the_status_and_in_how_it_ends(archive):
    archive.platform.shows = [Gap(what="the listing", why=GapReason.UNREACHABLE)]

    well = do_what_is_due(archive)

    assert not well
    found = look_around(archive.office)
    assert found.last_night.status == jobs.FAULTS
    assert [p.subject for p in found.problems] == ["page town page"]


def test_once_says_of_a_night_that_was_done_before_that_it_failed_until_it_is_done_well(archive):
    archive.platform.shows = [Gap(what="the listing", why=GapReason.UNREACHABLE)]
    do_night(archive.office, archive.person, again=True)
    said = []

    failed = do_what_is_due(archive, said)
    do_night(archive.office, archive.person, again=True)

    assert not failed
    assert [line for line in said if "`archiver nightly` does it again" in line]
    assert do_what_is_due(archive)


def test_a_mistake_of_ours_in_one_job_stops_no_other(archive):
    configured(archive, pages=(replace(PAGE, every=15),)).index = MistakenIndex()
    duties = Duties(archive.office, say=lambda _line: None)

    well = run_once(duties)

    assert not well
    today = date(2026, 3, 2)
    assert run_of(archive, "nightly", today).status == jobs.FAILED
    assert run_of(archive, "visit town page", today).status == jobs.FAILED
    assert run_of(archive, "upkeep", date(2026, 3, 1)).status == jobs.DONE
    problems = {p.what for p in look_around(archive.office).problems}
    assert "nightly: ended by ZeroDivisionError" in problems


def test_a_second_scheduler_refuses(archive):
    with archive.office.catalogue.exclusive("scheduler"), pytest.raises(ArchiveBusy):
        do_what_is_due(archive)


def test_a_night_that_a_person_is_at_is_left_to_them(archive):
    said = []

    with archive.office.catalogue.exclusive("nightly"):
        well = do_what_is_due(archive, said)

    assert well
    assert any("left to it" in line for line in said)
    assert run_of(archive, "nightly", date(2026, 3, 2)) is None


def test_what_a_dead_scheduler_left_under_way_is_done_again(archive):
    timetable.begin(archive.office.account, "upkeep", date(2026, 3, 1))

    do_what_is_due(archive)

    assert run_of(archive, "upkeep", date(2026, 3, 1)).status == jobs.DONE


# --- light visits -------------------------------------------------------------------------------


def test_a_light_visit_keeps_and_indexes_what_was_posted_since(archive):
    configured(archive, pages=(replace(PAGE, every=15),))
    do_what_is_due(archive)
    archive.platform.shows = [an_observation("1")]
    archive.clock.forward(minutes=14)
    do_what_is_due(archive)
    too_early = archive.found("patrol")
    archive.clock.forward(minutes=1)

    do_what_is_due(archive)

    assert too_early == []
    assert archive.found("patrol") == ["1"]


def test_a_page_without_every_is_visited_by_night_alone(archive):
    duties = Duties(archive.office, say=lambda _line: None)

    assert [job.id for job in timetable_of(duties)] == [
        "heartbeat", "nightly", "held pages", "upkeep", "daily line", "watch",
    ]  # fmt: skip


@pytest.mark.parametrize("named", ["page", "item"])
def test_a_page_that_a_hold_names_is_visited_every_quarter_of_an_hour(archive, named):
    archive.platform.shows = [an_observation("1")]
    do_what_is_due(archive)
    page = archive.office.page_id(PAGE.name)
    issued = (
        archive.issue_hold(pages=frozenset({page})) if named == "page" else archive.issue_hold("1")
    )
    duties = Duties(archive.office, say=lambda _line: None)

    visited = []
    for minutes in (0, 14, 1):
        archive.clock.forward(minutes=minutes)
        assert duties.visit_held()
        visited.append(len(archive.platform.asked))

    assert visited[1] == visited[0]
    assert visited[2] == visited[1] + 1
    assert issued.hold in archive.held_by("1")


OTHER = replace(PAGE, name="jail page", url="https://social.example/jail")


@pytest.mark.parametrize(
    ("criteria", "visited"),
    [
        ({"query": "zebra"}, {"town page"}),
        ({"query": "nothing has this word"}, {"town page", "jail page"}),
        ({"query": 'page:"jail page" nothing'}, {"jail page"}),
        ({"query": 'NOT page:"jail page"'}, {"town page"}),
        ({"query": 'zebra OR page:"jail page"'}, {"town page", "jail page"}),
        ({"since": MORNING - timedelta(hours=1)}, {"jail page"}),
        ({"since": MORNING + timedelta(days=9)}, {"town page", "jail page"}),
        ({"authors": ["ann"]}, {"town page"}),
        ({"authors": ["bob"]}, {"town page", "jail page"}),
    ],
)
def test_a_hold_that_names_no_page_concerns_those_it_covers_something_on_else_any(
    archive, criteria, visited
):
    before = MORNING - timedelta(days=9)
    archive.capture(an_observation("1", "a zebra", author="ann", at=before))
    archive.capture(an_observation("2", "a horse", author="cem", at=MORNING), page=OTHER)
    configured(archive, pages=(PAGE, OTHER))
    key = archive.office.keys.archive
    by = [key.author(PAGE.platform, name) for name in criteria.get("authors", ())]
    archive.issue_hold(**criteria | {"authors": by})
    archive.clock.forward(minutes=1)

    assert Duties(archive.office, say=lambda _line: None).visit_held()

    names = {PAGE.name, OTHER.name}
    assert {n for n in names if timetable.last_run(archive.office.account, f"visit {n}")} == visited


def test_without_a_hold_no_page_is_visited_more_often(archive):
    do_what_is_due(archive)
    before = len(archive.platform.asked)

    assert Duties(archive.office, say=lambda _line: None).visit_held()
    assert len(archive.platform.asked) == before


def test_a_light_visit_leaves_out_a_page_the_night_is_at(archive):
    configured(archive, pages=(replace(PAGE, every=15),))
    duties = Duties(archive.office, say=lambda _line: None)
    archive.platform.shows = [an_observation("1")]

    with duties.kept_from_light_visits():
        well = duties.visit(archive.office.config.pages[0])

    assert well
    assert archive.platform.asked == []
    assert any("left out" in note for note in look_around(archive.office).notes)


# --- summer time --------------------------------------------------------------------------------


@settings(max_examples=60)
@given(
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    at=st.builds(time, st.integers(0, 4), st.sampled_from([0, 15, 30, 59])),
    first=st.one_of(
        st.sampled_from([date(2026, 3, 6), date(2026, 10, 30), date(2027, 3, 12)]),
        st.dates(min_value=date(2026, 1, 1), max_value=date(2028, 12, 1)),
    ),
)
@example(ZoneInfo("America/New_York"), time(0, 0), date(2026, 3, 6))  # a bare cron leaves one out
def test_every_day_has_its_night_within_a_quarter_of_an_hour(zone, at, first):
    """However often APScheduler fires, or does not, when the clock is put forward or back."""
    trigger = daily(at, zone)
    now, last, late = datetime.combine(first, time(12), zone), None, {}
    while len(late) < 5:
        fired = trigger.get_next_fire_time(last, now)
        day = timetable.day_due(fired, at, zone)
        late.setdefault(day, fired - timetable.struck(day, at, zone))
        last, now = fired, (fired.astimezone(UTC) + timedelta(milliseconds=1)).astimezone(zone)

    assert list(late) == [first + timedelta(days=k) for k in range(5)]
    del late[first]
    assert max(late.values()) <= timedelta(minutes=15)


@pytest.mark.parametrize(
    ("hour", "day"), [("01:30", date(2027, 11, 7)), ("02:30", date(2027, 3, 14))]
)
def test_a_night_on_the_day_the_clocks_change_is_done_once(archive, hour, day):
    configured(archive, nightly=hour)
    archive.clock.now = datetime.combine(day, time(0, 30), ZONE)
    do_what_is_due(archive)
    nights = 0
    for _ in range(24 * 4):
        archive.clock.forward(minutes=15)
        before = run_of(archive, "nightly", day)
        Duties(archive.office, say=lambda _line: None).nightly()
        after = run_of(archive, "nightly", day)
        nights += after is not None and (before is None or before.begun_at != after.begun_at)

    assert nights == 1


# --- mail ---------------------------------------------------------------------------------------


def test_a_letter_reaches_everybody_as_it_was_written(postbox):
    sent = Mailer(alerts(postbox)).send(Letter("Archiver: healthy", "One line & <two> words."))

    assert (sent.reached, sent.fault) == (2, "")
    assert sorted(to for (to,), _ in postbox.taken) == sorted(TWO_PEOPLE)
    for _, content in postbox.taken:
        assert "Subject: Archiver: healthy\r\n" in content
        assert "From: archiver@example.gov\r\n" in content
        assert content.endswith("\r\n\r\nOne line & <two> words.\r\n")


@pytest.mark.parametrize(
    ("other", "why"), [("nobody@example.gov", "550"), ("not an address", "Dropped invalid")]
)
def test_who_cannot_be_reached_is_said_and_does_not_keep_the_letter_from_others(
    postbox, other, why
):
    sent = Mailer(alerts(postbox, "records@example.gov", other)).send(Letter("S", "B"))

    assert sent.reached == 1
    assert why in sent.fault
    assert len(postbox.taken) == 1


def test_a_mail_server_that_is_not_there_is_said():
    nowhere = Alerts(mail_to=TWO_PEOPLE, smtp_host="127.0.0.1", smtp_port=1)

    sent = Mailer(nowhere).send(Letter("S", "B"))

    assert sent.reached == 0
    assert "Connection refused" in sent.fault


def test_without_recipients_nobody_gets_a_mail(postbox):
    sent = Mailer(replace(alerts(postbox), mail_to=())).send(Letter("S", "B"))

    assert sent.reached == 0
    assert postbox.taken == []


def test_one_line_goes_out_each_morning(archive, postbox):
    configured(archive, alerts=alerts(postbox))
    for hours in (0, 1, 5, 18):  # 09:00, 10:00, 15:00, and 09:00 of the next day
        archive.clock.forward(hours=hours)
        do_what_is_due(archive)

    lines = [content for _, content in postbox.taken if "healthy" in content]
    assert len(lines) == len(postbox.taken) == 2 * len(TWO_PEOPLE)


def test_before_the_morning_no_line_goes_out(archive, postbox):
    configured(archive, alerts=alerts(postbox))
    archive.clock.now = datetime(2026, 3, 3, 6, 59, 59, tzinfo=ZONE)

    do_what_is_due(archive)

    assert postbox.taken == []


def test_a_failure_is_said_at_once_and_not_again_the_same_day(archive, postbox):
    configured(archive, alerts=alerts(postbox))
    archive.clock.now = datetime(2026, 3, 3, 4, 0, tzinfo=ZONE)
    archive.platform.shows = [Gap(what="the listing", why=GapReason.UNREACHABLE)]

    do_what_is_due(archive)
    archive.clock.forward(hours=2)
    do_what_is_due(archive)

    assert len(postbox.taken) == len(TWO_PEOPLE)
    assert all("1 problem" in content for _, content in postbox.taken)
    assert all("town page: the last capture is partial" in c for _, c in postbox.taken)


# --- upkeep -------------------------------------------------------------------------------------


def test_a_weeks_upkeep_leaves_no_room_where_struck_rows_were(archive):
    with archive.office.catalogue.writing_raw() as connection:
        connection.exec_driver_sql("CREATE TABLE ballast (b TEXT)")
        connection.exec_driver_sql(
            "WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < 2000)"
            " INSERT INTO ballast SELECT hex(randomblob(1000)) FROM k"
        )
        connection.exec_driver_sql("DROP TABLE ballast")
    archive.office.catalogue.truncate()
    file = archive.office.catalogue.file
    before = file.stat().st_size
    said = []

    do_what_is_due(archive, said)

    assert before > 4_000_000
    assert file.stat().st_size < before / 4
    assert not [path.name for path in file.parent.iterdir() if path.name.startswith("etilqs")]
    assert any("bytes shorter" in line for line in said)


def test_upkeep_that_finds_somebody_at_a_page_is_done_at_the_next_occasion(archive):
    archive.capture(an_observation("1"))
    sunday = date(2026, 3, 1)

    with archive.office.catalogue.exclusive("page 1"):
        busy = Duties(archive.office, say=lambda _line: None).upkeep()
    in_between = run_of(archive, "upkeep", sunday).status
    free = Duties(archive.office, say=lambda _line: None).upkeep()

    assert (busy, in_between) == (False, jobs.BROKEN_OFF)
    assert (free, run_of(archive, "upkeep", sunday).status) == (True, jobs.DONE)


# --- the process --------------------------------------------------------------------------------


def archiver(folder, *words):
    return [sys.executable, "-m", "archiver", "--config", str(folder / "config.toml"), *words]


@pytest.fixture
def clerk(tmp_path, capsys, monkeypatch) -> Clerk:
    return Clerk(tmp_path, capsys, monkeypatch)


def test_the_process_runs_refuses_a_second_one_and_ends_cleanly_when_told(clerk, tmp_path):
    (tmp_path / "config.toml").write_text(CONFIG)
    assert clerk("init").code == 0

    with subprocess.Popen(archiver(tmp_path, "run"), stderr=subprocess.PIPE, text=True) as first:
        told = []
        for line in first.stderr:
            told.append(line)
            if line.startswith("upkeep"):
                break
        second = subprocess.run(
            archiver(tmp_path, "run"), capture_output=True, text=True, check=False
        )
        first.send_signal(signal.SIGTERM)
        code = first.wait(timeout=60)
        rest = first.stderr.read()

    assert any(line.startswith("nightly of") for line in told)
    assert second.returncode == ArchiveBusy.exit_code
    assert (code, "Traceback" in rest) == (0, False)
    status = clerk("status")
    assert status.code == 0
    assert "scheduler: stopped" in status.out


def test_once_ends_with_one_when_something_failed(clerk, tmp_path):
    page = '[[pages]]\nname = "city blog"\nconnector = "wordpress"\nurl = "http://127.0.0.1:9"\n'
    (tmp_path / "config.toml").write_text(CONFIG + page)
    assert clerk("init").code == 0

    ran = subprocess.run(
        archiver(tmp_path, "run", "--once"), capture_output=True, text=True, check=False
    )

    assert ran.returncode == 1
    assert "city blog: the capture is failed" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_long_duty_ends_after_the_batch_under_way_once_the_process_is_to_stop(archive):
    duties = Duties(archive.office, say=lambda _line: None)
    duties.stopping.set()
    archive.platform.shows = [an_observation("1")]

    with pytest.raises(KeyboardInterrupt):
        duties.nightly()

    assert run_of(archive, "nightly", date(2026, 3, 2)).status == jobs.BROKEN_OFF
    assert duties.idle(within=0)
