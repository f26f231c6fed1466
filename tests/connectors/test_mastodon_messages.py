"""Case notes on the direct messages of a Mastodon account: what its own token is shown of them."""

from __future__ import annotations

from datetime import timedelta

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
from archiver.records.errors import ConfigInvalid
from archiver.records.items import ItemKind
from archiver.records.pages import PageSettings
from connectors.mastodon import CONNECTOR
from connectors.mastodon.visiting import AccountSource
from tests.connectors.mastodon_platform import NOON, MastodonServer
from tests.connectors.platforms import SECRET, fetching
from tests.connectors.seeing import known, of, visited
from tests.connectors.served import Wire

DAY = timedelta(days=1)
LIST = "/api/v1/conversations"


@pytest.fixture
def server():
    return MastodonServer(token=SECRET)


@pytest.fixture
def account(server, asking):
    def opened(*, messages=True):
        return AccountSource(
            asking(Wire(server)),
            server=f"https://{server.host}", name="police", token=SECRET, messages=messages,
        )  # fmt: skip

    return opened


def whisper(server, html, *, author="7", **more):
    return server.post(f"<p>{html}</p>", author=author, visibility="direct", **more)


def messages(seen):
    return [o for o in of(Observation, seen) if o.content.kind is ItemKind.MESSAGE]


def shown(seen):
    """Give what was published or said; the profile stands apart."""
    return [o for o in of(Observation, seen) if o.content.kind is not ItemKind.PROFILE]


def names(seen):
    return [one.content.native_id for one in messages(seen)]


def test_every_message_of_every_conversation_is_kept_once_and_restricted(server, account):
    server.slice = 2
    threads = {}
    for n in range(5):
        first = whisper(server, f"Tip {n}")
        answer = whisper(server, "Thank you", author="1", answering=first)
        more = [whisper(server, "One more thing", answering=each) for each in (first, answer)]
        threads |= dict.fromkeys([first, answer, *more], first)

    seen = visited(account())

    assert sorted(names(seen)) == sorted(threads)
    assert all(one.restricted for one in messages(seen))
    found = {one.content.native_id: one.content.thread for one in messages(seen)}
    assert {name: thread or name for name, thread in found.items()} == threads
    assert of(Gap, seen) == []
    assert len([path for path, _ in server.asked if path == LIST]) == 3


def test_what_a_message_says_is_read_as_of_any_status(server, account):
    first = whisper(server, "Who took my bike?", media=[{"id": "m1", "url": "/bike.jpg"}])

    [told] = messages(visited(account()))

    content = told.content
    assert (content.native_id, content.text) == (first, "Who took my bike?")
    assert content.author.handle == "person7@elsewhere.example"
    assert [file.url for file in content.attachments] == ["/bike.jpg"]
    assert b'"visibility": "direct"' in content.raw.body


def test_a_public_status_in_the_same_thread_is_no_message_and_told_once(server, account):
    notice = server.post("<p>Road closed</p>")
    asked = server.answer(notice, "<p>Until when?</p>")
    aside = whisper(server, "I live there", answering=asked)

    seen = visited(account())

    kinds = [(o.content.native_id, o.content.kind.value) for o in shown(seen)]
    assert kinds == [(notice, "post"), (asked, "comment"), (aside, "message")]
    assert {o.content.thread for o in shown(seen)} == {None, notice}


def test_a_strangers_public_status_is_not_kept_for_the_message_below_it(server, account):
    theirs = server.post("<p>To everybody</p>", author="7")
    aside = whisper(server, "And to you alone", answering=theirs)

    seen = visited(account())

    assert [o.content.native_id for o in shown(seen)] == [aside]


def test_messages_that_were_not_asked_for_are_not_asked_of_the_server(server, account):
    whisper(server, "A tip")
    ours = whisper(server, "Dear neighbour", author="1")
    theirs = whisper(server, "Dear police", answering=ours)

    seen = visited(account(messages=False))

    assert sorted(names(seen)) == [ours, theirs]
    assert all(one.restricted for one in messages(seen))
    assert LIST not in [path for path, _ in server.asked]


def test_a_late_message_brings_its_conversation_and_no_other(server, account):
    old = whisper(server, "A tip", at=NOON - 90 * DAY)
    whisper(server, "Another", at=NOON - 90 * DAY)
    late = whisper(server, "I remember now", answering=old, at=NOON)

    seen = visited(account(), cursor="1", since=NOON - DAY)

    assert sorted(names(seen)) == [old, late]


def test_a_light_visit_reads_what_was_said_since_the_last_and_no_further(server, account):
    server.slice = 2
    for n in range(9):
        whisper(server, f"Tip {n}", at=NOON + n * DAY)

    seen = visited(account(), cursor="9" * 20, since=NOON + 8 * DAY, young=NOON - 30 * DAY)

    assert len(names(seen)) == 1
    assert len([path for path, _ in server.asked if path == LIST]) == 2


def test_the_earlier_wording_of_a_message_is_restricted_as_well(server, account):
    first = whisper(server, "It was John")
    server.edit(first, "<p>It was somebody</p>", at=NOON + DAY)

    told = messages(visited(account()))

    assert [(one.content.text, one.current) for one in told] == [
        ("It was John", False), ("It was somebody", True),
    ]  # fmt: skip
    assert all(one.restricted for one in told)


def test_nothing_is_concluded_of_a_message_that_is_no_longer_told(server, account):
    first = whisper(server, "A tip")
    whisper(server, "And more", answering=first)
    source = account()
    told = {one.content.native_id: one.content for one in messages(visited(source))}
    server.remove(first)

    assert of(Sighting, visited(account())) == []
    [again] = source.recheck([known(told[first])])
    assert (again.state, again.source) == (PlatformState.UNKNOWN, "mastodon 404")
    assert "no other that it does not show" in again.remark


