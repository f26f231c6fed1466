"""Items and threads: the rows, read and written in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from operator import attrgetter, itemgetter

from sqlalchemy import Connection, RowMapping, Update, bindparam, func, select, update

from archiver.catalogue.rows import add_rows, change_rows, next_number, sliced, these
from archiver.catalogue.tables import items, pages, threads
from archiver.records.identity import ArchiveKey

LIVE, BEGUN, DESTROYED = "live", "begun", "destroyed"
"""The lives of an item: here; its destruction recorded and under way; a tombstone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """One row of `items`, sealed. Moments in µs UTC, days as ordinals in the agency's zone.

    *triggers* are the days of what people entered as having happened: `case_closed:739000`.
    *restricted* are the reasons why an item is, as words (`records.restrictions`); *restriction* is
    the digest of the paper in which a person last said that it is, or that it is not.
    """

    n: int
    item: str
    page_n: int
    thread_n: int
    kind: str
    author: str
    own: bool
    restricted: str
    published_at: int
    captured_at: int
    version: int
    fingerprint: str
    state: str
    state_at: int
    actor: str
    removed_at: int | None
    value_ended_at: int | None
    tag: str
    series: str
    basis: str
    rule: str
    confidence: int
    schedule: str
    queued: bool
    cooling_until: int | None
    recheck_on: int | None
    life: str
    batch_n: int | None
    triggers: str = ""
    restriction: str = ""
    seal: str = ""

    def sealed(self, key: ArchiveKey) -> ItemRow:
        """Give the row with the seal that belongs to its columns."""
        return replace(self, seal=self.true_seal(key))

    def in_place_of(self, before: ItemRow, key: ArchiveKey) -> ItemRow:
        """Give the row sealed, unless *before* was edited behind us: what was broken stays so."""
        whole = before.true_seal(key) == before.seal
        return replace(self, seal=self.true_seal(key) if whole else before.seal)

    def true_seal(self, key: ArchiveKey) -> str:
        """Give the seal that belongs to the columns as they stand."""
        return key.seal(ascii(_sealed(self)))


_FIELDS = tuple(f.name for f in fields(ItemRow))
COLUMNS = tuple(items.c[name] for name in _FIELDS)
"""The columns of `items` in the order of an `ItemRow`: for who reads many, as bare values."""

_unsealed = attrgetter(*_FIELDS[:-1])
_sealed = attrgetter(*(name for name in _FIELDS if name not in {"seal", "recheck_on"}))
_bare_sealed = itemgetter(
    *(place for place, name in enumerate(_FIELDS) if name not in {"seal", "recheck_on"})
)


def bare_seal(key: ArchiveKey, values: Sequence[object]) -> str:
    """Give the seal that belongs to the *values* of `COLUMNS`: `ItemRow.true_seal`, faster."""
    return key.seal(ascii(_bare_sealed(values)))


def as_item(row: RowMapping) -> ItemRow:
    """Read one row of `items`."""
    return ItemRow(**{name: row[name] for name in _FIELDS})


def by_ids(connection: Connection, ids: Sequence[str]) -> dict[str, ItemRow]:
    """Give the rows of *ids* that are catalogued, by id."""
    found: dict[str, ItemRow] = {}
    for some in sliced(ids):
        query = select(items).where(items.c.item.in_(these(connection, some)))
        for row in connection.execute(query).mappings():
            found[row["item"]] = as_item(row)
    return found


def by_numbers(connection: Connection, numbers: Sequence[int]) -> dict[int, ItemRow]:
    """Give the rows of *numbers*, by number."""
    found: dict[int, ItemRow] = {}
    for some in sliced(numbers):
        for row in connection.execute(
            select(items).where(items.c.n.in_(these(connection, some)))
        ).mappings():
            found[row["n"]] = as_item(row)
    return found


def beginning_with(connection: Connection, start: str, *, limit: int = 2) -> list[str]:
    """Give at most *limit* ids that begin with *start*."""
    query = select(items.c.item).where(items.c.item >= start, items.c.item < start + "g")
    return list(connection.scalars(query.order_by(items.c.item).limit(limit)))


def next_item(connection: Connection) -> int:
    """Give the first free item number."""
    return next_number(connection, items)


def next_thread(connection: Connection) -> int:
    """Give the first free thread number."""
    return next_number(connection, threads)


def add(connection: Connection, rows: Iterable[ItemRow], key: ArchiveKey) -> None:
    """Insert *rows*, each under the seal of *key* that belongs to its columns."""
    values = [(*_unsealed(row), row.true_seal(key)) for row in rows]
    add_rows(connection, items, _FIELDS, values)


