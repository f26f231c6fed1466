"""The scheduler decides nothing: not at one command, not by one right."""

from __future__ import annotations

import sqlite3

import click
import pytest

from archiver.records.errors import NotPermitted
from archiver.records.people import Person, Right, Role
from tests.cli.clerk import Clerk
from tests.commands_page import each_command

ITS_OWN = {Right.CAPTURE, Right.MAINTAIN}
"""What the scheduler is there for."""

FILE = "order.pdf"
SCOPE = ("--query", "friday")
NOTES = ("--reason", "because")

DECIDES: dict[str, tuple[str, ...]] = {
    "people add": ("jdoe", "--name", "J. Doe", "--role", "clerk"),
    "people enrol": ("Somebody",),
    "people leave": ("Somebody",),
    "people reset": ("Somebody",),
    "people role": ("Somebody", "--give", "counsel"),
    "items restrict": ("ITEM", *NOTES),
    "items unrestrict": ("ITEM", *NOTES),
    "items trigger": ("ITEM", "--trigger", "case_closed", "--date", "2024-05-01", *NOTES),
    "review decide": ("ITEM", "--tag", "substantive", "--series", "DEMO-200", *NOTES),
    "review declare": ("ITEM", *NOTES),
    "holds acknowledge": ("H-0001",),
    "holds extend": ("H-0001", *SCOPE, *NOTES, "--no-capture"),
    "holds issue": ("--matter", "M-0001", *SCOPE, *NOTES, "--no-capture"),
    "holds lift": ("H-0001", *NOTES, "--authority", FILE),
    "holds narrow": ("H-0001", *SCOPE, *NOTES, "--authority", FILE),
    "holds notice": ("H-0001", "--to", "J. Doe"),
    "holds review": ("H-0001", *NOTES),
    "holds widen": ("H-0001", *SCOPE, *NOTES, "--no-capture"),
    "matters close": ("M-0001", *NOTES),
    "matters open": ("Roe", "--kind", "litigation"),
    "requests close": ("R-0001", "--outcome", "answered"),
    "requests narrow": ("R-0001", *SCOPE, *NOTES),
    "requests open": (
        *("--number", "1", "--kind", "cpra", "--received", "2024-05-01", "--about", "a street"),
        *("--from", "1900-01-01", "--no-capture"),
    ),
    "orders answer": ("O-0001", "document/none", "--found", "nothing", "--reason", "r"),
    "orders carry-out": ("O-0001",),
    "orders confirm": ("O-0001",),
    "orders enter": (
        *("--document", FILE, "--court", "District", "--number", "1", "--dated", "2024-05-01"),
        *SCOPE,
    ),
    "orders hand-back": ("O-0001", "--to", "."),
    "orders receipt": ("O-0001", "--document", FILE),
    "orders lift": ("O-0001", "--document", FILE),
    "connectors enable": (
        *("nowhere", "--term", "none", "--statute", "34090"),
        *("--counsel", "R. Roe", "--date", "2024-05-01"),
    ),
    "dispositions accept": ("P-000001", "--document", FILE),
    "dispositions approve": ("P-000001", "--step", "records_custodian"),
    "dispositions carry-out": ("P-000001",),
    "dispositions decline": ("P-000001", *NOTES),
    "dispositions extend": ("P-000001", "--days", "9", *NOTES),
    "dispositions plan": (),
    "dispositions receipt": ("P-000001", "--document", FILE),
    "dispositions transfer": ("P-000001", "--to", ".", "--recipient", "Archives"),
    "dispositions relabel": ("P-000001", "--item", "ITEM", "--series", "DEMO-200", *NOTES),
    "dispositions resume": (),
    "dispositions sample judge": ("P-000001", "ITEM", "--judgement", "record", *NOTES),
    "dispositions sample confirm": ("P-000001",),
    "purge": (),
    "strays destroy": (),
    "schedule accept-shorter": ("DEMO-200", *NOTES),
    "ledger confirm-clock": ("--reason", "r"),
    "schedule adopt": ("--confirm", "A-0001"),
    "schedule withdraw": ("A-0001", *NOTES, "--document", FILE),
}
"""Every command by which a person decides, with words that bring it as far as asking who."""

DECIDES_NOTHING = {
    "": "init demo capture connect import nightly run listen status verify rebuild backup restore "
    "relock",
    "people": "list show",
    "items": "search show thread",
    "review": "list",
    "holds": "list reminders report show",
    "matters": "list show",
    "requests": "list show",
    "orders": "by-hand list outcome preview show",
    "connectors": "check enabled list show",
    "moderation": "report",
    "dispositions": "certificate list show",
    "dispositions sample": "list show",
    "strays": "list",
    "ledger": "anchor change-key key prove stamp verify",
    "index": "feed rebuild status",
    "schedule": "adoptions check diff export import list show simulate",
}
"""Commands that read, or do the machine's own work."""


def test_of_every_command_it_is_said_here_whether_a_person_decides_by_it():
    every = {
        context.command_path.removeprefix("archiver ")
        for command, context in each_command()
        if not isinstance(command, click.Group)
    }
    nothing = {
        f"{group} {verb}".strip()
        for group, verbs in DECIDES_NOTHING.items()
        for verb in verbs.split()
    }

    assert every == nothing | DECIDES.keys()
    assert not nothing & DECIDES.keys()


@pytest.fixture
def busy(clerk: Clerk) -> Clerk:
    """A clerk whose archive has a hold, a request, an order and a plan to decide on."""
    (clerk.folder / FILE).write_bytes(b"It is ordered.")
    for words in (
        ("holds", "issue", "--matter", "Doe", "--kind", "litigation", *SCOPE, *NOTES),
        ("requests", "open", "--number", "1", "--kind", "cpra", "--received", "2024-05-01"),
        ("orders", *("enter", *DECIDES["orders enter"])),
        ("dispositions", "plan"),
    ):
        more = ("--no-capture",) if words[0] in {"holds", "requests"} else ()
        more += ("--about", "x", "--from", "1900-01-01") if words[0] == "requests" else ()
        said = clerk(*words, *more)
        assert said.code == 0, said.err
    return clerk


def deeds(clerk: Clerk) -> list[str]:
    """Give what the ledger tells, refused attempts apart."""
    with sqlite3.connect(clerk.folder / "archive" / "catalogue.sqlite") as connection:
        found = connection.execute("SELECT kind FROM ledger_entries ORDER BY seq").fetchall()
    return [kind for (kind,) in found if kind != "attempt.refused"]


def test_at_no_command_the_scheduler_decides(busy):
    item, before = busy.item("friday"), deeds(busy)

    codes = {
        name: busy(
            "--as",
            "scheduler",
            *name.split(),
            *(item if word == "ITEM" else word for word in words),
        ).code
        for name, words in DECIDES.items()
    }

    assert codes == dict.fromkeys(DECIDES, NotPermitted.exit_code)
    assert deeds(busy) == before


@pytest.mark.parametrize("right", sorted(set(Right) - ITS_OWN))
def test_no_deciding_right_is_the_schedulers_whatever_else_it_is_called(right):
    for besides in Role:
        scheduler = Person(id="p", name="S", account="s", roles=frozenset({Role.SERVICE, besides}))

        assert not scheduler.may(right)
        with pytest.raises(NotPermitted):
            scheduler.demand(right)


@pytest.mark.parametrize("right", sorted(ITS_OWN))
def test_the_scheduler_captures_and_keeps_the_archive_in_order(right):
    assert Person(id="p", name="S", account="s", roles=frozenset({Role.SERVICE})).may(right)
