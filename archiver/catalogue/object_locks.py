"""Object locks: what the store was last told about each item, and of which items it must hear.

There is no outbox to be written to: an item waits while its row is not the one, its thread not
as active, or the schedule not the one by which its objects were last locked. What nobody can
forget to post costs nothing where nothing is locked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, update

from archiver.catalogue.items import LIVE, ItemRow, as_item
from archiver.catalogue.rows import sliced, these
from archiver.catalogue.tables import attachments, items, object_locks, threads, versions

LOCK = "object locks"
"""The lock of the archive under which the store's locks are changed."""

NOW = 0
"""The day of a look that is long due."""

_NEVER = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectLockRow:
    """What the objects of an item are locked to, and by what that was decided.

    *seal* is the item's, *stirred* its thread's, *schedule* the digest at that time. *flagged*
    says that a legal hold is set, by us; *least* and *most* are the earliest and latest end of a
    retention among its versions, in µs UTC. On *look_on* time alone may ask for a change.
    """

    item_n: int
    seal: str
    stirred: int
    schedule: str
    flagged: bool
    least: int | None
    most: int | None
    look_on: int | None


def _unsettled(schedule: str, on: int) -> ColumnElement[bool]:
    known = object_locks.c
    return or_(
        known.item_n.is_(None),
        known.seal != items.c.seal,
        known.stirred != threads.c.stirred,
        known.schedule != schedule,
        func.coalesce(known.look_on, _NEVER) <= on,
    )


_WITH_LOCKS = items.join(threads, threads.c.n == items.c.thread_n).outerjoin(
    object_locks, object_locks.c.item_n == items.c.n
)


def waiting(
    connection: Connection, *, schedule: str, on: int, after: int, limit: int
) -> list[ItemRow]:
    """Give at most *limit* items above *after* of which the store must hear, in order."""
    query = (
        select(items)
        .select_from(_WITH_LOCKS)
        .where(items.c.life == LIVE, items.c.n > after, _unsettled(schedule, on))
        .order_by(items.c.n)
        .limit(limit)
    )
    return [as_item(row) for row in connection.execute(query).mappings()]


def waiting_count(connection: Connection, *, schedule: str, on: int) -> int:
    """Give of how many items the store must hear."""
    query = select(func.count()).select_from(_WITH_LOCKS)
    return connection.scalar(query.where(items.c.life == LIVE, _unsettled(schedule, on))) or 0


def of_items(connection: Connection, numbers: Sequence[int]) -> dict[int, ObjectLockRow]:
    """Give what is known of the locks of the items *numbers*, by item number."""
    found: dict[int, ObjectLockRow] = {}
    for some in sliced(numbers):
        query = select(object_locks).where(object_locks.c.item_n.in_(some))
        for row in connection.execute(query).mappings():
            found[row["item_n"]] = ObjectLockRow(**row)
    return found


def settled(
    connection: Connection, *, schedule: str, on: int, after: int, limit: int
) -> list[tuple[ItemRow, ObjectLockRow]]:
    """Give at most *limit* live items above *after* whose locks are up to date, in order."""
    query = (
        select(items)
        .select_from(_WITH_LOCKS)
        .where(items.c.life == LIVE, items.c.n > after, ~_unsettled(schedule, on))
        .order_by(items.c.n)
        .limit(limit)
    )
    rows = [as_item(row) for row in connection.execute(query).mappings()]
    known = of_items(connection, [row.n for row in rows])
    return [(row, known[row.n]) for row in rows]


def digests(connection: Connection, numbers: Sequence[int]) -> dict[int, set[str]]:
    """Give the digests of all objects catalogued of the items *numbers*, by item number."""
    found: dict[int, set[str]] = {n: set() for n in numbers}
    for table in (versions, attachments):
        for some in sliced(numbers):
            query = select(table.c.item_n, table.c.digest).where(table.c.item_n.in_(some))
            for row in connection.execute(query):
                found[row.item_n].add(row.digest)
    return found


def write(connection: Connection, rows: Sequence[ObjectLockRow]) -> None:
    """Write *rows* in place of what was known of the same items."""
    if rows:
        for some in sliced([row.item_n for row in rows]):
            connection.execute(delete(object_locks).where(object_locks.c.item_n.in_(some)))
        connection.execute(insert(object_locks), [asdict(row) for row in rows])


def look_again(connection: Connection, numbers: Sequence[int] | None = None) -> None:
    """Have the store hear again of the items *numbers*, or of every one."""
    if numbers is None:
        connection.execute(update(object_locks).values(look_on=NOW))
        return
    for some in sliced(numbers):
        mine = object_locks.c.item_n.in_(these(connection, some))
        connection.execute(update(object_locks).where(mine).values(look_on=NOW))


def to_be_flagged(connection: Connection, rows: Sequence[ItemRow]) -> None:
    """Write that the flags of *rows* are ours, before they are set."""
    known = of_items(connection, [row.n for row in rows])
    for some in sliced(list(known)):
        mine = object_locks.c.item_n.in_(some)
        connection.execute(update(object_locks).where(mine).values(flagged=True))
    fresh = [
        ObjectLockRow(
            item_n=row.n,
            seal="",
            stirred=0,
            schedule="",
            flagged=True,
            least=None,
            most=None,
            look_on=NOW,
        )
        for row in rows
        if row.n not in known
    ]
    write(connection, fresh)
