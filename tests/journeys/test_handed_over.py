"""A transfer from the desk: bagged, received, certified; and killed on its way."""

from __future__ import annotations

import signal

import pytest

from tests.cli.clerk import Clerk, a_desk
from tests.procedures.test_transferring import bag_is_valid

BECAUSE = ("--reason", "it belongs to the case file")


@pytest.fixture
def approved(clerk: Clerk) -> str:
    """A plan to transfer two posts of a closed case, which is approved."""
    a_desk(clerk.folder)
    assert clerk("init").code == 0
    assert clerk("import", "export.zip", "--page", "export").code == 0
    found = [clerk.item(query) for query in ("water", "library")]
    for item in found:
        assert (
            clerk("review", "decide", item, "--tag=substantive", "--series=DEMO-300", *BECAUSE).code
            == 0
        )
        closed = ("--trigger", "case_closed", "--date", "2024-03-31", *BECAUSE)
        assert clerk("items", "trigger", item, *closed).code == 0
    made = clerk("dispositions", "plan", "--action", "transfer", "--json").told
    assert made["due"] == len(found), made
    for step in ("records_custodian", "department_head"):
        assert clerk("dispositions", "approve", made["plan"], "--step", step).code == 0
    return str(made["plan"])


def test_what_is_handed_over_is_bagged_received_and_certified(clerk, approved):
    (clerk.folder / "usb").mkdir()
    (clerk.folder / "receipt.pdf").write_bytes(b"%PDF received")
    to = ("--to", "usb", "--recipient", "Case file")

    bag = clerk("dispositions", "transfer", approved, *to, "--json").told

    assert (bag["bag"], bag["items"], bag["status"]) == ("B-000001", 2, "bagged")
    assert bag_is_valid(clerk.folder / bag["path"])
    assert "waits 0 days for its receipt" in clerk("status").out
    wrong = clerk("dispositions", "receipt", approved, "--document=receipt.pdf", "--sha256=00")
    assert wrong.code == 15
    right = ("--document=receipt.pdf", "--sha256", bag["manifest"], "--json")
    assert clerk("dispositions", "receipt", approved, *right).told["status"] == "received"
    printed = clerk("dispositions", "certificate", approved, "--pdf", "c.pdf", "--json").told
    assert printed["certificates"][0]["receipt"]["status"] == "received"
    assert (clerk.folder / "c.pdf").read_bytes().startswith(b"%PDF")
    assert "Case file" in clerk("dispositions", "certificate", "B-000001").out
    assert clerk("dispositions", "transfer", approved, *to).code == 15
    assert clerk("verify").code == 0


KILLED = """
import os, signal, sys
left = {}

def count(event, arguments):
    global left
    if event in ("open", "os.rename", "os.mkdir") and "usb" in str(arguments[0]):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(count)
"""
"""Kills the program when it touches the place of the bag once more than so often."""


@pytest.mark.parametrize("every", [12, pytest.param(1, marks=pytest.mark.proof)])
def test_a_transfer_that_is_killed_anywhere_is_gone_on_with_by_the_same_command(
    clerk, approved, every
):
    usb, killed = clerk.folder / "usb", 0
    usb.mkdir()
    words = ("dispositions", "transfer", approved, "--to", "usb", "--recipient", "Case file")

    for touches in range(0, 300, every):
        ran = clerk.apart(*words, prelude=KILLED.format(touches))
        named = [each for each in usb.iterdir() if not each.name.startswith(".")]
        assert all(bag_is_valid(each) for each in named)
        if ran.code != -signal.SIGKILL:
            break
        killed += 1

    assert (ran.code, killed > 2) == (0, True), ran.err
    assert [each.name for each in usb.iterdir()] == ["B-000001"]
    assert clerk("verify").code == 0
