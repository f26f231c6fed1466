"""Case notes on how a page on Reddit is moderated: its lists, its settings, its moderators' log."""

from __future__ import annotations

from datetime import timedelta
from pathlib import PurePath

import pytest

from archiver.records.captures import Gap, GapReason, Observation
from archiver.records.items import ItemKind
from archiver.records.pages import FetchSettings
from connectors.fetching import Fetcher, Pace
from connectors.reddit import API
from connectors.reddit.visiting import PageSource
from tests.connectors.platforms import SECRET, PatientClock
from tests.connectors.reddit_platform import NOON, RedditServer
from tests.connectors.seeing import of, visited
from tests.connectors.served import ServedTransport

COMMUNITY = "r/indio"


@pytest.fixture
def server():
    server = RedditServer()
    server.users["moderators"] = [
        {"name": "police", "id": "t2_abc12", "rel_id": "rb_1", "date": 1.0,
         "mod_permissions": ["wiki", "all"]},
    ]  # fmt: skip
    return server


@pytest.fixture
def page(server, tmp_path):
    def opened(place=COMMUNITY, *, moderation=True):
        clock = PatientClock()
        settings = FetchSettings(user_agent="archiver/1", spool=PurePath(tmp_path / "spool"))
        pace = Pace(clock=clock, sleep=clock.sleep)
        fetcher = Fetcher(settings, transport=ServedTransport(server), pace=pace)
        return PageSource(fetcher, base=API, place=place, token=SECRET, moderation=moderation)

    return opened


def banned(number, **more):
    return {"name": f"troll{number}", "id": f"t2_b{number:03}", "rel_id": f"rb_{number}",
            "date": 1.0, "note": "", "days_left": None} | more  # fmt: skip


def action(number, **more):
    data = {"id": f"ModAction_{number}", "action": "removecomment", "mod": "sgt", "mod_id36": "s1",
            "created_utc": (NOON - timedelta(hours=number)).timestamp(), "details": "remove",
            "description": None, "target_author": "troll", "target_fullname": "t1_9",
            "target_body": "You are all thieves", "target_title": None,
            "target_permalink": "/r/indio/comments/1/notice/9/"}  # fmt: skip
    return {"kind": "modaction", "data": data | more}


def lists(seen):
    found = [o.content for o in of(Observation, seen) if o.content.kind is ItemKind.MODERATION]
    return {content.native_id.removeprefix("moderation:"): content for content in found}


def logged(seen):
    return [o.content for o in of(Observation, seen) if o.content.kind is ItemKind.LOG]


def test_every_ban_of_a_long_list_is_told_with_its_reason(server, page):
    server.users["banned"] = [banned(n) for n in range(240)]
    server.users["banned"][7] |= {"note": "rule 4", "days_left": 6}

    text = lists(visited(page()))["banned"].text

    assert len(text.split("\n")) == 240
    assert "u/troll7 for a time: rule 4 [t2_b007]" in text


def test_a_ban_that_runs_out_day_by_day_is_one_version(server, page):
    server.users["banned"] = [banned(1, days_left=6)]
    before = lists(visited(page()))["banned"].fingerprint()
    server.users["banned"] = [banned(1, days_left=5)]

    assert lists(visited(page()))["banned"].fingerprint() == before


def test_moderators_rules_settings_and_automoderator_are_lists_of_their_own(server, page):
    server.rules = [{"kind": "comment", "short_name": "Be kind", "description": "Or go.",
                     "violation_reason": "Unkind", "created_utc": 1.0, "priority": 0}]  # fmt: skip
    server.settings = {"spam_comments": "all", "restrict_commenting": True, "widgets": [1]}
    server.automod = "type: comment\nbody: [pig]\naction: remove\n---\n---\ntype: any\n"

    told = lists(visited(page()))

    assert told["moderators"].text == "u/police: may all, wiki [t2_abc12]"
    assert told["rules"].text == "Or go.; Unkind; comment [Be kind]"
    assert told["settings"].text == 'true [restrict_commenting]\n"all" [spam_comments]'
    assert [line.partition(" [")[0] for line in told["automoderator"].text.split("\n")] in (
        ["type: comment body:", "type: any"], ["type: any", "type: comment body:"],
    )  # fmt: skip
    assert b"action: remove" in told["automoderator"].raw.body
    assert {"banned", "muted", "contributors"} < told.keys()


def test_the_log_tells_who_did_what_and_when_without_a_copy_of_what_was_removed(server, page):
    server.log = [action(1)]

    (entry,) = logged(visited(page()))

    assert entry.native_id == "log:ModAction_1"
    assert entry.text == "removecomment u/troll t1_9: remove"
    assert (entry.author.name, entry.published_at) == ("sgt", NOON - timedelta(hours=1))
    assert entry.permalink == "https://www.reddit.com/r/indio/comments/1/notice/9/"
    assert b"thieves" not in entry.raw.body
    assert b'"target_body": null, "target_title": null' in entry.raw.body


def test_the_log_is_walked_whole_at_first_and_then_back_to_the_look_back(server, page):
    server.log = [action(n) for n in range(350)]

    first = logged(visited(page()))
    again = visited(page(), since=NOON - timedelta(hours=50), cursor="t3_1")

    assert [e.native_id for e in first] == [f"log:ModAction_{n}" for n in range(350)]
    assert len(logged(again)) == 100
    assert all(one.restricted for one in of(Observation, again) if one.content in logged(again))


def test_of_a_community_it_does_not_moderate_the_page_says_so_in_one_gap(server, page):
    server.whose, server.moderates = "stranger", False

    seen = visited(page())

    assert set(lists(seen)) == {"rules", "moderators"}
    assert [(g.what, g.why) for g in of(Gap, seen)] == [
        ("moderation: bans and log; needs a moderator's token", GapReason.NOT_GRANTED)
    ]


def test_a_scope_that_was_not_granted_is_a_gap_of_that_list_alone(server, page):
    server.scopes = frozenset({"wikiread"})

    seen = visited(page())

    assert {(g.what, g.native_id) for g in of(Gap, seen)} == {
        ("moderation: settings; needs the scope modconfig", "moderation:settings"),
        ("moderation: log; needs the scope modlog", None),
    }
    assert "banned" in lists(seen)


def test_what_the_token_is_shown_can_be_tried_and_of_the_log_no_more_than_its_newest(server, page):
    server.scopes, server.log = frozenset({"wikiread", "modlog"}), [action(n) for n in range(1200)]

    tried = list(page().check_moderation())

    assert [check.what for check in tried if not check.granted] == [
        "moderation: settings; needs the scope modconfig"
    ]
    assert not any(check.refused for check in tried)
    assert "moderation = false" in next(check.detail for check in tried if not check.granted)
    assert len([path for path, _ in server.asked if path.endswith("about/log")]) == 1
    assert list(page(moderation=False).check_moderation()) == []


def test_whom_an_account_blocks_is_told_with_its_own_token_alone(server, page):
    server.users["blocked"] = [{"name": "troll", "id": "t2_9", "rel_id": "r9_1", "date": 1.0}]
    ours = visited(page("user/police"))
    server.whose = "stranger"
    theirs = visited(page("user/police"))

    assert lists(ours)["blocked"].text == "u/troll [t2_9]"
    assert (lists(theirs), [g.why for g in of(Gap, theirs)]) == ({}, [GapReason.NOT_GRANTED])


def test_where_it_is_not_wanted_or_by_day_nothing_of_it_is_asked(server, page):
    visited(page(moderation=False))
    visited(page(), since=NOON, young=NOON)

    assert not any(part in path for path, _ in server.asked for part in ("about/", "v1/me"))
