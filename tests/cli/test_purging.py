"""What a purge, a carrying out and a resuming say when the store refuses a part of them.

First what was done, then the refusal.
"""

from __future__ import annotations

from pathlib import Path

from archiver.objects import opening
from archiver.objects.folder import FolderStore
from archiver.procedures import authority, dispose
from archiver.records import ceiling
from archiver.records.errors import CeilingReached, DestructionUnproven, ObjectDamaged, ObjectError
from tests.cli.clerk import LAPSED


class StillLists(FolderStore):
    """A folder that still lists what one item had, whatever is done."""

    item = ""

    def destroy(self, owners):
        if self.item in owners:
            raise DestructionUnproven(f"{self.item} is still listed")
        return super().destroy(owners)


def refuse_to_destroy(item, monkeypatch):
    """Have the store refuse one item from now on."""
    monkeypatch.setattr(opening, "FolderStore", StillLists)
    monkeypatch.setattr(StillLists, "item", item)


def test_what_a_store_refuses_is_said_after_what_the_purge_came_to(clerk, monkeypatch):
    refuse_to_destroy(clerk.item("everyone"), monkeypatch)

    said = clerk("purge", "--json")

    assert said.code == DestructionUnproven.exit_code
    assert (said.told["due"], said.told["destroyed"], said.told["stayed"]) == (
        LAPSED,
        0,
        [],
    )
    assert "still listed" in said.err
    assert "remedy" in said.err


def test_a_purge_that_the_store_refused_whole_is_not_called_a_plan_that_waits(clerk, monkeypatch):
    refuse_to_destroy(clerk.item("everyone"), monkeypatch)

    said = clerk("purge")

    assert said.code == DestructionUnproven.exit_code
    assert said.out.splitlines() == [
        f"{LAPSED} items due, 0 destroyed, 0 stayed",
        "besides, 1 item is due by people's approval alone: `archiver dispositions plan`",
    ]


def test_a_plan_of_nothing_because_all_that_is_due_is_held_waits_for_nobody(clerk):
    clerk("holds", "issue", "--matter", "m", "--reason", "r", "--query", "friday")

    said = clerk("purge")

    assert said.out.splitlines()[0] == f"{LAPSED} items due, 0 destroyed, {LAPSED} stayed"
    assert "waits" not in said.out


def test_a_plan_that_was_proposed_waits_though_a_part_of_what_is_due_is_held(clerk):
    config = Path("config.toml").read_text("utf-8").replace("carry-out", "propose")
    Path("config.toml").write_text(config, "utf-8")
    clerk("holds", "issue", "--matter", "m", "--reason", "r", "--query", "everyone")

    said = clerk("purge")

    assert said.out.splitlines()[0] == f"{LAPSED} items due, 0 destroyed, 1 stayed"
    assert "waits: read it with" in said.out


def test_what_a_store_refuses_of_an_approved_plan_is_said_after_what_was_done(clerk, monkeypatch):
    plan = clerk("dispositions", "plan", "--series", "DEMO-100", "--json").told["plan"]
    clerk("dispositions", "approve", plan, "--step", "second_person")
    refuse_to_destroy(clerk.item("everyone"), monkeypatch)

    said = clerk("dispositions", "carry-out", plan, "--json")
    again = clerk("dispositions", "resume", "--json")

    assert said.code == again.code == DestructionUnproven.exit_code
    assert (said.told["destroyed"], said.told["stayed"], again.told) == (0, [], {"finished": 0})
    assert "still listed" in said.err
    assert "still listed" in again.err
    monkeypatch.setattr(StillLists, "item", "")
    assert clerk("dispositions", "resume", "--json").told == {"finished": LAPSED}


def lose(item):
    """Take the bytes of one item out of the store, behind our back."""
    [path] = Path("archive/objects/items").glob(f"*/{item}.c*")
    path.unlink()


