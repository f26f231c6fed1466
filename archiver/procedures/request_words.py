"""What a records request says in words, and what its freeze came too late for: read from papers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from archiver.catalogue import holds, inspection, pages
from archiver.catalogue.requests import RequestRow
from archiver.procedures.account import Account
from archiver.procedures.papers import paper_of
from archiver.records.canonical import read_object
from archiver.records.errors import LedgerDamaged
from archiver.records.events import EventKind, Leaf
from archiver.records.holds import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request asks for in words, what it freezes, and how it ended.

    *scope* is what it froze when it was opened, each of *narrowed* what it froze alone since. The
    *outcome* is empty while it is open. *begun* names the items whose destruction had begun when
    it was opened: it came too late for them, and for *more* that its entry has no room to name.
    """

    about: str
    scope: Scope
    narrowed: tuple[Scope, ...]
    outcome: str
    begun: tuple[str, ...]
    more: int


def asked_in(account: Account, rows: Sequence[RequestRow]) -> dict[str, Asked]:
    """Give by id what each request of *rows* asks for, from its papers, its hold and the ledger.

    Raises:
        LedgerDamaged: a paper of one is missing, or not what was written; or the ledger lacks the
            entry of a freeze.
        RegisterUnreadable: the register of holds cannot be read.
    """
    with account.catalogue.reading() as connection:
        freezes = {row.hold.id: row.hold for row in holds.every(connection)}
        closed = [row.request.id for row in rows if row.request.closed_on is not None]
        told = [*inspection.leaves_about(connection, [*closed, *(r.request.hold for r in rows)])]
    leaves = [Leaf.from_json(read_object(data)) for _, data in told]
    outcomes = {
        leaf.subject: str(paper_of(account, "request-closed", leaf.paper)["outcome"])
        for leaf in leaves
        if leaf.kind is EventKind.REQUEST_CLOSED
    }
    late = _late(leaves)
    if unsaid := {row.request.hold for row in rows} - late.keys():
        raise LedgerDamaged(f"the ledger does not tell that {', '.join(sorted(unsaid))} was issued")
    return {
        row.request.id: Asked(
            about=str(paper_of(account, "request", row.paper)["about"]),
            scope=freezes[row.request.hold].scope,
            narrowed=freezes[row.request.hold].narrowed,
            outcome=outcomes.get(row.request.id, ""),
            begun=late[row.request.hold][0],
            more=late[row.request.hold][1],
        )
        for row in rows
    }


def _late(leaves: Iterable[Leaf]) -> dict[str, tuple[tuple[str, ...], int]]:
    """Give, by hold, the items whose destruction had begun before it, and how many are unnamed."""
    return {
        leaf.subject: (
            tuple(cast("list[str]", leaf.particulars.get("begun", []))),
            cast("int", leaf.particulars.get("more", 0)),
        )
        for leaf in leaves
        if leaf.kind is EventKind.HOLD_ISSUED
    }


def names_of_pages(account: Account) -> dict[str, str]:
    """Give what each page was called when it was first seen, by its opaque id."""
    with account.catalogue.reading() as connection:
        return {page.page: page.name for page in pages.every(connection)}
