"""Plans, their lines, and the steps of their approval: the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields

from sqlalchemy import Connection, delete, insert, or_, select, tuple_, update

from archiver.catalogue.items import LIVE
from archiver.catalogue.rows import add_rows, next_number, sliced, these
from archiver.catalogue.tables import approvals, batches, items, plan_items, plans, samples
from archiver.records.making import made_of

_SLICE = 512
"""How many lines are read at once: a batch's, and a few by which it is seen to be full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """One plan. *status* is `making`, `proposed`, `declined`, `carried_out`, `void` or `empty`.

    It is `accepted` where it would destroy, and another archive takes what it lists instead.

    *attended*: it was made to be approved by people. *action* is what it does with its items,
    *chain* the steps of its approval, as JSON. *bound* is the digest of its lines: the exact set
    of items that an approval binds.
    """

    n: int
    plan: str
    made_at: int
    by: str
    on_day: int
    schedule: str
    status: str
    due: int
    attended: bool
    action: str
    chain: str
    bound: str
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


def every(connection: Connection) -> list[PlanRow]:
    """Give every plan, in order."""
    rows = connection.execute(select(plans).order_by(plans.c.n)).mappings()
    return [PlanRow(**row) for row in rows]


def plan_called(connection: Connection, name: str) -> PlanRow | None:
    """Give the plan called *name*, or None."""
    row = connection.execute(select(plans).where(plans.c.plan == name)).mappings().one_or_none()
    return None if row is None else PlanRow(**row)


def numbered(connection: Connection, n: int) -> PlanRow:
    """Give the plan of number *n*, which is there."""
    return PlanRow(**connection.execute(select(plans).where(plans.c.n == n)).mappings().one())


def plan_ended(connection: Connection, row: PlanRow) -> None:
    """Write a plan whose making has ended, over what stood there while it was being made."""
    values = {name: value for name, value in asdict(row).items() if name not in {"n", "plan"}}
    connection.execute(update(plans).where(plans.c.n == row.n).values(values))


def plan_stands(connection: Connection, n: int, status: str) -> None:
    """Write how a plan stands now."""
    connection.execute(update(plans).where(plans.c.n == n).values(status=status))


def standing_under(connection: Connection, schedule: str) -> list[PlanRow]:
    """Give every plan that stands and was made under the version *schedule*."""
    stands = (plans.c.status == "proposed") & (plans.c.schedule == schedule)
    rows = connection.execute(select(plans).where(stands).order_by(plans.c.n)).mappings()
    return [PlanRow(**row) for row in rows]


def void_made_under_others(connection: Connection, schedule: str) -> None:
    """Void every plan that stands and was made under another version than *schedule*."""
    stands = plans.c.status.in_(("proposed", "accepted")) & (plans.c.schedule != schedule)
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
    told = [(plan_n, line.item_n, line.thread_n, line.seal, line.reasons) for line in lines]
    add_rows(connection, plan_items, _LINE, told)


_LINE = ("plan_n", "item_n", "thread_n", "seal", "reasons")
_a_line = made_of(PlanLine)


def lines_of(
    connection: Connection, plan_n: int, *, after: tuple[int, int] = (0, 0)
) -> Iterator[PlanLine]:
    """Give the lines of a plan behind *after* (thread, item), thread by thread.

    They are read in slices: no plan is held whole.
    """
    columns = [plan_items.c[field.name] for field in fields(PlanLine)]
    thread, item = after
    while True:
        query = (
            select(*columns)
            .where(plan_items.c.plan_n == plan_n)
            .where(tuple_(plan_items.c.thread_n, plan_items.c.item_n) > tuple_(thread, item))
            .order_by(plan_items.c.thread_n, plan_items.c.item_n)
            .limit(_SLICE)
        )
        lines = [_a_line(row) for row in connection.execute(query).all()]
        if not lines:
            return
        yield from lines
        thread, item = lines[-1].thread_n, lines[-1].item_n


def listed_on(connection: Connection, plan_n: int) -> Iterator[int]:
    """Give the number of every item that stands on a plan, in slices, in order."""
    column, after = plan_items.c.item_n, 0
    of_plan = select(column).where(plan_items.c.plan_n == plan_n).order_by(column).limit(_SLICE)
    while some := connection.scalars(of_plan.where(column > after)).all():
        yield from some
        after = some[-1]


def lines_about(
    connection: Connection, plan_n: int, ids: Sequence[str]
) -> dict[str, tuple[PlanLine, int]]:
    """Give by item id the lines of a plan about some of *ids*, each with where its item lies now.

    That is the number of a thread.
    """
    columns = [plan_items.c[field.name] for field in fields(PlanLine)]
    found: dict[str, tuple[PlanLine, int]] = {}
    for some in sliced(list(ids)):
        query = (
            select(items.c.item, items.c.thread_n, *columns)
            .join(plan_items, plan_items.c.item_n == items.c.n)
            .where(plan_items.c.plan_n == plan_n, items.c.item.in_(these(connection, some)))
        )
        found.update((row[0], (_a_line(row[2:]), row[1])) for row in connection.execute(query))
    return found


def reword(connection: Connection, plan_n: int, reasons: Mapping[int, str]) -> None:
    """Write other *reasons*, by item number, as JSON, into lines of a plan that give others yet."""
    for item_n, told in reasons.items():
        line = (plan_items.c.plan_n == plan_n) & (plan_items.c.item_n == item_n)
        other = line & (plan_items.c.reasons != told)
        connection.execute(update(plan_items).where(other).values(reasons=told))


def listing_of(
    connection: Connection, plan_n: int, *, after: tuple[int, int], limit: int
) -> list[tuple[PlanLine, str, str]]:
    """Give at most *limit* lines of a plan behind *after*, each with its item's id and series."""
    query = (
        select(*(plan_items.c[name] for name in _LINE[1:]), items.c.item, items.c.series)
        .join(items, items.c.n == plan_items.c.item_n)
        .where(plan_items.c.plan_n == plan_n)
        .where(tuple_(plan_items.c.thread_n, plan_items.c.item_n) > tuple_(*after))
        .order_by(plan_items.c.thread_n, plan_items.c.item_n)
        .limit(limit)
    )
    return [(_a_line(row[:-2]), row[-2], row[-1]) for row in connection.execute(query)]


