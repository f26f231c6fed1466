"""Threads worth a look, and batches: the rows of disposition under way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

from sqlalchemy import Connection, exists, func, insert, or_, select, update

from archiver.catalogue.expunging import NOWHERE
from archiver.catalogue.items import BEGUN, COLUMNS, DESTROYED, LIVE, ItemRow, ThreadRow
from archiver.catalogue.rows import next_number, sliced, these
from archiver.catalogue.tables import batches, items, threads
from archiver.records.classification import Tag
from archiver.records.making import made_of

_THREAD = tuple(threads.c[field.name] for field in fields(ThreadRow))
_a_thread = made_of(ThreadRow)
_an_item = made_of(ItemRow)

# --- threads worth a look -----------------------------------------------------------------


def worth_a_look(
    connection: Connection, *, on: int, after: int, limit: int, ripe: bool = False
) -> list[ThreadRow]:
    """Give threads numbered above *after* whose day of looking has come, in order.

    The look is the purge's or, where *ripe*, that of a plan which people approve. A thread in
    which nothing lies any more is worth none, whatever its day.
    """
    day = threads.c.ripe_on if ripe else threads.c.look_on
    query = select(*_THREAD).where(day <= on, threads.c.n > after, threads.c.page_n != NOWHERE)
    rows = connection.execute(query.order_by(threads.c.n).limit(limit)).all()
    return [_a_thread(row) for row in rows]


def ripe_in(
    connection: Connection,
    series: Sequence[str],
    *,
    undetermined: bool,
    on: int,
    after: int,
    limit: int,
) -> list[ThreadRow]:
    """Give the threads worth a plan's look in which something of *series* lives, in order.

    Where *undetermined*, something that nobody could place will do.
    """
    unplaced = [items.c.tag == Tag.UNDETERMINED.value] if undetermined else []
    wanted = or_(items.c.series.in_(list(series)), *unplaced)
    lives = exists().where(items.c.thread_n == threads.c.n, items.c.life == LIVE, wanted)
    query = select(*_THREAD).where(threads.c.ripe_on <= on, threads.c.n > after, lives)
    rows = connection.execute(query.order_by(threads.c.n).limit(limit))
    return [_a_thread(row) for row in rows]


def threads_after(connection: Connection, *, after: int, limit: int) -> list[ThreadRow]:
    """Give at most *limit* threads numbered above *after* in which something lies, in order."""
    query = select(threads).where(threads.c.n > after, threads.c.page_n != NOWHERE)
    rows = connection.execute(query.order_by(threads.c.n).limit(limit)).mappings()
    return [ThreadRow(**row) for row in rows]


def threads_by_numbers(connection: Connection, numbers: Sequence[int]) -> list[ThreadRow]:
    """Give the threads *numbers*, in order."""
    found: list[ThreadRow] = []
    for some in sliced(sorted(set(numbers))):
        query = (
            select(*_THREAD).where(threads.c.n.in_(these(connection, some))).order_by(threads.c.n)
        )
        found.extend(_a_thread(row) for row in connection.execute(query).all())
    return found


def members(connection: Connection, thread_numbers: Sequence[int]) -> dict[int, list[ItemRow]]:
    """Give every item of each thread that is not a tombstone, by thread number."""
    found: dict[int, list[ItemRow]] = {n: [] for n in thread_numbers}
    for some in sliced(list(thread_numbers)):
        query = select(*COLUMNS).where(
            items.c.thread_n.in_(these(connection, some)), items.c.life != DESTROYED
        )
        for row in connection.execute(query.order_by(items.c.n)).all():  # row by row takes longer
            item = _an_item(row)
            found[item.thread_n].append(item)
    return found


# --- batches ----------------------------------------------------------------------------------


_MICROS_A_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow:
    """One batch of a destruction, begun and perhaps done.

    *listing* is the digest of the paper that lists what goes, *paper* that of the certificate.
    """

    n: int
    batch: str
    plan_n: int
    begun_at: int
    done_at: int | None
    items: int
    struck: bool
    listing: str
    paper: str


def batch_name(n: int) -> str:
    """Give the name of the batch of number *n*: it is also that of its certificate."""
    return f"D-{n:06}"


def begin_batch(
    connection: Connection, plan_n: int, *, at: int, count: int, listing: str
) -> BatchRow:
    """Write that the destruction of a batch begins; give it with its name (`D-000001`)."""
    n = next_number(connection, batches)
    row = BatchRow(
        n=n,
        batch=batch_name(n),
        plan_n=plan_n,
        begun_at=at,
        done_at=None,
        items=count,
        struck=False,
        listing=listing,
        paper="",
    )
    connection.execute(insert(batches).values(asdict(row)))
    return row


def unfinished(connection: Connection) -> list[BatchRow]:
    """Give every batch begun and not done, oldest first."""
    query = select(batches).where(batches.c.done_at.is_(None)).order_by(batches.c.n)
    return [BatchRow(**row) for row in connection.execute(query).mappings()]


def batches_by_numbers(connection: Connection, numbers: Sequence[int]) -> list[BatchRow]:
    """Give the batches *numbers*, in order."""
    found: list[BatchRow] = []
    for some in sliced(numbers):
        query = select(batches).where(batches.c.n.in_(some)).order_by(batches.c.n)
        found.extend(BatchRow(**row) for row in connection.execute(query).mappings())
    return found


def batch_called(connection: Connection, name: str) -> BatchRow | None:
    """Give the batch called *name*, or None."""
    query = select(batches).where(batches.c.batch == name)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else BatchRow(**row)


def batches_of(connection: Connection, plan_n: int) -> list[BatchRow]:
    """Give every batch of a plan, oldest first."""
    query = select(batches).where(batches.c.plan_n == plan_n).order_by(batches.c.n)
    return [BatchRow(**row) for row in connection.execute(query).mappings()]


def of_batch(connection: Connection, batch_n: int) -> list[ItemRow]:
    """Give the items of a batch."""
    query = select(*COLUMNS).where(items.c.batch_n == batch_n).order_by(items.c.n)
    rows = connection.execute(query).all()
    return [_an_item(row) for row in rows]


def batch_struck(connection: Connection, n: int) -> None:
    """Write that everything the items of a batch said was struck."""
    connection.execute(update(batches).where(batches.c.n == n).values(struck=True))


def batch_done(connection: Connection, n: int, *, at: int, paper: str) -> None:
    """Write that the destruction of a batch is done."""
    connection.execute(update(batches).where(batches.c.n == n).values(done_at=at, paper=paper))


def usual_night(connection: Connection, *, since: int) -> int:
    """Give how many items went on a day on which any went, on average *since* that moment."""
    day = batches.c.begun_at // _MICROS_A_DAY
    query = select(func.sum(batches.c["items"]), func.count(func.distinct(day)))
    items_gone, days = connection.execute(query.where(batches.c.begun_at >= since)).one()
    return int(items_gone) // days if days else 0


def begun_count(connection: Connection) -> int:
    """Give how many items are between begun and done."""
    query = (
        select(func.count())
        .select_from(items)
        .where(items.c.batch_n.isnot(None), items.c.life == BEGUN)
    )
    return connection.scalar(query) or 0
