"""Case notes on wikis: revisions are versions, the log names who deleted, errors come under 200."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from archiver.records.captures import (
    Actor,
    Cursor,
    Gap,
    GapReason,
    Listed,
    Observation,
    PlatformState,
    Sighting,
)
from archiver.records.errors import (
    AnswerUnreadable,
    ConfigInvalid,
    PermissionLost,
    PlatformUnreachable,
)
from archiver.records.items import ItemKind
from archiver.records.pages import PageSettings
from connectors.fetching import authorization
from connectors.mediawiki import CONNECTOR
from connectors.mediawiki.api import Wiki
from connectors.mediawiki.visiting import Scope, WikiSource
from tests.connectors.mediawiki_platform import Refused, WikiServer
from tests.connectors.platforms import FIRST_MOMENT, SECRET, PatientClock, Reply, fetching
from tests.connectors.seeing import known, of, visited
from tests.connectors.served import ServedTransport

NOON = FIRST_MOMENT + timedelta(hours=3)
DAY = timedelta(days=1)
WHOLE = Scope((), (0, 1))


@pytest.fixture
def server():
    return WikiServer(token=SECRET)


@pytest.fixture
def wiki(server, asking):
    """Open the wiki, or some titles of it, by a token or without."""

    def open_it(*titles, token="", clock=None):
        api = f"{server.host}/api.php"
        headers = authorization(token)
        fetcher = asking(ServedTransport(server), clock=clock, headers=headers, home=api)
        return WikiSource(Wiki(fetcher, api=api, known=bool(token)), Scope(titles, WHOLE.spaces))

    return open_it


def revisions(seen):
    found = of(Observation, seen)
    return [o for o in found if o.content.kind is not ItemKind.PROFILE]


def versions(seen):
    told = {}
    for one in revisions(seen):
        told.setdefault(one.content.title, []).append(one.content.text)
    return told


# --- what is there, counted ---------------------------------------------------------------------


def test_what_is_captured_is_what_exists_over_three_nights(server, wiki):
    chance = random.Random(11)
    server.slice, server.broken_batches = 40, True
    titles = [f"Page {number:03}" for number in range(150)]
    titles += [f"Talk:Page {number:03}" for number in range(0, 150, 3)]
    held, cursor, since, states = {}, None, None, {}
    for night in range(3):
        server.now = NOON + 20 * night * DAY
        for edit in range(600):
            title = chance.choice(titles)
            if title.startswith("Talk:") and server.find(title[5:]) is None:
                continue
            user = chance.choice(["Archivist", "192.0.2.7"])
            at = server.now + timedelta(minutes=edit)
            server.save(title, f"Text {night} {edit}", at=at, user=user)
        server.now += DAY
        erased = []
        for _ in range(10 if night else 0):
            title = chance.choice([leaf.title for leaf in server.leaves.values() if not leaf.space])
            erased.append(server.erase(title, why="not ours"))
        seen = visited(wiki(), since=since, cursor=cursor)
        assert of(Gap, seen) == []
        for one in revisions(seen):
            held.setdefault(one.content.native_id, {})[one.content.text] = one.current
        states |= {s.native_id: (s.state, s.actor) for s in of(Sighting, seen)}
        (cursor,) = (c.value for c in of(Cursor, seen))
        since = server.now - 14 * DAY
        gone = {str(leaf.id) for leaf in erased}
        assert gone <= states.keys()

    for leaf in server.leaves.values():
        assert set(held[str(leaf.id)]) == {saved.text for saved in leaf.revisions}
        assert held[str(leaf.id)][leaf.newest.text]
    assert len(states) == 20
    assert set(states.values()) == {(PlatformState.REPORTED_REMOVED, Actor.MODERATOR)}
    assert server.saved > 1_500


def test_every_revision_is_a_version_with_who_saved_it_and_the_last_one_shows(server, wiki):
    server.save("Chief", "Chief Adams leads.", at=NOON, comment="new")
    server.save("Chief", "Chief Baker leads.", at=NOON + DAY, user="192.0.2.7", minor=True)
    server.save("Chief", "Chief Baker leads since May.", at=NOON + 2 * DAY)

    seen = revisions(visited(wiki()))

    assert [(o.content.author.name, o.current) for o in seen] == [
        ("Archivist", False), ("192.0.2.7", False), ("Archivist", True),
    ]  # fmt: skip
    assert [o.content.author.native_id for o in seen] == ["1", "192.0.2.7", "1"]
    assert [o.content.edited_at for o in seen] == [None, NOON + DAY, NOON + 2 * DAY]
    assert seen[1].content.marks == ("minor",)
    assert b'"comment": "new"' in seen[0].content.raw.body
    assert {o.content.kind for o in seen} == {ItemKind.REVISION}
    assert seen[0].content.permalink == f"{server.host}/index.php/Chief"


def test_a_talk_page_answers_the_page_it_is_about(server, wiki):
    page = server.save("Chief", "Chief Adams leads.")
    talk = server.save("Talk:Chief", "Is this so?", user="192.0.2.7")
    lost = server.save("Talk:Nothing", "About nothing")

    seen = {o.content.native_id: o.content for o in revisions(visited(wiki()))}

    told = seen[str(talk.id)]
    assert (told.kind, told.parent, told.thread) == (ItemKind.COMMENT, str(page.id), str(page.id))
    assert seen[str(lost.id)].parent is None


def test_only_the_pages_named_are_archived_each_with_its_talk(server, wiki):
    server.save("Chief", "Chief Adams leads.")
    server.save("Talk:Chief", "Is this so?")
    server.save("Recipes", "Not ours")

    seen = visited(wiki("Chief", "Nowhere"))

    assert versions(seen) == {"Chief": ["Chief Adams leads."], "Talk:Chief": ["Is this so?"]}
    (gap,) = of(Gap, seen)
    assert (gap.why, gap.what) == (GapReason.GONE, "page Nowhere")


def test_the_wiki_itself_is_a_profile(wiki):
    (profile,) = of(Observation, visited(wiki()))

    assert profile.content.kind is ItemKind.PROFILE
    assert (profile.content.title, profile.content.text) == ("Example Police", "Public domain")
    assert profile.content.links == ("https://terms.example",)


def test_links_and_files_are_told_from_the_source_of_each_version(server, wiki):
    text = "See https://example.gov/a. [[File:road map.png|thumb|A map]] [[Image:Car.jpg]]"
    gallery = "\n<gallery>\nFile:One_two.png|first\n</gallery>"
    server.save("Chief", text + gallery, at=NOON)
    server.save("Chief", "No files any more", at=NOON + DAY)

    one, two = (o.content for o in revisions(visited(wiki())))

    assert one.links == ("https://example.gov/a",)
    assert [a.key for a in one.attachments] == [
        "File:Road map.png", "File:Car.jpg", "File:One two.png",
    ]  # fmt: skip
    script = f"{server.host}/index.php?title=Special:Redirect/file/"
    assert one.attachments[0].url == f"{script}Road%20map.png"
    assert two.attachments == ()


# --- removals -----------------------------------------------------------------------------------


def test_the_log_tells_who_deleted_a_page_and_why(server, wiki):
    leaf = server.save("Chief", "Chief Adams leads.")
    (content,) = [o.content for o in revisions(visited(wiki()))]
    server.erase("Chief", by="Sysop", why="not notable")

    (night,) = of(Sighting, visited(wiki(), since=NOON - DAY, cursor="1"))
    (again,) = list(wiki().recheck([known(content)]))

    for told in (night, again):
        assert told.native_id == str(leaf.id)
        assert (told.state, told.actor) == (PlatformState.REPORTED_REMOVED, Actor.MODERATOR)
        assert (told.source, told.remark) == ("mediawiki log delete", "Sysop: not notable")


def test_a_deletion_that_the_public_log_does_not_tell_blames_nobody(server, wiki):
    server.save("Chief", "Chief Adams leads.")
    (content,) = [o.content for o in revisions(visited(wiki()))]
    server.erase("Chief", suppressed=True)

    (told,) = list(wiki().recheck([known(content)]))

    assert (told.state, told.actor) == (PlatformState.NOT_VISIBLE, Actor.UNTOLD)
    assert told.source == "mediawiki missing"


def test_a_deletion_of_another_page_of_the_same_name_is_not_this_pages(server, wiki):
    server.save("Chief", "The first of that name")
    server.erase("Chief")
    server.save("Chief", "The second of that name", page=77)
    (content,) = [o.content for o in revisions(visited(wiki()))]
    server.erase("Chief", suppressed=True)

    (told,) = list(wiki().recheck([known(content)]))

    assert told.state is PlatformState.NOT_VISIBLE


def test_a_page_that_was_restored_is_there_again(server, wiki):
    server.save("Chief", "Chief Adams leads.", at=NOON - 90 * DAY)
    visited(wiki())
    leaf = server.erase("Chief")
    server.restore(leaf)

    seen = visited(wiki(), since=NOON - DAY, cursor="9")

    assert of(Sighting, seen) == []
    assert versions(seen) == {"Chief": ["Chief Adams leads."]}


def test_a_deletion_that_was_undone_is_not_told_of_a_page_that_is_missing_since(server, wiki):
    server.save("Chief", "Chief Adams leads.")
    server.restore(server.erase("Chief"))
    server.erase("Chief", suppressed=True)

    assert of(Sighting, visited(wiki(), since=NOON - DAY, cursor="9")) == []


def test_a_deletion_in_a_space_that_is_not_archived_is_passed_over(server, wiki):
    server.save("User:Somebody", "Me")
    server.erase("User:Somebody")
    server.save("Recipes", "Not ours")
    server.erase("Recipes")

    assert of(Sighting, visited(wiki("Chief"), since=NOON - DAY, cursor="9")) == []
    whole = of(Sighting, visited(wiki(), since=NOON - DAY, cursor="9"))
    assert len(whole) == 1


def test_a_revision_whose_text_was_hidden_leaves_a_gap_and_hides_no_other(server, wiki):
    server.save("Chief", "A libel", at=NOON, hidden=True)
    server.save("Chief", "Chief Adams leads.", at=NOON + DAY)

    seen = visited(wiki())

    (gap,) = of(Gap, seen)
    assert gap.why is GapReason.OUT_OF_REACH
    assert "revision 1 of" in gap.what
    assert versions(seen) == {"Chief": ["Chief Adams leads."]}
    assert of(Cursor, seen) == [Cursor("2")]


# --- windows --------------------------------------------------------------------------------------


def test_a_night_walks_back_to_the_look_back_and_no_further(server, wiki):
    for day in range(0, 100, 10):
        server.save("Chief", f"As of day {day}", at=NOON + day * DAY)
    server.save("Quiet", "Nothing new", at=NOON)

    seen = visited(wiki(), since=NOON + 75 * DAY, cursor="99")

    assert versions(seen) == {"Chief": ["As of day 80", "As of day 90"]}
    assert {listed.since for listed in of(Listed, seen)} == {NOON + 75 * DAY}


def test_a_revision_newer_than_the_last_seen_is_walked_however_it_is_dated(server, wiki):
    server.save("Chief", "Now", at=NOON)
    server.save("Old minutes", "Brought in from the old wiki", at=NOON - 900 * DAY)

    seen = visited(wiki(), since=NOON - DAY, cursor="1")

    assert "Old minutes" in versions(seen)


def test_a_visit_by_day_asks_for_what_the_wiki_lists_as_changed(server, wiki):
    for number in range(120):
        server.save(f"Page {number}", "Nothing new", at=NOON - 90 * DAY)
    server.save("Chief", "New", at=NOON)
    server.save("User:Somebody", "Elsewhere", at=NOON)
    server.asked.clear()

    seen = visited(wiki(), since=NOON - DAY, young=NOON - 14 * DAY, cursor="200")

    assert versions(seen) == {"Chief": ["New"]}
    assert len(server.asked) == 5
    assert not any(o.content.kind is ItemKind.PROFILE for o in of(Observation, seen))


def test_looking_again_asks_for_fifty_pages_at_once(server, wiki):
    server.broken_batches = True
    for number in range(120):
        server.save(f"Page {number}", f"Text {number}")
    everything = [o.content for o in of(Observation, visited(wiki()))]
    server.asked.clear()

    again = list(wiki().recheck([known(content) for content in everything]))

    assert len(of(Observation, again)) == 121
    assert sum("pageids" in query for query in server.asked) == 6
    assert of(Gap, again) == of(Sighting, again) == []


# --- errors ---------------------------------------------------------------------------------------


def test_a_wiki_that_is_behind_is_waited_for_as_it_asks(server, wiki):
    server.save("Chief", "Chief Adams leads.")
    busy = [Refused("maxlag", {"retry_after": "7"}), Refused("ratelimited")]
    server.refuse = lambda _query: busy.pop(0) if busy else None
    clock = PatientClock()

    seen = visited(wiki(clock=clock))

    assert versions(seen) == {"Chief": ["Chief Adams leads."]}
    assert sum(clock.slept) == pytest.approx(12.0)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("readapidenied", PermissionLost),
        ("mwoauth-invalid-authorization", PermissionLost),
        ("badvalue", AnswerUnreadable),
        ("readonly", PlatformUnreachable),
        ("internal_api_error_DBQueryError", PlatformUnreachable),
    ],
)
def test_an_error_under_200_is_told_apart(server, wiki, code, error):
    server.save("Chief", "Chief Adams leads.")
    server.refuse = lambda _query: Refused(code)

    with pytest.raises(error, match=code.partition("_")[0]):
        visited(wiki())


def test_an_answer_to_nothing_is_no_empty_list(server, wiki):
    server.save("Chief", "Chief Adams leads.")
    odd = Refused("")
    odd.reply = Reply.json({"servedby": "mw1"})
    server.refuse = lambda query: odd if query.get("list") or query.get("rvlimit") else None

    seen = visited(wiki())

    assert of(Gap, seen) != []
    assert not [listed for listed in of(Listed, seen) if listed.whole]


def test_a_token_that_died_shows_nothing_less_than_an_error(server, wiki):
    server.save("Chief", "Chief Adams leads.")
    server.closed = True

    assert versions(visited(wiki(token=SECRET))) == {"Chief": ["Chief Adams leads."]}
    for token in ("", "another"):
        with pytest.raises(PermissionLost):
            visited(wiki(token=token))
    assert all("assert" in query for query in server.asked[:3])


def test_a_page_whose_history_cannot_be_read_leaves_a_gap_and_hides_no_other(server, wiki):
    broken = server.save("Broken", "One")
    server.save("Fine", "Two")
    server.refuse = lambda query: (
        Refused("badrevids")
        if query.get("rvlimit") and query["pageids"] == str(broken.id)
        else None
    )

    seen = visited(wiki())

    assert versions(seen) == {"Fine": ["Two"]}
    assert [gap.native_id for gap in of(Gap, seen)] == [str(broken.id)]
    assert of(Cursor, seen) == []
    assert not any(listed.whole for listed in of(Listed, seen))


@pytest.mark.parametrize(
    ("url", "api", "titles"),
    [
        ("https://en.wikipedia.org/wiki/Example_Police", "https://en.wikipedia.org/w/api.php",
         ("Example Police",)),
        ("https://w.example/index.php?title=Chief", "https://w.example/api.php", ("Chief",)),
        ("https://w.example/mw/index.php/Chief", "https://w.example/mw/api.php", ("Chief",)),
        ("https://w.example/mw/", "https://w.example/mw/api.php", ()),
        ("https://w.example", "https://w.example/api.php", ()),
    ],
)  # fmt: skip
def test_the_api_and_the_title_are_told_from_the_address_of_a_page(tmp_path, url, api, titles):
    page = PageSettings(name="w", connector="mediawiki", platform="mediawiki", url=url)
    source = CONNECTOR.open(page, fetching(tmp_path))

    assert (source._wiki._api, source._scope.titles) == (api, titles)
    source.close()


def test_a_wiki_is_refused_whose_settings_contradict_each_other(tmp_path):
    page = PageSettings(
        name="w", connector="mediawiki", platform="mediawiki", url="http://w.example"
    )
    for wrong, why in (
        (replace(page, url="ftp://w.example"), "http or https"),
        (replace(page, secret="x"), "https only"),
        (replace(page, options={"namespaces": ("talk",)}), "numbers"),
        (replace(page, options={"titles": ("a|b",)}), "vertical bar"),
    ):
        with pytest.raises(ConfigInvalid, match=why):
            CONNECTOR.open(wrong, fetching(tmp_path))
