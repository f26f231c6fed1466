"""Fields on which the state of an item rests, where an answer does not give them.

By the references each is given with every item it is asked for. Where it is missing, the API has
it no more, or does not show it to this token: then nothing is concluded from the silence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from archiver.records.captures import Gap, GapReason, PlatformState
from connectors.graph.reading import Standing


def hidden_by(entity: Mapping[str, object], field: str) -> PlatformState:
    """Say whether *entity* is hidden, by its yes or no in *field*; unknown where that says neither.

    >>> hidden_by({"hidden": False}, "hidden"), hidden_by({}, "hidden")
    (<PlatformState.PRESENT: 'present'>, <PlatformState.UNKNOWN: 'unknown'>)
    """
    told = entity.get(field)
    if told is True:
        return PlatformState.HIDDEN
    return PlatformState.PRESENT if told is False else PlatformState.UNKNOWN


def missing_of(entity: Mapping[str, object], *fields: str) -> tuple[str, ...]:
    """Give those of *fields*, each of them a yes or no, that *entity* does not tell."""
    return tuple(field for field in fields if not isinstance(entity.get(field), bool))


class Untold:
    """Counts during one visit what was told without a field; *wants* says what each is wanted for.

    It names a field once, in one gap, however many items lack it.
    """

    def __init__(self, wants: Mapping[str, str]) -> None:
        self._wants = wants
        self._counts: Counter[str] = Counter()
        self._told: set[str] = set()

    def noted(self, standing: Standing) -> Standing:
        """Give *standing* as it is, having counted what it lacks."""
        self._counts.update(standing.untold)
        return standing

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