def unmake(connection: Connection, plan_n: int) -> None:
    """Strike a plan that was being made, with its lines; no entry tells of it."""
    connection.execute(delete(plan_items).where(plan_items.c.plan_n == plan_n))
    connection.execute(delete(plans).where(plans.c.n == plan_n))


def proposals(connection: Connection) -> list[PlanRow]:
    """Give the plans of the purge that wait, newest first: not drawn from, and nothing is begun."""
    taken = [
        select(table.c.plan_n).where(table.c.plan_n == plans.c.n).exists()
        for table in (samples, batches)
    ]
    query = (
        select(plans)
        .where(plans.c.status == "proposed", ~plans.c.attended, ~or_(*taken))
        .order_by(plans.c.n.desc())
    )
    return [PlanRow(**row) for row in connection.execute(query).mappings()]


def lists_untouched(connection: Connection, plan_n: int) -> bool:
    """Say whether something on a plan lives, and is as it was when the plan was made."""
    query = (
        select(plan_items.c.item_n)
        .join(items, items.c.n == plan_items.c.item_n)
        .where(plan_items.c.plan_n == plan_n, items.c.seal == plan_items.c.seal)
        .where(items.c.life == LIVE)
    )
    return connection.scalar(query.limit(1)) is not None


def listed_of(
    connection: Connection, plan_numbers: Sequence[int], item_numbers: Sequence[int]
) -> set[int]:
    """Give those of *item_numbers* that stand on one of the plans *plan_numbers*."""
    if not plan_numbers:
        return set()
    found: set[int] = set()
    for some in sliced(list(item_numbers)):
        query = select(plan_items.c.item_n).where(
            plan_items.c.plan_n.in_(plan_numbers), plan_items.c.item_n.in_(some)
        )
        found.update(connection.scalars(query))
    return found


# --- approvals ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRow:
    """One step of a plan's chain, taken. *document* and *paper* are digests of papers.

    *on_day* is the day of the document, *signed_by* who signed it where that is nobody of ours.
    """

    plan_n: int
    step: str
    by: str
    role: str
    at: int
    on_day: int
    signed_by: str
    document: str
    paper: str


def approve(connection: Connection, row: ApprovalRow) -> None:
    """Enter that a step was taken."""
    values = asdict(row) | {"n": next_number(connection, approvals)}
    connection.execute(insert(approvals).values(values))


def approvals_of(connection: Connection, plan_n: int) -> list[ApprovalRow]:
    """Give the steps of a plan that were taken, in order."""
    columns = [approvals.c[field.name] for field in fields(ApprovalRow)]
    query = select(*columns).where(approvals.c.plan_n == plan_n).order_by(approvals.c.n)
    return [ApprovalRow(**row) for row in connection.execute(query).mappings()]


def waiting(connection: Connection) -> list[PlanRow]:
    """Give every attended plan that is proposed and neither declined nor carried out."""
    return attended_of(connection, ("proposed",))


def attended_of(connection: Connection, statuses: Sequence[str]) -> list[PlanRow]:
    """Give every attended plan that stands in one of the ways of *statuses*."""
    query = select(plans).where(plans.c.status.in_(statuses), plans.c.attended)
    return [PlanRow(**row) for row in connection.execute(query.order_by(plans.c.n)).mappings()]
