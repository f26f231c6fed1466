"""What a hold covers: the items named, and what meets every other criterion; borders in threes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.records.holds import Hold, HoldFacts, HoldStatus, Scope

QUERY = {"language": 1, "query": ["word", "zebra"]}


def facts(item="i1", thread="t1", page="p1", author="a1", published=100) -> HoldFacts:
    return HoldFacts(item=item, thread=thread, page=page, authors=(author,), published=(published,))


def never() -> bool:
    raise AssertionError("its words were asked for without need")


NAMES = st.sampled_from(["1", "2", "3"])
SETS = st.frozensets(NAMES, max_size=2)
MOMENTS = st.none() | st.integers(0, 20)
SCOPES = st.builds(
    Scope,
    items=SETS,
    threads=SETS,
    without=SETS,
    pages=SETS,
    authors=SETS,
    published_from=MOMENTS,
    published_to=MOMENTS,
    query=st.none() | st.just(QUERY),
)
FACTS = st.builds(
    HoldFacts,
    item=NAMES,
    thread=NAMES,
    page=NAMES,
    authors=st.lists(NAMES, min_size=1).map(tuple),
    published=st.lists(st.integers(0, 20), min_size=1).map(tuple),
)


@pytest.mark.parametrize(("at", "covered"), [(99, False), (100, True), (101, True)])
def test_a_hold_begins_with_its_first_moment(at, covered):
    assert Scope(published_from=100).covers(facts(published=at), never) is covered


@pytest.mark.parametrize(("at", "covered"), [(99, True), (100, False), (101, False)])
def test_a_hold_ends_before_its_last_moment(at, covered):
    assert Scope(published_to=100).covers(facts(published=at), never) is covered


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        (Scope(), True),
        (Scope(items=frozenset({"i1"})), True),
        (Scope(items=frozenset({"i2"})), False),
        (Scope(pages=frozenset({"p1"})), True),
        (Scope(pages=frozenset({"p2"})), False),
        (Scope(authors=frozenset({"a1"})), True),
        (Scope(authors=frozenset({"a2"})), False),
        (Scope(pages=frozenset({"p1"}), authors=frozenset({"a2"})), False),
        (Scope(items=frozenset({"i1"}), authors=frozenset({"a2"})), True),
        (Scope(items=frozenset({"i2"}), authors=frozenset({"a1"})), True),
        (Scope(items=frozenset({"i2"}), published_from=200), False),
        (Scope(items=frozenset({"i2"}), published_to=200), True),
    ],
)
def test_items_named_are_covered_and_besides_only_what_meets_all_the_rest(scope, covered):
    assert scope.covers(facts(), never) is covered


@pytest.mark.parametrize("answer", [True, False])
def test_words_are_asked_for_where_everything_else_is_met(answer):
    assert Scope(query=QUERY).covers(facts(), lambda: answer) is answer
    assert not Scope(query=QUERY, authors=frozenset({"a2"})).covers(facts(), never)
    assert Scope(query=QUERY, items=frozenset({"i1"})).covers(facts(), never)


@given(scope=SCOPES, of=FACTS, answer=st.booleans())
def test_whatever_is_covered_lies_within_the_bounds_that_bind_at_once(scope, of, answer):
    if scope.covers(of, lambda: answer):
        assert scope.within_bounds(of)


@given(scope=SCOPES, of=FACTS, page_known=st.booleans())
def test_whatever_is_covered_may_be_covered_where_no_more_than_its_page_is_known(
    scope, of, page_known
):
    if scope.covers(of, lambda: True):
        assert scope.may_cover(of.item, of.page if page_known else "")


@pytest.mark.parametrize(
    ("scope", "may"),
    [
        (Scope(), True),
        (Scope(items=frozenset({"i1"})), True),
        (Scope(items=frozenset({"i2"})), False),
        (Scope(items=frozenset({"i1"}), without=frozenset({"i1"})), False),
        (Scope(threads=frozenset({"t2"})), True),
        (Scope(around="H-0001"), True),
        (Scope(query=QUERY), True),
        (Scope(pages=frozenset({"p1"}), query=QUERY), True),
        (Scope(pages=frozenset({"p2"}), query=QUERY), False),
    ],
)
def test_of_what_is_lost_it_is_said_whether_it_may_be_covered(scope, may):
    assert scope.may_cover("i1", "p1") is may


@given(scope=SCOPES, of=FACTS, answer=st.booleans())
def test_what_is_named_is_covered_whatever_else_is_asked(scope, of, answer):
    if of.item in scope.without:
        assert not scope.covers(of, lambda: answer)
    elif of.item in scope.items or of.thread in scope.threads:
        assert scope.covers(of, lambda: answer)


@given(scope=SCOPES)
def test_a_scope_is_read_back_as_it_was_written(scope):
    assert Scope.from_json(json.loads(json.dumps(scope.to_json()))) == scope


def test_names_alone_cover_nothing_besides_and_an_empty_date_is_a_date():
    assert Scope(items=frozenset({"i2"})).names_alone
    assert not Scope().names_alone
    for asked in (
        Scope(items=frozenset({"i2"}), published_from=0),
        Scope(items=frozenset({"i2"}), published_to=0),
        Scope(items=frozenset({"i2"}), query=QUERY),
        Scope(items=frozenset({"i2"}), pages=frozenset({"p2"})),
        Scope(items=frozenset({"i2"}), authors=frozenset({"a2"})),
    ):
        assert not asked.names_alone
    assert not Scope(published_to=0).covers(facts(published=0), never)


@pytest.mark.parametrize(
    ("status", "binds"),
    [(HoldStatus.EVALUATING, True), (HoldStatus.ACTIVE, True), (HoldStatus.LIFTED, False)],
)
def test_only_lifting_lets_go(status, binds):
    hold = Hold(id="H-0001", matter="m", reason="r", scope=Scope(), status=status)

    assert hold.binds is binds
