from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, literal, select, text, update

from archiver.catalogue import contents, disposals, items, tables
from archiver.office.verifying import verify_office
from archiver.ports import NewObject
from archiver.procedures import dispose
from archiver.procedures.verify import Verdict, chance, verify
from archiver.procedures.verify_findings import object_name
from archiver.procedures.verify_items import SHARDS, ItemCheck, passes
from archiver.records.errors import DestructionUnproven, LedgerDamaged, ObjectError
from archiver.records.holds import Scope
from archiver.records.identity import ObjectRef, Part, sha256
from tests.archive import (
    TRANSITORY,
    Archive,
    a_comment,
    a_copy_of,
    an_archive,
    an_observation,
)


def proved(archive: Archive, share: float = 1.0) -> Verdict:
    office = archive.office
    return verify(office.account, office.objects, office.index, share_read=share)


def names(faults) -> set[str]:
    return {fault.name for fault in faults}


@pytest.fixture
def archive(tmp_path) -> Archive:
    """Three items, one edited, one with a file; a person decided on the second."""
    return a_copy_of(_decided_on, tmp_path)


def _decided_on(folder: Path) -> Archive:
    archive = an_archive(folder)
    archive.capture(
        an_observation("1", TRANSITORY, author="city", title="Friday"),
        an_observation("2", "Report of a stolen bicycle", attachments=["photo"]),
        a_comment("3", "It was red \ud83d", on="2", author="bob"),
    )
    archive.capture(an_observation("2", "Report of two stolen bicycles", attachments=["photo"]))
    archive.decide("2", reason="a report")
    return archive


def edit(archive: Archive, statement) -> None:
    """Change the catalogue behind the archive's back."""
    with archive.office.catalogue.writing_raw() as connection:
        connection.execute(statement)


def spoil(archive: Archive, ref: ObjectRef, data: bytes) -> None:
    path = archive.path_of(ref)
    path.chmod(0o644)
    path.write_bytes(data)


def content_of(archive: Archive, native_id: str) -> ObjectRef:
    return next(ref for ref in archive.objects(native_id) if ref.part is Part.CONTENT)


def test_an_archive_nobody_touched_is_whole(archive):
    found = proved(archive)

    assert found.ok
    assert (found.items, found.objects, found.read) == (3, 6, 6)
    assert found.ledger.ok
    assert found.ledger.behind == 0
    assert (found.index.indexed, found.index.of) == (3, 3)


@pytest.mark.parametrize("part", [Part.CONTENT, Part.ATTACHMENT, Part.PAPER])
def test_every_object_with_a_flipped_bit_is_named_and_no_other(archive, part):
    refs = [ref for ref in archive.objects() if ref.part is part]
    for ref in refs:
        data = bytearray(archive.path_of(ref).read_bytes())
        data[len(data) // 2] ^= 1
        spoil(archive, ref, bytes(data))

    found = proved(archive)

    assert names(found.damaged) == {object_name(ref) for ref in refs}
    assert not any((found.missing, found.edited, found.stray))
    assert not found.ok


def test_without_reading_a_flipped_bit_goes_unseen_and_a_truncated_object_does_not(archive):
    flipped, cut = content_of(archive, "1"), content_of(archive, "3")
    spoil(archive, flipped, archive.path_of(flipped).read_bytes()[:-1] + b" ")
    spoil(archive, cut, archive.path_of(cut).read_bytes()[:-1])

    found = proved(archive, share=0.0)

    assert names(found.damaged) == {object_name(cut)}
    assert found.read == 0


def test_exactly_the_objects_that_were_removed_are_missing(archive):
    gone = [content_of(archive, "1"), *archive.objects("2")]
    for ref in gone:
        archive.path_of(ref).unlink()

    found = proved(archive, share=0.0)

    assert names(found.missing) == {object_name(ref) for ref in gone}
    assert not any((found.damaged, found.edited, found.stray))
    assert not found.ok


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("tag", "transitory"),
        ("series", "DEMO-100"),
        ("basis", "rule"),
        ("removed_at", 1),
        ("captured_at", 1),
        ("cooling_until", 1),
        ("life", "destroyed"),
        ("published_at", 1),
        ("author", "someone"),
        ("restricted", "person"),
        ("seal", "0" * 32),
    ],
)
def test_a_row_edited_behind_us_is_named(archive, column, value):
    item = archive.item_id("2")
    edit(
        archive,
        update(tables.items).where(tables.items.c.item == item).values({column: value}),
    )

    found = proved(archive, share=0.0)

    assert names(found.edited) == {item}
    assert not found.ok


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("text", "Report of no bicycle", "text"),
        ("published", 1, "published_at"),
        ("kind", "comment", "kind"),
        ("author", ["eve", "", "", ""], "author"),
        ("links", ["https://elsewhere.example"], "links"),
        ("attachments", [], "attachments"),
    ],
)
def test_a_text_edited_behind_us_differs_from_its_object(archive, key, value, said):
    n = archive.item("2").n
    with archive.office.catalogue.reading() as connection:
        version = connection.scalar(
            select(tables.versions.c.n).where(
                tables.versions.c.item_n == n, tables.versions.c.number == 2
            )
        )
        body = connection.scalar(
            select(tables.contents.c.body).where(tables.contents.c.n == version)
        )
    body = json.dumps(json.loads(body) | {key: value})
    edit(
        archive,
        update(tables.contents).where(tables.contents.c.n == version).values(body=body),
    )

    found = proved(archive)

    assert names(found.edited) == {archive.item_id("2")}
    assert any(said in fault.why for fault in found.edited)
    assert not any((found.damaged, found.missing))


