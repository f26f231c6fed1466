"""`import`: tried before it is done, and held against the counts that were told."""

import json
import os
import zipfile
from pathlib import Path

import pytest

from archiver.cli.sample_site import write_export
from archiver.office.importing import indexing_beside
from tests.cli.clerk import POSTS

MORE = [*POSTS, {"at": "2024-03-06T18:00:00Z", "text": "The lost dog of Elm Street is found."}]


def test_a_dry_run_says_what_is_new_and_keeps_nothing(clerk):
    write_export(Path("later.zip"), MORE)

    said = clerk("import", "later.zip", "--page", "export", "--dry-run", "--json")

    assert said.code == 0
    told = said.told["dry_run"]
    assert told["kinds"] == [
        {
            "kind": "post", "read": 5, "new": 1, "changed": 0, "unchanged": 4,
            "destroyed_before": 0, "repeated": 0, "restricted": 0,
        }
    ]  # fmt: skip
    assert (told["read"], told["gaps"], told["platform_count"]) == (5, [], None)
    assert (told["earliest"], told["latest"]) == (MORE[0]["at"], MORE[-1]["at"])
    assert clerk("items", "search", "dog", "--json").told["total"] == 0


def test_a_dry_run_names_what_could_not_be_read_by_file_and_place(clerk):
    name = "your_facebook_activity/posts/your_posts_1.json"
    with zipfile.ZipFile("odd.zip", "w") as export:
        export.writestr(name, json.dumps([{"timestamp": 1, "data": [{"post": "x"}]}, {"data": []}]))

    said = clerk("import", "odd.zip", "--page", "export", "--dry-run", "--expect", "items=2")

    assert said.code == 1
    assert f"{name}, element 2: unreadable: it has no date" in said.err
    assert "the count of all items: 2 expected, 1 read: miscounted: whoever handed it" in said.err
    assert "all items: 2 expected by whoever handed it in, 1 read: NOT MET" in said.out
    assert said.out.splitlines()[:2] == [
        "kind\tread\tnew\tchanged\tunchanged\tdestroyed before\trepeated\trestricted",
        "post\t1\t1\t0\t0\t0\t0\t0",
    ]
    assert said.out.splitlines()[-1] == "a dry run: nothing was kept"


def test_an_import_says_every_count_it_was_held_against_and_fails_where_one_is_not_met(clerk):
    counts = ("--expect", "post=5", "--expect", "comment=0")
    asked = ("import", "export.zip", "--page", "export", *counts)

    said, told = clerk(*asked), clerk(*asked, "--json")
    tried = clerk(*asked, "--dry-run", "--json")
    met = clerk("import", "export.zip", "--page", "export", "--expect", "post=4", "--json")

    assert (said.code, told.code, tried.code, met.code) == (1, 1, 1, 0)
    assert "post: 5 expected by whoever handed it in, 4 read: NOT MET" in said.out
    assert "comment: 0 expected by whoever handed it in, 0 read\n" in said.out
    assert "miscounted: What could be read is kept. Ask whoever gave the count" in said.err
    missed = {"of": "post", "who": "whoever handed it in", "expected": 5, "read": 4, "met": False}
    assert told.told["counts"][0] == tried.told["dry_run"]["counts"][0] == missed
    assert [each["met"] for each in met.told["counts"]] == [True]


def test_an_export_whose_own_name_is_not_utf8_is_imported(clerk):
    path = Path(os.fsdecode(b"caf\xe9.zip"))
    Path("export.zip").rename(path)

    said = clerk("import", str(path), "--page", "export", "--json")

    assert said.code == 0
    assert said.told["captures"][0]["unchanged"] == 4


@pytest.mark.parametrize("told", ["post", "post=many", "story=3", "post=-1", "="])
def test_a_count_that_is_none_is_refused_before_anything_is_read(clerk, told):
    said = clerk("import", "export.zip", "--page", "export", "--expect", told)

    assert said.code == 2
    assert f"--expect {told}" in said.err


def test_a_kind_is_counted_once(clerk):
    said = clerk(
        "import", "export.zip", "--page", "export", "--expect", "post=4", "--expect", "post=5"
    )

    assert said.code == 2


@pytest.mark.parametrize("written", [None, "[archive"])
def test_an_indexer_beside_that_cannot_work_leaves_the_saying_to_the_import(
    tmp_path, capfd, written
):
    """It has no words of its own: what keeps it from working is met by who feeds the index next."""
    config = tmp_path / "config.toml"
    if written is not None:
        config.write_text(written)

    with indexing_beside(config):
        pass

    assert capfd.readouterr().err == ""
