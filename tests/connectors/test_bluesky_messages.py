"""Case notes on the direct messages of a Bluesky account: what an app password is shown of them."""

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
from connectors.bluesky import CONNECTOR
from connectors.bluesky.chat import Chat
from connectors.bluesky.network import Network
from connectors.bluesky.visiting import AccountSource
from tests.connectors.bluesky_chat import SERVICE, ChatServer, ChatTransport
from tests.connectors.bluesky_platform import POLICE, person
from tests.connectors.platforms import FIRST_MOMENT, SECRET, Reply, fetching
from tests.connectors.seeing import known, of, visited

DAY = timedelta(days=1)
LIST, TELL = "chat.bsky.convo.listConvos", "chat.bsky.convo.getMessages"


@pytest.fixture
def server():
    return ChatServer()


@pytest.fixture
def account(server, asking):
    def opened(*, messages=True, password=SECRET, unencrypted=("bsky.example",)):
        fetcher = asking(ChatTransport(server))
        network = Network(fetcher, appview=server.host, directory=server.host)
        chat = Chat(fetcher, password, unencrypted=unencrypted) if messages else None
        return AccountSource(network, actor=POLICE, chat=chat)

    return opened


def messages(seen):
    found = [one for one in of(Observation, seen) if one.content.kind is ItemKind.MESSAGE]
    return {one.content.native_id: one for one in found}


def asked(server, method):
    return [query for name, query in server.asked if name == method]


def test_every_message_of_every_conversation_is_kept_and_all_are_restricted(server, account):
    server.slice = 3
    told = {f"chat:c{n % 4}/{server.say(f'c{n % 4}', f'Tip {n}')}" for n in range(25)}

    seen = visited(account())

    found = messages(seen)
    assert (found.keys(), of(Gap, seen)) == (told, [])
    assert all(one.restricted for one in found.values())
    assert {one.content.thread for one in found.values()} == {f"chat:c{n}" for n in range(4)}


def test_what_a_message_says_and_answers_is_kept_and_what_it_answers_by_reference(server, account):
    first = server.say("c", "Who took my bike?")
    server.say(
        "c", "See here", by=POLICE, replyTo={"id": first, "text": "Who took my bike?"},
        facets=[{"features": [{"uri": "https://example.gov/bikes"}]}],
        embed={"$type": "app.bsky.embed.record#view",
               "record": {"uri": f"at://{POLICE}/app.bsky.feed.post/3kabc", "cid": "bafy",
                          "value": {"text": "Quoted words"}}},
        reactions=[{"value": "+", "sender": {"did": person(7)}, "createdAt": "2026-03-02"}],
    )  # fmt: skip

    question, answer = reversed(messages(visited(account())).values())

    assert question.content.author.handle.endswith(".example")
    content = answer.content
    assert (content.text, content.parent) == ("See here", f"chat:c/{first}")
    assert content.author.native_id == POLICE
    assert content.links == (
        "https://example.gov/bikes", f"https://bsky.app/profile/{POLICE}/post/3kabc",
    )  # fmt: skip
    assert answer.engagement == {"reactions": 1}
    assert b"Who took my bike?" not in content.raw.body
    assert b"Quoted words" not in content.raw.body
    assert b'{"reference": {"id": "m1"}}' in content.raw.body


def test_what_strangers_write_is_kept_whichever_list_tells_of_it(server, account):
    stranger = server.say("c", "A tip")
    server.inbox["c"].status = "request"
    both = visited(account())
    server.unfiltered_holds_requests = False

    alone = visited(account())

    assert list(messages(both)) == list(messages(alone)) == [f"chat:c/{stranger}"]
    assert len(asked(server, TELL)) == 2


def test_messages_that_were_not_asked_for_are_not_asked_of_the_server(server, account):
    server.say("c", "A tip")

    assert messages(visited(account(messages=False))) == {}
    assert {name for name, authorization, _ in server.headers if authorization} == set()


