"""Case notes on YouTube: what is read of a channel, what a visit costs, what nobody is told."""

from __future__ import annotations

import json
import random
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from itertools import count
from pathlib import PurePath

import httpx
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
from archiver.records.errors import (
    AnswerUnreadable,
    BudgetSpent,
    ConfigInvalid,
    PermissionLost,
    PlatformUnreachable,
)
from archiver.records.items import Attachment, Author, ItemKind
from archiver.records.pages import FetchSettings, PageSettings
from connectors.youtube import API, CONNECTOR, _asked_by
from connectors.youtube.api import Api
from connectors.youtube.parsing import read_channel, read_comment, read_thread, read_video
from connectors.youtube.visiting import ChannelSource
from tests.connectors.seeing import known, visited
from tests.connectors.served import Wire
from tests.connectors.youtube_platform import (
    CHANNEL,
    KEY,
    NOON,
    STRANGER,
    TOKEN,
    YoutubeServer,
)

DAY = timedelta(days=1)
LATER = NOON + 60 * DAY


@pytest.fixture
def server():
    return YoutubeServer()


@pytest.fixture
def channel(server, asking, tmp_path):
    """Open the channel as a test wishes: by key or token, with a budget, with what is private."""
    times = count()

    def open_it(secret=KEY, *, limit=None, private=False, wire=None):
        fetcher = asking(wire or Wire(server))
        base = f"https://api.example/{tmp_path.name}/{next(times)}/v3"
        api = Api(fetcher, base, secret, limit=limit)
        return ChannelSource(fetcher, api, asked_by={"forHandle": "@police"}, private=private)

    return open_it


def of(kind, seen):
    return [s for s in seen if isinstance(s, kind)]


def items(seen):
    found = [s.content for s in of(Observation, seen)]
    return {c.native_id: c for c in found if c.kind is not ItemKind.PROFILE}


def states(seen):
    return {s.content.native_id: s.state for s in of(Observation, seen)}


def a_busy_channel(server, *, videos=60, comments=3_000, seed=7):
    """Fill a channel by chance: threads, long ones too, edits, what is held, what is off."""
    chance = random.Random(seed)
    for number in range(videos):
        server.upload(f"Notice {number}", comments_off=number % 17 == 16)
    open_to_all = [v.id for v in server.videos.values() if not v.comments_off]
    tops = []
    for number in range(comments):
        on = (
            chance.choice(tops[-40:])
            if tops and chance.random() < 0.6
            else chance.choice(open_to_all)
        )
        status = chance.choices(["published", "heldForReview", "likelySpam"], [90, 6, 4])[0]
        if on in server.comments:
            status = "published"
        when = NOON + timedelta(hours=1, minutes=number)
        edited = when + DAY if chance.random() < 0.1 else None
        said = server.say(on, f"Remark {number}", at=when, status=status, edited=edited)
        if on not in server.comments and status == "published":
            tops.append(said)
    return server


# --- what is read ------------------------------------------------------------------------------


def test_a_video_is_kept_with_its_title_its_words_its_picture_and_the_platforms_own_bytes(
    server, channel
):
    name = server.upload("Road closed <ahead>", title="Closure", picture="https://i.example/hq.jpg")

    seen = visited(channel())

    (video,) = items(seen).values()
    assert (video.native_id, video.kind) == (name, ItemKind.POST)
    assert (video.title, video.text) == ("Closure", "Road closed <ahead>")
    assert video.permalink == f"https://www.youtube.com/watch?v={name}"
    assert video.author == Author(
        CHANNEL, "Indio Police", url=f"https://www.youtube.com/channel/{CHANNEL}"
    )
    assert video.attachments == (Attachment("thumbnail", "https://i.example/hq.jpg"),)
    assert json.loads(video.raw.body)["id"] == name
    (observed,) = [s for s in of(Observation, seen) if s.content.kind is ItemKind.POST]
    assert observed.engagement == {"views": 99, "likes": 3, "comments": 0}


