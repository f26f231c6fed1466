"""A real network of the AT Protocol, with Bluesky's own AppView, visited over several nights."""

from __future__ import annotations

from contextlib import closing

import pytest

from archiver.records.captures import Actor, PlatformState
from archiver.records.errors import PermissionLost
from archiver.records.items import ItemKind
from connectors.bluesky.repository import CAR, read_repository
from tests.services.notebook import Notebook
from tests.services.pictures import a_picture

pytestmark = pytest.mark.service("ARCHIVER_TEST_BLUESKY_APPVIEW")


@pytest.fixture
def police(sky):
    return sky.person("police")


@pytest.fixture
def notebook(sky, police, tmp_path):
    """The account of the police, as anyone may read it."""
    url = f"https://bsky.app/profile/{police.handle}"
    options = {"appview": sky.appview, "directory": sky.directory}
    return Notebook("bluesky", url, tmp_path, options=options)


def test_an_account_and_its_threads_are_archived_once_with_proof_and_files(sky, police, notebook):
    pat = sky.person("pat")
    picture = a_picture(width=30, height=20)
    police.write("app.bsky.actor.profile", {"description": "Call 911."}, key="self")
    posts = [police.post(f"Notice {number}.") for number in range(60)]
    asked = pat.post("Is the road open?", on=posts[0])
    told = police.post("Since noon.", on=asked, root=posts[0])
    shown = police.write(
        "app.bsky.feed.post", {"text": "The map.", "embed": police.upload(picture)}
    )
    sky.shows(asked, told, shown)

    one = notebook.night()
    two = notebook.night(full=True)

    assert one.gaps == two.gaps == []
    assert len(one.new) == 60 + 3
    assert len(notebook.profile) == 1
    assert (two.new, two.changed, two.sightings) == ([], [], [])
    content = notebook.versions[notebook.known_as("Notice 59")][0]
    with closing(notebook.connector.open(notebook.page, notebook.fetching)) as source:
        home = source._network.home(police.did)
    path = content.native_id.removeprefix(f"at://{police.did}/")
    proof = read_repository(content.raw.body, did=police.did, key=home.key)
    assert content.raw.media_type == CAR
    assert proof.record(proof.find(path))["text"] == "Notice 59."
    answer = notebook.versions[notebook.known_as("Is the road open")][0]
    assert (answer.kind, answer.parent) == (ItemKind.COMMENT, posts[0]["uri"])
    assert notebook.files_of(notebook.known_as("The map")) == [picture]


def test_edits_removals_and_what_is_hidden_are_told_apart(sky, police, notebook):
    pat, sam = sky.person("pat"), sky.person("sam")
    post, other = police.post("Road closed on Monday."), police.post("Posted by mistake.")
    rude = pat.post("A rude word.", on=post)
    gone = pat.post("Taken back.", on=post)
    away = sam.post("Leaving the network.", on=post)
    sky.shows(post, other, rude, gone, away)

    notebook.night()
    key = str(post["uri"]).rpartition("/")[2]
    police.write(
        "app.bsky.feed.threadgate",
        {"post": post["uri"], "hiddenReplies": [rude["uri"]]},
        key=key,
    )
    edited = police.post("A word to wait for.")
    police.remove(other)
    pat.remove(gone)
    sam.leave()
    sky.shows(edited)
    sky.hides(gone, away, other)
    two = notebook.night(full=True)

    states, told = notebook.states, {s.native_id: s for s in two.sightings}
    assert states[rude["uri"]] is PlatformState.HIDDEN
    assert told[rude["uri"]].actor is Actor.PAGE
    assert states[gone["uri"]] is PlatformState.REPORTED_REMOVED
    assert states[other["uri"]] is PlatformState.REPORTED_REMOVED
    assert told[gone["uri"]].source == "bluesky signed as absent"
    assert states[away["uri"]] is PlatformState.NOT_VISIBLE
    assert told[away["uri"]].source == "bluesky repodeactivated"
    assert states[post["uri"]] is PlatformState.PRESENT


def test_a_record_put_into_anothers_place_is_a_version(sky, police, notebook):
    post = police.post("Road closed on Monday.")
    sky.shows(post)

    notebook.night()
    police.edit(post, "Road closed on Monday and Tuesday.")
    notebook.night(full=True)

    assert notebook.texts("Road closed")[0] == "Road closed on Monday."
    assert notebook.texts("Road closed")[-1] == "Road closed on Monday and Tuesday."
    assert len(notebook.texts("Road closed")) == 2


def test_an_account_that_is_away_is_a_lost_permission_and_no_removal(sky, police, notebook):
    post = police.post("Road closed.")
    sky.shows(post)
    notebook.night()

    police.leave()
    with pytest.raises(PermissionLost):
        notebook.night()

    assert notebook.states[post["uri"]] is PlatformState.PRESENT


def test_whom_the_account_blocks_is_told_out_of_its_own_repository(sky, police, notebook):
    rowdy = sky.person("rowdy")
    when = "2026-03-02T12:00:00.000Z"
    police.write("app.bsky.graph.block", {"subject": rowdy.did, "createdAt": when})

    night = notebook.night()

    assert night.gaps == []
    assert notebook.moderation["moderation:blocks"][0].text == f"since {when} [{rowdy.did}]"