def test_the_password_is_shown_to_the_accounts_server_and_the_token_to_the_chat_alone(
    server, account
):
    server.say("c", "A tip")

    visited(account())

    told = {name: (bearer, proxy) for name, bearer, proxy in server.headers if bearer or proxy}
    assert told == dict.fromkeys([LIST, TELL], ("Bearer let-in", SERVICE))


def test_a_sender_who_is_not_told_as_a_member_is_named_all_the_same(server, account):
    server.say("g", "Hello", by=person(8))

    [told] = messages(visited(account())).values()

    assert told.content.author.native_id == person(8)
    assert told.content.author.handle.endswith(".example")


def test_a_password_is_sent_over_https(server, account):
    server.host = "https://bsky.example"
    server.say("c", "A tip")

    assert len(messages(visited(account(unencrypted=())))) == 1


def test_a_password_is_not_sent_over_http(server, account):
    seen = visited(account(unencrypted=()))

    assert [gap.what for gap in of(Gap, seen)] == ["the rest of the direct messages"]
    assert asked(server, "com.atproto.server.createSession") == []


def test_a_late_message_is_read_and_no_conversation_that_has_none(server, account):
    server.say("old", "A tip", at=FIRST_MOMENT - 90 * DAY)
    server.say("c", "Long ago", at=FIRST_MOMENT - 90 * DAY)
    late = server.say("c", "I remember now", at=FIRST_MOMENT)

    seen = visited(account(), cursor="3k", since=FIRST_MOMENT - DAY)

    assert list(messages(seen)) == [f"chat:c/{late}"]
    assert [query["convoId"] for query in asked(server, TELL)] == ["c"]


def test_a_light_visit_reads_what_was_said_since_the_last(server, account):
    server.slice = 2
    for n in range(9):
        server.say("c", f"Tip {n}", at=FIRST_MOMENT + n * DAY)

    seen = visited(account(), cursor="3k", since=FIRST_MOMENT + 8 * DAY, young=FIRST_MOMENT)

    assert len(messages(seen)) == 1
    assert len(asked(server, TELL)) == 1


@pytest.mark.parametrize("told_by", ["its state", "its last message"])
def test_a_conversation_is_walked_whichever_tells_that_something_happened(server, account, told_by):
    gone = server.say("c", "A tip", at=FIRST_MOMENT - 90 * DAY)
    if told_by == "its state":
        server.delete_for_self("c", gone)
    else:
        before = server.inbox["c"].rev
        server.say("c", "Another", at=FIRST_MOMENT)
        server.inbox["c"].rev = before

    visited(account(), cursor="3k", since=FIRST_MOMENT - DAY)

    assert [query["convoId"] for query in asked(server, TELL)] == ["c"]


def test_a_conversation_whose_state_cannot_be_read_is_walked(server, account):
    server.say("c", "A tip", at=FIRST_MOMENT + DAY)
    server.say("d", "A tip", at=FIRST_MOMENT + DAY)
    server.inbox["c"].rev = "?"
    server.inbox["d"].told[0]["sentAt"] = "then"

    seen = visited(account(), cursor="3k", since=FIRST_MOMENT)

    assert len(messages(seen)) == 1
    assert [gap.native_id for gap in of(Gap, seen)] == ["chat:d/m2"]


def test_a_message_the_department_deleted_for_itself_is_told_as_removed(server, account):
    gone, stays = server.say("c", "A tip", by=POLICE), server.say("c", "Another")
    server.delete_for_self("c", gone)

    seen = visited(account())

    assert list(messages(seen)) == [f"chat:c/{stays}"]
    [sighting] = of(Sighting, seen)
    assert sighting.native_id == f"chat:c/{gone}"
    assert sighting.state is PlatformState.REPORTED_REMOVED
    assert "for itself alone" in sighting.remark


