"""What scripts may rely on: the names and kinds of what `--json` prints."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from archiver.cli.output import Streamed, emit_json
from tests.cli.clerk import LAPSED


def test_an_import_tells_its_coverage(clerk):
    words = ("import", "export.zip", "--page", "export", "--expect", "items=4", "--json")
    told = clerk(*words).told

    (coverage,) = told["captures"]
    expected = {"page": "export", "status": "complete", "new": 0, "changed": 0, "removed": 0}
    expected |= {"unchanged": 4, "gaps": [], "platform_count": 4}
    assert expected.items() <= coverage.items()


def test_a_capture_that_fails_names_its_gap_and_exits_with_1(clerk):
    said = clerk("capture", "nowhere", "--json")

    (coverage,) = said.told["captures"]
    assert said.code == 1
    assert (coverage["page"], coverage["status"], coverage["new"]) == ("nowhere", "failed", 0)
    assert [set(gap) for gap in coverage["gaps"]] == [{"what", "why", "detail"}]


def test_a_page_named_twice_is_visited_once(clerk):
    told = clerk("capture", "nowhere", "nowhere", "--json").told

    assert [coverage["page"] for coverage in told["captures"]] == ["nowhere"]


def test_a_search_tells_what_it_found_and_how_much_it_searched(clerk):
    told = clerk("items", "search", "bus", "--json").told

    (item,) = told.pop("items")
    took = told.pop("took_ms")
    as_of = datetime.fromisoformat(told.pop("as_of"))
    counted = {"total": 1, "indexed": 4, "of": 4, "gone": 0}
    assert told == {**counted, "engine": "whoosh", "not_searched": 0}
    assert isinstance(took, int)
    assert as_of.tzinfo is not None
    expected = {
        "page": "export", "platform": "facebook", "kind": "post", "author": "",
        "text": "Will the 14 bus stop at the library?", "tag": "undetermined", "series": "",
        "state": "present", "url": "", "held": False,
    }  # fmt: skip
    assert expected.items() <= item.items()
    assert datetime.fromisoformat(item["published_at"]).isoformat() == "2024-03-05T18:00:00+00:00"
    assert len(item["id"]) == 64


def test_the_limit_bounds_the_items_and_not_the_total(clerk):
    newest = clerk("items", "search", "page:export", "--limit=3", "--sort=newest", "--json").told
    rest = clerk(
        "items", "search", "page:export", "--limit=3", "--offset=3", "--sort=newest", "--json"
    ).told

    shown = [item["published_at"] for item in newest["items"] + rest["items"]]
    assert (newest["total"], rest["total"]) == (4, 4)
    assert (len(newest["items"]), len(rest["items"])) == (3, 1)
    assert shown == sorted(shown, reverse=True)


def test_a_page_past_the_end_is_empty_and_still_says_how_many_there_are(clerk):
    told = clerk("items", "search", "bus", "--offset", str(10**18), "--json").told

    assert (told["total"], told["items"]) == (1, [])


def test_an_item_tells_its_versions(clerk):
    item = clerk.item("bus")

    told = clerk("items", "show", item[:10], "--json").told

    assert told["id"] == item
    assert [v["text"] for v in told["versions"]] == ["Will the 14 bus stop at the library?"]
    assert {"attachments", "sightings", "bylines", "gaps", "engagement", "thread"} <= told.keys()
    assert clerk("items", "thread", item, "--json").told["items"][0]["id"] == item


def test_a_purge_counts_with_numbers(clerk):
    told = clerk("purge", "--json").told

    assert (told["due"], told["destroyed"], told["stayed"]) == (LAPSED, LAPSED, [])
    assert (told["due_to_approve"], told["due_at_least"]) == (1, False)
    assert clerk("purge", "--json").told["destroyed"] == 0


def test_what_is_held_stays_and_says_why(clerk):
    clerk("holds", "issue", "--matter", "m", "--reason", "r", "--query", "everyone")

    told = clerk("purge", "--json").told

    (stayed,) = told["stayed"]
    assert (told["due"], told["destroyed"]) == (LAPSED, LAPSED - 1)
    assert stayed["id"] == clerk.item("everyone")
    assert stayed["reasons"] == ["held H-0001"]


def test_a_dry_run_destroys_nothing_and_leaves_no_plan(clerk):
    told = clerk("purge", "--dry-run", "--json").told

    assert (told["due"], told["destroyed"]) == (LAPSED, 0)
    assert clerk("dispositions", "list", "--json").told == {"plans": []}
    assert clerk("items", "search", "friday", "--json").told["total"] == LAPSED


def test_where_the_mode_is_to_propose_a_purge_plans_and_waits(clerk):
    config = Path("config.toml").read_text("utf-8").replace("carry-out", "propose")
    Path("config.toml").write_text(config, "utf-8")

    told = clerk("purge", "--json").told

    assert (told["due"], told["destroyed"]) == (LAPSED, 0)
    shown = clerk("dispositions", "show", told["plan"], "--json").told
    assert [item["life"] for item in shown["items"]] == ["live"] * LAPSED
    assert all(item["reasons"] and item["series"] == "DEMO-100" for item in shown["items"])


def test_a_plan_is_made_listed_and_shown(clerk):
    made = clerk("dispositions", "plan", "--series", "DEMO-100", "--json").told

    (listed,) = clerk("dispositions", "list", "--json").told["plans"]
    shown = clerk("dispositions", "show", made["plan"], "--json").told
    assert (made["due"], made["stayed"]) == (LAPSED, [])
    assert (listed["plan"], listed["due"]) == (made["plan"], LAPSED)
    assert len(shown["items"]) == LAPSED


def test_a_plan_is_printed_approved_carried_out_and_certified(clerk):
    made = clerk(
        *("dispositions", "plan", "--series", "DEMO-100", "--json"),
        *("--pdf", "plan.pdf", "--csv", "plan.csv"),
    ).told
    assert Path("plan.pdf").read_bytes().startswith(b"%PDF-")
    assert len(Path("plan.csv").read_text("utf-8-sig").splitlines()) == LAPSED + 1

    approved = clerk(
        "dispositions", "approve", made["plan"], "--step", "second_person", "--json"
    ).told
    assert (approved["standing"], approved["waits_for"]) == ("approved", None)
    (listed,) = clerk("dispositions", "list", "--json").told["plans"]
    assert (listed["status"], listed["standing"]) == ("proposed", "approved")
    done = clerk("dispositions", "carry-out", made["plan"], "--json").told
    assert (done["destroyed"], done["stayed"]) == (LAPSED, [])

    told = clerk(
        "dispositions", "certificate", made["plan"], "--pdf", "certificate.pdf", "--json"
    ).told
    assert [one["certificate"] for one in told["certificates"]] == done["certificates"]
    assert Path("certificate.pdf").read_bytes().startswith(b"%PDF-")
    assert "D-000001" in clerk("dispositions", "certificate", "D-000001").out
    assert clerk("dispositions", "resume", "--json").told == {"finished": 0}


def test_a_plan_is_amended_and_declined(clerk):
    plan = clerk("dispositions", "plan", "--series", "DEMO-100", "--json").told["plan"]
    first, second = (
        item["id"] for item in clerk("dispositions", "show", plan, "--json").told["items"]
    )
    because = ("--reason", "another look", "--json")

    kept = clerk("dispositions", "extend", plan, "--days=30", "--item", first, *because).told
    assert kept == {"plan": plan, "kept": 1, "days": 30}
    clerk("dispositions", "relabel", plan, "--item", second, "--series=DEMO-200", *because)
    shown = clerk("dispositions", "show", plan, "--json").told
    assert [item["untouched"] for item in shown["items"]] == [False, False]
    assert [item["stands"] for item in shown["items"]] == [False, False]
    (kept_longer,), (relabelled,) = (item["out"] for item in shown["items"])
    assert kept_longer.startswith("extended until ")
    assert relabelled.startswith("relabelled on ")
    printed = clerk("dispositions", "show", plan).out
    assert f"out: {kept_longer}" in printed
    assert f"out: {relabelled}" in printed
    assert clerk("dispositions", "decline", plan, *because).told["status"] == "declined"
    shown = clerk("dispositions", "show", plan, "--json").told
    assert (shown["status"], shown["standing"], shown["waits_for"]) == (
        "declined",
        "declined",
        None,
    )


def test_the_status_tells_how_the_archive_stands(clerk):
    told = clerk("status", "--json").told

    assert told["healthy"] in (True, False)
    assert told["last_nightly"] is None
    assert [page["page"] for page in told["pages"]] == ["export", "nowhere"]
    assert {"state": "whole", "indexed": 4, "of": 4}.items() <= told["index"].items()
    assert (told["due_unattended"], told["due_to_approve"], told["held"]) == (LAPSED, 1, 0)
    assert (told["due"], told["due_at_least"]) == (LAPSED + 1, False)
    assert told["queue"] == clerk("review", "list", "--json").told["waiting"]


def test_holds_are_told_with_their_scope(clerk):
    issued = clerk(
        "holds", "issue", "--matter=Doe", "--reason=claim", "--page=export",
        "--from=2024-03-01", "--to=2024-03-02", "--json",
    ).told  # fmt: skip
    extended = clerk(
        "holds", "extend", "H-0001", "--reason", "more", "--query", "bus", "--json"
    ).told
    clerk("holds", "lift", "H-0001", "--reason=settled", "--authority=config.toml")

    expected = {"hold": "H-0001", "matter": "M-0001", "covered": 2, "already_destroyed": 0}
    assert issued == expected | {"begun": [], "captures": [], "around": None}
    assert extended["covered"] >= 1
    (*_, first) = [
        h for h in clerk("holds", "list", "--json").told["holds"] if h["hold"] == "H-0001"
    ]
    assert first == clerk("holds", "show", "H-0001", "--json").told
    assert (first["matter_name"], first["reason"]) == ("Doe", "claim")


@pytest.mark.parametrize(
    ("query", "visited"),
    [("bus", []), ("page:export", []), ("page:export zzz", []), ("zzz", ["nowhere"])],
)
def test_issuing_a_hold_visits_the_pages_in_its_scope_and_no_other(clerk, query, visited):
    line = ("holds", "issue", "--matter=m", "--reason=r", "--query", query, "--json")

    assert [one["page"] for one in clerk(*line).told["captures"]] == visited


def test_a_decision_tells_what_now_stands(clerk):
    item = clerk.item("bus")

    told = clerk(
        "review", "decide", item, "--tag=substantive", "--series=DEMO-200", "--reason=question",
        "--json",
    ).told  # fmt: skip

    assert told["id"] == item
    assert (told["tag"], told["series"]) == ("substantive", "DEMO-200")
    assert told["basis"] in {"person", "counsel"}
    assert item not in [i["id"] for i in clerk("review", "list", "--json").told["items"]]


def test_a_night_tells_its_captures_and_its_purge(clerk):
    said = clerk("nightly", "--json")

    assert said.code == 1
    assert [c["status"] for c in said.told["captures"]] == ["failed"]
    purged = said.told["purge"]
    assert (purged["due"], purged["destroyed"], purged["stayed"]) == (LAPSED, LAPSED, [])
    assert (purged["due_to_approve"], purged["due_at_least"]) == (1, False)


def test_an_archive_that_is_whole_verifies(clerk):
    said = clerk("verify", "--read-data", "--json")

    empty = {"damaged": [], "missing": [], "stray": [], "unfinished": []}
    assert said.code == 0
    assert said.told["ok"] is True
    assert said.told["objects"] >= 4
    assert empty.items() <= said.told.items()
    assert said.told["ledger"]


@pytest.mark.parametrize("spoil", ["damaged", "missing"])
def test_verify_names_exactly_what_is_spoiled(clerk, spoil):
    victim = next(p for p in sorted(Path("archive/objects/items").rglob("*")) if p.is_file())
    if spoil == "missing":
        victim.unlink()
    else:
        victim.chmod(0o644)
        victim.write_bytes(b"x" * victim.stat().st_size)

    said = clerk("verify", "--read-data", "--json")

    (named,) = said.told[spoil]
    assert said.code == 1
    assert said.told["ok"] is False
    assert victim.name.split(".")[0] in str(named)


def test_the_ledger_verifies(clerk):
    assert clerk("ledger", "verify").code == 0


def test_people_and_schedules_are_told(clerk):
    (me, scheduler) = clerk("people", "list", "--json").told["people"]
    shown = clerk("schedule", "show", "demo", "--json").told
    ours = clerk("schedule", "show", "--json").told
    checked = clerk("schedule", "check", "indio-ca", "--json").told

    assert me["roles"] == [
        "administrator",
        "auditor",
        "chief",
        "clerk",
        "counsel",
        "department_head",
        "records_officer",
    ]
    assert scheduler["roles"] == ["service"]
    assert shown["demonstration"] is True
    assert {"DEMO-100", "DEMO-200"} <= {series["number"] for series in shown["series"]}
    assert (checked["ok"], len(checked["digest"])) == (True, 64)
    assert ours == shown, "the archive is of the demonstration's schedule"


def test_the_state_of_the_index_is_told(clerk):
    told = clerk("index", "status", "--json").told

    assert told == {"engine": "whoosh", "state": "whole", "indexed": 4, "of": 4, "waiting": 0}


def test_what_the_index_was_not_told_yet_is_told_to_it_by_the_next_import(clerk):
    shutil.rmtree("archive/index")
    failed = clerk("import", "export.zip", "--page", "export")
    clerk("index", "rebuild")

    assert failed.code == 30
    assert clerk("index", "status", "--json").told["waiting"] == 0


def test_a_long_list_is_printed_while_it_is_made(capsys):
    printed = []

    def made():
        for n in range(30_000):
            printed.append(len(capsys.readouterr().out) if n == 29_999 else 0)
            yield {"id": n}

    emit_json({"plan": "P-000001", "stayed": Streamed(made()), "warnings": []})

    assert max(printed) > 100_000
    assert capsys.readouterr().out.endswith('{"id": 29999}], "warnings": []}\n')


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_list_that_is_made_reads_as_one_that_is_there(capsys, count):
    values = [{"id": str(n), "reasons": ["held H-0001"]} for n in range(count)]

    emit_json({"purge": {"stayed": Streamed(iter(values))}})

    assert json.loads(capsys.readouterr().out) == {"purge": {"stayed": values}}