@pytest.mark.parametrize("body", ["{}", "[]", "", "not JSON", '{"author": 1}'])
def test_a_text_that_is_none_any_more_is_named_and_the_rest_is_looked_at(archive, body):
    archive.issue_hold(query="bicycles")
    version = select(tables.versions.c.n).where(tables.versions.c.item_n == archive.item("2").n)
    edit(archive, update(tables.contents).where(tables.contents.c.n.in_(version)).values(body=body))
    gone = content_of(archive, "1")
    archive.path_of(gone).unlink()

    found = proved(archive)

    why = {fault.why for fault in found.edited if fault.name == archive.item_id("2")}
    assert why >= {f"the text of version {number} cannot be read" for number in (1, 2)}
    assert object_name(gone) in names(found.missing)


@pytest.mark.parametrize(
    ("column", "value"),
    [("seal", "0" * 32), ("captured_at", 1), ("fingerprint", "0" * 64), ("number", 7)],
)
@pytest.mark.parametrize("number", [1, 2])
def test_the_row_of_a_version_edited_behind_us_is_named(archive, column, value, number):
    versions = tables.versions.c
    mine = (versions.item_n == archive.item("2").n) & (versions.number == number)
    edit(archive, update(tables.versions).where(mine).values({column: value}))

    found = proved(archive)

    assert names(found.edited) == {archive.item_id("2")}
    assert not any((found.damaged, found.missing, found.stray))


def test_a_version_that_was_sealed_anew_for_another_text_still_differs_from_its_object(archive):
    """Whoever had the key could seal an edit; a closer look at the object still tells it."""
    n = archive.item("1").n
    key = archive.office.keys.archive
    with archive.office.catalogue.reading() as connection:
        (version,) = contents.versions_of(connection, n)
        content = contents.content_of_version(connection, version.n)
    text = contents.body(replace(content, text="Saturday"))
    row = archive.item("1")
    shows = (row.kind, row.published_at + 1, row.author)
    seal = version.true_seal(key, row.item, shows, text)
    own = tables.versions.c.n == version.n
    edit(archive, update(tables.versions).where(own).values(seal=seal))
    edit(archive, update(tables.contents).where(tables.contents.c.n == version.n).values(body=text))

    (fault,) = proved(archive).edited

    assert fault.name == row.item
    assert "text" in fault.why


def test_versions_that_say_different_things_are_whole(archive):
    archive.capture(an_observation("1", TRANSITORY, author="mayor", title="Friday!"))
    archive.capture(an_observation("1", TRANSITORY, author="city", title="Saturday"))

    found = proved(archive)

    assert found.ok
    assert found.read == found.objects == 8


