"""The roster at the command line, and signing in at a real (pseudo-)terminal."""

from __future__ import annotations

import re
import shutil
import sqlite3
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyotp
import pyrage
import pytest

from archiver.credentials.codes import STEP
from tests.cli.clerk import a_copy
from tests.cli.terminal import at_a_terminal
from tests.cli.test_refusals import refused

PASSPHRASE = "umber kettle voyage thimble"


def now_step() -> int:
    return int(time.time()) // STEP


class Pocket:
    """An authenticator that is read off the terminal; it gives two codes, each once."""

    def __init__(self) -> None:
        self.secret = ""
        self.next = now_step()

    def code(self, printed: str) -> str:
        """Read the secret if it is shown; give the next code that is good."""
        if shown := re.findall(r"otpauth://\S+", printed):
            self.secret = parse_qs(urlsplit(shown[-1]).query)["secret"][0]
        self.next = max(self.next, now_step())
        code = pyotp.TOTP(self.secret).generate_otp(self.next)
        self.next += 1
        return code

    def enrolment(self, passphrase: str = PASSPHRASE) -> dict:
        return {
            "new passphrase": passphrase,
            "the same again": passphrase,
            "authenticator shows": self.code,
        }

    def answers(self, passphrase: str = PASSPHRASE) -> dict:
        return {"passphrase": passphrase, "authenticator shows": self.code}


@pytest.fixture
def real(founded, newcomer):
    """A clerk in an archive that is no demonstration, just founded."""
    a_copy(founded, newcomer.folder)
    return newcomer


def people(clerk, *words: str) -> dict[str, list[str]]:
    told = clerk("people", "list", "--json", *words).told
    return {person["name"]: person["roles"] for person in told["people"]}


# --- at a terminal ----------------------------------------------------------------------------


def test_whoever_founds_an_archive_enrols_and_then_keeps_its_roster(real):
    pocket = Pocket()
    enrolled = at_a_terminal(real.folder, ["people", "enrol"], pocket.enrolment())
    added = at_a_terminal(
        real.folder,
        ["people", "add", "jdoe", "--name", "J. Doe", "--role", "clerk"],
        pocket.answers(),
    )

    assert (enrolled.code, added.code) == (0, 0), enrolled.out + added.out
    assert "is enrolled" in enrolled.out
    assert people(real)["J. Doe"] == ["clerk"]
    assert PASSPHRASE not in enrolled.out + added.out


def test_a_wrong_passphrase_at_the_terminal_changes_nothing_and_is_entered_once(real):
    pocket = Pocket()
    at_a_terminal(real.folder, ["people", "enrol"], pocket.enrolment())

    said = at_a_terminal(
        real.folder,
        ["people", "add", "jdoe", "--name", "J. Doe", "--role", "clerk"],
        pocket.answers("not the passphrase"),
    )

    assert said.code == 12
    assert "passphrase and code do not fit" in said.out
    assert "J. Doe" not in people(real)
    assert refusals(real) == 1


def refusals(clerk) -> int:
    with sqlite3.connect(clerk.folder / "archive/catalogue.sqlite") as catalogue:
        query = "SELECT count(*) FROM ledger_entries WHERE kind = 'attempt.refused'"
        (count,) = catalogue.execute(query).fetchone()
    catalogue.close()
    return count


def test_an_easy_passphrase_is_asked_for_again(real):
    pocket, tries = Pocket(), iter(["police123456", "short", PASSPHRASE])
    answers = pocket.enrolment() | {"new passphrase": lambda _printed: next(tries)}

    said = at_a_terminal(real.folder, ["people", "enrol"], answers)

    assert said.code == 0, said.out
    assert "what anybody would try first" in said.out
    assert "at least 12 are needed" in said.out


