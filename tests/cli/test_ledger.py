"""`ledger` at the command line: proofs for others, anchors, and a new signing key."""

from __future__ import annotations

from pathlib import Path


def test_the_proof_of_an_item_is_written_once_into_two_files(clerk):
    item = clerk.item("happy")

    said = clerk("ledger", "prove", item, "--out", "exhibit-12")

    assert said.code == 0
    assert "item.captured" in said.out
    assert (clerk.folder / "exhibit-12.leaf").read_bytes().startswith(b'{"by":')
    assert (clerk.folder / "exhibit-12.tlog-proof").read_text("utf-8").startswith("c2sp.org/tlog-")
    (clerk.folder / "exhibit-12.leaf").rename(clerk.folder / "exhibit-12.away")
    again = clerk("ledger", "prove", item, "--out", "exhibit-12")
    assert again.code == 53
    assert "error: --out: exhibit-12.tlog-proof is there already; nothing was written" in again.err
    assert "remedy: Choose another name, or move away what is there." in again.err
    assert not (clerk.folder / "exhibit-12.leaf").exists(), "neither of both is written"
    told = clerk("ledger", "prove", "--entry", "0", "--out", "first", "--json").told
    assert (told["entry"], told["leaf"]) == (0, "first.leaf")
    assert Path(told["proof"]).exists()


def test_an_item_or_an_entry_is_to_be_named_and_not_both(clerk):
    assert clerk("ledger", "prove", "--out", "x").code == 2
    assert clerk("ledger", "prove", "abc", "--entry", "1", "--out", "x").code == 2
    assert clerk("ledger", "prove", "--entry", "999999", "--out", "x").code == 5


def test_the_key_may_change_and_anchors_of_before_are_still_continued(clerk):
    (clerk.folder / "elsewhere").mkdir()
    anchor = clerk("ledger", "anchor", "elsewhere").out.strip()
    old = clerk("ledger", "key").out.strip()

    changed = clerk("ledger", "change-key")

    told = clerk("ledger", "key", "--json").told
    assert changed.code == 0
    assert told["key"] != old
    assert [past["key"] for past in told["past"]] == [old]
    verified = clerk("ledger", "verify", "--since", anchor, "--json")
    assert verified.code == 0
    assert verified.told["anchors"] == {"checked": 1, "faults": []}
    assert verified.told["first_bad"] is None


def test_an_anchor_of_another_archive_is_a_fault_and_named(clerk):
    forged = clerk.folder / "forged.checkpoint"
    forged.write_bytes(b"archive.example\n3\nAAAA\n\n\xe2\x80\x94 archive.example AAAAAAAA\n")

    said = clerk("ledger", "verify", "--since", "forged.checkpoint")

    assert said.code == 1
    assert "anchor forged.checkpoint" in said.err
    assert "NOT whole" in said.out


def test_an_archive_without_an_authority_says_where_to_name_one(clerk):
    said = clerk("ledger", "stamp")

    assert said.code == 2
    assert "[[time_stamps]]" in said.err


def test_an_authority_that_does_not_answer_is_named_and_shown_by_status(clerk):
    config = clerk.folder / "config.toml"
    config.write_text(
        config.read_text("utf-8")
        + '[[time_stamps]]\nurl = "http://127.0.0.1:9/tsr"\ncertificate = "absent.pem"\n',
        "utf-8",
    )

    said = clerk("ledger", "stamp")

    assert said.code == 1
    assert "absent.pem" in said.err
    status = clerk("status")
    assert "could not be left with a witness" in status.out + status.err


def test_the_proof_of_an_item_is_shown_and_told(clerk):
    item = clerk.item("happy")

    told = clerk("items", "show", item, "--proof", "--json").told["proof"]
    said = clerk("items", "show", item, "--proof").out

    assert [deed["kind"] for deed in told["deeds"]] == ["item.captured"]
    assert told["kept_because"]
    assert "kept because: " in said
    assert f"{told['deeds'][0]['index']}\t" in said
