"""Case notes on how a wiki is moderated: what its lists and logs tell, and what it hides."""

from __future__ import annotations

from datetime import timedelta
from pathlib import PurePath

import pytest

from archiver.records.captures import Gap, GapReason, Observation
from archiver.records.items import ItemKind
from archiver.records.pages import FetchSettings
from connectors.fetching import Fetcher, Pace
from connectors.mediawiki.api import Wiki
from connectors.mediawiki.visiting import Scope, WikiSource
from tests.connectors.mediawiki_platform import Refused, WikiServer, stamped
from tests.connectors.platforms import FIRST_MOMENT, PatientClock
from tests.connectors.seeing import of, visited
from tests.connectors.served import ServedTransport


@pytest.fixture
def server():
    server = WikiServer()
    server.save("Patrols", "We patrol.")
    return server


@pytest.fixture
def wiki(server, tmp_path):
    def opened(*titles, moderation=True):
        clock = PatientClock()
        settings = FetchSettings(user_agent="archiver/1", spool=PurePath(tmp_path / "spool"))
        pace = Pace(clock=clock, sleep=clock.sleep)
        fetcher = Fetcher(settings, transport=ServedTransport(server), pace=pace)
        api = Wiki(fetcher, api=f"{server.host}/api.php", known=False)
        return WikiSource(api, Scope(titles, (0, 1), moderation=moderation))

    return opened


def block(number, **more):
    return {"id": number, "user": f"Vandal {number}", "userid": number, "by": "Sysop", "byid": 1,
            "timestamp": stamped(FIRST_MOMENT), "expiry": "infinity", "reason": "spam",
            "automatic": False} | more  # fmt: skip


def lists(seen):
    found = [o for o in of(Observation, seen) if o.content.kind is ItemKind.MODERATION]
    assert all(one.restricted for one in found)
    return {o.content.native_id.removeprefix("moderation:"): o.content for o in found}


def logged(seen):
    return [o.content for o in of(Observation, seen) if o.content.kind is ItemKind.LOG]


def test_everybody_who_is_blocked_is_told_by_whom_until_when_and_why(server, wiki):
    server.slice = 50
    server.blocks = [block(n) for n in range(100, 230)]
    server.blocks.append(block(500, user=None, automatic=True))

    blocked = lists(visited(wiki()))["blocks"]

    assert len(blocked.text.split("\n")) == 130
    assert blocked.text.split("\n")[0] == (
        "Vandal 100 by Sysop on 2026-03-02T09:00:00Z until infinity: spam [block 100]"
    )
    assert blocked.published_at == FIRST_MOMENT


def test_administrators_and_filters_are_lists_of_their_own(server, wiki):
    server.users = [{"userid": 1, "name": "Sysop", "groups": ["*", "user", "sysop", "bureaucrat"]}]
    server.filters = [{"id": 3, "description": "Slurs", "actions": "warn,disallow",
                       "enabled": True}]  # fmt: skip

    told = lists(visited(wiki()))

    assert told["administrators"].text == "Sysop: bureaucrat, sysop [user 1]"
    assert told["abusefilters"].text == "Slurs; warn, disallow; enabled [filter 3]"


def test_a_wiki_without_filters_of_that_kind_has_no_such_list_and_an_empty_one_is_told(
    server, wiki
):
    without = visited(wiki())
    server.filters = []
    with_none = visited(wiki())

    assert set(lists(without)) == {"blocks", "administrators"}
    assert of(Gap, without) == []
    assert lists(with_none)["abusefilters"].text == ""
    assert [q["letype"] for q in server.asked if q.get("letype") == "abusefilter"] == [
        "abusefilter"
    ]


def test_the_logs_tell_who_blocked_whom_protected_what_and_gave_which_right(server, wiki):
    server.record("block", "block", "User:Vandal", by="Sysop", comment="spam",
                  params={"duration": "3 days"})  # fmt: skip
    server.record("protect", "protect", "Patrols", by="Sysop",
                  params={"description": "[edit=sysop] (indefinite)"})  # fmt: skip
    server.record("rights", "rights", "User:Doe", by="Chief",
                  params={"oldgroups": [], "newgroups": ["sysop"]})  # fmt: skip
    server.log.append({"logid": 9, "type": "block", "action": "block", "actionhidden": True,
                       "userhidden": True, "timestamp": stamped(FIRST_MOMENT)})  # fmt: skip

    told = {entry.native_id: entry for entry in logged(visited(wiki()))}

    assert [told[f"log:{n}"].text for n in (1, 2, 3, 9)] == [
        "block/block User:Vandal: 3 days: spam",
        "protect/protect Patrols: [edit=sysop] (indefinite)",
        "rights/rights User:Doe: none to sysop",
        "block/block",
    ]
    assert (told["log:3"].author.name, told["log:9"].author) == ("Chief", None)
    assert told["log:1"].permalink == "http://wiki.example/index.php/User:Vandal"


def test_later_visits_ask_the_logs_for_the_look_back_alone(server, wiki):
    server.record("block", "block", "User:Old", by="Sysop")
    server.now += timedelta(days=30)
    server.record("block", "unblock", "User:Old", by="Sysop")

    since = FIRST_MOMENT + timedelta(days=16)
    seen = visited(wiki(), since=since, cursor="1")

    assert [entry.text for entry in logged(seen)] == ["block/unblock User:Old"]


def test_of_single_pages_of_somebody_elses_wiki_their_protections_alone_are_told(server, wiki):
    server.blocks = [block(1)]
    server.record("protect", "protect", "Patrols", by="Sysop")
    server.record("protect", "protect", "Elsewhere", by="Sysop")

    seen = visited(wiki("Patrols"))

    assert lists(seen) == {}
    assert [entry.text for entry in logged(seen)] == ["protect/protect Patrols"]


def test_what_the_wiki_refuses_is_a_gap_and_no_empty_list(server, wiki):
    server.refuse = lambda query: (
        Refused("permissiondenied") if query.get("list") == "blocks" else None
    )

    seen = visited(wiki())

    assert "blocks" not in lists(seen)
    assert [(g.what, g.why) for g in of(Gap, seen)] == [
        ("moderation: blocked users", GapReason.PERMISSION_LOST)
    ]


def test_a_right_to_see_the_filters_that_was_never_had_is_named(server, wiki):
    server.refuse = lambda query: (
        Refused("permissiondenied") if query.get("list") == "abusefilters" else None
    )

    tried = [check for check in wiki().check_moderation() if not check.granted]

    (gap,) = of(Gap, visited(wiki()))
    assert (gap.why, gap.native_id) == (GapReason.NOT_GRANTED, "moderation:abusefilters")
    assert [check.what for check in tried] == [gap.what]
    assert gap.what == "moderation: filters; needs abusefilter-view"


def test_unless_it_is_wanted_and_by_day_nothing_of_it_is_asked(server, wiki):
    visited(wiki(moderation=False))
    visited(wiki(), since=FIRST_MOMENT, young=FIRST_MOMENT, cursor="1")

    assert not any(query.get("list") in {"blocks", "allusers"} for query in server.asked)
