"""Whose signature is believed: the key that signs now, and those that signed before it.

A key that was followed by another is believed only up to the size at which it was followed, so
that whoever finds an old key can forge nothing that came after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archiver.ledger.notes import Checkpoint, VerifierKey, open_note
from archiver.records.errors import LedgerDamaged

_KEY_CHANGED = (
    "The signing key may have been changed while this ran: start the command again. If that "
    "does not help, the file is not of this archive."
)


@dataclass(frozen=True, slots=True)
class PastKey:
    """A key that signed before, and how many entries the ledger had when another followed it."""

    key: VerifierKey
    entries: int

    def __str__(self) -> str:
        """Give the line that the file of past keys holds."""
        return f"{self.entries} {self.key}"

    @classmethod
    def from_text(cls, line: str) -> PastKey:
        """Read what `str` gave.

        Raises:
            ValueError: not such a line.
        """
        entries, _, key = line.partition(" ")
        return cls(VerifierKey.from_text(key), int(entries))


@dataclass(frozen=True, slots=True)
class Trust:
    """The keys whose checkpoints are believed under the name *origin*."""

    origin: str
    current: VerifierKey
    past: Sequence[PastKey] = ()

    def checkpoint(self, note: bytes) -> Checkpoint:
        """Give the checkpoint that *note* is, if one of our keys could sign it.

        Raises:
            LedgerDamaged: it is no checkpoint of this ledger, none of our keys signed it, or one
                did that had been followed by another by then.
        """
        signed = self._opened(note)
        if signed.origin != self.origin:
            raise LedgerDamaged(f"the checkpoint is of {signed.origin}, not of {self.origin}")
        return signed

    def _opened(self, note: bytes) -> Checkpoint:
        try:
            return Checkpoint.from_text(open_note(note, self.current))
        except LedgerDamaged as refusal:
            first = refusal
        for past in self.past:
            try:
                signed = Checkpoint.from_text(open_note(note, past.key))
            except LedgerDamaged:
                continue
            if signed.size > past.entries:
                raise LedgerDamaged(
                    f"a checkpoint of {signed.size} entries is signed with a key that was followed "
                    f"by another at {past.entries}",
                    remedy="Somebody signed with the old key: find out who still had it.",
                )
            return signed
        raise LedgerDamaged(str(first), remedy=_KEY_CHANGED) from first
