"""Clocks: how far the machine's clock may leap between two entries of the ledger. Pure.

A clock that is put ahead makes everything due; one that is put back has been ahead, or is wrong
now. Either is seen against the ledger, whose entries carry the moment at which each was made.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from archiver.records.events import EventKind

FARTHEST_DAYS = 400
"""After how many days without an entry the clock is doubted where the agency set nothing else."""

LEAST_DAYS = 30
"""Shorter leaps are not even noted: a machine may be off for some weeks."""

_MICROS_A_DAY = 86_400_000_000
_NOTED = LEAST_DAYS * _MICROS_A_DAY
_CONFIRMED = EventKind.CLOCK_CONFIRMED.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What the ledger has seen of the clock, in µs UTC.

    *last* is the latest moment it was told of, *leapt* the widest leap since a person confirmed
    the clock: from when to when, None if there was none worth a note.
    """

    last: int
    leapt: tuple[int, int] | None = None

    def seeing(self, entries: Iterable[tuple[str, int]]) -> Watch:
        """Give the watch after further *entries*: the word of each, and its moment."""
        last, leapt = self.last, self.leapt
        for kind, at in entries:
            if kind == _CONFIRMED:
                last, leapt = at, None
            elif at > last:
                if last and at - last >= _NOTED and at - last > _width(leapt):
                    leapt = (last, at)
                last = at
        return replace(self, last=last, leapt=leapt)

    def doubt(self, now: int, *, days: int) -> tuple[int, int] | None:
        """Give from when to when the clock moved implausibly; with no *days*, only back."""
        if now < self.last:
            return (self.last, now)
        if not days or not self.last:
            return None
        leaps = [leap for leap in (self.leapt, (self.last, now)) if _width(leap)]
        widest = max(leaps, key=_width, default=None)
        return widest if _width(widest) > days * _MICROS_A_DAY else None


def _width(leap: tuple[int, int] | None) -> int:
    return leap[1] - leap[0] if leap is not None else 0