@pytest.mark.parametrize(
    ("column", "value"), [("last_activity", 1), ("page_n", 99), ("thread", "0" * 64), ("seal", "")]
)
def test_the_row_of_a_thread_edited_behind_us_is_named(archive, column, value):
    thread = tables.threads
    two = archive.item("2").thread_n
    if column == "page_n":
        pages = tables.pages
        others = {c.name: c for c in pages.columns if c.name not in {"n", "page"}}
        edit(
            archive,
            insert(pages).from_select(
                ["n", "page", *others], select(literal(99), literal("p" * 64), *others.values())
            ),
        )
    edit(archive, update(thread).where(thread.c.n == two).values({column: value}))

    found = proved(archive)

    named = value if column == "thread" else archive.item_id("2")
    assert named in {f.name for f in found.edited if "thread" in f.why}
    assert archive.item_id("1") not in names(found.edited)
    assert not found.ok


def test_an_item_whose_thread_has_no_row_any_more_is_named(archive):
    two = archive.item("2").thread_n
    edit(archive, delete(tables.threads).where(tables.threads.c.n == two))

    found = proved(archive)

    assert names(found.missing) == {archive.item_id("2"), archive.item_id("3")}
    assert {fault.why for fault in found.missing} == {"the row of its thread is gone"}


def test_a_thread_stays_named_when_something_stirs_it(archive):
    edit(archive, update(tables.threads).values(last_activity=1))

    later = archive.clock.forward(days=1)
    archive.capture(
        a_comment("4", "Blue", on="2", at=later), an_observation("5", "A whole one", at=later)
    )

    found = proved(archive)
    broken = {f.name for f in found.edited if "thread" in f.why}
    assert broken == {archive.item_id("1"), archive.item_id("2")}


def test_several_processes_find_what_one_finds(archive):
    gone, spoilt = content_of(archive, "1"), content_of(archive, "3")
    archive.path_of(gone).unlink()
    spoil(archive, spoilt, archive.path_of(spoilt).read_bytes()[:-1] + b" ")
    alone = proved(archive)

    together = verify_office(archive.office, share_read=1.0, progress=lambda _count: None, many=1)

    assert together == alone
    assert names(together.missing) == {object_name(gone)}
    assert names(together.damaged) == {object_name(spoilt)}


def test_a_process_that_dies_while_it_verifies_leaves_no_verdict(archive):
    others = multiprocessing.active_children()

    def end_one(_count: int) -> None:
        begun = [one for one in multiprocessing.active_children() if one not in others]
        for one in begun[:1]:
            os.kill(one.pid, signal.SIGKILL)

    with pytest.raises(ObjectError, match="has died: nothing was proven") as refused:
        verify_office(archive.office, share_read=1.0, progress=end_one, many=1)

    assert "Verify again" in refused.value.remedy


def test_columns_that_do_not_follow_from_the_objects_are_named_even_under_a_good_seal(archive):
    row = archive.item("1")
    for changed in (
        replace(row, kind="reply"),
        replace(row, author="0" * 64),
        replace(row, published_at=row.published_at + 1),
        replace(row, fingerprint="0" * 64),
    ):
        with archive.office.catalogue.writing() as desk:
            items.change(desk.connection, [changed.sealed(archive.office.keys.archive)])

        assert names(proved(archive).edited) == {row.item}


def test_the_row_of_a_version_that_is_gone_is_told_as_that_and_not_as_a_stray(archive):
    n = archive.item("2").n
    with archive.office.catalogue.writing_raw() as connection:
        connection.execute(
            delete(tables.versions).where(
                tables.versions.c.item_n == n, tables.versions.c.number == 1
            )
        )

    found = proved(archive)

    assert archive.item_id("2") in names(found.edited)
    assert not found.stray
    assert not found.ok


def test_an_item_whose_row_was_deleted_is_missing_and_its_bytes_are_no_strays(archive):
    item, n = archive.item_id("1"), archive.item("1").n
    objects = {object_name(ref) for ref in archive.objects("1")}
    with archive.office.catalogue.writing_raw() as connection:
        told_in = (tables.versions, tables.matches, tables.sightings, tables.decisions)
        for table in (*told_in, tables.outbox):
            connection.execute(delete(table).where(table.c.item_n == n))
        connection.execute(delete(tables.items).where(tables.items.c.n == n))

    found = proved(archive)

    assert item in names(found.missing)
    assert names(found.edited) == objects
    assert not found.stray


