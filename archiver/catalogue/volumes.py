"""Volumes: which versions and files items have, how many, and how many bytes they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from archiver.catalogue.rows import sliced, these
from archiver.catalogue.tables import attachments, versions


@dataclass(slots=True)
class Volume:
    """What one item has in the object store, but for the papers that lie under it.

    *media_types* are those of its files, *kept_as* the store's own ids of what it kept, where it
    has any: of versions, then of files.
    """

    versions: int = 0
    attachments: int = 0
    bytes: int = 0
    media_types: list[str] = field(default_factory=list)
    kept_as: list[str] = field(default_factory=list)


def volumes(connection: Connection, numbers: Sequence[int]) -> dict[int, Volume]:
    """Give the volume of each of the items *numbers*."""
    found = {n: Volume() for n in numbers}
    for some in sliced(numbers):
        chosen = these(connection, some)
        of_versions = select(versions.c.item_n, versions.c.size, versions.c.store_version)
        for n, size, kept_as in connection.execute(
            of_versions.where(versions.c.item_n.in_(chosen))
        ).all():
            volume = found[n]
            volume.versions += 1
            volume.bytes += size
            if kept_as is not None:
                volume.kept_as.append(kept_as)
        for n, size, kept_as, media_type in connection.execute(
            select(*_OF_FILES).where(attachments.c.item_n.in_(chosen))
        ).all():
            volume = found[n]
            volume.attachments += 1
            volume.bytes += size
            volume.media_types.append(media_type)
            if kept_as is not None:
                volume.kept_as.append(kept_as)
    return found


_OF_FILES = tuple(attachments.c[n] for n in ("item_n", "size", "store_version", "media_type"))


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
