"""How much of what nobody has tried a person must look at."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.records.sampling import SIZES, Gate, Sampling, Share, rank

TODAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("share", "tolerated"), [(Share.FIVE, 0.05), (Share.ONE, 0.01), (Share.HALF, 0.005)]
)
def test_no_record_among_so_many_shows_the_share_with_95_percent_confidence(share, tolerated):
    size = SIZES[share]

    assert (1 - tolerated) ** size <= 0.05 < (1 - tolerated) ** (size - 1)


@pytest.mark.parametrize(
    ("share", "population", "size"),
    [
        (Share.FIVE, 299, 299),
        (Share.FIVE, 300, 59),
        (Share.FIVE, 301, 59),
        (Share.ONE, 299, 299),
        (Share.ONE, 300, 299),
        (Share.ONE, 10**6, 299),
        (Share.HALF, 400, 400),
        (Share.HALF, 598, 598),
        (Share.HALF, 599, 598),
    ],
)
def test_of_fewer_than_300_items_a_person_reads_all_and_of_more_a_sample(share, population, size):
    assert Sampling(share=share).size(population) == size


@pytest.mark.parametrize(
    ("tag", "basis", "rule", "stops"),
    [
        ("transitory", "rule", "new", True),
        ("transitory", "rule", "tried", False),
        ("transitory", "model", "tried", True),
        ("transitory", "person", "", False),
        ("transitory", "counsel", "", False),
        ("substantive", "rule", "new", False),
        ("undetermined", "rule", "new", False),
    ],
)
def test_a_models_word_is_never_tried_for_good_and_a_persons_needs_no_trial(
    tag, basis, rule, stops
):
    assert Gate(passed={"tried"}).stops(tag=tag, basis=basis, rule=rule) is stops


@given(st.lists(st.text(st.sampled_from("0123456789abcdef"), min_size=1), unique=True), st.text())
def test_the_draw_follows_from_the_digest_the_seed_and_the_item_alone(items, seed):
    ranks = {item: rank("bound", seed, item) for item in items}

    assert len(set(ranks.values())) == len(items)
    assert {rank("bound", seed, item) for item in reversed(items)} == set(ranks.values())
    assert not set(ranks.values()) & {rank("another", seed, item) for item in items}


def test_the_next_sample_comes_a_month_after_the_last_and_the_first_at_once():
    sampling = Sampling()

    assert sampling.next_day(None, waits=False, today=TODAY) == TODAY
    assert sampling.next_day(TODAY, waits=False, today=TODAY) == date(2026, 4, 30)
    assert Sampling(months=3).next_day(TODAY, waits=False, today=TODAY) == date(2026, 6, 30)
    assert sampling.next_day(TODAY, waits=False, today=date(2026, 7, 1)) == date(2026, 7, 1)


def test_while_one_sample_waits_for_a_person_no_other_is_drawn():
    later = date(2026, 7, 1)

    day = Sampling().next_day(TODAY, waits=True, today=later)

    assert day == later + timedelta(days=7)
