"""Histories, read to be proven: visits and their gaps, what people said, and who let items go.

Read in the order in which they lie, in slices; what they name is named by its opaque id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import Connection, case, select

from archiver.catalogue.items import DESTROYED
from archiver.catalogue.rows import sliced
from archiver.catalogue.tables import (
    batches,
    captures,
    decisions,
    departures,
    gaps,
    items,
    judgements,
    pages,
    sightings,
)
from archiver.records.making import made_of

_SLICE = 2_000

Values: TypeAlias = Mapping[str, object]
"""The columns of a row, by name."""


def captures_by_numbers(connection: Connection, numbers: Sequence[int]) -> dict[int, Values]:
    """Give every column of the captures *numbers*, with the id of the page for its number."""
    columns = [each for each in captures.columns if each.name not in {"n", "page_n"}]
    query = select(captures.c.n, pages.c.page, *columns).join(pages, pages.c.n == captures.c.page_n)
    found: dict[int, Values] = {}
    for some in sliced(numbers):
        rows = connection.execute(query.where(captures.c.n.in_(some))).mappings()
        found |= {row["n"]: row for row in rows}
    return found


def capture_names(connection: Connection) -> Iterator[tuple[int, str]]:
    """Give the number and the name of every capture, in order."""
    query = select(captures.c.n, captures.c.capture).order_by(captures.c.n).limit(_SLICE)
    after = 0
    while rows := connection.execute(query.where(captures.c.n > after)).all():
        yield from ((n, name) for n, name in rows)
        after = rows[-1][0]


@dataclass(frozen=True, slots=True)
class KeptGap:
    """One gap as it stands: on which *page*, of which *item* (None of none), and by what words.

    *gone_at* is when its item was destroyed, where it was.
    """

    n: int
    capture: str
    page: str
    item: str | None
    slot: str
    what: str
    why: str
    opened_at: int
    closed_at: int | None
    retry_on: int | None
    gone_at: int | None


_a_gap = made_of(KeptGap)
_GAPS = (
    select(
        gaps.c.n,
        captures.c.capture,
        pages.c.page,
        items.c.item,
        gaps.c.slot,
        gaps.c.what,
        gaps.c.why,
        gaps.c.opened_at,
        gaps.c.closed_at,
        gaps.c.retry_on,
        case((items.c.life == DESTROYED, batches.c.done_at)).label("gone_at"),
    )
    .join(captures, captures.c.n == gaps.c.capture_n)
    .join(pages, pages.c.n == gaps.c.page_n)
    .outerjoin(items, items.c.n == gaps.c.item_n)
    .outerjoin(batches, batches.c.n == items.c.batch_n)
    .order_by(gaps.c.n)
    .limit(_SLICE)
)


def gaps_from(connection: Connection, *, first: int, stop: int) -> Iterator[KeptGap]:
    """Give the gaps numbered from *first* up to before *stop*, in order."""
    after = first - 1
    while rows := connection.execute(_GAPS.where(gaps.c.n > after, gaps.c.n < stop)).all():
        yield from map(_a_gap, rows)
        after = rows[-1].n


@dataclass(frozen=True, slots=True)
class KeptDecision:
    """One decision of a person as it stands."""

    n: int
    item: str
    at: int
    by: str
    tag: str
    series: str
    basis: str
    paper: str


_DECISIONS = select(
    decisions.c.n,
    items.c.item,
    *(decisions.c[name] for name in ("at", "by", "tag", "series", "basis", "paper")),
).join(items, items.c.n == decisions.c.item_n)


def decisions_on(connection: Connection, ids: Sequence[str]) -> list[KeptDecision]:
    """Give every decision on the items *ids*."""
    found: list[KeptDecision] = []
    for some in sliced(ids):
        rows = connection.execute(_DECISIONS.where(items.c.item.in_(some)))
        found.extend(KeptDecision(*row) for row in rows)
    return found


def decided(connection: Connection) -> Iterator[tuple[int, str]]:
    """Give the number of every decision, in order, with the item it is on."""
    query = select(decisions.c.n, items.c.item).join(items, items.c.n == decisions.c.item_n)
    after = 0
    while rows := connection.execute(
        query.where(decisions.c.n > after).order_by(decisions.c.n).limit(_SLICE)
    ).all():
        yield from ((n, item) for n, item in rows)
        after = rows[-1][0]


@dataclass(frozen=True, slots=True)
class KeptSighting:
    """One change of what was seen of an item, as it stands."""

    n: int
    item: str
    at: int
    state: str
    actor: str
    source: str
    paper: str

    @property
    def told(self) -> tuple[int, str, str, str, str]:
        """Give what an entry tells of it."""
        return self.at, self.state, self.actor, self.source, self.paper


_SIGHTINGS = select(
    sightings.c.n,
    items.c.item,
    *(sightings.c[name] for name in ("at", "state", "actor", "source", "paper")),
).join(items, items.c.n == sightings.c.item_n)


def sightings_of_each(connection: Connection, ids: Sequence[str]) -> list[KeptSighting]:
    """Give every sighting of the items *ids*, oldest first."""
    found: list[KeptSighting] = []
    for some in sliced(ids):
        query = _SIGHTINGS.where(items.c.item.in_(some)).order_by(sightings.c.at, sightings.c.n)
        found.extend(KeptSighting(*row) for row in connection.execute(query))
    return found


def sighted(connection: Connection) -> Iterator[tuple[int, str]]:
    """Give the number of every sighting, in order, with the item that was seen."""
    query = select(sightings.c.n, items.c.item).join(items, items.c.n == sightings.c.item_n)
    after = 0
    while rows := connection.execute(
        query.where(sightings.c.n > after).order_by(sightings.c.n).limit(_SLICE)
    ).all():
        yield from ((n, item) for n, item in rows)
        after = rows[-1][0]


def judged_plans(connection: Connection) -> list[int]:
    """Give the numbers of the plans of which anything was judged, in order."""
    query = select(judgements.c.plan_n).distinct().order_by(judgements.c.plan_n)
    return list(connection.scalars(query))


def departed(connection: Connection, narrowing_n: int) -> Iterator[tuple[int, str]]:
    """Give the number and the id of every item that left with a narrowing, in order."""
    query = (
        select(departures.c.item_n, items.c.item)
        .join(items, items.c.n == departures.c.item_n)
        .where(departures.c.narrowing_n == narrowing_n)
    )
    after = 0
    while rows := connection.execute(
        query.where(departures.c.item_n > after).order_by(departures.c.item_n).limit(_SLICE)
    ).all():
        yield from ((n, item) for n, item in rows)
        after = rows[-1][0]


def departed_among(connection: Connection, narrowing_n: int, numbers: Sequence[int]) -> set[int]:
    """Give those of the items *numbers* that left with a narrowing."""
    found: set[int] = set()
    for some in sliced(numbers):
        mine = (departures.c.narrowing_n == narrowing_n) & departures.c.item_n.in_(some)
        found.update(connection.scalars(select(departures.c.item_n).where(mine)))
    return found