@pytest.mark.sqlite("PostgreSQL lets nobody take a row that others name")
def test_what_an_item_whose_row_was_taken_left_behind_is_named(archive):
    number = archive.item("2").n
    with archive.office.catalogue.writing_raw() as connection:
        cursor = connection.connection.cursor()
        cursor.execute("COMMIT")
        cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute("DELETE FROM items WHERE n = ?", (number,))
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("BEGIN")

    verdict = proved(archive)

    left = {f"item number {number} in {table}" for table in ("versions", "attachments")}
    assert left < names(verdict.edited)
    assert archive.item_id("1") not in names(verdict.missing)
    assert not verdict.ok


def test_what_was_struck_of_a_destroyed_item_tells_of_none(archive):
    archive.let_pass(100)
    assert archive.purge().destroyed == 1

    assert proved(archive).ok


def test_strays_are_named_and_alone_leave_the_archive_whole(archive):
    data = b"kept by a capture that died"
    lone = ObjectRef("0" * 64, Part.CONTENT, sha256(data))
    beside = ObjectRef(archive.item_id("1"), Part.CONTENT, sha256(data))
    archive.office.objects.keep([NewObject(lone, data), NewObject(beside, data)])

    found = proved(archive)

    assert set(found.stray) == {object_name(lone), object_name(beside)}
    assert found.ok


def test_bytes_of_a_destroyed_item_that_came_back_are_damage(archive):
    ref = content_of(archive, "1")
    data = archive.path_of(ref).read_bytes()
    archive.clock.forward(days=100)
    archive.capture()
    assert archive.purge().destroyed == 1
    assert proved(archive).ok
    archive.path_of(ref).write_bytes(data)

    found = proved(archive)

    assert names(found.damaged) == {object_name(ref)}
    assert not found.ok


def test_a_tombstone_that_still_tells_its_text_is_damage(archive):
    n = archive.item("1").n
    archive.clock.forward(days=100)
    archive.capture()
    archive.purge()
    with archive.office.catalogue.writing_raw() as connection:
        connection.execute(
            tables.matches.insert().values(n=999, item_n=n, words='["friday"]', seal="")
        )

    assert names(proved(archive).damaged) == {archive.item_id("1")}


class Interrupted(Exception):
    """A process that died."""


class DyingStore:
    """Dies before the first byte goes."""

    def destroy(self, owners):
        del owners
        raise Interrupted

    def destroy_objects(self, refs):
        del refs
        raise DestructionUnproven("never")


def test_a_destruction_begun_and_not_done_is_named_until_it_is_finished(archive):
    archive.clock.forward(days=100)
    archive.capture()
    plan = archive.plan()
    office = archive.office
    dying = dispose.Disposer(
        account=office.account, objects=DyingStore(), keeper=office.objects, index=office.index
    )
    with pytest.raises(Interrupted):
        dispose.carry_out(dying, archive.person, plan, office.schedule, on=office.account.today())

    found = proved(archive)

    (begun,) = found.unfinished
    with office.catalogue.reading() as connection:
        taken = [row.item for row in disposals.of_batch(connection, 1)]
    assert (begun.name, begun.items, begun.blocked) == ("D-000001", taken, [])
    assert (len(taken), found.index.begun) == (1, 1)
    assert not any((found.missing, found.damaged, found.edited, found.stray))
    assert not found.ok
    assert (found.index.ok, found.index.condition) == (True, "finishing")

    with office.disposer() as disposer:
        dispose.finish_begun(disposer, archive.person)
    assert proved(archive).ok


def test_a_lagging_copy_of_the_ledger_is_said_and_is_no_fault(archive):
    account = archive.office.account
    kept, account.copy.bring_up_to = account.copy.bring_up_to, lambda *_args: None
    archive.capture(an_observation("9", "A late one"))

    lagging = proved(archive)
    account.copy.bring_up_to = kept
    account.acknowledge()

    assert lagging.ledger.behind > 0
    assert lagging.ok
    assert proved(archive).ledger.behind == 0


@pytest.mark.parametrize("lost", ["checkpoint", ""])
def test_a_copy_of_the_ledger_that_was_lost_whole_is_missing_until_the_next_deed(archive, lost):
    copy = archive.folder / "objects" / "ledger" / lost
    copy.unlink() if copy.is_file() else shutil.rmtree(copy)

    found = proved(archive)
    archive.office.account.acknowledge()
    mended = proved(archive)

    assert found.ledger.missing == ("ledger/checkpoint",)
    assert not found.ok
    assert (mended.ok, mended.ledger.signed) == (True, found.ledger.entries)


