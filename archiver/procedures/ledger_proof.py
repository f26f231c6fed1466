"""Proof from the ledger: receipts of entries, anchors kept elsewhere, and the first bad entry."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archiver.catalogue import ledger
from archiver.procedures.account import Account
from archiver.records.errors import LedgerDamaged, NotFound
from archiver.records.events import EventKind, Leaf

_CONTENT = (EventKind.ITEM_CAPTURED, EventKind.ITEM_EDITED)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that an entry stands in the ledger: its place, its own bytes, and a C2SP tlog-proof.

    With the ledger's public key, *leaf* and *proof* can be checked without us and offline.
    """

    index: int
    kind: str
    leaf: bytes
    proof: bytes


def prove(account: Account, item: str) -> Receipt:
    """Give the receipt of the newest entry that tells what *item* says.

    Raises:
        NotFound: the ledger tells of no such item, or its copy does not reach so far yet.
        LedgerDamaged: the copy does not bear the proof out.
    """
    with account.catalogue.reading() as connection:
        told = [e for e in ledger.about(connection, item) if e.kind in _CONTENT]
    if not told:
        raise NotFound(f"the ledger tells of no item {item[:12]}")
    return prove_entry(account, told[-1].seq)


def prove_entry(account: Account, index: int) -> Receipt:
    """Give the receipt of the entry numbered *index*.

    Raises:
        NotFound: there is none, or the signed copy does not reach so far yet.
        LedgerDamaged: the copy does not bear the proof out.
    """
    with account.catalogue.reading() as connection:
        leaves = list(ledger.raw_entries(connection, index, index + 1))
    if not leaves:
        raise NotFound(f"the ledger has no entry {index}")
    (proof,) = account.copy.receipts([index])
    kind = Leaf.from_json(json.loads(leaves[0])).kind.value
    return Receipt(index, kind, leaves[0], proof)


@dataclass(frozen=True, slots=True)
class AnchorFindings:
    """What holding anchors against the ledger's copy found.

    *continued* is the size of the largest anchor the copy continues. *faults* name each anchor it
    does not, and between which entries the account was changed since.
    """

    checked: int
    continued: int
    faults: tuple[str, ...]


def hold_against(account: Account, anchors: Iterable[tuple[str, bytes]]) -> AnchorFindings:
    """Hold *anchors*, notes kept elsewhere (name first), against the ledger's copy.

    An account that was truncated, rewritten whole, or rolled back shows here, even where rows and
    copy agree and the signature is good; several anchors tell between which entries.
    """
    broken: list[tuple[str, int | None, str]] = []
    continued = checked = 0
    for name, note in anchors:
        checked += 1
        try:
            continued = max(continued, account.copy.continues(note).size)
        except LedgerDamaged as error:
            broken.append((name, account.copy.claimed(note), str(error)))
    return AnchorFindings(checked, continued, tuple(_told(broken, continued)))


def _told(broken: Sequence[tuple[str, int | None, str]], continued: int) -> Iterable[str]:
    for name, size, why in broken:
        between = (
            "" if size is None else f"; the first bad entry is one of {continued} to {size - 1}"
        )
        yield f"anchor {name}: {why}{between}"


def first_difference(account: Account) -> int | None:
    """Give the number of the first entry whose row is not what the signed copy holds, or None.

    Rows beyond the copy are no difference; a row that is missing is one.

    Raises:
        LedgerDamaged: the copy itself cannot be read so far.
    """
    size = account.copy.size()
    with account.catalogue.reading() as connection:
        rows = iter(ledger.raw_entries(connection, 0, size))
        for number, signed in enumerate(account.copy.entries()):
            if next(rows, None) != signed:
                return number
    return None
