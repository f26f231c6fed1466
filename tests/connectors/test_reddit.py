"""Case notes on Reddit: what keeps its place, what a tree leaves out, where the list ends."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from datetime import timedelta
from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.records.captures import (
    Actor,
    Cursor,
    Gap,
    GapReason,
    Listed,
    Observation,
    PlatformState,
    Sighting,
    ThreadListed,
)
from archiver.records.errors import AnswerUnreadable, ConfigInvalid, PermissionLost
from archiver.records.items import Attachment, Author, ItemKind
from archiver.records.pages import FetchSettings, PageSettings
from connectors.reddit import API, CONNECTOR
from connectors.reddit.parsing import read_comment, read_profile, read_submission, read_tree
from connectors.reddit.visiting import REACH, PageSource
from tests.connectors.platforms import SECRET, PatientClock, Reply
from tests.connectors.reddit_platform import JSON, NOON, RedditServer
from tests.connectors.seeing import known, visited
from tests.connectors.served import ServedTransport

DAY = timedelta(days=1)


@pytest.fixture
def server():
    return RedditServer()


@pytest.fixture
def account(server, asking):
    """Open the account `u/police`, by a token that Reddit takes or another."""

    def open_it(token=SECRET, *, place="user/police", clock=None):
        fetcher = asking(ServedTransport(server), clock=clock)
        return PageSource(fetcher, base=API, place=place, token=token)

    return open_it


def of(kind, seen):
    return [s for s in seen if isinstance(s, kind)]


def items(seen):
    found = [s.content for s in of(Observation, seen)]
    return {c.native_id: c for c in found if c.kind is not ItemKind.PROFILE}


def states(seen):
    return {n: s.state for s in of(Observation, seen) if (n := s.content.native_id) in items(seen)}


def removals(seen):
    return {s.native_id: s for s in of(Sighting, seen)}


def asked_of(server, resource):
    return [params for path, params in server.asked if resource in path]


def a_busy_account(server, *, submissions=40, comments=1_500, seed=7):
    """Fill an account by chance: long threads and deep ones, edits, deletions, removals."""
    chance = random.Random(seed)
    tops = [server.submit(f"Notice {number}") for number in range(submissions)]
    said = []
    for number in range(comments):
        on = chance.choice(said[-30:]) if said and chance.random() < 0.6 else chance.choice(tops)
        edited = NOON + 9 * DAY if chance.random() < 0.1 else None
        said.append(server.comment(on, f"Remark {number}", edited=edited))
    mixed = chance.sample(said, 120)
    for name in mixed[:60]:
        server.delete(name)
    for name in mixed[60:]:
        server.moderate(name)
    server.moderate(tops[0])
    return server


# --- what is read ------------------------------------------------------------------------------


def test_a_submission_is_kept_with_its_title_its_words_its_picture_and_reddits_own_bytes(
    server, account
):
    name = server.submit("Road closed <ahead>", picture="https://i.example/map.jpg?s=1")

    seen = visited(account())

    (post,) = items(seen).values()
    assert (post.native_id, post.kind) == (name, ItemKind.POST)
    assert (post.title, post.text) == ("Notice", "Road closed <ahead>")
    assert post.permalink == f"https://www.reddit.com/r/indio/comments/{name[3:]}/notice/"
    assert post.author == Author("", "police", "police", "https://www.reddit.com/user/police")
    assert post.attachments == (Attachment("image", "https://i.example/map.jpg?s=1"),)
    assert json.loads(post.raw.body)["data"]["name"] == name
    (observed,) = [s for s in of(Observation, seen) if s.content.kind is ItemKind.POST]
    assert observed.engagement == {"score": 3, "comments": 0}


def test_a_comment_is_kept_with_its_place_and_the_moment_of_its_last_edit(server, account):
    post = server.submit("Notice")
    first = server.comment(post, "Is it open?", edited=NOON + 2 * DAY)
    answer = server.comment(first, "No & yes")

    found = items(visited(account()))

    assert (found[first].kind, found[answer].kind) == (ItemKind.COMMENT, ItemKind.REPLY)
    assert (found[first].parent, found[first].thread) == (post, post)
    assert (found[answer].parent, found[answer].thread) == (first, post)
    assert (found[first].edited_at, found[answer].edited_at) == (NOON + 2 * DAY, None)
    assert found[answer].text == "No & yes"
    assert found[answer].author.handle == "neighbor"


def test_a_comment_is_kept_without_the_answers_that_reddit_nests_into_it(server, account):
    post = server.submit("Notice")
    first = server.comment(post, "Is it open?")
    answer = server.comment(first, "No, closed")

    found = items(visited(account()))

    assert json.loads(found[first].raw.body)["data"]["replies"] == {"reference": [answer]}
    assert b"No, closed" not in found[first].raw.body
    assert b"No, closed" in found[answer].raw.body


def test_the_profile_is_an_item_of_its_own(account):
    (profile,) = [s.content for s in of(Observation, visited(account()))]

    assert (profile.native_id, profile.kind) == ("t2_abc12", ItemKind.PROFILE)
    assert (profile.title, profile.text) == ("Indio Police", "We keep the peace.")


def test_of_a_community_everybodys_submissions_and_its_rules_are_kept(server, account):
    post = server.submit("Notice")
    said = server.comment(post, "Seen it too")

    found = {
        s.content.native_id: s.content for s in of(Observation, visited(account(place="r/indio")))
    }

    assert set(found) == {"t5_2qh1", post, said}
    assert found["t5_2qh1"].text == "Our city.\nBe kind."
    assert asked_of(server, "r/indio/new")


def test_a_gallery_and_a_film_are_attachments():
    data = {
        "id": "a", "name": "t3_a", "title": "Seen", "created_utc": 1.0, "permalink": "/r/x/a/",
        "media_metadata": {"one": {"s": {"u": "https://i.example/1.jpg"}},
                           "two": {"s": {"gif": "https://i.example/2.gif"}}, "three": None},
        "media": {"reddit_video": {"fallback_url": "https://v.example/film.mp4"}},
    }  # fmt: skip

    entry = read_submission({"kind": "t3", "data": data}, b"{}")

    assert {file.key: file.url for file in entry.content.attachments} == {
        "one": "https://i.example/1.jpg", "two": "https://i.example/2.gif",
        "video": "https://v.example/film.mp4",
    }  # fmt: skip


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["kind", "data", "name", "id", "children", "replies", "created_utc",
                             "edited", "body", "media_metadata", "parent_id", "link_id"]),
            inner, max_size=4)
        | st.builds(lambda kind, data: {"kind": kind, "data": data},
                    st.sampled_from(["t1", "t3", "more", "Listing"]), inner),
        max_leaves=8,
    )
)  # fmt: skip
def test_no_answer_makes_the_reading_fail_in_another_way(value):
    raw = json.dumps(value).encode()
    for read in (read_submission, read_comment, read_profile):
        with suppress(AnswerUnreadable):
            read(value, raw)
    read_tree([(value, raw)])


# --- what was deleted, and what was removed ----------------------------------------------------


def test_deleted_is_told_of_the_author_and_removed_of_a_moderator(server, account):
    post = server.submit("Notice")
    deleted, removed = server.comment(post, "Mine"), server.comment(post, "Rude")
    answer = server.comment(deleted, "Still here")
    server.delete(deleted)
    server.moderate(removed)

    seen = visited(account())

    assert set(items(seen)) == {post, answer}
    told = {name: (s.state, s.actor, s.source) for name, s in removals(seen).items()}
    gone = PlatformState.REPORTED_REMOVED
    assert told == {
        deleted: (gone, Actor.AUTHOR, "reddit deleted"),
        removed: (gone, Actor.MODERATOR, "reddit removed"),
    }


@pytest.mark.parametrize(
    ("category", "actor"),
    [
        ("deleted", Actor.AUTHOR),
        ("moderator", Actor.MODERATOR),
        ("automod_filtered", Actor.MODERATOR),
        ("anti_evil_ops", Actor.PLATFORM),
        ("copyright_takedown", Actor.PLATFORM),
        ("a_new_word", Actor.UNKNOWN),
    ],
)
def test_of_a_submission_reddit_says_who_removed_it_by_a_category(server, account, category, actor):
    post = server.submit("Notice")
    kept = items(visited(account()))[post]
    server.moderate(post, by=category)

    (told,) = account().recheck([known(kept)])

    assert (told.native_id, told.actor, told.remark) == (post, actor, category)
    assert told.source == "reddit removed_by_category"


def test_what_reddit_itself_took_down_is_told_of_reddit(server, account):
    said = server.comment(server.submit("Notice"), "[ Removed by Reddit ]")

    told = removals(visited(account()))[said]

    assert (told.actor, told.source) == (Actor.PLATFORM, "reddit removed by reddit")


def test_whoever_writes_the_word_deleted_under_their_name_has_deleted_nothing(server, account):
    said = server.comment(server.submit("Notice"), "[deleted]")

    seen = visited(account())

    assert items(seen)[said].text == "[deleted]"
    assert removals(seen) == {}


def test_words_that_were_removed_and_are_still_shown_to_us_are_kept_as_hidden(server, account):
    post = server.submit("Notice", removed_by="moderator")

    seen = visited(account())

    assert items(seen)[post].text == "Notice"
    states = {s.content.native_id: s.state for s in of(Observation, seen)}
    assert states[post] is PlatformState.HIDDEN


@pytest.mark.parametrize("flag", ["removed", "spam"])
def test_a_moderator_sees_a_comment_that_was_taken_down_as_hidden(flag):
    data = {"name": "t1_a", "body": "Rude", "parent_id": "t3_b", "link_id": "t3_b",
            "created_utc": 1.0, "author": "neighbor"}  # fmt: skip

    up = read_comment({"kind": "t1", "data": data | {flag: False}}, b"{}").seen()
    down = read_comment({"kind": "t1", "data": data | {flag: True}}, b"{}").seen()

    assert (up.state, down.state) == (PlatformState.PRESENT, PlatformState.HIDDEN)


def test_a_comment_that_a_moderator_is_shown_as_banned_by_somebody_is_hidden(server, account):
    rude = server.comment(server.submit("Notice"), "Rude", banned_by="sheriff")
    server.oversees, server.withdrawn = True, frozenset({"removed"})

    seen = visited(account())

    assert states(seen)[rude] is PlatformState.HIDDEN
    assert of(Gap, seen) == []


def test_a_moderator_is_not_told_present_of_what_lacks_the_field_that_says_who_removed_it(
    server, account
):
    post = server.submit("Notice")
    rude, fine, silent = (server.comment(post, text) for text in ("Rude", "Fine", "Silent"))
    server.things[rude].banned_by = "sheriff"
    server.oversees = True
    lacks = {f"{name}.{field}" for name in (rude, silent) for field in ("banned_by", "removed")}
    server.withdrawn = frozenset({*lacks, f"{silent}.can_mod_post"})
    source = account()

    seen = visited(source)
    again = list(source.recheck([known(items(seen)[name]) for name in (rude, fine, silent)]))

    assert states(seen) == {
        post: PlatformState.PRESENT, rude: PlatformState.UNKNOWN,
        fine: PlatformState.PRESENT, silent: PlatformState.UNKNOWN,
    }  # fmt: skip
    (gap,) = of(Gap, seen)
    assert (gap.what, gap.why) == (
        "which items are removed: the field banned_by", GapReason.OUT_OF_REACH,
    )  # fmt: skip
    assert {s.source for s in of(Sighting, again)} == {"reddit banned_by untold"}
    assert set(removals(again)) == {rude, silent}


def test_a_submission_that_lacks_the_category_is_unknown_to_whoever_asks(server, account):
    post = server.submit("Notice", removed_by="moderator")
    said = server.comment(post, "Fine words")
    server.withdrawn = frozenset({"removed_by_category", "banned_by"})

    seen = visited(account())

    assert states(seen) == {post: PlatformState.UNKNOWN, said: PlatformState.PRESENT}
    (gap,) = of(Gap, seen)
    assert gap.what == "which items are removed: the field removed_by_category"


@pytest.mark.parametrize("before", [PlatformState.HIDDEN, PlatformState.UNKNOWN])
def test_a_hidden_comment_is_not_present_again_because_nothing_is_told_of_it(
    server, account, before
):
    said = server.comment(server.submit("Notice"), "Rude")
    found = items(visited(account()))[said]
    server.withdrawn = frozenset({"banned_by"})

    hidden = list(account().recheck([known(found, before)]))
    ordinary = list(account().recheck([known(found)]))

    assert [type(one) for one in hidden] == [Observation, Sighting, Gap]
    assert [one.state for one in hidden[:2]] == [PlatformState.UNKNOWN] * 2
    assert states(ordinary) == {said: PlatformState.PRESENT}


# --- everything, counted -----------------------------------------------------------------------


def test_every_item_there_is_comes_in_its_state_however_the_trees_are_cut(server, account):
    a_busy_account(server)

    seen = visited(account())

    assert of(Gap, seen) == []
    found, gone = items(seen), removals(seen)
    there = {n: t for n, t in server.things.items() if t.text not in {"[deleted]", "[removed]"}}
    assert set(found) == set(there)
    assert len(of(Observation, seen)) == len(found) + 1
    assert {n: found[n].text for n in found} == {n: t.text for n, t in there.items()}
    assert {n for n in found if found[n].edited_at} == {n for n, t in there.items() if t.edited}
    assert {n: s.actor for n, s in gone.items()} == {
        n: Actor.AUTHOR if t.text == "[deleted]" else Actor.MODERATOR
        for n, t in server.things.items() if n not in there
    }  # fmt: skip
    comments = [n for n in server.things if n.startswith("t1_")]
    counts = {listed.kinds: listed.platform_count for listed in of(Listed, seen)}
    assert counts[("comment", "reply")] == len(comments) == 1_500
    assert sum(one.shown for one in of(ThreadListed, seen)) == len(comments)
    assert all(one.counted == one.shown for one in of(ThreadListed, seen))


def test_what_reddit_counts_under_a_submission_and_shows_are_told_for_each(server, account):
    post = server.submit("Notice", withheld=3)
    above = post
    for number in range(9):
        above = server.comment(above, f"Comment {number}")

    seen = visited(account())

    assert of(Gap, seen) == []
    assert of(ThreadListed, seen) == [ThreadListed(native_id=post, counted=12, shown=9)]


def test_over_many_nights_every_wording_and_every_removal_is_seen(server, account):
    a_busy_account(server, submissions=15, comments=250)
    chance = random.Random(11)
    kept, gone, cursor = {}, {}, None
    for night in range(4):
        now = NOON + DAY + night * DAY
        seen = visited(account(), since=now - 14 * DAY if night else None, cursor=cursor)
        found = items(seen)
        missing = [known(kept[n]) for n in kept if n not in found and n not in removals(seen)]
        again = list(account().recheck(missing))
        gone |= removals(seen) | removals(again)
        found |= items(again)
        kept |= found
        cursor = of(Cursor, seen)[-1].value
        there = {n for n, t in server.things.items() if t.text not in {"[deleted]", "[removed]"}}
        assert set(found) == there
        assert set(gone) == set(server.things) - there
        assert all(kept[n].text == server.things[n].text for n in there)
        for name in chance.sample(sorted(there), 15):
            chance.choice([server.delete, server.moderate])(name)
        for name in chance.sample(sorted(there), 15):
            if server.things[name].text[0] != "[":
                server.things[name].text += ", corrected"
                server.things[name].edited = now
    assert {s.actor for s in gone.values()} == {Actor.AUTHOR, Actor.MODERATOR}


# --- trees that were cut short -----------------------------------------------------------------


def test_more_than_a_hundred_left_out_comments_are_asked_for_a_hundred_at_a_time(server, account):
    post = server.submit("Notice")
    said = {server.comment(post, f"Remark {number}") for number in range(254)}

    found = items(visited(account()))

    assert set(found) == {post, *said}
    asked = [params["children"].count(",") + 1 for params in asked_of(server, "morechildren")]
    assert asked == [100, 100, 50]


def test_a_thread_too_deep_for_one_answer_is_followed_to_its_end(server, account):
    on = post = server.submit("Notice")
    chain = [on := server.comment(on, f"Answer {number}") for number in range(20)]

    found = items(visited(account()))

    assert [name for name in found if name != post] == chain
    assert [params for path, params in server.asked if "/_/" in path]


def test_a_stub_that_leads_back_to_itself_is_asked_for_once_and_told_as_a_gap(server, account):
    on = post = server.submit("Notice")
    for number in range(5):
        on = server.comment(on, f"Answer {number}")

    def fail(path, _params):
        if "/_/" not in path:
            return None
        stub = {"kind": "more", "data": {"parent_id": f"t1_{path.split('/')[-1]}", "children": []}}
        shown = {"kind": "Listing", "data": {"after": None, "children": [stub]}}
        return Reply(200, json.dumps([shown, shown]).encode(), JSON)

    server.fail = fail
    seen = visited(account())

    assert len([path for path, _ in server.asked if "/_/" in path]) == 1
    assert [(gap.native_id, gap.why) for gap in of(Gap, seen)] == [(post, GapReason.UNREADABLE)]
    assert not any(listed.whole for listed in of(Listed, seen))


@pytest.mark.parametrize("resource", ["comments/", "morechildren"])
def test_an_unreadable_tree_is_a_gap_and_no_listing_is_whole(server, account, resource):
    post = server.submit("Notice")
    for number in range(9):
        server.comment(post, f"Remark {number}")
    server.fail = lambda path, _params: Reply(200, b"[]", JSON) if resource in path else None

    seen = visited(account())

    assert [(gap.native_id, gap.why) for gap in of(Gap, seen)] == [(post, GapReason.UNREADABLE)]
    assert not any(listed.whole for listed in of(Listed, seen))
    assert of(Cursor, seen) == []


# --- where the list ends -----------------------------------------------------------------------


def test_an_account_longer_than_reddits_list_says_what_was_out_of_reach(server, account):
    names = [server.submit("Notice") for _ in range(REACH + 5)]
    server.fail = lambda path, _params: Reply(200, TREE, JSON) if "comments/" in path else None

    seen = visited(account())

    assert set(items(seen)) == set(names[5:])
    (gap,) = of(Gap, seen)
    assert (gap.what, gap.why) == ("older submissions", GapReason.OUT_OF_REACH)
    assert "1000" in gap.detail
    assert not any(listed.whole for listed in of(Listed, seen))
    assert CONNECTOR.capabilities.backfill.startswith("the newest 1,000 submissions")
    assert {params["limit"] for params in asked_of(server, "submitted")} == {"100"}


def test_a_list_that_leaves_some_out_before_its_limit_is_not_taken_for_whole(server, account):
    names = [server.submit("Notice") for _ in range(REACH - 40)]
    server.fail = lambda path, _params: Reply(200, TREE, JSON) if "comments/" in path else None

    seen = visited(account())

    assert set(items(seen)) == set(names)
    assert [gap.why for gap in of(Gap, seen)] == [GapReason.OUT_OF_REACH]
    assert not any(listed.whole for listed in of(Listed, seen))


def test_a_submission_that_cannot_be_read_is_a_gap_and_hides_no_other(server, account):
    broken = {"kind": "t3", "data": {"name": "t3_zz", "created_utc": "yesterday"}}
    data = {"after": None, "children": [broken]}
    listed = json.dumps({"kind": "Listing", "data": data}).encode()
    server.fail = lambda path, _params: Reply(200, listed, JSON) if "submitted" in path else None

    seen = visited(account())

    assert [(gap.native_id, gap.why) for gap in of(Gap, seen)] == [("t3_zz", GapReason.UNREADABLE)]
    assert not any(listed.whole for listed in of(Listed, seen))


TREE = json.dumps([{"kind": "Listing", "data": {"after": None, "children": []}}] * 2).encode()


def test_an_ordinary_night_that_does_not_reach_the_limit_says_nothing_of_it(server, account):
    for number in range(150):
        server.submit("Old", at=NOON - (100 + number) * DAY)
    young = server.submit("News", at=NOON)

    seen = visited(account(), since=NOON - 14 * DAY, cursor="x")

    assert set(items(seen)) == {young}
    assert of(Gap, seen) == []
    assert {(listed.whole, listed.since) for listed in of(Listed, seen)} == {
        (True, NOON - 14 * DAY)
    }
    assert len(asked_of(server, "comments/")) == 1


@pytest.mark.parametrize("restarts", [True, False])
def test_a_list_whose_last_submission_was_deleted_meanwhile_goes_on_before_it(
    server, account, restarts
):
    server.slice, server.restarts = 3, restarts
    names = [server.submit(f"Notice {number}") for number in range(10)]

    def fail(_path, params):
        if params.get("after") == names[7]:
            server.delete(names[7])

    server.fail = fail
    seen = visited(account())

    assert set(items(seen)) == set(names)


# --- looking again -----------------------------------------------------------------------------


def test_many_items_are_looked_at_again_by_a_hundred_and_an_absence_blames_nobody(server, account):
    post = server.submit("Notice")
    for number in range(249):
        server.comment(post, f"Remark {number}")
    kept = items(visited(account()))
    edited, deleted, absent = sorted(name for name in kept if name != post)[:3]
    server.things[edited].text = "Corrected"
    server.delete(deleted)
    del server.things[absent]

    seen = list(account().recheck([known(content) for content in kept.values()]))

    assert [p["id"].count(",") + 1 for p in asked_of(server, "info")] == [100, 100, 50]
    assert len(seen) == 250
    told = {name: (s.state, s.actor, s.source) for name, s in removals(seen).items()}
    assert told == {
        deleted: (PlatformState.REPORTED_REMOVED, Actor.AUTHOR, "reddit deleted"),
        absent: (PlatformState.NOT_VISIBLE, Actor.UNTOLD, ""),
    }
    found = items(seen)
    assert found.pop(edited).text == "Corrected"
    assert {name: (content.fingerprint(), content.thread) for name, content in found.items()} == {
        name: (content.fingerprint(), content.thread)
        for name, content in kept.items() if name not in told and name != edited
    }  # fmt: skip


def test_the_profile_is_looked_at_again_like_any_item(server, account):
    (profile,) = [s.content for s in of(Observation, visited(account()))]

    (again,) = account().recheck([known(profile)])

    assert again.content.fingerprint() == profile.fingerprint()
    assert asked_of(server, "info") == []


# --- who may ask -------------------------------------------------------------------------------


def test_a_token_that_died_is_permission_lost_and_is_never_said_aloud(account):
    with pytest.raises(PermissionLost) as raised:
        visited(account("eyJ-dead"))

    assert "eyJ-dead" not in str(raised.value)


def test_a_token_that_dies_during_a_visit_ends_it_and_nothing_is_called_removed(server, account):
    posts = [server.submit(f"Notice {number}") for number in range(3)]
    for post in posts:
        server.comment(post, "Said")

    def fail(path, _params):
        if path.endswith(f"comments/{posts[1][3:]}"):
            server.token = "another"

    server.fail = fail
    seen = visited(account())

    assert set(items(seen)) >= {posts[2], posts[1]}
    assert [gap.why for gap in of(Gap, seen)] == [GapReason.PERMISSION_LOST]
    assert not of(Listed, seen)
    assert not of(Sighting, seen)
    assert not of(Cursor, seen)


def test_a_dead_token_at_a_recheck_leaves_a_gap_for_each_item(server, account):
    server.comment(server.submit("Notice"), "Said")
    kept = items(visited(account()))

    seen = list(account("eyJ-dead").recheck([known(content) for content in kept.values()]))

    assert {(gap.native_id, gap.why) for gap in seen} == {
        (name, GapReason.PERMISSION_LOST) for name in kept
    }


def test_an_account_that_is_suspended_or_not_there_is_never_an_empty_one(server, account):
    server.suspended = True
    with pytest.raises(PermissionLost, match="suspended"):
        visited(account())

    server.fail = lambda path, _params: Reply(404, b"{}", JSON) if "about" in path else None
    with pytest.raises(AnswerUnreadable, match="no such page"):
        visited(account())


def test_the_token_travels_in_a_header_and_is_in_no_address(server, account):
    server.comment(server.submit("Notice"), "Said")

    visited(account())

    assert server.tokens == {f"Bearer {SECRET}"}
    assert not any(SECRET in f"{path} {params}" for path, params in server.asked)
    assert {params["raw_json"] for _, params in server.asked} == {"1"}


def test_the_token_is_not_sent_to_where_the_files_lie(server, account):
    server.submit("Notice", picture="https://i.example/map.jpg")
    source = account()
    (post,) = items(visited(source)).values()

    source.download(post.attachments[0])

    assert server.files == [("https://i.example/map.jpg", "")]


def test_where_the_rate_is_spent_the_visit_waits_for_the_next_window(server, account):
    server.submit("Notice")
    spent = {**JSON, "x-ratelimit-remaining": "0.0", "x-ratelimit-reset": "240"}
    server.fail = lambda path, _params: Reply(200, ABOUT, spent) if "about" in path else None
    clock = PatientClock()

    seen = visited(account(clock=clock))

    assert len(items(seen)) == 1
    assert sum(clock.slept) >= 240


ABOUT = b'{"kind": "t2", "data": {"id": "a", "name": "police", "created_utc": 1.0}}'


# --- opening -----------------------------------------------------------------------------------


def page(**options):
    told = {"url": "https://www.reddit.com/user/police", "secret": SECRET} | options
    return PageSettings(name="threads", connector="reddit", platform="reddit", **told)


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"url": "https://www.reddit.com/"}, "url must be"),
        ({"url": "https://elsewhere.example/user/police"}, "url must be"),
        ({"secret": None}, "set token_env"),
        ({"options": {"api": "http://gateway.example"}}, "https"),
    ],
)
def test_a_page_that_names_no_place_or_no_token_is_refused(tmp_path, options, fault):
    fetching = FetchSettings(user_agent="archiver/1", spool=PurePath(tmp_path))

    with pytest.raises(ConfigInvalid, match=fault):
        CONNECTOR.open(page(**options), fetching)


@pytest.mark.parametrize("place", ["user/police", "u/police", "r/indio"])
def test_an_account_or_a_community_is_opened_at_reddits_own_address(tmp_path, place):
    fetching = FetchSettings(user_agent="archiver/1", spool=PurePath(tmp_path))

    source = CONNECTOR.open(page(url=f"https://www.reddit.com/{place}/"), fetching)
    source.close()

    assert API == "https://oauth.reddit.com"
    assert isinstance(source, PageSource)
