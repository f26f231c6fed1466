"""Case notes on TikTok: an account's own videos, what is left out, a token that lives a day."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from archiver.records.captures import (
    Cursor,
    Gap,
    GapReason,
    Listed,
    Observation,
    PlatformState,
    Sighting,
)
from archiver.records.errors import AnswerUnreadable, ConfigInvalid, PermissionLost
from archiver.records.items import ItemKind
from archiver.records.pages import PageSettings
from connectors.tiktok import CONNECTOR
from connectors.tiktok.api import TikTok
from connectors.tiktok.visiting import AccountSource
from tests.connectors.platforms import SECRET, Reply, fetching
from tests.connectors.seeing import known, of, visited
from tests.connectors.served import SERVED, ServedTransport
from tests.connectors.tiktok_platform import SCOPES, TikTokServer, failure, fine

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
URL = "https://www.tiktok.com/@ExamplePD"


@pytest.fixture
def server():
    return TikTokServer(token=SECRET)


@pytest.fixture
def account(server, asking):
    def open_it(*, url=URL, token=SECRET):
        fetcher = asking(ServedTransport(server))
        return AccountSource(
            fetcher, TikTok(fetcher, base=f"{server.host}/v2", token=token), url=url
        )

    return open_it


def items(seen):
    found = [o for o in of(Observation, seen) if o.content.kind is not ItemKind.PROFILE]
    return {o.content.native_id: o for o in found}


def profile(seen):
    (one,) = [o for o in of(Observation, seen) if o.content.kind is ItemKind.PROFILE]
    return one


def test_what_is_captured_is_what_exists_state_by_state(server, account):
    chance = random.Random(4)
    videos = [server.publish(f"Video {n}", at=NOON - n * timedelta(hours=2)) for n in range(2_000)]
    for video in chance.sample(videos, 300):
        video.public = False
    shown = [video for video in videos if video.public]
    walk = visited(account())
    first, (cursor,) = items(walk), (c.value for c in of(Cursor, walk))
    gone = chance.sample(shown, 45)
    for video in gone[:20]:
        del server.videos[video.id]
    for video in gone[20:]:
        video.public = False
    stays = [video for video in shown if video not in gone]
    stays[3].text = "Other words"

    night = visited(account(), since=NOON - 10 * DAY, cursor=cursor)
    asked = [*gone, *stays[:60]]
    again = list(account().recheck([known(first[video.id].content) for video in asked]))

    assert set(first) == {video.id for video in shown}
    assert {one.platform_count for one in of(Listed, walk)} == {len(shown)}
    young = {video.id for video in stays if video.at >= NOON - 10 * DAY}
    assert young <= set(items(night)) <= {video.id for video in stays}
    assert len(items(night)) < 200
    assert items(night)[stays[3].id].content.text == "Other words"
    assert {s.native_id for s in of(Sighting, again)} == {video.id for video in gone}
    assert {(s.state, s.actor) for s in of(Sighting, again)} == {(PlatformState.NOT_VISIBLE, "")}
    assert set(items(again)) == {video.id for video in stays[:60]}
    assert of(Gap, walk) == of(Gap, night) == of(Gap, again) == []


def test_a_video_is_read_with_its_words_its_cover_and_its_counts(server, account):
    cover = {"cover_image_url": "https://cdn.example/c.jpg?x-expires=1", "title": "Coffee"}
    video = server.publish("Coffee with a cop #cops", at=NOON, more=cover)
    plain = server.publish("No cover", at=NOON)
    source = account()

    seen = items(visited(source))

    one = seen[video.id]
    assert (one.content.title, one.content.text) == ("Coffee", "Coffee with a cop #cops")
    assert one.content.published_at == NOON
    assert one.content.permalink == f"https://www.tiktok.com/@examplepd/video/{video.id}"
    assert (one.content.author.handle, one.content.author.name) == ("examplepd", "Example Police")
    assert one.engagement == {"comments": 2, "likes": 4, "shares": 0, "views": 90}
    assert (seen[plain.id].content.title, seen[plain.id].content.attachments) == ("", ())
    source.download(one.content.attachments[0])
    assert server.files == [("https://cdn.example/c.jpg?x-expires=1", "")]


def test_an_address_of_a_cover_that_changes_every_hour_makes_no_version(server, account):
    video = server.publish("Same", more={"cover_image_url": "https://cdn.example/a?x-expires=1"})
    one = items(visited(account()))[video.id].content
    video.more = {"cover_image_url": "https://cdn.example/a?x-expires=2"}
    two = items(visited(account()))[video.id].content

    assert one.fingerprint() == two.fingerprint()


def test_the_profile_is_an_item_and_new_words_a_version(server, account):
    one = profile(visited(account()))
    server.account = {"bio_description": "Call 911."}
    two = profile(account().recheck([known(one.content)]))

    assert (one.content.native_id, one.content.title) == ("@examplepd", "Example Police")
    assert (one.content.text, one.content.published_at) == ("We serve.", SERVED)
    assert one.engagement == {"followers": 12, "likes": 30, "videos": 0}
    assert one.content.fingerprint() != two.content.fingerprint()


def test_a_slice_that_is_left_short_is_not_taken_for_the_last(server, account):
    videos = [server.publish(f"Video {n}", at=NOON - n * DAY) for n in range(60)]
    for video in videos[20:40]:
        video.withheld = True

    assert set(items(visited(account()))) == {v.id for v in [*videos[:20], *videos[40:]]}


def test_an_account_that_counts_videos_and_shows_none_leaves_a_gap(server, account):
    video = server.publish("Here")
    (one,) = items(visited(account())).values()
    server.blank = True

    seen = visited(account())
    again = list(account().recheck([known(one.content)]))

    assert [gap.why for gap in of(Gap, seen)] == [GapReason.OUT_OF_REACH]
    assert of(Cursor, seen) == []
    assert not any(listed.whole for listed in of(Listed, seen))
    assert of(Sighting, again) == []
    assert [(g.why, g.native_id) for g in of(Gap, again)] == [(GapReason.PERMISSION_LOST, video.id)]


def test_the_last_video_of_an_account_is_seen_to_be_gone(server, account):
    video = server.publish("The only one")
    (one,) = items(visited(account())).values()
    del server.videos[video.id]

    (sighting,) = account().recheck([known(one.content)])

    assert (sighting.native_id, sighting.state) == (video.id, PlatformState.NOT_VISIBLE)


@pytest.mark.parametrize(
    ("reply", "error", "told"),
    [
        (failure(401, "access_token_invalid"), PermissionLost, "access_token_invalid"),
        (failure(401, "scope_permission_missed"), PermissionLost, "scope_permission_missed"),
        (failure(200, "scope_not_authorized"), PermissionLost, "scope_not_authorized"),
        (failure(403, "some_new_code"), PermissionLost, "answered 403"),
        (failure(400, "invalid_params"), AnswerUnreadable, "invalid_params"),
        (failure(200, "internal_error"), AnswerUnreadable, "internal_error"),
        (Reply.json({"data": {}}), AnswerUnreadable, "no code"),
    ],
)
def test_what_an_answer_says_of_itself_counts_more_than_its_status(
    server, account, reply, error, told
):
    server.publish("Here")
    server.refuse = lambda _path: reply

    with pytest.raises(error, match=told) as raised:
        visited(account())
    assert "in words" not in str(raised.value)


def test_a_token_without_the_right_to_videos_is_told_of_and_removes_nothing(server, account):
    server.publish("Here")
    server.scopes = SCOPES - {"video.list"}

    seen, checks = visited(account()), list(account().check())

    assert [gap.why for gap in of(Gap, seen)] == [GapReason.PERMISSION_LOST]
    assert of(Listed, seen) == of(Cursor, seen) == []
    assert [one.granted for one in checks] == [True, False]
    server.scopes = SCOPES
    assert all(one.granted for one in account().check())


def test_the_token_of_another_account_is_refused(account):
    with pytest.raises(PermissionLost, match="not for the account"):
        visited(account(url="https://www.tiktok.com/@somebody"))


def test_a_video_that_cannot_be_read_hides_no_other(server, account):
    broken = server.publish("Broken", more={"create_time": "today"})
    whole = server.publish("Whole")

    seen = visited(account())

    assert set(items(seen)) == {whole.id}
    assert [gap.native_id for gap in of(Gap, seen)] == [broken.id]
    assert of(Cursor, seen) == []
    assert not any(listed.whole for listed in of(Listed, seen))


def test_an_account_whose_only_video_cannot_be_read_is_not_said_to_show_none(server, account):
    broken = server.publish("Broken", more={"create_time": "today"})

    assert [gap.native_id for gap in of(Gap, visited(account()))] == [broken.id]


def test_a_list_that_goes_in_a_circle_is_left_with_a_gap(server, account):
    server.publish("Here")
    circle = fine({"videos": [], "cursor": 5, "has_more": True})
    server.refuse = lambda path: circle if path == "video/list/" else None

    seen = visited(account())

    assert GapReason.UNREADABLE in {gap.why for gap in of(Gap, seen)}
    assert of(Cursor, seen) == of(Listed, seen) == []
    assert len(server.asked) == 3


def test_a_page_is_refused_without_a_token_or_an_account(tmp_path):
    page = PageSettings(name="t", connector="tiktok", platform="tiktok", url=URL, secret="t")
    for wrong, why in (
        (replace(page, secret=None), "without a token"),
        (replace(page, url="https://www.tiktok.com/tag/police"), "address"),
        (replace(page, options={"api": "http://gateway.example/v2"}), "https only"),
    ):
        with pytest.raises(ConfigInvalid, match=why):
            CONNECTOR.open(wrong, fetching(tmp_path))
    CONNECTOR.open(page, fetching(tmp_path)).close()
