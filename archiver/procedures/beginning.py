"""Beginning a destruction: ask again, list what goes, and write `begun`, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archiver.catalogue import Desk, disposals, items, ledger, lives
from archiver.catalogue.disposals import BatchRow
from archiver.catalogue.items import BEGUN, ItemRow
from archiver.procedures.account import Account
from archiver.procedures.deciding import Decided
from archiver.procedures.errands import Errand, Receipt, Threads
from archiver.procedures.listing import list_paper
from archiver.procedures.staying import Stays
from archiver.procedures.tombstones import enter_untold, named_in
from archiver.records.canonical import Json
from archiver.records.errors import RegisterUnreadable
from archiver.records.events import EventKind
from archiver.records.moments import micros
from archiver.records.reasons import Why

_NAMED = 5


@dataclass(frozen=True, slots=True)
class Begun:
    """A batch whose destruction has begun: the number and the id of each of its *items*."""

    batch: BatchRow
    items: Sequence[tuple[int, str]]


def begin(errand: Errand, planned: Threads, receipt: Receipt) -> Begun | None:
    """Begin the destruction of what of *planned* may still be destroyed; None if nothing may.

    The store is asked before: what it would refuse, and of what something is missing there or is
    not what was kept, stays due. The paper that lists the items is written before the transaction,
    which asks again. Every deed is an entry of the ledger, of its own transaction: where no entry
    was made since, nothing has happened that could decide otherwise. Else the holds and every row
    the decision rests on are read again; where all of it is as it was, so is the decision,
    otherwise it is made anew, and if it is another one, the paper is left without an effect and a
    new one is written.

    Raises:
        RegisterUnreadable: somebody else wrote an item into the batch before it began.
    """
    account, action = errand.account, errand.plan.action
    stored = errand.stored(planned)
    while True:
        with account.catalogue.reading() as connection:
            head = ledger.head(connection)
            grounds = errand.grounds(connection, planned)
            asked = errand.asked(grounds, planned, stored)
            due = [one for one in asked if one.verdict.action is action]
            stays = [one for one in asked if one.verdict.action is not action]
            paper = list_paper(connection, errand, grounds, due, stays) if due else None
        listing = account.paper("batch", paper) if paper is not None else ""
        lines = [(item.item, one.reasons(item)) for one in stays for item in one.members]
        with account.catalogue.writing() as desk:
            again = asked
            if ledger.head(desk.connection) != head:
                now = errand.grounds(desk.connection, planned)
                again = asked if now == grounds else errand.asked(now, planned, stored)
            if [one.verdict for one in again] != [one.verdict for one in asked]:
                continue
            _enter_stayed(desk, errand, lines)
            begun = _enter_begun(desk, errand, due, listing, paper) if paper else None
        receipt.stayed.extend(lines)  # no transaction is open, and this may write a paper
        receipt.lost.extend(
            reason.item
            for one in stays
            for reason in one.verdict.reasons
            if reason.why is Why.NOT_AS_KEPT
        )
        return begun


def _enter_begun(
    desk: Desk, errand: Errand, due: Sequence[Decided], listing: str, paper: dict[str, Json]
) -> Begun:
    """Begin to destroy what is *due*: what the *paper* with the digest *listing* lists."""
    account, plan = errand.account, errand.plan
    going = [member for one in due for member in one.members]
    at, by = account.now(), errand.person.id
    batch = disposals.begin_batch(
        desk.connection, plan.n, at=micros(at), count=len(going), listing=listing
    )
    if strange := disposals.of_batch(desk.connection, batch.n):
        raise _written_in([(row, batch) for row in strange])
    lives.begin(desk.connection, going, batch.n, account.key)
    items.never_look(desk.connection, {row.thread_n for row in going})
    told: dict[str, Json] = {"pl": plan.name, "n": len(going), "s": plan.schedule}
    account.enter(
        desk,
        EventKind.DISPOSITION_BEGUN,
        by=by,
        subject=batch.batch,
        told=told,
        paper=listing,
        at=at,
    )
    enter_untold(account, desk, going, named_in(paper), by=by, batch=batch.batch)
    return Begun(batch, [(row.n, row.item) for row in going])


def _enter_stayed(desk: Desk, errand: Errand, lines: Sequence[Stays]) -> None:
    """Write one entry for everything that was planned and stays: how much, and the first of it."""
    if not lines:
        return
    told: dict[str, Json] = {"n": len(lines), "i": [item for item, _ in lines[:200]]}
    errand.account.enter(
        desk,
        EventKind.DISPOSITION_STAYED,
        by=errand.person.id,
        subject=errand.plan.name,
        told=told,
    )


def begun_by_us(account: Account, batches: Sequence[BatchRow]) -> list[Begun]:
    """Give *batches* that an earlier run began; all their items bear the seal of a begun one.

    Raises:
        RegisterUnreadable: one does not: somebody else wrote it into the batch.
    """
    with account.catalogue.reading() as connection:
        rows = [(batch, disposals.of_batch(connection, batch.n)) for batch in batches]
    strange = [
        (row, batch)
        for batch, some in rows
        for row in some
        if row.life != BEGUN or row.true_seal(account.key) != row.seal
    ]
    if strange:
        raise _written_in(strange)
    return [Begun(batch, [(row.n, row.item) for row in some]) for batch, some in rows]


def _written_in(strange: Sequence[tuple[ItemRow, BatchRow]]) -> RegisterUnreadable:
    """Say that the rows of *strange* were written into their batches by somebody else."""
    told = ", ".join(f"{row.item[:12]} of {batch.batch}" for row, batch in strange[:_NAMED])
    return RegisterUnreadable(
        f"{told}: its row says that its destruction has begun, and was edited behind us"
    )
