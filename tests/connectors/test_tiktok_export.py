"""TikTok's copy of an account's data: what each entry shows, and what is never read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.records.captures import Gap, GapReason, Observation, PlatformState
from archiver.records.errors import AnswerUnreadable, DepositRefused
from connectors.cutting import json_walk
from connectors.tiktok_export import CONNECTOR
from tests.connectors.importers import LONG, Importing
from tests.connectors.seeing import of
from tests.connectors.tiktok_export_sample import (
    LINK,
    VIDEO,
    a_comment,
    a_message,
    a_video,
    user_data,
)

tiktok = Importing(CONNECTOR)


def test_a_video_is_known_by_its_id_and_says_what_it_says(tmp_path: Path) -> None:
    (seen,) = tiktok.observed(tmp_path, user_data(videos=[a_video("Road closed 🚧")]))

    content = seen.content
    assert (content.native_id, content.text) == (VIDEO, "Road closed 🚧")
    assert content.published_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert content.permalink == f"https://www.tiktok.com/@examplepd/video/{VIDEO}"
    assert content.author is not None
    assert content.author.handle == "examplepd"
    assert (seen.engagement, seen.restricted, content.marks) == ({"likes": 12}, False, ())


@pytest.mark.parametrize(
    "link", ["https://v16m.tiktokcdn.com/0a1b/video/?x-signature=hush", "N/A", "", None, 7]
)
def test_a_video_whose_address_tells_no_id_is_counted_and_the_address_is_not_kept_as_a_link(
    tmp_path: Path, link: object
) -> None:
    files = user_data(videos=[a_video("One", Link=link), a_video("Two", Link=link)])

    contents = tiktok.contents(tmp_path, files)

    assert [each.native_id for each in contents] == ["video-1700000000-1", "video-1700000000-2"]
    assert {(each.permalink, each.links) for each in contents} == {("", ())}


@pytest.mark.parametrize(
    ("told", "who"), [("Public", "all"), ("Everyone", "all"), ("N/A", "all"),
                      ("Friends", "some"), ("Only me", "some")],
)  # fmt: skip
def test_a_video_that_not_everybody_could_see_is_restricted(
    tmp_path: Path, told: str, who: str
) -> None:
    (seen,) = tiktok.observed(tmp_path, user_data(videos=[a_video("x", WhoCanView=told)]))

    assert seen.restricted == (who == "some")


def test_a_time_that_names_no_zone_is_taken_for_utc_and_marked(tmp_path: Path) -> None:
    (content,) = tiktok.contents(tmp_path, user_data(comments=[a_comment("Hi", url=LINK)]))

    assert content.published_at == datetime(2023, 11, 14, 22, 14, tzinfo=UTC)
    assert content.marks == ("zone-assumed",)
    assert (content.parent, content.thread) == (VIDEO, VIDEO)


def test_a_comment_says_when_it_is_not_told_on_which_video_it_stands(tmp_path: Path) -> None:
    (content,) = tiktok.contents(tmp_path, user_data(comments=[a_comment("Hi")]))

    assert content.marks == ("zone-assumed", "thread-unknown")
    assert (content.parent, content.thread) == (None, None)


def test_a_conversation_is_one_thread_and_restricted(tmp_path: Path) -> None:
    chats = {"Chat History with doe:": [a_message("Is it safe?"), a_message("Yes", "us")],
             "Chat History with roe:": [a_message("Hello")]}  # fmt: skip

    seen = tiktok.observed(tmp_path, user_data(chats=chats))

    assert [each.content.thread for each in seen] == ["chat-doe", "chat-doe", "chat-roe"]
    assert all(each.restricted for each in seen)
    assert len({each.content.native_id for each in seen}) == 3


def test_lives_and_what_was_said_on_them_are_read(tmp_path: Path) -> None:
    live = {"LiveStartTime": "2023-11-14 20:00:00", "RoomId": "729", "RoomTitle": "Town hall"}
    said = {"CommentTime": "2023-11-14 20:01:00", "CommentContent": "Welcome"}
    watched = {"WatchLiveMap": {"728": {"Link": LINK, "Comments": [said], "Questions": None}}}
    more = {"Go Live History": {"GoLiveList": [live]}, "Watch Live History": watched}

    first, second = tiktok.contents(tmp_path, user_data(**{"Tiktok Live": more}))

    assert (first.native_id, first.text, first.marks[-1]) == ("live-729", "Town hall", "live")
    assert (second.text, second.marks[1:]) == ("Welcome", ("live-chat", "thread-unknown"))


def test_a_video_in_the_bin_is_hidden_and_restricted(tmp_path: Path) -> None:
    binned = {"Recently Deleted Posts": {"PostList": [a_video("Wrong one")]}}

    (seen,) = tiktok.observed(tmp_path, user_data(**{"Post Bin": binned}))

    assert (seen.state, seen.restricted) == (PlatformState.HIDDEN, True)
    assert "recently-deleted" in seen.content.marks


def test_what_staff_watched_and_liked_is_never_read(tmp_path: Path) -> None:
    liked = {"Like List": {"ItemFavoriteList": [{"date": "2023-11-14 22:14:00", "link": LINK}]}}

    others = {"Favorite Posts": {"PostList": [a_video("Not ours")]}}

    files = user_data(**{"Your Likes": liked, "Your Favorites": others})

    assert tiktok.observed(tmp_path, files) == []


def test_an_export_without_one_of_its_lists_says_so(tmp_path: Path) -> None:
    files = user_data(videos=[a_video("x")])
    (data,) = files.values()
    assert isinstance(data, dict)
    del data["Comment"]

    seen = tiktok.everything(tmp_path, files)

    assert len(of(Observation, seen)) == 1
    (gap,) = of(Gap, seen)
    assert (gap.what, gap.why) == ("user_data_tiktok.json, after entry 1", GapReason.UNREADABLE)
    assert "comments" in gap.detail


@pytest.mark.parametrize(
    "entry",
    [
        "no entry",
        {**a_video("x"), "Date": "yesterday"},
        {**a_video("x"), "Date": None},
        {**a_video("x"), "Date": "2023-13-14 22:13:20"},
    ],
)
def test_an_entry_that_is_not_as_documented_is_a_gap(tmp_path: Path, entry: object) -> None:
    (gap,) = tiktok.gaps(tmp_path, user_data(videos=[a_video("Fine"), entry]))

    assert gap.what == "user_data_tiktok.json, entry 2"


@pytest.mark.parametrize("entry", [{"Date": "2023-11-14 22:15:00", "From": "doe"}, a_video("x")])
def test_a_message_without_words_is_a_gap(tmp_path: Path, entry: object) -> None:
    assert len(tiktok.gaps(tmp_path, user_data(chats={"Chat History with doe:": [entry]}))) == 1


def test_an_export_as_text_is_refused_and_says_what_to_ask_for(tmp_path: Path) -> None:
    with pytest.raises(DepositRefused) as caught:
        tiktok.everything(tmp_path, {"TikTok/Posts/Posts.txt": b"Date: 2023-11-14"})

    assert "JSON" in caught.value.remedy


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    videos = [a_video(f"{n} {LONG}", Link="") for n in range(400)]

    count, peak = tiktok.peak(tmp_path, user_data(videos=videos))

    assert count == 400
    assert peak < 4 * 1024**2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b'{"a":' * 40 + b"[1]" + b"}" * 40, "nested too deep"),
        (b'{"a": [1], "a": [2]}', "a key twice"),
        (b'{"a": [1]} more', "should be the end"),
        (b'{"a": [1', "is no ','"),
        (b'{"a": ["on', "is not JSON"),
        (b'{"a" [1]}', "is no ':'"),
        (b"", "is not JSON"),
    ],
)
def test_a_file_that_is_not_json_throughout_is_not_taken_for_it(text: bytes, why: str) -> None:
    with pytest.raises(AnswerUnreadable, match=why):
        list(json_walk(iter([text]), lambda _: False))


def test_each_element_is_given_with_the_keys_that_lead_to_it_and_its_bytes() -> None:
    text = b'{"a": {"b": [1.50, {"x": 2}], "c": null}, "d": {"e": "whole"}, "f": [[3]]}'
    pieces = [text[at : at + 7] for at in range(0, len(text), 7)]

    found = list(json_walk(iter(pieces), lambda keys: keys == ("d",)))

    assert found == [
        (("a", "b"), 1.5, b"1.50"),
        (("a", "b"), {"x": 2}, b'{"x": 2}'),
        (("d",), {"e": "whole"}, b'{"e": "whole"}'),
        (("f",), [3], b"[3]"),
    ]
