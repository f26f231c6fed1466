import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.language.tokens import LONGEST, cut, fold, signed, stem, stems, tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Shots FIRED, officers responding.", ("shots", "fired", "officers", "responding")),
        ("O\u2019Neill-Smith's car", ("o'neill", "smith's", "car")),
        ("''quoted''", ("quoted",)),
        ("Stay safe\U0001f64f\U0001f3fd everyone", ("stay", "safe", "\U0001f64f", "everyone")),
        ("\u8b66\u5bdf\u304c", ("\u8b66", "\u5bdf", "\u304c")),
        ("\uff26\uff35\uff2c\uff2c \ufb01re Stra\u00dfe", ("full", "fire", "strasse")),
        ("case 24-00123 at 10:30", ("case", "24", "00123", "at", "10", "30")),
        ("soft\u00adhyphen zero\u200bwidth", ("softhyphen", "zero", "width")),
        (
            "\u0939\u093f\u0928\u094d\u0926\u0940 text",
            ("\u0939\u093f\u0928\u094d\u0926\u0940", "text"),
        ),
        ("...!? \u2014", ()),
        ("", ()),
    ],
)
def test_text_is_cut_into_the_words_a_person_would_search_for(text, words):
    assert cut(text) == words


def test_a_tag_is_found_with_and_without_its_sign():
    found = tokens("Evacuate #Indio_Hills now @CityPD (mail pio@city.gov)")

    assert "#indio_hills" in found
    assert "@citypd" in found
    assert found[:3] == ("evacuate", "indio", "hills")
    assert "citypd" in found
    assert "@city" not in found


def test_a_phrase_runs_through_a_tag_undisturbed():
    assert cut("stop the #fire now") == ("stop", "the", "fire", "now")
    assert signed("stop the #fire now") == ("#fire",)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("evacuation", "evacuations"),
        ("arrested", "arrest"),
        ("jos\u00e9", "jose"),
        ("police's", "police"),
    ],
)
def test_the_forms_of_a_word_share_a_stem(one, other):
    assert stem(one) == stem(other)


def test_a_signed_token_is_its_own_stem():
    assert stems(("#fires", "fires")) == ("#fires", "fire")


def test_a_letter_run_too_long_for_an_engine_is_cut_into_pieces():
    found = cut("x" * (LONGEST + 1) + " y")

    assert found == ("x" * LONGEST, "x", "y")


@given(st.text())
def test_no_token_ever_holds_a_space_or_is_empty(text):
    for token in tokens(text):
        assert token.split() == [token]
        assert stem(token).split() == [stem(token)]
        assert len(token) <= LONGEST + 1


@given(st.text())
def test_words_cut_again_stay_the_same_words(text):
    words = cut(text)

    assert cut(" ".join(words)) == words
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_every_token_can_be_written_in_utf_8(text):
    assert all(token.encode("utf-8") for token in tokens(text))


def test_an_unpaired_surrogate_is_no_word():
    assert cut("a\ud800b") == ("a", "b")
