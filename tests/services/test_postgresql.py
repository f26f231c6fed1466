"""What only a real PostgreSQL can show: what stays of struck words, what readers see, who waits."""

from __future__ import annotations

import os
import random
import string
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, func, select, text, update

from archiver.catalogue import Catalogue, contents, engine, server
from archiver.catalogue.tables import METADATA, facts, ledger_head
from archiver.catalogue.tables import contents as texts
from archiver.catalogue.upgrading import demand_current, upgrade
from archiver.procedures.verify import verify
from archiver.records.errors import ArchiveBusy, CatalogueUnavailable
from tests.archive import TRANSITORY, Archive, an_archive, an_observation
from tests.databases import a_database
from tests.services.deciding import call_transitory

pytestmark = pytest.mark.service("ARCHIVER_TEST_POSTGRESQL_URL")


@pytest.fixture
def url() -> Iterator[str]:
    with a_database(os.environ["ARCHIVER_TEST_POSTGRESQL_URL"]) as made:
        yield made


@pytest.fixture
def archive(tmp_path, url) -> Iterator[Archive]:
    made = an_archive(tmp_path, catalogue=url)
    yield made
    made.office.close()


@pytest.fixture
def catalogue(url) -> Iterator[Catalogue]:
    made = Catalogue(url)
    yield made
    made.dispose()


# --- tables -----------------------------------------------------------------------------------


def test_an_empty_database_is_brought_to_the_tables_of_today():
    with a_database(os.environ["ARCHIVER_TEST_POSTGRESQL_URL"], empty=True) as url:
        catalogue = Catalogue(url)
        with pytest.raises(CatalogueUnavailable, match="no tables"):
            demand_current(catalogue)

        upgrade(catalogue)
        upgrade(catalogue)

        demand_current(catalogue)
        with catalogue.reading() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, METADATA) == []
        catalogue.dispose()


# --- what stays -------------------------------------------------------------------------------


def the_files(url: str) -> list[Path]:
    """Every file of the database's tables, indexes and statistics, as it stands on the disk."""
    asking = create_engine(url, isolation_level="AUTOCOMMIT")
    with asking.connect() as connection:
        connection.execute(text("CHECKPOINT"))
        data = connection.scalar(text("SHOW data_directory"))
        number = connection.scalar(
            text("SELECT oid FROM pg_database WHERE datname = current_database()")
        )
    asking.dispose()
    return [path for path in Path(f"{data}/base/{number}").iterdir() if path.is_file()]


def holding(url: str, words: list[str]) -> set[str]:
    found = set()
    for path in the_files(url):
        with suppress(FileNotFoundError):  # the server drops its caches as it likes
            data = path.read_bytes()
            found |= {word for word in words if word.encode() in data}
    return found


def canaries(count: int) -> list[str]:
    chance = random.Random(7)
    return ["".join(chance.choices(string.ascii_lowercase, k=18)) for _ in range(count)]


def test_nothing_of_what_was_destroyed_stays_in_any_file_of_the_database(archive, url):
    words = canaries(600)
    both = [an_observation(word, TRANSITORY, author=word) for word in words]
    both += [an_observation(f"stays-{n}") for n in range(len(words))]
    archive.capture(
        *sorted(both, key=lambda seen: sha256(seen.content.native_id.encode()).digest())
    )
    again = "Happy Monday from all of us!"  # an edit leaves an earlier version, and a question
    archive.capture(*(an_observation(word, again, author=word) for word in words[:20]))
    call_transitory(archive, *words[:20])
    engine_of(archive, "ANALYZE")
    there = holding(url, words)

    archive.clock.forward(days=100)
    archive.capture()
    receipt = archive.purge()

    assert there == set(words)
    assert receipt.destroyed == len(words)
    assert holding(url, words) == set()
    assert (archive.search("happy").total, archive.search("patrol").total) == (0, len(words))


def engine_of(archive: Archive, statement: str) -> None:
    """Have the server do something a catalogue never asks of it."""
    asking = create_engine(archive.office.config.catalogue, isolation_level="AUTOCOMMIT")
    with asking.connect() as connection:
        connection.execute(text(statement))
    asking.dispose()


def test_the_planner_samples_no_texts(archive):
    archive.capture(*(an_observation(f"{n}", f"{TRANSITORY} {n}") for n in range(50)))

    engine_of(archive, "ANALYZE")

    with archive.office.catalogue.reading() as connection:
        sampled = connection.execute(
            text("SELECT tablename, attname FROM pg_stats WHERE attname IN ('body', 'words')")
        )
        assert sampled.all() == []


def test_what_a_reader_may_still_see_is_not_called_gone(archive, url):
    word = "quinquagesima"
    archive.capture(an_observation("1", word))
    catalogue, item = archive.office.catalogue, archive.item("1").n

    with catalogue.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(facts)) is not None
        with catalogue.writing() as desk:
            contents.strike(desk.connection, [item])
        with pytest.raises(ArchiveBusy, match="still being read"):
            catalogue.truncate()
    catalogue.truncate()

    assert holding(url, [word]) == set()


