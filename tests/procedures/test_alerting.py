"""What is said of failures, when, and to how many; and that no text of an item is in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.catalogue.jobs import AlertRow
from archiver.jobs.work import look_around
from archiver.procedures import alerting, telling, timetable
from archiver.procedures.problems import Problem
from archiver.procedures.telling import Sent
from archiver.records.captures import Gap, GapReason
from archiver.records.moments import micros
from tests.archive import an_archive, an_observation

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def a_problem(subject: str = "page city blog") -> Problem:
    return Problem(
        subject=subject, what="City blog: failed", remedy="Look.", detail="https://x.example/secret"
    )


def said(*, first: timedelta, last: timedelta, times: int) -> dict[str, AlertRow]:
    row = AlertRow(
        subject="page city blog",
        first_at=micros(NOW - first),
        last_sent_at=micros(NOW - last),
        sent=times,
    )
    return {row.subject: row}


class Postbox:
    """Takes letters for as many people as it is told."""

    def __init__(self, reached: int = 2, fault: str = "") -> None:
        self.letters = []
        self.answer = Sent(reached=reached, fault=fault)

    def __call__(self, letter):
        self.letters.append(letter)
        return self.answer


@pytest.fixture
def archive(tmp_path):
    archive = an_archive(tmp_path, index="memory:")
    yield archive
    archive.office.close()


# --- when -------------------------------------------------------------------------------------


def test_a_new_failure_is_said_at_once():
    assert alerting.to_say([a_problem()], {}, NOW) == [a_problem()]


@pytest.mark.parametrize(
    ("stands", "due"), [(2 * DAY - SECOND, False), (2 * DAY, True), (2 * DAY + SECOND, True)]
)
def test_it_is_said_again_after_two_days(stands, due):
    before = said(first=stands, last=stands, times=1)

    assert bool(alerting.to_say([a_problem()], before, NOW)) is due


@pytest.mark.parametrize("times", [2, 3, 17])
@pytest.mark.parametrize(
    ("since", "due"), [(5 * DAY - SECOND, False), (5 * DAY, True), (5 * DAY + SECOND, True)]
)
def test_and_then_every_five_days(times, since, due):
    before = said(first=30 * DAY, last=since, times=times)

    assert bool(alerting.to_say([a_problem()], before, NOW)) is due


@pytest.mark.parametrize("since", [DAY - SECOND, DAY])
def test_a_mended_failure_is_forgotten_after_a_quiet_day(since):
    before = said(first=3 * DAY, last=since, times=2)

    assert alerting.mended([], before, NOW) == (["page city blog"] if since >= DAY else [])
    assert alerting.mended([a_problem()], before, NOW) == []


@given(st.lists(st.booleans(), min_size=1, max_size=200))
def test_a_page_that_fails_every_other_hour_fills_no_letterbox(fails):
    now, rows, letters = NOW, {}, 0
    for failing in fails:
        problems = [a_problem()] if failing else []
        if alerting.to_say(problems, rows, now):
            letters += 1
            old = rows.get("page city blog")
            first, times = (old.first_at, old.sent) if old else (micros(now), 0)
            rows["page city blog"] = AlertRow(
                subject="page city blog", first_at=first, last_sent_at=micros(now), sent=times + 1
            )
        for subject in alerting.mended(problems, rows, now):
            del rows[subject]
        now += timedelta(hours=1)

    assert letters <= 1 + len(fails) // 24


# --- what -------------------------------------------------------------------------------------


def test_a_letter_of_failures_says_what_to_do_and_since_when_but_no_address():
    letter = alerting.failures(
        "Example\r\nPolice", [a_problem()], said(first=DAY, last=DAY, times=1)
    )

    assert letter.subject == "Archiver of Example Police: 1 problem"
    assert "City blog: failed\n  What to do: Look.\n" in letter.body
    assert "since 2026-03-09 12:00 UTC" in letter.body
    assert "secret" not in letter.body


def test_no_word_of_an_item_or_of_its_address_goes_out_by_mail(archive):
    archive.platform.absent = {"canary-picture"}
    archive.capture(
        an_observation("1", "A canary sings", attachments=["canary-picture"], author="canary"),
        Gap(what="https://social.example/posts/canary-song", why=GapReason.UNREACHABLE),
    )
    postbox, office = Postbox(), archive.office
    status = look_around(office)

    telling.tell_failures(office.account, "Example", status, postbox)
    telling.tell_day(office.account, "Example", status, postbox)

    failures, line = postbox.letters
    assert "town page: the last capture is partial" in failures.body
    assert "0 of 1 page complete; 1 item, " in line.body
    assert "canary" not in repr(postbox.letters)


def test_the_line_of_a_good_day_says_so(archive):
    archive.capture(an_observation("1"))
    timetable.claim(archive.office.account, "nightly", archive.office.account.today())
    timetable.end(
        archive.office.account,
        "nightly",
        archive.office.account.today(),
        timetable.Outcome(captures={"town page": "complete"}),
    )

    letter = alerting.daily_line("Example", look_around(archive.office))

    assert letter.subject == "Archiver of Example: healthy"
    assert letter.body.startswith(
        "night of 2026-03-02 done; 1 of 1 page complete; 1 item, 1 indexed; "
        "0 due, 0 held, 1 to review."
    )


# --- whether it went out ------------------------------------------------------------------------


def a_failing_page(archive):
    archive.capture(Gap(what="the listing", why=GapReason.UNREACHABLE))
    return look_around(archive.office)


def test_what_was_said_is_not_said_again_until_it_is_due(archive):
    account, postbox = archive.office.account, Postbox()
    status = a_failing_page(archive)

    told = [telling.tell_failures(account, "Example", status, postbox) for _ in range(2)]
    archive.clock.forward(days=2)
    told.append(telling.tell_failures(account, "Example", status, postbox))

    assert told == [1, 0, 1]
    assert len(postbox.letters) == 2


def test_what_reached_nobody_is_said_at_the_next_occasion(archive):
    account, status = archive.office.account, a_failing_page(archive)
    out_of_order = Postbox(reached=0, fault="connection refused")

    first = telling.tell_failures(account, "Example", status, out_of_order)
    second = telling.tell_failures(account, "Example", status, Postbox())

    assert (first, second) == (0, 1)


def test_a_mail_that_did_not_reach_everybody_is_a_problem_until_one_does(archive):
    account, status = archive.office.account, a_failing_page(archive)

    telling.tell_day(account, "Example", status, Postbox(reached=1, fault="550 no such user"))
    while_broken = look_around(archive.office)
    telling.tell_day(account, "Example", status, Postbox())
    mended = look_around(archive.office)

    (mail,) = [p for p in while_broken.problems if p.subject == "mail"]
    assert mail.what == "the last mail did not reach everybody whom [alerts] names"
    assert mail.detail == "550 no such user"
    assert "mail" not in {p.subject for p in mended.problems}


def test_a_failure_that_is_gone_and_forgotten_is_said_at_once_when_it_comes_back(archive):
    account, postbox = archive.office.account, Postbox()
    bad = a_failing_page(archive)
    telling.tell_failures(account, "Example", bad, postbox)
    archive.clock.forward(days=1)
    archive.capture(an_observation("1"))

    telling.tell_failures(account, "Example", look_around(archive.office), postbox)
    again = telling.tell_failures(account, "Example", a_failing_page(archive), postbox)

    assert again == 1
    assert "town page" in postbox.letters[-1].body
