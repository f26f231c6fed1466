"""Batching: how much of what a visit saw goes into one transaction.

Posts are short, and a transaction takes hundreds; but a web page, or a file of an export, may be
as large as hundreds of posts. So a batch is cut by what it weighs, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from archiver.records.captures import Gap, Observation, Sighting

BATCH_BYTES = 8 * 1024 * 1024
"""How much a batch weighs at most, but for its last item, or an edit history."""

Enterable: TypeAlias = Observation | Sighting | Gap


def weight(seen: Iterable[Enterable]) -> int:
    """Say about how many bytes *seen* takes: the characters of texts, and the raw bytes."""
    return sum(map(_weight_of, seen))


def _weight_of(what: Enterable) -> int:
    if not isinstance(what, Observation):
        return 0
    return len(what.content.text) + len(what.content.raw.body)


class Batching:
    """What was seen and is not entered yet; at most *items*, and about `BATCH_BYTES`."""

    def __init__(self, items: int) -> None:
        """Begin with nothing."""
        self._items = items
        self.seen: list[Enterable] = []
        self._weight = 0

    def add(self, what: Enterable) -> None:
        """Put *what* was seen behind the rest."""
        self.seen.append(what)
        self._weight += _weight_of(what)

    @property
    def is_full(self) -> bool:
        """Say whether it is time to enter it; an edit history ends with what shows."""
        if len(self.seen) < self._items and self._weight < BATCH_BYTES:
            return False
        last = self.seen[-1]
        return not isinstance(last, Observation) or last.current

    def take(self) -> list[Enterable]:
        """Give what was seen, and begin anew."""
        seen, self.seen, self._weight = self.seen, [], 0
        return seen
