"""What `status` says of listening."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from archiver.jobs.work import look_around
from archiver.procedures import timetable
from archiver.procedures.listening import (
    LATE,
    LISTENER,
    SILENT,
    SignOfLife,
    listening_problems,
    listening_told,
)
from archiver.procedures.standing import Degree, Standing
from archiver.records.deliveries import Waiting
from archiver.records.moments import micros

A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def listener(archive):
    """A listener that gave a sign of life just now."""
    began = micros(archive.clock.now - timedelta(days=1))

    def says(**sign: int) -> None:
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
