"""Papers under items that were flipped or removed behind the archiver are named, every one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from archiver.catalogue import tables
from archiver.procedures import review
from archiver.procedures.item_papers import PaperStriker
from archiver.procedures.restricting import restrict, unrestrict
from archiver.procedures.strays import find_strays
from archiver.procedures.triggering import enter_trigger
from archiver.procedures.verify import Verdict, verify
from archiver.procedures.verify_findings import object_name
from archiver.records.captures import Actor, PlatformState
from archiver.records.classification import Tag
from archiver.records.identity import ObjectRef, Part
from archiver.records.series import Trigger
from tests.archive import Archive, a_copy_of, an_archive, an_observation, gone
from tests.procedures.test_locked_reasons import NAME, Called
from tests.procedures.test_rebuild import lose_the_catalogue, rebuilt
from tests.procedures.test_verify import edit, names, spoil

SLOTS = ("decision", "declaration", "restriction", "sighting", "trigger")
EVERY = [(slot, place) for slot in SLOTS for place in range(2)]
"""Of each kind there are two under the item: what was said again left the former there."""


@pytest.fixture
def archive(tmp_path) -> Archive:
    return a_copy_of(_spoken_of, tmp_path)


def _spoken_of(folder: Path) -> Archive:
    """Everything is said of one item, twice; nothing of the other."""
    archive = an_archive(folder)
    archive.capture(an_observation("1"), an_observation("2"))
    for state in (PlatformState.HIDDEN, PlatformState.NOT_VISIBLE):
        archive.clock.forward(days=1)
        seen = replace(gone("1", state), actor=Actor.UNKNOWN, source="s", remark=f"by {NAME}")
        archive.capture(seen)
    for say_of_access in (restrict, unrestrict):
        archive.clock.forward(days=1)
        office, wanted = archive.office, [archive.item_id("1")]
        account, objects, signed = office.account, office.objects, office.sign_in()
        who = signed if say_of_access is unrestrict else archive.person
        say_of_access(account, objects, who, wanted, reason=f"{NAME} asked")
        review.declare(account, objects, signed, wanted[0], reason=f"{NAME} asked")
        day = account.today() - timedelta(days=1)
        enter_trigger(
            account, objects, signed, wanted, Trigger.CASE_CLOSED, day, reason=f"{NAME} asked"
        )
        review.decide(
            account,
            objects,
            archive.person,
            office.schedule,
            wanted[0],
            tag=Tag.SUBSTANTIVE,
            series="DEMO-200",
            reason=f"{NAME} asked",
        )
    return archive


def proved(archive: Archive, share: float = 1.0) -> Verdict:
    office = archive.office
    return verify(office.account, office.objects, office.index, share_read=share)


def papers(archive: Archive, slot: str) -> list[ObjectRef]:
    """Give what lies in *slot* under the item, in order."""
    return sorted(ref for ref in archive.objects("1") if ref.slot == slot)


def flip(archive: Archive, ref: ObjectRef) -> None:
    """Change one bit in the middle of an object."""
    data = bytearray(archive.path_of(ref).read_bytes())
    data[len(data) // 2] ^= 1
    spoil(archive, ref, bytes(data))


def struck(archive: Archive) -> None:
    """Take the name out of every paper, as an order does."""
    office = archive.office
    with office.disposer() as disposer:
        striker = PaperStriker(
            account=office.account, keeper=office.objects, destroyer=disposer.objects
        )
        assert striker.strike(Called(), frozenset()) == []


def test_an_item_of_which_everything_was_said_is_whole(archive):
    here = [ref.slot for ref in archive.objects("1") if ref.part is Part.PAPER]

    assert sorted(here) == sorted(slot for slot, _ in EVERY)
    found = proved(archive)
    assert found.ok
    assert not found.stray


@pytest.mark.parametrize(("slot", "place"), EVERY)
def test_a_paper_that_was_removed_is_missing_and_no_other(archive, slot, place):
    gone_now = papers(archive, slot)[place]
    archive.path_of(gone_now).unlink()

    found = proved(archive, share=0.0)

    assert names(found.missing) == {object_name(gone_now)}
    assert not any((found.damaged, found.edited, found.stray))
    assert not found.ok


@pytest.mark.parametrize(("slot", "place"), EVERY)
def test_a_paper_with_a_flipped_bit_is_damaged_and_no_other(archive, slot, place):
    changed = papers(archive, slot)[place]
    flip(archive, changed)

    found = proved(archive)

    assert names(found.damaged) == {object_name(changed)}
    assert not any((found.missing, found.edited, found.stray))
    assert not found.ok


@pytest.mark.parametrize("slot", SLOTS)
def test_one_paper_removed_and_the_other_flipped_are_both_named(archive, slot):
    gone_now, changed = papers(archive, slot)
    archive.path_of(gone_now).unlink()
    flip(archive, changed)

    found = proved(archive)

    assert names(found.missing) == {object_name(gone_now)}
    assert names(found.damaged) == {object_name(changed)}


def test_what_an_order_left_of_papers_is_whole(archive):
    struck(archive)

    found = proved(archive)

    assert found.ok
    assert not found.stray


@pytest.mark.parametrize("slot", SLOTS)
def test_what_an_order_left_of_a_paper_is_missing_once_it_is_removed(archive, slot):
    before = papers(archive, slot)
    struck(archive)
    archive.path_of(papers(archive, slot)[0]).unlink()

    found = proved(archive, share=0.0)

    assert len(found.missing) == 1
    assert names(found.missing) < {object_name(ref) for ref in before}


@pytest.mark.parametrize("slot", SLOTS)
def test_what_an_order_left_of_a_paper_is_named_where_it_was_flipped(archive, slot):
    before = papers(archive, slot)
    struck(archive)
    left = papers(archive, slot)[0]
    flip(archive, left)

    found = proved(archive)

    assert len(found.missing) == 1
    assert names(found.missing) < {object_name(ref) for ref in before}
    assert names(found.damaged) == {object_name(left)}
    assert not found.stray


@pytest.mark.parametrize("slot", SLOTS)
def test_a_rebuild_names_a_paper_that_is_gone_beside_one_that_was_flipped(archive, slot):
    gone_now, changed = papers(archive, slot)
    archive.path_of(gone_now).unlink()
    flip(archive, changed)
    lose_the_catalogue(archive)

    assert object_name(gone_now) in rebuilt(archive).lost_objects


@pytest.mark.parametrize("slot", ["declaration", "restriction", "trigger"])
def test_no_paper_is_a_stray_whose_entry_is_gone_from_the_catalogue(archive, slot):
    """The row says that it happened: the entry was taken from the catalogue, and not the deed."""
    word = {"declaration": "item.declared", "trigger": "item.triggered"}.get(slot, "%restricted")
    entries = tables.ledger_entries
    edit(archive, delete(entries).where(entries.c.kind.like(word)))

    assert find_strays(archive.office.account, archive.office.objects) == []
