"""Which files of an export are read: known by the end of their path, wherever it was packed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Volume:
    """One file of an export that is read; they are read in this order, whatever the parts'.

    *place* is that of its sort among the sorts of the platform.
    """

    place: int
    number: int
    name: str
    sort: str


def volumes_in(names: Sequence[str], sorts: Mapping[str, re.Pattern[str]]) -> list[Volume]:
    """Give those of *names* that are read, in order.

    Each of *sorts* matches the whole path of a file; its first group is the file's number.
    """
    return sorted(_volumes(names, sorts))


def ending(names: Sequence[str], end: str) -> str:
    """Give the first of *names* that is *end*, or lies under it in some folder; or nothing."""
    return next((name for name in names if name == end or name.endswith(f"/{end}")), "")


def _volumes(names: Sequence[str], sorts: Mapping[str, re.Pattern[str]]) -> Iterator[Volume]:
    """Give each name as the volume it is, if it is one: of the first sort that it matches."""
    for name in names:
        for place, (sort, pattern) in enumerate(sorts.items()):
            if found := pattern.fullmatch(name):
                yield Volume(place, int(found[1] or 0), name, sort)
                break