def test_the_profile_is_an_item_whose_new_words_or_banner_make_a_new_version(server, channel):
    (before,) = [s.content for s in of(Observation, visited(channel()))]
    server.description, server.trailer = (
        "We keep the peace. Call 911 in emergencies.",
        "vid00000001",
    )

    (after,) = [s.content for s in of(Observation, visited(channel()))]

    assert (before.native_id, before.kind) == (CHANNEL, ItemKind.PROFILE)
    assert (before.title, before.text) == ("Indio Police", "We keep the peace.")
    assert [a.key for a in before.attachments] == ["/face", "/banner"]
    assert after.links == ("https://www.youtube.com/watch?v=vid00000001",)
    assert before.fingerprint() != after.fingerprint()


def test_a_comment_is_kept_with_its_author_its_place_and_the_moment_of_its_last_edit(
    server, channel
):
    video = server.upload("Notice")
    first = server.say(video, "Is it <open>?", edited=NOON + 2 * DAY)
    answer = server.say(first, "Yes & no")

    found = items(visited(channel()))

    assert (found[first].kind, found[answer].kind) == (ItemKind.COMMENT, ItemKind.REPLY)
    assert (found[first].text, found[answer].text) == ("Is it <open>?", "Yes & no")
    assert (found[first].parent, found[first].thread) == (video, video)
    assert (found[answer].parent, found[answer].thread) == (first, video)
    assert (found[first].edited_at, found[answer].edited_at) == (NOON + 2 * DAY, None)
    assert found[first].author.handle == "@neighbor"
    assert found[first].permalink == f"https://www.youtube.com/watch?v={video}&lc={first}"


def test_a_comment_is_kept_without_the_replies_that_came_in_the_same_answer(server, channel):
    video = server.upload("Notice")
    first = server.say(video, "Is it open?")
    answer = server.say(first, "No, closed")

    found = items(visited(channel()))

    thread = json.loads(found[first].raw.body)
    assert thread["replies"] == {"reference": [answer]}
    assert thread["snippet"]["topLevelComment"]["id"] == first
    assert b"No, closed" not in found[first].raw.body
    assert json.loads(found[answer].raw.body)["id"] == answer


def test_a_picture_that_was_put_into_a_comment_is_an_attachment(server, channel):
    video = server.upload("Notice")
    said = server.say(video, "Look", image="https://yt3.example/img/abc=s640")

    found = items(visited(channel()))

    assert found[said].attachments == (Attachment("/img/abc", "https://yt3.example/img/abc=s640"),)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "snippet", "statistics", "status", "replies", "comments",
                             "topLevelComment", "publishedAt", "contentDetails", "title"]),
            inner, max_size=4),
        max_leaves=12,
    )
)  # fmt: skip
def test_no_answer_makes_the_reading_fail_in_another_way(value):
    raw = json.dumps(value).encode()
    for read in (read_channel, read_thread, read_comment):
        with suppress(AnswerUnreadable):
            read(value, raw)
    with suppress(AnswerUnreadable):
        read_video(value, raw, private=False)


# --- everything, counted -----------------------------------------------------------------------


def test_whoever_manages_the_channel_gets_every_item_there_is_in_its_state(server, channel):
    a_busy_channel(server)

    seen = visited(channel(TOKEN))

    assert of(Gap, seen) == []
    found = items(seen)
    assert set(found) == set(server.videos) | set(server.comments)
    assert len(of(Observation, seen)) == len(found) + 1
    hidden = {name for name, state in states(seen).items() if state is PlatformState.HIDDEN}
    assert hidden == {c.id for c in server.comments.values() if c.status != "published"}
    restricted = {o.content.native_id for o in of(Observation, seen) if o.restricted}
    assert restricted == hidden
    edited = {name for name, content in found.items() if content.edited_at}
    assert edited == {c.id for c in server.comments.values() if c.edited}
    assert {found[c.id].text for c in server.comments.values()} == {
        c.text for c in server.comments.values()
    }