def test_who_confirms_a_restore_signs_in_and_where_nobody_has_enrolled_yet_does_that_first(
    real, tmp_path
):
    key, file = tmp_path / "key.txt", str(tmp_path / "archive.age")
    identity, pocket = pyrage.x25519.Identity.generate(), Pocket()
    key.write_text(f"{identity}\n")
    assert real("backup", file, "--recipient", str(identity.to_public())).code == 0
    shutil.rmtree(real.folder / "archive")
    assert real("restore", file, "--identity", str(key)).code == 0
    confirm = ("restore", "--reconcile", "--yes")

    nobody = real(*confirm)
    at_a_terminal(real.folder, ["people", "enrol"], pocket.enrolment())
    unasked = real(*confirm)
    said = at_a_terminal(real.folder, confirm, pocket.answers())

    assert (nobody.code, "archiver people enrol" in nobody.err) == (13, True)
    assert (unasked.code, "no terminal" in unasked.err) == (12, True)
    assert (said.code, "reconciled" in said.out) == (0, True), said.out
    assert refusals(real) == 2
    refused(real(*confirm), 5, "no reconciliation")


# --- no terminal --------------------------------------------------------------------------------


def test_a_program_cannot_enrol_nor_decide_whatever_it_pipes_in(real):
    refused(real.apart("people", "enrol"), 12, "no terminal")
    refused(real.apart("people", "add", "x", "--name", "X", "--role", "clerk"), 13, "enrol")
    at_a_terminal(real.folder, ["people", "enrol"], Pocket().enrolment())

    said = real.apart(
        "people", "add", "x", "--name", "X", "--role", "clerk", env={"PASSPHRASE": PASSPHRASE}
    )

    refused(said, 12, "no terminal")
    assert refusals(real) == 3


def test_nothing_on_the_line_is_a_passphrase(real):
    for option in ("--passphrase", "--password", "--code", "--otp"):
        refused(real("people", "enrol", option, "x"), 2, option)


def test_before_enrolling_a_real_archive_says_how(real):
    said = real("people", "add", "jdoe", "--name", "J. Doe", "--role", "clerk")

    refused(said, 13, "no credentials", "archiver people enrol")


# --- the roster ---------------------------------------------------------------------------------


def test_a_role_is_given_for_a_while_and_listed_on_any_day(clerk):
    clerk("people", "add", "jdoe", "--name", "J. Doe", "--role", "clerk")

    days = ["--from", "2999-01-02", "--until", "2999-01-03"]
    given = clerk("people", "role", "J. Doe", "--give", "counsel", *days)

    assert given.code == 0
    assert [
        people(clerk, "--on", day)["J. Doe"]
        for day in ("2999-01-01", "2999-01-02", "2999-01-03", "2999-01-04")
    ] == [["clerk"], ["clerk", "counsel"], ["clerk", "counsel"], ["clerk"]]
    assert people(clerk)["J. Doe"] == ["clerk"]


def test_who_leaves_is_shown_with_what_they_hand_over(clerk):
    clerk("people", "add", "jdoe", "--name", "J. Doe", "--role", "clerk")
    with Path("config.toml").open("a", encoding="utf-8") as config:
        config.write('owner = "J. Doe"\ntoken_env = "NOWHERE_TOKEN"\n')

    left = clerk("people", "leave", "J. Doe", "--json")
    shown = clerk("people", "show", "J. Doe", "--json").told
    said = clerk("people", "show", "J. Doe").out

    assert "to hand over: pages: nowhere\nto hand over: tokens: NOWHERE_TOKEN\n" in said
    assert left.told["handover"]["pages"] == ["nowhere"]
    assert left.told["handover"]["tokens"] == ["NOWHERE_TOKEN"]
    assert shown["left_on"] == left.told["left_on"]
    assert shown["enrolled"] is False
    assert "J. Doe is inactive" not in clerk("people", "list").out


def test_whoever_is_administrator_and_auditor_is_named_once_there_is_somebody_else(newcomer):
    newcomer("init")
    alone = newcomer("people", "list")
    with sqlite3.connect("archive/catalogue.sqlite") as catalogue:
        tenures = '{"clerk": [["2020-01-01", null]]}'
        values = (9, "p-9", "J. Doe", "jdoe", False, tenures)
        catalogue.execute(
            "INSERT INTO people (n, person, name, account, shared, tenures)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            values,
        )
    catalogue.close()

    said = newcomer("people", "list")
    first, _, other = newcomer("people", "list", "--json").told["people"]

    assert "administrator and auditor" not in alone.err
    assert f"{first['name']} is administrator and auditor" in said.err
    assert (first["mixed"], other["mixed"]) == (True, False)