def test_an_entry_rewritten_behind_us_is_named_though_its_columns_agree(archive):
    entries = tables.ledger_entries
    with archive.office.catalogue.writing_raw() as connection:
        leaf = connection.scalar(select(entries.c.leaf).where(entries.c.seq == 3))
        forged = leaf.replace(b'"k":"', b'"k": "')
        connection.execute(update(entries).where(entries.c.seq == 3).values(leaf=forged))

    found = proved(archive)

    assert not found.ledger.ok
    assert not found.ok


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("kind", "item.classified"),
        ("kind", "no.such.kind"),
        ("at", 1),
        ("by", "p-somebody"),
        ("subject", "0" * 64),
    ],
)
def test_an_entry_whose_columns_do_not_follow_from_its_leaf_is_named(archive, column, value):
    entries = tables.ledger_entries
    edit(archive, update(entries).where(entries.c.seq == 3).values({column: value}))

    found = proved(archive)

    assert "entry 3: its columns do not follow from its leaf" in found.ledger.faults
    assert not found.ok


@pytest.mark.parametrize("leaf", [b"{}", b"[]", b"\xff", b'{"by":"p","k":"item.captured"}'])
def test_an_entry_that_cannot_be_read_is_named(archive, leaf):
    entries = tables.ledger_entries
    edit(archive, update(entries).where(entries.c.seq == 3).values(leaf=leaf))

    found = proved(archive)

    assert "entry 3: its leaf cannot be read" in found.ledger.faults
    assert not found.ok


@pytest.mark.parametrize("frontier", [b"", b"x", b"\xff" * 9])
def test_a_head_nobody_can_read_is_named_and_so_are_entries(archive, frontier):
    entries = tables.ledger_entries
    edit(archive, update(tables.ledger_head).values(frontier=frontier))
    edit(archive, update(entries).where(entries.c.seq == 3).values(leaf=b"{}"))

    found = proved(archive)

    assert {"the head cannot be read", "entry 3: its leaf cannot be read"} <= set(
        found.ledger.faults
    )
    with pytest.raises(LedgerDamaged, match="the head"):
        archive.capture(an_observation("9"))


@pytest.mark.parametrize("seal", ["", "0" * 64])
def test_a_head_that_does_not_bear_its_seal_is_named(archive, seal):
    edit(archive, update(tables.ledger_head).values(seal=seal))

    found = proved(archive)

    assert found.ledger.faults == ("the head does not bear its seal: it was edited behind us",)
    assert not found.ok


@pytest.mark.sqlite("is about a database that keeps whatever is written")
def test_a_head_that_is_no_bytes_any_more_is_named_like_others(archive):
    edit(archive, text("UPDATE ledger_head SET frontier = frontier || 'x'"))

    assert "the head cannot be read" in proved(archive).ledger.faults


def test_an_entry_that_was_removed_is_named(archive):
    entries = tables.ledger_entries
    edit(archive, delete(entries).where(entries.c.seq == 3))

    found = proved(archive)

    assert "entries 3 to 3 are missing" in found.ledger.faults
    assert not found.ok


@pytest.mark.parametrize("other", ["ab\ncd", "ab cd", "ab", "", "A" * 64])
def test_a_row_whose_id_was_made_none_is_named_and_so_is_the_item_that_lost_it(archive, other):
    item = archive.item_id("3")
    edit(archive, update(tables.items).where(tables.items.c.item == item).values(item=other))

    found = proved(archive)

    assert ascii(other) in names(found.edited)
    assert item in names(found.missing)


def test_rows_read_by_parts_say_what_they_say_together(archive):
    check = ItemCheck(archive.office.account, archive.office.objects, reads=chance(1))
    together = check.check_rows(SHARDS)

    by_number = [check.check_rows(SHARDS, first=n, stop=n + 1) for n in range(5)]
    by_shard = [
        check.check_rows(shards) for shards in passes(archive.office.account, few=0, remembered=1)
    ]

    assert len(by_shard) > 1
    for parts in (by_number, by_shard):
        told = sorted(told for part in parts for told in part.kept.items())
        assert told == sorted(together.kept.items())
        assert sum(part.found.items for part in parts) == together.found.items == 3


