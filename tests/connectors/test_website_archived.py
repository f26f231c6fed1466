"""A website in the archive: what two nights leave there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from archiver.procedures.capture import capture
from archiver.records.captures import CaptureStatus, Coverage, PlatformState
from connectors.website import CONNECTOR
from connectors.website.listing import identity
from tests.archive import Archive, an_archive
from tests.connectors.platforms import PICTURE, fetching, patient_pace
from tests.connectors.website_platform import WebsitePlatform
from tests.proofs.invariants import rows

ITSELF = 1
"""The profile: what the site says of itself."""


@pytest.fixture
def site() -> Iterator[WebsitePlatform]:
    with patient_pace(), WebsitePlatform() as served:
        yield served


@pytest.fixture
def archive(tmp_path, site) -> Iterator[Archive]:
    archive = an_archive(tmp_path, index="memory:", page=site.page())
    yield archive
    archive.office.close()


def visited(archive: Archive, site: WebsitePlatform) -> Coverage:
    archive.clock.forward(days=1)
    spool = archive.folder / "spool"
    with closing(CONNECTOR.open(site.page(), fetching(spool))) as source:
        return capture(archive.office.visitor(archive.person), CONNECTOR, site.page(), source)


def test_a_site_is_archived_once_and_a_night_without_changes_leaves_nothing_new(archive, site):
    for number in range(1, 8):
        site.publish(f"Page number {number}", picture=PICTURE)

    first = visited(archive, site)
    before = len(rows(archive, "SELECT * FROM ledger_entries"))
    second = visited(archive, site)

    assert (first.status, first.new, first.gaps) == (CaptureStatus.COMPLETE, 7 + ITSELF, [])
    assert (second.status, second.new, second.changed) == (CaptureStatus.COMPLETE, 0, 0)
    assert (second.unchanged, second.removed) == (7 + ITSELF, 0)
    assert len(rows(archive, "SELECT * FROM ledger_entries")) - before <= 3


def test_an_edited_page_is_a_version_and_a_vanished_one_is_not_visible(archive, site):
    for number in range(1, 8):
        site.publish(f"Page number {number}")
    visited(archive, site)
    site.edit(3, "Page number 3, corrected")
    site.remove(5)
    site.moved[6] = "/news/1"

    night = visited(archive, site)
    site.told[5] = site.told[4]
    again = visited(archive, site)

    assert (night.changed, night.removed, night.gaps) == (1, 2, [])
    assert archive.item(identity(f"{site.url}/news/5")).state == PlatformState.NOT_VISIBLE
    assert archive.item(identity(f"{site.url}/news/6")).state == PlatformState.NOT_VISIBLE
    assert again.removed == 0
