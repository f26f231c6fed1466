"""Each invariant, broken on purpose: a check that cannot fail proves nothing."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.catalogue.tables import versions
from archiver.ports import NewObject
from archiver.procedures import surrounding
from archiver.records.captures import Cursor
from archiver.records.holds import Neighbours
from archiver.records.identity import ObjectRef, Part
from archiver.records.orders import Effect
from tests.archive import TRANSITORY, Archive, a_comment, a_copy_of, an_archive, an_observation
from tests.procedures.court import an_order_text, carried_out, confirmed
from tests.proofs import invariants
from tests.proofs.attended import a_chief, an_approved_plan, carry_out
from tests.proofs.invariants import Look


@pytest.fixture
def archive(tmp_path) -> Archive:
    """One item destroyed, one held, one with two versions and a file."""
    return a_copy_of(_with_one_destroyed, tmp_path)


def _with_one_destroyed(folder: Path) -> Archive:
    archive = an_archive(folder, index="memory:")
    archive.capture(
        an_observation("1", TRANSITORY),
        an_observation("2", TRANSITORY),
        an_observation("3", "A report", attachments=("picture",)),
    )
    archive.capture(an_observation("3", "Another report", attachments=("picture",)), Cursor("3"))
    archive.issue_hold("2")
    archive.clock.forward(days=70)
    archive.capture()
    assert archive.purge().destroyed == 1
    return archive


def spoil(archive: Archive, statement: str, **values: object) -> None:
    """Change the catalogue's file behind the archive."""
    with closing(sqlite3.connect(archive.folder / "catalogue.sqlite")) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(statement, values)
        connection.commit()


def n_of(archive: Archive, native_id: str) -> int:
    return archive.item(native_id).n


def test_a_sound_archive_breaks_nothing(archive):
    before = Look.at(archive)

    assert invariants.faults_of(archive) == []
    assert invariants.faults_between(archive, before, set()) == []
    assert invariants.l4_nothing_waits_after_a_clean_run(archive) == []
    assert invariants.l1_the_cursor_is_past_nothing_unknown(archive, ["1", "2", "3"]) == []
    assert invariants.t1_the_copy_is_up_to_date(archive) == []
    assert invariants.t2_the_copy_is_what_was_signed(archive) == []
    assert invariants.t2_the_ledger_tells_no_text(archive, "Friday", "report") == []


def test_a_cursor_past_an_unknown_item_is_seen(archive):
    assert invariants.l1_the_cursor_is_past_nothing_unknown(archive, ["1", "2", "never"])


@pytest.mark.parametrize("which", [Part.CONTENT, Part.ATTACHMENT])
def test_missing_and_damaged_bytes_of_a_live_row_are_seen(archive, which):
    path = archive.path_of(next(ref for ref in archive.objects("3") if ref.part is which))
    data = path.read_bytes()
    path.unlink()
    assert invariants.l2_a_live_row_has_its_bytes(archive)

    path.write_bytes(data[:-1] + b"!")

    assert invariants.l2_a_live_row_has_its_bytes(archive)


def test_what_is_indexed_and_not_catalogued_is_seen(archive):
    document = next(iter(archive.office.index._snapshot().values()))
    with archive.office.index.writing() as writer:
        writer.add([replace(document, item=archive.item_id("1"))])

    assert invariants.l3_only_what_is_catalogued_is_indexed(archive)
    assert any("found" in fault for fault in invariants.d7_nothing_of_a_tombstone_is_left(archive))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE items SET life = 'begun' WHERE n = {two}",
        "UPDATE batches SET done_at = NULL",
        "UPDATE holds SET status = 'evaluating'",
    ],
)
def test_what_waits_for_ever_is_seen(archive, statement):
    spoil(archive, statement.format(two=n_of(archive, "2")))

    assert invariants.l4_nothing_waits_after_a_clean_run(archive)


def test_an_item_never_indexed_is_seen(archive):
    with archive.office.index.writing() as writer:
        writer.remove([archive.item_id("2")])

    assert invariants.l4_nothing_waits_after_a_clean_run(archive)


def test_a_version_entered_twice_is_seen(archive):
    others = ", ".join(column.name for column in versions.columns if column.name != "n")
    copied = f"INSERT INTO versions (n, {others}) SELECT n + 100, {others} FROM versions"  # noqa: S608 - our own columns
    spoil(archive, f"{copied} WHERE item_n = :n", n=n_of(archive, "3"))

    assert invariants.l5_an_item_and_each_version_of_it_stand_once(archive)
    assert invariants.t3_every_deed_has_exactly_one_entry(archive)


def test_a_version_that_repeats_the_one_before_is_seen(archive):
    three = n_of(archive, "3")
    spoil(
        archive,
        "UPDATE versions SET fingerprint = (SELECT fingerprint FROM versions WHERE item_n ="
        " :n AND number = 1) WHERE item_n = :n",
        n=three,
    )

    assert invariants.l5_an_item_and_each_version_of_it_stand_once(archive)


