"""Not as kept: what was gone or cut before we destroyed it stays, and is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from archiver.procedures import dispose, purging, triggering
from archiver.procedures.certifying import certificates
from archiver.procedures.errands import Receipt
from archiver.procedures.purging import Purged
from archiver.procedures.verify import Verdict, verify
from archiver.records.classification import Tag
from archiver.records.errors import ObjectDamaged
from archiver.records.identity import ObjectRef, Part
from archiver.records.series import Trigger
from tests.archive import SUBSTANTIVE, TRANSITORY, Archive, a_comment, an_observation
from tests.proofs.invariants import told

WHY = ("bytes_not_as_kept DEMO-100",)
PHOTO = "photo"


def gone(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    data = path.read_bytes()
    write(path, data[:-1])


def flipped(path: Path) -> None:
    data = path.read_bytes()
    write(path, data[:-2] + bytes([data[-2] ^ 1]) + data[-1:])


def led_elsewhere(path: Path) -> None:
    """Leave a link in the place of a file: what it leads to is not in the store."""
    elsewhere = path.with_name("elsewhere")
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


def write(path: Path, data: bytes) -> None:
    path.unlink()
    path.write_bytes(data)


SPOILS: Mapping[str, Callable[[Path], None]] = {"gone": gone, "cut": cut}


def part_of(archive: Archive, native_id: str, part: Part = Part.CONTENT) -> Path:
    [ref] = [ref for ref in archive.objects(native_id) if ref.part is part]
    return archive.path_of(ref)


def carried_out(archive: Archive) -> Receipt:
    """Plan, and carry out as far as the store lets go."""
    office, account = archive.office, archive.office.account
    plan = archive.plan()
    with office.disposer() as disposer:
        return dispose.carry_out_as_far(
            disposer, archive.person, plan, office.schedule, on=account.today()
        )


def stayed(archive: Archive) -> dict[str, tuple[str, ...]]:
    return dict(carried_out(archive).stayed)


def verified(archive: Archive, *, share_read: float = 1.0) -> Verdict:
    office = archive.office
    return verify(office.account, office.objects, office.index, share_read=share_read)


def named(verdict: Verdict) -> set[str]:
    return {fault.name.split(".")[0] for fault in (*verdict.missing, *verdict.damaged)}


@pytest.fixture
def mended() -> dict[Path, bytes]:
    """The files that a test spoils, as they were: put back at its end, as from a backup."""
    return {}


@pytest.fixture
def spoil(archive, mended):  # noqa: ARG001 - it is put back before the archive is looked at
    def spoil(path: Path, how: Callable[[Path], None]) -> None:
        mended[path] = path.read_bytes()
        how(path)

    yield spoil
    for path, data in mended.items():
        path.unlink(missing_ok=True)
        path.write_bytes(data)


@pytest.mark.parametrize("how", SPOILS)
def test_what_was_spoilt_before_stays_is_named_and_goes_once_it_is_mended(
    archive, spoil, mended, how
):
    archive.capture(*(an_observation(n, TRANSITORY) for n in "123"))
    archive.let_pass(days=100)
    path = part_of(archive, "2")
    spoil(path, SPOILS[how])

    receipt = carried_out(archive)

    assert receipt.destroyed == 2
    assert list(receipt.stayed) == [(archive.item_id("2"), WHY)]
    assert isinstance(receipt.refusal, ObjectDamaged)
    assert archive.item_id("2")[:12] in str(receipt.refusal)
    assert named(verified(archive)) == {archive.item_id("2")}
    [paper] = certificates(archive.office.account, receipt.batches[0])
    assert paper["count"] == 2
    assert paper["exceptions"] == [[archive.item_id("2"), list(WHY)]]
    entered = [leaf["d"] for leaf in told(archive) if leaf["k"] == "disposition.stayed"]
    assert entered == [{"n": 1, "i": [archive.item_id("2")]}]

    assert carried_out(archive).destroyed == 0, "and again, night by night"
    path.unlink(missing_ok=True)
    path.write_bytes(mended.pop(path))
    again = carried_out(archive)
    assert (again.destroyed, again.refusal) == (1, None)
    assert verified(archive).whole


@pytest.mark.parametrize("how", SPOILS)
def test_a_file_of_an_item_is_looked_for_too(archive, spoil, how):
    archive.capture(an_observation("1", TRANSITORY, attachments=(PHOTO,)))
    archive.decide("1", "DEMO-100", tag=Tag.TRANSITORY, reason="a greeting")
    archive.let_pass(days=100)
    spoil(part_of(archive, "1", Part.ATTACHMENT), SPOILS[how])

    assert stayed(archive) == {archive.item_id("1"): WHY}
    assert named(verified(archive)) == {archive.item_id("1")}


def test_an_older_version_counts_as_much(archive, spoil):
    archive.capture(an_observation("1", TRANSITORY))
    [before] = archive.objects("1")
    archive.clock.forward(days=1)
    archive.capture(an_observation("1", TRANSITORY + " Again!"))
    archive.decide("1", "DEMO-100", tag=Tag.TRANSITORY, reason="a greeting")
    archive.let_pass(days=100)
    spoil(archive.path_of(before), gone)

    assert stayed(archive) == {archive.item_id("1"): WHY}


def test_a_link_is_not_what_was_kept(archive, spoil):
    archive.capture(an_observation("1", TRANSITORY))
    archive.let_pass(days=100)
    spoil(part_of(archive, "1"), led_elsewhere)

    assert stayed(archive) == {archive.item_id("1"): WHY}


def test_a_thread_stays_whole_where_one_of_it_is_spoilt(archive, spoil):
    archive.capture(an_observation("1", TRANSITORY), a_comment("2", TRANSITORY, on="1"))
    archive.decide("2", "DEMO-100", tag=Tag.TRANSITORY, reason="a greeting")
    archive.let_pass(days=100)
    spoil(part_of(archive, "2"), gone)

    assert stayed(archive) == {
        archive.item_id("1"): (f"thread: {WHY[0]}",),
        archive.item_id("2"): WHY,
    }


def test_the_paper_of_a_persons_decision_is_looked_for(archive, spoil):
    archive.capture(an_observation("1", SUBSTANTIVE))
    archive.decide("1", "DEMO-100", tag=Tag.TRANSITORY, reason="a greeting")
    archive.let_pass(days=100)
    spoil(part_of(archive, "1", Part.PAPER), gone)

    assert stayed(archive) == {archive.item_id("1"): WHY}
    assert named(verified(archive)) == {archive.item_id("1")}


def test_what_lies_there_besides_keeps_nothing(archive):
    """A crash may leave bytes without a row under an item: they go with it, as ever."""
    archive.capture(an_observation("1", TRANSITORY))
    archive.let_pass(days=100)
    [ref] = archive.objects("1")
    beside = archive.path_of(ObjectRef(ref.owner, Part.CONTENT, "0" * 64))
    beside.write_bytes(b"?")

    assert carried_out(archive).destroyed == 1
    assert not beside.exists()


def test_a_purge_says_so_after_all_the_rest_is_done(archive, spoil):
    archive.capture(*(an_observation(n, TRANSITORY) for n in "12"))
    archive.let_pass(days=100)
    spoil(part_of(archive, "1"), gone)
    result = Purged()

    with archive.office.disposer() as disposer, pytest.raises(ObjectDamaged):
        purging.purge(
            disposer, archive.person, archive.office.schedule, carry_out_too=True, result=result
        )

    assert (result.due, result.destroyed, list(result.stayed)) == (
        2,
        1,
        [(archive.item_id("1"), WHY)],
    )


def test_what_was_begun_before_is_finished_whatever_of_it_is_left(archive, monkeypatch):
    """Its bytes may have gone by our own hand."""
    archive.capture(an_observation("1", TRANSITORY))
    archive.let_pass(days=100)

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(dispose, "_finish", die)
        with pytest.raises(KeyboardInterrupt):
            carried_out(archive)
    assert archive.item("1").life == "begun"
    assert archive.objects("1") == []

    with archive.office.disposer() as disposer:
        finished = dispose.finish_begun(disposer, archive.person)

    assert (finished.destroyed, finished.refusal) == (1, None)
    assert verified(archive).whole


def test_a_plan_of_which_all_stays_is_void_and_the_entry_names_it(archive, spoil):
    archive.capture(an_observation("1", TRANSITORY))
    archive.let_pass(days=100)
    spoil(part_of(archive, "1"), gone)

    receipt = carried_out(archive)

    assert (receipt.destroyed, receipt.batches) == (0, [])
    entries = {leaf["k"]: leaf.get("d") for leaf in told(archive)}
    assert entries["disposition.stayed"]["i"] == [archive.item_id("1")]
    assert entries["disposition.ended"] == {"n": 0, "st": "void"}


def test_what_has_the_right_size_is_not_read(archive, spoil, mended):
    """Reading takes longer: `verify --read-data`, run before, names what was altered."""
    archive.capture(an_observation("1", TRANSITORY))
    archive.let_pass(days=100)
    path = part_of(archive, "1")
    spoil(path, flipped)
    assert named(verified(archive)) == {archive.item_id("1")}
    del mended[path]

    assert carried_out(archive).destroyed == 1


def test_what_a_person_said_of_an_item_lies_under_it_and_is_looked_for(archive, spoil):
    archive.capture(an_observation("1", TRANSITORY))
    office, item = archive.office, archive.item_id("1")
    day, why = office.account.today(), "the fair is over"
    triggering.enter_trigger(
        office.account,
        office.objects,
        office.sign_in(),
        [item],
        Trigger.EVENT_OVER,
        day,
        reason=why,
    )
    archive.let_pass(days=100)
    spoil(part_of(archive, "1", Part.PAPER), gone)

    assert stayed(archive) == {item: WHY}
    assert named(verified(archive)) == {item}
