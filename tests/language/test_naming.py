"""Whether words name somebody: whole tokens, in a row, and no less."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.language.naming import Names

WORDS = st.text(string.ascii_lowercase, min_size=3, max_size=8)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Ann", "ANN called"),
        ("Ann", "Ann's claim"),
        ("Ann", "the Anns' house, and Ann\u2019s"),
        ("José Ruiz", "jose RUIZ"),
        ("Jose Ruiz", "José Ruíz\u2019"),
        ("Jo-Ann Smith", "jo ann smith"),
        ("Jo W", "asked by Jo W."),
        ("李伟", "市民李伟说"),
        ("jane_roe", "@jane_roe wrote"),
    ],
)
def test_a_name_is_found_however_it_is_written(name, text):
    assert Names.of([name]).named_in(text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Ann", "the annex"),
        ("Ann", "joann"),
        ("Ann Smith", "Ann of Smith"),
        ("Ann Smith", "Ann"),
        ("Li", "asked by Li"),
        ("李", "市民李伟说"),
    ],
)
def test_a_part_of_a_word_or_of_a_name_and_what_is_too_short_names_nobody(name, text):
    assert not Names.of([name]).named_in(text)


@given(name=WORDS, before=st.text(string.ascii_lowercase, max_size=3), after=WORDS)
def test_no_longer_word_names_who_is_called_by_a_part_of_it(name, before, after):
    assert not Names.of([name]).named_in(f"{before}{name}{after}")


@given(name=WORDS, before=WORDS, after=WORDS)
def test_between_other_words_a_name_is_always_found(name, before, after):
    assert Names.of([name]).named_in(f"{before}, {name.title()}'s {after}")


def test_a_search_asks_for_a_name_by_its_words_their_stems_and_as_a_phrase():
    names = Names.of(["Town Page", "Rivers"])

    assert names.asked_for({"page": "town page"})
    assert names.asked_for({"words": ["river"]})
    assert not names.asked_for({"words": ["town"]})
