from __future__ import annotations

import base64
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.ledger.keys import generate, load
from archiver.ledger.notes import Checkpoint, Signer, VerifierKey, open_note
from archiver.records.errors import LedgerDamaged

# The example of the Go module golang.org/x/mod/sumdb/note.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
GO_NOTE = (
    GO_TEXT
    + "\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNX"
    "gKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()
TEXT = "archive.example/ledger\n3\nAAAA\n"


def test_the_note_that_go_publishes_opens_with_the_key_that_go_publishes():
    assert open_note(GO_NOTE, VerifierKey.from_text(GO_KEY)) == GO_TEXT
    assert str(VerifierKey.from_text(GO_KEY)) == GO_KEY


def test_what_we_sign_opens_with_our_public_key(signer):
    key = VerifierKey.from_text(str(signer.verifier_key))

    assert key == signer.verifier_key
    assert open_note(signer.sign(TEXT), key) == TEXT


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n")))
def test_any_text_that_may_be_a_note_comes_back_as_it_was_signed(signer, text):
    note = signer.sign(text + "\n")

    assert open_note(note, signer.verifier_key) == text + "\n"


def test_a_note_has_the_lines_that_c2sp_asks_for(signer):
    text, _, signature = signer.sign(TEXT).decode().rpartition("\n\n")
    dash, name, encoded = signature.rstrip("\n").split(" ")

    assert text + "\n" == TEXT
    assert (dash, name) == ("\u2014", signer.verifier_key.name)
    assert base64.b64decode(encoded)[:4] == signer.verifier_key.key_id
    assert len(base64.b64decode(encoded)) == 4 + 64


def test_no_byte_of_a_note_can_be_changed(signer):
    note = signer.sign(TEXT)

    for place in range(len(note)):
        for flip in (0x01, 0x80):
            spoilt = note[:place] + bytes([note[place] ^ flip]) + note[place + 1 :]
            with pytest.raises(LedgerDamaged):
                open_note(spoilt, signer.verifier_key)


def test_a_signature_has_one_spelling_only(signer):
    note = signer.sign(TEXT)
    digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = digits[digits.index(note[-3]) + 1]

    assert note[-2:] == b"=\n"
    with pytest.raises(LedgerDamaged, match="not base64"):
        open_note(note[:-3] + bytes([other]) + note[-2:], signer.verifier_key)


def test_a_note_that_was_signed_with_control_characters_in_it_is_refused_all_the_same():
    pem = generate()
    signer = Signer("a", pem)
    text = "o\n\t3\n"
    signature = base64.b64encode(signer.verifier_key.key_id + load(pem).sign(text.encode()))

    with pytest.raises(LedgerDamaged, match="not a text"):
        open_note(f"{text}\n\u2014 a {signature.decode()}\n".encode(), signer.verifier_key)


def test_a_public_key_of_another_algorithm_is_refused():
    public = bytes(32)
    key_id = VerifierKey("a", public).key_id.hex()

    with pytest.raises(ValueError, match="Ed25519"):
        VerifierKey.from_text(f"a+{key_id}+{base64.b64encode(b'2' + public).decode()}")


def test_another_key_of_the_same_name_does_not_open_our_notes(signer):
    other = Signer(signer.verifier_key.name, generate())

    with pytest.raises(LedgerDamaged, match="no signature"):
        open_note(signer.sign(TEXT), other.verifier_key)


def test_signatures_of_others_are_passed_over_and_one_false_signature_of_ours_refuses(signer):
    text, gap, ours = signer.sign(TEXT).decode().rpartition("\n\n")
    witness = Signer("witness.example", generate()).sign(TEXT).decode().rpartition("\n\n")[2]
    false = signer.sign("something else\n").decode().rpartition("\n\n")[2]

    assert open_note((text + gap + witness + ours).encode(), signer.verifier_key) == TEXT
    with pytest.raises(LedgerDamaged, match="does not fit"):
        open_note((text + gap + ours + false).encode(), signer.verifier_key)
    with pytest.raises(LedgerDamaged, match="no signature"):
        open_note((text + gap + witness).encode(), signer.verifier_key)


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"\n",
        b"text\n",
        b"text\n\n",
        b"text\n\nno signature\n",
        "text\n\n\u2014 name\n".encode(),
        "text\n\n\u2014 name AAAA\n".encode(),
        "text\n\n\u2014 name not-base64!\n".encode(),
        "text\n\n\u2014  AAAAAAAAAAAA\n".encode(),
        b"\xff\n\n",
    ],
)
def test_what_is_no_note_is_said_to_be_damaged(signer, note):
    with pytest.raises(LedgerDamaged):
        open_note(note, signer.verifier_key)


