"""`connectors`: what can be captured, how it is let in, and whether it is."""

from __future__ import annotations

from importlib.metadata import entry_points

import pytest

from archiver.procedures.access_checking import check_access
from archiver.records.errors import PermissionLost
from tests.connectors.mastodon_platform import MastodonPlatform
from tests.connectors.platforms import FIRST_MOMENT, UNAUTHORIZED, fetching, patient_pace

NAMES = sorted(entry_points(group="archiver.connectors").names)


def test_every_installed_connector_is_listed_with_what_it_sees(clerk):
    told = clerk("connectors", "list", "--json").told["connectors"]

    assert [each["name"] for each in told] == NAMES
    assert all(set(each) == {"name", "imports", "capabilities"} for each in told)
    by_name = {each["name"]: each for each in told}
    assert by_name["facebook-export"]["imports"]
    assert not by_name["feed"]["imports"]
    assert by_name["mastodon"]["capabilities"] == {
        "posts": True, "comments": True, "edits": "history", "removals": "recheck",
        "hidden": False, "media": True,
        "backfill": "everything the account's own server still shows",
        "moderation": ["blocked accounts", "muted accounts", "blocked servers", "filters"],
    }  # fmt: skip


def test_connectors_are_listed_before_there_is_an_archive(clerk):
    (clerk.folder / "config.toml").unlink()

    said = clerk("connectors", "list")

    assert said.code == 0
    assert said.out.splitlines()[0].split("\t")[:3] == ["name", "reads", "posts"]


@pytest.mark.parametrize("name", NAMES)
def test_a_connector_is_shown_with_everything_an_attorney_asks_about(clerk, name):
    (entry,) = entry_points(group="archiver.connectors", name=name)
    can = entry.load().capabilities

    shown = clerk("connectors", "show", name).out
    told = clerk("connectors", "show", name, "--json").told

    for line in (*can.blind_to, *can.access.permissions, *can.access.steps, can.access.terms):
        assert line in shown
    assert told["blind_to"] == list(can.blind_to)
    assert (told["steps"], told["terms"]) == (list(can.access.steps), can.access.terms)
    assert {setting["name"] for setting in told["settings"]} == {
        setting.name for setting in entry.load().settings
    }


def test_a_connector_nobody_installed_is_not_found(clerk):
    said = clerk("connectors", "show", "friendster")

    assert said.code == 5
    assert "connectors list" in said.err


def test_a_page_that_cannot_be_reached_is_not_granted(clerk):
    said = clerk("connectors", "check", "nowhere", "--json")

    assert said.code == 1
    assert said.told["granted"] is False
    assert "127.0.0.1" in said.told["checks"][0]["detail"]


def test_an_export_needs_no_access(clerk):
    said = clerk("connectors", "check", "export")

    assert said.code == 2
    assert "archiver import" in said.err


def test_a_check_tells_a_good_token_from_a_dead_one_and_reads_little(tmp_path):
    with MastodonPlatform() as platform, patient_pace():
        for number in range(40):
            platform.publish(f"Notice number {number}")
        source = platform.connector.open(platform.page(), fetching(tmp_path))
        good = check_access(source, now=FIRST_MOMENT)
        asked = platform.asked()
        platform.script(lasting=(0, UNAUTHORIZED))
        dead = check_access(source, now=FIRST_MOMENT)
        source.close()

    assert all(check.granted for check in good)
    assert [check.needed for check in good] == [True, *[False] * 5]
    assert asked < 6 + 5
    assert [check.granted for check in dead] == [False]
    assert PermissionLost.remedy in dead[0].detail


def test_a_page_is_enabled_and_listed_with_its_statute_and_the_others_with_none(clerk):
    entered = clerk(
        "connectors", "enable", "nowhere", "--term", "none known", "--statute", "Gov. Code 34090",
        "--counsel", "R. Roe", "--date", "2024-03-01",
    )  # fmt: skip
    told = clerk("connectors", "enabled", "--json").told["pages"]

    assert (entered.code, entered.out) == (0, "E-0001: nowhere is captured by Gov. Code 34090\n")
    assert [(each["page"], each["statute"], each["dated"]) for each in told] == [
        ("export", None, None), ("nowhere", "Gov. Code 34090", "2024-03-01"),
    ]  # fmt: skip
    assert "nowhere\tE-0001\tnone known" in clerk("connectors", "enabled").out
