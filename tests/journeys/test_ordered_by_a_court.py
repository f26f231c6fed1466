"""An order of a court at the desk: two signers, a preview, an expunction, and what is left."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from tests.cli.clerk import Clerk, a_desk
from tests.cli.terminal import at_a_terminal
from tests.cli.test_people import Pocket
from tests.cli.test_refusals import refused

CHIEF = '{"chief": [["2020-01-01", null]]}'


@pytest.fixture
def chief(clerk: Clerk) -> Pocket:
    """A founded archive with the posts of an export, and a chief who has enrolled."""
    a_desk(clerk.folder)
    (clerk.folder / "order.pdf").write_bytes(b"%PDF It is ordered.")
    assert clerk("init").code == 0
    assert clerk("import", "export.zip", "--page", "export").code == 0
    assert clerk("people", "add", "--name", "Chief", "--role", "chief").code == 0
    invited = clerk("people", "enrol", "Chief").out
    assert "at a shared OS account: archiver --as Chief people enrol" in invited
    code = re.search(r"one-time code for Chief: (\S+)", invited)[1]
    pocket = Pocket()
    answers = {"one-time code": code} | pocket.enrolment()
    with as_if(clerk, "shared", 1):  # where one without an account of their own enrols
        said = at_a_terminal(clerk.folder, ["--as", "Chief", "people", "enrol"], answers)
    assert said.code == 0, said.out
    return pocket


@contextmanager
def as_if(clerk: Clerk, column: str, value: object) -> Iterator[None]:
    """Have the roster say something else of whoever runs the tests, meanwhile."""
    with closing(sqlite3.connect(clerk.folder / "archive" / "catalogue.sqlite")) as catalogue:
        me = "FROM people WHERE account NOT IN ('scheduler', '')"
        [(n, before)] = catalogue.execute(f"SELECT person, {column} {me}").fetchall()
        write = f"UPDATE people SET {column} = ? WHERE person = ?"  # noqa: S608 - a column of ours
        with catalogue:
            catalogue.execute(write, [value, n])
        yield
        with catalogue:
            catalogue.execute(write, [before, n])


def entered(clerk: Clerk, effect: str, item: str) -> str:
    told = clerk(
        "orders", "enter", "--document=order.pdf", "--court=153rd", "--number=26-CV-7",
        "--dated=2024-03-02", "--effect", effect, "--item", item, "--json",
    ).told  # fmt: skip
    return str(told["order"])


def test_what_a_court_has_destroyed_is_signed_by_two_previewed_and_gone_for_good(clerk, chief):
    scope = ("--query=library", "--no-capture")
    held = clerk("holds", "issue", "--matter=The library case", "--reason=claim", *scope)
    assert held.code == 0, held.err
    item = clerk.item("library")
    name = entered(clerk, "destroy", item)

    assert clerk("orders", "confirm", name).code == 10
    assert clerk("orders", "carry-out", name).code != 0
    confirm = ["--as", "Chief", "orders", "confirm", name]
    assert at_a_terminal(clerk.folder, confirm, chief.answers()).code == 0
    seen = clerk("orders", "preview", name, "--json").told
    assert (seen["going"], seen["held"]) == (0, 1)
    assert clerk("orders", "carry-out", name).code != 0
    assert clerk("orders", "show", name, "--json").told["status"] == "stopped"

    (clerk.folder / "letter.pdf").write_bytes(b"%PDF \xff, a scan")
    lifted = clerk("holds", "lift", "H-0001", "--reason=settled", "--authority=letter.pdf")
    assert lifted.code == 0, lifted.err
    seen = clerk("orders", "preview", name, "--json").told
    assert (seen["going"], seen["held"]) == (1, 0)
    assert clerk("orders", "carry-out", name, "--json").told["status"] == "by_hand"
    (asked,) = clerk("orders", "by-hand", name, "--to", ".", "--json").told["places"]
    assert (asked["why"], asked["answer"]) == ("no_text", None)
    assert list(clerk.folder.glob(f"{asked['place'].split('/')[1]}-letter.pdf"))
    refused(clerk("orders", "answer", name, "page/none", "--found=done", "--reason=r"), 5)
    assert (
        clerk("orders", "answer", name, asked["place"], "--found=nothing", "--reason=r").code == 0
    )
    done = clerk("orders", "carry-out", name, "--json").told

    assert (done["status"], done["destroyed"], done["court"]) == ("carried_out", 1, "")
    shown = clerk("items", "show", item)
    assert shown.code == 5
    assert "an order of a court covers it" in shown.err
    assert clerk("items", "search", "library", "--json").told["total"] == 0
    left = [
        path
        for path in (clerk.folder / "archive").rglob("*")
        if path.is_file() and item[:12].encode() in path.read_bytes()
    ]
    assert {path.name for path in left if "ledger" not in path.parts} <= {"catalogue.sqlite"}
    assert clerk("verify").code == 0
    assert clerk("ledger", "verify").code == 0

    for path in (clerk.folder / "archive").glob("catalogue.sqlite*"):
        if path.is_file():
            path.unlink()
    assert clerk("rebuild").code == 0
    assert clerk("index", "rebuild").code == 0
    again = clerk("orders", "show", name, "--json").told
    assert (again["status"], again["destroyed"]) == ("carried_out", 1)
    assert clerk("items", "show", item).code == 5
    assert clerk("verify").code == 0


def test_what_a_court_closes_is_open_again_by_a_later_order(clerk, chief):
    item = clerk.item("library")
    name = entered(clerk, "seal", item)
    confirm = ["--as", "Chief", "orders", "confirm", name]
    assert at_a_terminal(clerk.folder, confirm, chief.answers()).code == 0
    assert clerk("items", "show", item).code == 0
    with as_if(clerk, "tenures", CHIEF):
        refused(clerk("items", "show", item), 10, "sealed")

    assert clerk("orders", "lift", name, "--document=order.pdf").code == 0

    with as_if(clerk, "tenures", CHIEF):
        assert clerk("items", "show", item).code == 0
    assert clerk("verify").code == 0
