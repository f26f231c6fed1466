"""Whose checkpoints are believed: the key of now, and each before it up to its own end."""

from __future__ import annotations

import pytest

from archiver.ledger.keys import generate
from archiver.ledger.notes import Checkpoint, Signer, VerifierKey
from archiver.ledger.tiles import LedgerCopy
from archiver.ledger.trust import PastKey, Trust
from archiver.records.errors import LedgerDamaged
from tests.ledger.conftest import ORIGIN, Book, WatchedShelf

ROOT = bytes(32)


def a_note(signer: Signer, entries: int, origin: str = ORIGIN) -> bytes:
    return signer.sign(Checkpoint(origin, entries, ROOT).text())


@pytest.mark.parametrize(("entries", "believed"), [(9, True), (10, True), (11, False)])
def test_a_key_that_was_followed_is_believed_up_to_where_it_was(signer, entries, believed):
    old = Signer(ORIGIN, generate())
    trust = Trust(ORIGIN, signer.verifier_key, [PastKey(old.verifier_key, 10)])

    if believed:
        assert trust.checkpoint(a_note(old, entries)).size == entries
    else:
        with pytest.raises(LedgerDamaged, match="was followed by another at 10"):
            trust.checkpoint(a_note(old, entries))


def test_the_key_of_now_is_believed_at_any_size_even_where_it_signed_before(signer):
    trust = Trust(ORIGIN, signer.verifier_key, [PastKey(signer.verifier_key, 10)])

    assert trust.checkpoint(a_note(signer, 11)).size == 11


def test_a_strangers_checkpoint_and_one_of_another_ledger_are_refused(signer):
    trust = Trust(ORIGIN, signer.verifier_key)

    with pytest.raises(LedgerDamaged, match="no signature"):
        trust.checkpoint(a_note(Signer(ORIGIN, generate()), 3))
    with pytest.raises(LedgerDamaged, match=r"is of another\.example"):
        trust.checkpoint(a_note(signer, 3, "another.example"))


def test_a_past_key_is_written_and_read_again(signer):
    past = PastKey(signer.verifier_key, 12)

    assert PastKey.from_text(str(past)) == past
    with pytest.raises(ValueError, match="not an Ed25519 key"):
        PastKey.from_text("12 name+00000000+AAAA")


def test_a_copy_signed_with_the_old_key_goes_on_under_the_new(signer):
    new = Signer(ORIGIN, generate())
    book = Book(WatchedShelf(), signer)
    book.write(300)
    book.bring_up()
    anchor = book.copy.note()
    copy = LedgerCopy(book.shelf, new, ORIGIN, [PastKey(signer.verifier_key, 300)])

    copy.sign_anew()
    book.write(5)
    copy.bring_up_to(305, book.root(), book.between)

    assert Trust(ORIGIN, new.verifier_key).checkpoint(copy.note()).size == 305
    assert copy.continues(anchor).size == 300
    assert copy.verify(305, book.root()).ok
    with pytest.raises(LedgerDamaged, match="no signature"):
        book.bring_up()  # a process that still has the old key signs nothing more


def test_a_key_has_one_text(signer):
    assert VerifierKey.from_text(str(signer.verifier_key)) == signer.verifier_key