def test_a_key_gets_every_public_item_and_nothing_that_is_held(server, channel):
    a_busy_channel(server)

    found = items(visited(channel(KEY)))

    public = {c.id for c in server.comments.values() if c.status == "published"}
    assert set(found) == set(server.videos) | public


def test_over_many_nights_every_wording_and_every_removal_is_seen(server, channel):
    a_busy_channel(server, videos=40, comments=1_000)
    chance = random.Random(11)
    source, first = channel(KEY), None
    kept, cursor = {}, None
    for night in range(6):
        now = NOON + 2 * DAY + night * DAY
        since = now - 14 * DAY if night else None
        seen = visited(source := channel(KEY), since=since, cursor=cursor)
        found = items(seen)
        missing = [known(kept[name]) for name in kept if name not in found]
        gone = {s.native_id for s in of(Sighting, source.recheck(missing))}
        existing = set(server.videos) | {
            c.id for c in server.comments.values() if c.status == "published"
        }
        assert set(found) == existing
        assert gone == set(kept) - existing
        assert all(found[c].text == server.comments[c].text for c in found if c in server.comments)
        kept = {name: content for name, content in kept.items() if name not in gone} | found
        cursor = [s.value for s in of(Cursor, seen)][-1]
        first = first or len(found)
        for name in chance.sample(sorted(server.comments), 30):
            server.remove(name)
        for name in chance.sample(sorted(server.comments), 30):
            server.comments[name].text += ", corrected"
            server.comments[name].edited = now
        server.remove(chance.choice(sorted(server.videos)))
    assert len(kept) < first


def test_youtubes_own_counts_stand_beside_ours(server, channel):
    a_busy_channel(server, videos=20, comments=300)

    seen = visited(channel(KEY))

    counts = {listed.kinds: listed.platform_count for listed in of(Listed, seen)}
    kinds = Counter(content.kind for content in items(seen).values())
    assert counts[("post",)] == kinds[ItemKind.POST] == 20
    assert counts[("comment", "reply")] == kinds[ItemKind.COMMENT] + kinds[ItemKind.REPLY]


def test_what_youtube_counts_under_a_video_and_shows_are_told_for_each(server, channel):
    counted, closed = server.upload("Notice", withheld=3), server.upload("No comments here")
    server.videos[closed].comments_off = True
    top = server.say(counted, "Thanks")
    for number in range(8):
        server.say(top, f"Reply {number}")

    seen = visited(channel(KEY))

    assert of(Gap, seen) == []
    assert of(ThreadListed, seen) == [ThreadListed(native_id=counted, counted=12, shown=9)]


# --- what a visit asks for ---------------------------------------------------------------------


def test_a_key_travels_in_a_header_and_is_in_no_address(server, channel):
    server.upload("Notice")
    wire = Wire(server)

    visited(channel(KEY, wire=wire))

    assert {request.headers["x-goog-api-key"] for request in wire.sent} == {KEY}
    assert not any(KEY in str(request.url) for request in wire.sent)
    assert not any("authorization" in request.headers for request in wire.sent)


def test_search_is_never_asked_and_every_answer_is_one_unit(server, channel):
    a_busy_channel(server, videos=30, comments=200)
    source = channel(KEY)

    visited(source)

    assert {resource for resource, _ in server.asked} == {
        "channels", "playlistItems", "videos", "commentThreads", "comments",
    }  # fmt: skip
    assert source.fetched == server.spent


def test_a_late_comment_on_an_old_video_is_seen_the_same_night(server, channel):
    old = server.upload("Notice", at=NOON - 300 * DAY)
    server.upload("News", at=LATER - DAY)
    late = server.say(old, "Only reading this now", at=LATER - DAY)

    seen = visited(channel(KEY), since=LATER - 14 * DAY, cursor="x")

    assert set(items(seen)) == {*server.videos, late}


