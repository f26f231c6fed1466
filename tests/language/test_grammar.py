from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.language.grammar import LONGEST_QUERY, parse
from archiver.language.terms import FIELDS
from archiver.language.tree import (
    DEEPEST,
    And,
    Between,
    Field,
    Is,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
    depth,
)
from archiver.records.errors import QueryInvalid

INDIO = ZoneInfo("America/Los_Angeles")
A, B, C = Word("a"), Word("b"), Word("c")


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("a", A),
        ("a b", And((A, B))),
        ("a AND b", And((A, B))),
        ("a OR b c", Or((A, And((B, C))))),
        ("(a OR b) c", And((Or((A, B)), C))),
        ("NOT a", Not(A)),
        ("NOT NOT a", A),
        ("a NOT b", And((A, Not(B)))),
        ("NOT (a b)", Not(And((A, B)))),
        ("Evacuations", Word("evacu")),
        ("NOTHING ORDER ANDY", And((Word("noth"), Word("order"), Word("andi")))),
        ("and or not", And((Word("and"), Word("or"), Word("not")))),
        ('"shots fired"', Phrase(("shots", "fired"))),
        ("\u201cshots fired\u201d", Phrase(("shots", "fired"))),
        ('"Evacuations"', Phrase(("evacuations",))),
        ('"AND"', Phrase(("and",))),
        ("o'neill-smith", Phrase(("o'neill", "smith"))),
        ("\u8b66\u5bdf", Phrase(("\u8b66", "\u5bdf"))),
        ("\u8b66\u5bdf*", Phrase(("\u8b66", "\u5bdf"))),
        ("https://indio.org/news?id=1", Phrase(("https", "indio", "org", "news", "id", "1"))),
        ("10:30", Phrase(("10", "30"))),
        ("why?", Word("whi")),
        ("#Fire", Phrase(("#fire",))),
        ("@first.last", And((Phrase(("first", "last")), Phrase(("@first",))))),
        ("evac*", Prefix("evac")),
        ("#Evac*", Prefix("#evac")),
        ("page:CityPD", Field("page", ("citypd",))),
        ('page:"City PD"', Field("page", ("city pd",))),
        ("platform:Mastodon", Field("platform", ("mastodon",))),
        ("kind:Comment", Field("kind", ("comment",))),
        ('author:"Jane O\'Neill"', Field("author", ("jane", "o'neill"))),
        ("author:@CityPD", Field("author", ("citypd",))),
        ("title:update", Field("title", ("update",))),
        ("is:attachment", Is("attachment")),
        ("IS:Post", Is("post")),
    ],
)
def test_a_query_means_what_it_says(text, query):
    assert parse(text, zone=INDIO) == query


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("from:2026-01-05", 1767600000000000, None),
        ("to:2026-01-05", None, 1767686400000000),
        ("from:2026-03", 1772352000000000, None),
        ("to:2026-03", None, 1775026800000000),
        ("to:2025-12", None, 1767254400000000),
        ("from:2026", 1767254400000000, None),
        ("to:2025", None, 1767254400000000),
        ("to:2026-03-08", None, 1773039600000000),
        ("to:9999-12-31", None, None),
    ],
)
def test_days_begin_and_end_in_the_agencys_own_zone(text, low, high):
    assert parse(text, zone=INDIO) == Between(low, high)


@pytest.mark.parametrize(
    ("text", "column", "remedy"),
    [
        ("", 1, "Write a word"),
        ("   ", 1, "Write a word"),
        ('a "b', 3, "Close the phrase"),
        ("(a", 3, "Close every parenthesis"),
        ("a)", 2, "Remove it"),
        ("a OR", 5, "after AND, OR and NOT"),
        ("OR a", 1, "OR"),
        ("a AND OR b", 7, '"OR"'),
        ("a NOT", 6, "after AND, OR and NOT"),
        ("()", 2, "Remove it"),
        ("a colour:red", 3, "Fields are"),
        ("kind:tweet", 1, "post, comment"),
        ("is:deleted", 1, "attachment"),
        ("page:", 1, "page:value"),
        ("author:...", 1, "quotation marks"),
        ("from:yesterday", 1, "2026-01-31"),
        ("from:2026-02-30", 1, "2026-01-31"),
        ("-fire", 1, "NOT"),
        ("e*", 1, "at least 2"),
        ("*", 1, "asterisk"),
        ("ev*ac", 1, "asterisk"),
        ("wom?n", 1, "asterisk"),
        ('"shots fir*"', 1, "asterisk"),
        ("author:smi*", 1, "asterisk"),
        ("foo-ba*", 1, "asterisk"),
        ("a ...", 3, "words, numbers or emoji"),
        ("a " * LONGEST_QUERY, LONGEST_QUERY + 1, "several searches"),
    ],
)
def test_a_query_that_cannot_be_read_says_where_and_what_to_do(text, column, remedy):
    with pytest.raises(QueryInvalid, match=rf"^column {column}: ") as caught:
        parse(text, zone=INDIO)

    assert remedy in caught.value.remedy


def test_parentheses_without_meaning_may_be_as_deep_as_they_like():
    assert parse("(" * 2000 + "a" + ")" * 2000, zone=INDIO) == A


def test_a_query_nested_too_deeply_is_refused():
    with pytest.raises(QueryInvalid, match="nested too deeply"):
        parse("(a OR (b " * DEEPEST + "c" + "))" * DEEPEST, zone=INDIO)


PIECES = st.sampled_from(
    [*'()"*?-:#@ \t\n', "AND", "OR", "NOT", "a", "evac*", "\u8b66", "\U0001f693", "\u0130"]
    + [f"{name}:" for name in FIELDS]
    + ["2026-01-05", "0000", "9999-12", "post", "attachment"]
)


@given(st.one_of(st.text(), st.lists(PIECES).map("".join), st.lists(PIECES).map(" ".join)))
def test_whatever_is_typed_gives_a_query_or_a_reason(text):
    try:
        query = parse(text, zone=INDIO)
    except QueryInvalid as refusal:
        said = f"{refusal} {refusal.remedy}"
    else:
        said = ""
        assert depth(query) <= DEEPEST
    assert not said or said.startswith("column ")
