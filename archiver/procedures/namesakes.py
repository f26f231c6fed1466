"""Namesakes: whoever bears a name that a hold asks for, and whom it does not name yet.

Captures take them in as they come; here are those who came before the hold, or a narrowing of it,
bound, and after its authors were looked for.
"""

from __future__ import annotations

from functools import partial

from archiver.catalogue import holds
from archiver.catalogue.holds import HoldRow
from archiver.ports import LegalHolder
from archiver.procedures.account import Account
from archiver.procedures.called import Bearers, bearers_here
from archiver.procedures.evaluating import Evaluated, Progress, evaluate
from archiver.procedures.growing import Growing, GrowthPapers, grow, with_papers
from archiver.records.holds import HoldStatus


def complete(
    account: Account,
    row: HoldRow,
    store: LegalHolder | None,
    progress: Progress = lambda _count: None,
) -> Evaluated:
    """Evaluate a hold, which names by then whoever bore a name it asks for at its first commit."""
    if row.hold.status is HoldStatus.EVALUATING:
        row = name_namesakes(account, row)
    return evaluate(account, row, store, progress)


def name_namesakes(account: Account, row: HoldRow) -> HoldRow:
    """Have a hold name all who are called as it asks, by what is here; give it as it is then."""
    if not row.hold.called:
        return row
    found = bearers_here(account, row.hold.called)
    with_papers(account, partial(_meet, account, row.hold.id, found))
    with account.catalogue.reading() as connection:
        return holds.by_name(connection, row.hold.id)[0]


def _meet(account: Account, name: str, found: Bearers, papers: GrowthPapers) -> None:
    with account.catalogue.writing() as desk:
        (row,) = holds.by_name(desk.connection, name)
        growing = Growing([row])
        growing.meet(found)
        grow(account, desk, growing.grown(), papers, by=row.by)
