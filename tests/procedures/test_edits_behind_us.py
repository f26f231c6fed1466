"""Whatever decides is named when somebody edits it in the database, table by table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import zip_longest
from pathlib import Path

import pytest
from sqlalchemy import Column, Executable, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from archiver.catalogue import backups, bags, replica, tables
from archiver.catalogue.bags import BagRow
from archiver.procedures import approving, hold, matters, notices, ordering, requests
from archiver.procedures.approving import Document
from archiver.procedures.clock_keeping import confirm_clock
from archiver.procedures.enabling import Reliance, enable
from archiver.procedures.notices import Recipient
from archiver.procedures.planning import Wanted, plan
from archiver.procedures.verify import verify
from archiver.procedures.verify_findings import Fault
from archiver.procedures.verify_registers import registers_edited
from archiver.records.approval import Terms
from archiver.records.events import EventKind
from archiver.records.holds import Neighbours, Scope
from archiver.records.moments import micros
from archiver.records.orders import CourtOrder, Effect
from archiver.records.people import Means, Role, SignedIn
from archiver.records.requests import RequestKind
from archiver.records.transfers import BagStatus
from tests.archive import (
    SUBSTANTIVE,
    TRANSITORY,
    Archive,
    SettableClock,
    a_colleague,
    a_comment,
    an_archive,
    an_observation,
)
from tests.procedures.test_adopting import SCHEDULE, adopted, use

HOME = Path(__file__).parent.parent.parent

ITS_OWN = {
    "items": {"recheck_on"},  # when to ask the platform again
    "threads": {"look_on", "ripe_on", "stirred"},  # when to look, asked for again each night
    "versions": {"n", "store_version"},  # the store's own word, held against the store
}
"""Columns of sealed rows that decide nothing."""


class TickingClock(SettableClock):
    """A clock that moves on each time it is read, as real ones do."""

    def __call__(self) -> datetime:
        self.now += timedelta(microseconds=1)
        return self.now


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    """An archive in which every register has something to tell."""
    archive = of_every_register(tmp_path)
    yield archive
    archive.office.close()


def of_every_register(folder: Path, more: Callable[[Archive], None] = id) -> Archive:
    """Give an archive in which every register has something to tell, and *more* was done."""
    archive = an_archive(folder, index="memory:", clock=TickingClock())
    archive.capture(
        an_observation("1", TRANSITORY),
        an_observation("2", SUBSTANTIVE),
        a_comment("3", SUBSTANTIVE, on="2"),
        an_observation("4", TRANSITORY),
        an_observation("5", "The road is closed."),
    )
    counsel = SignedIn(person=archive.person, means=Means.OS_ACCOUNT)
    archive.colleague = a_colleague(archive, Role.RECORDS_OFFICER)
    _hold(archive)
    _request(archive, counsel)
    told = Reliance(term="6.A", statute="LGC 202", counsel="J. Doe", dated=date(2026, 3, 1))
    enable(archive.office.account, counsel, archive.page, told)
    archive.clock.forward(days=90)
    _dispose(archive, counsel)
    _bag(archive)
    _order(archive, counsel, folder)
    confirm_clock(archive.office.account, counsel, reason="it leapt by a test's own word")
    more(archive)
    use(archive, SCHEDULE)
    adopted(archive)
    return archive


def _hold(archive: Archive) -> None:
    account, person = archive.office.account, archive.person
    archive.issue_hold("2", "3")
    archive.issue_hold(query="patrol", matter="Roe v. City")
    archive.issue_hold("3", matter="Poe v. City")
    archive.narrow_hold("H-0001", "2")
    archive.lift_hold("H-0003")
    matters.close_matter(account, person, "M-0003", reason="settled")
    notices.give(account, person, "H-0001", Recipient(name="J. Doe", person=person.id, mail="j@d"))
    (one,) = notices.waiting(account, days=0)
    notices.reminded(account, person.id, one)
    notices.acknowledge(account, person, "H-0001")
    around = Scope(around="H-0002", kinds=frozenset({Neighbours.THREADS}))
    hold.widen(account, person, "H-0002", reason="all around", scope=around)
    hold.finish(account)


def _request(archive: Archive, counsel: SignedIn) -> None:
    new = requests.NewRequest(
        number="PRA-1", kind=RequestKind.CPRA, received_on=date(2026, 3, 1), about="a street"
    )
    page = archive.office.keys.archive.page("scripted", archive.page.identity)
    scope = Scope(pages=frozenset({page}), published_to=1)
    account = archive.office.account
    requests.open_request(account, counsel.person, new, scope, review_days=9)
    requests.close_request(account, counsel.person, "R-0001", outcome="-", on=date(2026, 3, 2))


def _dispose(archive: Archive, counsel: SignedIn) -> None:
    account, schedule = archive.office.account, archive.office.schedule
    archive.capture()
    earnest, today = replace(schedule, demonstration=False), account.today()
    plan(account, archive.person, earnest, on=today, gathering=True)  # and a sample is drawn
    assert archive.purge().destroyed == 2
    archive.decide("5")
    archive.clock.forward(days=1000)
    archive.capture()
    name = plan(account, archive.person, schedule, on=account.today(), wanted=Wanted()).name
    terms = Terms(demonstration=True)
    approving.approve(
        account,
        counsel,
        name,
        "records_custodian",
        schedule=schedule,
        terms=terms,
        document=Document(),
    )
    with account.catalogue.writing() as desk:
        at, kind = account.now(), EventKind.BACKUP_MADE
        backups.add(desk.connection, at=micros(at), digest="d" * 64, keep_days=9)
        account.enter(desk, kind, by=archive.person.id, told={"f": "d" * 64, "kd": 9}, at=at)


def _bag(archive: Archive) -> None:
    account, by, to = archive.office.account, archive.person.id, "State Archives"
    paper, status = account.paper("transfer", {"recipient": to}), BagStatus.BEGUN
    with account.catalogue.writing() as desk:
        at, kind, key = account.now(), EventKind.TRANSFER_BEGUN, account.key
        row = BagRow(n=0, bag="", plan_n=1, status=status, recipient=to, begun_at=micros(at), by=by)
        named, told = bags.add(desk.connection, row, key).bag, {"pl": "P-000001"}
        account.enter(desk, kind, by=by, subject=named, told=told, paper=paper, at=at)


def _order(archive: Archive, counsel: SignedIn, folder: Path) -> None:
    account = archive.office.account
    ordered = CourtOrder(
        court="District Court", number="1", dated=account.today(), effect=Effect.RESTRICT
    )
    (folder / "order.pdf").write_bytes(b"It is ordered.")
    scope = archive.scope("2")
    ordering.enter(account, counsel, ordered, scope, folder / "order.pdf", state="TX")
    other = SignedIn(person=a_colleague(archive, Role.CHIEF, name="chief"), means=Means.OS_ACCOUNT)
    ordering.confirm(account, other, "O-0001")


def rows_of(archive: Archive, table: Table) -> list[dict[str, object]]:
    with archive.office.catalogue.reading() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def behind_us(archive: Archive, *statements: Executable) -> None:
    with archive.office.catalogue.writing_raw() as connection:
        for statement in statements:
            connection.execute(statement)


def faults(archive: Archive) -> list[Fault]:
    office = archive.office
    found = verify(office.account, office.objects, office.index)
    return [*found.damaged, *found.missing, *found.edited, *found.uncovered]


def another(archive: Archive, column: Column[object], value: object) -> object:
    """Give another value that *column* could hold: one that is there, where it must be there."""
    if column.foreign_keys:
        (key,) = column.foreign_keys
        found = {row[key.column.name] for row in rows_of(archive, key.column.table)}
        return min(found - {value})
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1_000
    kind = column.type.python_type
    return kind(1) if value is None else f"{value}~"


def edited(archive: Archive, table: Table, column: Column[object]) -> Callable[[], None] | None:
    """Edit *column* of the last row of *table*; give what undoes it, or None if it is refused."""
    row = rows_of(archive, table)[-1]
    first = next(iter(table.primary_key)).name
    value = row[column.name]
    new = another(archive, column, value)
    try:
        behind_us(
            archive, update(table).where(table.c[first] == row[first]).values({column.name: new})
        )
    except IntegrityError:
        return None  # the database itself refuses
    again = new if column.name == first else row[first]
    back = update(table).where(table.c[first] == again).values({column.name: value})
    return lambda: behind_us(archive, back)


def unnamed(
    archive: Archive, table: Table, spared: Iterable[str], named: Callable[[], bool]
) -> list[str]:
    """Give the columns of the last row of *table* whose edit is not *named*."""
    found = []
    for column in table.columns:
        if column.name in spared:
            continue
        undo = edited(archive, table, column)
        if undo is not None:
            if not named():
                found.append(column.name)
            undo()
    return found


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda line, _: line.update().values(reasons='["forged"]'), "not as its papers list"),
        (lambda line, _: line.update().values(seal="forged"), "not as its papers list"),
        (
            lambda line, _: line.update().values(thread_n=line.c.thread_n + 9),
            "not as its papers list",
        ),
        (lambda line, _: line.delete(), "not as its papers list"),
        (
            lambda line, lines: line.insert().values(
                {**lines[0], "item_n": max(one["item_n"] for one in lines) + 1}
            ),
            "of which its papers tell nothing",
        ),
    ],
)
def test_the_lines_of_a_plan_are_what_its_papers_tell(tmp_path, change, why):
    archive = an_archive(tmp_path)
    archive.capture(*(an_observation(f"{n}", TRANSITORY) for n in range(1, 4)))
    archive.let_pass(days=120)
    assert archive.purge().destroyed == 3
    archive.capture(an_observation("9", TRANSITORY))
    line = tables.plan_items
    lines = rows_of(archive, line)
    assert (len(lines), faults(archive)) == (3, [])

    behind_us(archive, change(line, lines))

    (fault,) = faults(archive)
    assert (fault.name, why in fault.why) == ("P-000001", True)


def test_of_every_table_it_is_written_down_what_proves_it():
    page = HOME / "docs" / "decisions" / "registers-are-replayed-items-are-sealed.md"
    told = set(re.findall("[a-z_]+", page.read_text("utf-8")))

    assert set(tables.METADATA.tables) <= told


def test_registers_that_nobody_edited_are_as_the_ledger_tells_to_the_microsecond(archive):
    assert registers_edited(archive.office.account) == []
    assert all(rows_of(archive, register.table) for register in replica.REGISTERS)


@pytest.mark.sqlite("is about which columns are compared, in Python")
def test_whatever_column_of_a_register_is_edited_is_named(archive):
    account = archive.office.account

    found: dict[str, list[str]] = {register.table.name: [] for register in replica.REGISTERS}
    columns = [
        [(register, column) for column in register.table.columns if column.name not in spared]
        for register in replica.REGISTERS
        for spared in [register.spared]
    ]

    for together in zip_longest(*columns):  # one column of every register at a time
        undone = []
        for register, column in filter(None, together):
            if undo := edited(archive, register.table, column):
                undone.append((register, column, undo))
        told = [fault.why for fault in registers_edited(account)]
        for register, column, _undo in undone:
            if not any(register.called in why for why in told):
                found[register.table.name].append(column.name)
        for _register, _column, undo in reversed(undone):
            undo()

    assert found == {register.table.name: [] for register in replica.REGISTERS}
    assert faults(archive) == []


@pytest.mark.parametrize("table", [tables.items, tables.threads, tables.versions], ids=str)
@pytest.mark.sqlite("is about which columns are sealed, in Python")
def test_whatever_column_of_a_sealed_row_is_edited_is_named(archive, table):
    assert faults(archive) == []

    found = unnamed(archive, table, ITS_OWN[table.name], lambda: bool(faults(archive)))

    assert found == []
    assert faults(archive) == []


@pytest.mark.sqlite("is about what is compared, in Python")
def test_a_row_of_a_register_that_was_put_there_or_taken_is_named(archive):
    account = archive.office.account
    for register in replica.REGISTERS:
        row = rows_of(archive, register.table)[-1]
        mine = [register.table.c[name] == row[name] for name in register.key]
        try:
            behind_us(archive, delete(register.table).where(*mine))
        except IntegrityError:
            continue
        (fault,) = [f for f in registers_edited(account) if register.called in f.why]
        assert "is gone" in fault.why
        behind_us(archive, insert(register.table).values(row))
    assert registers_edited(account) == []
    forged = rows_of(archive, tables.adoptions)[0] | {"n": 9, "adoption": "A-0009"}

    behind_us(archive, insert(tables.adoptions).values(forged))

    (fault,) = registers_edited(account)
    assert (fault.name, "does not know it" in fault.why) == ("A-0009", True)


@pytest.mark.parametrize(
    "change",
    [
        delete(tables.order_items),
        insert(tables.order_items).values(order_n=1, item_n=3, standing="done"),
    ],
    ids=["taken", "put there"],
)
def test_an_order_that_names_other_items_than_its_paper_is_named(archive, change):
    behind_us(archive, change)

    (fault,) = registers_edited(archive.office.account)

    assert (fault.name, "other items" in fault.why) == ("O-0001", True)


FIRST_MATCH = update(tables.matches).where(tables.matches.c.n == 1)


@pytest.mark.parametrize(
    ("change", "of", "why"),
    [
        (update(tables.attachments).values(media_type="text/html"), "2", "the row of its file"),
        (FIRST_MATCH.values(words='["secret"]'), "1", "the words by which a rule"),
        (FIRST_MATCH.values(words=""), "1", "the words by which a rule"),
    ],
)
def test_what_is_said_of_a_file_and_of_a_rule_is_as_it_was_sealed(tmp_path, change, of, why):
    archive = an_archive(tmp_path, index="memory:")
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", attachments=["photo"]))
    assert faults(archive) == []

    behind_us(archive, change)

    (fault,) = faults(archive)
    assert (fault.name, why in fault.why) == (archive.item_id(of), True)
    archive.office.close()


@pytest.mark.parametrize("standing", ["going", "done~"])
def test_an_order_that_has_come_where_none_does_is_named(archive, standing):
    behind_us(archive, update(tables.order_items).values(standing=standing))

    (fault,) = registers_edited(archive.office.account)

    assert (fault.name, standing in fault.why) == ("O-0001", True)


def test_a_paper_that_can_have_no_such_name_is_named(archive):
    behind_us(archive, update(tables.bags).values(paper="../elsewhere"))

    assert "B-000001" in {fault.name for fault in faults(archive)}


# --- what was edited is not made good -----------------------------------------------------------


def _see_another_text(archive: Archive) -> None:
    archive.capture(an_observation("2", "The lot stays open."))


def _decide(archive: Archive) -> None:
    archive.decide("2")


def _cool_down(archive: Archive) -> None:
    archive.issue_hold("2")
    archive.lift_hold("H-0001", cool_down_days=30)


def _restrict(archive: Archive) -> None:
    _order(archive, SignedIn(person=archive.person, means=Means.OS_ACCOUNT), archive.folder)


@pytest.mark.parametrize("deed", [_see_another_text, _decide, _cool_down, _restrict])
def test_an_item_edited_behind_us_stays_named_through_every_later_deed(tmp_path, deed):
    archive = an_archive(tmp_path, index="memory:")
    archive.capture(an_observation("2", SUBSTANTIVE))
    was = archive.item("2")
    forged = update(tables.items).where(tables.items.c.n == was.n).values(captured_at=1)
    behind_us(archive, forged)

    deed(archive)

    assert archive.item("2") != replace(was, captured_at=1)
    assert archive.item_id("2") in {fault.name for fault in faults(archive)}
    archive.office.close()
