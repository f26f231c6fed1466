"""Where text becomes words: the one token cutter, for items and for queries alike.

Engines are handed the tokens this module cuts, joined by spaces, and only split on spaces. So a
token never holds a space, and three engines with three analysers of their own give equal hits.

    >>> cut("The Chief's #StaySafe update: don't panic!")
    ('the', "chief's", 'staysafe', 'update', "don't", 'panic')
    >>> signed("The Chief's #StaySafe update")
    ('#staysafe',)
    >>> stem("evacuations"), stem("josé")
    ('evacu', 'jose')

Letters and digits of any script make words, an apostrophe between them stays. Scripts that are
written without spaces (Chinese, Japanese, Korean, Thai and their neighbours) give one token per
character, so that a phrase finds a word inside a sentence. An emoji is a token of its own,
whatever its skin tone. There are no stop words.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from itertools import takewhile
from threading import Lock
from typing import Final

import snowballstemmer

LONGEST: Final = 128
"""A run of letters longer than this is cut into pieces of this length; engines drop long ones."""

_UNSPACED: Final = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FFF),  # CJK radicals
    (0x3005, 0x3007),  # ideographic iteration mark, closing mark, zero
    (0x3040, 0x31FF),  # kana, bopomofo, Hangul letters
    (0x3400, 0x9FFF),  # Han
    (0xA960, 0xA97F),  # Hangul letters
    (0xAC00, 0xD7FF),  # Hangul syllables
    (0xF900, 0xFAFF),  # Han, compatibility
    (0x1B000, 0x1B16F),  # kana
    (0x20000, 0x3FFFF),  # Han
)
_SYMBOLS: Final = ((0x231A, 0x23FF), (0x2600, 0x27BF), (0x2B00, 0x2BFF), (0x1F000, 0x1FAFF))
_DROPPED: Final = ((0x1F3FB, 0x1F3FF), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
"""Skin tones and variation selectors."""
_ACCENTS: Final = re.compile("[\u0300-\u036f]")
_APOSTROPHES: Final = "'\u2019\u02bc\u2018\uff07"
_SIGNED: Final = re.compile(r"(?<!\w)[#@]([^\s#@]+)")
_ZERO_WIDTH_SPACE: Final = 0x200B


def fold(text: str) -> str:
    """Give *text* as tokens are compared: compatibility forms made plain, case folded.

    What was folded stays as it is when folded again.
    """
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", text)
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text.casefold()).casefold())


def cut(text: str) -> tuple[str, ...]:
    """Give the words of *text* in order, folded; the signs of #tags and @mentions are dropped."""
    return _words(fold(text))


def signed(text: str) -> tuple[str, ...]:
    """Give the #tags and @mentions of *text*, folded and with their signs, in order."""
    return _tags(fold(text))


def tokens(text: str) -> tuple[str, ...]:
    """Give everything an item is found by: its words, then its #tags and @mentions with signs.

    The signed ones stand behind the words, so that a phrase runs through a tag undisturbed.
    """
    folded = fold(text)
    return _words(folded) + _tags(folded)


@lru_cache(maxsize=100_000)
def stem(token: str) -> str:
    """Give the stem of *token*: what all forms of an English word share, without accents.

    A token with a sign is its own stem. A stem is never empty.
    """
    if token[:1] in {"#", "@"}:
        return token
    plain = token
    if not token.isascii():
        bare = _ACCENTS.sub("", unicodedata.normalize("NFD", token))
        plain = unicodedata.normalize("NFC", bare) or token
    with _ONE_AT_A_TIME:
        return str(_english().stemWord(plain)) or plain


def stems(exact: tuple[str, ...]) -> tuple[str, ...]:
    """Give the stem of every token of *exact*, in order."""
    return tuple(map(stem, exact))


def _words(folded: str) -> tuple[str, ...]:
    spaced = folded.translate(_TABLE)
    words = spaced.split()
    if "'" in spaced:
        words = [bare for word in words if (bare := word.strip("'"))]
    if len(spaced) > LONGEST and max(map(len, words), default=0) > LONGEST:
        words = [piece for word in words for piece in _pieces(word)]
    return tuple(words)


def _pieces(word: str) -> list[str]:
    return [
        bare
        for start in range(0, len(word), LONGEST)
        if (bare := word[start : start + LONGEST].strip("'"))
    ]


def _tags(folded: str) -> tuple[str, ...]:
    if "#" not in folded and "@" not in folded:
        return ()
    found = []
    for match in _SIGNED.finditer(folded):
        name = "".join(takewhile(_in_a_tag, match[1]))
        if name:
            found.append(match[0][0] + name[:LONGEST])
    return tuple(found)


def _in_a_tag(character: str) -> bool:
    return character == "_" or character.isalnum() or unicodedata.category(character)[0] == "M"


class _Table(dict[int, str]):
    """What each character becomes before the text is split on spaces; learned as met."""

    def __missing__(self, point: int) -> str:
        """Learn what the character *point* becomes."""
        became = self[point] = _became(point)
        return became


def _became(point: int) -> str:
    character = chr(point)
    category = unicodedata.category(character)
    if character in _APOSTROPHES:
        return "'"
    if _within(point, _DROPPED) or (category == "Cf" and point != _ZERO_WIDTH_SPACE):
        return ""
    part_of_a_word = character.isalnum() or category[0] == "M"
    alone = _within(point, _UNSPACED) if part_of_a_word else category == "So"
    if alone and (part_of_a_word or _within(point, _SYMBOLS)):
        return f" {character} "
    return character if part_of_a_word else " "


def _within(point: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(low <= point <= high for low, high in ranges)


@cache
def _english() -> snowballstemmer.english_stemmer.EnglishStemmer:
    return snowballstemmer.stemmer("english")


_ONE_AT_A_TIME: Final = Lock()
_TABLE: Final = _Table()
