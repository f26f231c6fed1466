"""Days and moments: what falls on which day of the agency."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from archiver.records.moments import local_day, local_day_at, moment

ZONES = ("America/Los_Angeles", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia", "UTC")
A_CENTURY = 3_155_760_000_000_000


@given(micros=st.integers(-A_CENTURY, A_CENTURY), zone=st.sampled_from(ZONES))
@example(micros=-1, zone="UTC")
@example(micros=1_767_254_399_999_999, zone="America/Los_Angeles")  # the last µs of 2025 there
@example(micros=1_767_254_400_000_000, zone="America/Los_Angeles")
def test_the_day_of_what_the_catalogue_keeps_is_that_of_its_moment(micros, zone):
    there = ZoneInfo(zone)

    assert local_day_at(micros, there) == local_day(moment(micros), there)
