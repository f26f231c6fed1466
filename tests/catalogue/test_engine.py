"""The catalogue: one writer at a time, nothing half written, nothing lost when the power goes."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, create_engine, literal_column, select, text

from archiver.catalogue import Catalogue, contents, engine, ledger, locks, recomputing
from archiver.catalogue.compiling import WRITTEN
from archiver.catalogue.tables import METADATA
from archiver.catalogue.upgrading import demand_current, upgrade
from archiver.procedures import capture
from archiver.records.errors import ArchiveBusy, CatalogueUnavailable
from archiver.records.events import EventKind, Leaf
from tests.archive import FOUNDED_AT, SUBSTANTIVE, Archive, an_archive, an_observation
from tests.proofs.invariants import rows

HOME = Path(__file__).parents[2]
about_the_file = pytest.mark.sqlite("locks, pragmas and bytes of a file")
A_LEAF = Leaf(kind=EventKind.BACKUP_MADE, at=FOUNDED_AT, by="p-1")


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "catalogue.sqlite"


@pytest.fixture
def catalogue(file) -> Iterator[Catalogue]:
    catalogue = Catalogue(f"sqlite:///{file}")
    upgrade(catalogue)
    with catalogue.writing() as desk:
        ledger.found(desk.connection)
    yield catalogue
    catalogue.dispose()


@about_the_file
def test_a_statement_is_written_out_once_whoever_asks_it(catalogue, file):
    asked, known = select(literal_column("17 + 4")), len(WRITTEN)
    another = Catalogue(f"sqlite:///{file}")

    answers = []
    for opened in (catalogue.reading(), another.reading(), another.writing_raw()):
        with opened as connection:
            answers.append((connection.scalar(asked), len(WRITTEN) - known))

    another.dispose()
    assert answers == [(21, 1)] * 3


# --- tables ---------------------------------------------------------------------------------------


@about_the_file
def test_the_migrations_from_nothing_make_exactly_the_tables_that_are_written_down(catalogue):
    with catalogue.writing_raw() as connection:
        context = MigrationContext.configure(connection)

        assert compare_metadata(context, METADATA) == []


@about_the_file
def test_columns_keys_and_indexes_are_those_written_down(catalogue, tmp_path):
    plain = create_engine(f"sqlite:///{tmp_path / 'plain.sqlite'}")
    METADATA.create_all(plain)

    assert _drawn(catalogue.url) == _drawn(plain.url)
    plain.dispose()


def _drawn(url) -> dict[str, object]:
    """Give every table as the database has it; order of columns is of no account."""
    found, database = MetaData(), create_engine(url)
    found.reflect(database)
    drawn: dict[str, object] = {}
    for name, table in found.tables.items():
        if name == "alembic_version":
            continue
        columns = {(c.name, str(c.type), c.nullable, c.primary_key) for c in table.columns}
        keys = {(k.parent.name, k.target_fullname) for k in table.foreign_keys}
        indexes = {(i.name, tuple(c.name for c in i.columns), i.unique) for i in table.indexes}
        drawn[name] = (columns, keys, indexes)
    database.dispose()
    return drawn


@about_the_file
def test_the_file_and_its_log_are_for_their_owner_alone_whatever_the_umask(file):
    before = os.umask(0)
    try:
        catalogue = Catalogue(f"sqlite:///{file}")
        upgrade(catalogue)
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in file.parent.iterdir()}
        catalogue.dispose()
    finally:
        os.umask(before)

    assert modes == dict.fromkeys([file.name, f"{file.name}-wal", f"{file.name}-shm"], 0o600)


@about_the_file
def test_a_file_that_is_there_keeps_the_rights_it_was_given(file):
    file.touch(mode=0o640)
    file.chmod(0o640)

    upgrade(catalogue := Catalogue(f"sqlite:///{file}"))

    catalogue.dispose()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


@about_the_file
def test_making_the_tables_twice_changes_nothing(catalogue):
    upgrade(catalogue)

    demand_current(catalogue)


@about_the_file
def test_a_catalogue_that_is_missing_empty_or_of_another_version_is_refused(file, catalogue):
    with pytest.raises(CatalogueUnavailable, match="no catalogue"):
        demand_current(Catalogue(f"sqlite:///{file}-elsewhere"))
    Path(f"{file}-empty").touch()
    with pytest.raises(CatalogueUnavailable, match="no tables") as empty:
        demand_current(Catalogue(f"sqlite:///{file}-empty"))
    assert "archiver rebuild" in empty.value.remedy
    with catalogue.writing_raw() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(CatalogueUnavailable, match="version 9999"):
        demand_current(catalogue)


@about_the_file
def test_a_full_disk_is_told_with_what_to_do_about_room(catalogue):
    def write() -> None:
        with catalogue.writing() as desk:
            desk.connection.execute(text("PRAGMA max_page_count = 1"))
            desk.connection.execute(text("CREATE TABLE more AS SELECT hex(zeroblob(1000000))"))

    with pytest.raises(CatalogueUnavailable, match="full") as refused:
        write()

    assert "Make room" in refused.value.remedy


@about_the_file
def test_a_file_that_is_no_catalogue_is_refused_with_what_to_do(file):
    file.write_bytes(b"not a database, by any means" * 100)
    catalogue = Catalogue(f"sqlite:///{file}")

    with pytest.raises(CatalogueUnavailable, match="not a database"):
        demand_current(catalogue)
    catalogue.dispose()


# --- transactions ---------------------------------------------------------------------------------


@about_the_file
def test_a_catalogue_that_may_not_be_written_is_refused_with_what_to_do_about_rights(catalogue):
    def write() -> None:
        with catalogue.writing() as desk:
            desk.connection.execute(text("PRAGMA query_only = ON"))
            ledger.found(desk.connection)

    with pytest.raises(CatalogueUnavailable) as refused:
        write()

    assert "right to write" in refused.value.remedy
    assert "init" not in refused.value.remedy


@about_the_file
def test_every_connection_is_made_so_that_nothing_is_lost_and_nothing_left(catalogue):
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": engine.BUSY_TIMEOUT_MS,
    }
    for opened in (catalogue._writer, catalogue._reader):
        opened.dispose()
        with opened.connect() as one, opened.connect() as another:
            for connection in (one, another):
                raw = connection.connection.dbapi_connection
                found = {name: raw.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted}
                assert found == wanted


@about_the_file
def test_a_writer_shuts_out_another_from_its_first_moment(catalogue, file):
    """In SQLite's own mode the second would read, and be refused or lost only at its commit."""
    with (
        catalogue.writing(),
        closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as other,
    ):
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        assert other.execute("SELECT count(*) FROM items").fetchone() == (0,), "readers go on"


