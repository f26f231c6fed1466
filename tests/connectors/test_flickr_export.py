"""Flickr's copy of an account's data: photos, what stands under them, and whose files are whose."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.records.captures import Gap, GapReason
from archiver.records.errors import DepositRefused
from archiver.records.items import ItemKind
from connectors.flickr_export import CONNECTOR
from tests.connectors.flickr_export_sample import (
    OTHER,
    PHOTO,
    PROFILE,
    a_comment,
    a_photo,
    mail,
    photo_file,
)
from tests.connectors.importers import LONG, Importing
from tests.connectors.seeing import of

flickr = Importing(CONNECTOR)


def test_a_photo_is_known_by_its_id_and_keeps_what_flickr_said_of_it(tmp_path: Path) -> None:
    files = photo_file(PHOTO, "Road <b>closed</b>", a_comment("1", "Thanks"))

    seen = flickr.observed(tmp_path, files)[1]

    content = seen.content
    assert (content.native_id, content.title, content.text) == (PHOTO, "Main Street", "Road closed")
    assert content.published_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert content.marks == ("zone-assumed",)
    assert content.permalink == f"https://www.flickr.com/photos/examplepd/{PHOTO}/"
    assert content.author is not None
    assert (content.author.native_id, content.author.name) == ("12345678@N00", "Example PD")
    assert seen.engagement == {"comments": 1, "likes": 3, "views": 120}


def test_the_public_s_comments_are_items_and_only_named_in_the_photo_s_own_bytes(
    tmp_path: Path,
) -> None:
    files = photo_file(PHOTO, "Road closed", a_comment("1", "Thanks &amp; bye"), {"no": "comment"})

    _, photo, comment = flickr.contents(tmp_path, files)

    assert (comment.native_id, comment.kind, comment.text) == (
        "1",
        ItemKind.COMMENT,
        "Thanks & bye",
    )
    assert (comment.parent, comment.thread) == (PHOTO, PHOTO)
    assert comment.author is not None
    assert comment.author.native_id == "87654321@N00"
    assert b"Thanks" not in photo.raw.body
    kept = json.loads(photo.raw.body)
    assert kept["comments"] == [{"reference": "1"}, {"reference": ""}]
    assert kept | {"comments": []} == a_photo(PHOTO, "Road closed") | {"count_comments": "2"}
    (gap,) = flickr.gaps(tmp_path, files)
    assert gap.what == f"photo_{PHOTO}.json, entry 3"


def test_a_comment_without_an_id_is_known_by_its_address_or_counted(tmp_path: Path) -> None:
    by_address = {**a_comment("9", "One"), "id": ""}
    older = {"user": "8@N00", "message": "Two", "date_create": "2023-11-14 22:14:00"}
    files = photo_file(PHOTO, "x", by_address, older, {**older, "message": "Three"})

    named = [each.native_id for each in flickr.contents(tmp_path, files)[2:]]

    assert named == ["9", f"comment-{PHOTO}-1700000040-1", f"comment-{PHOTO}-1700000040-2"]


def test_a_comment_that_stands_under_a_photo_and_in_the_list_too_is_one(tmp_path: Path) -> None:
    said = {"photo_id": PHOTO, "date": "2023-11-14 22:14:00", "comment": "Thank you"}
    elsewhere = {**said, "photo_id": "53", "comment_url": ""}
    files = {**photo_file(PHOTO, "x", {**a_comment("1", "Thank you"), "user": "12345678@N00"}),
             "photos_comments_part001.json": {"comments": [said, elsewhere]}}  # fmt: skip

    under, other = flickr.contents(tmp_path, files)[2:]

    assert (under.native_id, under.thread) == ("1", PHOTO)
    assert other.thread == "53"
    assert other.author is not None
    assert other.author.handle == "examplepd"


@pytest.mark.parametrize(("told", "gaps"), [("1", 0), ("2", 1), ("0", 1), ("", 0), ("many", 0)])
def test_flickr_s_own_count_of_comments_is_held_against_ours(
    tmp_path: Path, told: str, gaps: int
) -> None:
    files = photo_file(PHOTO, "x", a_comment("1", "Thanks"), count_comments=told)

    found = flickr.gaps(tmp_path, files)

    assert [(gap.what, gap.why) for gap in found] == [
        (f"photo_{PHOTO}.json, comments", GapReason.MISCOUNTED)
    ] * gaps


@pytest.mark.parametrize("privacy", ["private", "friend & family", "", None])
def test_a_photo_that_was_not_public_is_restricted(tmp_path: Path, privacy: str | None) -> None:
    seen = flickr.observed(tmp_path, photo_file(PHOTO, "x", privacy=privacy))

    assert [each.restricted for each in seen] == [False, True]


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        (f"road-closed_{PHOTO}_o.jpg", PHOTO),
        (f"{PHOTO}_0a1b2c3d_o.png", PHOTO),
        (f"film_{PHOTO}.mp4", PHOTO),
        (f"{PHOTO}_{OTHER}_o.jpg", ""),
        (f"1{PHOTO}_o.jpg", ""),
        ("IMG_2023.jpg", ""),
    ],
)
def test_a_file_is_of_the_photo_whose_id_alone_stands_in_its_name(
    tmp_path: Path, name: str, whose: str
) -> None:
    files = {**photo_file(PHOTO, "x"), f"photo_{OTHER}.json": a_photo(OTHER, "y"), name: b"JPEG"}

    seen = flickr.everything(tmp_path, files)

    _, photo, other = flickr.contents(tmp_path, files)
    assert [file.url for file in photo.attachments] == [name if whose else f"photo-{PHOTO}"]
    assert [file.url for file in other.attachments] == [f"photo-{OTHER}"]
    assert [gap.why for gap in of(Gap, seen)] == [GapReason.OUT_OF_REACH] * (not whose)


def test_mail_is_restricted_and_says_who_wrote_it(tmp_path: Path) -> None:
    sent = {"id": "2", "to": "8@N00", "body": "Yes", "date_sent": "2023-11-14T22:20:00Z"}
    files = {
        **photo_file(PHOTO, "x"),
        "received_flickrmail_part001.json": {"flickrmail": [mail("1", "Is it safe?")]},
        "sent_flickrmail_part001.json": [sent],
    }

    asked, answered = flickr.observed(tmp_path, files)[2:]

    assert (asked.content.native_id, asked.content.text) == ("mail-1", "Is it safe?")
    assert asked.content.author is not None
    assert asked.content.author.native_id == "87654321@N00"
    assert answered.content.author is not None
    assert answered.content.author.handle == "examplepd"
    assert answered.content.marks == ()
    assert asked.restricted
    assert answered.restricted


def test_albums_groups_and_the_profile_are_items(tmp_path: Path) -> None:
    album = {"id": "72", "title": "2023", "description": "Our year", "created": "1700000000"}
    topic = {"type": "topic", "subject": "Hello", "message": "We are here",
             "url": "https://www.flickr.com/groups/1@N00/discuss/2/",
             "date_create": "2020-01-01T00:00:00Z"}  # fmt: skip
    reply = {"group_id": "1", "reply_id": "3", "body": "Thanks", "date": "2020-01-02 00:00:00"}
    under = {"set_id": "72", "comment_id": "5", "user": "8@N00", "message": "Nice",
             "date_create": "2023-11-14 22:14:00"}  # fmt: skip
    files = {**photo_file(PHOTO, "x"), "albums.json": {"albums": [album]},
             "group_discussions.json": {"discussions": [topic, reply]},
             "sets_comments_part001.json": {"comments": [under]}}  # fmt: skip

    found = {each.native_id: each for each in flickr.contents(tmp_path, files)}

    assert found["person 12345678@N00"].kind is ItemKind.PROFILE
    assert found["person 12345678@N00"].text == "Not monitored"
    assert found["album-72"].published_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert found["/groups/1@N00/discuss/2/"].title == "Hello"
    assert found["discussion-1577923200-1"].kind is ItemKind.REPLY
    assert found["5"].marks == ("zone-assumed", "thread-unknown")


@pytest.mark.parametrize(
    "spoilt",
    [b"[" * 100_000, b"[]", b'{"id": "\xff"}', b'{"name": "x"}', b"{}{}", b'{"id": "1"}'],
)
def test_a_photo_s_file_that_is_none_is_a_gap(tmp_path: Path, spoilt: bytes) -> None:
    files = {**photo_file(PHOTO, "x"), f"photo_{OTHER}.json": spoilt}

    (gap,) = flickr.gaps(tmp_path, files)

    assert gap.what.startswith(f"photo_{OTHER}.json")
    assert len(flickr.contents(tmp_path, files)) == 2


def test_a_photo_without_a_date_of_upload_has_that_of_its_taking(tmp_path: Path) -> None:
    content = flickr.contents(tmp_path, photo_file(PHOTO, "x", date_imported=""))[1]

    assert content.published_at == datetime(2023, 11, 13, 9, 0, tzinfo=UTC)
    assert content.marks == ("zone-assumed", "date-taken")


def test_photos_without_the_file_of_data_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DepositRefused) as caught:
        flickr.everything(tmp_path, {f"x_{PHOTO}_o.jpg": b"JPEG", "account_profile.json": PROFILE})

    assert "part1.zip" in caught.value.remedy


def test_memory_does_not_grow_with_the_files(tmp_path: Path) -> None:
    files = {f"photo_{PHOTO}{n}.json": a_photo(f"{PHOTO}{n}", "x", notes=LONG) for n in range(100)}
    mails = [mail(str(n), "x", more=LONG) for n in range(300)]
    files["received_flickrmail_part001.json"] = {"flickrmail": mails}

    count, peak = flickr.peak(tmp_path, files)

    assert count == 400
    assert peak < 4 * 1024**2
