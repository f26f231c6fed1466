"""Scrubbing: what is left of a paper when it may no longer tell of some items. Pure.

A line about an item goes whole; in a list of items nobody takes the place of one, so that a scope
of named items never becomes one of all; a word about one becomes empty. What concerns others
stays as it was.
"""

from __future__ import annotations

import re

from archiver.records.canonical import Json

SHORT = 12
"""How many digits of an item's id words for people show."""

NOBODY = "0" * 64
"""What stands in a list of items for one that is told of no more."""

_ID = re.compile(r"[0-9a-f]{64}")
_RUN = re.compile(r"[0-9a-f]{12,}")


class _Gone:
    """Stands for what is left of something that was only about a scrubbed item."""


_GONE = _Gone()


def tells_of(text: str, starts: frozenset[str]) -> bool:
    """Say whether *text* names an item whose id begins with one of *starts*, of 12 digits each."""
    return any(run[:SHORT] in starts for run in _RUN.findall(text))


def starts_of(ids: frozenset[str]) -> frozenset[str]:
    """Give the first 12 digits of each of *ids*, by which messages name them."""
    return frozenset(item[:SHORT] for item in ids)


def scrubbed(paper: dict[str, Json], ids: frozenset[str]) -> dict[str, Json]:
    """Give *paper* without anything that tells of the items *ids*."""
    starts = starts_of(ids)
    left = _left(paper, starts)
    if not isinstance(left, dict):
        return {name: paper[name] for name in ("kind", "salt") if name in paper}
    if paper.get("items") and not left.get("items") and "series" in left:
        left["series"] = [] if isinstance(left["series"], list) else {}
    return left


def _left(value: Json, starts: frozenset[str]) -> Json | _Gone:
    if isinstance(value, str):
        return "" if tells_of(value, starts) else value
    if isinstance(value, list):
        return _left_of_list(value, starts)
    if isinstance(value, dict):
        if any(_is_id(one) and tells_of(str(one), starts) for one in value.values()):
            return _GONE
        kept: dict[str, Json] = {}
        for name, one in value.items():
            left = _GONE if tells_of(name, starts) else _left(one, starts)
            if not isinstance(left, _Gone):
                kept[name] = left
        return kept
    return value


def _left_of_list(values: list[Json], starts: frozenset[str]) -> Json | _Gone:
    if all(isinstance(one, str) for one in values):
        if _is_line(values) and tells_of(str(values[0]), starts):
            return _GONE
        if all(_is_id(one) for one in values):
            left = [NOBODY if tells_of(str(one), starts) else str(one) for one in values]
            return list[Json](sorted(set(left))) if NOBODY in left else values
        if not _is_line(values):
            return [one for one in values if not tells_of(str(one), starts)]
    elif _is_id(values[0]) and tells_of(str(values[0]), starts):
        return _GONE
    every = [_left(one, starts) for one in values]
    return [one for one in every if not isinstance(one, _Gone)]


def _is_line(values: list[Json]) -> bool:
    """Say whether texts are a line about the item they begin with, and no list of items."""
    return bool(values) and _is_id(values[0]) and not all(_is_id(one) for one in values)


def _is_id(value: Json) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None
