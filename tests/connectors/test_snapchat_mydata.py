"""Snapchat's copy of an account's data: what each entry shows, and whose each file is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.records.captures import Gap, GapReason
from archiver.records.errors import DepositRefused
from connectors.snapchat_mydata import CONNECTOR
from tests.connectors.importers import LONG, Importing
from tests.connectors.seeing import of
from tests.connectors.snapchat_mydata_sample import NAMED, TOLD, a_chat, a_memory, mydata

snapchat = Importing(CONNECTOR)
SENT = {"To": "doe", "Media Type": "TEXT", "Created": "2023-11-14 22:13:20 UTC"}


def test_a_conversation_is_one_thread_in_private(tmp_path: Path) -> None:
    watch = a_chat("Hello all", "roe", **{"Conversation Title": "Town watch"})
    chats = {"doe": [a_chat("Is it safe?"), a_chat("Yes", "examplepd")], "9f1c": [watch]}

    first, second, third = snapchat.observed(tmp_path, mydata(chats=chats))

    assert (first.content.text, first.content.thread) == ("Is it safe?", "chat-doe")
    assert first.content.published_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert [each.content.native_id for each in (first, second, third)] == [
        "chat-doe-1700000000-1", "chat-doe-1700000000-2", "chat-9f1c-1700000000-1",
    ]  # fmt: skip
    assert second.content.author is not None
    assert second.content.author.handle == "examplepd"
    assert (third.content.title, third.content.thread) == ("Town watch", "chat-9f1c")
    assert first.restricted
    assert second.restricted
    assert third.restricted


def test_an_older_export_lists_by_direction_and_its_threads_are_the_same(tmp_path: Path) -> None:
    received = {"From": "doe", "Media Type": "TEXT", "Created": "2023-11-14 22:13:20 UTC"}
    chats = {"Received Saved Chat History": [{**received, "Text": "Is it &quot;safe&quot;?"}],
             "Sent Saved Chat History": [{**SENT, "Text": "Yes"}]}  # fmt: skip

    asked, answered = snapchat.contents(tmp_path, mydata(chats=chats))

    assert (asked.text, asked.thread) == ('Is it "safe"?', "chat-doe")
    assert answered.thread == "chat-doe"
    assert answered.author is not None
    assert answered.author.handle == "examplepd"


def test_the_files_of_a_message_are_told_by_their_ids(tmp_path: Path) -> None:
    sent = a_chat("", **{"Media Type": "MEDIA", "Media IDs": f"{TOLD} | b~gone | {TOLD}"})
    files = {**mydata(chats={"doe": [sent]}), f"chat_media/2023-11-14_{TOLD}.mp4": b"MP4"}

    (content,) = snapchat.contents(tmp_path, files)

    here, gone = content.attachments
    assert (here.key, here.media_type) == (TOLD, "video/mp4")
    assert here.url == f"chat_media/2023-11-14_{TOLD}.mp4"
    assert (gone.key, gone.url) == ("b~gone", "chat_media/b~gone")


@pytest.mark.parametrize(
    ("sort", "mark"),
    [("STICKER", "sticker"), ("STATUSERASEDMESSAGE", "statuserasedmessage"), ("A B!", "a-b-")],
)
def test_a_message_of_another_sort_says_of_which(tmp_path: Path, sort: str, mark: str) -> None:
    chats = {"doe": [a_chat(None, **{"Media Type": sort})]}

    (content,) = snapchat.contents(tmp_path, mydata(chats=chats))

    assert content.marks == (mark,)


def test_of_a_snap_no_more_is_known_than_that_it_was_sent(tmp_path: Path) -> None:
    snap = {"From": "doe", "Media Type": "IMAGE", "Created": "2023-11-14 22:20:00 UTC"}

    (seen,) = snapchat.observed(tmp_path, mydata(snaps={"doe": [snap]}))

    assert (seen.content.text, seen.restricted) == ("", True)
    assert seen.content.marks == ("snap", "not-in-export")
    assert seen.content.native_id == "snap-doe-1700000400-1"


MAIN, OVERLAY = (f"memories/2023-11-14_{NAMED}-{part}" for part in ("main.jpg", "overlay.png"))
OTHER = "memories/2023-11-14_0A-main.jpg"
LINK = f"https://app.snapchat.com/dmd/memories?uid=1&sid=2&mid={NAMED.lower()}&ts=3"


@pytest.mark.parametrize(
    ("memories", "held", "attached"),
    [
        ([a_memory()], [MAIN, OVERLAY], [MAIN, OVERLAY]),
        ([a_memory(), a_memory("Video")], [MAIN], [MAIN]),
        ([a_memory(**{"Download Link": LINK}), a_memory()], [MAIN, OTHER], [MAIN]),
        ([a_memory(**{"Media Download Url": LINK})], [MAIN, OTHER], [MAIN]),
        ([a_memory(), a_memory()], [MAIN], []),
        ([a_memory()], [MAIN, OTHER], []),
        ([a_memory("Video")], [MAIN], []),
        ([a_memory(Date="2023-11-15 00:00:01 UTC")], [MAIN], []),
        ([a_memory(), {"Date": "someday"}], [MAIN], []),
    ],
)
def test_a_memory_has_its_file_only_where_it_can_be_no_other(
    tmp_path: Path, memories: list[object], held: list[str], attached: list[str]
) -> None:
    files = {**mydata(memories=memories), **dict.fromkeys(held, b"JPEG")}

    contents = snapchat.contents(tmp_path, files)

    assert [file.url for content in contents for file in content.attachments] == attached
    for content in contents:
        assert content.marks == (("memory",) if content.attachments else ("memory", "file-unknown"))


def test_a_memory_is_restricted_for_nobody_knows_whether_it_was_shown(tmp_path: Path) -> None:
    (seen,) = snapchat.observed(tmp_path, mydata(memories=[a_memory(Caption="Our new car")]))

    assert seen.restricted
    assert seen.content.text == "Our new car"


def test_files_of_which_nothing_is_told_are_named(tmp_path: Path) -> None:
    files = {**mydata(chats={}), "shared_story/6b.mp4": b"MP4", "shared_story/6c.mp4": b"MP4",
             "chat_media/2023-11-14_media~zip-6D.mp4": b"MP4",
             "chat_media/2023-11-14_overlay~zip-6E.png": b"PNG"}  # fmt: skip

    gaps = of(Gap, snapchat.everything(tmp_path, files))

    assert [gap.what for gap in gaps] == [
        "1 file in the export that nobody read: chat_media/2023-11-14_overlay~zip-6E.png",
        "1 file in chat_media: chat_media/2023-11-14_media~zip-6D.mp4",
        "2 files in shared_story: shared_story/6b.mp4, shared_story/6c.mp4",
    ]
    assert {gap.why for gap in gaps} == {GapReason.OUT_OF_REACH}


@pytest.mark.parametrize(
    "entry",
    ["no entry", {"From": "doe"}, {**SENT, "Created": "14.11.2023"}, SENT],
)
def test_an_entry_that_is_not_as_it_should_be_is_a_gap(tmp_path: Path, entry: object) -> None:
    (gap,) = snapchat.gaps(tmp_path, mydata(chats={"doe": [a_chat("Fine"), entry]}))

    assert gap.what == "json/chat_history.json, entry 2"


def test_an_export_of_web_pages_alone_is_refused_and_says_what_to_ask_for(tmp_path: Path) -> None:
    with pytest.raises(DepositRefused) as caught:
        snapchat.everything(tmp_path, {"html/chat_history.html": b"<html>"})

    assert "JSON" in caught.value.remedy


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    chats = {"doe": [a_chat(f"{n} {LONG}") for n in range(400)]}

    count, peak = snapchat.peak(tmp_path, mydata(chats=chats))

    assert count == 400
    assert peak < 4 * 1024**2
