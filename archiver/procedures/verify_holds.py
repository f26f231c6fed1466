"""Verifying holds: every one stands as the ledger and its papers tell it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from archiver.catalogue import Reading, holds, inspection
from archiver.catalogue.holds import HoldRow
from archiver.procedures.account import Account
from archiver.procedures.papers import paper_of
from archiver.procedures.verify_findings import Fault
from archiver.records.canonical import Json
from archiver.records.errors import LedgerDamaged
from archiver.records.events import EventKind, Leaf
from archiver.records.holds import HoldStatus

_ENDS = (EventKind.HOLD_LIFTED, EventKind.HOLD_EXPIRED)
_KINDS = (EventKind.HOLD_ISSUED, EventKind.HOLD_REVIEWED, EventKind.HOLD_NARROWED, *_ENDS)


@dataclass(slots=True, kw_only=True)
class _Told:
    """What the ledger tells of a hold."""

    paper: str
    matter: str
    review_on: int
    ended: bool = False
    narrowings: list[str] = field(default_factory=list)


def holds_edited(account: Account) -> list[Fault]:
    """Name every hold that is not as the ledger and its papers tell it."""
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
            faults.extend(Fault(name, why) for why in _faults_of(account, row, told[name]))
    return faults


def _told_holds(connection: Reading) -> dict[str, _Told]:
    told: dict[str, _Told] = {}
    for data in inspection.leaves_of(connection, _KINDS):
        leaf = Leaf.from_json(json.loads(data))
        if leaf.kind is EventKind.HOLD_ISSUED:
            day = int(str(leaf.particulars["rv"]))
            matter = str(leaf.particulars["m"])
            told[leaf.subject] = _Told(paper=leaf.paper, matter=matter, review_on=day)
        elif leaf.kind is EventKind.HOLD_REVIEWED:
            told[leaf.subject].review_on = int(str(leaf.particulars["rv"]))
        elif leaf.kind is EventKind.HOLD_NARROWED:
            told[leaf.subject].narrowings.append(leaf.paper)
        else:
            told[leaf.subject].ended = True
    return told


def _faults_of(account: Account, row: HoldRow, told: _Told) -> Iterator[str]:
    if (row.hold.status is HoldStatus.LIFTED) != told.ended:
        yield f"it stands as {row.hold.status}; the ledger tells otherwise"
    if (row.hold.matter, row.review_on) != (told.matter, told.review_on):
        yield "its matter or its review is not what the ledger tells"
    paper = _paper(account, "hold", told.paper)
    narrowings = [_paper(account, "narrowing", digest) for digest in told.narrowings]
    if paper is None or None in narrowings:
        yield "a paper of it is missing or damaged"
        return
    ours = (row.hold.reason, row.hold.scope.to_json(), row.paper)
    if ours != (paper["reason"], paper["scope"], told.paper):
        yield "its reason or scope is not that of its paper"
    scopes = [scope.to_json() for scope in row.hold.narrowed]
    if scopes != [narrowing["scope"] for narrowing in narrowings if narrowing is not None]:
        yield "its narrowings are not those of their papers"


def _paper(account: Account, kind: str, digest: str) -> dict[str, Json] | None:
    try:
        return paper_of(account, kind, digest)
    except LedgerDamaged:
        return None