def test_nothing_is_concluded_of_a_message_that_is_no_longer_told(server, account):
    server.say("c", "A tip")
    source = account()
    [told] = messages(visited(source)).values()
    server.inbox.clear()

    assert of(Sighting, visited(account())) == []
    assert list(source.recheck([known(told.content)])) == []


def test_what_happens_to_a_group_is_kept_with_who_did_it(server, account):
    server.notice("g", "AddMember", member={"did": person(8)}, addedBy={"did": POLICE})
    server.notice("g", "EditGroup", oldName="Watch", newName="Neighbourhood watch")

    renamed, added = (one.content for one in messages(visited(account())).values())

    assert (added.text, added.author.native_id, added.marks) == ("", POLICE, ("AddMember",))
    assert (renamed.text, renamed.author) == ("Neighbourhood watch", None)


def test_one_message_that_cannot_be_read_costs_no_other(server, account):
    server.say("c", "One")
    bad = server.say("c", "Two")
    last = server.say("c", "Three")
    server.inbox["c"].told[1]["$type"] = "chat.bsky.convo.defs#hologramView"

    seen = visited(account())

    assert list(messages(seen)) == [f"chat:c/{last}", "chat:c/m1"]
    assert [(g.native_id, g.why) for g in of(Gap, seen)] == [
        (f"chat:c/{bad}", GapReason.UNREADABLE)
    ]


def test_one_conversation_that_is_refused_costs_no_other(server, account):
    server.say("c", "One")
    kept = server.say("d", "Two")
    server.refuse = lambda _method, query: (
        Reply.json({"error": "InvalidConvo"}, status=400) if query.get("convoId") == "c" else None
    )

    seen = visited(account())

    assert list(messages(seen)) == [f"chat:d/{kept}"]
    assert [gap.what for gap in of(Gap, seen)] == ["conversation c"]


@pytest.mark.parametrize("wrong", ["no right", "another account", "revoked"])
def test_a_password_that_may_not_costs_the_messages_alone_and_says_what_it_needs(
    server, account, wrong
):
    server.post("Road closed")
    server.say("c", "A tip")
    server.privileged = wrong != "no right"
    server.whose = person(9) if wrong == "another account" else POLICE

    seen = visited(account(password="revoked" if wrong == "revoked" else SECRET))

    [gap] = of(Gap, seen)
    assert (gap.what, gap.why) == ("the rest of the direct messages", GapReason.PERMISSION_LOST)
    assert "App passwords make one and allow access to direct messages" in gap.detail
    assert messages(seen) == {}
    assert all(listed.whole for listed in of(Listed, seen))
    assert of(Cursor, seen)


def test_a_check_says_whether_the_password_may_see_messages_and_what_it_needs(server, account):
    granted = list(account().check())[-1]
    server.privileged = False
    refused = list(account().check())[-1]
    unasked = list(account(messages=False).check())

    assert (granted.what, granted.granted) == ("its direct messages", True)
    assert not refused.granted
    assert "allow access to direct messages" in refused.detail
    assert "its direct messages" not in [one.what for one in unasked]


def test_slices_that_go_in_a_circle_end_in_a_gap(server, account):
    server.refuse = lambda method, _query: (
        Reply.json({"convos": [], "cursor": "5"}) if method == LIST else None
    )

    assert [gap.what for gap in of(Gap, visited(account()))] == ["the rest of the direct messages"]


@pytest.mark.parametrize(
    ("secret", "wanted", "fault"),
    [
        (None, True, "shown to an app password alone"),
        (SECRET, False, "needs no token unless messages = true"),
    ],
)
def test_a_password_and_the_setting_come_together(tmp_path, secret, wanted, fault):
    page = PageSettings(
        name="skies", connector="bluesky", platform="bluesky", secret=secret,
        url="https://bsky.app/profile/police.example.gov", options={"messages": wanted},
    )  # fmt: skip

    with pytest.raises(ConfigInvalid, match=fault):
        CONNECTOR.open(page, fetching(tmp_path))
