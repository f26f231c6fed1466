"""Case notes on whom an account on X blocks and mutes: by its own consent, and at a price."""

from __future__ import annotations

from pathlib import PurePath

import pytest

from archiver.records.captures import Cursor, Gap, GapReason, Observation
from archiver.records.items import ItemKind
from archiver.records.pages import FetchSettings
from connectors.fetching import Fetcher, Pace
from connectors.x.api import Api
from connectors.x.visiting import AccountSource
from tests.connectors.platforms import SECRET, PatientClock
from tests.connectors.seeing import of, visited
from tests.connectors.served import SERVED, Wire
from tests.connectors.x_platform import NOON, XServer

SCOPES = frozenset({"block.read", "mute.read"})


@pytest.fixture
def server():
    return XServer(consented=SCOPES, users={"blocking": ["7", "8"], "muting": []})


@pytest.fixture
def account(server, tmp_path):
    opened = []

    def open_it(*, limit=None, moderated=True):
        clock = PatientClock()
        settings = FetchSettings(user_agent="archiver/1", spool=PurePath(tmp_path / "spool"))
        pace = Pace(clock=clock, sleep=clock.sleep)
        fetcher = Fetcher(settings, transport=Wire(server), pace=pace)
        base = f"https://api.example/moderation/{tmp_path.name}/{len(opened)}/2"
        api = Api(fetcher, base, SECRET, limit=limit)
        opened.append(
            AccountSource(fetcher, api, name="police", everything=False, moderated=moderated)
        )
        return opened[-1]

    yield open_it
    for source in opened:
        source.close()


def lists(seen):
    found = [o for o in of(Observation, seen) if o.content.kind is ItemKind.MODERATION]
    assert all(one.restricted for one in found)
    return {o.content.native_id.removeprefix("moderation:"): o.content for o in found}


def test_whom_the_account_blocks_and_mutes_is_told_however_long_the_list(server, account):
    server.users["blocking"] = [str(n) for n in range(3000, 3250)]

    told = lists(visited(account()))

    assert told["blocking"].text.split("\n") == [
        f"@person{n} [user {n}]" for n in range(3000, 3250)
    ]
    assert (told["muting"].text, told["muting"].published_at) == ("", SERVED)


def test_an_apps_own_token_is_refused_and_no_list_is_told_empty(server, account):
    server.consented = None

    seen = visited(account())

    assert lists(seen) == {}
    assert [check.answer for check in account().check_moderation()] == ["not granted"] * 2
    assert [g.why for g in of(Gap, seen)] == [GapReason.NOT_GRANTED] * 2
    assert "block.read" in of(Gap, seen)[0].what


def test_what_each_user_costs_is_counted_and_a_spent_budget_is_a_gap(server, account):
    server.users["blocking"] = [str(n) for n in range(3000, 3250)]

    seen = visited(account(limit=1500))

    assert lists(seen) == {}
    assert [(g.what, g.why) for g in of(Gap, seen)] == [("the rest of the visit", GapReason.BUDGET)]
    assert of(Cursor, seen) == []


def test_slices_that_go_in_a_circle_end_in_a_gap(server, account):
    server.fail = lambda path, _params: (
        (200, {}, b'{"data": [{"id": "7", "username": "x"}], "meta": {"next_token": "t1"}}')
        if path.endswith("blocking")
        else None
    )

    assert [g.why for g in of(Gap, visited(account()))] == [GapReason.UNREADABLE]


def test_unless_it_is_wanted_and_by_day_nothing_of_it_is_asked_or_paid(server, account):
    visited(account(moderated=False))
    visited(account(), since=NOON, young=NOON)

    assert not any(path.endswith(("blocking", "muting")) for path, _ in server.asked)
