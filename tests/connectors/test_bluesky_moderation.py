"""Case notes on how a Bluesky account is moderated: what its own repository signs."""

from __future__ import annotations

import base64
import json
from pathlib import PurePath

import pytest

from archiver.records.captures import Gap, GapReason, Observation
from archiver.records.items import ItemKind
from archiver.records.pages import FetchSettings
from connectors.bluesky.network import Network
from connectors.bluesky.repository import read_repository
from connectors.bluesky.visiting import AccountSource
from connectors.fetching import Fetcher, Pace
from tests.connectors.bluesky_platform import (
    GATE,
    POLICE,
    BlueskyServer,
    NetworkTransport,
    person,
)
from tests.connectors.platforms import FIRST_MOMENT, PatientClock
from tests.connectors.seeing import of, visited

BLOCK = "app.bsky.graph.block"
NOON = "2026-03-02T12:00:00.000Z"


@pytest.fixture
def server():
    return BlueskyServer()


@pytest.fixture
def account(server, tmp_path):
    def opened(*, moderated=True):
        clock = PatientClock()
        settings = FetchSettings(user_agent="archiver/1", spool=PurePath(tmp_path / "spool"))
        pace = Pace(clock=clock, sleep=clock.sleep)
        fetcher = Fetcher(settings, transport=NetworkTransport(server), pace=pace)
        network = Network(fetcher, appview=server.host, directory=server.host)
        return AccountSource(network, actor=POLICE, moderated=moderated)

    return opened


def lists(seen):
    found = [o for o in of(Observation, seen) if o.content.kind is ItemKind.MODERATION]
    assert all(one.restricted for one in found)
    return {o.content.native_id.removeprefix("moderation:"): o.content for o in found}


def block(server, number):
    return server.write(POLICE, BLOCK, {"subject": person(number), "createdAt": NOON})


def test_whom_the_account_blocks_is_told_with_the_proof_of_each(server, account):
    for number in range(1, 121):
        block(server, number)

    blocks = lists(visited(account()))["blocks"]

    assert blocks.text.split("\n") == [f"since {NOON} [{person(n)}]" for n in range(1, 121)]
    proofs = json.loads(blocks.raw.body)
    key = server.accounts[POLICE].signer.multikey()
    proven = read_repository(base64.b64decode(proofs[7]["car"]), did=POLICE, key=key)
    name = proven.find(proofs[7]["path"])
    assert proven.record(name)["createdAt"] == NOON


def test_an_unblocking_is_another_version_and_a_new_post_is_none(server, account):
    block(server, 1)
    gone = block(server, 2)
    before = lists(visited(account()))["blocks"].fingerprint()
    server.post("Road closed")
    later = lists(visited(account()))["blocks"].fingerprint()
    server.delete(gone)

    after = lists(visited(account()))["blocks"]

    assert later == before != after.fingerprint()
    assert after.text == f"since {NOON} [{person(1)}]"


def test_lists_and_who_is_on_them_are_told(server, account):
    made = server.write(
        POLICE, "app.bsky.graph.list",
        {"purpose": "app.bsky.graph.defs#modlist", "name": "Scams", "createdAt": NOON},
    )  # fmt: skip
    server.write(POLICE, "app.bsky.graph.listblock", {"subject": made, "createdAt": NOON})
    server.write(
        POLICE, "app.bsky.graph.listitem",
        {"subject": person(3), "list": made, "createdAt": NOON},
    )  # fmt: skip

    told = {name: content.text for name, content in lists(visited(account())).items()}

    assert told["lists"] == f"app.bsky.graph.defs#modlist; since {NOON} [Scams]"
    assert told["blocked_lists"] == f"since {NOON} [{made}]"
    assert told["members"] == f"since {NOON} [{person(3)} on {made}]"
    assert (told["blocks"], told["gates"]) == ("", "")


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({}, "anybody may answer; 0 hidden"),
        ({"allow": []}, "nobody may answer; 0 hidden"),
        (
            {"allow": [{"$type": "app.bsky.feed.threadgate#mentionRule"},
                       {"$type": "app.bsky.feed.threadgate#followingRule"}],
             "hiddenReplies": ["at://x/y/z"]},
            "followingRule, mentionRule may answer; 1 hidden",
        ),
    ],
)  # fmt: skip
def test_who_may_answer_a_post_is_told_and_how_many_answers_are_hidden(
    server, account, rules, words
):
    post = server.post("Road closed")
    server.write(POLICE, GATE, {"post": post, "createdAt": NOON, **rules}, post.rpartition("/")[2])

    assert lists(visited(account()))["gates"].text == f"{words} [{post}]"


def test_a_record_that_is_not_as_documented_leaves_a_gap_and_no_part_of_the_list(server, account):
    block(server, 1)
    server.write(POLICE, BLOCK, {"createdAt": NOON})

    seen = visited(account())

    assert set(lists(seen)) == {"blocked_lists", "lists", "members", "gates"}
    assert [(g.what, g.why) for g in of(Gap, seen)] == [
        ("moderation: blocked accounts", GapReason.UNREADABLE)
    ]


def test_unless_it_is_wanted_and_by_day_nothing_of_it_is_told(server, account):
    block(server, 1)

    assert lists(visited(account(moderated=False))) == {}
    assert lists(visited(account(), since=FIRST_MOMENT, young=FIRST_MOMENT)) == {}
