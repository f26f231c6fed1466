import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.language.tree import (
    DEEPEST,
    And,
    Between,
    Everything,
    Field,
    Is,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
)
from archiver.language.written import from_json, to_json
from archiver.records.canonical import canonical
from archiver.records.errors import QueryInvalid

TOKENS = st.lists(st.text(min_size=1), min_size=1).map(tuple)
LEAVES = st.one_of(
    st.text(min_size=1).map(Word),
    TOKENS.map(Phrase),
    st.text(min_size=1).map(Prefix),
    st.builds(Field, st.sampled_from(["author", "kind", "page", "platform", "title"]), TOKENS),
    st.builds(Between, st.none() | st.integers(-(2**62), 2**62), st.none() | st.integers(0, 2**62)),
    st.just(Is("attachment")),
    st.just(Everything()),
)
QUERIES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, max_size=3).map(lambda parts: Or(tuple(parts))),
        inner.map(Not),
    ),
    max_leaves=10,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["and", "or", "not", "word", "phrase", "between", "field", "value"]),
            inner,
        )
    ),
)


@given(QUERIES)
def test_a_saved_search_is_read_back_as_it_was(query):
    assert from_json(to_json(query)) == query


def test_a_saved_search_is_written_in_a_form_that_stays():
    query = And((Word("evacu"), Not(Phrase(("all", "clear"))), Between(None, 2**60)))

    assert canonical(to_json(query)) == (
        b'{"query":{"and":[{"word":"evacu"},{"not":{"phrase":["all","clear"]}},'
        b'{"between":[null,"1152921504606846976"]}]},"version":1}'
    )


@given(JSON)
def test_what_is_no_saved_search_is_refused(value):
    with pytest.raises(QueryInvalid):
        from_json({"version": 1, "query": {"unknown": value}})
    with pytest.raises(QueryInvalid):
        from_json(value)


@given(JSON)
def test_whatever_is_in_a_saved_search_it_is_read_or_refused(value):
    try:
        query = from_json({"version": 1, "query": value})
    except QueryInvalid:
        return
    assert to_json(query)["query"] == json.loads(json.dumps(value))


def test_a_saved_search_of_another_version_is_refused():
    with pytest.raises(QueryInvalid, match="another version"):
        from_json({"version": 2, "query": {"word": "a"}})


def test_a_saved_search_nested_too_deeply_is_refused():
    value = {"word": "a"}
    for _ in range(DEEPEST):
        value = {"not": value}

    with pytest.raises(QueryInvalid, match="deeply"):
        from_json({"version": 1, "query": value})
