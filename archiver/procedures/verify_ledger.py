"""Verifying the ledger: its rows, its head, its signed copy, and the holds it tells of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from archiver.catalogue import Reading, holds, inspection, ledger
from archiver.catalogue.holds import HoldRow
from archiver.ledger.checking import Report
from archiver.procedures.account import Account
from archiver.procedures.rekeying import changes
from archiver.procedures.verify_findings import Fault
from archiver.records.errors import LedgerDamaged
from archiver.records.events import EventKind, Leaf
from archiver.records.holds import HoldStatus
from archiver.records.identity import sha256

_TRIES = 5


@dataclass(frozen=True, slots=True)
class LedgerFindings:
    """What a check of the ledger found.

    *behind* is how many entries its signed copy does not hold yet, which is said and no fault.
    *damaged* and *missing* name files of the copy.
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
    return LedgerFindings(rows.size, copy.size, behind, faults, copy.damaged, copy.missing)


def _untold_keys(account: Account) -> Iterator[str]:
    """Name every past key of the key files that the ledger does not tell of."""
    past = account.copy.past_keys
    followed = {old for old, _ in changes(account)} if past else set[str]()
    for key in past:
        if key not in followed:
            yield f"the past key {key} was never entered as followed by another"


def _look(account: Account) -> tuple[ledger.Report, Report, int | None]:
    try:
        signed: int | None = account.copy.size()
    except LedgerDamaged:
        signed = None
    with account.catalogue.reading() as connection:
        rows = ledger.recompute(connection, at=signed)
    if signed is None or rows.root_at is None:
        return rows, account.copy.verify(rows.size, rows.root), signed
    return rows, account.copy.verify(signed, rows.root_at), signed


def holds_edited(account: Account) -> list[Fault]:
    """Name every hold that is not as the ledger and its paper tell it."""
    with account.catalogue.reading() as connection:
        told = _told_holds(connection)
        rows = {row.hold.id: row for row in holds.every(connection)}
    faults = [
        Fault(name, "the ledger tells of it, and its row is gone")
        for name in told
        if name not in rows
    ]
    for name, row in rows.items():
        if name not in told:
            faults.append(Fault(name, "the ledger does not know it"))
        else:
            paper, lifted = told[name]
            faults.extend(_hold_faults(account, row, paper, lifted=lifted))
    return faults


def _told_holds(connection: Reading) -> dict[str, tuple[str, bool]]:
    told: dict[str, tuple[str, bool]] = {}
    for data in inspection.leaves_of(connection, (EventKind.HOLD_ISSUED, EventKind.HOLD_LIFTED)):
        leaf = Leaf.from_json(json.loads(data))
        paper = leaf.paper if leaf.kind is EventKind.HOLD_ISSUED else told[leaf.subject][0]
        told[leaf.subject] = (paper, leaf.kind is EventKind.HOLD_LIFTED)
    return told


def _hold_faults(account: Account, row: HoldRow, paper: str, *, lifted: bool) -> Iterator[Fault]:
    name = row.hold.id
    if (row.hold.status is HoldStatus.LIFTED) != lifted:
        yield Fault(name, f"it stands as {row.hold.status}; the ledger tells otherwise")
    data = account.shelf.fetch(f"papers/hold/{paper}.json")
    if data is None or sha256(data) != paper:
        yield Fault(name, "its paper is missing or damaged")
        return
    told = json.loads(data)
    ours = (row.hold.matter, row.hold.reason, row.hold.scope.to_json(), row.paper)
    if ours != (told["matter"], told["reason"], told["scope"], paper):
        yield Fault(name, "its matter, reason or scope is not that of its paper")
