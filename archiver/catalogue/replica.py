"""A second catalogue in memory, into which the ledger is replayed, and how the first differs.

Registers are few rows of which each decides much: who may decide, what binds, what was approved.
None of them is believed because it stands in the database; `verify` replays what the ledger and
its papers tell, and names every column that stands otherwise.
"""

from __future__ import annotations

import atexit
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from threading import Lock
from typing import TypeAlias

from sqlalchemy import ColumnElement, Connection, Table, create_engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import StaticPool

from archiver.catalogue import facts, rebuilding, tables
from archiver.catalogue.compiling import WRITTEN
from archiver.catalogue.tables import METADATA
from archiver.records.errors import ArchiverError
from archiver.records.events import Leaf
from archiver.records.holds import HoldStatus

Values: TypeAlias = Mapping[str, object]
Key: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A table that follows from the ledger: what people call it, and what identifies a row.

    Messages name a row as *named* writes its key. *spared* are columns that decide nothing, or
    move without an entry. A row whose status is *unentered* may stand without one. Of some tables
    only the rows *where* something is true are compared.
    """

    table: Table
    called: str
    key: tuple[str, ...]
    named: str = "{0}"
    spared: frozenset[str] = frozenset()
    unentered: frozenset[str] = frozenset()
    where: ColumnElement[bool] | None = None


REGISTERS = (
    Register(
        table=tables.facts,
        called="the facts",
        key=("name",),
        where=tables.facts.c.name.in_([facts.SCHEDULE, facts.UNASKED, facts.UNRECONCILED]),
    ),
    Register(table=tables.people, called="the roster", key=("person",)),
    Register(table=tables.adoptions, called="the adoptions", key=("adoption",)),
    Register(
        table=tables.promises,
        called="the promises",
        key=("adoption", "series", "promise"),
        named="{0} {1}",
    ),
    Register(table=tables.matters, called="the matters", key=("matter",)),
    Register(
        table=tables.holds,
        called="the register of holds",
        key=("hold",),
        spared=frozenset({"evaluated_to", "evaluate_to"}),  # coverage itself is looked at
    ),
    Register(
        table=tables.narrowings,
        called="the narrowings of holds",
        key=("hold_n", "paper"),
        named="H-{0:04} narrowed",
        spared=frozenset({"swept_to"}),  # what is not swept stays bound
    ),
    Register(
        table=tables.growths,
        called="the growths of holds",
        key=("hold_n", "paper"),
        named="H-{0:04} grown",
    ),
    Register(table=tables.notices, called="the notices", key=("notice",)),
    Register(table=tables.enablings, called="the enablings of pages", key=("enabling",)),
    Register(table=tables.requests, called="the register of requests", key=("request",)),
    Register(
        table=tables.orders,
        called="the register of orders",
        key=("order",),
        spared=frozenset({"destroyed"}),  # a count for lists
    ),
    Register(
        table=tables.plans,
        called="the plans",
        key=("plan",),
        unentered=frozenset({"making", "empty"}),
    ),
    Register(
        table=tables.approvals,
        called="the approvals",
        key=("plan_n", "step"),
        named="P-{0:06} {1}",
    ),
    Register(
        table=tables.samples, called="the samples", key=("plan_n",), named="sample of P-{0:06}"
    ),
    Register(
        table=tables.batches,
        called="the batches",
        key=("batch",),
        spared=frozenset({"struck"}),  # what is left of a text is looked at itself
    ),
    Register(table=tables.bags, called="the bags", key=("bag",)),
    Register(table=tables.backups, called="the backups", key=("at", "digest"), named="backup {1}"),
)
"""Every table whose rows follow from the ledger and its papers alone."""

_TELL_OF_WHAT_WAS = {tables.notices, tables.batches, tables.backups}
_OF_ONE_PLAN = {tables.plans: tables.plans.c.n, tables.approvals: tables.approvals.c.plan_n}


def deciding(plan_n: int) -> tuple[Register, ...]:
    """Give the registers by which it is decided what goes now, by the plan of that number."""
    return tuple(
        replace(
            register,
            where=_OF_ONE_PLAN[register.table] == plan_n,
            spared=register.spared | {"n"},
        )
        if register.table in _OF_ONE_PLAN
        else register
        for register in REGISTERS
        if register.table not in _TELL_OF_WHAT_WAS
    )


@contextmanager
def replica() -> Iterator[Connection]:
    """Give a catalogue in memory, with empty tables, being rebuilt; it is gone at the end."""
    engine = create_engine(
        "sqlite://", creator=_empty_tables, execution_options={"compiled_cache": WRITTEN}
    )
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _empty_tables() -> sqlite3.Connection:
    """Copy the model page by page: that takes a tenth of the time of making its tables anew."""
    made = sqlite3.connect(":memory:")
    with _TURN:
        _model().backup(made)
    return made


_TURN = Lock()
"""Held by the thread that makes the model, or copies it."""


@cache
def _model() -> sqlite3.Connection:
    """Make, once in a process, the database that every replica begins as; nobody writes it again.

    Whichever thread asks copies it, one at a time.
    """
    model = sqlite3.connect(":memory:", check_same_thread=False)
    atexit.register(model.close)
    engine = create_engine("sqlite://", creator=lambda: model, poolclass=StaticPool)
    with engine.begin() as connection:
        METADATA.create_all(connection, checkfirst=False)
        rebuilding.begin(connection)
    return model


def replayed(
    connection: Connection, deed: Callable[[Connection, Leaf], None] | None, leaf: Leaf
) -> str:
    """Apply *leaf* by *deed*, where there is one; say why that cannot be, empty where it could."""
    if deed is None:
        return ""
    try:
        with connection.begin_nested():
            deed(connection, leaf)
    except (ArchiverError, KeyError, ValueError, TypeError, IntegrityError) as error:
        return f"what the ledger tells cannot be replayed: {error}"
    return ""


def differing(
    stands: Connection,
    should: Connection,
    *,
    numbers: bool = True,
    registers: Sequence[Register] = REGISTERS,
) -> Iterator[tuple[str, str]]:
    """Say where *registers* in *stands* are not as in *should*: (name, what is wrong).

    Without *numbers*, rows may be numbered otherwise: something could not be replayed.
    """
    for register in registers:
        ours, told = _rows(stands, register), _rows(should, register)
        for key in sorted(ours.keys() | told.keys(), key=repr):
            if why := _difference(register, ours.get(key), told.get(key), numbers=numbers):
                yield register.named.format(*key), why


def _difference(
    register: Register, row: Values | None, told: Values | None, *, numbers: bool
) -> str:
    if row is None:
        return f"the ledger tells of it, and its row in {register.called} is gone"
    if told is None:
        if row.get("status") in register.unentered:
            return ""
        return f"it stands in {register.called}, and the ledger does not know it"
    wrong = [name for name in told if row[name] != told[name] and (numbers or name != "n")]
    if not wrong:
        return ""
    return f"its row in {register.called} is not what the ledger tells: {', '.join(wrong)}"


def _rows(connection: Connection, register: Register) -> dict[Key, Values]:
    table = register.table
    compared = [each for each in table.columns if each.name not in register.spared]
    query = select(*compared) if register.spared else select(table)  # a table is quicker to name
    if register.where is not None:
        query = query.where(register.where)
    rows = [
        {name: _settled(name, value) for name, value in row.items()}
        for row in connection.execute(query).mappings()
    ]
    return {tuple(row[name] for name in register.key): row for row in rows}


def _settled(name: str, value: object) -> object:
    """Give a value as it is compared: a scope as JSON, a hold that binds as one that does."""
    if name == "scope":
        try:
            return json.loads(str(value))
        except ValueError:
            return value
    return HoldStatus.ACTIVE.value if value == HoldStatus.EVALUATING.value else value
