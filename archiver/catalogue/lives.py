"""The lives of items: from live to begun, and from begun to a tombstone, many at once.

What changes is the same for all of them, so that each row costs one seal and the few columns that
differ, and none is composed anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import attrgetter

from sqlalchemy import Connection

from archiver.catalogue.items import BEGUN, COLUMNS, DESTROYED, ItemRow, bare_seal
from archiver.catalogue.rows import change_rows
from archiver.catalogue.tables import items
from archiver.records.identity import ArchiveKey

_NAMES = tuple(column.name for column in COLUMNS)
_columns = attrgetter(*_NAMES)

_STRUCK: Mapping[str, object] = {
    "author": "",
    "fingerprint": "",
    "actor": "",
    "rule": "",
    "confidence": 0,
    "queued": False,
    "recheck_on": None,
    "life": DESTROYED,
}
"""What a tombstone does not keep, in the order of the columns."""


def begin(connection: Connection, rows: Iterable[ItemRow], batch_n: int, key: ArchiveKey) -> None:
    """Write that the destruction of *rows* has begun, in the batch of that number."""
    _all_become(connection, rows, {"life": BEGUN, "batch_n": batch_n}, key)


def entomb(connection: Connection, rows: Iterable[ItemRow], key: ArchiveKey) -> None:
    """Leave of *rows* that they were, where, of which series, and when."""
    _all_become(connection, rows, _STRUCK, key)


def _all_become(
    connection: Connection,
    rows: Iterable[ItemRow],
    changes: Mapping[str, object],
    key: ArchiveKey,
) -> None:
    """Write *changes* into each of *rows*, sealed anew where its seal was whole.

    What was edited behind us stays broken, as in `ItemRow.in_place_of`.
    """
    places = [(_NAMES.index(name), value) for name, value in changes.items()]
    told = tuple(changes.values())
    sealed = []
    for row in rows:
        values = list(_columns(row))
        whole = bare_seal(key, values) == row.seal
        for place, value in places:
            values[place] = value
        sealed.append((*told, bare_seal(key, values) if whole else row.seal, row.n))
    change_rows(connection, items, (*changes, "seal"), sealed)
