"""Kept files: what items carry beside their text, one row for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import TypeAlias

from sqlalchemy import Connection, insert, select

from archiver.catalogue import object_locks as locks
from archiver.catalogue.rows import next_number, sliced
from archiver.catalogue.tables import attachments
from archiver.records.identity import ArchiveKey

Sealed: TypeAlias = tuple[int, str, str, int, str]
"""What the seal of a file's row is over: item number, slot, digest, size and media type.

What the store itself calls the file is held against the store, and a rebuild asks for it last.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentRow:
    """One kept file of an item."""

    item_n: int
    slot: str
    digest: str
    size: int
    store_version: str | None
    media_type: str
    seal: str = ""

    def sealed(self, key: ArchiveKey) -> AttachmentRow:
        """Give the row with the seal that belongs to it."""
        told = (self.item_n, self.slot, self.digest, self.size, self.media_type)
        return replace(self, seal=file_seal(key, told))


def file_seal(key: ArchiveKey, told: Sealed) -> str:
    """Give the seal that belongs to the row of a file; an edit behind us breaks it."""
    item_n, slot, digest, size, media_type = told
    return key.seal(f"file {item_n} {slot} {digest} {size} {media_type}")


def add_attachments(connection: Connection, rows: Sequence[AttachmentRow], key: ArchiveKey) -> None:
    """Insert *rows*, each file of an item once; those already there are left."""
    known: set[tuple[int, str, str]] = set()
    for some in sliced([row.item_n for row in rows]):
        query = select(attachments.c.item_n, attachments.c.slot, attachments.c.digest)
        known |= {tuple(r) for r in connection.execute(query.where(attachments.c.item_n.in_(some)))}
    named = {(row.item_n, row.slot, row.digest): row for row in reversed(rows)}
    fresh = [named[each] for each in reversed(named) if each not in known]
    first = next_number(connection, attachments) if fresh else 0
    if fresh:
        connection.execute(
            insert(attachments),
            [asdict(row.sealed(key)) | {"n": first + place} for place, row in enumerate(fresh)],
        )
        locks.look_again(connection, [row.item_n for row in fresh])


def attachments_of(connection: Connection, numbers: Sequence[int]) -> list[AttachmentRow]:
    """Give the kept files of the items *numbers*."""
    columns = [attachments.c[f.name] for f in fields(AttachmentRow)]
    found: list[AttachmentRow] = []
    for some in sliced(numbers):
        query = select(*columns).where(attachments.c.item_n.in_(some)).order_by(attachments.c.n)
        found.extend(AttachmentRow(**row) for row in connection.execute(query).mappings())
    return found
