"""What a passphrase must be: long, and not what anybody would try first (SP 800-63B-4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.records.passphrases import LONGEST, SHORTEST, fault, normal

GOOD = "umber kettle voyage thimble"


@pytest.mark.parametrize(("length", "taken"), [(11, False), (12, True), (13, True)])
def test_twelve_signs_are_enough_and_eleven_are_not(length, taken):
    assert (fault(GOOD[:length]) is None) == taken


@pytest.mark.parametrize(("length", "taken"), [(255, True), (256, True), (257, False)])
def test_a_passphrase_may_be_long(length, taken):
    assert (fault((GOOD * 10)[: length - 1] + "!") is None) == taken


@pytest.mark.parametrize(
    "chosen",
    [
        "umberkettlevoyage",
        "7391 4082 6650 18",
        "ключ под третьим камнем",
        "!~?)(*&%$ä,.+=-ß#",
        GOOD,
    ],
    ids=["letters alone", "digits alone", "another alphabet", "signs alone", "words"],
)
def test_no_rule_says_of_which_signs_it_must_be_made(chosen):
    assert chosen == "!~?)(*&%$ä,.+=-ß#" or fault(chosen) is None


@pytest.mark.parametrize(
    "chosen",
    ["password1234", "Password-1234!", "qwertyuiop12345", "PoliceArchive2026",
     "correct horse battery staple", "0123456789012", "zyxwvutsrqponml", "1q2w3e4r5t6y7u"],
)  # fmt: skip
def test_what_is_tried_everywhere_is_refused(chosen):
    assert fault(chosen) == "it is made of what anybody would try first"


@pytest.mark.parametrize(
    "chosen", ["aaaaaaaaaaaaaa", "abcabcabcabcabc", "kettle!kettle!", "ababababbbaab"]
)
def test_what_repeats_itself_is_refused(chosen):
    assert fault(chosen) == "it repeats itself"


def test_what_is_expected_of_this_person_and_place_is_refused():
    chosen = "Indio-JMartinez-2026"
    expected = ["J. Martinez", "jmartinez", "Indio Police Department"]

    assert fault(chosen, expected=expected) == "it is made of what anybody would try first"
    assert fault(chosen) is None


def test_a_name_and_enough_of_ones_own_is_taken():
    assert fault(f"Martinez {GOOD}", expected=["J. Martinez"]) is None


def test_however_it_is_typed_it_is_the_same():
    assert normal("cafe\u0301 \uff4f\uff4b") == "caf\u00e9 ok"


@given(chosen=st.text(max_size=SHORTEST - 1))
def test_nothing_short_is_ever_taken(chosen):
    if len(normal(chosen)) < SHORTEST:
        assert fault(chosen) is not None


@given(chosen=st.text(max_size=LONGEST), expected=st.lists(st.text(max_size=20), max_size=3))
def test_every_text_is_answered(chosen, expected):
    assert fault(chosen, expected=expected) is None or fault(chosen, expected=expected)
