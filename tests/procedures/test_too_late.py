"""What a platform shows for a time alone, and nobody came in time: told once, and for good.

An account on X is visited over a loopback socket; its search reaches back seven days.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from archiver.catalogue.items import LIVE
from archiver.procedures.verify import verify
from archiver.records.captures import CaptureStatus, Coverage, GapReason
from tests.archive import Archive, an_archive
from tests.connectors.platforms import FIRST_MOMENT, patient_pace
from tests.connectors.x_platform import XPlatform
from tests.proofs import invariants
from tests.proofs.invariants import rows

LOOPBACK = '[fetching]\nallow_private_hosts = ["127.0.0.1"]\n'
BEFORE_US = "answers of 2011-05-01 to 2026-02-23"
"""What a first visit on 2 March is too late for: the account is of 2011."""


@pytest.fixture
def platform() -> Iterator[XPlatform]:
    with XPlatform() as platform, patient_pace():
        yield platform


@pytest.fixture
def archive(platform, tmp_path) -> Iterator[Archive]:
    archive = an_archive(tmp_path, index="memory:", page=platform.page())
    with archive.config_file.open("a", encoding="utf-8") as config:
        config.write(LOOPBACK)
    archive.reopen()
    archive.clock.now = FIRST_MOMENT
    yield archive
    assert invariants.faults_of(archive) == []
    archive.office.close()


def night(archive: Archive, platform: XPlatform, *, after: float = 1, **how: bool) -> Coverage:
    """Visit the account so many days after the last visit."""
    platform.now = archive.clock.forward(days=after)
    (coverage,) = archive.office.capture([archive.page], by=archive.person, **how)
    return coverage


def numbered(number: int) -> str:
    return str(1_900_000_000_000_000_000 + number)


def wanting(coverage: Coverage) -> list[str]:
    assert {gap.why for gap in coverage.gaps} <= {GapReason.TOO_LATE}
    return [gap.what for gap in coverage.gaps]


def open_gaps(archive: Archive) -> list[str]:
    return [row["what"] for row in rows(archive, "SELECT what FROM gaps WHERE closed_at IS NULL")]


def test_a_first_visit_tells_once_which_answers_it_came_too_late_for(archive, platform):
    platform.publish("The road is closed.")

    first, second = night(archive, platform, after=0), night(archive, platform)

    assert (first.status, wanting(first)) == (CaptureStatus.PARTIAL, [BEFORE_US])
    assert (second.status, second.gaps, second.lasting) == (CaptureStatus.COMPLETE, [], 1)
    assert second.since is not None, "the first visit counts as walked to its end"
    assert open_gaps(archive) == [BEFORE_US]


@pytest.mark.parametrize("how", [{}, {"light": True}, {"full": True}])
def test_ten_days_without_a_visit_leave_a_gap_that_names_three_of_them_once(archive, platform, how):
    post = platform.publish("The road is closed.")
    night(archive, platform, after=0)
    lost = platform.comment(post, "For how long?", at=FIRST_MOMENT + timedelta(days=1))
    late = platform.comment(post, "Still?", at=FIRST_MOMENT + timedelta(days=5))

    after = night(archive, platform, after=10, **how)
    later = [night(archive, platform, light=light) for light in (True, False, False)]

    assert (after.status, wanting(after)) == (
        CaptureStatus.PARTIAL, ["answers of 2026-03-02 to 2026-03-05"],
    )  # fmt: skip
    assert [(each.status, each.gaps) for each in later] == [(CaptureStatus.COMPLETE, [])] * 3
    assert later[-1].lasting == 2
    assert open_gaps(archive) == [BEFORE_US, "answers of 2026-03-02 to 2026-03-05"]
    assert archive.item(numbered(late)).life == LIVE
    with pytest.raises(KeyError):
        archive.item(numbered(lost))


def test_a_week_without_a_visit_leaves_no_gap(archive, platform):
    platform.publish("The road is closed.")
    night(archive, platform, after=0)

    assert night(archive, platform, after=7).status is CaptureStatus.COMPLETE


def test_where_the_whole_archive_is_searched_nothing_is_too_late(archive, platform):
    post = platform.publish("The road is closed.")
    options = {**archive.page.options, "full_search": True}
    archive.page = replace(archive.page, options=options)
    said = platform.comment(post, "For how long?", at=FIRST_MOMENT + timedelta(days=1))

    visits = [night(archive, platform, after=0), night(archive, platform, after=10)]

    assert [each.status for each in visits] == [CaptureStatus.COMPLETE] * 2
    assert archive.item(numbered(said)).life == LIVE


def test_what_came_too_late_stands_in_the_record_and_is_no_fault_of_it(archive, platform):
    platform.publish("The road is closed.")
    night(archive, platform, after=0)
    night(archive, platform, after=10)
    night(archive, platform)

    office = archive.office
    assert verify(office.account, office.objects, office.index).whole
