"""A lexicon: many phrases looked up in one pass over the words of a text.

Phrases are cut by the language's own cutter, like the texts, and found by their first word, so
that the cost follows from the length of the text and hardly from the number of phrases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from archiver.language.tokens import cut

_STEM: Final = 4
"""The beginning by which words with `*` are looked up; a schedule asks for at least as many."""
_MOST_REMEMBERED: Final = 50_000
"""How many words of texts are remembered with what they may begin."""

Places: TypeAlias = list[tuple[int, int]]
"""Where phrases stand in a text: the first word of each, and how many words it has."""


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A phrase, and who asked for it. *stars* says of each word whether it is a beginning."""

    words: tuple[str, ...]
    stars: tuple[bool, ...]
    owners: tuple[int, ...]

    def stands(self, words: Sequence[str], place: int) -> bool:
        """Say whether this phrase stands at *place*."""
        there = words[place : place + len(self.words)]
        return len(there) == len(self.words) and all(
            word.startswith(wanted) if star else word == wanted
            for word, wanted, star in zip(there, self.words, self.stars, strict=True)
        )


@dataclass(frozen=True, slots=True)
class _Beginning:
    """What one word may begin: owners of it alone, and phrases by their second word."""

    alone: tuple[int, ...]
    by_second: Mapping[str, tuple[_Phrase, ...]]
    starred_second: tuple[_Phrase, ...]


class Lexicon:
    """The phrases of several owners; an owner is a number its user chose."""

    def __init__(self, phrases: Iterable[tuple[int, str]]) -> None:
        owners: dict[tuple[tuple[str, bool], ...], list[int]] = {}
        for owner, phrase in phrases:
            owners.setdefault(_cut(phrase), []).append(owner)
        self._by_first: dict[str, list[_Phrase]] = {}
        for pieces, owned in owners.items():
            words, stars = zip(*pieces, strict=True)
            key = words[0][:_STEM] if stars[0] else words[0]
            self._by_first.setdefault(key, []).append(_Phrase(words, stars, tuple(owned)))
        self._remembered = _Remembered(self._begin)

    def find(self, words: Sequence[str]) -> dict[int, Places]:
        """Give, for every owner with a phrase in *words*, where its phrases stand."""
        found: dict[int, Places] = {}
        for place, beginning in enumerate(map(self._remembered.__getitem__, words)):
            if beginning is None:
                continue
            for owner in beginning.alone:
                found.setdefault(owner, []).append((place, 1))
            longer = beginning.starred_second
            if place + 1 < len(words) and words[place + 1] in beginning.by_second:
                longer += beginning.by_second[words[place + 1]]
            for phrase in longer:
                if phrase.stands(words, place):
                    for owner in phrase.owners:
                        found.setdefault(owner, []).append((place, len(phrase.words)))
        return found

    def _begin(self, word: str) -> _Beginning | None:
        """Find out what *word* may begin."""
        filed = [*self._by_first.get(word, ())]
        if word[:_STEM] != word:
            filed += self._by_first.get(word[:_STEM], ())
        phrases = [
            phrase
            for phrase in filed
            if (word.startswith(phrase.words[0]) if phrase.stars[0] else word == phrase.words[0])
        ]
        by_second: dict[str, tuple[_Phrase, ...]] = {}
        for phrase in phrases:
            if len(phrase.words) > 1 and not phrase.stars[1]:
                second = phrase.words[1]
                by_second[second] = (*by_second.get(second, ()), phrase)
        beginning = _Beginning(
            alone=tuple(n for each in phrases if len(each.words) == 1 for n in each.owners),
            by_second=by_second,
            starred_second=tuple(p for p in phrases if len(p.words) > 1 and p.stars[1]),
        )
        return beginning if phrases else None


class _Remembered(dict[str, _Beginning | None]):
    """What each word may begin; learned as met, and forgotten where that becomes too much."""

    def __init__(self, learn: Callable[[str], _Beginning | None]) -> None:
        super().__init__()
        self._learn = learn

    def __missing__(self, word: str) -> _Beginning | None:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        beginning = self[word] = self._learn(word)
        return beginning


@lru_cache(maxsize=4)
def lexicon_of(phrases: tuple[tuple[int, str], ...]) -> Lexicon:
    """Give the lexicon of *phrases*; cutting thousands takes its time, so it is done once."""
    return Lexicon(phrases)


def _cut(phrase: str) -> tuple[tuple[str, bool], ...]:
    pieces: list[tuple[str, bool]] = []
    for word in phrase.split(" "):
        pieces += [(piece, False) for piece in cut(word.removesuffix("*"))]
        if word.endswith("*"):
            pieces[-1] = (pieces[-1][0], True)
    return tuple(pieces)
