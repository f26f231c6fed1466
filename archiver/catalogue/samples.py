"""Samples of plans, and what was said of each item that was drawn: the rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection, Select, func, insert, select, tuple_, update

from archiver.catalogue.items import LIVE
from archiver.catalogue.tables import items, judgements, plan_items, plans, samples
from archiver.records.identity import ArchiveKey
from archiver.records.sampling import Gate, SampleStatus

_SLICE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRow:
    """The sample of one plan, sealed: an edit behind us confirms nothing.

    *known* are, as JSON, the rules that had passed under *adoption* when it was drawn: every other
    automatic tag on the plan belongs to the *population*. *passed* are those that passed with it.
    """

    plan_n: int
    adoption: str
    drawn_at: int
    drawn_on: int
    seed: str
    share: str
    size: int
    population: int
    known: str
    passed: str = "[]"
    status: str = SampleStatus.OPEN.value
    decided_at: int | None = None
    by: str = ""
    paper: str
    seal: str = ""

    def sealed(self, key: ArchiveKey) -> SampleRow:
        """Give the row with the seal that belongs to its columns."""
        return replace(self, seal=self.true_seal(key))

    def true_seal(self, key: ArchiveKey) -> str:
        """Give the seal that belongs to the columns as they stand."""
        told = asdict(self) | {"seal": ""}
        return key.seal(f"sample {json.dumps(told, sort_keys=True)}")

    @property
    def gate(self) -> Gate:
        """Give which tags were untried when this was drawn."""
        return Gate(passed=frozenset(json.loads(self.known)))


def add(connection: Connection, row: SampleRow) -> None:
    """Insert *row*."""
    connection.execute(insert(samples).values(asdict(row)))


def change(connection: Connection, row: SampleRow) -> None:
    """Write *row* over the one of the same plan."""
    connection.execute(update(samples).where(samples.c.plan_n == row.plan_n).values(asdict(row)))


def of_plan(connection: Connection, plan_n: int) -> SampleRow | None:
    """Give the sample of a plan, or None."""
    query = select(samples).where(samples.c.plan_n == plan_n)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else SampleRow(**row)


def every(connection: Connection, *, limit: int) -> list[SampleRow]:
    """Give the newest *limit* samples, newest first."""
    query = select(samples).order_by(samples.c.plan_n.desc()).limit(limit)
    return [SampleRow(**row) for row in connection.execute(query).mappings()]


def of_status(connection: Connection, *statuses: SampleStatus) -> list[tuple[SampleRow, str]]:
    """Give the samples that stand so, oldest first, each with the name of its plan."""
    query = (
        select(samples, plans.c.plan)
        .join(plans, plans.c.n == samples.c.plan_n)
        .where(samples.c.status.in_([status.value for status in statuses]))
        .order_by(samples.c.plan_n)
    )
    return _with(connection, query, "plan")


def standing(connection: Connection) -> list[tuple[SampleRow, str]]:
    """Give the samples of unattended plans that stand, each with the name of its plan."""
    query = (
        select(samples, plans.c.plan)
        .join(plans, plans.c.n == samples.c.plan_n)
        .where(plans.c.status == "proposed", plans.c.attended.is_(False))
        .order_by(samples.c.plan_n)
    )
    return _with(connection, query, "plan")


def under(connection: Connection, adoption: str) -> list[SampleRow]:
    """Give every sample drawn under *adoption*, oldest first."""
    query = select(samples).where(samples.c.adoption == adoption).order_by(samples.c.plan_n)
    return [SampleRow(**row) for row in connection.execute(query).mappings()]


def gathered(connection: Connection, adoption: str) -> list[tuple[SampleRow, str]]:
    """Give the samples of unattended plans under *adoption*, each with how its plan stands."""
    query = (
        select(samples, plans.c.status.label("stands"))
        .join(plans, plans.c.n == samples.c.plan_n)
        .where(samples.c.adoption == adoption, plans.c.attended.is_(False))
        .order_by(samples.c.plan_n)
    )
    return _with(connection, query, "stands")


def _with(
    connection: Connection, query: Select[tuple[object, ...]], name: str
) -> list[tuple[SampleRow, str]]:
    """Give each sample with the column called *name* beside it."""
    found = []
    for row in connection.execute(query).mappings():
        values = {column.name: row[column] for column in samples.columns}
        found.append((SampleRow(**values), str(row[name])))
    return found


@dataclass(frozen=True, slots=True)
class Listed:
    """One item of a plan as a draw sees it; *untouched*: it is live, and as it was planned."""

    item_n: int
    item: str
    rule: str
    untouched: bool


def population(connection: Connection, plan_n: int, gate: Gate) -> Iterator[Listed]:
    """Give the items of a plan that *gate* stops, in slices: no plan is held whole."""
    thread, item = 0, 0
    columns = (
        plan_items.c.thread_n,
        plan_items.c.item_n,
        plan_items.c.seal.label("planned"),
        *(items.c[name] for name in ("item", "tag", "basis", "rule", "life", "seal")),
    )
    while True:
        query = (
            select(*columns)
            .join(items, items.c.n == plan_items.c.item_n)
            .where(plan_items.c.plan_n == plan_n)
            .where(tuple_(plan_items.c.thread_n, plan_items.c.item_n) > tuple_(thread, item))
            .order_by(plan_items.c.thread_n, plan_items.c.item_n)
            .limit(_SLICE)
        )
        rows = connection.execute(query).all()
        if not rows:
            return
        for row in rows:
            if gate.stops(tag=row.tag, basis=row.basis, rule=row.rule):
                untouched = row.life == LIVE and row.seal == row.planned
                yield Listed(row.item_n, row.item, row.rule, untouched)
        thread, item = rows[-1].thread_n, rows[-1].item_n


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementRow:
    """What a person said of one item of a sample; *paper* tells why."""

    plan_n: int
    item_n: int
    judgement: str
    at: int
    by: str
    paper: str


def judge(connection: Connection, rows: Sequence[JudgementRow]) -> None:
    """Enter what was said of items of which nothing was said before."""
    if rows:
        connection.execute(insert(judgements), [asdict(row) for row in rows])


def judgements_of(connection: Connection, plan_n: int) -> dict[int, JudgementRow]:
    """Give what was said of each item of a plan, by item number."""
    query = select(judgements).where(judgements.c.plan_n == plan_n)
    return {row["item_n"]: JudgementRow(**row) for row in connection.execute(query).mappings()}


def queued_of(connection: Connection, plan_n: int) -> int:
    """Give how many live items of a plan wait for a person's decision."""
    query = (
        select(func.count())
        .select_from(plan_items)
        .join(items, items.c.n == plan_items.c.item_n)
        .where(plan_items.c.plan_n == plan_n, items.c.queued, items.c.life == LIVE)
    )
    return connection.scalar(query) or 0