def test_an_ordinary_night_asks_for_the_comments_of_the_look_back_alone(server, channel):
    for number in range(30):
        server.say(server.upload("Old", at=NOON - (100 + number) * DAY), "Said long ago")
    young = server.upload("News", at=LATER - DAY)

    visited(channel(KEY), since=LATER - 14 * DAY, cursor="x")

    asked = [params.get("videoId") for resource, params in server.asked
             if resource == "commentThreads"]  # fmt: skip
    assert asked == [young, None]
    assert server.spent == 5


def test_an_ordinary_night_walks_the_whole_list_of_videos(server, channel):
    server.slice = 2
    for number in range(9):
        server.upload("Old", at=NOON - (100 + number) * DAY)

    seen = visited(channel(KEY), since=LATER - 14 * DAY, cursor="x")

    assert set(items(seen)) == set(server.videos)


def test_the_newest_comments_are_asked_for_as_far_back_as_the_look_back_alone(server, channel):
    server.slice = 2
    old = server.upload("Notice", at=NOON - 300 * DAY)
    for number in range(20):
        server.say(old, "Said long ago", at=NOON - (100 + number) * DAY)
    late = server.say(old, "Only reading this now", at=LATER - DAY)

    found = items(visited(channel(KEY), since=LATER - 14 * DAY, cursor="x"))

    assert late in found
    asked = [resource for resource, _ in server.asked if resource == "commentThreads"]
    assert len(asked) == 2


def test_a_removed_video_is_missed_the_same_night_however_old_it_is(server, channel):
    for number in range(5):
        server.upload("Old", at=NOON - (100 + number) * DAY)

    seen = visited(channel(KEY), since=LATER - 14 * DAY, cursor="x")

    (posts,) = [listed for listed in of(Listed, seen) if listed.kinds == ("post",)]
    assert posts.whole
    assert posts.since is None


# --- what the public does not see --------------------------------------------------------------


def test_a_held_comment_is_seen_by_who_manages_the_channel_and_later_published(server, channel):
    video = server.upload("Notice")
    held = server.say(video, "Words that were filtered", status="heldForReview")
    answer = server.say(server.say(video, "Fine words"), "A held answer", status="likelySpam")

    before = visited(channel(TOKEN))
    server.comments[held].status = "published"
    after = visited(channel(TOKEN))

    assert states(before)[held] is PlatformState.HIDDEN
    assert states(before)[answer] is PlatformState.HIDDEN
    assert items(before)[held].marks == ("held-for-review",)
    assert items(before)[answer].marks == ("likely-spam",)
    assert states(after)[held] is PlatformState.PRESENT


@pytest.mark.parametrize("status", ["heldForReview", "likelySpam", "rejected"])
@pytest.mark.parametrize("secret", [TOKEN, KEY])
@pytest.mark.parametrize("before", [PlatformState.HIDDEN, PlatformState.UNKNOWN])
def test_a_held_comment_is_no_public_one_because_it_is_shown_by_its_id(
    server, channel, status, secret, before
):
    video = server.upload("Notice")
    held = server.say(video, "Words that were filtered", status="heldForReview")
    found = items(visited(channel(TOKEN)))[held]
    server.comments[held].status = status
    if secret is KEY:  # as YouTube might show it to anybody: no page says that it does not
        server.comments[held].status = "published"

    again = list(channel(secret).recheck([known(found, before)]))

    assert [one.state for one in again] == [PlatformState.UNKNOWN] * 2
    (told,) = of(Sighting, again)
    assert (told.native_id, told.source) == (held, "youtube moderationstatus untold")
    assert items(again)[held].text == "Words that were filtered"


@pytest.mark.parametrize("secret", [TOKEN, KEY])
def test_an_ordinary_comment_stays_present_by_its_id_where_its_status_is_rightly_not_told(
    server, channel, secret
):
    video = server.upload("Notice")
    said = server.say(video, "Fine words")
    found = items(visited(channel(secret)))[said]

    (again,) = channel(secret).recheck([known(found)])

    assert again.state is PlatformState.PRESENT