def test_whoever_began_after_the_strike_is_not_waited_for(archive, url):
    """A server that many share always has somebody at work."""
    word = "quinquagesima"
    archive.capture(an_observation("1", word))
    catalogue, item = archive.office.catalogue, archive.item("1").n
    with catalogue.writing() as desk:
        contents.strike(desk.connection, [item])
    struck_by = catalogue.struck_by()
    others = create_engine(url)

    with others.connect() as writer, others.connect() as reader:
        writer.execute(text("SELECT pg_current_xact_id()"))
        reader.execute(text("DECLARE slow CURSOR FOR SELECT generate_series(1, 9)"))
        with pytest.raises(ArchiveBusy, match="still being read"):
            catalogue.truncate()
        catalogue.truncate(struck_by)
        found = holding(url, [word])

    assert found == set()
    others.dispose()


def test_whoever_began_before_the_strike_is_waited_for_also_by_its_mark(archive):
    archive.capture(an_observation("1"))
    catalogue, item = archive.office.catalogue, archive.item("1").n

    with catalogue.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(facts)) is not None
        with catalogue.writing() as desk:
            contents.strike(desk.connection, [item])
        struck_by = catalogue.struck_by()
        with pytest.raises(ArchiveBusy, match="still being read"):
            catalogue.truncate(struck_by)
    catalogue.truncate(struck_by)


def test_a_table_that_is_being_read_is_not_waited_for_without_end(archive, monkeypatch):
    monkeypatch.setattr(server, "_REWRITE_PATIENCE_MS", 50)
    archive.capture(an_observation("1"))
    other = create_engine(archive.office.config.catalogue)

    with other.begin() as connection:
        connection.execute(select(texts.c.n)).all()
        with pytest.raises(ArchiveBusy):
            archive.office.catalogue.truncate()
    archive.office.catalogue.truncate()

    other.dispose()


# --- who sees what ----------------------------------------------------------------------------


def test_a_reading_transaction_sees_one_state_to_its_end(archive):
    archive.capture(an_observation("1"))
    size = select(ledger_head.c.size)

    with archive.office.catalogue.reading() as connection:
        before = connection.scalar(size)
        archive.capture(an_observation("2"))
        after = connection.scalar(size)

    with archive.office.catalogue.reading() as connection:
        now = connection.scalar(size)
    assert before == after < now


def test_a_writer_that_waited_its_turn_sees_what_the_one_before_it_wrote(archive, url):
    archive.capture(an_observation("1"))
    other = Catalogue(url)
    size = select(ledger_head.c.size)
    grown = update(ledger_head).values(size=ledger_head.c.size + 1)

    for expected in range(3):
        for catalogue in (archive.office.catalogue, other):
            with catalogue.writing() as desk:
                before = desk.connection.scalar(size)
                desk.connection.execute(grown)
                assert desk.connection.scalar(size) == before + 1, expected

    other.dispose()


def test_a_writer_waits_its_turn_for_so_long_and_then_says_who_is_in_the_way(url, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 50)
    one, other = Catalogue(url), Catalogue(url)

    with one.writing(), pytest.raises(ArchiveBusy), other.writing():
        pass
    with other.writing():
        pass

    one.dispose()
    other.dispose()


def test_a_lock_of_the_archive_is_held_by_one_process_at_a_time(url):
    one, other = Catalogue(url), Catalogue(url)

    with one.exclusive("night"):
        with pytest.raises(ArchiveBusy), other.exclusive("night", wait=False):
            pass
        with other.exclusive("another", wait=False):
            pass
    with other.exclusive("night", wait=False):
        pass

    one.dispose()
    other.dispose()


def test_a_server_that_does_not_answer_is_named_without_its_password():
    catalogue = Catalogue("postgresql+psycopg://archiver:opensesame@127.0.0.1:1/archiver")

    with pytest.raises(CatalogueUnavailable) as refused, catalogue.reading():
        pass

    assert "127.0.0.1" in str(refused.value)
    assert "opensesame" not in str(refused.value)


def test_texts_of_every_script_and_of_none_come_back_but_half_a_sign_as_they_were(archive):
    strange = "Añil 警察 🚓 \x00 nul, \ud83d alone, \\u0000 and {\"json\": 'quoted'}"

    archive.capture(an_observation("1", strange))

    with archive.office.catalogue.reading() as connection:
        row = archive.item("1")
        told = contents.contents_of(connection, [row])[row.n].text
    assert told == strange.replace("\ud83d", "\ufffd")
    office = archive.office
    assert verify(office.account, office.objects, office.index, share_read=1.0).whole
