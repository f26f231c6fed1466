"""Instagram delivers comments that were added, and may call the media below an album otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from archiver.office.listening import Ear
from archiver.records.captures import CaptureStatus, GapReason
from archiver.records.errors import ConfigInvalid
from archiver.records.items import ItemKind
from tests.connectors.instagram_platform import ACCOUNT, InstagramPlatform
from tests.connectors.meta_deliveries import APP_SECRET, Change, a_delivery
from tests.connectors.platforms import FIRST_MOMENT
from tests.listening.conftest import Desk, a_desk

NOON = FIRST_MOMENT + timedelta(hours=3)


@pytest.fixture
def account(tmp_path) -> Iterator[Desk]:
    """A desk at which Instagram delivers what is written below the media of an account."""
    with InstagramPlatform() as platform:
        page = platform.page()
        page = replace(
            page, signing_secret=APP_SECRET, options={**page.options, "account_id": ACCOUNT}
        )
        yield from a_desk(tmp_path, platform, page)


def numbered(number: int) -> str:
    return str(18_000_000_000_000_000 + number)


def visited(desk: Desk) -> int:
    """Let the account show a picture, and visit it; give the picture's number."""
    media = desk.platform.publish("Our dogs")
    desk.archive.office.capture([desk.archive.page], by=desk.archive.person)
    return media


def a_comment(native_id: str, text: str, *, media: str, parent: str = "") -> Change:
    told: Change = {
        "id": native_id, "text": text, "from": {"id": "77", "username": "someone"},
        "media": {"id": media, "media_product_type": "FEED"},
    }  # fmt: skip
    return told | ({"parent_id": parent} if parent else {})


def deliver(desk: Desk, *changes: Change, field: str = "comments") -> None:
    body = a_delivery(*changes, of="instagram", owner=ACCOUNT, at=NOON, field=field)
    assert desk.send(body, to="/instagram") == 200


def test_a_comment_and_a_reply_that_are_delivered_are_archived_where_they_belong(account):
    media = visited(account)
    comment = account.platform.comment(media, "Good dogs")
    reply = account.platform.comment(comment, "The best")

    deliver(
        account,
        a_comment(numbered(comment), "Good dogs", media=numbered(media)),
        a_comment(numbered(reply), "The best", media=numbered(media), parent=numbered(comment)),
    )
    (heard,) = account.hear()

    assert (heard.new, heard.status) == (2, CaptureStatus.COMPLETE)
    kinds = [account.archive.item(numbered(number)).kind for number in (comment, reply)]
    assert kinds == [ItemKind.COMMENT, ItemKind.REPLY]


def test_a_comment_that_was_soon_deleted_is_kept_in_the_words_it_was_delivered_with(account):
    media = visited(account)

    deliver(account, a_comment(numbered(50), "You are all crooks", media=numbered(media)))
    account.hear()

    assert account.archive.found("crooks") == [numbered(50)]
    assert account.archive.item(numbered(50)).state == "not_visible"


def test_below_a_media_that_is_not_archived_nothing_is_placed_and_the_gap_is_named(account):
    """It may be a picture of an album, of which the lists tell the album alone."""
    visited(account)
    comment = account.platform.comment(1, "Good dogs")

    deliver(account, a_comment(numbered(comment), "Good dogs", media="17999"))
    (heard,) = account.hear()

    (gap,) = heard.gaps
    assert (gap.why, gap.native_id) == (GapReason.OUT_OF_REACH, numbered(comment))
    assert heard.new == 0


def test_what_is_no_comment_or_not_as_documented_is_a_gap(account):
    visited(account)

    deliver(account, {"media_id": "1", "comment_id": "2"}, field="mentions")
    deliver(account, {"id": "9", "text": "no media"})
    (heard,) = account.hear()

    assert [gap.why for gap in heard.gaps] == [GapReason.OUT_OF_REACH, GapReason.UNREADABLE]


def test_an_account_whose_id_is_not_told_cannot_be_heard(account):
    office = account.archive.office
    office.config = replace(office.config, pages=(replace(account.archive.page, options={}),))

    with pytest.raises(ConfigInvalid, match="set account_id"):
        Ear(office)
