"""Case notes on how a Mastodon account is moderated: what its own token is shown, and what not."""

from __future__ import annotations

from pathlib import PurePath

import pytest

from archiver.records.captures import Gap, GapReason, Listed, Observation
from archiver.records.items import ItemKind
from archiver.records.pages import FetchSettings
from connectors.fetching import Fetcher, Pace
from connectors.mastodon.visiting import AccountSource
from tests.connectors.mastodon_platform import NOON, MastodonServer
from tests.connectors.platforms import SECRET
from tests.connectors.seeing import of, visited
from tests.connectors.served import SERVED, Wire

SLURS = {
    "id": "f1", "title": "Slurs", "context": ["thread", "home"], "expires_at": None,
    "filter_action": "hide", "keywords": [
        {"id": "1", "keyword": "pig", "whole_word": True},
        {"id": "2", "keyword": "acab", "whole_word": False},
    ], "statuses": [],
}  # fmt: skip


@pytest.fixture
def server():
    server = MastodonServer(token=SECRET)
    server.post("<p>Road closed</p>")
    return server


@pytest.fixture
def account(server, tmp_path):
    def opened(*, token=SECRET, moderation=True):
        settings = FetchSettings(user_agent="archiver/1", spool=PurePath(tmp_path / "spool"))
        still = Pace(clock=lambda: 0.0, sleep=lambda _seconds: None)
        return AccountSource(
            Fetcher(settings, transport=Wire(server), pace=still),
            server=f"https://{server.host}", name="police", token=token, moderation=moderation,
        )  # fmt: skip

    return opened


def lists(seen):
    found = [o.content for o in of(Observation, seen) if o.content.kind is ItemKind.MODERATION]
    return {content.native_id.removeprefix("moderation:"): content for content in found}


def asked_for(server):
    return [path for path, _ in server.asked if "block" in path or "mute" in path]


def test_everybody_the_account_blocks_is_listed_however_long_the_list(server, account):
    server.blocked = [str(n) for n in range(100, 345)]

    blocked = lists(visited(account()))["blocks"]

    assert blocked.title == "Blocked accounts"
    assert set(blocked.text.split("\n")) == {
        f"@person{n}@elsewhere.example [account {n}]" for n in range(100, 345)
    }
    assert blocked.published_at == SERVED
    assert b'"acct": "person344@elsewhere.example"' in blocked.raw.body


def test_mutes_servers_and_filters_are_told_with_what_they_do_and_until_when(server, account):
    server.muted = {"8": None, "9": "2026-04-01T00:00:00.000Z"}
    server.servers = ["spam.example", "hate.example"]
    server.filters = [SLURS]

    told = {name: content.text for name, content in lists(visited(account())).items()}

    assert told == {
        "blocks": "",
        "mutes": "@person8@elsewhere.example [account 8]\n"
        "@person9@elsewhere.example until 2026-04-01T00:00:00.000Z [account 9]",
        "domain_blocks": "hate.example\nspam.example",
        "filters": "Slurs; words: acab*, pig; in: home, thread; does: hide [filter f1]",
    }


def test_another_order_is_no_other_version_and_an_unblocking_is(server, account):
    server.blocked = ["7", "8"]
    before = lists(visited(account()))["blocks"].fingerprint()
    server.blocked = ["8", "7"]
    turned = lists(visited(account()))["blocks"].fingerprint()
    server.blocked = ["8"]

    assert turned == before
    assert lists(visited(account()))["blocks"].fingerprint() != before


def test_what_names_people_is_restricted(account):
    seen = [o for o in of(Observation, visited(account())) if o.content.kind is ItemKind.MODERATION]

    assert len(seen) == 4
    assert all(one.restricted for one in seen)


def test_a_right_that_is_wanting_is_a_gap_and_no_empty_list(server, account):
    server.scopes = frozenset({"read:mutes"})
    server.blocked = ["7"]

    seen = visited(account())

    assert set(lists(seen)) == {"mutes"}
    assert [(g.what, g.why) for g in of(Gap, seen)] == [
        ("moderation: blocked accounts; needs read:blocks", GapReason.NOT_GRANTED),
        ("moderation: blocked servers; needs read:blocks", GapReason.NOT_GRANTED),
        ("moderation: filters; needs read:filters", GapReason.NOT_GRANTED),
    ]
    tried = {check.what: check.granted for check in account().check_moderation()}
    assert [what for what, granted in tried.items() if not granted] == [
        gap.what for gap in of(Gap, seen)
    ]
    assert len(tried) == 5
    assert all(listed.whole for listed in of(Listed, seen))


def test_a_list_that_breaks_off_is_not_told_in_part(server, account):
    server.blocked = [str(n) for n in range(200)]
    server.fail = lambda path, params: (
        (200, {}, b"<html>") if path.endswith("/blocks") and params.get("max_id") else None
    )

    seen = visited(account())

    assert "blocks" not in lists(seen)
    assert [g.why for g in of(Gap, seen)] == [GapReason.UNREADABLE]


def test_slices_that_go_in_a_circle_end_in_a_gap(server, account):
    onward = {"link": f'<https://{server.host}/api/v1/blocks?max_id=9080>; rel="next"'}
    server.fail = lambda path, _params: (200, onward, b"[]") if path.endswith("/blocks") else None

    assert [g.what for g in of(Gap, visited(account()))] == ["moderation: blocked accounts"]


def test_the_lists_of_another_account_are_not_taken_for_the_pages(server, account):
    server.whose, server.blocked = "7", ["9"]

    seen = visited(account())

    assert lists(seen) == {}
    assert [g.why for g in of(Gap, seen)] == [GapReason.NOT_GRANTED]
    assert asked_for(server) == []


def test_a_server_that_does_not_offer_a_list_leaves_no_gap(server, account):
    server.offers_servers = False

    seen = visited(account())

    assert set(lists(seen)) == {"blocks", "mutes", "filters"}
    assert of(Gap, seen) == []


def test_without_a_token_or_where_it_is_not_wanted_nothing_of_it_is_asked(server, account):
    visited(account(moderation=False))
    server.token = ""
    visited(account(token=""))

    assert asked_for(server) == []


def test_a_light_visit_leaves_the_lists_to_the_night(server, account):
    visited(account(), since=NOON, young=NOON)

    assert asked_for(server) == []
