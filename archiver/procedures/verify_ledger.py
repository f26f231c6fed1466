"""Verifying the ledger: its rows, its head, its signed copy, and the holds it tells of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from archiver.catalogue import recomputing
from archiver.ledger.checking import Report
from archiver.ledger.layout import CHECKPOINT
from archiver.procedures.account import Account
from archiver.procedures.rekeying import changes
from archiver.records.errors import LedgerDamaged

_TRIES = 5


@dataclass(frozen=True, slots=True)
class LedgerFindings:
    """What a check of the ledger found.

    *behind* is how many entries its signed copy does not hold yet, which is said and no fault.
    *damaged* and *missing* name files of the copy. Its checkpoint is missing wherever there are
    entries and nothing signed: each deed is signed before it is acknowledged, the first one, too.
    """

    entries: int
    signed: int
    behind: int
    faults: tuple[str, ...]
    damaged: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Say whether ledger and copy are as they were written."""
        return not (self.faults or self.damaged or self.missing)


UNPROVEN = LedgerFindings(0, 0, 0, ("it could not be recomputed",), (), ())
"""What is said of a ledger over whose rows the look at it stumbled."""


def verify_ledger(account: Account) -> LedgerFindings:
    """Recompute the ledger from its leaves, and hold its signed copy against it.

    Deeds go on meanwhile: where the copy grew between two looks, it is looked at again.
    """
    for _ in range(_TRIES):
        rows, copy, signed = _look(account)
        if signed is None or copy.size == signed:
            break
    behind = max(0, rows.size - copy.size)
    faults = (*rows.faults, *copy.faults, *_untold_keys(account))
    missing = (CHECKPOINT, *copy.missing) if rows.size and not copy.size else copy.missing
    return LedgerFindings(rows.size, copy.size, behind, faults, copy.damaged, missing)


def _untold_keys(account: Account) -> Iterator[str]:
    """Name every past key of the key files that the ledger does not tell of."""
    past = account.copy.past_keys
    followed = {old for old, _ in changes(account)} if past else set[str]()
    for key in past:
        if key not in followed:
            yield f"the past key {key} was never entered as followed by another"


def _look(account: Account) -> tuple[recomputing.Report, Report, int | None]:
    try:
        signed: int | None = account.copy.size()
    except LedgerDamaged:
        signed = None
    with account.catalogue.reading() as connection:
        rows = recomputing.recompute(connection, at=signed, key=account.key)
    if signed is None or rows.root_at is None:
        return rows, account.copy.verify(rows.size, rows.root), signed
    return rows, account.copy.verify(signed, rows.root_at), signed
