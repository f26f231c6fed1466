"""Not as kept: an order destroys what is there, and says what was gone or cut before it began."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from archiver.catalogue import expunging as rows
from archiver.printing import as_pdf
from archiver.procedures.expunging import resume_orders
from archiver.procedures.order_outcomes import outcomes
from archiver.procedures.order_sheets import outcome_sheet
from archiver.procedures.ordering import called
from archiver.records.errors import ObjectMissing
from archiver.records.identity import Part
from archiver.records.orders import Effect
from tests.archive import Archive
from tests.procedures.court import NATIVE, carried_out, confirmed, planted, whole
from tests.procedures.test_approving import read_back
from tests.procedures.test_not_as_kept import SPOILS, gone, part_of
from tests.proofs.invariants import told


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    archive = planted(tmp_path)
    yield archive
    archive.office.close()


def said(archive: Archive, name: str) -> list[int]:
    """Give what each carrying out says of how many items were not as kept, and its paper too."""
    every = outcomes(archive.office.account, name)
    count = sum(one["not_as_kept"] for one in every)
    printed = read_back(as_pdf(outcome_sheet(name, every)))
    assert ("Not as kept" in printed) == (count > 0)
    return [one["not_as_kept"] for one in every]


def named_when_begun(archive: Archive) -> list[str]:
    begun = [leaf["d"] for leaf in told(archive) if leaf["k"] == "order.begun"]
    return [one["i"][at] for one in begun for at in one.get("l", [])]


@pytest.mark.parametrize("part", [Part.CONTENT, Part.ATTACHMENT])
@pytest.mark.parametrize("how", SPOILS)
def test_what_was_spoilt_before_goes_and_is_said(archive, chief, text, how, part):
    name = confirmed(archive, chief, text, Effect.DESTROY, "3", NATIVE, "4")
    item = archive.item_id(NATIVE)
    SPOILS[how](part_of(archive, NATIVE, part))

    row = carried_out(archive, name).row

    assert (row.status, row.destroyed) == ("carried_out", 3)
    assert named_when_begun(archive) == [item]
    assert said(archive, name) == [1]
    assert archive.objects(NATIVE) == []
    assert whole(archive)


def test_of_what_was_as_kept_nothing_is_said(archive, chief, text):
    name = confirmed(archive, chief, text, Effect.DESTROY, "3", NATIVE)

    carried_out(archive, name)

    assert named_when_begun(archive) == []
    assert said(archive, name) == [0]


@pytest.mark.parametrize("spoilt", [True, False])
def test_what_went_by_our_own_hand_before_a_crash_counts_as_kept(
    archive, chief, text, monkeypatch, spoilt
):
    name = confirmed(archive, chief, text, Effect.DESTROY, "3", NATIVE)
    if spoilt:
        gone(part_of(archive, "3"))

    def die(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(rows, "strike", die)
        with pytest.raises(KeyboardInterrupt):
            carried_out(archive, name)
    assert archive.objects(NATIVE) == []

    with archive.office.disposer() as disposer:
        resume_orders(disposer, archive.person)

    assert called(archive.office.account, name).status == "carried_out"
    assert said(archive, name) == [1 if spoilt else 0]


def test_what_a_hold_keeps_is_said_once_it_goes(archive, chief, text):
    name = confirmed(archive, chief, text, Effect.DESTROY, "3", NATIVE)
    archive.issue_hold("3")
    for native_id in ("3", NATIVE):
        gone(part_of(archive, native_id))
    carried_out(archive, name)
    assert (said(archive, name), named_when_begun(archive)) == ([1], [archive.item_id(NATIVE)])

    archive.lift_hold("H-0001")
    carried_out(archive, name)

    assert said(archive, name) == [1, 1]
    assert called(archive.office.account, name).destroyed == 2


def test_a_store_that_does_not_answer_begins_nothing(archive, chief, text, monkeypatch):
    name = confirmed(archive, chief, text, Effect.DESTROY, NATIVE)

    def silent(*_args):
        raise ObjectMissing("no answer")

    with archive.office.disposer() as disposer, monkeypatch.context() as broken:
        broken.setattr(type(disposer.keeper), "looked_at", silent)
        with pytest.raises(ObjectMissing):
            carried_out(archive, name)

    assert archive.item(NATIVE).life == "live"
    assert "order.begun" not in [leaf["k"] for leaf in told(archive)]
