"""The ceiling: a share of the archive and a multiple of its nights, and never below a thousand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.records.ceiling import NEVER_BELOW, Ceiling


@pytest.mark.parametrize(
    ("live", "usual", "most"),
    [
        (0, 0, 1_000),
        (20_000, 0, 1_000),
        (20_020, 0, 1_001),
        (100_000, 0, 5_000),
        (100_000, 100, 1_000),
        (100_000, 101, 1_010),
        (100_000, 499, 4_990),
        (100_000, 500, 5_000),
        (100_000, 501, 5_000),
    ],
)
def test_the_smaller_bound_counts_and_never_below_a_thousand(live, usual, most):
    assert Ceiling().of(live=live, usual=usual) == most


@given(live=st.integers(0, 10**8), usual=st.integers(0, 10**6), share=st.integers(0, 100))
def test_no_share_and_no_night_lowers_it_below_a_thousand_or_lifts_it_above_the_share(
    live, usual, share
):
    most = Ceiling(share=share).of(live=live, usual=usual)

    assert most >= NEVER_BELOW
    assert most <= max(NEVER_BELOW, live * share // 100)
