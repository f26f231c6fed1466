"""A number and the word for it agree."""

from __future__ import annotations

import pytest

from archiver.records.counting import count_of


@pytest.mark.parametrize(
    ("n", "said"), [(0, "0 items are due"), (1, "1 item is due"), (2, "2 items are due")]
)
def test_a_word_is_as_many_as_its_number(n, said):
    assert f"{count_of(n, 'item is', 'items are')} due" == said


def test_without_another_word_many_take_an_s():
    assert [count_of(n, "day") for n in (0, 1, 7)] == ["0 days", "1 day", "7 days"]