@pytest.mark.parametrize(
    ("secret", "state"), [(KEY, PlatformState.PRESENT), (TOKEN, PlatformState.UNKNOWN)]
)
def test_what_was_not_visible_and_is_shown_again_is_public_to_a_visitor_alone(
    server, channel, secret, state
):
    said = server.say(server.upload("Notice"), "Fine words")
    found = items(visited(channel(KEY)))[said]

    (again, *_) = channel(secret).recheck([known(found, PlatformState.NOT_VISIBLE)])

    assert again.state is state


def test_a_comment_that_was_rejected_since_is_not_called_present_because_its_id_still_shows_it(
    server, channel
):
    video = server.upload("Notice")
    fine = server.say(video, "Fine words")
    said = server.say(video, "Words that somebody rejects")
    found = items(visited(channel(TOKEN)))
    server.comments[said].status = "rejected"
    source = channel(TOKEN)

    listed = items(visited(source))
    again = list(source.recheck([known(found[said]), known(found[fine])]))

    assert said not in listed
    assert states(again) == {said: PlatformState.UNKNOWN, fine: PlatformState.PRESENT}


def test_where_lists_do_not_tell_what_is_held_it_is_unknown_and_one_gap_says_so(server, channel):
    video = server.upload("Notice")
    fine = server.say(video, "Fine words")
    held = [server.say(video, f"Words {n}", status="heldForReview") for n in range(2)]
    server.withdrawn = frozenset({"moderationStatus"})

    seen = visited(channel(TOKEN))

    assert states(seen)[fine] is PlatformState.PRESENT  # the list holds what is published
    assert [states(seen)[name] for name in held] == [PlatformState.UNKNOWN] * 2
    (gap,) = of(Gap, seen)
    assert (gap.what, gap.why) == (
        "which items are held back: the field moderationStatus", GapReason.OUT_OF_REACH,
    )  # fmt: skip


def test_an_answer_without_a_status_under_a_comment_that_has_one_is_unknown(server, channel):
    said = server.say(server.upload("Notice"), "Fine words")
    few = [server.say(said, f"Answer {n}") for n in range(9)]  # more than its thread shows
    server.withdrawn = frozenset({f"{few[0]}.moderationStatus", f"{few[8]}.moderationStatus"})

    seen = states(visited(channel(TOKEN)))

    unknown = {name for name, state in seen.items() if state is PlatformState.UNKNOWN}
    assert unknown == {few[0], few[8]}
    assert PlatformState.UNKNOWN not in states(visited(channel(KEY))).values()


def test_a_status_that_no_page_describes_makes_no_comment_public(server):
    said = server.say(server.upload("Notice"), "Fine words")
    told = server._comment(server.comments[said], {})
    told["snippet"]["moderationStatus"] = "shadowed"

    entry = read_comment(told, json.dumps(told).encode())

    assert entry.state is PlatformState.UNKNOWN


@pytest.mark.parametrize(("secret", "restricted"), [(TOKEN, True), (KEY, False)])
def test_a_video_of_which_nobody_tells_who_may_see_it_is_not_taken_for_public(
    server, channel, secret, restricted
):
    video = server.upload("A draft perhaps", privacy="public")
    server.upload("Another")
    server.withdrawn = frozenset({"privacyStatus"})
    source = channel(secret)

    seen = visited(source)
    (again, *_) = source.recheck([known(items(seen)[video])])

    assert {states(seen)[video], again.state} == {PlatformState.UNKNOWN}
    (found,) = [o for o in of(Observation, seen) if o.content.native_id == video]
    assert (found.restricted, again.restricted) == (restricted, restricted)
    (gap,) = of(Gap, seen)
    assert gap.what == "which items are private: the field privacyStatus"


def test_a_token_that_does_not_manage_the_channel_leaves_a_gap_and_takes_nothing_for_removed(
    server, channel
):
    video = server.upload("Notice")
    said = server.say(video, "Fine words")

    seen = visited(channel(STRANGER))

    assert set(items(seen)) == {video, said}
    assert [gap.why for gap in of(Gap, seen)] == [GapReason.OUT_OF_REACH] * 2
    assert of(Sighting, seen) == []


