"""A catalogue in which something is gone, or is what no column holds: said, named, and mended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from sqlalchemy import Executable, String, delete, text, update
from sqlalchemy.exc import IntegrityError

from archiver.catalogue import facts, tables
from archiver.catalogue.illegible import illegible
from archiver.office.verifying import verify_office
from archiver.procedures.rebuild import Rebuilder, rebuild
from archiver.procedures.verify import Verdict, verify
from archiver.procedures.verify_despite import mistyped
from archiver.records.captures import Gap, GapReason
from archiver.records.errors import (
    ArchiverError,
    CatalogueUnavailable,
    LedgerDamaged,
    RegisterUnreadable,
)
from tests.archive import SUBSTANTIVE, Archive, a_copy_of, an_observation
from tests.procedures.test_unreadable import due_and_held


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    """An archive with an item that is due and one that is held."""
    archive = a_copy_of(due_and_held, tmp_path)
    yield archive
    archive.office.close()


def edit(archive: Archive, *statements: Executable) -> None:
    with archive.office.catalogue.writing_raw() as connection:
        for statement in statements:
            connection.execute(statement)


def proved(archive: Archive) -> Verdict:
    office = archive.office
    return verify(office.account, office.objects, office.index)


# --- the head of the ledger -----------------------------------------------------------------------

DEEDS: dict[str, Callable[[Archive], object]] = {
    "capture": lambda archive: archive.capture(an_observation("9", SUBSTANTIVE)),
    "hold": lambda archive: archive.issue_hold("1"),
    "lift": lambda archive: archive.lift_hold("H-0001"),
    "plan": lambda archive: archive.plan(),
    "purge": lambda archive: archive.purge(),
}

HEADS: dict[str, Executable] = {
    "taken": delete(tables.ledger_head),
    "moved": update(tables.ledger_head).values(one=2),
    "unreadable": update(tables.ledger_head).values(frontier=b"x"),
}


@pytest.mark.parametrize("change", HEADS.values(), ids=HEADS)
@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_without_its_head_nothing_is_entered_and_the_error_says_what_to_do(archive, change, deed):
    objects = archive.objects()
    edit(archive, change)
    archive.reopen()

    with pytest.raises(ArchiverError) as refusal:
        deed(archive)

    assert refusal.type.__name__ in {"LedgerDamaged", "RegisterUnreadable"}
    assert "archiver rebuild" in refusal.value.remedy
    assert set(objects) <= set(archive.objects())


@pytest.mark.parametrize("change", [HEADS["taken"], HEADS["moved"]], ids=["taken", "moved"])
def test_a_head_of_the_ledger_that_is_gone_is_named(archive, change):
    edit(archive, change)
    archive.reopen()

    found = proved(archive)

    assert "the head is gone" in found.ledger.faults
    assert not found.ok


def test_a_catalogue_without_its_head_is_moved_away_and_made_anew(archive):
    edit(archive, delete(tables.ledger_head))
    office = archive.reopen(founding=True)
    rebuilder = Rebuilder(
        account=office.account,
        objects=office.objects,
        classifier=office.classifier,
        index=office.index,
        os_account=archive.os_account,
    )
    with pytest.raises(CatalogueUnavailable, match="not empty") as refusal:
        rebuild(rebuilder)
    assert "Move the catalogue away" in refusal.value.remedy


@pytest.mark.parametrize("leapt", ["", "yesterday", "1 2 3", "1 x"])
def test_a_leap_of_the_clock_that_nobody_can_read_is_one_clear_error(archive, leapt):
    leap = tables.facts.c.name == facts.LEAPT
    edit(archive, update(tables.facts).where(leap).values(value=leapt))

    with pytest.raises(LedgerDamaged, match="of the clock") as refusal:
        archive.capture(an_observation("9", SUBSTANTIVE))

    assert "archiver rebuild" in refusal.value.remedy
    assert (
        "what it has seen of the clock is not what its rows tell" in proved(archive).ledger.faults
    )


# --- what no column could hold --------------------------------------------------------------------

NO_TEXT = b'{"native_id":"\xff\xfe"}'

of_the_file = pytest.mark.sqlite("is about a database that keeps whatever is written")


def force(
    archive: Archive, table: str, column: str, value: object, *, as_text: bool = False
) -> int:
    """Write *value* into the last row of *table*, as another program might; give the row."""
    with archive.office.catalogue.writing_raw() as connection:
        row = connection.scalar(text(f"SELECT max(rowid) FROM {table}"))  # noqa: S608 - names of ours
        put = "CAST(:value AS TEXT)" if as_text else ":value"
        change = f'UPDATE {table} SET "{column}" = {put} WHERE rowid = :row'  # noqa: S608 - names of ours
        connection.execute(text(change), {"value": value, "row": row})
    return row


def named(found: Verdict) -> set[str]:
    return {fault.name for fault in found.edited}


EVERY = [
    (table.name, column.name, isinstance(column.type, String))
    for table in tables.METADATA.sorted_tables
    for column in table.columns
]


@of_the_file
def test_a_value_of_another_type_is_named_in_every_column_of_every_table(archive):
    assert mistyped(archive.office.account) == []
    asked = set()

    for table, column, is_text in EVERY:
        value = b"\xff" if is_text else "word"
        last = f"rowid = (SELECT max(rowid) FROM {table})"  # noqa: S608 - names of ours
        change = f'UPDATE {table} SET "{column}" = :value WHERE {last}'  # noqa: S608 - names of ours
        with archive.office.catalogue.writing_raw() as connection:
            connection.execute(text("SAVEPOINT before"))
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
            with suppress(IntegrityError):  # a row number: SQLite itself takes nothing else
                if connection.execute(text(change), {"value": value}).rowcount:
                    ((what, why),) = illegible(connection, limit=9)
                    assert what.endswith(f" of {table}")
                    assert why.endswith(f"not a value of {column}")
                    asked.add(f"{table}.{column}")
            connection.execute(text("ROLLBACK TO before"))

    assert {"items.own", "contents.body", "ledger_head.frontier", "matches.words"} <= asked
    assert mistyped(archive.office.account) == []


@of_the_file
@pytest.mark.parametrize("as_text", [True, False], ids=["text", "bytes"])
def test_a_text_that_is_none_is_named_and_all_else_is_looked_at(archive, as_text):
    row = force(archive, "contents", "body", NO_TEXT, as_text=as_text)
    edit(archive, update(tables.items).where(tables.items.c.n == 1).values(author="else"))

    found = proved(archive)

    assert {f"row {row} of contents", archive.item_id("1"), archive.item_id("2")} <= named(found)
    assert not found.ok
    assert found.items == 2
    assert all("native_id" not in fault.why for fault in found.edited)  # no text is repeated


@of_the_file
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("items", "item"),
        ("items", "author"),
        ("versions", "digest"),
        ("threads", "thread"),
        ("pages", "name"),
        ("people", "name"),
        ("holds", "scope"),
        ("matters", "name"),
        ("gaps", "what"),
        ("ledger_entries", "subject"),
        ("facts", "value"),
    ],
)
@pytest.mark.parametrize("as_text", [True, False], ids=["text", "bytes"])
def test_wherever_text_lies_that_is_none_verify_goes_on_and_names_it(
    archive, table, column, as_text
):
    archive.capture(Gap(what="comments of post 9", why=GapReason.UNREACHABLE))
    row = force(archive, table, column, b"\xff\xfe", as_text=as_text)

    found = proved(archive)

    assert f"row {row} of {table}" in named(found)
    assert not found.ok


@of_the_file
@pytest.mark.parametrize(
    ("table", "column"),
    [("items", "published_at"), ("items", "thread_n"), ("items", "page_n"), ("items", "own")],
)
@pytest.mark.parametrize("value", [b"\xff", "word"], ids=["bytes", "word"])
def test_a_number_that_is_none_is_named_and_spoils_no_other_look(archive, table, column, value):
    row = force(archive, table, column, value)
    edit(archive, update(tables.matters).values(name="another"))

    found = proved(archive)

    assert {f"row {row} of {table}", "M-0001"} <= named(found)
    assert not found.ok


@of_the_file
def test_text_that_is_none_is_one_clear_error_for_every_other_deed(archive):
    force(archive, "contents", "body", NO_TEXT, as_text=True)

    with pytest.raises(RegisterUnreadable, match="its body is no text") as refusal:
        archive.issue_hold(query="patrol")

    assert "native_id" not in str(refusal.value)
    assert "archiver verify" in refusal.value.remedy


@of_the_file
@pytest.mark.parametrize("as_text", [True, False], ids=["text", "bytes"])
def test_text_that_is_none_is_named_by_several_processes_too(archive, as_text):
    row = force(archive, "contents", "body", NO_TEXT, as_text=as_text)

    found = verify_office(archive.office, share_read=0, progress=lambda _count: None, many=1)

    assert f"row {row} of contents" in named(found)


@of_the_file
@pytest.mark.parametrize(("table", "column"), [("items", "published_at"), ("pages", "whole_at")])
def test_a_number_that_is_none_is_named_by_several_processes_too(archive, table, column):
    row = force(archive, table, column, "word")

    found = verify_office(archive.office, share_read=0, progress=lambda _count: None, many=1)

    assert f"row {row} of {table}" in named(found)
    assert not found.ok
