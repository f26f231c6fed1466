"""Proof from the ledger: receipts, anchors, the first bad entry, and a new signing key."""

from __future__ import annotations

import json
import shutil

import pytest
from sqlalchemy import text

from archiver.office.rekeying import change_signing_key
from archiver.procedures import hold, proof_of_item, review, stamping
from archiver.procedures.ledger_proof import first_difference, hold_against, prove, prove_entry
from archiver.procedures.rekeying import announce, changes
from archiver.procedures.verify_ledger import verify_ledger
from archiver.records.classification import Tag
from archiver.records.errors import (
    ArchiveBusy,
    FileRefused,
    LedgerDamaged,
    NotFound,
    NotPermitted,
    StampRefused,
)
from archiver.records.holds import Scope
from archiver.records.matters import NewMatter
from archiver.records.people import Means, Role, SignedIn
from tests.archive import SUBSTANTIVE, TRANSITORY, Archive, a_colleague, an_archive, an_observation


@pytest.fixture
def archive(tmp_path):
    made = an_archive(tmp_path, index="memory:")
    made.capture(*(an_observation(str(n), TRANSITORY) for n in range(5)))
    yield made
    made.office.close()


class Refusing:
    """An authority that gives nothing."""

    url = "https://stamps.example"
    id = "refusing"

    def stamp(self, data):
        raise StampRefused(f"{self.url}: {len(data)} bytes are not to its taste")


# --- receipts -----------------------------------------------------------------------------------


def test_an_item_is_proven_by_the_entry_that_tells_what_it_says_now(archive):
    first = prove(archive.office.account, archive.item_id("3"))
    archive.capture(an_observation("3", "It was edited."))
    edited = prove(archive.office.account, archive.item_id("3"))

    assert (first.kind, edited.kind) == ("item.captured", "item.edited")
    assert edited.index > first.index
    assert json.loads(edited.leaf)["s"] == archive.item_id("3")
    assert edited.proof.startswith(f"c2sp.org/tlog-proof@v1\nindex {edited.index}\n".encode())


def test_what_the_ledger_does_not_tell_of_is_not_proven(archive):
    account = archive.office.account

    with pytest.raises(NotFound, match="no item"):
        prove(account, "0" * 64)
    with pytest.raises(NotFound, match="no entry 99999"):
        prove_entry(account, 99_999)


# --- anchors ------------------------------------------------------------------------------------


def rolled_back(archive: Archive, kept) -> Archive:
    """Put the whole archive, catalogue and store, back to what it was when it was *kept*."""
    archive.office.close()
    shutil.rmtree(archive.folder)
    shutil.copytree(kept, archive.folder)
    return Archive(archive.folder.parent / "config.toml", archive.clock, archive.page)


@pytest.mark.sqlite("rolls back a file")
def test_an_account_that_was_rolled_back_whole_is_caught_by_an_anchor_kept_elsewhere(
    archive, tmp_path
):
    account = archive.office.account
    before = account.copy.note()
    archive.office.close()
    shutil.copytree(archive.folder, tmp_path / "kept")
    archive.reopen()
    archive.capture(an_observation("new"))
    after = archive.office.account.copy.note()
    archive = rolled_back(archive, tmp_path / "kept")

    found = hold_against(archive.office.account, [("before", before), ("after", after)])

    assert verify_ledger(archive.office.account).ok
    (fault,) = found.faults
    assert fault.startswith("anchor after: ")
    size = archive.office.account.copy.size()
    assert found.continued == size
    assert f"the first bad entry is one of {size} to " in fault
    archive.office.close()


def test_anchors_that_are_continued_are_no_fault(archive):
    notes = []
    for n in range(3):
        notes.append((f"{n}", archive.office.account.copy.note()))
        archive.capture(an_observation(f"more {n}"))

    found = hold_against(archive.office.account, notes)

    assert (found.checked, found.faults) == (3, ())


def test_the_first_entry_that_was_rewritten_is_named(archive):
    account = archive.office.account
    assert first_difference(account) is None

    with account.catalogue.writing() as desk:
        desk.connection.execute(
            text("UPDATE ledger_entries SET leaf = :leaf WHERE seq IN (4, 6)"),
            {"leaf": b'{"by":"p-1","k":"gap.closed","t":"2026-03-02T09:00:00Z"}'},
        )

    assert not verify_ledger(account).ok
    assert first_difference(account) == 4


@pytest.mark.sqlite("is about a database that keeps whatever is written")
def test_entries_that_are_no_bytes_and_of_no_moment_any_more_are_named_like_others(archive):
    account = archive.office.account
    with account.catalogue.writing() as desk:
        for edit in (
            "UPDATE ledger_entries SET leaf = CAST(leaf AS TEXT) WHERE seq = 4",
            "UPDATE ledger_entries SET at = 'never' WHERE seq = 5",
        ):
            desk.connection.execute(text(edit))

    found = verify_ledger(account)

    assert any(fault.startswith("entry 5: its columns") for fault in found.faults)
    assert first_difference(account) == 4


