"""A long purge: the bytes of one group go while the next begins, and no rule gives way to that."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from itertools import pairwise

import pytest

from archiver.objects.folder import FolderStore
from archiver.office.disposing import destroyer_of
from archiver.procedures import dispose
from archiver.records.errors import DestructionUnproven, ObjectError
from tests.archive import TRANSITORY, an_observation
from tests.proofs import invariants
from tests.proofs.invariants import told

NAMES = [str(n) for n in range(12)]


class Watched:
    """A store that notes how far the ledger's signed copy had come whenever bytes were to go."""

    def __init__(self, objects, archive, *, refuses="", fails_at=0):
        self._objects, self._archive = objects, archive
        self._refuses, self._fails_at = refuses, fails_at
        self.asked = []

    def destroy(self, owners):
        self.asked.append((list(owners), self._archive.office.account.copy.checkpoint().size))
        if len(self.asked) == self._fails_at:
            raise ObjectError("the disk does not answer")
        if self._refuses in owners:
            raise DestructionUnproven(f"{self._refuses} is still listed")
        return self._objects.destroy(owners)


@pytest.fixture
def lapsed(archive, monkeypatch):
    """An archive of twelve items that are due, which go in six groups of one batch each."""
    monkeypatch.setattr(dispose, "BATCH", 2)
    monkeypatch.setattr(dispose, "GROUP", 1)
    archive.capture(*(an_observation(name, TRANSITORY) for name in NAMES))
    archive.let_pass(days=100)
    return archive


def purge_with(archive, **told_of_the_store):
    """Carry out what is due with a store that is watched; give the store and what it came to."""
    plan = archive.plan()
    with archive.office.disposer() as opened:
        store = Watched(opened.objects, archive, **told_of_the_store)
        on = archive.office.account.today()
        receipt = dispose.carry_out_as_far(
            replace(opened, objects=store), archive.person, plan, archive.office.schedule, on=on
        )
    return store, receipt


def entries(archive, kind):
    """Give the place in the ledger of each entry of *kind*, by the batch it is about."""
    return {leaf["s"]: n for n, leaf in enumerate(told(archive)) if leaf["k"] == kind}


def batch_of(archive):
    """Give the name of the batch that each item went in."""
    query = "SELECT item, batch FROM items JOIN batches ON batches.n = items.batch_n"
    return {row["item"]: row["batch"] for row in invariants.rows(archive, query)}


def test_no_byte_goes_before_the_signed_copy_says_that_it_will(lapsed):
    store, receipt = purge_with(lapsed)

    begun, batch = entries(lapsed, "disposition.begun"), batch_of(lapsed)
    assert receipt.destroyed == len(NAMES)
    assert len(store.asked) == len(begun) == 6
    assert all(begun[batch[one]] < signed for owners, signed in store.asked for one in owners)
    assert invariants.t1_the_copy_is_up_to_date(lapsed) == []


def test_the_next_group_has_begun_before_the_one_before_it_is_done(lapsed):
    purge_with(lapsed)

    begun, done = entries(lapsed, "disposition.begun"), entries(lapsed, "disposition.done")
    names = sorted(begun)
    assert names == sorted(done)
    assert all(begun[name] < done[name] for name in names)
    pairs = list(pairwise(names))
    assert all(begun[second] < done[first] for first, second in pairs)
    assert all(done[first] < done[second] for first, second in pairs)


def test_what_the_store_refuses_of_one_group_stays_begun_and_every_other_goes(lapsed):
    refused = lapsed.item_id("5")

    _, receipt = purge_with(lapsed, refuses=refused)

    batch = batch_of(lapsed)
    with_it = {one for one in batch if batch[one] == batch[refused]}
    assert receipt.destroyed == len(NAMES) - len(with_it)
    assert refused in str(receipt.refusal)
    lives = {name: lapsed.item(name).life for name in NAMES}
    assert {lapsed.item_id(name) for name in NAMES if lives[name] == "begun"} == with_it


@pytest.mark.parametrize("at", [1, 3, 6])
def test_what_stops_between_groups_is_finished_by_the_next_run(lapsed, at):
    _, receipt = purge_with(lapsed, fails_at=at)
    gone = [name for name in NAMES if lapsed.item(name).life == "destroyed"]
    left = [name for name in NAMES if lapsed.item(name).life == "begun"]

    with lapsed.office.disposer() as disposer:
        resumed = dispose.finish_begun(disposer, lapsed.person).destroyed
    lapsed.purge()

    assert "does not answer" in str(receipt.refusal)
    assert receipt.destroyed == len(gone) < len(NAMES)
    assert resumed == len(left) >= 2
    assert {lapsed.item(name).life for name in NAMES} == {"destroyed"}
    assert sorted(entries(lapsed, "disposition.begun")) == sorted(batch_of(lapsed).values())[::2]
    assert [leaf["k"] for leaf in told(lapsed)].count("disposition.done") == 6


def test_a_folder_destroys_many_by_a_process_of_its_own(tmp_path):
    """The office's opening with the right to destroy hands the right on, and to nobody else."""
    with closing(FolderStore(tmp_path, create=True, may_destroy=True)) as store:
        with destroyer_of(store) as destroyer:
            assert destroyer.destroy([f"{n:064x}" for n in range(2_000)]) == 0
        assert not hasattr(destroyer, "keep")
