"""Fields on which the state of an item rests, where an answer does not give them.

By the references each is given with every item it is asked for. Where it is missing, the API has
it no more, or does not show it to this token: then nothing is concluded from the silence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Protocol, TypeVar

from archiver.records.captures import Gap, GapReason


class Telling(Protocol):
    """What was read of an item."""

    @property
    def untold(self) -> tuple[str, ...]:
        """Name the fields on which its state rests and which the answer did not give."""
        ...


Read = TypeVar("Read", bound=Telling)


class Untold:
    """Counts during one visit what was told without a field; *wants* says what each is wanted for.

    It names a field once, in one gap, however many items lack it.
    """

    def __init__(self, wants: Mapping[str, str]) -> None:
        self._wants = wants
        self._counts: Counter[str] = Counter()
        self._told: set[str] = set()

    def noted(self, read: Read) -> Read:
        """Give what was *read* as it is, having counted what it lacks."""
        self._counts.update(read.untold)
        return read

    def gaps(self) -> Iterator[Gap]:
        """Give a gap for each field that was missing, and not yet told of."""
        for field, count in sorted(self._counts.items()):
            if field not in self._told:
                self._told.add(field)
                yield Gap(
                    what=f"which items are {self._wants[field]}: the field {field}",
                    why=GapReason.OUT_OF_REACH,
                    detail=f"the answers lack it for {count} of them, whose state is unknown",
                )