def test_a_private_video_is_hidden_unless_private_ones_are_wanted(server, channel):
    shown = server.upload("Notice")
    private = server.upload("A draft", privacy="private")

    without = visited(channel(TOKEN))
    wanted = visited(channel(TOKEN, private=True))

    assert set(items(without)) == {shown}
    assert of(Sighting, without) == [
        Sighting(native_id=private, state=PlatformState.HIDDEN, source="youtube private")
    ]
    assert states(wanted)[private] is PlatformState.HIDDEN
    assert [o.restricted for o in of(Observation, wanted) if o.content.native_id == private] == [
        True
    ]


def test_an_upload_that_youtube_rejected_names_youtube_and_its_reason(server, channel):
    name = server.upload("Notice", upload="rejected", rejection="copyright")

    (sighting,) = of(Sighting, visited(channel(TOKEN)))

    assert sighting.native_id == name
    assert sighting.state is PlatformState.REPORTED_REMOVED
    assert sighting.actor is Actor.PLATFORM
    assert sighting.remark == "copyright"


def test_comments_that_are_turned_off_are_no_gap_and_nothing_is_called_removed(server, channel):
    video = server.upload("Notice")
    said = server.say(video, "Fine words")
    before = items(visited(channel(KEY)))
    server.videos[video].comments_off = True

    seen = visited(channel(KEY))

    assert set(items(seen)) == {video}
    assert of(Gap, seen) + of(Sighting, seen) == []
    assert said in before


def test_what_is_left_out_of_an_answer_is_not_visible_and_blames_nobody(server, channel):
    video = server.upload("Notice")
    said = server.say(video, "Fine words")
    answer = server.say(said, "An answer")
    before = items(visited(channel(KEY)))
    del server.comments[answer]

    seen = list(channel(KEY).recheck([known(content) for content in before.values()]))

    assert of(Sighting, seen) == [Sighting(native_id=answer, state=PlatformState.NOT_VISIBLE)]
    again = items(seen)
    assert {again[n].fingerprint() for n in (video, said)} == {
        before[n].fingerprint() for n in (video, said)
    }
    assert (again[said].parent, again[said].thread) == (video, video)


def test_a_profile_is_looked_at_again_like_any_item(channel):
    (profile,) = [s.content for s in of(Observation, visited(channel(KEY)))]

    (again,) = list(channel(KEY).recheck([known(profile)]))

    assert again.content.fingerprint() == profile.fingerprint()


