"""`moderation report`: what a records officer prints of what went out of sight."""

from __future__ import annotations


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
