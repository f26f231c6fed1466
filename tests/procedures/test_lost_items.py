"""Items of which the ledger tells and a rebuild found nothing: lost, named, and found again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from archiver.catalogue import contents
from archiver.procedures import hold_report
from archiver.procedures import rebuild as rebuilding
from archiver.procedures.lost_items import lost_problems
from archiver.procedures.rebuild import rebuild
from archiver.procedures.verify import Verdict, verify
from archiver.records.identity import ObjectRef, Part
from tests.archive import TRANSITORY, Archive, an_archive, an_observation
from tests.procedures.test_rebuild import (
    FailingReader,
    Interrupted,
    lose_the_catalogue,
    rebuilder_of,
    rebuilt,
)

STOLEN = "Report of a stolen bicycle"


@pytest.fixture
def archive(tmp_path) -> Archive:
    """An archive with a report on which a person decided and that a hold covers by its words."""
    archive = an_archive(tmp_path)
    archive.capture(seen(), an_observation("2", TRANSITORY))
    archive.decide("1")
    archive.issue_hold(query="bicycle")
    return archive


def seen(text: str = STOLEN):
    return an_observation("1", text, attachments=["photo"])


def content_of(archive: Archive, native_id: str = "1") -> ObjectRef:
    (ref,) = (ref for ref in archive.objects(native_id) if ref.part is Part.CONTENT)
    return ref


def lose(archive: Archive) -> tuple[Path, bytes]:
    """Lose the bytes of what the report says, and rebuild; give where they lay, and what."""
    path = archive.path_of(content_of(archive))
    data = path.read_bytes()
    path.unlink()
    lose_the_catalogue(archive)
    assert rebuilt(archive).lost_items == (archive.item_id("1"),)
    return path, data


def looked_at(archive: Archive) -> Verdict:
    office = archive.office
    return verify(office.account, office.objects, office.index, share_read=1.0)


def lost_of(archive: Archive, hold: str) -> list[str]:
    report = hold_report.report(archive.office.account, hold)
    return [one.item for one in report.lost]


def test_what_a_rebuild_lost_is_named_by_the_hold_by_status_and_by_verify(archive):
    item = archive.item_id("1")
    assert lost_of(archive, "H-0001") == []
    assert lost_problems(archive.office.account) == ()

    lose(archive)

    (one,) = hold_report.report(archive.office.account, "H-0001").lost
    assert (one.item, bool(one.page), one.captured_at > 0) == (item, True, True)
    (problem,) = lost_problems(archive.office.account)
    assert problem.what.startswith("1 item is lost")
    assert problem.what.endswith("may be held by H-0001")
    assert "archiver rebuild" in problem.remedy
    (fault,) = (fault for fault in looked_at(archive).missing if fault.name == item)
    assert fault.why.startswith("lost: ")
    assert "archiver rebuild" in fault.why


def test_what_was_lost_and_its_bytes_found_comes_back_held_with_another_rebuild(archive):
    path, data = lose(archive)
    path.write_bytes(data)
    lose_the_catalogue(archive)

    result = rebuilt(archive)

    assert result.lost_items == ()
    assert archive.held_by("1") == ["H-0001"]
    assert lost_of(archive, "H-0001") == []
    assert lost_problems(archive.office.account) == ()
    assert looked_at(archive).ok


def test_what_was_lost_and_is_captured_anew_is_held_and_whole_after_another_rebuild(archive):
    decided = archive.item("1").basis
    lose(archive)
    archive.clock.forward(days=1)

    again = archive.capture(seen())

    assert (again.new, archive.held_by("1")) == (1, ["H-0001"])
    assert lost_of(archive, "H-0001") == []
    lose_the_catalogue(archive)
    assert rebuilt(archive).lost_items == ()
    assert archive.held_by("1") == ["H-0001"]
    assert archive.item("1").basis == decided
    assert looked_at(archive).ok
    archive.clock.forward(days=1)
    archive.capture(seen("Report of two stolen bicycles"))
    assert looked_at(archive).ok
    lose_the_catalogue(archive)
    assert rebuilt(archive).lost_objects == ()
    assert looked_at(archive).ok


@pytest.mark.parametrize("found", [True, False])
def test_what_was_lost_and_says_something_else_by_now_keeps_all_it_said(archive, found):
    path, data = lose(archive)
    archive.clock.forward(days=1)
    archive.capture(seen("Report of a bicycle found"))
    archive.clock.forward(days=1)
    archive.capture(seen("Nothing was found"))
    if found:
        path.write_bytes(data)
    lose_the_catalogue(archive)

    result = rebuilt(archive)

    assert (result.lost_items, len(result.lost_objects)) == ((), 0 if found else 1)
    assert archive.held_by("1") == ["H-0001"]
    assert archive.item("1").version == 3
    here = {ref.digest for ref in archive.objects("1") if ref.part is Part.CONTENT}
    assert {content_of_version(archive, number) for number in (2, 3)} <= here
    assert lost_problems(archive.office.account) == ()


def content_of_version(archive: Archive, number: int) -> str:
    with archive.office.catalogue.reading() as connection:
        rows = contents.versions_of(connection, archive.item("1").n)
    return next(row.digest for row in rows if row.number == number)


def test_an_item_of_which_one_version_is_there_is_not_lost(archive):
    first = content_of(archive)
    archive.clock.forward(days=1)
    archive.capture(seen("Report of two stolen bicycles"))
    archive.path_of(first).unlink()
    lose_the_catalogue(archive)

    result = rebuilt(archive)

    assert result.lost_items == ()
    assert [name.endswith(first.digest) for name in result.lost_objects] == [True]
    assert archive.held_by("1") == ["H-0001"]
    assert [fault.name.endswith(first.digest) for fault in looked_at(archive).missing] == [True]


def test_a_hold_tells_only_of_what_it_may_have_covered(archive):
    archive.issue_hold("2")
    archive.issue_hold("1")
    lose(archive)

    (by_name,) = hold_report.report(archive.office.account, "H-0003").lost

    assert lost_of(archive, "H-0002") == []
    assert by_name.item == archive.item_id("1")
    row, at = hold_report.report(archive.office.account, "H-0001").row, by_name.captured_at
    assert by_name.may_be_held(replace(row, lifted_at=at))
    assert not by_name.may_be_held(replace(row, lifted_at=at - 1))


def test_what_a_rebuild_lost_before_it_was_cut_short_is_named_as_well(archive, monkeypatch):
    archive.path_of(content_of(archive)).unlink()
    lose_the_catalogue(archive)
    monkeypatch.setattr(rebuilding, "SLICE", 1)
    rebuilder = rebuilder_of(archive)
    with pytest.raises(Interrupted):
        rebuild(replace(rebuilder, objects=FailingReader(rebuilder.objects, 1)))

    result = rebuilt(archive)

    assert (result.items, result.lost_items) == (1, ())
    assert lost_of(archive, "H-0001") == [archive.item_id("1")]
    assert len(lost_problems(archive.office.account)) == 1