def test_many_items_are_looked_at_again_by_fifty_for_a_unit(server, channel):
    a_busy_channel(server, videos=120, comments=230)
    before = items(visited(channel(KEY)))
    spent = server.spent

    again = items(channel(KEY).recheck([known(content) for content in before.values()]))

    assert set(again) == set(before)
    others = len(before) - 120
    assert server.spent - spent == 3 + -(-others // 50)


# --- quota -------------------------------------------------------------------------------------


def test_a_first_visit_that_the_quota_ends_goes_on_the_next_day_where_it_stopped(server, channel):
    a_busy_channel(server, videos=100, comments=400)
    server.quota = 40
    found, cursor, days = set(), None, 0

    while days < 10:
        server.spent, days = 0, days + 1
        seen = visited(channel(KEY), cursor=cursor)
        found |= set(items(seen))
        cursor = [s.value for s in of(Cursor, seen)][-1]
        if not of(Gap, seen):
            break
        assert [gap.why for gap in of(Gap, seen)] == [GapReason.BUDGET]
        assert not any(listed.whole for listed in of(Listed, seen))
        server.upload(f"Published meanwhile, on day {days}", at=LATER + days * DAY)

    public = {c.id for c in server.comments.values() if c.status == "published"}
    assert found == set(server.videos) | public
    assert 2 < days < 10


def test_where_the_video_it_stopped_at_is_gone_nothing_is_passed_over(server, channel):
    a_busy_channel(server, videos=20, comments=100)
    server.quota = 15
    seen = visited(channel(KEY))
    (cursor,) = [s.value for s in of(Cursor, seen)]
    server.remove(cursor.partition("/")[2])
    server.quota, server.spent = 10_000, 0

    rest = visited(channel(KEY), cursor=cursor)

    public = {c.id for c in server.comments.values() if c.status == "published"}
    assert set(items(rest)) == set(server.videos) | public


def test_a_place_is_kept_only_behind_what_was_asked_for(server, channel):
    a_busy_channel(server, videos=20, comments=100)
    server.slice, server.quota = 5, 22
    (cursor,) = [s.value for s in of(Cursor, visited(channel(KEY)))]
    first, last = cursor.split("/")
    server.remove(last)
    server.quota, server.spent = 5, 0

    again = visited(channel(KEY), cursor=cursor)
    server.quota, server.spent = 10_000, 0
    places = [s.value for s in of(Cursor, again)]
    rest = visited(channel(KEY), cursor=places[-1] if places else cursor)

    public = {c.id for c in server.comments.values() if c.status == "published"}
    assert first in server.videos
    assert set(items(rest)) == set(server.videos) | public


def test_a_night_that_the_quota_ends_says_so_with_what_was_spent_and_keeps_its_place(
    server, channel
):
    a_busy_channel(server, videos=30, comments=100)
    server.quota = 12

    seen = visited(channel(KEY), since=NOON - DAY, cursor="x")

    (gap,) = of(Gap, seen)
    assert gap.why is GapReason.BUDGET
    assert gap.detail.endswith("13 units spent today")
    assert of(Cursor, seen) + of(Listed, seen) == []


def test_our_own_budget_stops_a_visit_before_youtube_does(server, channel):
    a_busy_channel(server, videos=30, comments=100)

    seen = visited(channel(KEY, limit=12))

    assert [gap.why for gap in of(Gap, seen)] == [GapReason.BUDGET]
    assert server.spent == 12


def test_a_quota_that_is_spent_before_the_visit_begins_fails_it(server, channel):
    server.quota = 0

    with pytest.raises(BudgetSpent, match="midnight Pacific"):
        visited(channel(KEY))


def refusing(reason, *, status=403, domain="youtube.quota", times=1):
    """Refuse the first *times* questions with *reason*."""
    left = [times]

    def fail(_resource, _params):
        left[0] -= 1
        if left[0] < 0:
            return None
        body = {"error": {"code": status, "errors": [{"reason": reason, "domain": domain}]}}
        return status, {"content-type": "application/json"}, json.dumps(body).encode()

    return fail


def test_whoever_is_told_to_be_slower_is_slower_and_loses_nothing(server, channel):
    name = server.upload("Notice")
    server.fail = refusing("rateLimitExceeded", times=3)

    seen = visited(channel(KEY))

    assert set(items(seen)) == {name}
    assert of(Gap, seen) == []


def test_whoever_is_told_to_be_slower_for_ever_gives_up(server, channel):
    server.fail = refusing("rateLimitExceeded", times=99)

    with pytest.raises(PlatformUnreachable, match="too fast"):
        visited(channel(KEY))


@pytest.mark.parametrize(
    ("secret", "error"), [("AIzaWrong", PermissionLost), ("ya29.expired", PermissionLost)]
)
def test_a_dead_credential_is_permission_lost_and_is_never_said_aloud(channel, secret, error):
    with pytest.raises(error) as raised:
        visited(channel(secret))

    assert secret not in str(raised.value)


@pytest.mark.parametrize(
    ("reason", "status", "error"),
    [
        ("accessNotConfigured", 403, PermissionLost),
        ("forbidden", 403, PermissionLost),
        ("keyExpired", 400, PermissionLost),
        ("invalidFilters", 400, AnswerUnreadable),
        ("channelNotFound", 404, AnswerUnreadable),
        ("dailyLimitExceeded", 403, BudgetSpent),
    ],
)
def test_each_refusal_is_told_for_what_it_is(server, channel, reason, status, error):
    server.fail = refusing(reason, status=status)

    with pytest.raises(error, match=reason):
        visited(channel(KEY))


def test_a_channel_that_is_not_there_says_so_and_nothing_is_removed(server, channel):
    empty = (200, {"content-type": "application/json"}, b'{"pageInfo": {"totalResults": 0}}')
    server.fail = lambda resource, _params: empty if resource == "channels" else None

    with pytest.raises(AnswerUnreadable, match="no channel with @police"):
        visited(channel(KEY))


def test_a_channel_without_videos_is_empty_and_one_whose_list_is_missing_is_not(server, channel):
    empty = visited(channel(KEY))
    server.upload("Notice")
    server.fail = lambda resource, params: (
        refusing("playlistNotFound", status=404)(resource, params)
        if resource == "playlistItems"
        else None
    )

    assert items(empty) == {}
    assert [listed.whole for listed in of(Listed, empty)] == [True, True]
    with pytest.raises(AnswerUnreadable, match="no list of uploads"):
        visited(channel(KEY))


@pytest.mark.parametrize("resource", ["commentThreads", "comments", "videos"])
def test_one_unreadable_answer_is_a_gap_and_no_listing_is_whole(server, channel, resource):
    a_busy_channel(server, videos=5, comments=200)
    answered = (200, {"content-type": "application/json"}, b'{"items": [{"id": "x"}]}')
    asked = Counter()

    def fail(what, _params):
        asked[what] += 1
        return answered if what == resource and asked[what] == 1 else None

    server.fail = fail
    seen = visited(channel(KEY))

    assert of(Cursor, seen) == []
    assert not any(listed.whole for listed in of(Listed, seen)) or resource == "videos"
    assert of(Gap, seen) or of(Sighting, seen)


# --- opening -----------------------------------------------------------------------------------


def page(**options):
    told = {"url": "https://www.youtube.com/@police", "secret": KEY} | options
    return PageSettings(name="videos", connector="youtube", platform="youtube", **told)


@pytest.mark.parametrize(
    ("url", "channel_id", "parameter"),
    [
        ("https://www.youtube.com/@police", "", "forHandle=%40police"),
        ("https://youtube.com/user/IndioPD/", "", "forUsername=IndioPD"),
        (f"https://www.youtube.com/channel/{CHANNEL}", "", f"id={CHANNEL}"),
        ("https://www.youtube.com/c/IndioPolice", CHANNEL, f"id={CHANNEL}"),
    ],
)
def test_a_channel_is_found_by_each_kind_of_address(url, channel_id, parameter):
    found = _asked_by(page(url=url, options={"channel": channel_id}))

    assert str(httpx.QueryParams(found)) == parameter


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"url": "https://www.youtube.com/c/IndioPolice"}, "channel must be set"),
        ({"url": "https://www.youtube.com/watch?v=abc"}, "channel must be set"),
        ({"url": "https://elsewhere.example/@police"}, "channel must be set"),
        ({"options": {"channel": "IndioPD"}}, "channel must be set"),
        ({"secret": None}, "set token_env"),
        ({"options": {"api": "http://gateway.example/v3"}}, "https"),
    ],
)
def test_a_page_that_names_no_channel_or_no_key_is_refused(tmp_path, options, fault):
    fetching = FetchSettings(user_agent="archiver/1", spool=PurePath(tmp_path))

    with pytest.raises(ConfigInvalid, match=fault):
        CONNECTOR.open(page(**options), fetching)


def test_a_page_is_opened_at_googles_own_address(tmp_path):
    fetching = FetchSettings(user_agent="archiver/1", spool=PurePath(tmp_path))

    source = CONNECTOR.open(page(), fetching)
    source.close()

    assert API == "https://www.googleapis.com/youtube/v3"
    assert isinstance(source, ChannelSource)
