from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.printing import as_csv


def read_back(written: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(written, newline="")))


@pytest.mark.parametrize(
    "hostile",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\0=1", "＝1"],  # noqa: RUF001 - the wide form is meant
)
def test_what_a_spreadsheet_would_calculate_is_guarded(hostile):
    (_, (cell,)) = read_back(as_csv(["Text"], [[hostile]]))

    assert cell == "'" + hostile.replace("\0", "")


def test_headings_are_guarded_too_and_numbers_stay_numbers():
    assert as_csv(["=a", "n"], [["plain", -5], [None, 0]]) == "'=a,n\r\nplain,-5\r\n,0\r\n"


@given(cells=st.lists(st.text(st.characters(codec="utf-8")), min_size=2, max_size=4))
def test_nothing_is_lost_between_writing_and_reading(cells):
    (_, found) = read_back(as_csv(["h"] * len(cells), [cells]))

    assert [c.removeprefix("'") for c in found] == [
        c.replace("\0", "").removeprefix("'") for c in cells
    ]
