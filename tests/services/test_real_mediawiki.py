"""A real MediaWiki, edited by its editors and its public, and visited over several nights."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest

from archiver.records.captures import Actor, PlatformState
from archiver.records.items import ItemKind
from tests.services.notebook import Notebook

pytestmark = pytest.mark.service("ARCHIVER_TEST_MEDIAWIKI_URL")


@pytest.fixture
def title():
    """A page title that no other test uses."""
    return f"Notice-{os.urandom(5).hex()}"


@pytest.fixture
def notebook(wiki, tmp_path, title):
    """One page of the wiki with its talk page, as anyone may read them."""
    return Notebook("mediawiki", wiki.url, tmp_path, options={"titles": (title,)})


def yesterday():
    return datetime.now(UTC) - timedelta(days=1)  # noqa: TID251 - a real server has the wall's clock


def test_every_revision_of_a_page_and_its_talk_is_archived_once(wiki, notebook, title):
    for edit in range(60):  # more than one slice of fifty
        wiki.write(title, f"Road closed, as of edit {edit}.")
    wiki.write(f"Talk:{title}", "Why? Añil & 警察 <b>ask</b>.")
    one = notebook.night()
    wiki.write_as_the_public(title, "Road open.")
    two = notebook.night(since=yesterday())
    three = notebook.night(full=True)

    assert [gap for night in (one, two, three) for gap in night.gaps] == []
    assert len(notebook.texts("Road")) == 61
    assert (three.new, three.changed, three.sightings) == ([], [], [])
    page = notebook.versions[notebook.known_as("Road open")][-1]
    talk = notebook.versions[notebook.known_as("Why?")][-1]
    assert page.text == "Road open."
    assert page.author.name == "127.0.0.1"
    assert (talk.kind, talk.parent) == (ItemKind.COMMENT, page.native_id)
    assert "Añil & 警察 <b>ask</b>" in talk.text
    assert b"edit 59" in notebook.versions[page.native_id][-2].raw.body


def test_a_deleted_page_is_told_with_who_deleted_it_as_the_log_does(wiki, notebook, title):
    wiki.write(title, "Here today.")
    notebook.night()
    known = notebook.known_as("Here today")

    wiki.erase(title)
    two = notebook.night(since=yesterday())

    sighting, *again = [s for s in two.sightings if s.native_id == known]
    assert sighting.state is PlatformState.REPORTED_REMOVED
    assert sighting.actor is Actor.MODERATOR
    assert sighting.remark.startswith("Archivist")
    assert set(again) <= {sighting}


def test_a_whole_wiki_is_walked_and_then_only_what_changed(wiki, tmp_path, title):
    whole = Notebook("mediawiki", wiki.url, tmp_path)
    for number in range(7):
        wiki.write(f"{title}-{number}", f"Bulletin {number} of {title}.")

    one = whole.night()
    wiki.write(f"{title}-3", f"Bulletin 3 of {title}, corrected.")
    two = whole.night(since=yesterday())

    assert (one.gaps, two.gaps) == ([], [])
    assert len(whole.texts(f"Bulletin 3 of {title}")) == 2
    assert len(whole.texts(f"Bulletin 6 of {title}")) == 1
    assert two.changed == [whole.known_as(f"Bulletin 3 of {title}, corrected")]


def test_who_is_blocked_and_who_did_it_is_told_by_list_and_log(wiki, tmp_path, title):
    whole = Notebook("mediawiki", wiki.url, tmp_path)
    address = f"192.0.2.{os.urandom(1)[0]}"
    wiki.write(title, "Words.")

    wiki.block(address, why=f"spam on {title}")
    wiki.protect(title)
    one = whole.night()
    wiki.unblock(address)
    two = whole.night(since=yesterday())

    assert (one.gaps, two.gaps) == ([], [])
    first, second = whole.moderation["moderation:blocks"]
    assert f"{address} by Archivist" in first.text
    assert f"spam on {title}" in first.text
    assert address not in second.text
    assert "Archivist: " in whole.moderation["moderation:administrators"][0].text
    logged = {seen[0].text: seen[0] for name, seen in whole.moderation.items() if "log:" in name}
    assert logged[f"block/block User:{address}: 3 days: spam on {title}"].author.name == "Archivist"
    assert f"block/unblock User:{address}" in logged
    (protected,) = [text for text in logged if text.startswith(f"protect/protect {title}: ")]
    assert "[edit=sysop] (indefinite)" in protected
