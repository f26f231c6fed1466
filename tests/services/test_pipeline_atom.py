"""Real Atom of a MediaWiki in a whole archive, night after night."""

from __future__ import annotations

import os

import pytest

from tests.services.real_archive import a_page, a_real_archive

pytestmark = pytest.mark.service("ARCHIVER_TEST_MEDIAWIKI_URL")


@pytest.fixture
def title():
    """A page title that no other test uses."""
    return f"Notice-{os.urandom(5).hex()}"


def test_every_revision_of_a_wiki_page_is_archived_once_found_and_proved(wiki, tmp_path, title):
    real = a_real_archive(tmp_path, a_page("feed", wiki.history_feed(title)))
    wiki.write(title, "The road is closed on Monday.", summary="closed on monday")
    nights = [real.night()]
    nights.append(real.night())
    wiki.write(title, "The road is closed on Monday and Tuesday.", summary="and on tuesday")
    wiki.write(title, "The road is closed all week.", summary="for the whole week")
    nights.append(real.night())
    wiki.write(title, "The road is open.", summary="open again")
    nights.append(real.night())
    whole = real.visit(full=True)

    captures = [night.captures[0] for night in nights]
    assert [night.problems for night in nights] == [[], [], [], []]
    assert [capture.status.value for capture in captures] == ["complete"] * 4
    assert [(c.new, c.changed, c.removed) for c in captures] == [
        (1 + 1, 0, 0),  # and the profile
        (0, 0, 0),
        (2, 0, 0),
        (1, 0, 0),
    ]
    assert (whole.new, whole.changed, whole.unchanged) == (0, 0, 4 + 1)
    assert set(real.versions().values()) == {1}
    assert real.archive.search('"the whole week"').total == 1
    assert real.archive.search('"open again"').total == 1
    assert real.coverage().platform_count is None  # a feed never says how many there are
    assert real.open_gaps() == 0
    found = real.proved()
    assert (found.ok, found.items, found.stray) == (True, 4 + 1, [])
    real.office.close()


def test_a_feed_that_vanishes_is_a_failed_page_and_removes_nothing(wiki, tmp_path, title):
    real = a_real_archive(tmp_path, a_page("feed", wiki.history_feed(title)))
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday"):
        wiki.write(title, f"The road is closed until {day}.", summary=f"until {day}")
    real.night()

    wiki.erase(title)
    (refused,) = real.night().captures
    wiki.write(title, "The road is closed for good.", summary="for good")
    real.night()

    assert refused.status.value in {"failed", "partial"}
    assert refused.removed == 0
    assert len(refused.gaps) > 0
    assert {row.state for row in real.rows()} == {"present"}
    assert [real.seen(native_id) for native_id in real.latest()] == [[]] * len(real.latest())
    assert real.archive.search("until").total == 4
    assert real.archive.search('"for good"').total == 1
    assert real.proved().ok
    real.office.close()