def test_a_note_with_control_characters_or_beyond_all_measure_is_refused(signer):
    for text in ("a\tb\n", "a\r\n", "a\x00\n"):
        with pytest.raises(ValueError, match="control characters"):
            signer.sign(text)
        with pytest.raises(LedgerDamaged):
            open_note(signer.sign(TEXT).replace(b"3\n", text.encode()), signer.verifier_key)
    with pytest.raises(ValueError, match="newline"):
        signer.sign("no newline")
    with pytest.raises(LedgerDamaged, match="not a text"):
        open_note(signer.sign("a" * 1_000_000 + "\n"), signer.verifier_key)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\u00a0b", "a\nb", "a\x01b"])
def test_a_key_has_a_name_that_a_signature_line_can_carry(name):
    with pytest.raises(ValueError, match="name"):
        Signer(name, generate())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        GO_KEY.replace("c74f20a3", "c74f20a4"),
        GO_KEY.replace("+ARpc", "+AhpC"),
        GO_KEY.replace("PeterNeumann", "Peter"),
        GO_KEY[:-4],
        GO_KEY + "!",
    ],
)
def test_a_public_key_that_does_not_hold_together_is_refused(text):
    with pytest.raises(ValueError, match=r".") as refusal:
        VerifierKey.from_text(text)
    assert not isinstance(refusal.value, UnicodeError)


def test_a_private_key_is_kept_as_pem_and_signs_the_same_when_read_again():
    pem = generate()

    assert pem.startswith(b"-----BEGIN PRIVATE KEY-----\n")
    assert Signer("a", pem).sign(TEXT) == Signer("a", pem).sign(TEXT)
    assert load(pem).public_key().public_bytes_raw() == Signer("a", pem).verifier_key.public
    assert generate() != pem


def test_a_private_key_of_another_kind_or_none_is_refused_with_what_to_do():
    rsa = (
        subprocess.run(
            ["openssl", "genpkey", "-algorithm", "X25519"], capture_output=True, check=True
        ).stdout
        if shutil.which("openssl")
        else b""
    )

    for spoilt in (b"", b"not a key", generate()[:60], rsa):
        with pytest.raises(LedgerDamaged, match="cannot be read") as refusal:
            load(spoilt)
        assert "backup" in refusal.value.remedy


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed here")
def test_openssl_alone_verifies_the_signature_of_a_checkpoint(signer, tmp_path):
    text, _, line = signer.sign(TEXT).decode().rpartition("\n\n")
    (tmp_path / "note.txt").write_text(text + "\n")
    (tmp_path / "false.txt").write_text(text.replace("3", "4") + "\n")
    (tmp_path / "signature").write_bytes(base64.b64decode(line.split(" ")[2])[4:])
    written = base64.b64decode(str(signer.verifier_key).split("+", 2)[2])
    (tmp_path / "key.der").write_bytes(bytes.fromhex("302a300506032b6570032100") + written[1:])

    def verdict(name):
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey"]
        command += ["key.der", "-rawin", "-in", name, "-sigfile", "signature"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode

    assert verdict("note.txt") == 0
    assert verdict("false.txt") != 0


def test_a_checkpoint_is_origin_size_and_root():
    checkpoint = Checkpoint("example.com/behind-the-sofa", 20852163, bytes(range(32)))

    assert checkpoint.text() == (
        "example.com/behind-the-sofa\n20852163\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    )
    assert Checkpoint.from_text(checkpoint.text()) == checkpoint
    assert Checkpoint.from_text(checkpoint.text() + "an extension\n") == checkpoint


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("o\n", "\n"),
        ("\n7\n", "\n07\n"),
        ("\n7\n", "\n-7\n"),
        ("\n7\n", "\n\u0667\n"),
        ("\n7\n", "\n\n"),
        ("AAECAwQ", "AAECAw!"),
        ("AAECAwQF", ""),
        ("o\n7\n", "o\n"),
        ("8=\n", "8="),
        ("8=\n", "8=\nan extension without end"),
    ],
)
def test_a_text_that_is_no_checkpoint_is_said_to_be_damaged(right, wrong):
    text = Checkpoint("o", 7, bytes(range(32))).text()
    assert right in text

    with pytest.raises(LedgerDamaged):
        Checkpoint.from_text(text.replace(right, wrong))
