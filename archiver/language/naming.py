"""Names in text: whether words of people, or of a saved search, name somebody or something.

Names are compared as everything is here, by their tokens, whole: `Jo-Ann SMITH` is named by
"jo ann smith", by "Jo Ann Smith's", without its accents, and by a search for these three words in
any of their forms; `Ann` is not named by "annex", nor by "joann".
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from archiver.language.tokens import cut, stem
from archiver.records.canonical import Json

SHORTEST = 3
"""How many letters a name of one word has at least: by a shorter one, too much would be named.

Of several words each may be short, and each letter of a script without spaces is a word.
"""


@dataclass(frozen=True, slots=True)
class Names:
    """Names, each as its tokens."""

    tokens: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, names: Iterable[str]) -> Names:
        """Take *names*; those too short to be looked for are left out."""
        cuts = {tuple(_plain(name)) for name in names}
        long = (each for each in cuts if len(each) > 1 or len("".join(each)) >= SHORTEST)
        return cls(tuple(sorted(long)))

    def __bool__(self) -> bool:
        """Say whether there is any name."""
        return bool(self.tokens)

    def named_in(self, text: str) -> bool:
        """Say whether *text* names one."""
        if text.isascii() and not any(name[0] in text.lower() for name in self.tokens):
            return False
        return _any_within(self.tokens, _plain(text))

    def asked_for(self, query: Json) -> bool:
        """Say whether a saved search asks for one, by its words or by their stems."""
        asked = tuple(token for text in _words(query) for token in _plain(text))
        stems = tuple(tuple(stem(token) for token in name) for name in self.tokens)
        return _any_within(self.tokens, asked) or _any_within(stems, tuple(map(stem, asked)))


def _plain(text: str) -> list[str]:
    """Give the words of *text* as names are compared: whose something is, and accents, apart."""
    words = [token.removesuffix("'s").removesuffix("'") for token in cut(text)]
    if text.isascii():
        return words
    return [_bare(word) for word in words]


def _bare(word: str) -> str:
    if word.isascii():
        return word
    apart = unicodedata.normalize("NFD", word)
    kept = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", kept) or word


def _words(value: Json) -> Iterator[str]:
    """Give every text of a saved search, in the order in which they stand."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _words(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _words(one)


def _any_within(names: Iterable[Sequence[str]], text: Sequence[str]) -> bool:
    return any(
        tuple(text[start : start + len(name)]) == tuple(name)
        for name in names
        for start in range(len(text) - len(name) + 1)
    )
