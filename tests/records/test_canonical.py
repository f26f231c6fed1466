from __future__ import annotations

import json
import string

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from archiver.records.canonical import LARGEST_INTEGER, canonical, compact, mended, number

ANY_CHARACTER = st.characters(exclude_categories=())
WHOLE_TEXT = st.text(st.characters(exclude_categories=("Cs",)))
KEYS = st.text(st.characters(max_codepoint=127))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | WHOLE_TEXT,
    lambda parts: st.lists(parts, max_size=5) | st.dictionaries(KEYS, parts, max_size=5),
    max_leaves=25,
)


@given(VALUES)
def test_our_canonical_json_is_that_of_the_library_for_rfc_8785(value):
    assert canonical(value) == rfc8785.dumps(value)


@given(VALUES)
def test_canonical_json_reads_back_as_the_same_value(value):
    assert json.loads(canonical(value)) == value


@given(
    st.dictionaries(
        st.text(ANY_CHARACTER),
        st.text(ANY_CHARACTER) | st.integers(-(2**63), 2**63 - 1) | st.lists(st.text()) | st.none(),
    )
)
def test_compact_json_is_read_as_that_of_the_standard_library_with_its_keys_in_their_order(value):
    plain = json.loads(json.dumps(value))

    assert json.loads(compact(value)) == plain
    assert list(json.loads(compact(value))) == list(plain)
    compact(value).encode("utf-8")  # as a catalogue keeps it


def test_every_ascii_and_control_character_is_written_as_the_rfc_says():
    every = "".join(map(chr, range(0x100))) + "\u2028\u2029\ufeff\U0001f600"

    assert canonical({every[:0x80]: every}) == rfc8785.dumps({every[:0x80]: every})


def test_keys_stand_in_the_order_of_their_characters():
    value = dict.fromkeys(reversed(string.printable), 1)

    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("near", [LARGEST_INTEGER, -LARGEST_INTEGER])
def test_the_largest_number_stands_and_the_next_one_is_refused(near):
    beyond = near + (1 if near > 0 else -1)

    assert canonical([near]) == f"[{near}]".encode()
    for value in (beyond, [beyond], {"a": [1, {"b": beyond}]}):
        with pytest.raises(ValueError, match="carried as a string"):
            canonical(value)
        with pytest.raises(rfc8785.IntegerDomainError):
            rfc8785.dumps(value)


@given(st.integers())
@example(LARGEST_INTEGER)
@example(LARGEST_INTEGER + 1)
@example(-LARGEST_INTEGER)
@example(-LARGEST_INTEGER - 1)
def test_a_number_is_carried_so_that_every_reader_gets_it_back(value):
    carried = number(value)

    assert int(carried) == value
    assert isinstance(carried, int) == (abs(value) < 2**53)
    assert json.loads(canonical(carried)) == carried


def test_what_is_nested_too_deep_is_refused_rather_than_written():
    value = "at the bottom"
    for _ in range(300):
        value = [value]

    with pytest.raises(ValueError, match=r"[Rr]ecursion"):
        canonical(value)


def test_an_unpaired_surrogate_is_refused_rather_than_written():
    with pytest.raises(UnicodeEncodeError):
        canonical("half a \ud83d face")


@given(st.text(ANY_CHARACTER) | st.text("\ud83d\ude00\ufffda"))
def test_mended_text_can_always_be_written_and_mending_it_again_changes_nothing(text):
    whole, _ = mended(text)

    whole.encode("utf-8")
    assert mended(whole) == (whole, False)


@given(WHOLE_TEXT)
def test_text_without_surrogates_is_left_as_it_is(text):
    assert mended(text) == (text, False)


@given(st.text("\ud800\ud83d\udbff\udc00\ude00\udfff\ufffda\U0001f600"))
def test_every_unpaired_surrogate_becomes_one_mark_and_every_pair_its_character(text):
    expected, at, replaced = "", 0, False
    while at < len(text):
        if "\ud800" <= text[at] <= "\udbff" and "\udc00" <= text[at + 1 : at + 2] <= "\udfff":
            high, low = ord(text[at]) - 0xD800, ord(text[at + 1]) - 0xDC00
            expected += chr(0x10000 + (high << 10) + low)
            at += 1
        elif "\ud800" <= text[at] <= "\udfff":
            expected += "\ufffd"
            replaced = True
        else:
            expected += text[at]
        at += 1

    assert mended(text) == (expected, replaced)


def test_a_pair_of_surrogates_is_the_character_it_means_and_counts_as_nothing_replaced():
    assert mended("\ud83d\ude00") == ("\U0001f600", False)


def test_a_mark_of_replacement_that_the_author_wrote_counts_as_nothing_replaced():
    assert mended("\ufffd \ud83d\ude00") == ("\ufffd \U0001f600", False)
    assert mended("\ufffd \ud83d") == ("\ufffd \ufffd", True)
