"""Names in text: whether words of people, or of a saved search, name somebody or something.

Names are compared as everything is here, by their tokens: `Jo-Ann SMITH` is named by
"jo ann smith", and by a search for these three words in any of their forms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from archiver.language.tokens import cut, fold, stem
from archiver.records.canonical import Json

SHORTEST = 3
"""How many letters a name has at least: by a shorter one, too much would be named."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names, each as its tokens."""

    tokens: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, names: Iterable[str]) -> Names:
        """Take *names*; those too short to be looked for are left out."""
        cuts = {cut(name) for name in names if len(fold(name).strip()) >= SHORTEST}
        return cls(tuple(sorted(each for each in cuts if each)))

    def __bool__(self) -> bool:
        """Say whether there is any name."""
        return bool(self.tokens)

    def may_stand_in(self, text: str) -> bool:
        """Say, quickly, whether *text* could name one: it has the first word of a name."""
        folded = fold(text)
        return any(name[0] in folded for name in self.tokens)

    def named_in(self, text: str) -> bool:
        """Say whether *text* names one."""
        return self.may_stand_in(text) and _any_within(self.tokens, cut(text))

    def asked_for(self, query: Json) -> bool:
        """Say whether a saved search asks for one, by its words or by their stems."""
        asked = tuple(_words(query))
        stems = tuple(tuple(stem(token) for token in name) for name in self.tokens)
        return _any_within(self.tokens, asked) or _any_within(stems, tuple(map(stem, asked)))


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
