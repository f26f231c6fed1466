"""Case notes on how a Facebook page is moderated: what its own token is shown."""

from __future__ import annotations

import pytest

from archiver.records.captures import Cursor, Gap, GapReason, Observation
from archiver.records.errors import BudgetSpent
from archiver.records.items import ItemKind
from connectors.facebook.visiting import Asked, PageSource
from connectors.fetching import Fetcher, Pace
from connectors.graph import Graph
from tests.connectors.facebook_platform import PAGE, FacebookServer
from tests.connectors.graph_platform import Refused
from tests.connectors.platforms import FIRST_MOMENT, SECRET, PatientClock, fetching
from tests.connectors.seeing import of, visited
from tests.connectors.served import SERVED, ServedTransport


@pytest.fixture
def server():
    return FacebookServer(token=SECRET)


@pytest.fixture
def page(server, tmp_path):
    def opened(*, moderation=True):
        clock = PatientClock()
        pace = Pace(clock=clock, sleep=clock.sleep)
        fetcher = Fetcher(fetching(tmp_path), transport=ServedTransport(server), pace=pace)
        url = "https://www.facebook.com/Example.PD"
        asked = Asked(url, "", drafts=False, moderation=moderation)
        return PageSource(fetcher, Graph(fetcher, base=f"{server.host}/v26.0", token=SECRET), asked)

    return opened


def lists(seen):
    found = [o for o in of(Observation, seen) if o.content.kind is ItemKind.MODERATION]
    assert all(one.restricted for one in found)
    return {o.content.native_id.removeprefix("moderation:"): o.content for o in found}


def test_everybody_the_page_blocks_is_told_however_long_the_list(server, page):
    server.blocked = [{"id": str(n), "name": f"Person {n}"} for n in range(7000, 7230)]

    blocked = lists(visited(page()))["blocked"]

    assert blocked.text.split("\n") == [f"Person {n} [{n}]" for n in range(7000, 7230)]
    assert blocked.published_at == SERVED
    assert SECRET.encode() not in blocked.raw.body


def test_who_may_do_what_and_the_settings_are_lists_of_their_own(server, page):
    server.roles = [{"id": "9", "name": "Sgt. Doe", "tasks": ["MODERATE", "ANALYZE"]}]
    server.settings = [
        {"setting": "USERS_CAN_POST", "value": True},
        {"setting": "PAGE_MODERATION", "value": {"b": 1, "a": 2}},
    ]

    told = lists(visited(page()))

    assert told["roles"].text == "Sgt. Doe: may analyze, moderate [9]"
    assert told["settings"].text == ('{"a": 2, "b": 1} [PAGE_MODERATION]\ntrue [USERS_CAN_POST]')


def test_a_permission_that_is_wanting_is_a_gap_and_no_empty_list(server, page):
    server.refuse = lambda path, _query: (
        Refused(283, "requires the extended permission") if path.endswith("/blocked") else None
    )

    seen = visited(page())
    tried = list(page().check_moderation())

    needs = "needs pages_read_engagement or pages_manage_metadata"
    assert set(lists(seen)) == {"roles", "settings"}
    assert [(g.what, g.why) for g in of(Gap, seen)] == [
        (f"moderation: blocked people and pages; {needs}", GapReason.NOT_GRANTED)
    ]
    assert "moderation = false" in of(Gap, seen)[0].detail
    assert [(check.what, check.answer) for check in tried] == [
        (f"moderation: blocked people and pages; {needs}", "not granted"),
        (f"moderation: who may do what on the page; {needs}", "granted"),
        (f"moderation: settings; {needs}", "granted"),
    ]


def test_a_list_this_version_does_not_know_hinders_nothing_else(server, page):
    server.refuse = lambda path, _query: (
        Refused(100, "(#100) Tried accessing nonexisting field (roles) on node type (Page)")
        if path.endswith("/roles")
        else None
    )

    seen = visited(page())

    assert set(lists(seen)) == {"blocked", "settings"}
    assert [g.why for g in of(Gap, seen)] == [GapReason.UNREADABLE]


def test_once_the_budget_is_spent_nothing_more_is_asked(server, page):
    server.refuse = lambda path, _query: (
        Refused(32, "too many calls") if path.endswith("/blocked") else None
    )

    with pytest.raises(BudgetSpent):
        visited(page())
    assert server.asked[-1].endswith(f"{PAGE}/blocked")


def test_unless_it_is_wanted_and_by_day_nothing_of_it_is_asked(server, page):
    seen = visited(page(moderation=False))
    visited(page(), since=FIRST_MOMENT, young=FIRST_MOMENT)

    assert (lists(seen), of(Cursor, seen)) == ({}, [])
    assert not any(path.endswith(("/blocked", "/roles", "/settings")) for path in server.asked)
