"""Proving the archive whole, and getting it back, as the custodian does it."""

from __future__ import annotations

import json
import shutil
import signal

import pyrage
import pytest

IDENTITY = pyrage.x25519.Identity.generate()


@pytest.fixture
def vault(tmp_path):
    """A place apart, with the key of the backups."""
    folder = tmp_path / "vault"
    folder.mkdir()
    (folder / "key.txt").write_text(f"{IDENTITY}\n")
    (folder / "passphrase.txt").write_text("correct horse battery\n")
    (folder / "passphrase.txt").chmod(0o600)
    return folder


def told(said):
    return said.told


def test_an_archive_that_nobody_touched_is_whole(clerk):
    said = clerk("verify", "--read-data", "--json")

    found = told(said)
    assert said.code == 0
    assert found["ok"] is True
    assert found["objects"] == found["read"] > 0
    assert found["ledger"]["ok"] is True
    assert [found[k] for k in ("damaged", "missing", "stray", "unfinished")] == [[], [], [], []]
    assert "everything is whole" in clerk("verify").out


def test_a_flipped_object_is_named_and_the_exit_code_is_1(clerk):
    victim = next((clerk.folder / "archive" / "objects" / "items").rglob("*.c.*"))
    victim.chmod(0o600)
    data = bytearray(victim.read_bytes())
    data[10] ^= 1
    victim.write_bytes(bytes(data))

    said = clerk("verify", "--read-data", "--json")

    assert said.code == 1
    assert told(said)["damaged"] == [victim.name]
    assert "NOT everything is whole" in clerk("verify", "--read-data").out


@pytest.mark.parametrize("share", ["0", "101%", "-1%", "much"])
def test_a_sample_is_a_share(clerk, share):
    assert clerk("verify", "--read-data", f"--sample={share}").code == 2


def test_a_sample_without_reading_is_refused(clerk):
    said = clerk("verify", "--sample", "1%")

    assert said.code == 2
    assert "--read-data" in said.err


def test_the_ledger_proves_itself(clerk):
    said = clerk("ledger", "verify", "--json")

    assert said.code == 0
    assert told(said)["entries"] == told(said)["signed"] > 0


def test_a_lost_catalogue_is_rebuilt(clerk):
    before = told(clerk("status", "--json"))["index"]
    for path in (clerk.folder / "archive").glob("catalogue.sqlite*"):
        if path.is_file():
            path.unlink()

    said = clerk("rebuild", "--json")

    assert said.code == 0
    assert told(said)["items"] == told(said)["indexed"] == before["of"]
    assert told(said)["lost"] == []
    assert clerk("verify", "--read-data").code == 0


def test_what_a_rebuild_lost_is_named_by_the_hold_and_by_status(clerk):
    clerk("holds", "issue", "--matter=Doe", "--reason=claim", "--query=library")
    assert told(clerk("holds", "show", "H-0001", "--json"))["lost"] == 0
    for victim in (clerk.folder / "archive" / "objects" / "items").rglob("*.c.*"):
        if b"library" in victim.read_bytes():
            lost = victim.name.partition(".")[0]
            victim.unlink()
    for path in (clerk.folder / "archive").glob("catalogue.sqlite*"):
        if path.is_file():
            path.unlink()

    said = clerk("rebuild")

    assert (said.code, f"lost: {lost}: " in said.err) == (1, True)
    report = told(clerk("holds", "report", "H-0001", "--json"))
    assert [(one["item"], one["covered"]) for one in report["lost"]] == [(lost, "not known")]
    assert lost in clerk("holds", "report", "H-0001").out
    (listed,) = told(clerk("holds", "list", "--json"))["holds"]
    shown = told(clerk("holds", "show", "H-0001", "--json"))
    assert [(hold["covered"], hold["lost"]) for hold in (listed, shown)] == [(0, 1)] * 2
    assert "0, and 1 lost" in clerk("holds", "list").out
    problems = {each["subject"]: each for each in told(clerk("status", "--json"))["problems"]}
    assert "H-0001" in problems["lost items"]["what"]
    assert "archiver rebuild" in problems["lost items"]["remedy"]


def test_a_rebuild_over_a_catalogue_is_refused(clerk):
    said = clerk("rebuild")

    assert said.code == 51
    assert "not empty" in said.err


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_no_backup_is_sealed_under_a_passphrase_that_others_may_read(clerk, vault, mode):
    (vault / "passphrase.txt").chmod(mode)

    said = clerk("backup", str(vault / "a.age"), "--passphrase-file", str(vault / "passphrase.txt"))

    assert (said.code, "chmod 600" in said.err) == (2, True)
    assert not (vault / "a.age").exists()


