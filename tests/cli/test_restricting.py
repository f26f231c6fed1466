"""A tip and a juvenile at the command line: who may not read them, who may, and what is entered."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from pypdf import PdfReader

from archiver.records.captures import PlatformState
from tests.archive import a_comment, an_archive, an_observation, gone
from tests.cli.clerk import Clerk
from tests.cli.test_refusals import refused
from tests.procedures.test_approving import decided_long_ago
from tests.procedures.test_kept_by_order import attended

TIP = "I saw who broke into the shop on qzfifthqz street, call me"
JUVENILE = "A juvenile was arrested for the fire at the qzschoolqz."
ISSUE = ("--matter", "m", "--reason", "r")
OPEN = ("--number", "1", "--kind", "cpra", "--received", "2026-01-01")
SECRETS = ("qzfifthqz", "qzschoolqz", "broke into", "arrested for")


@pytest.fixture
def desk(tmp_path, capsys, monkeypatch) -> Clerk:
    """A clerk over an archive with a tip, a juvenile and a meeting, long lapsed and planned."""
    archive = an_archive(tmp_path)
    archive.capture(
        an_observation("post", "The meeting about the bus line is at seven."),
        a_comment("tip", TIP, on="post", author="qz witness"),
        an_observation("young", JUVENILE, attachments=("picture",)),
    )
    archive.capture(gone("tip", PlatformState.HIDDEN), gone("young"))
    decided_long_ago(archive, "post", "tip", "young")
    attended(archive)
    archive.office.close()
    return Clerk(tmp_path, capsys, monkeypatch)


@contextmanager
def an_auditor_at(clerk: Clerk, role: str = "auditor") -> Iterator[None]:
    """Have whoever runs the tests be an auditor and nothing else, behind the program's back.

    Or have them another *role*.
    """
    ours = "account != 'scheduler'"
    with closing(sqlite3.connect(clerk.folder / "archive/catalogue.sqlite")) as catalogue:
        query = f"SELECT tenures FROM people WHERE {ours}"  # noqa: S608 - our own words
        (before,) = catalogue.execute(query).fetchone()
        change = f"UPDATE people SET tenures = ? WHERE {ours}"  # noqa: S608 - our own words
        for tenures in (f'{{"{role}": [["2020-01-01", null]]}}', before):
            catalogue.execute(change, [tenures])
            catalogue.commit()
            if tenures != before:
                yield


def views(clerk: Clerk) -> list[str]:
    with closing(sqlite3.connect(clerk.folder / "archive/catalogue.sqlite")) as catalogue:
        query = "SELECT subject FROM ledger_entries WHERE kind = 'item.viewed' ORDER BY seq"
        return [subject for (subject,) in catalogue.execute(query)]


def restricted_ids(clerk: Clerk) -> tuple[str, str]:
    """Give the ids of the tip and of the juvenile, as an officer finds them."""
    return clerk.item("broke"), clerk.item("arrested")


def test_an_auditor_reads_no_word_of_a_tip_or_a_juvenile_whatever_they_ask(desk):
    tip, young = restricted_ids(desk)
    before = views(desk)
    plan = desk("dispositions", "list", "--json").told["plans"][0]["plan"]
    shown = [("items", "show", item) for item in (tip, young)]

    with an_auditor_at(desk):
        said = [
            desk(*words)
            for words in (
                ("items", "search", "broke OR arrested OR meeting", "--json"),
                ("items", "search", "qzfifthqz"),
                ("items", "thread", tip), ("items", "thread", tip, "--json"),
                *((*words, *more) for words in shown for more in (
                    (), ("--json",), ("--versions",), ("--proof",), ("--raw",)
                )),
                ("review", "list"), ("review", "list", "--json"),
                ("dispositions", "show", plan, "--csv", "p.csv", "--pdf", "p.pdf"),
                ("dispositions", "show", plan, "--json"),
                ("dispositions", "transfer", plan, "--to", "bags"),
                ("holds", "list"), ("holds", "list", "--json"), ("status",),
                ("purge", "--dry-run"),
            )
        ]  # fmt: skip
        refused(desk("items", "show", tip), 10, "may not read restricted")

    printed = [one.out + one.err for one in said]
    printed.append(Path("p.csv").read_text("utf-8-sig"))
    printed += [page.extract_text() for page in PdfReader("p.pdf").pages]
    assert [word for word in SECRETS for text in printed if word in text] == []
    assert (said[0].told["total"], said[0].told["not_searched"]) == (1, 2)
    assert [one["text"][:11] for one in said[0].told["items"]] == ["The meeting"]
    assert tip in Path("p.csv").read_text("utf-8-sig")
    assert not list(Path.cwd().glob("bags/*"))
    assert views(desk) == before


GUESSES = ("qz*", "qzfifthqz", '"broke into"', "juven*", "qzfifthqz OR qzschoolqz")
"""What whoever spells out a tip or a juvenile would ask for, beginning by beginning."""

NEVER = "qqnever"
"""A word that nobody wrote."""


def told_alike(said, guess: str) -> str:
    """Give what a command told, but for what was asked and how long it took."""
    passing = r"in \d+ ms|as of \S+,|\"(took_ms|as_of)\": [^,]+,"
    return re.sub(passing, "", said.out + said.err).replace(guess, NEVER)


@pytest.mark.parametrize(
    ("role", "asking"),
    [
        ("auditor", ("items", "search")),
        ("auditor", ("items", "search", "--json")),
        ("auditor", ("items", "search", "--limit", "1", "--sort", "newest")),
        ("clerk", ("items", "search", "--offset", "1")),
        ("department_head", ("holds", "issue", *ISSUE, "--show", "--query")),
        ("clerk", ("holds", "issue", *ISSUE, "--with", "threads,authors", "--show", "--query")),
        ("clerk", ("holds", "issue", *ISSUE, "--show", "--json", "--query")),
        ("clerk", ("holds", "widen", "H-0001", "--reason", "r", "--show", "--query")),
        ("clerk", ("requests", "narrow", "R-0001", "--show", "--query")),
        ("auditor", ("holds", "narrow", "H-0001", "--show", "--query")),
    ],
)  # fmt: skip
def test_no_count_answers_a_word_that_only_a_restricted_item_has(desk, role, asking):
    assert desk("holds", "issue", *ISSUE, "--page", "town page", "--no-capture").code == 0
    desk("requests", "open", *OPEN, "--page", "town page", "--no-capture")
    officers = desk(*asking, GUESSES[0])
    assert told_alike(desk(*asking, NEVER), NEVER) != told_alike(officers, GUESSES[0])

    with an_auditor_at(desk, role):
        wanted = told_alike(desk(*asking, NEVER), NEVER)
        said = [told_alike(desk(*asking, guess), guess) for guess in GUESSES]

    assert said == [wanted] * len(GUESSES)
    assert re.search(r"never counted: 2 restricted|\"not_(searched|counted)\": 2", wanted)


def test_whose_names_only_restricted_items_bear_nobody_learns_by_asking(desk):
    asking = ("holds", "issue", *ISSUE, "--show", "--author")
    hers = "Qz Witness"
    refused(desk(*asking, NEVER), 5, "no author")
    assert "it would bind 1 item," in desk(*asking, hers).out

    with an_auditor_at(desk, "department_head"):
        said, wanted = desk(*asking, hers), desk(*asking, NEVER)
        bound = desk("holds", "issue", *ISSUE, "--author", hers, "--no-capture", "--json")

    assert (said.code, said.out, said.err) == (0, wanted.out, wanted.err)
    assert bound.told["covered"] == 1


def test_whom_a_name_takes_in_is_told_but_for_those_whom_only_restricted_items_show(
    tmp_path, capsys, monkeypatch
):
    archive = an_archive(tmp_path)
    archive.capture(
        an_observation("post", "The meeting about the bus line is at seven."),
        a_comment("1", "When is the next one?", on="post", author="pat poe"),
        a_comment("2", "Where is it?", on="post", author="pat Poe"),
        a_comment("3", TIP, on="post", author="Pat poe"),
        a_comment("4", "I am another.", on="post", author="quinn"),
    )
    archive.office.close()
    clerk = Clerk(tmp_path, capsys, monkeypatch)
    words = ("holds", "issue", *ISSUE, "--author", "Pat Poe")

    shown = clerk(*words, "--show", "--json").told["authors"]
    bound = clerk(*words, "--no-capture")
    told = clerk(*words, "--no-capture", "--json").told
    with an_auditor_at(clerk, "department_head"):
        theirs = clerk(*words, "--no-capture", "--json").told
    nobody = clerk("holds", "widen", told["hold"], "--reason=r", "--page=town page", "--no-capture")

    assert sorted(one["native_id"] for one in shown) == ["", "pat Poe", "pat poe"]
    assert {one["name"] for one in shown} == {"", "Pat Poe"}
    assert (told["covered"], told["authors"]) == (3, shown)
    assert "it takes in 3 authors who wrote here:" in bound.out
    assert [f"{one['id'][:12]}  " in bound.out for one in shown] == [True] * 3
    assert "  Pat Poe, pat poe\n" in bound.out
    assert (theirs["covered"], theirs["authors"]) == (3, [one for one in shown if one["name"]])
    assert "it takes in" not in nobody.out
    again = clerk("holds", "show", told["hold"], "--json").told["authors"]
    seen = clerk("holds", "show", told["hold"])
    with an_auditor_at(clerk, "department_head"):
        theirs = clerk("holds", "show", told["hold"], "--json").told["authors"]
    assert (again, theirs) == (shown, [one for one in shown if one["name"]])
    assert "it takes in 3 authors who wrote here:" in seen.out


def test_a_records_officer_reads_them_and_each_view_is_entered(desk):
    tip, young = restricted_ids(desk)
    before = len(views(desk))

    found = desk("items", "search", "broke OR arrested", "--json").told
    shown = desk("items", "show", young, "--json").told
    desk("items", "thread", tip)

    assert {one["text"] for one in found["items"]} == {TIP, JUVENILE}
    assert (shown["text"], shown["restricted"]) == (JUVENILE, ["schedule"])
    assert sorted(views(desk)[before:]) == sorted([tip, young, young, tip])
    assert "restricted     schedule" in desk("items", "show", tip).out


def test_what_is_opened_an_auditor_reads_and_what_is_restricted_no_more(desk):
    tip, _ = restricted_ids(desk)
    meeting = desk.item("meeting")

    opened = desk("items", "unrestrict", tip, "--reason", "a joke")
    closed = desk("items", "restrict", meeting, tip, "--reason", "names a witness", "--json")
    again = desk("items", "unrestrict", tip, "--reason", "a joke", "--json")

    assert opened.out == f"{tip[:12]} is open to whoever may read\n"
    assert closed.told["items"] == [
        {"id": meeting, "restricted": ["person"]},
        {"id": tip, "restricted": ["person"]},
    ]
    assert again.told["items"] == [{"id": tip, "restricted": []}]
    with an_auditor_at(desk):
        assert desk("items", "show", tip, "--json").told["text"] == TIP
        refused(desk("items", "show", meeting), 10, "may not read restricted")
    refused(desk("items", "unrestrict", tip, "--reason=x"), 5, "is not restricted")
    refused(desk("items", "restrict", tip), 2, "--reason")
    assert desk("verify", "--read-data", "--json").told["ok"] is True