def test_a_row_that_shows_a_version_it_has_not_is_seen(archive):
    spoil(archive, "UPDATE items SET version = 7 WHERE n = :n", n=n_of(archive, "3"))

    assert invariants.l5_a_rows_version_is_one_it_has(archive)
    assert invariants.t3_every_row_bears_its_seal(archive)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM growths",
        "DELETE FROM coverage WHERE hold_n = 3 AND item_n = {neighbour}",
        """UPDATE growths SET scope = '{{"threads": [], "authors": [], "called": []}}'""",
    ],
)
def test_a_neighbour_that_was_not_bound_is_seen(archive, statement):
    archive.issue_hold(query="zebra")
    both = frozenset(Neighbours)
    surrounding.take_in(archive.office.account, archive.person, "H-0002", both, review_days=9)
    archive.capture(a_comment("4", "a zebra", on="2", author="ann"))
    archive.capture(a_comment("5", "nothing", on="3", author="ann"))
    assert invariants.faults_of(archive) == []

    spoil(archive, statement.format(neighbour=n_of(archive, "5")))

    assert invariants.d2_what_lies_around_is_held_with_it(archive)


def test_a_namesake_who_was_not_named_is_seen(archive):
    archive.capture(a_comment("4", "nothing", on="2", author="ann"))
    archive.issue_hold(called=["ann"])
    archive.capture(a_comment("5", "nothing", on="3", author="ANN"))
    assert invariants.faults_of(archive) == []

    spoil(archive, "DELETE FROM growths")

    assert invariants.d2_who_is_called_as_a_hold_asks_is_named(archive)


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM plan_items", "UPDATE plans SET schedule = 'another'"],
)
def test_a_destruction_without_its_plan_is_seen(archive, statement):
    spoil(archive, statement)

    assert invariants.d5_what_was_begun_was_planned_under_its_schedule(archive)


@pytest.mark.parametrize("life", ["begun", "destroyed"])
def test_a_held_item_that_goes_is_seen(archive, life):
    spoil(archive, "UPDATE items SET life = :life WHERE n = :n", life=life, n=n_of(archive, "2"))

    assert invariants.d6_no_binding_hold_covers_what_is_being_destroyed(archive)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE versions SET item_n = {one}",
        "UPDATE attachments SET item_n = {one}",
        "INSERT INTO sightings VALUES (99, {one}, 0, 'hidden', '', '', '')",
        "INSERT INTO outbox VALUES (99, {one})",
        "INSERT INTO matches VALUES (99, {one}, '[]', '')",
        "INSERT INTO contents VALUES (99, 'a text of no version')",
    ],
)
def test_what_is_left_of_a_tombstone_is_seen(archive, statement):
    spoil(archive, statement.format(one=n_of(archive, "1")))

    assert invariants.d7_nothing_of_a_tombstone_is_left(archive)


def test_bytes_left_of_a_tombstone_are_seen(archive):
    data = b"left behind"
    ref = ObjectRef(archive.item_id("1"), Part.CONTENT, hashlib.sha256(data).hexdigest())
    archive.office.objects.keep([NewObject(ref, data)])

    assert invariants.d7_nothing_of_a_tombstone_is_left(archive)


def test_two_items_that_share_a_file_are_seen(archive):
    one, other = archive.objects("2")[0], archive.objects("3")[0]
    path = archive.path_of(other)
    path.unlink()
    os.link(archive.path_of(one), path)

    assert invariants.d8_no_two_items_share_a_file(archive)


def test_a_destruction_that_was_not_signed_for_is_seen(archive):
    two = n_of(archive, "2")
    archive.lift_hold("H-0001")
    spoil(archive, "UPDATE items SET life = 'begun', batch_n = 1 WHERE n = :n", n=two)
    for ref in archive.objects("2"):
        archive.path_of(ref).unlink()
    assert invariants.t1_the_signed_copy_knew_before_the_first_byte_went(archive) == []

    (archive.folder / "objects" / "ledger" / "checkpoint").unlink()

    assert invariants.t1_the_signed_copy_knew_before_the_first_byte_went(archive)
    assert invariants.t1_the_copy_is_up_to_date(archive)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET leaf = CAST(replace(leaf, 'by', 'yb') AS BLOB) WHERE seq = 5",
        "DELETE FROM ledger_entries WHERE seq = 3",
        "UPDATE ledger_entries SET subject = 'another' WHERE seq = 6",
    ],
)
def test_a_changed_ledger_is_seen(archive, statement):
    before = Look.at(archive)
    spoil(archive, statement)

    assert invariants.t2_the_ledger_is_the_tree_it_says(archive)
    assert invariants.t2_the_ledger_only_grew(archive, before) or "subject" in statement


def test_a_changed_copy_of_the_ledger_is_seen(archive):
    size = archive.office.account.copy.size()
    tile = archive.folder / "objects" / "ledger" / "tile" / "0" / "000.p" / str(size)
    data = tile.read_bytes()
    tile.chmod(0o644)
    tile.write_bytes(bytes([data[0] ^ 1]) + data[1:])

    assert invariants.t2_the_copy_is_what_was_signed(archive)