@about_the_file
def test_a_writer_that_is_shut_out_for_long_is_told_so(catalogue, file, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 50)
    impatient = Catalogue(f"sqlite:///{file}")

    with catalogue.writing(), pytest.raises(ArchiveBusy), impatient.writing():
        pass
    impatient.dispose()


@about_the_file
def test_writers_of_one_process_take_turns(catalogue):
    def add(place: int) -> None:
        with catalogue.writing() as desk:
            highest = desk.connection.scalar(text("SELECT coalesce(max(n), 0) FROM contents"))
            desk.connection.execute(
                text("INSERT INTO contents VALUES (:n, :body)"),
                {"n": highest + 1, "body": str(place)},
            )

    threads = [threading.Thread(target=add, args=(place,)) for place in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with catalogue.reading() as connection:
        assert connection.scalar(text("SELECT max(n) FROM contents")) == 20


def test_a_transaction_that_fails_leaves_nothing_not_even_its_entries(tmp_path):
    archive = an_archive(tmp_path, index="memory:")
    before = len(rows(archive, "SELECT seq FROM ledger_entries"))

    def half_way() -> None:
        with archive.office.catalogue.writing() as desk:
            desk.connection.execute(text("INSERT INTO contents VALUES (7, 'half')"))
            desk.enter(A_LEAF)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_way()

    assert rows(archive, "SELECT * FROM contents") == []
    assert len(rows(archive, "SELECT seq FROM ledger_entries")) == before
    archive.office.close()


@about_the_file
def test_an_entry_stands_in_the_ledger_when_its_transaction_commits_and_not_before(catalogue):
    with catalogue.writing() as desk:
        desk.enter(A_LEAF, A_LEAF)
        with catalogue.reading() as connection:
            assert ledger.head(connection).size == 0

    with catalogue.reading() as connection:
        assert ledger.head(connection).size == 2
        assert recomputing.recompute(connection).faults == ()


@about_the_file
def test_a_log_that_is_being_read_is_not_said_to_be_empty(catalogue, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 50)
    impatient = Catalogue(str(catalogue.url))
    with catalogue.reading() as reader:
        reader.execute(text("SELECT count(*) FROM items")).all()
        with catalogue.writing() as desk:
            desk.connection.execute(text("INSERT INTO contents VALUES (1, 'words')"))

        with pytest.raises(ArchiveBusy, match="could not be emptied"):
            impatient.truncate()
    impatient.truncate()

    assert Path(f"{catalogue.file}-wal").stat().st_size == 0
    impatient.dispose()


@about_the_file
def test_what_is_struck_is_in_no_page_of_the_file_whatever_stands_beside_it(tmp_path):
    """Most rows are struck, then some of the rest: a page that SQLite merges would keep copies."""
    archive = an_archive(tmp_path, index="memory:")
    numbers = range(1, 400)
    archive.capture(*(an_observation(str(n), _words(n)) for n in numbers), index=False)
    for digits in ({1, 2, 3, 4, 6, 7, 8, 9}, {5}):
        with archive.office.catalogue.writing() as desk:
            struck = [archive.item(str(n)).n for n in numbers if n % 10 in digits]
            contents.strike(desk.connection, struck)
    archive.office.catalogue.truncate()

    data = archive.office.catalogue.file.read_bytes()
    assert [n for n in numbers if n % 10 and f"marker{n:05}".encode() in data] == []
    assert all(f"marker{n:05}".encode() in data for n in numbers if not n % 10)
    archive.office.close()


def _words(n: int) -> str:
    return f"marker{n:05} {SUBSTANTIVE * (1 + n % 7)}"


# --- locks of the whole archive -------------------------------------------------------------------


HOLDER = """
import sys
from archiver.catalogue import Catalogue
catalogue = Catalogue(sys.argv[1])
with catalogue.exclusive("page 1"):
    print("held", flush=True)
    sys.stdin.readline()
"""


@about_the_file
def test_a_lock_holds_off_threads_and_processes_and_dies_with_its_own(catalogue):
    with catalogue.exclusive("page 1"):
        with pytest.raises(ArchiveBusy, match="page 1"), catalogue.exclusive("page 1", wait=False):
            pass
        with catalogue.exclusive("page 2", wait=False):
            pass
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(catalogue.url)],
        cwd=HOME,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ArchiveBusy), catalogue.exclusive("page 1", wait=False):
            pass
        holder.kill()
        holder.wait(30)
        with catalogue.exclusive("page 1", wait=False):
            pass


