"""Leaving another archiving service: the mapping is tried until nothing stays behind unnoticed."""

from pathlib import Path

import pytest

PAGE = """
[[pages]]
name = "old archive"
connector = "mapped-export"
mapping = "old.toml"
platform = "facebook"
"""
MAPPING = """
format = "csv"
[time]
formats = ["%m/%d/%Y %H:%M"]
zone = "America/Los_Angeles"
[fields]
id = "ID"
kind = "Type"
published_at = "Date"
text = "Text"
attachments = "File"
"""
RECORDS = """\
ID,Type,Date,Text,File
1,Post,03/01/2024 09:00,Road closed,one.jpg
2,Comment,03/01/2024 09:05,Until when?,
3,DM,03/01/2024 09:06,Is it safe?,
"""


@pytest.fixture
def leaving(clerk):
    """A clerk with an export of the old service, and a first mapping of it."""
    with Path("config.toml").open("a", encoding="utf-8") as config:
        config.write(PAGE)
    Path("old.toml").write_text(MAPPING, "utf-8")
    Path("export").mkdir()
    Path("export/records.csv").write_text(RECORDS, "utf-8")
    Path("export/one.jpg").write_bytes(b"JPEG")
    return lambda *words: clerk("import", "export", "--page", "old archive", "--dry-run", *words)


def test_a_mapping_is_tried_until_nothing_is_left_unread(leaving):
    first = leaving("--expect", "items=3")
    Path("old.toml").write_text(f'{MAPPING}[kinds]\n"DM" = "message"\n', "utf-8")
    second = leaving("--expect", "items=3", "--json")

    assert first.code == 1
    assert (
        "records.csv, line 4: unreadable: kind ('Type' in the export): the mapping's" in first.err
    )
    assert "the count of all items: 3 expected, 2 read: miscounted" in first.err
    assert second.code == 0
    told = second.told["dry_run"]
    assert {each["kind"]: (each["new"], each["restricted"]) for each in told["kinds"]} == {
        "comment": (1, 0), "message": (1, 1), "post": (1, 0),
    }  # fmt: skip
    assert (told["files"], told["file_bytes"], told["platform_count"]) == (1, 4, 3)
    assert told["earliest"] == "2024-03-01T17:00:00Z"


def test_a_mapping_that_breaks_its_rules_or_does_not_fit_is_refused_with_every_fault(leaving):
    Path("old.toml").write_text(MAPPING.replace('"ID"', '"Number"').replace('"Text"', '"Body"'))
    unfit = leaving()
    Path("old.toml").write_text(MAPPING.replace("csv", "xlsx").replace("zone", "zones"))
    broken = leaving()
    Path("old.toml").unlink()
    absent = leaving()

    assert (unfit.code, broken.code, absent.code) == (64, 2, 2)
    for fault in ("no column 'Body'", "no column 'Number'", "docs/importing.md"):
        assert fault in unfit.err
    for fault in ("old.toml: format: must be one of", "old.toml: time: zones: unknown key"):
        assert fault in broken.err
    assert "old.toml cannot be read" in absent.err
