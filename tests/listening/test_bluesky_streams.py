"""Jetstream is followed: what is written into the account's own repository, from a cursor on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from archiver.catalogue import sightings
from archiver.listening import following
from archiver.office.listening import Ear
from archiver.procedures import timetable
from archiver.procedures.listening import LISTENER
from archiver.records.captures import GapReason
from archiver.records.errors import ConfigInvalid
from archiver.records.items import ItemKind
from connectors.bluesky.streaming import REWIND
from tests.connectors.bluesky_platform import GATE, POLICE, POST, BlueskyPlatform, person, stamped
from tests.connectors.platforms import FIRST_MOMENT, LOGIN_PAGE
from tests.connectors.signed_repository import tid
from tests.connectors.streaming_server import HANG_UP, StreamingServer, a_streaming_server
from tests.listening.conftest import Desk, a_desk
from tests.listening.following import followed

AT = 1_772_442_000_000_000


@pytest.fixture
def stream(monkeypatch) -> Iterator[StreamingServer]:
    """A server of Jetstream."""
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(following, "PAUSE_SECONDS", (0.01, 0.05))
    with a_streaming_server() as server:
        yield server


@pytest.fixture
def account(tmp_path, stream) -> Iterator[Desk]:
    """A desk that follows what an account writes."""
    with BlueskyPlatform() as platform:
        page = platform.page()
        jetstream = {"streaming": True, "jetstream": f"{stream.url}/subscribe"}
        page = replace(page, options={**page.options, **jetstream})
        yield from a_desk(tmp_path, platform, page)


def key(number: int) -> str:
    return tid(FIRST_MOMENT + timedelta(seconds=number))


def uri(number: int, by: str = POLICE) -> str:
    return f"at://{by}/{POST}/{key(number)}"


def a_frame(kind: str, told: object, *, did: str = POLICE, at: int = AT) -> str:
    return json.dumps({"did": did, "time_us": at, "kind": kind, kind: told})


def a_commit(
    operation: str, rkey: str, record: object = None, *, of: str = POST, at: int = AT
) -> str:
    """Give a frame as "Legacy v1 JSON Payload" shows one; a deletion has no record."""
    told = {"rev": key(0), "operation": operation, "collection": of, "rkey": rkey}
    more = {"cid": "bafyrei", "record": {"$type": of, **record}} if record else {}
    return a_frame("commit", {**told, **more}, at=at)


def a_post(number: int, text: str, *, at: int = AT, operation: str = "create") -> str:
    record = {"text": text, "createdAt": stamped(FIRST_MOMENT + timedelta(minutes=number))}
    return a_commit(operation, key(number), record, at=at)


def test_a_post_is_archived_with_its_proof_as_a_visit_would_have_seen_it(account, stream):
    number = account.platform.publish("The road is closed.")
    stream.say(a_post(number, "The road is closed."))

    with followed(account) as told:
        told.await_kept()
    (heard,) = account.hear()
    office = account.archive.office
    (coverage,) = office.capture([account.archive.page], by=account.archive.person)

    assert (heard.new, heard.gaps) == (1, [])
    assert account.archive.item(uri(number)).kind == ItemKind.POST
    assert coverage.changed == 0


def test_the_stream_is_asked_for_the_account_alone_and_of_it_for_what_is_read(account, stream):
    with followed(account):
        stream.await_open()

    (path, asked) = stream.asked[0]
    assert path == "/subscribe"
    assert ("wantedDids", POLICE) in asked
    assert {value for name, value in asked if name == "wantedCollections"} == {
        POST, GATE, "app.bsky.actor.profile"
    }  # fmt: skip
    assert "cursor" not in dict(asked)
    assert "authorization" not in stream.headers[0]


def test_after_a_break_it_goes_on_from_a_little_before_the_last_frame_that_was_kept(
    account, stream
):
    first = account.platform.publish("The road is closed.")
    second = account.platform.publish("The road is open.")
    stream.say(a_post(first, "The road is closed.", at=AT), HANG_UP)
    stream.say(a_post(first, "The road is closed.", at=AT), a_post(second, "The road is open."))

    with followed(account) as told:
        told.await_kept(3)
        told.await_said("broke off")
    (heard,) = account.hear()

    assert dict(stream.asked[1][1])["cursor"] == str(AT - REWIND)
    assert heard.new == 2


def test_the_next_process_goes_on_where_the_last_one_left_off(account, stream):
    number = account.platform.publish("The road is closed.")
    stream.say(a_post(number, "The road is closed."))
    with followed(account) as told:
        told.await_kept()
    account.ear.beat(stopped=True)
    account.hear()

    account.archive.reopen()
    account.listen()
    with followed(account) as told:
        told.await_said("is followed")

    assert dict(stream.asked[-1][1])["cursor"] == str(AT - REWIND)
    assert told.sign.frames == 1
    assert LISTENER in timetable.beats(account.archive.office.account)


def test_a_frame_that_could_not_be_kept_does_not_move_the_cursor(account, stream):
    number = account.platform.publish("The road is closed.")
    account.folder.write_bytes(b"a file where the folder should be")
    stream.say(a_post(number, "The road is closed."))

    with followed(account) as told:
        told.await_said("not followed")
        account.folder.unlink()
        told.await_said("is followed")

    assert "cursor" not in dict(stream.asked[-1][1])
    assert told.sign.frames == 0


def test_a_deletion_is_asked_for_and_is_a_sighting_with_the_repositorys_word(account, stream):
    number = account.platform.publish("The road is closed.")
    office = account.archive.office
    office.capture([account.archive.page], by=account.archive.person)
    account.platform.remove(number)
    stream.say(a_commit("delete", key(number)))

    with followed(account) as told:
        told.await_kept()
    account.hear()

    row = account.archive.item(uri(number))
    with office.catalogue.reading() as connection:
        seen = sightings.sightings_of(connection, row.n)[-1]
    assert (seen.state, seen.actor) == ("reported_removed", "")
    assert seen.source == "bluesky signed as absent"
    assert account.archive.found("road") == [uri(number)]


def test_a_post_that_was_soon_deleted_is_kept_in_the_words_it_came_with(account, stream):
    stream.say(a_post(7, "Nobody was to read this"), a_commit("delete", key(7)))

    with followed(account) as told:
        told.await_kept(2)
    account.hear()

    assert account.archive.found("nobody") == [uri(7)]
    assert account.archive.item(uri(7)).state == "reported_removed"


def test_an_answer_that_the_account_hides_is_looked_at_where_we_have_it(account, stream):
    post = account.platform.publish("The road is closed.")
    answer = account.platform.comment(post, "You are all crooks")
    office = account.archive.office
    office.capture([account.archive.page], by=account.archive.person)
    account.platform.hide(answer)
    hidden = {"post": uri(post), "hiddenReplies": [uri(answer, person(7)), uri(99, person(8))]}
    stream.say(a_commit("update", key(post), hidden, of=GATE))

    with followed(account) as told:
        told.await_kept()
    (heard,) = account.hear()

    assert account.archive.item(uri(answer, person(7))).state == "hidden"
    assert heard.gaps == []


@pytest.mark.parametrize("kind", ["identity", "account"])
def test_what_befalls_the_account_has_its_profile_looked_at(account, stream, kind):
    stream.say(a_frame(kind, {"did": POLICE, "seq": 1, "time": "2026-03-02T09:00:00.000Z"}))

    with followed(account) as told:
        told.await_kept()
    (heard,) = account.hear()

    profile = f"at://{POLICE}/app.bsky.actor.profile/self"
    assert (heard.new, account.archive.item(profile).kind) == (1, ItemKind.PROFILE)


UNREADABLE = (
    "{",
    "[]",
    b"\xff",
    '{"kind": "commit"}',
    a_frame("commit", []),
    a_frame("commit", {"operation": "create"}),
    a_commit("create", "a b", {"text": "words"}),
    a_commit("create", key(3), {"text": 5}),
    json.dumps({"did": POLICE, "kind": "commit", "time_us": "soon"}),
)


def test_a_frame_that_cannot_be_read_is_a_gap_and_what_comes_after_it_is_heard(account, stream):
    number = account.platform.publish("The road is closed.")
    stream.say(*UNREADABLE, a_post(number, "The road is closed."))

    with followed(account) as told:
        told.await_kept(len(UNREADABLE) + 1)
    (heard,) = account.hear()

    assert [gap.why for gap in heard.gaps] == [GapReason.UNREADABLE] * len(UNREADABLE)
    assert heard.new == 1


def test_what_is_of_no_page_of_ours_is_passed_over_and_what_is_new_to_us_is_named(account, stream):
    stream.say(
        a_frame("commit", {"operation": "create"}, did=person(7)),
        a_commit("create", key(1), {"subject": "x"}, of="app.bsky.graph.follow"),
        a_frame("sync", {}),
    )

    with followed(account) as told:
        told.await_kept(3)
    (heard,) = account.hear()

    assert heard.seen == 0
    assert [(gap.why, gap.what) for gap in heard.gaps] == [
        (GapReason.OUT_OF_REACH, "streamed: sync")
    ]


def test_an_account_that_cannot_be_found_is_tried_again(account):
    account.platform.script(faults={0: LOGIN_PAGE})

    with followed(account) as told:
        told.await_said("not followed")
        told.await_said("is followed")


def test_a_jetstream_at_a_private_address_is_not_connected_to(account, stream):
    office, page = account.archive.office, account.archive.page
    port = stream.url.rpartition(":")[2]
    inside = {**page.options, "jetstream": f"ws://localhost:{port}/subscribe"}
    office.config = replace(office.config, pages=(replace(page, options=inside),))
    account.listen()

    with followed(account) as told:
        assert "a loopback address" in told.await_said("not followed")

    assert stream.asked == []


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"jetstream": "https://jetstream.example"}, "jetstream is no ws or wss address"),
        ({"appview": "bsky.app"}, "appview is no http or https address"),
    ],
)
def test_a_page_that_cannot_be_followed_says_so_before_anything_begins(account, more, fault):
    office, page = account.archive.office, account.archive.page
    amiss = replace(page, options={**page.options, **more})
    office.config = replace(office.config, pages=(amiss,))

    with pytest.raises(ConfigInvalid, match=fault):
        Ear(office)


def test_a_page_that_does_not_ask_for_its_stream_is_not_followed(account):
    office, page = account.archive.office, account.archive.page
    quiet = replace(page, options={**page.options, "streaming": False})
    office.config = replace(office.config, pages=(quiet,))

    assert Ear(office).streams.pages == []
