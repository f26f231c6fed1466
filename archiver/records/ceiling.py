"""The ceiling: how much may go at once before somebody must say that it is meant."""

from __future__ import annotations

from dataclasses import dataclass

NEVER_BELOW = 1_000
"""As many items may always go at once."""

_PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """What the agency has set: a share of the archive in percent, and a multiple of its nights."""

    share: int = 5
    nights: int = 10

    def of(self, *, live: int, usual: int) -> int:
        """Give how many items may go at once, of *live* ones, where *usual* is the usual night.

        The smaller of both bounds, and never below a thousand; without a usual night yet, the
        share alone.
        """
        by_share = live * self.share // _PERCENT
        by_nights = usual * self.nights if usual else by_share
        return max(NEVER_BELOW, min(by_share, by_nights))
