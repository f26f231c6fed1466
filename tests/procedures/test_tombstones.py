"""What stays of a destroyed item is what its series says: all of it, an id, or nothing told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.catalogue import items
from archiver.procedures import (
    certifying,
    dispose,
    finding,
    hold_report,
    plan_lines,
    planning,
    purging,
)
from archiver.records.errors import DestructionUnproven, NotFound
from archiver.records.schedules import Schedule
from archiver.records.series import Tombstone
from tests.archive import TRANSITORY, Archive, an_archive, an_observation
from tests.procedures.court import everything_under, whole
from tests.procedures.test_orders import StubbornStore
from tests.procedures.test_rebuild import check_the_same, dumped, lose_the_catalogue, rebuilt
from tests.proofs.invariants import told

SILENT = [Tombstone.OPAQUE, Tombstone.NONE]


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    archive = an_archive(tmp_path)
    archive.capture(
        an_observation("1"),
        an_observation("4", TRANSITORY),
        an_observation("5", TRANSITORY),
    )
    yield archive
    archive.office.close()


def leaving(archive: Archive, kind: Tombstone) -> Schedule:
    """Give the schedule as it would be if it left of transitory items a tombstone of *kind*."""
    schedule = archive.office.schedule
    series = dict(schedule.series)
    series["DEMO-100"] = replace(series["DEMO-100"], tombstone=kind)
    return replace(schedule, series=series)


def purge(archive: Archive, kind: Tombstone) -> int:
    office, schedule = archive.office, leaving(archive, kind)
    archive.clock.forward(days=100)
    archive.capture()
    with office.disposer() as disposer:
        return purging.purge(disposer, archive.person, schedule, carry_out_too=True).destroyed


def destroyed(archive: Archive, kind: Tombstone) -> None:
    assert purge(archive, kind) == 2


def papers_naming(archive: Archive, native_id: str) -> set[str]:
    papers: Path = archive.folder / "objects" / "papers"
    start = archive.item_id(native_id)[:12].encode()
    return {path.parent.name for path, data in everything_under(papers) if start in data}


def test_a_full_tombstone_says_where_and_when_and_of_which_series_it_was(archive):
    destroyed(archive, Tombstone.FULL)

    row = archive.item("4")

    assert (row.life, row.kind, row.series, row.batch_n) == ("destroyed", "post", "DEMO-100", 1)
    assert row.page_n > 0
    assert papers_naming(archive, "4") == {"plan_part", "batch", "certificate"}
    assert "disposition.untold" not in [leaf["k"] for leaf in told(archive)]


@pytest.mark.parametrize("kind", SILENT)
def test_a_silent_tombstone_says_nothing_but_the_certificate(archive, kind):
    before = archive.item("4")
    destroyed(archive, kind)

    row = archive.item("4")

    assert (row.n, row.item, row.life, row.batch_n) == (before.n, before.item, "destroyed", 1)
    assert (row.page_n, row.thread_n, row.kind, row.series, row.published_at) == (0, 0, "", "", 0)
    assert whole(archive)


def test_an_opaque_tombstone_is_named_by_its_certificate_and_none_by_the_ledger_alone(archive):
    destroyed(archive, Tombstone.OPAQUE)
    assert papers_naming(archive, "4") == {"plan_part", "batch", "certificate"}
    archive.capture(an_observation("7", TRANSITORY))

    assert purge(archive, Tombstone.NONE) == 1

    assert papers_naming(archive, "7") == {"plan_part"}
    untold = [leaf for leaf in told(archive) if leaf["k"] == "disposition.untold"]
    assert [leaf["d"]["i"] for leaf in untold] == [[archive.item_id("7")]]


@pytest.mark.parametrize("kind", Tombstone)
def test_the_certificate_counts_them_all_whatever_stays_of_them(archive, kind):
    destroyed(archive, kind)

    (certificate,) = certifying.certificates(archive.office.account, "D-000001")

    (series,) = certificate["series"]
    assert (series["number"], series["items"], series["versions"]) == ("DEMO-100", 2, 2)
    assert series["tombstone"] == kind.value
    assert series["bytes"] > 0
    assert len(certificate["items"]) == (0 if kind is Tombstone.NONE else 2)


@pytest.mark.parametrize("kind", Tombstone)
def test_whatever_stays_of_it_what_is_seen_again_is_not_captured_again_in_silence(archive, kind):
    destroyed(archive, kind)

    coverage = archive.capture(an_observation("4", TRANSITORY), an_observation("5"))

    assert (coverage.new, coverage.destroyed_before, coverage.expunged_before) == (0, 2, 0)
    assert coverage.certificates == {"D-000001"}


@pytest.mark.parametrize("kind", SILENT)
def test_asked_for_a_silent_tombstone_the_archive_names_the_certificate(archive, kind):
    destroyed(archive, kind)

    with pytest.raises(NotFound, match="disposed of under certificate D-000001"):
        finding.show(archive.office.catalogue, archive.item_id("4"))

    plan = planning.named(archive.office.account, "P-000001")
    lines = list(plan_lines.lines(archive.office.account, plan, archive.office.schedule))
    assert [line.page for line in lines] == ["", ""]


@pytest.mark.parametrize(
    ("kind", "within", "untold"), [(Tombstone.FULL, 2, 0), *((k, 0, 2) for k in SILENT)]
)
def test_the_report_of_a_hold_says_how_many_tombstones_do_not_tell_where_they_lay(
    archive, kind, within, untold
):
    destroyed(archive, kind)
    archive.issue_hold("1", pages=[])
    archive.issue_hold(pages=[archive.office.page_id(archive.page.name)])

    report = hold_report.report(archive.office.account, "H-0002")

    assert (sum(gone.items for gone in report.gone), report.untold) == (within, untold)


@pytest.mark.parametrize("kind", Tombstone)
def test_an_answer_says_how_many_are_already_gone(archive, kind):
    assert archive.search("patrol").gone == 0
    destroyed(archive, kind)

    answer = archive.search("patrol")

    assert (answer.of, answer.gone) == (1, 2)


@pytest.mark.parametrize("kind", Tombstone)
def test_every_kind_of_tombstone_comes_back_in_a_rebuild(archive, kind):
    destroyed(archive, kind)
    before = dumped(archive)
    lose_the_catalogue(archive)

    result = rebuilt(archive)

    assert (result.tombstones, result.lost_items, result.lost_objects) == (2, (), ())
    check_the_same(before, dumped(archive))
    assert whole(archive)


@pytest.mark.parametrize("bytes_are_gone", [False, True])
@pytest.mark.parametrize("kind", Tombstone)
def test_a_destruction_that_was_cut_short_and_rebuilt_still_leaves_its_kind(
    archive, kind, bytes_are_gone
):
    office, schedule = archive.office, leaving(archive, kind)
    archive.clock.forward(days=100)
    archive.capture()
    with office.disposer() as disposer:
        stubborn = replace(disposer, objects=StubbornStore())
        with pytest.raises(DestructionUnproven):
            purging.purge(stubborn, archive.person, schedule, carry_out_too=True)
        if bytes_are_gone:
            disposer.objects.destroy([archive.item_id("4"), archive.item_id("5")])
    lose_the_catalogue(archive)

    assert rebuilt(archive).unfinished == 2
    with archive.office.disposer() as disposer:
        assert dispose.finish_begun(disposer, archive.person).destroyed == 2

    row = archive.item("4")
    assert (row.life, row.batch_n) == (items.DESTROYED, 1)
    assert bool(row.page_n) is (kind is Tombstone.FULL)
    assert whole(archive)
