"""How commands print: plain text for pipes, tables for terminals, and no fuss when nobody reads."""

from __future__ import annotations

import fcntl
import os
import pty
import sqlite3
import struct
import subprocess
import sys
import termios
from contextlib import closing, suppress
from pathlib import Path

from archiver.cli.output import progress
from archiver.cli.sample_site import write_export
from tests.cli.clerk import command, surroundings
from tests.cli.forked import begin


def on_a_terminal(clerk, *words: str) -> tuple[int, str]:
    """Run a command on a terminal of 100 columns; give its exit code and what was shown."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    program = begin(
        words, folder=clerk.folder, env=surroundings() | {"TERM": "xterm-256color"},
        ends=(theirs, theirs, theirs),
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    with suppress(OSError):  # what Linux answers when the other side has closed
        while piece := os.read(ours, 65536):
            shown += piece
    os.close(ours)
    return program.wait(), shown.decode()


def test_nothing_is_drawn_over_a_question_before_there_is_something_to_count(monkeypatch):
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setenv("TERM", "xterm-256color")

        with progress("items written") as tell:
            print("passphrase: ", end="", file=terminal, flush=True)
            asked = os.read(ours, 65536)
            tell(7)
        counted = os.read(ours, 65536)
    os.close(ours)

    assert asked == b"passphrase: "
    assert b"items written" in counted


def test_on_a_pipe_a_table_is_plain_lines_with_tabs(clerk):
    said = clerk.apart("items", "search", "page:export")

    header, *rows = said.out.splitlines()
    assert header.split("\t")[:3] == ["id", "published", "page"]
    assert {len(row.split("\t")) for row in rows} == {8}
    assert len(rows) == 4
    assert "\x1b" not in said.out + said.err
    assert "4 found; searched 4 of 4 items" in said.err


def test_a_search_counts_as_indexed_what_status_does_where_the_index_is_behind(clerk):
    with closing(sqlite3.connect(clerk.folder / "archive" / "catalogue.sqlite")) as behind, behind:
        behind.execute("INSERT INTO outbox (item_n) SELECT n FROM items LIMIT 3")

    found = clerk.apart("items", "search", "page:export")

    assert "4 found; searched 1 of 4 items as of" in found.err
    assert "; 3 more are to be indexed, or indexed anew; 0 more are" in found.err
    assert "\n1 indexed of 4 items; " in clerk("status").out
    assert clerk("index", "status").out == "whoosh: behind, 1 indexed of 4, 3 waiting\n"
    for asked in (clerk("status", "--json").told["index"], clerk("index", "status", "--json").told):
        assert {"state": "behind", "indexed": 1, "of": 4, "waiting": 3}.items() <= asked.items()


def test_what_is_shown_of_an_item_names_its_holds(clerk):
    (found,) = clerk("items", "search", "bus", "--json").told["items"]
    before = clerk("items", "show", found["id"]).out
    clerk("holds", "issue", "--matter=Doe", "--reason=claim", "--item", found["id"])

    after = clerk("items", "show", found["id"]).out

    assert "H-0001" not in before
    assert "holds          H-0001" in after.splitlines()


def test_a_hold_is_shown_in_words_and_not_as_a_program_writes_them(clerk):
    issue = ("--matter", "Doe v. City", "--reason", "suit", "--query", "friday")
    hold = clerk("holds", "issue", *issue, "--json").told["hold"]

    shown = clerk("holds", "show", hold).out

    assert "scope        query query word friday; version 1" in shown
    assert "lifted_at    -" in shown
    assert not set("{}[]'") & set(shown)


def test_a_plan_that_was_carried_out_tells_why_each_item_went(clerk):
    plan = clerk("purge", "--json").told["plan"]

    shown = clerk("dispositions", "show", plan).out

    assert shown.count("destroyed\t") > 0
    assert "touched since" not in shown
    assert "waiting for approval" not in shown


def test_on_a_terminal_a_table_has_lines(clerk):
    code, shown = on_a_terminal(clerk, "items", "search", "bus")

    assert code == 0
    assert "┃" in shown
    assert "export" in shown


def test_on_a_terminal_json_is_still_json_alone(clerk):
    code, shown = on_a_terminal(clerk, "index", "status", "--json")

    assert code == 0
    assert '{\r\n  "engine": "whoosh",\r\n' in shown
    assert "┃" not in shown


def test_words_of_the_public_draw_nothing_on_a_terminal(clerk):
    """A text with markup in it is shown as it is."""
    clerk("holds", "issue", "--matter", "[red]Doe[/red] v. [bold]", "--reason=r", "--page=export")

    code, shown = on_a_terminal(clerk, "holds", "list")

    assert code == 0
    assert "[red]Doe[/red]" in shown


IN_LATIN = ["env", "PYTHONIOENCODING=latin-1"]
ODD = {"at": "2024-03-06T18:00:00Z", "text": "half a sign \ud83d for \x1b[2J\x9bJ the beach"}
"""A post that nothing could print, and that would wipe a terminal's screen."""