def test_what_is_lost_stays_and_is_said_after_what_the_purge_came_to(clerk):
    item = clerk.item("everyone")
    lose(item)

    said = clerk("purge", "--json")

    assert said.code == ObjectDamaged.exit_code
    assert (said.told["due"], said.told["destroyed"]) == (LAPSED, LAPSED - 1)
    assert said.told["stayed"] == [{"id": item, "reasons": ["bytes_not_as_kept DEMO-100"]}]
    assert f"1 item stays, of which bytes are missing or not those we kept: {item[:12]}" in said.err
    assert "remedy" in said.err
    assert clerk("verify").code == 1


def test_what_is_lost_of_an_approved_plan_stays_and_is_said_after_what_was_done(clerk):
    plan = clerk("dispositions", "plan", "--series", "DEMO-100", "--json").told["plan"]
    clerk("dispositions", "approve", plan, "--step", "second_person")
    item = clerk.item("everyone")
    lose(item)

    said = clerk("dispositions", "carry-out", plan, "--json")

    assert said.code == ObjectDamaged.exit_code
    assert said.told["destroyed"] == LAPSED - 1
    assert said.told["stayed"] == [{"id": item, "reasons": ["bytes_not_as_kept DEMO-100"]}]
    [told] = clerk("dispositions", "certificate", plan, "--json").told["certificates"]
    assert told["exceptions"] == [[item, ["bytes_not_as_kept DEMO-100"]]]


def test_what_is_gone_for_good_a_person_keeps_longer_and_no_purge_names_it_any_more(clerk):
    item, because = clerk.item("everyone"), ("--reason", "the disk failed: report 12 of IT")
    lose(item)
    assert "`archiver dispositions extend" in clerk("purge").err
    plan = clerk("dispositions", "plan", "--series", "DEMO-100", "--json").told["plan"]

    kept = clerk("dispositions", "extend", plan, "--item", item, "--days", "36500", *because)
    said = clerk("purge", "--json")

    assert (kept.code, said.code) == (0, 0)
    assert (said.told["due"], said.told["stayed"]) == (0, [])
    shown = clerk("items", "show", item, "--json").told
    assert (shown["life"], "everyone" in shown["text"].lower()) == ("live", True)
    missing = clerk("verify", "--json").told["missing"]
    assert [item in str(fault) for fault in missing] == [True]


def test_a_night_names_what_is_lost_as_a_problem_and_ends_with_1(clerk):
    lose(clerk.item("everyone"))

    said = clerk("nightly", "--json")

    assert said.code == 1
    assert said.told["purge"]["destroyed"] == LAPSED - 1
    problems = [one["what"] for one in said.told["problems"]]
    assert "purge: the bytes in the store are not the bytes that were kept" in problems


def test_a_purge_above_the_ceiling_says_what_is_due_and_then_that_it_was_stopped(
    clerk, monkeypatch
):
    for place in (authority, ceiling):
        monkeypatch.setattr(place, "NEVER_BELOW", LAPSED - 1)

    said = clerk("purge", "--json")

    assert said.code == CeilingReached.exit_code
    assert (said.told["due"], said.told["destroyed"]) == (LAPSED, 0)


class Silent(FolderStore):
    """A folder that answers nothing any more once it has destroyed so many times."""

    left = 1

    def destroy(self, owners):
        if not self.left:
            raise ObjectError("the store does not answer")
        type(self).left -= 1
        return super().destroy(owners)


def test_what_went_before_the_store_fell_silent_is_said_before_that_it_did(clerk, monkeypatch):
    monkeypatch.setattr(opening, "FolderStore", Silent)
    monkeypatch.setattr(Silent, "left", 1)
    for name in ("BATCH", "GROUP"):
        monkeypatch.setattr(dispose, name, 1)

    said = clerk("purge", "--json")
    again = clerk("dispositions", "resume", "--json")

    assert said.code == again.code == ObjectError.exit_code
    assert (said.told["due"], said.told["destroyed"]) == (LAPSED, 1)
    assert again.told == {"finished": 0}
    assert "does not answer" in said.err
    monkeypatch.setattr(Silent, "left", LAPSED)
    assert clerk("dispositions", "resume", "--json").told == {"finished": LAPSED - 1}
