"""Writing a catalogue anew: rows under the numbers they had, and scratch tables beside them.

What a rebuild needs to look up in no order (which objects there are, what was destroyed) lies in
two scratch tables of the new catalogue itself, so that memory stays bounded however large the
archive is. They are dropped at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from archiver.catalogue import facts
from archiver.catalogue.contents import VersionRow
from archiver.catalogue.rows import next_number, sliced
from archiver.catalogue.tables import (
    batches,
    captures,
    contents,
    coverage,
    decisions,
    gaps,
    holds,
    items,
    ledger_entries,
    people,
    plan_items,
    plans,
    versions,
)
from archiver.ports import ListedObject
from archiver.records.holds import HoldStatus
from archiver.records.identity import ObjectRef, Part

_SCRATCH = MetaData()

NOTED = Table(
    "rebuilding_objects",
    _SCRATCH,
    Column("owner", String, nullable=False),
    Column("part", String, nullable=False),
    Column("slot", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("version", String),
    Column("shows", Boolean, nullable=False),
    Index("ix_rebuilding_objects_owner", "owner"),
)
"""What the store lists: every version of every object."""

_doomed = Table(
    "rebuilding_doomed",
    _SCRATCH,
    Column("item", String, primary_key=True),
    Column("batch", String, nullable=False, index=True),
    Column("page", String, nullable=False),
    Column("thread", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("published_at", BigInteger, nullable=False),
    Column("cooling_until", Integer),
    Column("done", Boolean, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doomed:
    """An item whose destruction was begun, as its paper tells: what stays of it when it is done."""

    item: str
    batch: str
    page: str
    thread: str
    kind: str
    published_at: int
    cooling_until: int | None
    done: bool = False


# --- the state of a rebuild -------------------------------------------------------------------


def is_empty(connection: Connection) -> bool:
    """Say whether the catalogue has nothing that a rebuild would write over."""
    return not any(
        connection.scalar(select(func.count()).select_from(table))
        for table in (ledger_entries, items, people)
    )


def stage(connection: Connection) -> str | None:
    """Give how far a rebuild has come (`listing`, `replaying`, `holding`), None if none is."""
    return facts.get(connection, facts.REBUILDING)


def begin(connection: Connection) -> None:
    """Write that a rebuild has begun, and make its scratch tables empty."""
    _SCRATCH.drop_all(connection)
    _SCRATCH.create_all(connection)
    facts.put(connection, facts.REBUILDING, "listing")


def reach(connection: Connection, name: str) -> None:
    """Write that a rebuild has come to the stage *name*."""
    facts.put(connection, facts.REBUILDING, name)


def end(connection: Connection) -> None:
    """Drop the scratch tables: the catalogue is whole."""
    _SCRATCH.drop_all(connection)
    facts.remove(connection, facts.REBUILDING)


# --- scratch ----------------------------------------------------------------------------------


def note_objects(connection: Connection, listed: Sequence[ListedObject]) -> None:
    """Remember what the store lists."""
    if listed:
        connection.execute(
            insert(NOTED),
            [
                {
                    "owner": one.ref.owner,
                    "part": one.ref.part.value,
                    "slot": one.ref.slot,
                    "digest": one.ref.digest,
                    "size": one.size,
                    "version": one.version,
                    "shows": one.shows,
                }
                for one in listed
            ],
        )


@dataclass(frozen=True, slots=True)
class Noted:
    """An object as it was listed (see `ListedObject`)."""

    ref: ObjectRef
    size: int
    version: str | None
    shows: bool


def noted(connection: Connection, owners: Sequence[str]) -> dict[str, list[Noted]]:
    """Give what the store listed of *owners*."""
    found: dict[str, list[Noted]] = {}
    for some in sliced(owners):
        query = select(NOTED).where(NOTED.c.owner.in_(some))
        for row in connection.execute(query):
            ref = ObjectRef(row.owner, Part(row.part), row.digest, row.slot)
            found.setdefault(row.owner, []).append(Noted(ref, row.size, row.version, row.shows))
    return found


def note_doomed(connection: Connection, rows: Sequence[Doomed]) -> None:
    """Remember items whose destruction was begun."""
    for some in sliced([row.item for row in rows]):
        connection.execute(delete(_doomed).where(_doomed.c.item.in_(some)))
    if rows:
        connection.execute(insert(_doomed), [asdict(row) for row in rows])


def note_done(connection: Connection, batch: str) -> None:
    """Remember that the destruction of a batch was done."""
    connection.execute(update(_doomed).where(_doomed.c.batch == batch).values(done=True))


def doomed(connection: Connection, wanted: Sequence[str]) -> dict[str, Doomed]:
    """Give which of the items *wanted* were to be destroyed, sooner or later."""
    found: dict[str, Doomed] = {}
    for some in sliced(wanted):
        rows = connection.execute(select(_doomed).where(_doomed.c.item.in_(some))).mappings()
        found.update({row["item"]: Doomed(**row) for row in rows})
    return found


def of_batch(connection: Connection, batch: str) -> Iterator[Doomed]:
    """Give the items of a batch."""
    rows = connection.execute(select(_doomed).where(_doomed.c.batch == batch)).mappings()
    yield from [Doomed(**row) for row in rows]


# --- rows under the numbers they had --------------------------------------------------------------


def begin_capture(
    connection: Connection, n: int, page_n: int, values: Mapping[str, int | str | bool | None]
) -> None:
    """Insert a capture that began, under its number."""
    connection.execute(insert(captures).values(dict(values) | {"n": n, "page_n": page_n}))


def end_capture(
    connection: Connection, n: int, values: Mapping[str, int | str | bool | None]
) -> None:
    """Write how a capture ended."""
    connection.execute(update(captures).where(captures.c.n == n).values(dict(values)))


def add_gap(connection: Connection, row: Mapping[str, int | str | None]) -> None:
    """Insert a gap under its number."""
    connection.execute(insert(gaps).values(dict(row) | {"tries": 1}))


def add_hold(connection: Connection, row: Mapping[str, int | str | None]) -> None:
    """Insert a hold under its number; its scope must still be evaluated."""
    connection.execute(insert(holds).values(dict(row)))


def evaluate_holds_to(connection: Connection, highest: int) -> None:
    """Have every hold evaluated again, over every item up to *highest*."""
    connection.execute(update(holds).values(evaluated_to=0, evaluate_to=highest))
    binding = update(holds).where(holds.c.status != HoldStatus.LIFTED.value)
    connection.execute(binding.values(status=HoldStatus.EVALUATING.value))


def bind_hold(connection: Connection, n: int, *, at: int) -> None:
    """Write when a hold was first evaluated."""
    connection.execute(update(holds).where(holds.c.n == n).values(bound_at=at))


def add_plan(connection: Connection, row: Mapping[str, int | str]) -> None:
    """Insert a plan under its number, over one that was only being made."""
    connection.execute(delete(plan_items).where(plan_items.c.plan_n == row["n"]))
    connection.execute(delete(plans).where(plans.c.n == row["n"]))
    connection.execute(insert(plans).values(dict(row)))


def add_plan_lines(connection: Connection, rows: Iterable[Mapping[str, int | str]]) -> None:
    """Insert the lines of plans."""
    if values := [dict(row) for row in rows]:
        connection.execute(insert(plan_items), values)


def add_batch(connection: Connection, row: Mapping[str, int | str | bool | None]) -> None:
    """Insert a batch of a destruction under its number."""
    connection.execute(insert(batches).values(dict(row)))


def end_batch(connection: Connection, n: int, *, at: int, paper: str) -> None:
    """Write that the destruction of a batch was done."""
    values = {"struck": True, "done_at": at, "paper": paper}
    connection.execute(update(batches).where(batches.c.n == n).values(values))


def plan_came_to(connection: Connection, name: str, status: str) -> None:
    """Write how a plan stands by an entry about it."""
    connection.execute(update(plans).where(plans.c.plan == name).values(status=status))


def add_decisions(connection: Connection, rows: Sequence[Mapping[str, int | str]]) -> None:
    """Insert decisions of people."""
    if rows:
        first = next_number(connection, decisions)
        connection.execute(
            insert(decisions), [dict(row) | {"n": first + k} for k, row in enumerate(rows)]
        )


def add_bare_version(connection: Connection, row: VersionRow) -> None:
    """Insert a version whose object is not there: what it said is lost, that it was is not."""
    connection.execute(insert(versions).values(asdict(row)))


def version_moments(connection: Connection, item_n: int) -> list[tuple[int, str]]:
    """Give since when we have each version of an item, with its body where it is there."""
    query = (
        select(versions.c.captured_at, contents.c.body)
        .join(contents, contents.c.n == versions.c.n)
        .where(versions.c.item_n == item_n)
        .order_by(versions.c.number)
    )
    return [(row.captured_at, row.body) for row in connection.execute(query)]


def clear_coverage(connection: Connection) -> None:
    """Take away the coverage of a rebuild that was interrupted while it evaluated."""
    connection.execute(delete(coverage))
