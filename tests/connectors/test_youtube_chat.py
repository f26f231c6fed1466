"""Case notes on live chats on YouTube: what a visit takes while a stream is on."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import count

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
from archiver.records.items import ItemKind
from connectors.youtube.api import CHAT_READ, LONGEST_WAIT, Api
from connectors.youtube.live_chat import MOST
from connectors.youtube.visiting import ChannelSource
from tests.connectors.platforms import PatientClock
from tests.connectors.seeing import known, of, visited
from tests.connectors.served import Wire
from tests.connectors.youtube_chat import OWNER, StreamingServer
from tests.connectors.youtube_platform import KEY, NOON, TOKEN

DAY = timedelta(days=1)


@pytest.fixture
def server():
    return StreamingServer()


@pytest.fixture
def clock():
    return PatientClock()


@pytest.fixture
def channel(server, asking, clock, tmp_path):
    times = count()

    def opened(*, chats=True, limit=None, secret=KEY):
        fetcher = asking(Wire(server), clock=clock)
        base = f"https://api.example/{tmp_path.name}/{next(times)}/v3"
        api = Api(fetcher, base, secret, limit=limit)
        asked_by = {"forHandle": "@police"}
        return ChannelSource(fetcher, api, asked_by=asked_by, private=False, chats=chats)

    return opened


def lines(seen):
    found = [one for one in of(Observation, seen) if one.content.kind is ItemKind.MESSAGE]
    return {one.content.native_id: one for one in found}


def asked(server):
    return [params for resource, params in server.asked if resource == "messages"]


def test_every_line_of_a_chat_that_is_on_is_kept_restricted_under_its_video(server, channel):
    server.slice = 3
    video = server.stream("Town hall")
    said = {f"live-chat:{server.chat(video, f'Question {n}')}" for n in range(8)}

    seen = visited(channel())

    found = lines(seen)
    assert (found.keys(), of(Gap, seen)) == (said, [])
    assert all(one.restricted for one in found.values())
    content = found[f"live-chat:LCC.{video}.3"].content
    assert (content.text, content.thread, content.marks) == ("Question 3", video, ("live-chat",))
    assert (content.author.native_id, content.author.handle) == ("UCneighbor", "@UCneighbor")


def test_chats_that_were_not_asked_for_are_not_asked_of_youtube(server, channel):
    server.chat(server.stream("Town hall"), "Hello")

    seen = visited(channel(chats=False))

    assert lines(seen) == {}
    assert asked(server) == []


def test_a_chat_costs_five_units_a_slice_and_is_asked_no_sooner_than_youtube_allows(
    server, channel, clock
):
    server.slice = 2
    video = server.stream("Town hall")
    for n in range(4):
        server.chat(video, f"Question {n}")
    source, start = channel(), clock()

    visited(source)

    slices = len(asked(server))
    assert slices == 3
    assert source._api.spent == server.spent == CHAT_READ * slices + len(server.asked) - slices
    assert clock() - start >= 2 * server.wait / 1000


def test_what_is_said_while_a_visit_reads_is_kept_and_an_endless_chat_does_not_hold_it(
    server, channel
):
    video = server.stream("Town hall")
    server.meanwhile = lambda: server.chat(video, "And another")
    server.chat(video, "First")

    seen = visited(channel())

    assert len(lines(seen)) == MOST
    [gap] = of(Gap, seen)
    assert (gap.what, gap.why) == (
        f"the rest of the live chat of video {video}", GapReason.OUT_OF_REACH,
    )  # fmt: skip


def test_a_chat_that_was_read_to_its_end_with_the_last_slice_leaves_no_gap(server, channel):
    server.slice = 1
    video = server.stream("Town hall")
    for n in range(MOST - 1):
        server.chat(video, f"Question {n}")

    seen = visited(channel())

    assert (len(lines(seen)), of(Gap, seen)) == (MOST - 1, [])


def test_a_visit_waits_for_no_chat_longer_than_half_a_minute(server, channel, clock):
    server.wait = 3_600_000
    server.chat(server.stream("Town hall"), "Hello")
    start = clock()

    seen = visited(channel())

    assert of(Gap, seen) == []
    assert clock() - start < 2 * LONGEST_WAIT


def test_a_stream_whose_end_cannot_be_read_is_kept_as_a_video(server, channel):
    video = server.stream("Town hall")
    server.end(video, at=NOON)
    server.fail = lambda resource, _params: (
        (200, {}, json.dumps({"items": [
            server._video(server.videos[video]) | {"liveStreamingDetails": {"actualEndTime": "?"}}
        ]}).encode()) if resource == "videos" else None
    )  # fmt: skip

    seen = visited(channel())

    assert video in [one.content.native_id for one in of(Observation, seen)]
    assert of(Gap, seen) == []


def test_a_paid_message_shows_what_the_chat_showed(server, channel):
    video = server.stream("Town hall")
    server.tell(
        video, "superChatEvent", displayMessage='$5.00 from @a: "Thanks"',
        superChatDetails={"amountMicros": "5000000", "currency": "USD", "userComment": "Thanks"},
    )  # fmt: skip

    [paid] = lines(visited(channel())).values()

    assert paid.content.text == '$5.00 from @a: "Thanks"'
    assert paid.content.marks == ("live-chat", "superChatEvent")


@pytest.mark.parametrize(
    ("role", "by", "actor"),
    [
        ("owner", OWNER, Actor.PAGE),
        ("moderator", "UCmod", Actor.MODERATOR),
        ("", "UCsomebody", Actor.UNKNOWN),
        ("", "", Actor.UNTOLD),
    ],
)
def test_a_line_that_was_taken_down_is_told_with_who_did_it(server, channel, role, by, actor):
    video = server.stream("Town hall")
    said = server.chat(video, "Something foul")
    server.tell(
        video, "messageDeletedEvent", by=by, role=role,
        messageDeletedDetails={"deletedMessageId": said},
    )  # fmt: skip

    seen = visited(channel())

    assert list(lines(seen)) == [f"live-chat:{said}"]
    [gone] = of(Sighting, seen)
    assert gone.native_id == f"live-chat:{said}"
    assert (gone.state, gone.actor) == (PlatformState.REPORTED_REMOVED, actor)
    assert gone.remark == (f"@{by}" if by else "")


def test_where_a_line_used_to_be_is_told_as_removed(server, channel):
    video = server.stream("Town hall")
    gone = server.tell(video, "tombstone", by="")

    seen = visited(channel())

    assert lines(seen) == {}
    assert [one.native_id for one in of(Sighting, seen)] == [f"live-chat:{gone}"]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"banType": "temporary", "banDurationSeconds": "300"}, "for 300 seconds"),
        ({"banType": "permanent"}, "permanent"),
        ({}, "how long is not told"),
    ],
)
def test_who_was_banned_and_by_whom_stands_in_the_log(server, channel, told, words):
    video = server.stream("Town hall")
    server.tell(
        video, "userBannedEvent", by="UCmod", role="moderator",
        userBannedDetails={
            "bannedUserDetails": {"channelId": "UCtroll", "displayName": "@troll"}, **told,
        },
    )  # fmt: skip

    seen = visited(channel())

    [entry] = [one for one in of(Observation, seen) if one.content.kind is ItemKind.LOG]
    assert entry.content.text == f"banned from the chat: @troll (UCtroll), {words}"
    assert entry.content.author.native_id == "UCmod"
    assert entry.restricted


def test_that_members_alone_may_write_stands_in_the_log(server, channel):
    video = server.stream("Town hall")
    server.tell(video, "sponsorOnlyModeStartedEvent", by="")

    seen = visited(channel())

    logged = [one.content for one in of(Observation, seen) if one.content.kind is ItemKind.LOG]
    assert [(one.text, one.author) for one in logged] == [("members alone may write", None)]


def test_of_a_stream_that_has_ended_a_gap_says_that_its_chat_cannot_be_had(server, channel):
    video, older = server.stream("Town hall"), server.stream("Last year")
    server.end(video, at=NOON)
    server.end(older, at=NOON - 90 * DAY)

    seen = visited(channel(), cursor="2026", since=NOON - DAY)

    [gap] = of(Gap, seen)
    assert gap.what == f"the end of the live chat of video {video}"
    assert (gap.why, gap.native_id) == (GapReason.OUT_OF_REACH, video)
    assert asked(server) == []


def test_a_first_visit_says_once_of_how_many_streams_it_came_too_late(server, channel):
    for n in range(4):
        server.end(server.stream(f"Stream {n}"), at=NOON - n * DAY)

    seen = visited(channel())

    assert [gap.what for gap in of(Gap, seen)] == ["the live chats of 4 streams"]
    assert of(Cursor, seen)


@pytest.mark.parametrize("reason", ["liveChatEnded", "liveChatNotFound"])
def test_a_chat_that_ends_before_it_is_read_is_a_gap(server, channel, reason):
    video = server.stream("Town hall")
    server.refuses = reason

    assert [gap.what for gap in of(Gap, visited(channel()))] == [
        f"the end of the live chat of video {video}"
    ]


def test_a_stream_without_a_chat_leaves_no_gap(server, channel):
    server.stream("Town hall")
    server.refuses = "liveChatDisabled"

    assert of(Gap, visited(channel())) == []


def test_a_right_that_is_wanting_costs_the_chat_alone_and_is_named(server, channel):
    server.stream("Town hall")
    server.refuses = "insufficientPermissions"

    seen = visited(channel())

    [gap] = of(Gap, seen)
    assert gap.why is GapReason.PERMISSION_LOST
    assert "youtube.force-ssl of an account that manages the channel" in gap.detail
    assert all(listed.whole for listed in of(Listed, seen))


def test_the_end_of_the_chat_and_a_line_that_cannot_be_read_cost_no_other(server, channel):
    video = server.stream("Town hall")
    first = server.chat(video, "One")
    bad = server.tell(video, publishedAt="then")
    last = server.chat(video, "Three")
    server.tell(video, "chatEndedEvent", by="")

    seen = visited(channel())

    assert list(lines(seen)) == [f"live-chat:{first}", f"live-chat:{last}"]
    assert [gap.native_id for gap in of(Gap, seen)] == [f"live-chat:{bad}"]


def test_a_failure_told_as_an_answer_is_no_empty_chat(server, channel):
    video = server.stream("Town hall")
    server.fail = lambda resource, _params: (200, {}, b"{}") if resource == "messages" else None

    [gap] = of(Gap, visited(channel()))

    assert gap.what == f"the rest of the live chat of video {video}"
    assert gap.why is GapReason.UNREADABLE


def test_the_days_budget_ends_the_reading_of_a_chat(server, channel):
    video = server.stream("Town hall")
    server.meanwhile = lambda: server.chat(video, "And another")
    server.chat(video, "First")

    seen = visited(channel(limit=20))

    assert GapReason.BUDGET in [gap.why for gap in of(Gap, seen)]
    assert 0 < len(lines(seen)) < MOST


def test_nothing_is_concluded_of_a_chat_that_is_no_longer_told(server, channel):
    video = server.stream("Town hall")
    server.chat(video, "Hello")
    source = channel()
    [told] = lines(visited(source)).values()
    server.end(video, at=NOON)

    assert list(source.recheck([known(told.content)])) == []


def test_a_private_streams_chat_is_not_read(server, channel):
    server.chat(server.stream("Rehearsal", privacy="private"), "Hello")

    seen = visited(channel(secret=TOKEN))

    assert [one.state for one in of(Sighting, seen)] == [PlatformState.HIDDEN]
    assert asked(server) == []
