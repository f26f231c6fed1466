"""Pages that are configured no more: somebody is told, and never only their silence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archiver.jobs.work import look_around
from tests.archive import an_observation


def told_of(found, page):
    about = f"visits to {page}"
    return (
        [one for one in found.problems if one.subject == about],
        [one for one in found.warnings if one.subject == about],
        [note for note in found.notes if note.startswith(f"{page} is not configured")],
    )


def looked_at(archive):
    """Look around with another page configured in the old one's place."""
    archive.page = replace(archive.page, name="new page", url=f"{archive.page.url}/new")
    archive.reopen()
    return look_around(archive.office)


@pytest.mark.parametrize(
    ("held", "days", "where"),
    [
        (True, 30, 0),
        (True, 31, 1),
        (False, 30, 1),
        (False, 31, 2),
    ],
)
def test_a_page_that_was_visited_and_is_configured_no_more_is_said(archive, held, days, where):
    archive.capture(an_observation("1"))
    if held:
        page = archive.office.account.key.page(archive.page.platform, archive.page.identity)
        archive.issue_hold(pages=[page])
    archive.clock.forward(days=days)

    said = told_of(looked_at(archive), "town page")

    assert [len(each) for each in said] == [int(level == where) for level in range(3)]
    (one,) = said[where]
    assert ("H-0001 binds nothing that is posted there now" in str(one)) == held


def test_a_page_that_is_configured_is_not_called_forsaken(archive):
    archive.capture(an_observation("1"))

    assert told_of(look_around(archive.office), "town page") == ([], [], [])


def test_a_page_of_which_nothing_is_archived_is_not_missed(archive):
    archive.capture()

    assert told_of(looked_at(archive), "town page") == ([], [], [])
