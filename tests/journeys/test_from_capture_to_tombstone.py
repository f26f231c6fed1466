"""Captured, classified, lapsed, held, lifted, cooled down, destroyed: and nothing of it is left."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from archiver.cli.sample_site import serving
from archiver.jobs.work import do_night
from archiver.office import Office, wall_clock
from archiver.office.lookup import read_config, shipped
from archiver.procedures.nightly import Report

CANARY = "valentine"

CONFIG = """\
[agency]
name = "Rivertown Police Department"
time_zone = "America/Los_Angeles"
demonstration = true

[archive]
schedule = "demo"

[purge]
mode = "carry-out"

[holds]
cool_down_days = 30

[fetching]
allow_private_hosts = ["127.0.0.1"]
"""

PAGE = """
[[pages]]
name = "{name}"
connector = "{connector}"
url = "{base}{path}"
"""

PAGES = (
    ("blog", "wordpress", "/blog"),
    ("microblog", "mastodon", "/@rivertownpd"),
    ("press releases", "feed", "/feed.xml"),
)


@pytest.fixture
def site() -> Iterator[str]:
    """Rivertown's pages, served on this machine."""
    with serving(shipped("_samples", "samples")) as base:
        yield base


@contextmanager
def the_office(days: int) -> Iterator[Office]:
    """Open the archive of this folder as it will be opened in so many *days*."""
    office = Office(
        read_config(Path("config.toml"), os.environ),
        clock=lambda: wall_clock() + timedelta(days=days),
    )
    try:
        yield office
    finally:
        office.close()


def night(days: int) -> Report:
    """Do the night's work that will be due in so many *days*."""
    with the_office(days) as office:
        report = do_night(office, office.person, again=True)
    assert report is not None
    return report


def left_of(word: str) -> list[str]:
    """Give every file of the archive in which *word* still stands, in any case.

    The schedule names the day too, and its paper is no record of the public.
    """
    return [
        path.as_posix()
        for path in sorted(Path("archive").rglob("*"))
        if path.is_file() and path.parent != Path("archive/objects/papers/schedule")
        if word.encode() in path.read_bytes().lower()
    ]


def test_from_capture_to_tombstone(clerk, site):
    pages = [PAGE.format(name=n, connector=c, base=site, path=p) for n, c, p in PAGES]
    Path("config.toml").write_text(CONFIG + "".join(pages), "utf-8")
    clerk("init")

    captured = clerk("capture", "--all", "--json")
    assert captured.code == 0
    assert [c["status"] for c in captured.told["captures"]] == ["complete"] * 3
    items = clerk("items", "search", CANARY, "--json").told["items"]
    assert {(i["tag"], i["series"], i["held"]) for i in items} == {
        ("transitory", "DEMO-100", False)
    }

    issued = clerk(
        "holds", "issue", "--matter=Doe", "--reason=claim", f"--query={CANARY}", "--json"
    )
    assert issued.told["covered"] == len(items) == 2

    first = clerk("nightly", "--json").told
    assert first["purge"]["destroyed"] > 0
    stayed = {one["id"]: one["reasons"] for one in first["purge"]["stayed"]}
    assert stayed == {item["id"]: ["held H-0001"] for item in items}

    lifted = clerk(
        "holds", "lift", "H-0001", "--reason=settled", "--authority=config.toml", "--json"
    ).told
    assert (lifted["cooling"], lifted["days"]) == (2, 30)
    assert night(days=29).purged.destroyed == 0
    assert len(left_of(CANARY)) > 0

    last = night(days=32)
    assert last.purged.destroyed == 2
    assert left_of(CANARY) == []
    assert clerk("items", "search", CANARY, "--json").told["total"] == 0
    for item in items:
        tombstone = clerk("items", "show", item["id"], "--json").told
        assert tombstone["life"] != "live"
        assert CANARY not in str(tombstone).lower()

    again = clerk("capture", "--all", "--full", "--json").told["captures"]
    assert sum(c["new"] for c in again) == 0
    assert sum(c["destroyed_before"] for c in again) > 0
    assert left_of(CANARY) == []
    assert clerk("verify", "--read-data", "--json").told["ok"] is True
    assert clerk("ledger", "verify").code == 0


def test_a_timetable_run_once_does_the_night_that_is_due_once(clerk, site):
    pages = [PAGE.format(name=n, connector=c, base=site, path=p) for n, c, p in PAGES]
    Path("config.toml").write_text(CONFIG + "".join(pages), "utf-8")
    clerk("init")

    first, second = clerk("run", "--once"), clerk("run", "--once")

    assert (first.code, second.code) == (0, 0)
    told = clerk("status", "--json").told
    assert told["last_nightly"]["status"] == "done"
    assert {page["status"] for page in told["pages"]} == {"complete"}
    assert told["index"]["indexed"] == told["index"]["of"] > 0


def test_a_page_that_fails_does_not_stop_the_night_of_the_others(clerk, site):
    pages = [PAGE.format(name=n, connector=c, base=site, path=p) for n, c, p in PAGES]
    pages.append(PAGE.format(name="gone", connector="feed", base=site, path="/gone.xml"))
    Path("config.toml").write_text(CONFIG + "".join(pages), "utf-8")
    clerk("init")

    said = clerk("nightly", "--json")

    assert said.code == 1
    statuses = {c["page"]: c["status"] for c in said.told["captures"]}
    assert statuses.pop("gone") == "failed"
    assert set(statuses.values()) == {"complete"}
    assert any("gone" in problem["what"] for problem in said.told["problems"])
