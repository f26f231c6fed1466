"""Real Atom, served by a real MediaWiki and a real WordPress, visited over several nights."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from archiver.records.captures import PlatformState
from archiver.records.errors import ConnectorError
from tests.services.notebook import Notebook

on_the_wiki = pytest.mark.service("ARCHIVER_TEST_MEDIAWIKI_URL")
on_the_blog = pytest.mark.service("ARCHIVER_TEST_WORDPRESS_URL")


@pytest.fixture
def title():
    """A page title that no other test uses."""
    return f"Notice-{os.urandom(5).hex()}"


@on_the_wiki
def test_every_change_of_a_wiki_is_archived_once_over_four_nights(wiki, tmp_path, title):
    """Edits of one page by one editor in a row the wiki itself shows as one; these alternate."""
    notebook = Notebook("feed", wiki.changes_feed(), tmp_path)

    first = wiki.write(title, "Road closed on Monday.")
    one = notebook.night()
    two = notebook.night()
    second = wiki.write_as_the_public(title, "Road closed on Monday and Tuesday.")
    talk = wiki.write(f"Talk:{title}", "Why? Añil & 警察 <b>ask</b>.")
    three = notebook.night()
    other = wiki.write(f"{title}-detour", "By the bridge.")
    wiki.erase(f"Talk:{title}")
    four = notebook.night()

    assert [gap for night in (one, two, three, four) for gap in night.gaps] == []
    assert (two.new, two.changed) == ([], [])
    assert len(three.new) == 2
    assert len(four.new) == 2  # the new page, and the deletion as the wiki's own log tells it
    assert (three.changed, four.changed) == ([], [])
    kept = {}
    for revision in (first, second, talk, other):
        (known,) = (i for i in notebook.versions if f"diff={revision}&" in i)
        kept[revision] = notebook.versions[known][0].text
        assert notebook.states[known] is PlatformState.PRESENT
    assert "Why? Añil & 警察 <b>ask</b>." in kept[talk]


@on_the_wiki
def test_every_revision_of_one_page_is_archived_once(wiki, tmp_path, title):
    notebook = Notebook("feed", wiki.history_feed(title), tmp_path)

    for night in range(3):
        for edit in range(night + 1):
            wiki.write(title, f"Notice of night {night}, as of edit {edit}.")
        notebook.night()

    assert len(notebook.versions) == 6
    assert [title in said.title for said in notebook.profile] == [True]
    assert {len(versions) for versions in notebook.versions.values()} == {1}


@on_the_wiki
def test_a_feed_that_vanishes_removes_nothing(wiki, tmp_path, title):
    wiki.write(title, "Here today.", summary="here today")
    notebook = Notebook("feed", wiki.history_feed(title), tmp_path)
    notebook.night()
    known = notebook.known_as("here today")

    wiki.erase(title)
    with suppress(ConnectorError):
        notebook.night()

    assert notebook.states[known] is PlatformState.PRESENT


@on_the_blog
def test_an_edited_post_is_a_new_version_of_the_same_entry(wordpress, tmp_path):
    notebook = Notebook("feed", f"{wordpress.url}/feed/atom/", tmp_path)
    edited = wordpress.post("Open house", "Saturday at ten.")
    wordpress.post("Lost dog", "Brown, answers to Rex.")

    one = notebook.night()
    wordpress.edit_post(edited, "Saturday at eleven.")
    wordpress.post("Found dog", "Rex is home.")
    two = notebook.night()

    assert (len(one.new), one.gaps) == (2, [])
    assert (len(two.new), len(two.changed), two.gaps) == (1, 1, [])
    assert len(notebook.texts("Saturday")) == 2
    assert "eleven" in notebook.texts("Saturday")[-1]


@on_the_blog
def test_a_feed_that_did_not_change_is_not_sent_again(wordpress, tmp_path):
    wordpress.post("Quiet night", "Nothing to report.", on=datetime(2026, 1, 2, 23, 0, tzinfo=UTC))
    notebook = Notebook("feed", f"{wordpress.url}/feed/atom/", tmp_path)

    one = notebook.night()
    two = notebook.night()

    assert len(one.new) == 1
    assert two.untouched


@on_the_blog
def test_a_post_pushed_out_of_the_feed_or_trashed_stays_as_it_was_seen(wordpress, tmp_path):
    notebook = Notebook("feed", f"{wordpress.url}/feed/atom/", tmp_path)
    wordpress.post("Pushed out", "The first of many.")
    trashed = wordpress.post("Trashed", "Not for long.")

    notebook.night()
    for number in range(12):
        wordpress.post(f"Bulletin {number}", f"Bulletin number {number}.")
    wordpress.trash_post(trashed)
    two = notebook.night()

    assert two.sightings == []
    assert notebook.state("The first of many.") is PlatformState.PRESENT
    assert notebook.state("Not for long.") is PlatformState.PRESENT


@on_the_blog
def test_the_publics_comments_have_a_feed_of_their_own(wordpress, tmp_path):
    post = wordpress.post("Tip line", "Call us.")
    first = wordpress.comment(post, "I saw <b>nothing</b> & no one.", by="Pat Public")
    wordpress.comment(post, "¡Yo sí! 👀", by="Sam Witness", parent=first)
    address = f"{wordpress.url}/comments/feed/atom/"
    notebook = Notebook("feed", address, tmp_path, options={"items_are": "comments"})

    one = notebook.night()

    assert (len(one.new), one.gaps) == (2, [])
    assert notebook.versions[notebook.known_as("nothing")][0].author.name == "Pat Public"
    assert "¡Yo sí! 👀" in notebook.texts("Yo sí")[0]
