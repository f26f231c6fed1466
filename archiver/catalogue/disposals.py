"""Plans, batches and tombstones: the rows of disposition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields

from sqlalchemy import Connection, func, insert, select, update

from archiver.catalogue.items import BEGUN, DESTROYED, ItemRow, ThreadRow, as_item
from archiver.catalogue.rows import next_number, sliced
from archiver.catalogue.tables import batches, items, plan_items, plans, threads


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """One plan. *status* is `proposed`, `carried_out`, `void` or `empty`."""

    n: int
    plan: str
    made_at: int
    by: str
    on_day: int
    schedule: str
    status: str
    due: int
    paper: str


def add_plan(connection: Connection, row: PlanRow) -> PlanRow:
    """Insert *row* under the next number, and give it back with its name (`P-000001`)."""
    n = next_number(connection, plans)
    values = asdict(row) | {"n": n, "plan": f"P-{n:06}"}
    connection.execute(insert(plans).values(values))
    return PlanRow(**values)


def plans_of(connection: Connection, *, limit: int) -> list[PlanRow]:
    """Give the newest *limit* plans, newest first."""
    rows = connection.execute(select(plans).order_by(plans.c.n.desc()).limit(limit)).mappings()
    return [PlanRow(**row) for row in rows]


def plan_called(connection: Connection, name: str) -> PlanRow | None:
    """Give the plan called *name*, or None."""
    row = connection.execute(select(plans).where(plans.c.plan == name)).mappings().one_or_none()
    return None if row is None else PlanRow(**row)


def plan_ended(connection: Connection, n: int, status: str, *, due: int, paper: str) -> None:
    """Write how a plan stands now."""
    values = {"status": status, "due": due, "paper": paper}
    connection.execute(update(plans).where(plans.c.n == n).values(values))


def plan_carried_out(connection: Connection, n: int, status: str) -> None:
    """Write that a plan was carried out, as far as it still could be."""
    connection.execute(update(plans).where(plans.c.n == n).values(status=status))


def void_made_under_others(connection: Connection, schedule: str) -> None:
    """Void every plan that stands and was made under another version than *schedule*."""
    stands = plans.c.status.in_(("proposed", "approved")) & (plans.c.schedule != schedule)
    connection.execute(update(plans).where(stands).values(status="void"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """One item of a plan. *seal* is its row's when it was planned; *reasons* are JSON."""

    item_n: int
    thread_n: int
    seal: str
    reasons: str


def plan_lines(connection: Connection, plan_n: int, lines: Sequence[PlanLine]) -> None:
    """Put *lines* on a plan."""
    if lines:
        connection.execute(insert(plan_items), [{"plan_n": plan_n} | asdict(ln) for ln in lines])


def lines_of(connection: Connection, plan_n: int) -> Iterator[PlanLine]:
    """Give the lines of a plan in order of item, in slices."""
    columns = [plan_items.c[field.name] for field in fields(PlanLine)]
    after = 0
    while True:
        query = select(*columns).where(plan_items.c.plan_n == plan_n, plan_items.c.item_n > after)
        rows = connection.execute(query.order_by(plan_items.c.item_n).limit(2_000)).mappings().all()
        if not rows:
            return
        for row in rows:
            yield PlanLine(**row)
        after = rows[-1]["item_n"]


# --- threads worth a look -----------------------------------------------------------------


def worth_a_look(connection: Connection, *, on: int, after: int, limit: int) -> list[ThreadRow]:
    """Give threads numbered above *after* whose day of looking has come, in order."""
    query = select(threads).where(threads.c.look_on <= on, threads.c.n > after)
    rows = connection.execute(query.order_by(threads.c.n).limit(limit)).mappings()
    return [ThreadRow(**row) for row in rows]


def threads_after(connection: Connection, *, after: int, limit: int) -> list[ThreadRow]:
    """Give at most *limit* threads numbered above *after*, in order."""
    query = select(threads).where(threads.c.n > after).order_by(threads.c.n).limit(limit)
    return [ThreadRow(**row) for row in connection.execute(query).mappings()]


def threads_by_numbers(connection: Connection, numbers: Sequence[int]) -> list[ThreadRow]:
    """Give the threads *numbers*, in order."""
    found: list[ThreadRow] = []
    for some in sliced(sorted(set(numbers))):
        query = select(threads).where(threads.c.n.in_(some)).order_by(threads.c.n)
        found.extend(ThreadRow(**row) for row in connection.execute(query).mappings())
    return found


def members(connection: Connection, thread_numbers: Sequence[int]) -> dict[int, list[ItemRow]]:
    """Give every item of each thread that is not a tombstone, by thread number."""
    found: dict[int, list[ItemRow]] = {n: [] for n in thread_numbers}
    for some in sliced(list(thread_numbers)):
        query = select(items).where(items.c.thread_n.in_(some), items.c.life != DESTROYED)
        for row in connection.execute(query.order_by(items.c.n)).mappings():
            found[row["thread_n"]].append(as_item(row))
    return found


# --- batches ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow:
    """One batch of a destruction, begun and perhaps done. *paper* is the certificate's digest."""

    n: int
    batch: str
    plan_n: int
    begun_at: int
    done_at: int | None
    items: int
    struck: bool
    paper: str


def begin_batch(connection: Connection, plan_n: int, *, at: int, count: int) -> BatchRow:
    """Write that the destruction of a batch begins; give it with its name (`D-000001`)."""
    n = next_number(connection, batches)
    row = BatchRow(
        n=n,
        batch=f"D-{n:06}",
        plan_n=plan_n,
        begun_at=at,
        done_at=None,
        items=count,
        struck=False,
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


def of_batch(connection: Connection, batch_n: int) -> list[ItemRow]:
    """Give the items of a batch."""
    query = select(items).where(items.c.batch_n == batch_n).order_by(items.c.n)
    return [as_item(row) for row in connection.execute(query).mappings()]


def batch_struck(connection: Connection, n: int) -> None:
    """Write that everything the items of a batch said was struck."""
    connection.execute(update(batches).where(batches.c.n == n).values(struck=True))


def batch_done(connection: Connection, n: int, *, at: int, paper: str) -> None:
    """Write that the destruction of a batch is done."""
    connection.execute(update(batches).where(batches.c.n == n).values(done_at=at, paper=paper))


def begun_count(connection: Connection) -> int:
    """Give how many items are between begun and done."""
    query = (
        select(func.count())
        .select_from(items)
        .where(items.c.batch_n.isnot(None), items.c.life == BEGUN)
    )
    return connection.scalar(query) or 0