@about_the_file
def test_whoever_waits_for_a_lock_gets_it_or_is_told_after_a_while(catalogue, monkeypatch):
    monkeypatch.setattr(locks, "PATIENCE_SECONDS", 0.05)
    with (
        catalogue.exclusive("nightly"),
        pytest.raises(ArchiveBusy),
        catalogue.exclusive("nightly"),
    ):
        pass

    with catalogue.exclusive("nightly"):
        pass


@about_the_file
def test_many_numbers_in_one_statement_are_no_trouble(tmp_path, monkeypatch):
    monkeypatch.setattr(capture, "BATCH", 1_200)
    archive: Archive = an_archive(tmp_path, index="memory:")

    coverage = archive.capture(*(an_observation(str(n), "same") for n in range(1_200)), index=False)

    assert coverage.new == 1_200
    assert archive.feed() == 1_200
    archive.office.close()


@pytest.mark.parametrize(("version", "refused"), [((3, 37, 2), True), ((3, 38, 0), False)])
def test_an_sqlite_without_the_functions_we_ask_of_it_is_refused_at_once(version, refused):
    if refused:
        with pytest.raises(CatalogueUnavailable, match=r"3\.37\.2.*3\.38 or newer"):
            engine.refuse_old_sqlite(version)
    else:
        engine.refuse_old_sqlite(version)
