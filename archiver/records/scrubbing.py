"""Scrubbing: what is left of a paper when it may no longer tell of some items. Pure.

A line about an item goes whole; in a list of items nobody takes the place of one, so that a scope
of named items never becomes one of all; a word about one becomes empty. A saved search that asks
for a name becomes one that finds nothing. What concerns others stays as it was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from archiver.records.canonical import Json

SHORT = 12
"""How many digits of an item's id words for people show."""

NOBODY = "0" * 64
"""What stands in a list of items for one that is told of no more."""

_ID = re.compile(r"[0-9a-f]{64}")
_RUN = re.compile(r"[0-9a-f]{12,}")


NOTHING: dict[str, Json] = {"version": 1, "query": {"not": {"everything": True}}}
"""A saved search that finds nothing: what is left of one that asked for somebody's name."""


CODES = frozenset(
    (
        *("action", "answer", "basis", "chain", "connector", "effect", "kind", "means", "on"),
        *("platform", "role", "salt", "schedule", "series", "state", "status", "step", "tag"),
        "trigger",
    )
)
"""Under these names papers hold words of ours, or of the law, and nobody's name."""


class Naming(Protocol):
    """What somebody is named by, in words of people and in saved searches."""

    def named_in(self, text: str) -> bool:
        """Say whether *text* names them."""
        ...

    def asked_for(self, query: Json) -> bool:
        """Say whether a saved search asks for them."""
        ...


class _Gone:
    """Stands for what is left of something that was only about a scrubbed item."""


_GONE = _Gone()


def tells_of(text: str, starts: frozenset[str]) -> bool:
    """Say whether *text* names an item whose id begins with one of *starts*, of 12 digits each."""
    return any(run[:SHORT] in starts for run in _RUN.findall(text))


def starts_of(ids: frozenset[str]) -> frozenset[str]:
    """Give the first 12 digits of each of *ids*, by which messages name them."""
    return frozenset(item[:SHORT] for item in ids)


def scrubbed(
    paper: dict[str, Json], ids: frozenset[str], names: Naming | None = None
) -> dict[str, Json]:
    """Give *paper* without anything that tells of the items *ids*, or says one of *names*."""
    left = _Scrubber(starts_of(ids), names).left(paper)
    if not isinstance(left, dict):
        return {name: paper[name] for name in ("kind", "salt") if name in paper}
    if paper.get("items") and not left.get("items") and "series" in left:
        left["series"] = [] if isinstance(left["series"], list) else {}
    return left


@dataclass(frozen=True, slots=True)
class _Scrubber:
    """What is to be told of no more: items by the starts of their ids, and *names*."""

    starts: frozenset[str]
    names: Naming | None

    def tells(self, text: str) -> bool:
        if tells_of(text, self.starts):
            return True
        return self.names is not None and not _is_id(text) and self.names.named_in(text)

    def left(self, value: Json) -> Json | _Gone:
        if isinstance(value, str):
            return "" if self.tells(value) else value
        if isinstance(value, list):
            return self._left_of_list(value)
        if not isinstance(value, dict):
            return value
        if any(_is_id(one) and tells_of(str(one), self.starts) for one in value.values()):
            return _GONE
        if "version" in value and self.names is not None and self.names.asked_for(value):
            return NOTHING
        kept: dict[str, Json] = {}
        for name, one in value.items():
            only_ids = _Scrubber(self.starts, None) if name in CODES else self
            left = _GONE if tells_of(name, self.starts) else only_ids.left(one)
            if not isinstance(left, _Gone):
                kept[name] = left
        return kept

    def _left_of_list(self, values: list[Json]) -> Json | _Gone:
        if all(isinstance(one, str) for one in values):
            if _is_line(values) and tells_of(str(values[0]), self.starts):
                return _GONE
            if all(_is_id(one) for one in values):
                left = [NOBODY if tells_of(str(one), self.starts) else str(one) for one in values]
                return list[Json](sorted(set(left))) if NOBODY in left else values
            if not _is_line(values):
                return [one for one in values if not self.tells(str(one))]
        elif _is_id(values[0]) and tells_of(str(values[0]), self.starts):
            return _GONE
        every = [self.left(one) for one in values]
        return [one for one in every if not isinstance(one, _Gone)]


def _is_line(values: list[Json]) -> bool:
    """Say whether texts are a line about the item they begin with, and no list of items."""
    return bool(values) and _is_id(values[0]) and not all(_is_id(one) for one in values)


def _is_id(value: Json) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None
