"""Volumes: how many versions and files items have, and how many bytes they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from archiver.catalogue.rows import sliced
from archiver.catalogue.tables import attachments, versions


@dataclass(frozen=True, slots=True)
class Volume:
    """What one item has in the object store, but for the papers that lie under it."""

    versions: int = 0
    attachments: int = 0
    bytes: int = 0


def volumes(connection: Connection, numbers: Sequence[int]) -> dict[int, Volume]:
    """Give the volume of each of the items *numbers*."""
    found = dict.fromkeys(numbers, Volume())
    for some in sliced(numbers):
        for table, is_version in ((versions, True), (attachments, False)):
            query = (
                select(table.c.item_n, func.count(), func.sum(table.c.size))
                .where(table.c.item_n.in_(some))
                .group_by(table.c.item_n)
            )
            for n, count, size in connection.execute(query):
                before = found[n]
                found[n] = Volume(
                    before.versions + (count if is_version else 0),
                    before.attachments + (0 if is_version else count),
                    before.bytes + int(size),
                )
    return found
