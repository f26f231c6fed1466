"""Whatever is edited in the database behind the archiver, `verify` names it, column by column.

Every column of every table is given other values, as somebody with the database's own shell would
write them (foreign keys asleep), and every kind of row is taken away. What is not named stands
here with its reason; a new column that is neither named nor here fails.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Executable,
    Table,
    create_engine,
    delete,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from archiver.catalogue import bags
from archiver.catalogue.tables import METADATA
from archiver.procedures import dispose, judging, planning
from archiver.procedures.verify import verify
from archiver.records.captures import Gap, GapReason
from archiver.records.people import Means, SignedIn
from archiver.records.sampling import Judgement
from tests.archive import SUBSTANTIVE, TRANSITORY, Archive, a_comment, an_observation, gone
from tests.procedures.test_edits_behind_us import of_every_register
from tests.procedures.test_rebuild import DyingStore, Interrupted

KINDS_OF_ROWS = ("life", "status", "state", "standing")
"""Columns by which the rows of a table are of different kinds; one of each is edited."""

PLACE = literal_column("rowid").label("rowid")

OF_TODAY = {
    "alerts": "which problem was said to whom, and when: to say it again or not",
    "credentials": "in no entry and no paper; another's are useless, sealed to their person",
    "cursors": "from where to ask a platform on: what is asked for again changes nothing",
    "engagement": "the platform's own counts of the day, which no rebuild brings back either",
    "heartbeats": "signs of life",
    "invitations": "in no entry and no paper; whoever has one sets a passphrase of their own",
    "job_runs": "which nights ran: done again, a night destroys what is due and nothing else",
    "object_locks": "what the store was last told: `verify` compares it where a store locks",
    "outbox": "what the index must still be told, counted against it",
    "spendings": "how much of a platform's budget went today",
    "token_terms": "until when a platform's token lives, as it was last asked",
}
"""Tables of which nothing is named, with the reason: nothing that is kept or goes rests on them."""

_LATER = "a look put off keeps longer; whatever happens to an item of it asks for a look again"
_PLACE = "the number of a row, which a rebuild gives anew"
UNNAMED = {
    "attachments.n": _PLACE,
    "batches.struck": "what is left of a text is looked at itself",
    "decisions.n": _PLACE,
    "gaps.retry_on": "asked for sooner, a platform says the same once more; later is named",
    "gaps.tries": "how often it was asked for, for lists",
    "holds.evaluate_to": "how far a scope is to be asked: coverage itself is looked at",
    "holds.evaluated_to": "how far a scope was asked: coverage itself is looked at",
    "items.recheck_on": "when to ask the platform again",
    "matches.n": _PLACE,
    "narrowings.swept_to": "what is not swept stays bound",
    "orders.destroyed": "a count for lists",
    "sightings.n": _PLACE,
    "threads.look_on": _LATER,
    "threads.ripe_on": _LATER,
    "threads.stirred": "how often a look was asked for",
}
"""Columns an edit of which is not named, with the reason."""

LOST = {
    "bag_items": "of a bag that is not written yet: what it lacks stays here, and stays due",
    "matches": "a rule and its confidence stand in the item's row; asked again, it says its words",
}
"""Tables of which a row may be taken away without being named, with the reason."""


def a_full_archive(folder: Path) -> Archive:
    """Give an archive with rows in nearly every table, and items in every state."""
    return of_every_register(folder, _more)


def _more(archive: Archive) -> None:
    archive.platform.absent = {"lost"}
    archive.capture(
        an_observation("10", SUBSTANTIVE, attachments=["photo", "other", "lost"], likes=3),
        an_observation("11", TRANSITORY, likes=1),
        a_comment("12", SUBSTANTIVE, on="10", author="bob"),
        an_observation("13", TRANSITORY),
        an_observation("14", SUBSTANTIVE, restricted=True),
        Gap(what="comments of post 9", why=GapReason.UNREACHABLE),
    )
    edited = an_observation(
        "10", "The lot stays open.", author="miller", attachments=["photo", "other"]
    )
    archive.capture(edited)
    archive.capture(gone("12"))
    archive.decide("14")
    archive.clock.forward(days=90)
    archive.capture()
    office, signed = archive.office, SignedIn(person=archive.person, means=Means.OS_ACCOUNT)
    account, schedule = office.account, office.schedule
    earnest, today = replace(schedule, demonstration=False), account.today()
    made = planning.plan(account, archive.person, earnest, on=today, gathering=True)
    item = archive.item_id("11")
    judging.judge(account, signed, made.name, [item], Judgement.TRANSITORY, reason="a greeting")
    with account.catalogue.writing() as desk:
        bags.put_in(desk.connection, 1, [archive.item("10"), archive.item("12")], account.key)
    plan = archive.plan()
    with office.disposer() as true:
        dying = replace(true, objects=DyingStore())
        with pytest.raises(Interrupted):
            dispose.carry_out(dying, archive.person, plan, schedule, on=today)


def is_at(place: object) -> ColumnElement[bool]:
    """Give what is true of the row at *place* in the file alone."""
    return PLACE.element == place


class Raw:
    """The catalogue's file as somebody else's program has it, who looks at no foreign key."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._engine = create_engine(f"sqlite:///{archive.office.catalogue.file}")
        self._whole = self._told()

    def rows(self, table: Table) -> list[dict[str, object]]:
        """Give one row of each kind that *table* has, with its place in the file."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(PLACE, table))
            every = [dict(row) for row in rows.mappings()]
        by = [name for name in KINDS_OF_ROWS if name in table.columns]
        kinds = {tuple(row[name] for name in by): row for row in every}
        return list(kinds.values())

    def another(self, column: Column[object], value: object) -> list[object]:
        """Give what another row of the table has in *column*, if any has another value there."""
        query = select(column).where(column.is_distinct_from(value), column.is_not(None))
        with self._engine.connect() as connection:
            return list(connection.scalars(query.limit(1)))

    def names_more(self) -> bool:
        """Say whether `verify` names what it did not name of the archive as it was left."""
        return bool(self._told() - self._whole)

    def _told(self) -> set[str]:
        office = self._archive.office
        found = verify(office.account, office.objects, office.index)
        faults = (*found.damaged, *found.missing, *found.edited, *found.uncovered, *found.drifted)
        ledger = (*found.ledger.faults, *found.ledger.damaged, *found.ledger.missing)
        return {f"{each.name}: {each.why}" for each in faults} | {
            *map(str, found.unfinished),
            *ledger,
        }

    def write(self, statement: Executable) -> bool:
        """Write behind the archiver; False where the database itself refuses."""
        try:
            with self._engine.begin() as connection:
                connection.execute(statement)
        except IntegrityError:
            return False
        return True


def others(raw: Raw, column: Column[object], value: object) -> Iterator[object]:
    """Give other values that *column* could hold: another row's or one made up, and none."""
    alone = column.unique or [column] == list(column.table.primary_key)
    if isinstance(column.type, Boolean):
        yield not value
    elif found := [] if alone else raw.another(column, value):
        yield from found
    elif (kind := column.type.python_type) is int:
        yield int(str(value or 0)) + 1_000
    else:
        yield kind(b"~") if kind is bytes else f"{value or ''}~"
    if column.nullable and value is not None:
        yield None


