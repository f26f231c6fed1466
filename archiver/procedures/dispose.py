"""Disposition: carry out a plan, resumably, and prove it.

Per batch: ask again inside the transaction and write `begun` → the ledger's copy is signed →
bytes, proven gone by listing → what the items said is struck → index entries and their words
removed → the catalogue's log emptied → tombstones, `done`, certificate. A crash leaves a begun
without a done; the next run finishes it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeAlias

from archiver.catalogue import Desk, captures, contents, disposals, items, pages
from archiver.catalogue.disposals import BatchRow
from archiver.catalogue.items import BEGUN, ItemRow
from archiver.catalogue.pages import PageRow
from archiver.ports import ObjectDestroyer, SearchIndex
from archiver.procedures.account import Account
from archiver.procedures.authority import (
    demand_another_let_go,
    demand_reconciled,
    demand_to_destroy,
)
from archiver.procedures.composing import tombstone
from archiver.procedures.planning import Decided, Plan, decide_for
from archiver.records.canonical import Json
from archiver.records.disposition import Action, Reason, Verdict, Why
from archiver.records.errors import ArchiveBusy
from archiver.records.events import EventKind
from archiver.records.people import Person
from archiver.records.schedules import Schedule

BATCH = 500
"""How many items one batch destroys at most (a thread is never cut, so one may be larger)."""

GROUP = 10
"""How many batches share one rewriting of the index and one emptying of the log."""

_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.1

Progress = Callable[[int], None]
_Threads: TypeAlias = "list[tuple[int, dict[int, str]]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposer:
    """What disposition may use: the one place that is handed the right to destroy."""

    account: Account
    objects: ObjectDestroyer
    index: SearchIndex


@dataclass(slots=True)
class Receipt:
    """What carrying out a plan came to."""

    destroyed: int = 0
    stayed: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    batches: list[str] = field(default_factory=list)


def carry_out(
    disposer: Disposer,
    person: Person,
    plan: Plan,
    schedule: Schedule | None,
    *,
    on: date,
    progress: Progress = lambda _count: None,
) -> Receipt:
    """Destroy what *plan* lists and may still be destroyed, under the adoption that allows it.

    Every item is asked for again inside the transaction that begins its destruction: a hold
    issued since the plan wins, and a thread that changed since stays.

    Raises:
        NotPermitted: the person may not dispose.
        NotAdopted: no adoption authorises unattended destruction, or the schedule changed.
        RestoreUnconfirmed: the archive was restored and not reconciled.
        ArchiveBusy: another process is disposing.
    """
    account = disposer.account
    receipt = Receipt()
    with account.catalogue.exclusive("disposition", wait=False):
        demand_to_destroy(account, person, plan.name, plan.schedule, schedule)
        if schedule is None or not schedule.demonstration:
            demand_another_let_go(account, person, plan.name, plan.n)
        threads = _bound_by(account, plan)
        while threads:
            begun: list[BatchRow] = []
            while threads and len(begun) < GROUP:
                some, threads = _next_batch(threads)
                batch = _begin(account, person, plan, schedule, some, receipt, on=on)
                if batch is not None:
                    begun.append(batch)
            receipt.destroyed += finish_batches(disposer, person, begun)
            receipt.batches.extend(batch.batch for batch in begun)
            progress(receipt.destroyed)
        with account.catalogue.writing() as desk:
            status = "carried_out" if receipt.destroyed or not plan.due else "void"
            disposals.plan_carried_out(desk.connection, plan.n, status)
    account.acknowledge()
    return receipt


def resume(disposer: Disposer, person: Person) -> int:
    """Finish every destruction that was begun and not done; give how many items it was.

    Raises:
        RestoreUnconfirmed: the archive was restored and not reconciled.
    """
    account = disposer.account
    with account.catalogue.exclusive("disposition"):
        with account.catalogue.reading() as connection:
            waiting = disposals.unfinished(connection)
        if waiting:
            demand_reconciled(account, person, waiting[0].batch)
        finished = finish_batches(disposer, person, waiting) if waiting else 0
    if waiting:
        account.acknowledge()
    return finished


def _bound_by(account: Account, plan: Plan) -> _Threads:
    """Give the threads a plan binds: for each, the items it lists and their seals then."""
    found: dict[int, dict[int, str]] = {}
    with account.catalogue.reading() as connection:
        for line in disposals.lines_of(connection, plan.n):
            found.setdefault(line.thread_n, {})[line.item_n] = line.seal
    return list(found.items())


def _next_batch(threads: _Threads) -> tuple[_Threads, _Threads]:
    """Take whole threads off the front until a batch is full."""
    size = taken = 0
    for _, numbers in threads:
        if taken and size + len(numbers) > BATCH:
            break
        size += len(numbers)
        taken += 1
    return threads[:taken], threads[taken:]


def _begin(
    account: Account,
    person: Person,
    plan: Plan,
    schedule: Schedule | None,
    threads: _Threads,
    receipt: Receipt,
    *,
    on: date,
) -> BatchRow | None:
    """Begin the destruction of what of *threads* may still be destroyed; None if nothing may.

    The paper that lists the items is written before the transaction; if the transaction then
    finds another answer, it is left without an effect and a new paper is written.
    """
    planned = dict(threads)
    while True:
        with account.catalogue.reading() as connection:
            rows = disposals.threads_by_numbers(connection, list(planned))
            asked = _still_due(decide_for(connection, account, schedule, rows, on=on), planned)
            on_pages = pages.by_numbers(connection, [row.page_n for row in rows])
        due = [one for one in asked if one.verdict.action is Action.DESTROY]
        going = [item for one in due for item in one.members]
        paper = _list_paper(account, plan, due, on_pages) if going else ""
        with account.catalogue.writing() as desk:
            rows = disposals.threads_by_numbers(desk.connection, list(planned))
            again = _still_due(decide_for(desk.connection, account, schedule, rows, on=on), planned)
            if [one.verdict for one in again] != [one.verdict for one in asked]:
                continue
            stayed = [one for one in again if one.verdict.action is not Action.DESTROY]
            _enter_stayed(desk, account, person, plan, stayed, receipt)
            if not going:
                return None
            return _enter_begun(desk, account, person, plan, going, paper)


def _still_due(decided: Sequence[Decided], planned: dict[int, dict[int, str]]) -> list[Decided]:
    """Have a thread stay that is not, item by item, what the plan lists (D5)."""
    return [
        replace(one, verdict=_unless_changed(one, planned[one.row.n]))
        if one.verdict.action is Action.DESTROY
        else one
        for one in decided
    ]


def _unless_changed(one: Decided, listed: dict[int, str]) -> Verdict:
    found = {item.n: item.seal for item in one.members}
    if found == listed:
        return one.verdict
    reasons = [
        Reason(why=Why.CHANGED, item=item.item, of=item.series)
        for item in one.members
        if listed.get(item.n) != item.seal
    ]
    found_fewer = [Reason(why=Why.CHANGED)]
    return replace(one.verdict, action=Action.KEEP, reasons=tuple(reasons or found_fewer))


def _list_paper(
    account: Account, plan: Plan, due: Sequence[Decided], on_pages: Mapping[int, PageRow]
) -> str:
    """List what goes, with all that a rebuild needs to raise its tombstones without its objects."""
    listed: list[Json] = [
        [
            item.item,
            item.series,
            on_pages[item.page_n].page,
            one.row.thread,
            item.kind,
            str(item.published_at),
            item.cooling_until,
        ]
        for one in due
        for item in one.members
    ]
    return account.paper("batch", {"plan": plan.name, "schedule": plan.schedule, "items": listed})


def _enter_begun(
    desk: Desk,
    account: Account,
    person: Person,
    plan: Plan,
    going: Sequence[ItemRow],
    paper: str,
) -> BatchRow:
    at = account.now_micros()
    batch = disposals.begin_batch(desk.connection, plan.n, at=at, count=len(going))
    begun = [replace(row, life=BEGUN, batch_n=batch.n).sealed(account.key) for row in going]
    items.change(desk.connection, begun)
    items.look_next(desk.connection, [(n, None) for n in {row.thread_n for row in going}])
    told: dict[str, Json] = {"pl": plan.name, "n": len(going), "s": plan.schedule}
    account.enter(
        desk, EventKind.DISPOSITION_BEGUN, by=person.id, subject=batch.batch, told=told, paper=paper
    )
    return batch


def _enter_stayed(
    desk: Desk,
    account: Account,
    person: Person,
    plan: Plan,
    stayed: Sequence[Decided],
    receipt: Receipt,
) -> None:
    """Write one entry for everything that was planned and stays, with the digest of the list."""
    lines = [(item.item, one.reasons(item)) for one in stayed for item in one.members]
    if lines:
        receipt.stayed.extend(lines)
        told: dict[str, Json] = {"n": len(lines), "i": [item for item, _ in lines[:200]]}
        account.enter(
            desk, EventKind.DISPOSITION_STAYED, by=person.id, subject=plan.name, told=told
        )


def finish_batches(disposer: Disposer, person: Person, batches: Sequence[BatchRow]) -> int:
    """Take *batches* from begun to done; every step may be repeated, and is, after a crash."""
    if not batches:
        return 0
    account = disposer.account
    account.acknowledge()
    going: dict[int, list[ItemRow]] = {}
    with account.catalogue.reading() as connection:
        for batch in batches:
            going[batch.n] = disposals.of_batch(connection, batch.n)
    owners = [row.item for rows in going.values() for row in rows]
    disposer.objects.destroy(owners)
    for batch in batches:
        with account.catalogue.writing() as desk:
            contents.strike(desk.connection, [row.n for row in going[batch.n]])
            disposals.batch_struck(desk.connection, batch.n)
    with disposer.index.writing() as writer:
        writer.remove(owners)
    _empty_log(account)
    for batch in batches:
        _entomb(account, person, batch, going[batch.n])
    return len(owners)


def _empty_log(account: Account) -> None:
    """Empty the catalogue's log, waiting for readers to let go of it.

    Raises:
        ArchiveBusy: a reader held on; the next run finishes what was begun.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            account.catalogue.truncate()
        except ArchiveBusy:
            if time.monotonic() >= deadline:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _entomb(account: Account, person: Person, batch: BatchRow, rows: Sequence[ItemRow]) -> None:
    """Leave tombstones, and write the certificate of what was destroyed, and where."""
    listed: list[Json] = [[row.item, row.series] for row in rows]
    certificate = account.paper(
        "certificate",
        {
            "batch": batch.batch,
            "items": listed,
            "from": account.day(min(r.published_at for r in rows)).isoformat() if rows else None,
            "to": account.day(max(r.published_at for r in rows)).isoformat() if rows else None,
            "completed": account.today().isoformat(),
            "by": person.id,
            "destroyed_in": ["object store", "catalogue", "catalogue log", "full-text index"],
            "outside": ["backups made before", "log archives of a database server"],
        },
    )
    with account.catalogue.writing() as desk:
        tombstones = [tombstone(row).sealed(account.key) for row in rows]
        items.change(desk.connection, tombstones)
        at = account.now_micros()
        captures.strike_gaps(desk.connection, [row.n for row in rows], at=at)
        disposals.batch_done(desk.connection, batch.n, at=at, paper=certificate)
        told: dict[str, Json] = {"n": len(rows)}
        kind = EventKind.DISPOSITION_DONE
        account.enter(desk, kind, by=person.id, subject=batch.batch, told=told, paper=certificate)
