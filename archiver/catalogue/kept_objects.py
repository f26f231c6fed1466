"""Kept objects: what live items have in the object store, by what the catalogue says of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Select, Table, or_, select

from archiver.catalogue.inspection import papers_said
from archiver.catalogue.items import LIVE
from archiver.catalogue.rows import sliced, these
from archiver.catalogue.tables import attachments, bylines, decisions, items, sightings, versions
from archiver.records.identity import ObjectRef, Part

Kept: TypeAlias = tuple[ObjectRef, int | None, str | None]
"""An object, its size (None where the catalogue keeps none), and the store's own version."""

_LIVE = items.c.life == LIVE
_SAID = select(items.c.item).where(
    _LIVE,
    or_(items.c.value_ended_at.isnot(None), items.c.triggers != "", items.c.restriction != ""),
)


def _of(table: Table, *columns: ColumnElement[Any]) -> Select[Any]:
    """Ask for *columns* of what live items have in *table*, with their ids."""
    joined = select(items.c.item, *columns).join(table, table.c.item_n == items.c.n)
    return joined.where(_LIVE)


_VERSIONS = _of(versions, versions.c.digest, versions.c.size, versions.c.store_version)
_FILES = _of(attachments, *(attachments.c[n] for n in ("digest", "size", "store_version", "slot")))
_PAPERS = {
    slot: _of(table, table.c.paper).where(table.c.paper != "")
    for slot, table in (("decision", decisions), ("sighting", sightings), ("byline", bylines))
}


def kept_objects(connection: Connection, numbers: Sequence[int]) -> Iterator[Kept]:
    """Give every object of those of the items *numbers* that are live, papers under them too."""
    for some in sliced(numbers):
        among = items.c.n.in_(these(connection, some))
        for item, digest, size, version in connection.execute(_VERSIONS.where(among)).all():
            yield ObjectRef(item, Part.CONTENT, digest), size, version
        for item, digest, size, version, slot in connection.execute(_FILES.where(among)).all():
            yield ObjectRef(item, Part.ATTACHMENT, digest, slot), size, version
        for slot, papers in _PAPERS.items():
            for item, paper in connection.execute(papers.where(among)).all():
                yield ObjectRef(item, Part.PAPER, paper, slot), None, None
        said = connection.scalars(_SAID.where(among)).all()
        for item, slot, paper in papers_said(connection, said):
            yield ObjectRef(item, Part.PAPER, paper, slot), None, None
