"""A pattern that is said to need a digit finds nothing where none stands."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.classifiers.needing import DIGIT, needs_a_digit

ATOMS = st.sampled_from(
    [
        r"[0-9]",
        r"[^0-9]",
        r"[a-z0-9]",
        r"[0-9a]",
        r"\[0-9]",
        r"\d",
        r"\b",
        r"\(",
        r"\|",
        r"\{",
        r"a",
        r"]",
        r"[]0-9]",
        r"[^]a]",
        r"[\]0-9]",
        r"1",
        r"§",
        r"^",
        r"$",
        r"(?![0-9])",
        r"(?=[0-9])",
        r"(?:)",
    ]
)
COUNTS = st.sampled_from(["", "", "?", "*", "+", "??", "+?", "{0}", "{0,3}", "{,2}", "{1}", "{2,}"])
PIECES = st.tuples(ATOMS, COUNTS).map("".join)
PATTERNS = st.recursive(
    st.lists(PIECES, min_size=1, max_size=4).map("".join),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("|".join),
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, COUNTS).map(lambda told: f"(?:{told[0]}){told[1]}"),
    ),
    max_leaves=5,
)
TEXTS = st.text(st.sampled_from("ab]|[({ \n§\u0661\u00b2-") | st.characters(exclude_categories=()))


@given(PATTERNS, st.lists(TEXTS, min_size=5, max_size=5))
def test_what_needs_a_digit_finds_nothing_without_one(pattern, texts):
    try:
        compiled = re.compile(pattern)
    except re.error:
        return
    if needs_a_digit(pattern):
        assert not compiled.search("")
        for text in texts:
            assert not compiled.search(DIGIT.sub("", text))


@pytest.mark.parametrize(
    "pattern",
    [
        "[0-9]",
        "[0-9]{3}",
        r"\b[0-9]{2}-?[0-9]{4,7}\b",
        r"\b[pvh][cs] ?§? ?[0-9]{3}",
        r"[0-9][0-9]{2,4}(?:\([a-z0-9]{1,3}\)){0,3} (?:pc|vc|hs|wi)\b",
    ],
)
def test_case_numbers_and_statutes_need_one(pattern):
    assert needs_a_digit(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"[0-9]?",
        r"[0-9]{0,3}x",
        r"a|[0-9]",
        r"(?:[0-9]|a)b",
        r"([0-9])?",
        r"\[0-9]",
        r"[^0-9]",
        r"/s\b",
        r"(?![0-9])a",
        r"[0-9]??",
        r"[0-9a]",
    ],
)
def test_what_may_be_found_without_one_does_not(pattern):
    assert not needs_a_digit(pattern)


def test_of_a_pattern_with_a_nul_nothing_is_said():
    assert not needs_a_digit("\0[0-9]")
