"""Visits that could not be made: each leaves a record, with its gap and the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath

import pytest

from archiver.jobs.work import look_around
from archiver.ports import KeptObject
from archiver.procedures.visiting import capture_all
from archiver.records.captures import CaptureStatus, Coverage, GapReason
from archiver.records.errors import AddressRefused, ConfigInvalid, ObjectError
from archiver.records.pages import FetchSettings, PageSettings
from connectors.fetching import Pace, paced_by
from connectors.fetching.pace import process_pace
from tests.archive import Archive, ScriptedPlatform, ScriptedSource, an_archive, an_observation
from tests.proofs import invariants
from tests.proofs.invariants import rows, told


@pytest.fixture
def archive(tmp_path) -> Iterator[Archive]:
    archive = an_archive(tmp_path, index="memory:")
    yield archive
    assert invariants.faults_of(archive) == []
    archive.office.close()


class Closed(ScriptedPlatform):
    """A connector that cannot open its page."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> ScriptedSource:
        del page, fetching, deposit
        raise self.error


class Paced(ScriptedPlatform):
    """A connector that notes the pace by which it is to ask."""

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> ScriptedSource:
        self.pace = process_pace()
        return super().open(page, fetching, deposit=deposit)


class FullStore:
    """A store on a full disk."""

    def keep(self, objects: object) -> list[KeptObject]:
        del objects
        raise ObjectError("the disk is full")


def visit(archive: Archive, **page: object) -> Coverage:
    settings = replace(archive.page, **page)
    (coverage,) = archive.office.capture([settings], by=archive.person)
    return coverage


def records(archive: Archive) -> list[tuple[str, str]]:
    query = """SELECT c.status, g.why FROM captures c JOIN gaps g ON g.capture_n = c.n
        WHERE c.ended_at IS NOT NULL ORDER BY c.n"""
    return [(row["status"], row["why"]) for row in rows(archive, query)]


def test_every_visit_keeps_the_pace_of_whoever_asks_for_it(archive):
    archive.office.connectors["scripted"] = paced = Paced()

    with paced_by(Pace()) as pace:
        visit(archive)

    assert paced.pace is pace


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (AddressRefused("it is at 10.0.0.7, a private address"), "refused_address"),
        (ConfigInvalid("items_are is not one of them"), "not_opened"),
        (ZeroDivisionError(), "unreadable"),
    ],
    ids=repr,
)
def test_a_page_that_cannot_be_opened_leaves_a_failed_capture_with_its_reason(archive, error, why):
    archive.office.connectors["scripted"] = Closed(error)

    coverage = visit(archive)

    assert (coverage.status, [gap.why.value for gap in coverage.gaps]) == ("failed", [why])
    assert records(archive) == [("failed", why)]
    (page,) = look_around(archive.office).standing.pages
    assert (page.status, page.gaps, page.whole_at) == ("failed", 1, None)
    assert [leaf["d"]["st"] for leaf in told(archive) if leaf["k"] == "capture.ended"] == ["failed"]


def test_a_page_whose_token_is_missing_is_not_visited_without_it(archive):
    coverage = visit(archive, secret_missing=True)

    assert archive.platform.asked == []
    assert records(archive) == [("failed", "permission_lost")]
    assert "token_env" in coverage.gaps[0].detail


def test_a_store_that_fails_half_way_leaves_a_failed_capture(archive):
    visitor = replace(archive.office.visitor(archive.person), objects=FullStore())
    page, office = archive.page, archive.office
    archive.platform.shows = [an_observation("1")]

    (coverage,) = capture_all(visitor, [(archive.platform, page, lambda: office.source(page))])

    assert [gap.why for gap in coverage.gaps] == [GapReason.NOT_KEPT]
    assert records(archive) == [("failed", "not_kept")]


def test_the_next_whole_visit_closes_the_gap_of_one_that_could_not_be_made(archive):
    visit(archive, secret_missing=True)

    assert visit(archive).status is CaptureStatus.COMPLETE

    assert rows(archive, "SELECT * FROM gaps WHERE closed_at IS NULL") == []


def test_a_page_that_another_visits_is_told_as_busy_and_its_record_is_the_others(archive):
    visit(archive)
    (page,) = rows(archive, "SELECT n FROM pages")

    with archive.office.catalogue.exclusive(f"page {page['n']}"):
        coverage = visit(archive)

    assert (coverage.status, coverage.gaps[0].why) == (CaptureStatus.FAILED, GapReason.BUSY)
    assert len(rows(archive, "SELECT * FROM captures")) == 1


def test_a_failed_visit_moves_neither_look_back_nor_cursor(archive):
    visit(archive)
    before = rows(archive, "SELECT whole_at, walked_at, looked_at FROM pages")
    archive.clock.forward(days=1)

    visit(archive, secret_missing=True)

    assert rows(archive, "SELECT whole_at, walked_at, looked_at FROM pages") == before
