"""Direct messages on X."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archiver.records.captures import Gap, GapReason, Listed, Observation
from archiver.records.items import ItemKind
from connectors.x.api import Api
from connectors.x.visiting import AccountSource
from tests.connectors.platforms import SECRET
from tests.connectors.seeing import known, of, visited
from tests.connectors.served import Wire
from tests.connectors.x_platform import NOON, XServer, stamped


@pytest.fixture(params=["tweet", "post"])
def server(request):
    return XServer(dialect=request.param, slice=4)


@pytest.fixture
def account(server, asking, tmp_path):
    """Open the account, with its messages, and a budget in thousandths of a dollar."""

    def open_it(*, messages=True, limit=None):
        fetcher = asking(Wire(server))
        api = Api(fetcher, f"https://api.example/{tmp_path.name}/2", SECRET, limit=limit)
        return AccountSource(fetcher, api, name="police", everything=False, messages=messages)

    return open_it


def write(server, count):
    for n in range(count):
        server.messages.append({
            "id": str(100 + n), "event_type": "MessageCreate", "text": f"Tip &amp; no. {n}",
            "sender_id": "7", "dm_conversation_id": f"7-{n % 2}",
            "created_at": stamped(NOON - timedelta(hours=n)),
        })  # fmt: skip


def messages(seen):
    found = [one for one in of(Observation, seen) if one.content.kind is ItemKind.MESSAGE]
    return {one.content.native_id: one for one in found}


def test_every_message_is_kept_in_its_conversation_and_restricted(server, account):
    write(server, 11)

    seen = visited(account())

    found = messages(seen)
    assert found.keys() == {f"dm-{100 + n}" for n in range(11)}
    assert all(one.restricted for one in found.values())
    assert of(Gap, seen) == []
    content = found["dm-103"].content
    assert (content.text, content.thread) == ("Tip & no. 3", "dm-7-1")
    assert (content.author.name, content.author.handle) == ("A Neighbour", "neighbour")


def test_messages_that_were_not_asked_for_are_not_asked_of_x(server, account):
    write(server, 2)

    assert messages(visited(account(messages=False))) == {}
    assert not [path for path, _ in server.asked if "dm_events" in path]


def test_what_a_message_shows_is_kept_with_it(server, account):
    write(server, 1)
    server.messages[0] |= {
        "attachments": {"media_keys": ["3_1"]}, "referenced_tweets": [{"id": "55"}],
        "entities": {"urls": [{"expanded_url": "https://example.org/a"}]},
    }  # fmt: skip

    content = messages(visited(account()))["dm-100"].content

    assert [file.url for file in content.attachments] == ["https://files.example/a.jpg"]
    assert content.links == ("https://example.org/a", "https://x.com/i/status/55")


def test_a_later_visit_reads_no_further_back_than_it_must(server, account):
    write(server, 20)
    since = NOON - timedelta(hours=2)

    seen = visited(account(), cursor="1", since=since)

    assert set(messages(seen)) == {"dm-100", "dm-101", "dm-102", "dm-103"}


def test_a_token_that_is_not_the_accounts_own_costs_the_messages_alone(server, account):
    server.personal = False
    server.post("Notice")

    seen = visited(account())

    [gap] = of(Gap, seen)
    assert (gap.what, gap.why) == ("the rest of the direct messages", GapReason.PERMISSION_LOST)
    assert "consent with the scope dm.read (archiver connect PAGE)" in gap.detail
    assert of(Listed, seen)


def test_the_days_budget_ends_the_reading_of_messages(server, account):
    write(server, 40)

    seen = visited(account(limit=100))

    assert [gap.why for gap in of(Gap, seen)] == [GapReason.BUDGET]
    assert 0 < len(messages(seen)) < 40


def test_one_message_that_cannot_be_read_costs_no_other(server, account):
    write(server, 3)
    server.messages[1]["created_at"] = "yesterday"

    seen = visited(account())

    assert set(messages(seen)) == {"dm-100", "dm-102"}
    assert [gap.what for gap in of(Gap, seen)] == ["a direct message"]


def test_nothing_is_concluded_of_a_message_that_is_not_told_again(server, account):
    write(server, 1)
    source = account()
    [told] = messages(visited(source)).values()
    server.messages.clear()

    assert list(source.recheck([known(told.content)])) == []
