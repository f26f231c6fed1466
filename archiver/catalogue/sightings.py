"""Sightings and counts: what was seen of items on their platform, beside what they say."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import cast

from sqlalchemy import Connection, bindparam, insert, select, update

from archiver.catalogue.rows import next_number, sliced
from archiver.catalogue.tables import engagement, sightings


@dataclass(frozen=True, slots=True, kw_only=True)
class SightingRow:
    """One change of what was seen of an item.

    *paper* is the digest of the paper with the platform's own remark, empty where it has none.
    """

    item_n: int
    at: int
    state: str
    actor: str
    source: str
    paper: str = ""


def add_sightings(connection: Connection, rows: Sequence[SightingRow]) -> None:
    """Insert *rows*."""
    if rows:
        first = next_number(connection, sightings)
        connection.execute(
            insert(sightings),
            [asdict(row) | {"n": first + place} for place, row in enumerate(rows)],
        )


def sightings_of(connection: Connection, item_n: int) -> list[SightingRow]:
    """Give what was seen of an item, oldest first."""
    columns = [sightings.c[f.name] for f in fields(SightingRow)]
    query = select(*columns).where(sightings.c.item_n == item_n).order_by(sightings.c.n)
    return [SightingRow(**row) for row in connection.execute(query).mappings()]


def count_engagement(
    connection: Connection, rows: Mapping[int, Mapping[str, int]], *, at: int
) -> None:
    """Write the counts a platform shows beside the items, where they changed."""
    before: dict[int, str] = {}
    for some in sliced(list(rows)):
        query = select(engagement.c.item_n, engagement.c.counts)
        for row in connection.execute(query.where(engagement.c.item_n.in_(some))):
            before[row.item_n] = row.counts
    after = {n: json.dumps(dict(counts), sort_keys=True) for n, counts in rows.items() if counts}
    fresh = [{"item_n": n, "at": at, "counts": c} for n, c in after.items() if n not in before]
    moved = [
        {"_n": n, "_at": at, "_counts": c}
        for n, c in after.items()
        if n in before and before[n] != c
    ]
    if fresh:
        connection.execute(insert(engagement), fresh)
    if moved:
        connection.execute(
            update(engagement)
            .where(engagement.c.item_n == bindparam("_n"))
            .values(at=bindparam("_at"), counts=bindparam("_counts")),
            moved,
        )


def engagement_of(connection: Connection, item_n: int) -> dict[str, int]:
    """Give the counts last seen beside an item."""
    text = connection.scalar(select(engagement.c.counts).where(engagement.c.item_n == item_n))
    return {} if text is None else cast("dict[str, int]", json.loads(text))