@pytest.mark.parametrize(
    "sealed", ["recipient", pytest.param("passphrase", marks=pytest.mark.proof)]
)  # age makes trying a passphrase take a second and more, three times over
def test_an_archive_that_burnt_down_comes_back_and_is_confirmed(clerk, vault, sealed):
    file, phrase = str(vault / "archive.age"), str(vault / "passphrase.txt")
    seals = {
        "recipient": ["--recipient", str(IDENTITY.to_public())],
        "passphrase": ["--passphrase-file", phrase],
    }
    keys = {
        "recipient": ["--identity", str(vault / "key.txt")],
        "passphrase": ["--passphrase-file", phrase],
    }
    made = clerk("backup", file, *seals[sealed], "--json")
    assert made.code == 0
    shutil.rmtree(clerk.folder / "archive")
    (clerk.folder / "config.toml").unlink()
    if sealed == "passphrase":
        (vault / "wrong.txt").write_text("wrong horse battery\n")
        wrong = clerk("restore", file, "--passphrase-file", str(vault / "wrong.txt"))
        assert (wrong.code, "does not open" in wrong.err) == (52, True)
        assert not (clerk.folder / "config.toml").exists()

    back = clerk("restore", file, *keys[sealed], "--json")

    assert back.code == 0
    assert told(back)["objects"] == told(made)["objects"] > 0
    assert clerk("verify", "--read-data").code == 0
    unanswered = clerk.apart("restore", "--reconcile")
    assert unanswered.code == 22
    assert "--yes" in unanswered.err
    assert any(p["subject"] == "restore" for p in told(clerk("status", "--json"))["problems"])
    assert clerk("restore", "--reconcile", "--yes").code == 0
    assert clerk("restore", "--reconcile", "--yes").code == 5


@pytest.mark.parametrize(
    ("answer", "code"),
    [("y\n", 0), ("n\n", 22), ("", 22)],
)
def test_a_restored_archive_destroys_nothing_until_a_person_has_said_yes(
    clerk, vault, answer, code
):
    file = str(vault / "archive.age")
    clerk("backup", file, "--recipient", str(IDENTITY.to_public()))
    shutil.rmtree(clerk.folder / "archive")
    clerk("restore", file, "--identity", str(vault / "key.txt"))

    said = clerk.apart("restore", "--reconcile", "--json", answering=answer)

    waits = {p["subject"] for p in told(clerk("status", "--json"))["problems"]} & {"restore"}
    assert (said.code, waits) == (code, {"restore"} if code else set())
    assert json.loads(said.out)["missing"] == 0


KILLED = """
import os, signal, sys

def kill(event, arguments):
    if event in ("os.listdir", "os.scandir") and ".restoring-" in str(arguments[0]):
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(kill)
"""
"""Kills a restore that has unpacked the backup, and looks for the keys to put in place."""


def a_killed_restore(clerk, vault) -> list[str]:
    """Kill a restore that has put nothing in place yet; give the words by which it is repeated."""
    file = str(vault / "archive.age")
    assert clerk("backup", file, "--recipient", str(IDENTITY.to_public())).code == 0
    words = ["restore", file, "--identity", str(vault / "key.txt")]
    assert clerk.apart(*words, prelude=KILLED).code == -signal.SIGKILL
    return words


def unpacked(clerk):
    return sorted(clerk.folder.glob(".restoring-*"))


def test_what_a_killed_restore_left_in_clear_is_named(clerk, vault):
    a_killed_restore(clerk, vault)

    (left,) = unpacked(clerk)
    named = f"unpacked backup {left}"
    found = told(clerk("status", "--json"))

    assert (left / "keys" / "archive.key").exists()
    assert [p["subject"] for p in found["problems"] if "unpacked" in p["subject"]] == [named]
    assert told(clerk("verify", "--json"))["unpacked"] == [str(left)]
    assert str(left) in clerk("verify").out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("purge", 0),
        ("nightly", 1),  # of the page that nobody can reach
        ("run --once", 1),
        ("rebuild", 51),  # over the catalogue that is here
        ("restore", 51),
    ],
)
def test_what_a_killed_restore_left_in_clear_goes_with_the_next_command(clerk, vault, words, code):
    again = a_killed_restore(clerk, vault)
    assert len(unpacked(clerk)) == 1

    said = clerk.apart(*(again if words == "restore" else words.split()))

    assert (said.code, unpacked(clerk)) == (code, []), said.err
    assert "unpacked" not in clerk("status").out
    assert told(clerk("verify", "--json"))["unpacked"] == []


def test_a_backup_that_nobody_could_open_is_refused(clerk, vault):
    assert clerk("backup", str(vault / "a.age")).code == 2
    assert clerk("backup", str(vault / "a.age"), "--recipient", "age1nobody").code == 2
    assert list(vault.glob("*a.age*")) == []


def test_a_restore_without_its_key_or_with_another_is_refused(clerk, vault):
    file = str(vault / "archive.age")
    clerk("backup", file, "--recipient", str(IDENTITY.to_public()))
    (vault / "other.txt").write_text(str(pyrage.x25519.Identity.generate()))

    assert clerk("restore", file).code == 2
    assert clerk("restore", file, "--identity", str(vault / "other.txt")).code == 52
    assert clerk("restore").code == 2


def test_there_is_nothing_to_sweep_in_a_clean_archive(clerk):
    assert told(clerk("strays", "list", "--json")) == {"strays": []}
    assert told(clerk("strays", "destroy", "--json")) == {"destroyed": 0, "stayed": []}