_CHANGING = tuple(name for name in _FIELDS if name not in {"n", "item"})
_changing = attrgetter(*_CHANGING, "n")


def change(connection: Connection, rows: Iterable[ItemRow]) -> None:
    """Write *rows* over the ones of the same number."""
    change_rows(connection, items, _CHANGING, [_changing(row) for row in rows])


def slice_of(connection: Connection, *, after: int, limit: int) -> list[ItemRow]:
    """Give at most *limit* items numbered above *after* that are no tombstones, in order."""
    query = select(items).where(items.c.n > after, items.c.life != DESTROYED)
    rows = connection.execute(query.order_by(items.c.n).limit(limit)).mappings()
    return [as_item(row) for row in rows]


def count(connection: Connection, life: str) -> int:
    """Give how many items are of *life*."""
    query = select(func.count()).select_from(items).where(items.c.life == life)
    return connection.scalar(query) or 0


def live_between(connection: Connection, after: int, upto: int) -> int:
    """Give how many live items are numbered above *after*, up to *upto*."""
    inside = (items.c.n > after) & (items.c.n <= upto) & (items.c.life == LIVE)
    return connection.scalar(select(func.count()).select_from(items).where(inside)) or 0


def tags(connection: Connection) -> dict[str, int]:
    """Give how many live items each tag has."""
    query = select(items.c.tag, func.count()).where(items.c.life == LIVE).group_by(items.c.tag)
    return {row[0]: row[1] for row in connection.execute(query)}


def queued_count(connection: Connection) -> int:
    """Give how many live items wait for a person."""
    query = select(func.count()).select_from(items).where(items.c.queued, items.c.life == LIVE)
    return connection.scalar(query) or 0


def queued(connection: Connection, *, after: int, limit: int) -> list[str]:
    """Give the ids of at most *limit* live items that wait for a person, in order."""
    query = select(items.c.item).where(items.c.queued, items.c.life == LIVE, items.c.n > after)
    return list(connection.scalars(query.order_by(items.c.n).limit(limit)))


def thread_of(connection: Connection, n: int) -> str:
    """Give the id of the thread an item belongs to."""
    query = select(threads.c.thread).join(items, items.c.thread_n == threads.c.n)
    return connection.scalar(query.where(items.c.n == n)) or ""


def thread_ids(connection: Connection, numbers: Sequence[int]) -> dict[int, str]:
    """Give the ids of the threads *numbers*, by number."""
    found: dict[int, str] = {}
    for some in sliced(sorted(set(numbers))):
        query = select(threads.c.n, threads.c.thread).where(threads.c.n.in_(some))
        found.update({row.n: row.thread for row in connection.execute(query)})
    return found


def of_thread(connection: Connection, thread_n: int) -> list[str]:
    """Give the ids of every item of a thread, oldest first."""
    query = select(items.c.item).where(items.c.thread_n == thread_n)
    return list(connection.scalars(query.order_by(items.c.published_at, items.c.n)))


def of_life(connection: Connection, life: str) -> Iterator[tuple[ItemRow, str, str]]:
    """Give the items of a destruction under way, each with the ids of its page and thread."""
    query = (
        select(items, pages.c.page.label("page_id"), threads.c.thread.label("thread_id"))
        .outerjoin(pages, pages.c.n == items.c.page_n)
        .outerjoin(threads, threads.c.n == items.c.thread_n)
        .where(items.c.batch_n.isnot(None), items.c.life == life)
        .order_by(items.c.n)
    )
    for row in connection.execute(query).mappings():
        yield as_item(row), row["page_id"] or "", row["thread_id"] or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadRow:
    """One row of `threads`: its activity, and the first day on which it is worth a look.

    *look_on* is the purge's, *ripe_on* that of plans which people approve. Whatever asks for a
    look asks for both.
    *stirred* counts how often something asked for that look: who decides on what a row said
    tells by it whether the row still says so, even where the day stayed the same.
    """

    n: int
    thread: str
    page_n: int
    last_activity: int
    look_on: int | None
    ripe_on: int | None = None
    stirred: int = 0
    seal: str = ""

    def true_seal(self, key: ArchiveKey) -> str:
        """Give the seal that belongs to what of the row decides when its items are due."""
        return thread_seal(key, (self.n, self.thread, self.page_n, self.last_activity))

    def active_at(self, at: int, key: ArchiveKey) -> ThreadRow:
        """Give the row with activity at the moment *at*, sealed anew where its seal was whole."""
        after = replace(self, last_activity=max(at, self.last_activity))
        whole = self.true_seal(key) == self.seal
        return replace(after, seal=after.true_seal(key)) if whole else after


