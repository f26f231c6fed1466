"""What `status` says of listening."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from archiver.jobs.work import look_around
from archiver.procedures import timetable
from archiver.procedures.listening import (
    BROKEN,
    LATE,
    LISTENER,
    QUIET,
    SILENT,
    SignOfLife,
    listening_problems,
    listening_told,
)
from archiver.procedures.standing import Degree, Standing
from archiver.procedures.streams import STEADY, StreamSign
from archiver.records.deliveries import Waiting
from archiver.records.moments import micros

A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def listener(archive):
    """A listener that gave a sign of life just now."""
    began = micros(archive.clock.now - timedelta(days=1))

    def says(**sign: object) -> None:
        told = SignOfLife(since=began, **sign).written()
        timetable.beat(archive.office.account, LISTENER, told)

    return says


def subjects(archive) -> set[str]:
    return {problem.subject for problem in look_around(archive.office).problems}


def test_where_nobody_ever_listened_nothing_is_said_of_it(archive):
    status = look_around(archive.office)

    assert not any("listening" in note for note in status.notes)
    assert listening_told(status.standing)["since"] is None
    assert subjects(archive).isdisjoint({"listener", "deliveries"})


def test_a_listener_says_since_when_and_what_came(archive, listener):
    listener(kept=7, refused=2)

    (note,) = (note for note in look_around(archive.office).notes if "listening" in note)

    assert "7 deliveries taken, 2 refused" in note
    assert "listener" not in subjects(archive)


@pytest.mark.parametrize(("more", "silent"), [(-A_MINUTE, False), (A_MINUTE, True)])
def test_a_listener_that_fell_silent_needs_a_hand(archive, listener, more, silent):
    listener()
    archive.clock.now += SILENT + more

    assert ("listener" in subjects(archive)) is silent


def test_a_listener_that_said_goodbye_needs_none(archive, listener):
    listener(stopped=True)
    archive.clock.forward(days=3)

    assert "listener" not in subjects(archive)


@pytest.mark.parametrize(
    ("kept", "refused", "warned"), [(0, 3, True), (1, 3, False), (0, 0, False)]
)
def test_where_all_that_came_was_refused_the_secret_is_doubted(
    archive, listener, kept, refused, warned
):
    listener(kept=kept, refused=refused)

    status = look_around(archive.office)

    assert ("signatures" in {warning.subject for warning in status.warnings}) is warned
    assert not warned or status.degree in {Degree.AMBER, Degree.RED}


@pytest.mark.parametrize(("unsubscribed", "warned"), [(0, False), (2, True)])
def test_where_a_hub_takes_no_subscription_that_is_said(archive, listener, unsubscribed, warned):
    listener(unsubscribed=unsubscribed)

    warnings = {warning.subject for warning in look_around(archive.office).warnings}

    assert ("subscriptions" in warnings) is warned


@pytest.mark.parametrize(("more", "late"), [(-A_MINUTE, False), (A_MINUTE, True)])
def test_what_waits_for_more_than_an_hour_needs_a_hand(archive, more, late):
    standing: Standing = look_around(archive.office).standing
    since = micros(archive.clock.now - LATE - more)

    problems = listening_problems(replace(standing, deliveries=Waiting(3, 900, since)))

    assert ["3 deliveries wait" in problem.what for problem in problems] == [True] * late


# --- streams ------------------------------------------------------------------------------------


@pytest.fixture
def stream(archive):
    """The sign of a stream that somebody began to follow just now."""
    return StreamSign(page="1f", name="Microblog", followed_first=micros(archive.clock.now))


def test_what_a_listener_says_of_its_streams_is_read_as_it_was_written(stream):
    followed = stream.opened(5).took(6, "7")
    sign = SignOfLife(since=1, kept=2, streams=(followed,))

    assert SignOfLife.read(sign.written()) == sign
    assert (followed.since, followed.frames, followed.last_at, followed.cursor) == (5, 1, 6, "7")


def test_the_sign_of_a_listener_from_before_streams_were_followed_is_still_read():
    assert SignOfLife.read("[1, 2, 3, true, 4]") == SignOfLife(
        since=1, kept=2, refused=3, stopped=True, unsubscribed=4
    )


def test_a_stream_that_is_followed_says_since_when_and_how_much_came(archive, listener, stream):
    listener(streams=(stream.opened(micros(archive.clock.now)).took(1, ""),))

    found = look_around(archive.office)
    (note,) = (note for note in found.notes if "Microblog" in note)
    (told,) = listening_told(found.standing)["streams"]

    assert "since 2026-03-02 01:00, 1 frames kept" in note
    assert (told["page"], told["frames"], told["broken_since"]) == ("Microblog", 1, None)


@pytest.mark.parametrize(("more", "named"), [(-A_MINUTE, False), (A_MINUTE, True)])
def test_a_stream_that_could_not_be_followed_for_an_hour_needs_a_hand(
    archive, listener, stream, more, named
):
    began = archive.clock.now
    archive.clock.now += BROKEN + more
    listener(streams=(stream.broke(micros(began), "https://social.example answered 401"),))

    problems = {problem.subject: problem for problem in look_around(archive.office).problems}

    assert ("stream of Microblog" in problems) is named
    assert not named or "answered 401" in problems["stream of Microblog"].detail


def test_a_stream_that_opens_and_breaks_off_again_and_again_is_broken_all_the_time(stream):
    for minute in range(3):
        at = minute * STEADY
        stream = stream.broke(at + 1, "first").opened(at + 2)

    assert stream.broke(3 * STEADY, "last").broken_since == 1
    assert stream.broke(3 * STEADY, "last").why == "last"


@pytest.mark.parametrize(("lasted", "anew"), [(STEADY - 1, False), (STEADY, True)])
def test_a_stream_that_held_for_a_minute_breaks_off_anew(stream, lasted, anew):
    held = stream.broke(1, "before").opened(2)

    assert (held.broke(2 + lasted, "again").broken_since == 2 + lasted) is anew


@pytest.mark.parametrize(("more", "warned"), [(-A_MINUTE, False), (A_MINUTE, True)])
def test_a_stream_that_brought_nothing_for_a_week_is_doubted(
    archive, listener, stream, more, warned
):
    held = stream.opened(micros(archive.clock.now))
    archive.clock.now += QUIET + more
    listener(streams=(held,))

    warnings = {warning.subject for warning in look_around(archive.office).warnings}

    assert ("silence of Microblog" in warnings) is warned


def test_of_the_streams_of_a_listener_that_said_goodbye_nothing_is_said(archive, listener, stream):
    listener(streams=(stream.broke(1, "gone"),), stopped=True)

    found = look_around(archive.office)

    assert listening_told(found.standing)["streams"] == []
    assert not any("Microblog" in text for text in (*found.notes, *map(str, found.problems)))