def test_half_a_sign_in_a_post_stops_no_answer(clerk):
    write_export(Path("odd.zip"), [ODD])
    clerk("import", "odd.zip", "--page", "export")

    for words in (("items", "search", "beach"), ("review", "list")):
        told, printed = clerk.apart(*words, "--json"), clerk.apart(*words)

        assert (told.code, printed.code) == (0, 0), told.err + printed.err
        assert any(i["text"].startswith("half a sign \ufffd for") for i in told.told["items"])
        assert "half a sign \ufffd for" in printed.out
    shown = clerk.apart("items", "show", clerk.item("beach"))
    assert (shown.code, shown.out.count("half a sign \ufffd for")) == (0, 2)
    assert clerk("verify", "--read-data").code == 0


def test_what_the_output_cannot_write_is_escaped(clerk):
    write_export(Path("odd.zip"), [{**ODD, "text": "a wave 🌊 at the beach"}])
    clerk("import", "odd.zip", "--page", "export")

    printed = clerk.from_nothing("items", "search", "beach", before=IN_LATIN)
    told = clerk.from_nothing("items", "search", "beach", "--json", before=IN_LATIN)

    assert "a wave \\U0001f30a at the beach" in printed.out
    assert told.told["items"][0]["text"] == "a wave 🌊 at the beach"


def test_what_the_public_writes_gives_a_terminal_no_orders(clerk):
    write_export(Path("odd.zip"), [ODD])
    clerk("import", "odd.zip", "--page", "export")

    _, listed = on_a_terminal(clerk, "items", "search", "beach")
    _, shown = on_a_terminal(clerk, "items", "show", clerk.item("beach"))

    for printed in (listed, shown):
        assert "\x1b[2J" not in printed
        assert "\x9b" not in printed
    assert "␛[2J[U+009B]J the beach" in shown


def test_a_demonstration_says_so_beside_every_answer(clerk):
    said = clerk("items", "search", "bus", "--json")

    assert "demonstration archive: nothing in here is a record" in said.err
    assert "demonstration" not in said.out


def test_a_reader_who_leaves_early_is_no_fault(clerk):
    """What is printed goes into a pipe whose other end is closed."""
    reading, writing = os.pipe()
    os.close(reading)
    for words in (["items", "search", "page:export"], ["schedule", "show", "indio-ca", "--json"]):
        ran = subprocess.run(
            command(*words), cwd=clerk.folder, env=surroundings(), stdout=writing,
            stderr=subprocess.PIPE, text=True, timeout=120, check=False,
        )  # fmt: skip

        assert ran.returncode == 0, ran.stderr
        assert "Traceback" not in ran.stderr
        assert "BrokenPipe" not in ran.stderr
    os.close(writing)


def test_a_closed_output_is_no_fault(clerk):
    ran = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *command("items", "search", "bus")],
        cwd=clerk.folder, env=surroundings(), stderr=subprocess.PIPE, text=True, timeout=120,
        check=False,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
