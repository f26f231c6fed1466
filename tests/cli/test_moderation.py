"""`moderation report`: what a records officer prints of what went out of sight."""

from __future__ import annotations

from datetime import timedelta

from archiver.cli import moderating
from archiver.procedures.moderation import Span, report
from archiver.records.items import Author
from archiver.records.moments import micros
from archiver.records.standing_lists import Entry
from connectors.moderating import log_entry, standing_list
from tests.archive import FOUNDED_AT, an_archive, an_observation


def test_a_page_on_which_nothing_went_out_of_sight_is_told_so_with_what_is_not_seen(clerk):
    said = clerk("moderation", "report", "--page", "export", "--json")

    assert said.code == 0
    told = said.told
    assert (told["page"], told["items"], told["not_shown"]) == ("export", [], 0)
    assert told["visits"] == {"complete": 1}
    assert told["blind_to"]


def test_it_is_printed_and_written_as_a_table(clerk):
    said = clerk(
        "moderation", "report", "--page", "export", "--from", "2024-01-01",
        "--pdf", "moderation.pdf", "--csv", "moderation.csv",
    )  # fmt: skip

    assert said.code == 0
    assert "0 times out of sight; visits: 1 complete" in said.err
    assert (clerk.folder / "moderation.pdf").read_bytes().startswith(b"%PDF")
    (heads,) = (clerk.folder / "moderation.csv").read_text("utf-8-sig").splitlines()
    assert heads.split(",")[4:8] == ["text", "last seen", "visited before", "first missing"]


def test_days_in_the_wrong_order_and_pages_never_visited_are_refused(clerk):
    swapped = clerk(
        "moderation", "report", "--page", "export", "--from", "2024-02-02", "--to", "2024-02-01"
    )
    unvisited = clerk("moderation", "report", "--page", "nowhere")

    assert (swapped.code, unvisited.code) == (2, 5)
    assert "2024-02-02 is after 2024-02-01" in swapped.err
    assert "never visited" in unvisited.err


def test_whom_a_page_blocked_and_unblocked_is_shown_and_told_with_the_platforms_log(
    tmp_path, capsys
):
    archive = an_archive(tmp_path, index="memory:")
    for name in ("troll", "spam"):
        rows = [(Entry(name, f"@{name}"), b"{}")]
        by = Author("", "sgt")
        archive.capture(
            an_observation("1"),
            standing_list("blocks", "Blocked accounts", rows, at=FOUNDED_AT),
            log_entry("a1", "banned @spam", b"{}", at=FOUNDED_AT, by=by),
        )
        archive.clock.forward(days=1)
    office, ever = archive.office, Span(since=0, until=micros(FOUNDED_AT + timedelta(days=9)))
    page = office.id_of(archive.page)
    found = report(office.account, office.objects, archive.person, page, ever)

    told = moderating._told(found)
    moderating._print(found)
    shown = capsys.readouterr().out
    office.close()

    (blocked,) = told["lists"]
    assert (blocked["title"], blocked["entries"]) == ("Blocked accounts", ["@spam [spam]"])
    (changed,) = blocked["changes"]
    assert (changed["added"], changed["dropped"]) == (["@spam [spam]"], ["@troll [troll]"])
    assert (changed["as_before_until"], changed["found_at"]) == (
        "2026-03-02T09:00:00Z", "2026-03-03T09:00:00Z",
    )  # fmt: skip
    assert (changed["altered"], changed["emptied"]) == ([], False)
    assert [(entry["actor"], entry["words"]) for entry in told["log"]] == [("sgt", "banned @spam")]
    assert "Blocked accounts: 1, known since 2026-03-02T09:00:00Z" in shown
    between = "between 2026-03-02T09:00:00Z and 2026-03-03T09:00:00Z"
    assert f"Blocked accounts: @spam [spam]: newly listed, {between}" in shown
    assert f"Blocked accounts: @troll [troll]: no longer listed, {between}" in shown
    assert "log 2026-03-02T09:00:00Z: banned @spam, by sgt" in shown
