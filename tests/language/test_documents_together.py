from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.language.documents import document, together
from archiver.language.evaluate import matches
from archiver.language.grammar import parse
from archiver.language.tokens import tokens
from archiver.records.items import Author, Content, ItemKind, RawFragment

ZONE = ZoneInfo("UTC")


def said(text: str, *, title: str = ""):
    content = Content(
        native_id="1",
        kind=ItemKind.POST,
        text=text,
        title=title,
        raw=RawFragment("text/plain", b""),
        published_at=datetime(2026, 3, 1, tzinfo=UTC),
        author=Author("7", "Dana", "dana"),
    )
    return document(content, item="a" * 64, page="blog", platform="wordpress")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("lion", True),
        ("tiger", True),
        ('"escaped tiger"', True),
        ('"escaped lion"', True),
        ('"tiger the"', False),
        ('"lion the"', False),
        ("bear", False),
        ("author:dana", True),
    ],
)
def test_what_was_edited_away_is_found_and_no_phrase_runs_from_one_version_into_another(
    query, found
):
    item = together([said("The escaped lion"), said("The escaped tiger")])

    assert matches(parse(query, zone=ZONE), item) is found


@given(st.lists(st.text(max_size=40), min_size=1, max_size=4))
def test_stems_stay_parallel_to_words_and_the_newest_words_come_first(texts):
    versions = [said(text) for text in texts]

    item = together(versions)

    assert len(item.exact) == len(item.stems)
    assert item.exact[: len(versions[-1].exact)] == versions[-1].exact


@given(st.text())
def test_the_separator_of_versions_is_cut_from_no_text(text):
    assert "\N{SYMBOL FOR RECORD SEPARATOR}" not in tokens(text)


def test_an_item_with_one_version_is_itself():
    only = said("Road closed")

    assert together([only]) == only
    assert together([only, replace(only)]).exact == only.exact
