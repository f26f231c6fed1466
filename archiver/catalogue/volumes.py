"""Volumes: which versions and files items have, how many, and how many bytes they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from archiver.catalogue.rows import sliced, these
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
                .where(table.c.item_n.in_(these(connection, some)))
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


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """One object of an item as the catalogue knows it: a version (with its *number*) or a file."""

    item_n: int
    digest: str
    number: int = 0
    slot: str = ""
    media_type: str = ""


def kept_files(connection: Connection, numbers: Sequence[int]) -> dict[int, list[KeptFile]]:
    """Give the versions, oldest first, and then the files of each of the items *numbers*."""
    found: dict[int, list[KeptFile]] = {n: [] for n in numbers}
    for some in sliced(numbers):
        of_versions = select(versions.c.item_n, versions.c.digest, versions.c.number)
        of_files = select(*(attachments.c[n] for n in ("item_n", "digest", "slot", "media_type")))
        for query, table in (
            (of_versions.order_by(versions.c.number), versions),
            (of_files.order_by(attachments.c.n), attachments),
        ):
            for row in connection.execute(query.where(table.c.item_n.in_(some))).mappings():
                found[row["item_n"]].append(KeptFile(**row))
    return found
