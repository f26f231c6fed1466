"""Rows that go to the driver as they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import (
    Boolean,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    insert,
    select,
)

from archiver.catalogue import rows as written
from archiver.catalogue.rows import add_rows, change_rows, these

NAMES = ("n", "words", "bytes", "said", "perhaps")
KINDS = (Integer, String, LargeBinary, Boolean, Integer)


def a_table(name):
    columns = (Column(column, kind) for column, kind in zip(NAMES, KINDS, strict=True))
    return Table(name, MetaData(), *columns)


ROWS = st.lists(
    st.tuples(
        st.integers(-(2**63), 2**63 - 1),
        st.text(st.characters(exclude_categories=("Cs",))),
        st.binary(),
        st.booleans(),
        st.none() | st.integers(0, 9),
    ),
    max_size=4,
)


@given(ROWS)
def test_rows_stand_there_as_core_would_have_written_them(rows):
    bare, by_core = a_table("bare"), a_table("by_core")
    with create_engine("sqlite://").connect() as connection:
        for table in (bare, by_core):
            table.create(connection)

        add_rows(connection, bare, NAMES, rows)

        if rows:
            told = [dict(zip(NAMES, row, strict=True)) for row in rows]
            connection.execute(insert(by_core), told)
        found = connection.execute(select(bare)).all()
        assert found == connection.execute(select(by_core)).all()
        assert [tuple(row) for row in found] == rows


@pytest.mark.parametrize("names", [("words", "n"), ("n", "wrods")])
def test_columns_out_of_order_or_unknown_are_refused(names):
    table = a_table("bare")
    with create_engine("sqlite://").connect() as connection:
        table.create(connection)

        with pytest.raises(ValueError, match="bare: columns"):
            add_rows(connection, table, names, [(1, "one")])


def test_what_changes_of_rows_is_written_over_the_rows_of_those_numbers_alone():
    table = a_table("changing")
    with create_engine("sqlite://").connect() as connection:
        table.create(connection)
        add_rows(connection, table, NAMES, [(n, f"row {n}", b"", False, None) for n in (1, 2, 3)])

        change_rows(connection, table, ("said", "words"), [(True, "first", 1), (True, "third", 3)])

        assert [tuple(row) for row in connection.execute(select(table).order_by(table.c.n))] == [
            (1, "first", b"", True, None),
            (2, "row 2", b"", False, None),
            (3, "third", b"", True, None),
        ]


def test_a_server_is_handed_what_changes_by_name():
    rows = [(True, "first", 1)]
    server = Recording(create_engine("postgresql+psycopg://nowhere/nothing").dialect)

    change_rows(server, a_table("changing"), ("said", "words"), rows)

    assert server.handed == [[{"said": True, "words": "first", "n_of_row": 1}]]


NUMBERS = st.lists(st.integers(-3, 3) | st.integers(-(2**63), 2**63 - 1))
IDS = st.lists(st.text("0123456789abcdef", max_size=3))


@given(lie=NUMBERS, asked=NUMBERS)
def test_of_these_numbers_is_what_core_finds_of_them(lie, asked):
    assert found_by_both("n", [(n, "") for n in lie], asked)


@given(lie=IDS, asked=IDS)
def test_of_these_ids_is_what_core_finds_of_them(lie, asked):
    assert found_by_both("words", [(0, one) for one in lie], asked)


def found_by_both(name, rows, asked) -> bool:
    table = a_table("asked")
    with create_engine("sqlite://").connect() as connection:
        table.create(connection)
        add_rows(connection, table, ("n", "words"), rows)
        of = select(table.c[name]).order_by(table.c[name])

        found = connection.scalars(of.where(table.c[name].in_(these(connection, asked)))).all()

        return found == connection.scalars(of.where(table.c[name].in_(asked))).all()


def test_two_choices_in_one_statement_are_told_apart():
    table = a_table("asked")
    with create_engine("sqlite://").connect() as connection:
        table.create(connection)
        add_rows(connection, table, ("n", "words"), [(1, "a"), (1, "b"), (2, "b")])
        both = table.c.n.in_(these(connection, [1])), table.c.words.in_(these(connection, ["b"]))

        assert connection.execute(select(table.c.n, table.c.words).where(*both)).all() == [(1, "b")]


def test_a_server_is_handed_the_keys_themselves():
    server = Recording(create_engine("postgresql+psycopg://nowhere/nothing").dialect)

    assert these(server, [1, 2]) == [1, 2]


class Recording:
    """A connection to nowhere, which remembers what it was handed."""

    def __init__(self, dialect):
        self.dialect, self.handed = dialect, []

    def exec_driver_sql(self, statement, values):
        assert all(f"%({name})s" in statement for name in values[0])
        self.handed.append(values)


def test_the_statement_is_written_out_once_whichever_engine_takes_the_rows():
    table = a_table("taken_by_two")
    before = written._inserting.cache_info().misses + written._changing.cache_info().misses

    for _ in range(2):
        engine = create_engine("sqlite://")
        with engine.begin() as connection:
            table.create(connection)
            add_rows(connection, table, ("n", "words"), [(1, "a"), (2, "b")])
            change_rows(connection, table, ("words",), [("c", 2)])
            assert connection.execute(select(table.c.words)).scalars().all() == ["a", "c"]
        engine.dispose()

    after = written._inserting.cache_info().misses + written._changing.cache_info().misses
    assert after - before == 2
