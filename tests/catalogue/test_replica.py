"""The catalogue in memory that the ledger is replayed into."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import inspect

from archiver.catalogue import facts, rebuilding
from archiver.catalogue.replica import replica
from archiver.catalogue.tables import METADATA


def test_a_replica_has_every_table_and_index_and_is_being_rebuilt():
    with replica() as told:
        made = inspect(told)
        indexes = {
            name: {each["name"] for each in made.get_indexes(name)} for name in METADATA.tables
        }

        assert indexes == {n: {each.name for each in t.indexes} for n, t in METADATA.tables.items()}
        assert rebuilding.is_empty(told)
        assert rebuilding.stage(told) == "listing"


def test_what_is_written_in_one_replica_stands_in_no_other_of_any_thread():
    def what_stands_there(name):
        with replica() as told:
            stands = [facts.get(told, each) for each in "abc"]
            facts.put(told, name, "written")
            with replica() as beside:
                return [*stands, *(facts.get(beside, each) for each in "abc")]

    with ThreadPoolExecutor(3) as threads:
        found = [*threads.map(what_stands_there, "abcabcabc"), what_stands_there("a")]

    assert found == [[None] * 6] * 10
