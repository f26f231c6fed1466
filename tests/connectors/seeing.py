"""Visiting a source as the tests of one connector do, and picking out what it yielded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from archiver.ports import Source
from archiver.records.captures import Known, PlatformState, Seen, Window
from archiver.records.items import Content

Kind = TypeVar("Kind")


def visited(source: Source, **window: object) -> list[Seen]:
    """Give all that one visit of *window* yields."""
    return list(source.visit(Window(**window)))  # type: ignore[arg-type] # a test's own words


def of(kind: type[Kind], seen: Iterable[object]) -> list[Kind]:
    """Give those of *seen* that are of one *kind*."""
    return [one for one in seen if isinstance(one, kind)]


def known(content: Content, state: PlatformState | None = PlatformState.PRESENT) -> Known:
    """Say of an item what the archive tells a connector that is to look again."""
    return Known(
        native_id=content.native_id,
        kind=content.kind.value,
        parent=content.parent,
        thread=content.thread,
        permalink=content.permalink,
        state=state,
    )