def unnamed_edits(raw: Raw, table: Table) -> dict[str, list[object]]:
    """Give every column of *table* of which an edit was not named, with what was put there."""
    found: dict[str, list[object]] = {}
    for row in raw.rows(table):
        for column in table.columns:
            for new in others(raw, column, row[column.name]):
                if not edit_is_named(raw, column, row, new):
                    found.setdefault(column.name, []).append(new)
    return found


def edit_is_named(raw: Raw, column: Column[object], row: Mapping[str, object], new: object) -> bool:
    """Edit, ask, and undo the edit; what the database itself refuses is as good as named."""
    table = column.table
    was, place = row[column.name], row["rowid"]
    if not raw.write(update(table).where(is_at(place)).values({column.name: new})):
        return True
    named = raw.names_more()
    now = new if is_the_place(table, column) else place
    assert raw.write(update(table).where(is_at(now)).values({column.name: was}))
    return named


def is_the_place(table: Table, column: Column[object]) -> bool:
    """Say whether *column* is SQLite's own place of a row."""
    return [column] == list(table.primary_key) and column.type.python_type is int


def unnamed_losses(raw: Raw, table: Table) -> list[Mapping[str, object]]:
    """Give the rows of *table* that could be taken away without being named."""
    found = []
    for row in raw.rows(table):
        assert raw.write(delete(table).where(is_at(row["rowid"])))
        if not raw.names_more():
            found.append(row)
        assert raw.write(insert(table).values({name: row[name] for name in row if name != "rowid"}))
    return found


@pytest.fixture(scope="module")
def raw() -> Iterator[Raw]:
    """The catalogue of one archive for every table: each edit is undone."""
    with tempfile.TemporaryDirectory() as folder:
        archive = a_full_archive(Path(folder))
        yield Raw(archive)
        archive.office.close()


ASKED = [table for name, table in METADATA.tables.items() if name not in OF_TODAY]


@pytest.mark.proof
@pytest.mark.parametrize("table", ASKED, ids=str)
def test_of_a_table_every_edit_and_every_loss_is_named_or_has_its_reason(raw, table):
    assert raw.rows(table), "nothing can be said of a table without rows"

    edited, lost = unnamed_edits(raw, table), unnamed_losses(raw, table)

    reasons = {name for name in UNNAMED if name.startswith(f"{table.name}.")}
    assert {f"{table.name}.{name}" for name in edited} == reasons, edited
    assert bool(lost) == (table.name in LOST), lost
    assert not raw.names_more()


def test_what_is_not_named_is_there():
    columns = {f"{name}.{each.name}" for name, t in METADATA.tables.items() for each in t.columns}

    assert set(UNNAMED) <= columns
    assert {*OF_TODAY, *LOST} <= set(METADATA.tables)
