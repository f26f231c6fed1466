"""A request and a claim come in: holds, notices, a report, counsel's letter, and a freeze."""

from __future__ import annotations

from pathlib import Path

from tests.cli.clerk import a_desk
from tests.cli.terminal import at_a_terminal

POSTS_OF_MARCH = 4


def test_a_claim_from_its_first_letter_to_its_last(clerk):
    a_desk(clerk.folder)
    clerk("init")
    clerk("import", "export.zip", "--page", "export")
    clerk("matters", "open", "Doe v. City", "--kind=claim")

    issued = clerk(
        "holds", "issue", "--matter=M-0001", "--reason=claim", "--query=everyone",
        "--no-capture", "--with=threads", "--json",
    ).told  # fmt: skip
    told = clerk("holds", "notice", "H-0001", "--to=Page team", "--page=export").out
    me = clerk("people", "list", "--json").told["people"][0]["name"]
    clerk("holds", "notice", "H-0001", "--to", me)
    answered = clerk("holds", "acknowledge", "H-0001").out
    Path("signed.txt").write_text("read and understood", "utf-8")
    (waiting,) = clerk("holds", "reminders", "--json").told["reminders"]
    clerk("holds", "acknowledge", "H-0001", "--notice=N-0001", "--letter=signed.txt")
    report = clerk("holds", "report", "H-0001", "--pdf=r.pdf", "--csv=r.csv", "--json").told

    assert (issued["covered"], issued["around"]["covered"]) == (1, 1)
    assert "do not remove, hide or merge the page" in told
    assert answered == "N-0002 of H-0001 is acknowledged\n"
    assert all(notice["acknowledged_at"] for notice in report["notices"])
    assert [notice["page"] for notice in report["notices"]] == ["export", None]
    assert {notice["acknowledged_by"] for notice in report["notices"]} == {me}
    assert (report["reason"], report["widens"]) == ("claim", [])
    assert [wider["hold"] for wider in report["widened"]] == ["H-0002"]
    assert report["review_on"] == clerk("holds", "show", "H-0001", "--json").told["review_on"]
    wider = clerk("holds", "report", "H-0002").out
    assert f"H-0001 widened by H-0002\t{me}" in wider
    printed = clerk("holds", "report", "H-0001").out
    for told in ("claim", f"export\t{report['notices'][0]['given_at']}", report["review_on"]):
        assert told in printed
    assert (waiting["notice"], waiting["to"]) == ("N-0001", "Page team")
    assert "do not remove, hide or merge the page" in waiting["letter"]
    assert clerk("holds", "reminders").out == ""
    assert Path("r.pdf").read_bytes().startswith(b"%PDF")
    assert "certificate" in Path("r.csv").read_text("utf-8")

    seen = clerk("holds", "lift", "H-0001", "--show", "--json").told
    assert seen["would_fall_due"]["otherwise_held"] == 1
    assert clerk("holds", "lift", "H-0001", "--reason=settled").code == 2
    lifted = clerk("holds", "lift", "H-0001", "--reason=settled", "--authority=signed.txt")
    assert lifted.code == 0, lifted.err
    assert clerk("matters", "close", "M-0001", "--reason=settled").code == 20
    assert clerk("verify", "--json").told["ok"] is True


def test_what_lies_around_is_counted_and_asked_for_before_it_is_bound(clerk):
    a_desk(clerk.folder)
    clerk("init")
    clerk("import", "export.zip", "--page", "export")
    issue = ("holds", "issue", "--matter=m", "--reason=r", "--query=everyone", "--no-capture")
    around = (*issue, "--with=threads,authors")

    shown = clerk(*around, "--show").out
    told = clerk(*around, "--show", "--json").told
    held = clerk("holds", "list", "--json").told["holds"]
    no = at_a_terminal(clerk.folder, around, {"Take them in?": "n"})
    refused = clerk("holds", "list", "--json").told["holds"]
    yes = at_a_terminal(clerk.folder, around, {"Take them in?": "y"})
    unasked = clerk(*around, "--json").told

    assert told == {"would_bind": 1, "with_surroundings": 1, "not_counted": 0}
    assert "it would bind 1 item," in shown
    assert "with threads and authors it would be 1" in shown
    assert held == []
    assert "H-0001 covers 1 item; with threads and authors it would be 1" in no.out
    assert [hold["hold"] for hold in refused] == ["H-0001"]
    assert "H-0003 binds 1 item, and grows with H-0002" in yes.out
    assert (unasked["around"]["without"], unasked["around"]["with"]) == (1, 1)
    assert clerk("holds", "show", "H-0003", "--json").told["scope"]["around"] == "H-0002"


def test_of_a_long_scope_the_report_says_how_much_it_names_and_json_each(clerk):
    a_desk(clerk.folder)
    clerk("init")
    clerk("import", "export.zip", "--page", "export")
    found = clerk("items", "search", "page:export", "--json").told["items"]
    named = [f"--item={item['id']}" for item in found]

    clerk("holds", "issue", "--matter=m", "--reason=r", "--no-capture", *named)

    assert "items 4 of them" in clerk("holds", "report", "H-0001").out
    told = clerk("holds", "report", "H-0001", "--json").told["scope"]["items"]
    assert told == sorted(item["id"] for item in found)


def test_a_request_freezes_until_it_is_narrowed_and_stays_frozen_when_closed(clerk):
    a_desk(clerk.folder)
    clerk("init")
    clerk("import", "export.zip", "--page", "export")

    opened = clerk(
        "requests", "open", "--number=26-0412", "--kind=cpra", "--received=2026-04-02",
        "--about=Fridays", "--page=export", "--from=2000-01-01", "--no-capture", "--json",
    ).told  # fmt: skip
    assert (opened["request"], opened["hold"]) == ("R-0001", "H-0001")
    assert opened["covered"] == POSTS_OF_MARCH
    bare = clerk(
        "requests", "open", "--number=2", "--kind=cpra", "--received=2026-04-02", "--query=x"
    )
    assert (bare.code, "--query" in bare.err) == (2, True)
    assert clerk("purge", "--json").told["destroyed"] == 0
    shown = clerk("requests", "narrow", "R-0001", "--query=friday", "--show", "--json").told
    assert shown["would_fall_due"]["items"] == 2

    narrowed = clerk("requests", "narrow", "R-0001", "--query=friday", "--reason=agreed", "--json")
    closed = clerk("requests", "close", "R-0001", "--outcome=produced")

    assert (narrowed.told["left"], narrowed.told["covered"]) == (2, 2)
    assert "2 items stay frozen until " in closed.out
    (listed,) = clerk("requests", "list", "--json").told["requests"]
    assert (listed["freeze"], listed["number"]) == ("binds", "26-0412")
    assert clerk("requests", "show", "R-0001", "--json").told == listed
    assert (listed["about"], listed["outcome"]) == ("Fridays", "produced")
    assert listed["scope"]["pages"] == ["export"]
    assert listed["scope"]["published_from"].startswith("2000-01-01T")
    assert [one["query"] for one in listed["narrowed"]] != [None]
    for printed in (clerk("requests", "show", "R-0001").out, clerk("requests", "list").out):
        for told in ("Fridays", "produced", "pages export", "published from 2000-01-01T", "friday"):
            assert told in printed
    assert clerk("purge", "--json").told["destroyed"] == 0