def test_a_text_in_the_ledger_is_seen(archive):
    assert invariants.t2_the_ledger_tells_no_text(archive, "disposition.begun")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM holds",
        "UPDATE holds SET status = 'lifted'",
        "DELETE FROM captures",
        "UPDATE batches SET done_at = NULL",
        "UPDATE versions SET number = number + 1",
    ],
)
def test_a_deed_without_its_entry_is_seen(archive, statement):
    spoil(archive, statement)

    assert invariants.t3_every_deed_has_exactly_one_entry(archive)


def test_bytes_that_went_without_intent_are_seen(archive):
    before = Look.at(archive)
    archive.path_of(archive.objects("2")[0]).unlink()

    assert invariants.d1_bytes_went_only_after_a_recorded_intent(archive, before)


def test_bytes_that_went_without_the_paper_of_their_batch_are_seen(archive):
    archive.lift_hold("H-0001")
    before = Look.at(archive)
    assert archive.purge().destroyed == 1
    assert invariants.d1_bytes_went_only_after_a_recorded_intent(archive, before) == []

    for paper in (archive.folder / "objects" / "papers" / "batch").iterdir():
        paper.unlink()

    assert invariants.d1_bytes_went_only_after_a_recorded_intent(archive, before)


def test_what_went_against_the_model_is_seen(archive):
    archive.lift_hold("H-0001")
    before = Look.at(archive)
    assert archive.purge().destroyed == 1

    assert invariants.d2_d3_only_what_might_go_was_begun(archive, before, set())
    assert not invariants.d2_d3_only_what_might_go_was_begun(
        archive, before, {archive.item_id("2")}
    )


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM items WHERE n = {one}", "UPDATE items SET life = 'live' WHERE n = {one}"],
)
def test_a_tombstone_that_vanished_or_came_back_is_seen(archive, statement):
    before = Look.at(archive)
    spoil(archive, statement.format(one=n_of(archive, "1")))

    assert invariants.t3_no_row_ever_vanished(archive, before)


# --- among people -----------------------------------------------------------------------------


@pytest.fixture
def among_people(tmp_path) -> Archive:
    """One item destroyed by a plan that people approved, and one by an order of a court."""
    return a_copy_of(_with_people, tmp_path)


def _with_people(folder: Path) -> Archive:
    archive = an_archive(folder, index="memory:")
    archive.capture(an_observation("1", TRANSITORY), an_observation("2", "A report"))
    chief = a_chief(archive)
    archive.clock.forward(days=70)
    archive.capture()
    assert carry_out(archive, an_approved_plan(archive, chief)).destroyed == 1
    text = an_order_text(folder)
    carried_out(archive, confirmed(archive, chief, text, Effect.DESTROY, "2"))
    return archive


def test_a_sound_archive_among_people_breaks_nothing(among_people):
    assert invariants.faults_of(among_people) == []
    assert invariants.d7_nothing_of_an_expunged_item_is_left(among_people) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE plans SET chain = '[\"records_custodian\"]'",
        'UPDATE plans SET "by" = (SELECT "by" FROM approvals)',
    ],
)
def test_what_went_without_the_word_of_another_is_seen(among_people, statement):
    spoil(among_people, statement)

    assert invariants.d4_d5_people_destroyed_what_others_had_approved(among_people)


def test_an_order_with_one_signer_is_seen(among_people):
    spoil(
        among_people,
        "UPDATE ledger_entries SET leaf = CAST(replace(leaf, 'order.confirmed', 'order.lifted')"
        " AS BLOB)",
    )

    assert invariants.d4_two_people_signed_every_order(among_people)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO coverage VALUES ({two}, 1)",
        "INSERT INTO departures VALUES ({two}, 1)",
        "INSERT INTO order_items VALUES (1, {two}, 'waiting')",
    ],
)
def test_a_row_that_points_at_an_expunged_item_is_seen(among_people, statement):
    spoil(among_people, statement.format(two=n_of(among_people, "2")))

    assert invariants.d7_nothing_of_an_expunged_item_is_left(among_people)


def test_a_paper_that_tells_of_an_expunged_item_is_seen(among_people):
    among_people.office.account.paper("plan", {"items": [among_people.item_id("2")]})

    assert invariants.d7_nothing_of_an_expunged_item_is_left(among_people)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM approvals",
        "UPDATE orders SET confirmed_at = NULL",
        "UPDATE orders SET status = 'lifted'",
        "UPDATE plans SET status = 'declined'",
    ],
)
def test_a_persons_deed_without_its_entry_is_seen(among_people, statement):
    spoil(among_people, statement)

    assert invariants.t3_every_deed_has_exactly_one_entry(among_people)


def test_an_expunction_that_was_not_signed_for_is_seen(among_people):
    spoil(among_people, "UPDATE items SET life = 'begun', batch_n = 0 WHERE page_n = 0")
    assert invariants.t1_the_signed_copy_knew_before_the_first_byte_went(among_people) == []

    (among_people.folder / "objects" / "ledger" / "checkpoint").unlink()

    assert invariants.t1_the_signed_copy_knew_before_the_first_byte_went(among_people)