def test_a_message_is_looked_at_again_as_the_message_it_is(server, account):
    whisper(server, "A tip")
    source = account()
    [told] = messages(visited(source))

    [again] = source.recheck([known(told.content)])

    assert (again.content, again.restricted) == (told.content, True)


def test_of_a_message_between_that_was_deleted_the_newest_part_is_still_read(server, account):
    first = whisper(server, "One")
    between = whisper(server, "Two", answering=first)
    last = whisper(server, "Three", answering=between)
    server.remove(between)
    server.statuses.pop(first)

    assert names(visited(account())) == [last]


def test_another_accounts_messages_are_not_taken_for_the_pages(server, account):
    server.whose = "7"
    whisper(server, "Private")
    server.post("<p>Notice</p>")

    seen = visited(account())

    [gap] = of(Gap, seen)
    assert (gap.what, gap.why) == ("the rest of the direct messages", GapReason.PERMISSION_LOST)
    assert LIST not in [path for path, _ in server.asked]
    assert names(seen) == []
    assert of(Cursor, seen)


def test_a_right_that_is_wanting_costs_the_messages_alone_and_is_named(server, account):
    server.scopes = frozenset()
    whisper(server, "A tip")
    notice = server.post("<p>Notice</p>")

    seen = visited(account())

    [gap] = of(Gap, seen)
    assert gap.why is GapReason.PERMISSION_LOST
    assert "read:statuses: under Preferences, Development" in gap.detail
    assert [o.content.native_id for o in shown(seen)] == [notice]
    assert all(listed.whole for listed in of(Listed, seen))


def test_a_server_without_conversations_leaves_a_gap_and_no_empty_inbox(server, account):
    server.offers_conversations = False

    [gap] = of(Gap, visited(account()))

    assert (gap.what, gap.why) == ("direct messages", GapReason.OUT_OF_REACH)


def test_a_conversation_that_names_no_message_is_a_gap(server, account):
    server.nameless = 2
    first = whisper(server, "A tip")

    seen = visited(account())

    assert names(seen) == [first]
    assert [gap.what for gap in of(Gap, seen)] == ["2 conversations"]


def test_one_conversation_that_cannot_be_read_costs_no_other(server, account):
    first, *_, last = [whisper(server, f"Tip {n}") for n in range(3)]
    server.fail = lambda path, _params: (
        (200, {}, b"<html>") if path == f"/api/v1/statuses/{first}/context" else None
    )

    seen = visited(account())

    assert {first, last} <= set(names(seen))
    [gap] = of(Gap, seen)
    assert (gap.what, gap.native_id) == (f"the conversation of message {first}", first)


def test_a_message_that_goes_while_it_is_read_is_kept_with_a_gap(server, account):
    first = whisper(server, "A tip")
    server.fail = lambda path, _params: (
        (404, {}, b"{}") if path == f"/api/v1/statuses/{first}/context" else None
    )

    seen = visited(account())

    assert names(seen) == [first]
    assert [gap.why for gap in of(Gap, seen)] == [GapReason.OUT_OF_REACH]


def answered(server, name, change):
    """Have the server show the context of *name* as *change* leaves it."""

    def fail(path, _params):
        if path != f"/api/v1/statuses/{name}/context":
            return None
        context = server._context(server.statuses[name], trusted=True)
        change(context)
        return server._json(context)

    server.fail = fail


def test_a_message_that_stands_above_alone_or_begins_a_long_conversation_is_kept(server, account):
    first = whisper(server, "One")
    between = whisper(server, "Two", answering=first)
    last = whisper(server, "Three", answering=between)
    answered(server, first, lambda context: context["descendants"].clear())
    shown_above = visited(account())
    answered(server, last, lambda context: context["ancestors"].pop(0))

    climbed_to = visited(account())

    assert sorted(names(shown_above)) == sorted(names(climbed_to)) == [first, between, last]


def test_one_message_that_cannot_be_read_costs_no_other_of_its_conversation(server, account):
    first = whisper(server, "One")
    bad = whisper(server, "Two", answering=first)
    last = whisper(server, "Three", answering=first)
    answered(server, first, lambda context: context["descendants"][0].pop("created_at"))

    seen = visited(account())

    assert sorted(names(seen)) == [first, last]
    assert [gap.native_id for gap in of(Gap, seen)] == [bad]


def test_slices_that_go_in_a_circle_end_in_a_gap(server, account):
    whisper(server, "A tip")
    onward = {"link": f'<https://{server.host}{LIST}?max_id=5>; rel="next"'}
    server.fail = lambda path, _params: (200, onward, b"[]") if path == LIST else None

    assert [gap.what for gap in of(Gap, visited(account()))] == ["the rest of the direct messages"]


def test_when_older_statuses_fail_the_messages_are_read_all_the_same(server, account):
    server.slice = 1
    server.post("<p>One</p>")
    server.post("<p>Two</p>")
    first = whisper(server, "A tip")
    server.fail = lambda path, params: (
        (200, {}, b"<html>") if path.endswith("/1/statuses") and params.get("max_id") else None
    )

    seen = visited(account())

    assert names(seen) == [first]
    assert of(Cursor, seen) == of(Listed, seen) == []


def test_messages_without_a_token_are_a_fault_of_the_configuration(tmp_path):
    page = PageSettings(
        name="toots", connector="mastodon", platform="mastodon",
        url="https://social.example/@police", options={"messages": True},
    )  # fmt: skip

    with pytest.raises(ConfigInvalid, match="own token alone: set token_env"):
        CONNECTOR.open(page, fetching(tmp_path))
