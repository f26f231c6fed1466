"""A Mastodon server's stream is followed: what it sends is kept, asked for, and archived."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from archiver.catalogue import contents, sightings
from archiver.listening import following
from archiver.office.listening import Ear
from archiver.records.captures import GapReason
from archiver.records.errors import ConfigInvalid
from archiver.records.items import ItemKind
from tests.connectors.mastodon_platform import MastodonPlatform, numbered
from tests.connectors.platforms import SECRET, UNAUTHORIZED
from tests.connectors.streaming_server import HANG_UP, StreamingServer, a_streaming_server
from tests.listening.conftest import Desk, a_desk
from tests.listening.following import followed


@pytest.fixture
def stream(monkeypatch) -> Iterator[StreamingServer]:
    """Where the server has its streams."""
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(following, "PAUSE_SECONDS", (0.01, 0.05))
    with a_streaming_server() as server:
        yield server


@pytest.fixture
def account(tmp_path, stream) -> Iterator[Desk]:
    """A desk that follows the stream of an account."""
    with MastodonPlatform() as platform:
        platform.streaming = stream.url
        page = platform.page()
        page = replace(page, options={**page.options, "streaming": True})
        yield from a_desk(tmp_path, platform, page)


def an_update(status: object, event: str = "update") -> str:
    """Give a frame with a status in it, as "Establishing a WebSocket connection" shows one."""
    return json.dumps({"stream": ["user"], "event": event, "payload": json.dumps(status)})


def a_mention(status: object) -> str:
    told = {"id": "1", "type": "mention", "account": {"id": "7"}, "status": status}
    return an_update(told, "notification")


def a_delete(native_id: str) -> str:
    return json.dumps({"stream": ["user"], "event": "delete", "payload": native_id})


def test_a_post_and_an_answer_are_archived_as_a_visit_would_have_seen_them(account, stream):
    post = account.platform.publish("The road is closed.")
    answer = account.platform.comment(post, "For how long?")
    deeper = account.platform.comment(answer, "Until Friday, I heard.")
    stream.say(
        an_update(account.platform.entity(post)),
        a_mention(account.platform.entity(answer)),
        a_mention(account.platform.entity(deeper)),
    )

    with followed(account) as told:
        told.await_kept(3)
    (heard,) = account.hear()
    office = account.archive.office
    (coverage,) = office.capture([account.archive.page], by=account.archive.person)

    assert (heard.new, heard.gaps) == (3, [])
    assert account.archive.item(numbered(answer)).kind == ItemKind.COMMENT
    root = account.archive.item(numbered(post)).thread_n
    assert {account.archive.item(numbered(n)).thread_n for n in (answer, deeper)} == {root}
    assert coverage.changed == 0


def test_the_account_is_asked_for_by_its_own_token_in_a_header_and_at_its_stream_alone(
    account, stream
):
    with followed(account):
        stream.await_open()

    assert stream.asked == [("/api/v1/streaming", [("stream", "user")])]
    assert stream.headers[0]["authorization"] == f"Bearer {SECRET}"


def test_the_token_is_the_one_that_its_file_holds_when_the_stream_is_opened(
    account, stream, tmp_path
):
    file = tmp_path / "page.token"
    file.touch(0o600)
    file.write_text(f"{SECRET}\n", "utf-8")
    office = account.archive.office
    page = replace(account.archive.page, secret="an older one", token_file=file)
    office.config = replace(office.config, pages=(page,))
    account.listen()

    with followed(account) as told:
        told.await_said("is followed")

    assert stream.headers[0]["authorization"] == f"Bearer {SECRET}"


def test_what_others_write_elsewhere_is_not_kept_for_a_moment(account, stream):
    post = account.platform.publish("The road is closed.")
    status = account.platform.entity(post)
    stranger = {**status, "id": "5", "account": {**status["account"], "id": "9"}}
    liked = an_update({"id": "2", "type": "favourite", "status": status}, "notification")
    about_us = a_mention(stranger)
    changed = json.dumps({"stream": ["user"], "event": "filters_changed"})
    private = an_update({**status, "id": "6", "visibility": "direct"})
    stream.say(an_update(stranger), liked, about_us, changed, private, an_update(status))

    with followed(account) as told:
        told.await_kept()
        assert account.waiting == 1
    (heard,) = account.hear()

    assert (heard.seen, heard.new, heard.gaps) == (1, 1, [])


def test_a_mention_below_what_is_not_ours_is_passed_over(account, stream):
    post = account.platform.publish("The road is closed.")
    told_of = account.platform.entity(post)
    elsewhere = {
        **told_of, "id": "5", "account": {**told_of["account"], "id": "9"},
        "in_reply_to_id": "77", "in_reply_to_account_id": "8",
    }  # fmt: skip
    stream.say(a_mention(elsewhere))

    with followed(account) as told:
        told.await_kept()
    (heard,) = account.hear()

    assert (heard.seen, heard.gaps) == (0, [])


def test_an_answer_that_was_soon_deleted_is_kept_in_the_words_it_came_with(account, stream):
    post = account.platform.publish("The road is closed.")
    office = account.archive.office
    office.capture([account.archive.page], by=account.archive.person)
    answer = account.platform.comment(post, "You are all crooks")
    frame = a_mention(account.platform.entity(answer))
    account.platform.remove(answer)
    stream.say(frame, a_delete(numbered(answer)))

    with followed(account) as told:
        told.await_kept(2)
    account.hear()

    row = account.archive.item(numbered(answer))
    assert account.archive.found("crooks") == [numbered(answer)]
    assert row.thread_n == account.archive.item(numbered(post)).thread_n
    assert row.state == "reported_removed"


def test_an_edit_is_a_version_and_the_wording_before_it_stays(account, stream):
    post = account.platform.publish("The road is closed.")
    stream.say(an_update(account.platform.entity(post)))
    with followed(account) as told:
        told.await_kept()
        account.hear()
        account.platform.edit(post, "The road is open.")
        stream.say(an_update(account.platform.entity(post), "status.update"))
        told.await_kept()
    (heard,) = account.hear()

    row = account.archive.item(numbered(post))
    with account.archive.office.catalogue.reading() as connection:
        versions = contents.versions_of(connection, row.n)
    assert heard.changed == 1
    assert len(versions) == 2


def test_a_deletion_is_a_sighting_that_names_nobody_and_of_what_we_never_had_it_is_nothing(
    account, stream
):
    post = account.platform.publish("The road is closed.")
    office = account.archive.office
    office.capture([account.archive.page], by=account.archive.person)
    account.platform.remove(post)
    stream.say(a_delete("42"), a_delete(numbered(post)))

    with followed(account) as told:
        told.await_kept(2)
    (heard,) = account.hear()

    row = account.archive.item(numbered(post))
    with office.catalogue.reading() as connection:
        seen = sightings.sightings_of(connection, row.n)[-1]
    assert (seen.state, seen.actor, seen.source) == ("reported_removed", "", "mastodon streaming")
    assert account.archive.found("road") == [numbered(post)]
    assert heard.gaps == []


UNREADABLE = (
    "{",
    "[]",
    b"\xff\xfe",
    '{"event": "update"}',
    '{"event": "update", "payload": "{"}',
    '{"event": "delete", "payload": {}}',
    '{"event": "notification", "payload": "[]"}',
    '{"stream": ["user"]}',
    '{"error": "the server is on fire", "status": 500}',
)


def test_a_frame_that_cannot_be_read_is_a_gap_and_what_comes_after_it_is_heard(account, stream):
    post = account.platform.publish("The road is closed.")
    stream.say(*UNREADABLE, an_update(account.platform.entity(post)))

    with followed(account) as told:
        told.await_kept(len(UNREADABLE) + 1)
    (heard,) = account.hear()

    assert [gap.why for gap in heard.gaps] == [GapReason.UNREADABLE] * len(UNREADABLE)
    assert heard.new == 1


def test_the_same_event_twice_is_one_item_and_changes_nothing(account, stream):
    post = account.platform.publish("The road is closed.")
    frame = an_update(account.platform.entity(post))
    stream.say(frame, frame)

    with followed(account) as told:
        told.await_kept(2)
        (heard,) = account.hear()
        stream.say(frame)
        told.await_kept()
        (again,) = account.hear()

    assert (heard.new, again.new, again.changed, again.unchanged) == (1, 0, 0, 1)


def test_a_stream_that_breaks_off_half_way_is_opened_anew_and_goes_on(account, stream):
    first = account.platform.publish("The road is closed.")
    second = account.platform.publish("The road is open.")
    stream.say(an_update(account.platform.entity(first)), HANG_UP)
    stream.say(an_update(account.platform.entity(second)))

    with followed(account) as told:
        told.await_kept(2)
        lines = [told.await_said("not followed"), told.await_said("is followed")]
    (heard,) = account.hear()

    assert "broke off" in lines[0]
    assert (heard.new, len(stream.asked)) == (2, 2)


def test_a_token_that_is_refused_is_said_once_and_tried_again_later(account):
    account.platform.script(lasting=(0, UNAUTHORIZED))

    with followed(account) as told:
        line = told.await_said("not followed")
        account.platform.script()
        told.await_said("is followed")

    assert "answered 401" in line
    assert SECRET not in line
    assert told.sign.why in line


@pytest.mark.parametrize("way", ["handshake", "frame"])
def test_a_stream_that_refuses_the_token_is_broken_however_it_says_so(account, stream, way):
    if way == "handshake":
        stream.refuses.append(401)
    else:
        stream.say('{"error": "Access token does not have the required scopes", "status": 401}')

    with followed(account) as told:
        assert "answered 401" in told.await_said("not followed")
        assert told.sign.broken_since is not None

    assert account.waiting == 0


def test_the_token_of_another_account_is_not_followed(account, stream):
    account.platform.whose = "7"

    with followed(account) as told:
        assert "the token is that of @person7" in told.await_said("not followed")

    assert stream.asked == []


@pytest.mark.parametrize(
    ("base", "why"),
    [
        ("ws://streams.example", "a token is not sent over ws"),
        ("ftp://x", "a token is not sent over ftp"),
        ("http://127.0.0.1", "is not a ws or wss address"),
    ],
)
def test_the_token_goes_to_no_address_that_is_no_safe_one(account, stream, base, why):
    account.platform.streaming = base

    with followed(account) as told:
        assert why in told.await_said("not followed")

    assert stream.asked == []


def test_a_page_that_does_not_ask_for_its_stream_is_not_followed(account):
    office = account.archive.office
    office.config = replace(office.config, pages=(replace(account.archive.page, options={}),))

    assert Ear(office).streams.pages == []


def test_a_page_without_a_token_cannot_be_followed(account):
    office = account.archive.office
    page = replace(account.archive.page, secret=None)
    office.config = replace(office.config, pages=(page,))

    with pytest.raises(ConfigInvalid, match="streaming takes a token; set token_env"):
        Ear(office)


def test_where_more_waits_than_may_nothing_is_taken_until_there_is_room(account, stream):
    post = account.platform.publish("The road is closed.")
    office = account.archive.office
    bounded = replace(office.config.listening, max_waiting_bytes=200)
    office.config = replace(office.config, listening=bounded)
    account.listen()
    stream.say(an_update(account.platform.entity(post)))

    with followed(account) as told:
        assert "max_waiting_bytes" in told.await_said("not followed")

    assert account.waiting == 0