def thread_seal(key: ArchiveKey, told: tuple[int, str, int, int]) -> str:
    """Give the seal of a thread: of its number, id, page and last activity."""
    n, thread, page_n, last_activity = told
    return key.seal(f"thread {n} {thread} {page_n} {last_activity}")


_THREAD = tuple(f.name for f in fields(ThreadRow))
_unsealed_thread = attrgetter(*_THREAD[:-1])


def threads_by_ids(connection: Connection, ids: Sequence[str]) -> dict[str, ThreadRow]:
    """Give the threads *ids* that are known, by id."""
    found: dict[str, ThreadRow] = {}
    for some in sliced(ids):
        query = select(threads).where(threads.c.thread.in_(these(connection, some)))
        for row in connection.execute(query).mappings():
            found[row["thread"]] = ThreadRow(**row)
    return found


def add_threads(connection: Connection, rows: Iterable[ThreadRow], key: ArchiveKey) -> None:
    """Insert *rows*, each under the seal of *key* that belongs to it."""
    values = [(*_unsealed_thread(row), row.true_seal(key)) for row in rows]
    add_rows(connection, threads, _THREAD, values)


_STIR = (
    update(threads)
    .where(threads.c.n == bindparam("_n"))
    .values(
        last_activity=bindparam("_at"),
        seal=bindparam("_seal"),
        look_on=bindparam("_look"),
        ripe_on=bindparam("_look"),
        stirred=threads.c.stirred + 1,
    )
)
_THIS = update(threads).where(threads.c.n == bindparam("_n"))
_UNSTIRRED = _THIS.where(threads.c.stirred == bindparam("_stirred"))
_LOOK_UNLESS_STIRRED = _UNSTIRRED.values(look_on=bindparam("_look"))
_RIPEN_UNLESS_STIRRED = _UNSTIRRED.values(ripe_on=bindparam("_look"))


def stir(
    connection: Connection, active: Sequence[tuple[int, int]], key: ArchiveKey, *, look_on: int
) -> None:
    """Write that threads were active: (thread number, moment); and have them looked at.

    A seal that was broken stays broken.
    """
    moments: dict[int, int] = {}
    for n, at in active:
        moments[n] = max(at, moments.get(n, at))
    for some in sliced(list(moments)):
        query = select(threads).where(threads.c.n.in_(some))
        rows = [ThreadRow(**row) for row in connection.execute(query).mappings()]
        stirred = [row.active_at(moments[row.n], key) for row in rows]
        values = [{"_n": r.n, "_at": r.last_activity, "_seal": r.seal} for r in stirred]
        connection.execute(_STIR, [value | {"_look": look_on} for value in values])


def never_look(connection: Connection, thread_numbers: Iterable[int]) -> None:
    """Write that threads are worth no look any more: their destruction has begun."""
    for some in sliced(list(thread_numbers)):
        rest = update(threads).where(threads.c.n.in_(these(connection, some)))
        connection.execute(rest.values(look_on=None, ripe_on=None))


def look_next_unless_stirred(
    connection: Connection, days: Sequence[tuple[ThreadRow, int | None]], *, ripe: bool = False
) -> None:
    """Write when threads are worth a look, but for those stirred since they were read.

    Where *ripe*, it is the look of a plan that people approve.
    """
    if days:
        connection.execute(
            _RIPEN_UNLESS_STIRRED if ripe else _LOOK_UNLESS_STIRRED,
            [{"_n": row.n, "_stirred": row.stirred, "_look": day} for row, day in days],
        )


def look_again(connection: Connection, item_numbers: Sequence[int], day: int) -> None:
    """Have the threads of *item_numbers* looked at on *day* (something about them changed)."""
    for some in sliced(item_numbers):
        inside = select(items.c.thread_n).where(items.c.n.in_(some))
        connection.execute(looked_at(day).where(threads.c.n.in_(inside)))


def look_at_all(connection: Connection, day: int) -> None:
    """Have every thread looked at on *day* (the schedule changed)."""
    connection.execute(looked_at(day))


def looked_at(day: int) -> Update:
    """Give the statement that has threads looked at on *day*, whichever they are."""
    return update(threads).values(look_on=day, ripe_on=day, stirred=threads.c.stirred + 1)
