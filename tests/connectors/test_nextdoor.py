"""Case notes on Nextdoor: one list without pages, comments that come with posts or do not."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from archiver.records.captures import (
    Cursor,
    Gap,
    GapReason,
    Known,
    Listed,
    Observation,
    PlatformState,
    Sighting,
    ThreadListed,
)
from archiver.records.errors import AnswerUnreadable, ConfigInvalid, PermissionLost
from archiver.records.items import ItemKind
from archiver.records.pages import PageSettings
from connectors.nextdoor import CONNECTOR
from connectors.nextdoor.visiting import ProfileSource
from tests.connectors.nextdoor_platform import BASE, PROFILE, NextdoorServer
from tests.connectors.platforms import SECRET, Reply, fetching
from tests.connectors.seeing import known, of, visited
from tests.connectors.served import SERVED, ServedTransport

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
URL = "https://nextdoor.com/agency/example-police/"


@pytest.fixture
def server():
    return NextdoorServer(token=SECRET)


@pytest.fixture
def profile(server, asking):
    def open_it(*, name=PROFILE, token=SECRET):
        fetcher, base = asking(ServedTransport(server)), f"{server.host}{BASE}"
        return ProfileSource(fetcher, base=base, token=token, profile=name, url=URL)

    return open_it


def items(seen):
    found = [o for o in of(Observation, seen) if o.content.kind is not ItemKind.PROFILE]
    return {o.content.native_id: o for o in found}


def states(seen):
    return {one.native_id: one.state for one in of(Sighting, seen)}


@pytest.mark.parametrize("shape", ["shared", "displayed"])
def test_what_is_captured_is_what_exists_state_by_state(server, profile, shape):
    chance = random.Random(4)
    server.shape = shape
    posts = [server.publish(f"Post {n}", at=NOON - n * DAY) for n in range(48)]
    below = []
    for number in range(1_000):
        post = chance.choice(posts)
        above = chance.choice([None, *(c for c in post.comments if c.above is None)])
        at, over = NOON + timedelta(seconds=number), above.number if above else None
        below.append((post, server.comment(post, f"Remark {number}", at=at, above=over)))
    first = items(visited(profile()))
    leaves = [(p, c) for p, c in below if all(o.above != c.number for o in p.comments)]
    taken = chance.sample(leaves, 30)
    for post, comment in taken:
        post.comments.remove(comment)
    del server.posts[posts[3].name]
    posts[5].text = "Other words"

    again = list(profile().recheck([known(one.content) for one in first.values()]))

    gone = {posts[3].name} | {str(c.number) for p, c in below if p is posts[3]}
    gone |= {str(comment.number) for _, comment in taken}
    assert set(first) == {p.name for p in posts} | {str(c.number) for _, c in below}
    assert states(again) == dict.fromkeys(gone, PlatformState.NOT_VISIBLE)
    assert set(items(again)) == set(first) - gone
    assert items(again)[posts[5].name].content.text == "Other words"
    assert {one.actor for one in of(Sighting, again)} == {""}
    assert of(Gap, again) == []


def test_nothing_is_concluded_from_a_list_that_may_be_cut_off(server, profile):
    posts = [server.publish(f"Post {n}", at=NOON - n * DAY) for n in range(50)]
    one = items(visited(profile()))[posts[49].name]
    server.publish("The fifty-first", at=NOON + DAY)

    seen, again = visited(profile()), list(profile().recheck([known(one.content)]))

    assert posts[49].name not in items(seen)
    assert not any(listed.whole for listed in of(Listed, seen))
    assert states(again) == {posts[49].name: PlatformState.UNKNOWN}


@pytest.mark.parametrize(("count", "whole"), [(99, True), (101, False), (14, True), (15, False)])
def test_a_list_is_whole_only_where_its_length_shows_that_nothing_was_cut(
    server, profile, count, whole
):
    server.largest = 200
    for number in range(count):
        server.publish(f"Post {number}")

    assert {listed.whole for listed in of(Listed, visited(profile()))} == {whole}


def test_an_empty_list_takes_nothing_away(server, profile):
    post = server.publish("The only one")
    (one,) = items(visited(profile())).values()
    del server.posts[post.name]

    (gap,) = profile().recheck([known(one.content)])

    assert (gap.why, gap.native_id) == (GapReason.UNREADABLE, post.name)


def test_posts_that_come_without_comments_leave_a_gap_at_every_visit(server, profile):
    post = server.publish("Road closed")
    comment = server.comment(post, "Still?", at=NOON)
    (told,) = [o.content for o in items(visited(profile())).values() if o.content.parent]

    for tells in (frozenset({"count"}), frozenset()):
        server.tells = tells
        seen, again = visited(profile()), list(profile().recheck([known(told)]))
        assert [(gap.what, gap.why) for gap in of(Gap, seen)] == [
            ("comments", GapReason.OUT_OF_REACH)
        ]
        assert {one.kinds: one.whole for one in of(Listed, seen)} == {
            ("comment", "reply"): False, ("post",): True,
        }  # fmt: skip
        assert states(again) == {str(comment.number): PlatformState.UNKNOWN}
    server.tells, post.comments = frozenset({"count"}), []
    assert of(Gap, visited(profile())) == []


def test_comments_that_are_counted_and_not_shown_leave_a_gap(server, profile):
    post = server.publish("Counted", more={"comment_count": 4})

    seen = visited(profile())

    (gap,) = of(Gap, seen)
    assert (gap.why, gap.native_id) == (GapReason.OUT_OF_REACH, post.name)
    assert of(Cursor, seen) == []


@pytest.mark.parametrize(("counted", "shown"), [(1, 1), (3, 3), (2, 3), (5, 3)])
def test_nextdoors_own_count_stands_beside_ours_whether_it_takes_in_replies_or_not(
    server, profile, counted, shown
):
    post = server.publish("Counted", more={"comment_count": counted})
    above = server.comment(post, "Still?", at=NOON)
    for _ in range(2):
        server.comment(post, "Since noon", at=NOON, above=above.number)

    seen = visited(profile())

    assert of(ThreadListed, seen) == [
        ThreadListed(native_id=post.name, counted=counted, shown=shown)
    ]
    assert of(Gap, seen) == []


def test_a_post_and_what_answers_it_stand_in_their_places(server, profile):
    post = server.publish("Road closed", at=NOON, media=("https://cdn.example/a.jpg?x=1",))
    first = server.comment(post, "Still?", at=NOON + DAY)
    answer = server.comment(post, "Until noon", at=NOON + DAY, above=first.number)
    answer.more = {"parent_comment_id": None, "author_id": 88}
    source = profile()

    seen = items(visited(source))

    one = seen[post.name]
    comment, reply = seen[str(first.number)].content, seen[str(answer.number)].content
    assert (one.content.text, one.content.published_at) == ("Road closed", NOON)
    assert (one.content.author.native_id, one.content.author.name) == (PROFILE, "Example Police")
    assert one.content.permalink == f"https://nextdoor.com/p/{post.name}"
    assert one.engagement == {"comments": 2, "likes": 3}
    assert b"Still?" not in one.content.raw.body
    assert f'{{"reference": ["{first.number}"]}}'.encode() in one.content.raw.body
    assert b"Until noon" not in comment.raw.body
    assert (comment.kind, comment.parent, comment.thread) == (
        ItemKind.COMMENT, post.name, post.name,
    )  # fmt: skip
    assert (reply.kind, reply.parent, reply.thread) == (
        ItemKind.REPLY, str(first.number), post.name,
    )  # fmt: skip
    assert (comment.author.name, reply.author.native_id) == ("Pat P.", "88")
    source.download(one.content.attachments[0])
    assert server.files == [("https://cdn.example/a.jpg?x=1", "")]


def test_an_answer_that_is_listed_beside_its_comment_names_it(server, profile):
    told = {"body": "Said", "creation_date": int(NOON.timestamp()), "comments": []}
    flat = [told | {"id": 1}, told | {"id": 2, "parent_comment_id": 1}]
    server.publish("Road closed", more={"comments": flat})

    seen = items(visited(profile()))

    assert (seen["2"].content.kind, seen["2"].content.parent) == (ItemKind.REPLY, "1")


@pytest.mark.parametrize("under", ["posts", "results", ""])
def test_a_list_is_read_by_whichever_name_it_has(server, profile, under):
    server.under = under
    post = server.publish("Here")

    assert set(items(visited(profile()))) == {post.name}


def test_what_is_no_list_is_not_read_as_an_empty_one(server, profile):
    server.under = "feed"
    server.publish("Here")

    with pytest.raises(AnswerUnreadable, match="not with a list"):
        visited(profile())


def test_a_visit_by_day_asks_once_and_yields_what_is_new_and_young(server, profile):
    old = server.publish("Old", at=NOON - 90 * DAY)
    server.comment(old, "Late", at=NOON)
    young = server.publish("Young", at=NOON - 9 * DAY)
    server.comment(young, "Fresh", at=NOON)
    edited = server.publish("Mended", at=NOON - 60 * DAY, changed=NOON)
    server.asked.clear()

    seen = visited(profile(), since=NOON - DAY, young=NOON - 10 * DAY, cursor="2026")

    assert {one.content.text for one in items(seen).values()} == {"Fresh", "Mended"}
    assert edited.name in items(seen)
    assert server.asked == ["post/"]
    assert of(Listed, seen) == []


def test_the_profile_is_an_item_and_new_words_a_version(server, profile):
    (one,) = [o.content for o in of(Observation, visited(profile()))]
    server.profile = {"about": "Call 911.", "entity_page": {"id": "e", "name": "Example PD"}}
    server.publish("Here")
    (two,) = profile().recheck([known(one)])

    assert (one.title, one.text, one.published_at) == ("Example Police", "We serve.", SERVED)
    assert (two.content.title, two.content.text) == ("Example PD", "Call 911.")
    assert one.native_id == two.content.native_id == f"profile {PROFILE}"


def test_a_token_that_is_not_for_the_profile_removes_nothing(server, profile):
    post = server.publish("Here")
    with pytest.raises(PermissionLost, match="not for the profile"):
        visited(profile(name="sp_nobody"))
    with pytest.raises(PermissionLost):
        visited(profile(token="dead"))
    item = Known(native_id=post.name, kind="post", parent=None, thread=None, permalink="")
    (gap,) = profile(token="dead").recheck([item])

    assert (gap.why, gap.native_id) == (GapReason.PERMISSION_LOST, post.name)


def test_an_item_that_cannot_be_read_hides_no_other(server, profile):
    broken = server.publish("Broken", more={"created_at": "yesterday"})
    fine = server.publish("Fine")
    odd = server.comment(fine, "Odd", at=NOON)
    odd.more = {"creation_date": True}
    even = server.comment(fine, "Even", at=NOON)

    seen = visited(profile())

    assert set(items(seen)) == {fine.name, str(even.number)}
    assert {gap.native_id for gap in of(Gap, seen)} == {broken.name, None}
    assert of(Cursor, seen) == []
    assert not any(listed.whole for listed in of(Listed, seen))


def test_the_rights_of_a_token_are_tried_one_by_one(server, profile):
    server.publish("Here")
    good = list(profile().check())
    server.tells = frozenset()
    bare = list(profile().check())
    server.refuse = lambda path: Reply(403) if path == "post/" else None
    poor = list(profile().check())

    assert [one.granted for one in good] == [True, True, True]
    assert [one.granted for one in bare] == [True, True, False]
    assert [one.granted for one in poor] == [True, False]


def test_a_page_is_refused_without_a_token_or_a_profile(tmp_path):
    page = PageSettings(
        name="n", connector="nextdoor", platform="nextdoor", url=URL, secret="t",
        options={"profile": PROFILE},
    )  # fmt: skip
    gateway = {"profile": PROFILE, "api": "http://gateway.example/"}
    for wrong, why in (
        (replace(page, secret=None), "without a token"),
        (replace(page, options={}), "profile must be"),
        (replace(page, options=gateway), "https only"),
    ):
        with pytest.raises(ConfigInvalid, match=why):
            CONNECTOR.open(wrong, fetching(tmp_path))
    CONNECTOR.open(page, fetching(tmp_path)).close()