def test_an_item_captured_after_its_rows_were_read_is_no_stray(archive):
    check = ItemCheck(archive.office.account, archive.office.objects, reads=chance(1))
    rows = check.check_rows(SHARDS)
    archive.capture(an_observation("4", "Captured meanwhile"))

    found = [check.check_objects(shard, rows.kept.get(shard, "")) for shard in SHARDS]

    assert not any(part.faulty or part.stray for part in found)
    assert sum(part.read for part in found) == sum(part.objects for part in found) == 7


def test_a_damaged_tile_of_the_copy_is_named(archive):
    entries = archive.folder / "objects" / "ledger" / "tile" / "entries" / "000.p"
    tile = max(entries.iterdir(), key=lambda path: int(path.name))
    tile.chmod(0o644)
    tile.write_bytes(tile.read_bytes().replace(b"item", b"itsm"))

    found = proved(archive)

    assert [name.split("/")[-3:] for name in found.ledger.damaged] == [list(tile.parts[-3:])]
    assert not found.ok


def test_a_hold_whose_coverage_row_went_missing_is_named(archive):
    issued = archive.issue_hold(query="bicycles")
    assert proved(archive).ok
    edit(archive, delete(tables.coverage))

    found = proved(archive)

    assert names(found.uncovered) == {archive.item_id("2")}
    assert issued.hold in found.uncovered[0].why
    assert not found.ok


@pytest.mark.parametrize(
    "change",
    [
        {"status": "lifted"},
        {"review_on": 999_999},
        {"reason": "another"},
        {"scope": json.dumps(Scope(pages=frozenset({"x"})).to_json())},
    ],
)
def test_a_hold_edited_behind_us_is_named(archive, change):
    issued = archive.issue_hold("1")
    assert proved(archive).ok
    edit(archive, update(tables.holds).values(change))

    found = proved(archive)

    assert issued.hold in names(found.edited)
    assert not found.ok


@pytest.mark.sqlite("keeps whatever is written where a number stood")
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("scope", "{}"),
        ("scope", json.dumps(Scope(query={"version": 9}).to_json())),
        ("status", "actve"),
        ("evaluated_to", "far"),
    ],
)
def test_a_hold_nobody_can_read_is_named_and_the_others_are_asked(archive, column, value):
    broken, other = archive.issue_hold("1"), archive.issue_hold("2")
    assert proved(archive).ok
    edit(archive, delete(tables.coverage))
    mine = tables.holds.c.hold == broken.hold
    edit(archive, update(tables.holds).where(mine).values({column: literal(value)}))

    found = proved(archive)

    assert broken.hold in names(found.edited)
    assert names(found.uncovered) == {archive.item_id("2")}
    assert other.hold in found.uncovered[0].why


def test_a_matter_nobody_can_read_is_named_and_so_is_its_hold(archive):
    issued = archive.issue_hold("1")
    edit(archive, update(tables.matters).values(kind="litigaton"))

    found = proved(archive)

    assert issued.hold in names(found.edited)
    assert any(
        fault.why.endswith("in the matters is not what the ledger tells: kind")
        for fault in found.edited
    )


def test_a_hold_that_was_lifted_by_a_person_is_no_fault(archive):
    issued = archive.issue_hold("1")
    archive.lift_hold(issued.hold)

    assert proved(archive).ok


def test_an_index_that_lacks_an_item_without_knowing_is_said(archive):
    with archive.office.index.writing() as writer:
        writer.remove([archive.item_id("1")])

    found = proved(archive)

    assert (found.index.indexed, found.index.of) == (2, 3)
    assert (found.index.condition, found.whole, found.ok) == ("differs", False, True)


def test_an_index_that_is_behind_or_missing_is_said_and_loses_nothing(archive):
    assert proved(archive).index.condition == "whole"

    archive.capture(an_observation("7"), index=False)
    behind = proved(archive)

    archive.office.index.close()
    missing = proved(archive)

    assert (behind.index.waiting, behind.index.condition) == (1, "behind")
    assert behind.ok
    assert behind.whole
    assert (missing.index.indexed, missing.index.condition) == (None, "unavailable")
    assert missing.ok
    assert not missing.whole


def test_a_sample_reads_about_its_share():
    dice = chance(0.25)

    assert 100 < sum(dice() for _ in range(1000)) < 400
    assert not any(chance(0)() for _ in range(10))
    assert all(chance(1)() for _ in range(10))
