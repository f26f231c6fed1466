"""How long is waited before a stream is opened anew."""

from __future__ import annotations

import pytest

from archiver.listening.following import PAUSE_SECONDS, STEADY_SECONDS, Pauses


def test_each_wait_is_twice_as_long_as_the_one_before_and_none_longer_than_five_minutes():
    pauses = Pauses()

    waited = [pauses.after(0.0, refused=False) for _ in range(12)]

    assert waited[:4] == [1.0, 2.0, 4.0, 8.0]
    assert waited[-1] == PAUSE_SECONDS[1] == 300.0


@pytest.mark.parametrize(
    ("lasted", "wait"),
    [(STEADY_SECONDS - 1, 4.0), (STEADY_SECONDS, 1.0), (STEADY_SECONDS + 1, 1.0)],
)
def test_after_a_stream_that_held_for_a_minute_the_waits_begin_anew(lasted, wait):
    pauses = Pauses()
    for _ in range(2):
        pauses.after(0.0, refused=False)

    assert pauses.after(lasted, refused=False) == wait


def test_who_refuses_us_is_left_alone_for_five_minutes_at_once():
    assert Pauses().after(0.0, refused=True) == PAUSE_SECONDS[1]
