"""A clerk's morning: last month's export comes in, questions are asked of it, matters arise."""

from __future__ import annotations

from pathlib import Path

from archiver.cli.sample_site import write_export
from tests.cli.clerk import LAPSED, POSTS, a_desk

LATER = [*POSTS, {"at": "2024-04-01T18:00:00Z", "text": "Bike auction at the old depot, Sunday."}]


def test_a_clerks_morning(clerk):
    a_desk(clerk.folder)
    assert clerk("init").code == 0

    first = clerk("import", "export.zip", "--page", "export", "--json").told["captures"][0]
    write_export(Path("later.zip"), LATER)
    missed = ("import", "later.zip", "--page", "export", "--expect", "post=7", "--json")
    second = clerk(*missed).told["captures"][0]
    third = clerk("import", "later.zip", "--page", "export", "--json").told["captures"][0]
    assert (first["new"], first["unchanged"]) == (4, 0)
    assert (second["new"], second["unchanged"]) == (1, 4)
    assert (second["status"], third["status"]) == ("partial", "complete")
    assert [gap["detail"] for gap in second["gaps"]] == [
        "whoever handed it in gave the count; 2 are missing"
    ]
    assert (third["new"], third["changed"], third["unchanged"]) == (0, 0, 5)

    assert clerk("items", "search", "auction OR bus", "--json").told["total"] == 2

    waiting = clerk("review", "list", "--json").told["items"]
    bus = clerk.item("bus")
    assert bus in [item["id"] for item in waiting]
    clerk("review", "decide", bus, "--tag=substantive", "--series=DEMO-200", "--reason=a question")
    decided = clerk("items", "show", bus, "--json").told
    assert (decided["tag"], decided["series"]) == ("substantive", "DEMO-200")
    assert bus not in [i["id"] for i in clerk("review", "list", "--json").told["items"]]

    issued = clerk("holds", "issue", "--matter=Doe v. City", "--reason=claim", "--query=everyone")
    assert issued.out == "H-0001 binds 1 item, and what is captured later\n"
    assert clerk("items", "search", "everyone", "--json").told["items"][0]["held"] is True
    more = ("--reason=letter of counsel", "--query=friday", "--json")
    extended = clerk("holds", "extend", "H-0001", *more).told["hold"]
    assert clerk("status", "--json").told["held"] == LAPSED
    shown = clerk("holds", "show", "H-0001").out
    assert "Doe v. City" in shown
    assert "claim" in shown

    plan = clerk("dispositions", "plan", "--series", "DEMO-100", "--json").told
    assert (plan["due"], len(plan["stayed"])) == (0, LAPSED)
    assert clerk("dispositions", "show", plan["plan"], "--json").told["stayed"] == plan["stayed"]
    for words in (("show", plan["plan"], "--pdf", "plan.pdf"), ("plan", "--series", "DEMO-100")):
        assert clerk("dispositions", *words).out.count(" stays: held H-000") == LAPSED
    assert clerk("dispositions", "plan", "--series=DEMO-200", "--json").told["stayed"] == []
    assert plan["plan"] in clerk("dispositions", "list").out

    dry = clerk("purge", "--dry-run", "--json").told
    assert (dry["due"] - len(dry["stayed"]), dry["destroyed"]) == (0, 0)
    assert {reason for one in dry["stayed"] for reason in one["reasons"]} == {
        "held H-0001",
        f"held {extended}",
    }
    assert clerk("purge", "--json").told["destroyed"] == 0
    assert clerk("purge", "--upcoming", "30").code == 0

    for hold in ("H-0001", extended):
        assert clerk("holds", "lift", hold, "--reason=settled", "--authority=config.toml").code == 0
    assert clerk("purge", "--json").told["destroyed"] == 0
    assert clerk("items", "search", "friday", "--json").told["total"] == LAPSED

    assert clerk("index", "rebuild").out == "5 items indexed anew\n"
    assert clerk("items", "search", "friday", "--json").told["total"] == LAPSED
    assert clerk("verify", "--read-data", "--json").told["ok"] is True
    assert clerk("ledger", "verify").code == 0