def test_in_a_demonstration_an_administrator_may_be_auditor(clerk):
    both = ("--role", "administrator", "--role", "auditor")

    assert clerk("people", "add", "jdoe", "--name", "J. Doe", *both).code == 0
    assert "administrator and auditor" not in clerk("people", "list").err
    assert clerk("people", "role", "J. Doe", "--give", "clerk").code == 0


def test_a_role_is_either_given_or_taken(clerk):
    clerk("people", "add", "jdoe", "--name", "J. Doe", "--role", "clerk")

    refused(clerk("people", "role", "J. Doe"), 2, "--give or --take")
    refused(clerk("people", "role", "J. Doe", "--give", "chief", "--take", "clerk"), 2, "--give")
    assert clerk("people", "role", "J. Doe", "--take", "clerk").code == 0
    assert people(clerk)["J. Doe"] == []


def test_nobody_of_that_name_is_answered_with_where_the_names_are(clerk):
    for words in (
        ("show", "nobody"), ("leave", "nobody"), ("role", "nobody", "--give", "clerk"),
        ("enrol", "nobody"), ("reset", "nobody"),
    ):  # fmt: skip
        refused(clerk("people", *words), 5, "people list")


def test_to_act_as_somebody_else_one_must_be_at_a_terminal_and_enrolled(clerk):
    clerk("people", "add", "jdoe", "--name", "J. Doe", "--role", "counsel")

    said = clerk.apart(
        "--as", "J. Doe", "holds", "issue", "--matter=m", "--reason=r", "--page=export"
    )

    refused(said, 13, "J. Doe has no credentials")
    assert clerk("holds", "list", "--json").told["holds"] == []
    assert refusals(clerk) == 1


def test_a_shared_account_holds_nothing_and_says_what_to_do(clerk):
    with sqlite3.connect("archive/catalogue.sqlite") as catalogue:
        catalogue.execute("UPDATE people SET shared = 1 WHERE account != 'scheduler'")
    catalogue.close()

    said = clerk("holds", "issue", "--matter=m", "--reason=r", "--page=export")

    refused(said, 10, "several people use", "--as NAME")
    assert clerk("items", "search", "bus", "--json").told["total"] == 1
    assert refusals(clerk) == 1


def test_an_administrator_searches_shows_and_reviews_nothing(clerk):
    item = clerk.item("bus")
    tenures = '{"administrator": [["2020-01-01", null]]}'
    with sqlite3.connect("archive/catalogue.sqlite") as catalogue:
        catalogue.execute("UPDATE people SET tenures = ? WHERE account != 'scheduler'", [tenures])
    catalogue.close()

    for words in (
        ("items", "search", "bus"), ("items", "show", item), ("items", "thread", item),
        ("review", "list"),
    ):  # fmt: skip
        refused(clerk(*words), 10, "may not read")
    assert refusals(clerk) == 4


def test_restricted_hits_are_neither_shown_nor_counted(clerk):
    item = clerk.item("bus")
    tenures = '{"clerk": [["2020-01-01", null]]}'
    with sqlite3.connect("archive/catalogue.sqlite") as catalogue:
        catalogue.execute("UPDATE items SET restricted = 'person' WHERE item = ?", [item])
        catalogue.execute("UPDATE people SET tenures = ? WHERE account != 'scheduler'", [tenures])
    catalogue.close()

    told = clerk("items", "search", "bus", "--json").told
    said = clerk("items", "search", "bus")

    assert (told["total"], told["items"], told["not_searched"]) == (0, [], 1)
    assert "\n0 found; searched 4 of 4 items" in said.err
    assert "never counted: 1 restricted item of the archive" in said.err
    refused(clerk("items", "show", item), 10, "may not read restricted")
