"""Exchanges: what is kept of a request and its answer, and which bytes know of it."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.records.exchanges import Exchange, Told, cut_from
from archiver.records.items import RawFragment

ASKED = Exchange(
    method="GET",
    url="https://api.example/posts",
    params=(("ids", "17,18,19"), ("limit", "100")),
    status=200,
    headers={"date": "Mon, 02 Mar 2026 12:00:00 GMT"},
)
WORDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
EXCHANGES = st.builds(
    Exchange,
    method=st.sampled_from(["GET", "POST"]),
    url=WORDS,
    status=st.integers(100, 599),
    params=st.lists(st.tuples(WORDS, WORDS), max_size=4).map(tuple),
    headers=st.dictionaries(WORDS, WORDS, max_size=4),
    asked=st.just(""),
)


@given(EXCHANGES, st.binary(max_size=40))
def test_a_fragment_is_read_with_its_exchange_as_it_was_written(exchange, body):
    fragment = RawFragment("application/json", Told(body, exchange))

    read = RawFragment.from_json(fragment.to_json())

    assert (read.body, read.exchange) == (body, exchange)


def test_a_fragment_without_an_exchange_is_as_it_always_was():
    fragment = RawFragment("application/json", b"{}")

    assert fragment.to_json() == {"media_type": "application/json", "text": "{}"}
    assert RawFragment.from_json(fragment.to_json()).exchange is None


@pytest.mark.parametrize(
    ("asked", "own", "left"),
    [
        ((("ids", "17,18,19"), ("limit", "100")), ["18"], (("ids", "18"), ("limit", "100"))),
        ((("pageids", "17|18"),), ["17"], (("pageids", "17"),)),
        ((("uris", "at://a/17"), ("uris", "at://a/18")), ["at://a/18"], (("uris", "at://a/18"),)),
        ((("query", "(conversation_id:17 OR conversation_id:18)"),), ["9", "18"],
         (("query", "conversation_id:18)"),)),
        ((("id", "t3_a,t1_b,t1_c"),), ["t1_c", "t3_a"], (("id", "t3_a,t1_c"),)),
        ((("fields", "id,on"), ("on", "18")), ["18"], (("fields", "id,on"), ("on", "18"))),
    ],
)  # fmt: skip
def test_of_a_list_that_was_asked_for_only_the_item_itself_is_left(asked, own, left):
    kept = Exchange(method="GET", url="https://api.example", params=asked, status=200).about(own)

    assert kept.params == left


def test_of_a_question_only_the_item_itself_is_left():
    question = '{"filters": {"video_ids": ["17", "18"]}, "max_count": 20}'
    exchange = Exchange(method="POST", url="https://api.example", status=200, asked=question)

    assert exchange.about(["18"]).asked == '{"filters": {"video_ids": ["18"]}, "max_count": 20}'
    assert exchange.about(["20"]).asked == question


def test_what_is_cut_from_told_bytes_is_told_and_copies_are():
    told = Told(b'{"id": 17}', ASKED)

    piece = cut_from(told, told[7:9])

    assert piece == b"17"
    assert isinstance(piece, Told)
    assert piece.exchange is ASKED
    assert copy.copy(piece).exchange == ASKED
    assert pickle.loads(pickle.dumps(piece)).exchange == ASKED  # noqa: S301 - our own bytes


def test_bytes_made_by_other_means_know_of_no_exchange():
    told = Told(b"[17]", ASKED)

    assert RawFragment("application/json", told[1:3]).exchange is None
    assert RawFragment("application/json", b"[" + told + b"]").exchange is None
    assert not isinstance(cut_from(b"[17]", b"17"), Told)