def test_an_anchor_is_left_once_in_the_folder_and_found_there_again(archive, tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    account = archive.office.account

    left = stamping.leave_anchor(account, folder)
    again = stamping.leave_anchor(account, folder)

    assert left == again
    assert list(stamping.anchors_in(folder)) == [(left.name, account.copy.note())]


def test_a_folder_that_is_not_mounted_is_a_problem_and_not_the_end(archive, tmp_path):
    account = archive.office.account

    with pytest.raises(FileRefused, match="No such file"):
        stamping.leave_anchor(account, tmp_path / "absent")
    problems = stamping.leave_word(account, archive.person, [Refusing()], tmp_path / "absent")

    assert [problem.subject for problem in problems] == ["time-stamp refusing", "anchor"]
    assert "not to its taste" in problems[0].detail


# --- the signing key ----------------------------------------------------------------------------


def test_a_new_key_signs_from_now_on_and_what_the_old_one_signed_stays_proven(archive):
    anchor = archive.office.account.copy.note()

    changed = change_signing_key(archive.office)
    archive.reopen()
    archive.capture(an_observation("after"))

    account = archive.office.account
    assert changes(account) == [(changed.old, changed.new)]
    assert archive.office.public_key == changed.new
    assert verify_ledger(account).ok
    assert hold_against(account, [("before", anchor)]).faults == ()
    assert prove(account, archive.item_id("0")).proof


def test_a_change_that_was_cut_short_is_finished_with_the_same_key(archive, monkeypatch):
    with monkeypatch.context() as around:
        around.setattr("archiver.ledger.keyring.follow", power_loss)
        with pytest.raises(PowerLoss):
            change_signing_key(archive.office)
    archive.reopen()
    archive.capture(an_observation("meanwhile"))

    changed = change_signing_key(archive.office)

    assert changes(archive.office.account) == [(changed.old, changed.new)]
    archive.reopen()
    assert verify_ledger(archive.office.account).ok


class PowerLoss(Exception):
    """The machine goes down before the files change hands."""


def power_loss(*_args: object) -> None:
    raise PowerLoss


def test_the_key_is_not_changed_under_a_running_scheduler(archive):
    running = archive.office.catalogue.exclusive("scheduler", wait=False)

    with running, pytest.raises(ArchiveBusy):
        change_signing_key(archive.office)


def test_a_past_key_the_ledger_does_not_tell_of_is_a_fault(archive):
    change_signing_key(archive.office)
    past = archive.folder / "keys" / "ledger.past"
    archive.reopen()
    stranger = archive.office.public_key
    past.write_text(past.read_text() + f"3 {stranger}\n")
    archive.reopen()

    found = verify_ledger(archive.office.account)

    assert any("past key" in fault for fault in found.faults)


def test_only_who_maintains_may_change_the_key(archive):
    clerk = SignedIn(person=a_colleague(archive, Role.CLERK), means=Means.OS_ACCOUNT)

    with pytest.raises(NotPermitted):
        announce(archive.office.account, clerk, old="a", new="b")
    assert changes(archive.office.account) == []


# --- an item's proof ----------------------------------------------------------------------------


def test_an_items_proof_tells_every_deed_on_it_its_holds_and_why_it_is_kept(archive):
    issued = hold.issue(
        archive.office.account,
        archive.person,
        matter=NewMatter(name="Doe v. City"),
        reason="claim received",
        scope=Scope(items=frozenset({archive.item_id("1")})),
    )

    held = proof_of_item.proof_of(
        archive.office.account, archive.office.schedule, archive.item_id("1")
    )
    free = proof_of_item.proof_of(
        archive.office.account, archive.office.schedule, archive.item_id("2")
    )

    assert [deed.kind for deed in held.deeds] == ["item.captured"]
    assert held.kept_because == (f"held {issued.hold}",)
    assert [deed.kind for deed in held.holds[issued.hold]] == ["hold.issued", "hold.bound"]
    assert free.holds == {}
    assert held.due == free.due is not None
    assert free.kept_because


def test_the_proof_says_when_people_could_approve_its_end_where_no_purge_may_take_it(archive):
    archive.capture(an_observation("9", SUBSTANTIVE))
    item, office = archive.item_id("9"), archive.office
    deed = {"tag": Tag.SUBSTANTIVE, "series": "DEMO-200", "reason": "an answer"}
    review.decide(office.account, office.objects, archive.person, office.schedule, item, **deed)

    proof = proof_of_item.proof_of(office.account, office.schedule, item)

    assert proof.kept_because == (f"period_runs DEMO-200 until {proof.due}",)


def test_a_tombstones_proof_tells_of_it_without_a_day(archive):
    archive.clock.forward(days=100)
    archive.capture(*(an_observation(str(n), TRANSITORY) for n in range(5)))
    archive.purge()

    proof = proof_of_item.proof_of(
        archive.office.account, archive.office.schedule, archive.item_id("1")
    )

    assert (proof.due, proof.kept_because) == (None, ())
    assert proof.deeds


def test_the_text_of_an_item_is_in_no_deed_of_its_proof(archive):
    archive.capture(an_observation("9", SUBSTANTIVE))
    proof = proof_of_item.proof_of(
        archive.office.account, archive.office.schedule, archive.item_id("9")
    )

    assert "patrol" not in repr(proof)


def test_a_copy_that_cannot_be_read_gives_no_first_difference(archive):
    account = archive.office.account
    account.shelf.place({"ledger/checkpoint": b"not a note"})

    with pytest.raises(LedgerDamaged):
        first_difference(account)
