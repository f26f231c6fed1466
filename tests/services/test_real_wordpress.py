"""A real WordPress, changed by its editors and its public, and visited over several nights."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archiver.records.captures import PlatformState
from archiver.records.errors import ConnectorError
from archiver.records.items import ItemKind
from tests.services.notebook import Notebook
from tests.services.pictures import a_picture

pytestmark = pytest.mark.service("ARCHIVER_TEST_WORDPRESS_URL")

LONG_AGO = datetime(2024, 3, 1, 17, 0, tzinfo=UTC)
LOOK_BACK = timedelta(days=14)


@pytest.fixture(params=["public", "credentials"])
def notebook(request, wordpress, tmp_path):
    """The site as anyone sees it, and as the department's own account does."""
    secret = wordpress.secret if request.param == "credentials" else None
    return Notebook("wordpress", wordpress.url, tmp_path, secret=secret)


def test_a_whole_site_is_archived_once_and_a_quiet_night_changes_nothing(wordpress, notebook):
    hours = [LONG_AGO + timedelta(hours=number // 2) for number in range(104)]  # two to a moment
    wordpress.post_many((f"Bulletin {n}", f"Bulletin no. {n}.", on) for n, on in enumerate(hours))
    wordpress.post("About us", "Who we are.", kind="pages")
    talked = wordpress.post("Open house", "Come on Saturday.")
    question = wordpress.comment(talked, "Is parking free?")
    answer = wordpress.comment(talked, "It is.", by="Desk Officer", parent=question)
    wordpress.comment(talked, "Thank you &amp; see you <3", parent=answer)

    one = notebook.night()
    two = notebook.night(since=wordpress.now() - LOOK_BACK)
    three = notebook.night(full=True)

    assert [gap for night in (one, two, three) for gap in night.gaps] == []
    assert len(one.new) == len(set(one.new)) == 104 + 1 + 1 + 3
    (profile,) = notebook.profile
    assert profile.title
    assert profile.permalink.startswith(wordpress.url)
    assert {len(versions) for versions in notebook.versions.values()} == {1}
    assert (two.new, two.changed, two.sightings) == ([], [], [])
    assert (three.new, three.changed, three.sightings) == ([], [], [])
    assert set(notebook.states.values()) == {PlatformState.PRESENT}


def test_threads_and_authors_are_kept_as_the_site_tells_them(wordpress, notebook):
    post = wordpress.post("Open house", "Come on Saturday.")
    question = wordpress.comment(post, "Is parking free?", by="Pat Public")
    wordpress.comment(post, "It is, behind the station.", by="Desk Officer", parent=question)

    notebook.night()

    root = notebook.versions[notebook.known_as("Come on Saturday")][0]
    asked = notebook.versions[notebook.known_as("parking")][0]
    told = notebook.versions[notebook.known_as("behind the station")][0]
    assert root.kind in {ItemKind.POST, ItemKind.ARTICLE}
    assert asked.kind is ItemKind.COMMENT
    assert (asked.parent, asked.thread) == (root.native_id, root.native_id)
    assert (told.parent, told.thread) == (asked.native_id, root.native_id)
    assert asked.author.name == "Pat Public"
    assert asked.permalink.startswith(wordpress.url)
    assert b"Is parking free?" in asked.raw.body


def test_every_edit_is_a_version_and_every_late_comment_is_found(wordpress, notebook):
    old = wordpress.post("Cold case", "Unsolved since March.", on=LONG_AGO)
    talked = wordpress.comment(old, "I remember it.", on=LONG_AGO + timedelta(days=1))
    fresh = wordpress.post("Road closed", "On Monday.")

    notebook.night()
    wordpress.edit_post(fresh, "On Monday and Tuesday.")
    wordpress.edit_post(old, "Solved, at last: unsolved since March no more.")
    wordpress.edit_comment(talked, "I remember it well.")
    wordpress.comment(old, "Congratulations, two years late.")
    two = notebook.night(since=wordpress.now() - LOOK_BACK)
    wordpress.edit_post(fresh, "On Monday, Tuesday and Wednesday.")
    three = notebook.night(since=wordpress.now() - LOOK_BACK)
    four = notebook.night(full=True)

    assert [gap for night in (two, three, four) for gap in night.gaps] == []
    assert len(notebook.texts("Monday")) == 3
    assert len(notebook.texts("unsolved since March")) == 2
    assert len(notebook.texts("I remember it")) == 2
    assert notebook.known_as("two years late") in two.new
    assert len(notebook.versions) == 4


def test_what_is_trashed_erased_or_moderated_is_seen_to_go_and_no_one_is_blamed(
    wordpress, notebook
):
    stays = wordpress.post("Stays", "This one stays.")
    trashed = wordpress.post("Trashed", "Into the trash.")
    erased = wordpress.post("Erased", "Gone for good.")
    drafted = wordpress.post("Drafted", "Back to the drawer.")
    kept = wordpress.comment(stays, "A comment that stays.")
    held = wordpress.comment(stays, "A comment held back.")
    spam = wordpress.comment(stays, "A comment called spam.")
    gone = wordpress.comment(stays, "A comment erased.", parent=kept)

    notebook.night()
    wordpress.trash_post(trashed)
    wordpress.erase_post(erased)
    wordpress.withdraw_post(drafted)
    wordpress.mark_comment(held, "hold")
    wordpress.mark_comment(spam, "spam")
    wordpress.erase_comment(gone)
    two = notebook.night(since=wordpress.now() - LOOK_BACK)

    assert two.gaps == []
    assert two.new == []
    for words in ("This one stays", "comment that stays"):
        assert notebook.state(words) is PlatformState.PRESENT
    for words in (
        "Into the trash", "Gone for good", "Back to the drawer",
        "held back", "called spam", "comment erased",
    ):  # fmt: skip
        assert notebook.state(words) is not PlatformState.PRESENT, words
        assert len(notebook.texts(words)) == 1
    for words in ("Gone for good", "comment erased"):
        assert notebook.state(words) is PlatformState.REPORTED_REMOVED
    if notebook.page.secret is None:
        assert notebook.state("Into the trash") is PlatformState.NOT_VISIBLE
        assert notebook.state("Back to the drawer") is PlatformState.NOT_VISIBLE
    assert {sighting.actor for sighting in two.sightings} == {""}


def test_what_comes_back_is_seen_to_be_back_without_a_new_version(wordpress, notebook):
    post = wordpress.post("Comes back", "Away and back.")
    comment = wordpress.comment(post, "Held and freed.")

    notebook.night()
    wordpress.trash_post(post)
    two = notebook.night(since=wordpress.now() - LOOK_BACK)
    away = (notebook.state("Away and back"), notebook.state("Held and freed"))
    wordpress.restore_post(post)
    wordpress.mark_comment(comment, "approve")
    three = notebook.night(since=wordpress.now() - LOOK_BACK)

    assert PlatformState.PRESENT not in away
    assert notebook.state("Away and back") is PlatformState.PRESENT
    assert notebook.state("Held and freed") is PlatformState.PRESENT
    assert {len(versions) for versions in notebook.versions.values()} == {1}
    assert (two.gaps, three.gaps) == ([], [])


def test_the_files_of_a_post_are_brought_home_byte_for_byte(wordpress, notebook):
    picture = a_picture(width=300, height=200)
    upload = wordpress.upload("flyer.png", picture, "image/png")
    wordpress.post("Flyer", f'Please share. <img src="{upload.url}" alt="A flyer">')

    notebook.night()

    assert notebook.files_of(notebook.known_as("Please share")) == [picture]


def test_wrong_credentials_are_said_and_nothing_is_called_removed(wordpress, tmp_path):
    wordpress.post("Stays", "This one stays.")
    notebook = Notebook("wordpress", wordpress.url, tmp_path, secret=wordpress.secret)
    notebook.night()

    revoked = Notebook("wordpress", wordpress.url, tmp_path, secret="archivist:not-the-password")
    revoked.versions, revoked.states = notebook.versions, notebook.states
    revoked.cursor = notebook.cursor

    with pytest.raises(ConnectorError) as refused:
        revoked.night()

    assert refused.value.gap == "permission_lost"
    assert notebook.state("This one stays") is PlatformState.PRESENT


def test_a_site_emptied_overnight_is_not_taken_for_a_site_that_never_was(wordpress, notebook):
    for number in range(3):
        wordpress.post(f"Bulletin {number}", f"Text of bulletin {number}.")

    notebook.night()
    wordpress.clear()
    two = notebook.night(since=wordpress.now() - LOOK_BACK)

    assert two.new == []
    assert len(notebook.versions) == 3
    assert {len(versions) for versions in notebook.versions.values()} == {1}
