"""Disposition: carry out a plan, resumably, and prove it.

Per batch: ask again inside the transaction and write `begun` → the ledger's copy is signed →
bytes, proven gone by listing → what the items said is struck → index entries and their words
removed → the catalogue's log emptied → tombstones, `done`, certificate. A crash leaves a begun
without a done; the next run finishes it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain, groupby
from operator import attrgetter

from archiver.catalogue import captures, contents, disposals, plans
from archiver.catalogue.rows import sliced
from archiver.ports import ObjectDestroyer, ObjectKeeper, ObjectLocker, SearchIndex, Shelf
from archiver.procedures.account import Account
from archiver.procedures.authority import (
    demand_another_let_go,
    demand_below_ceiling,
    demand_clock,
    demand_reconciled,
    demand_to_destroy,
    refuse,
)
from archiver.procedures.beginning import Begun, begin, begun_by_us
from archiver.procedures.believing import demand_believable
from archiver.procedures.certifying import certificate
from archiver.procedures.destroying import alone_destroying, empty_log
from archiver.procedures.errands import Errand, Finished, Receipt, Threads
from archiver.procedures.manners import ReadAgain, manner_told, read_again
from archiver.procedures.papers import paper_of
from archiver.procedures.planning import Plan
from archiver.procedures.tombstones import entomb, told_in_full
from archiver.records.canonical import Json
from archiver.records.ceiling import Ceiling
from archiver.records.clocks import FARTHEST_DAYS
from archiver.records.errors import DestructionUnproven, NotApproved, ObjectError
from archiver.records.events import EventKind
from archiver.records.moments import micros
from archiver.records.people import Person
from archiver.records.sampling import DEFAULT, Sampling
from archiver.records.schedules import Schedule

BATCH = 1_000
"""How many items one batch destroys at most (a thread is never cut, so one may be larger)."""

GROUP = 5
"""How many batches share one rewriting of the index and one emptying of the log."""

_EVERY_ITEM = 2**62

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposer:
    """What disposition may use: the one place that is handed the right to destroy."""

    account: Account
    objects: ObjectDestroyer
    keeper: ObjectKeeper
    index: SearchIndex
    locker: ObjectLocker | None = None
    papers: Shelf | None = None
    """The same store, where it writes once."""
    manner: str = ""
    """What the store says of how it destroys."""
    ceiling: Ceiling = field(default_factory=Ceiling)
    sampling: Sampling = DEFAULT
    clock_days: int = FARTHEST_DAYS


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
        NotApproved: the plan was made for people to approve.
        NotAdopted: no adoption authorises unattended destruction, or the schedule changed.
        QuorumMissing: fewer than two people could approve, and the schedule is a real one.
        CeilingReached: more would go at once than is usual here.
        ClockDoubted: the clock was put back, or leapt ahead, and nobody confirmed it.
        RestoreUnconfirmed: the archive was restored and not reconciled.
        RegisterUnreadable: what decides stands otherwise than the ledger tells.
        ArchiveBusy: another process is disposing, or makes a backup.
        ObjectError: the store refused some of it, or had not all of it as it was kept, and all
            the rest is done; or it did not answer.
    """
    receipt = carry_out_as_far(disposer, person, plan, schedule, on=on, progress=progress)
    if receipt.refusal is not None:
        raise receipt.refusal
    return receipt


def carry_out_as_far(
    disposer: Disposer,
    person: Person,
    plan: Plan,
    schedule: Schedule | None,
    *,
    on: date,
    progress: Progress = lambda _count: None,
) -> Receipt:
    """Carry out *plan* as far as the store lets go; raise what `carry_out` does but for that.

    A plan on which nothing is due is carried out by doing nothing, and no authority is asked for.
    """
    account = disposer.account
    if plan.attended:
        refusal = NotApproved(f"{plan.name} is for people to approve, and never goes unattended")
        refuse(account, person, plan.name, refusal)
    if not plan.due:
        return Receipt.of(account, plan)
    with alone_destroying(account, wait=False):
        demand_clock(account, person, plan.name, days=disposer.clock_days)
        demand_to_destroy(account, person, plan.name, plan.schedule, schedule)
        demand_below_ceiling(account, person, plan.name, plan.due, disposer.ceiling)
        demand_believable(account, person, plan.name)
        if schedule is None or not schedule.demonstration:
            demand_another_let_go(account, person, plan.name, plan.n)
        errand = Errand(
            account=account,
            person=person,
            plan=plan,
            schedule=schedule,
            on=on,
            objects=disposer.keeper,
            locker=disposer.locker,
            sampling=disposer.sampling,
        )
        return work_off(disposer, errand, progress=progress)


def work_off(
    disposer: Disposer, errand: Errand, *, progress: Progress = lambda _count: None
) -> Receipt:
    """Destroy what may still be destroyed of the errand's plan, batch by batch.

    Whoever calls has every authority, and the lock. What the store refuses stays begun. What it has
    not as it was kept stays, and is named. Where it does not answer, the plan stands, and the
    receipt says what was done and what the store said.
    """
    account, receipt = errand.account, Receipt.of(errand.account, errand.plan)
    try:
        for finished in finish_groups(disposer, errand.person, _begun_groups(errand, receipt)):
            receipt.destroyed += finished.destroyed
            receipt.refusal = finished.refusal or receipt.refusal
            progress(receipt.destroyed)
        _end(errand, receipt)
        account.acknowledge()
        receipt.refusal = receipt.refusal or receipt.refusal_of_lost()
    except ObjectError as error:
        receipt.refusal = error
    return receipt


def _end(errand: Errand, receipt: Receipt) -> None:
    """Write that a plan was gone through; where nothing of it went, it is void."""
    account, plan, paper = errand.account, errand.plan, receipt.stayed.listed()
    with account.catalogue.writing() as desk:
        begun = disposals.batches_of(desk.connection, plan.n)
        status = "carried_out" if begun else "void"
        plans.plan_stands(desk.connection, plan.n, status)
        ended: dict[str, Json] = {"n": receipt.destroyed, "st": status}
        kind, by = EventKind.DISPOSITION_ENDED, errand.person.id
        account.enter(desk, kind, by=by, subject=plan.name, told=ended, paper=paper)


def _begun_groups(errand: Errand, receipt: Receipt) -> Iterator[list[Begun]]:
    """Begin the destruction of what the plan lists, group by group."""
    account, plan = errand.account, errand.plan
    threads, last = next_threads(account, plan, 0)
    while threads:
        begun: list[Begun] = []
        while threads and len(begun) < GROUP:
            one = begin(errand, threads, receipt)
            if one is not None:
                begun.append(one)
            threads, last = next_threads(account, plan, last)
        receipt.batches.extend(one.batch.batch for one in begun)
        if begun:
            yield begun


def finish_begun(disposer: Disposer, person: Person) -> Finished:
    """Finish every destruction that was begun and not done, as far as the store lets go.

    Where it does not answer, nothing goes on, and what is given says so.

    Raises:
        RestoreUnconfirmed: the archive was restored and not reconciled.
        ArchiveBusy: another process is disposing, or makes a backup, and does not end.
    """
    account, total = disposer.account, Finished()
    with account.catalogue.reading() as connection:
        if not disposals.unfinished(connection):
            return total  # where nothing is to be finished, nobody waits for a backup to end
    with alone_destroying(account):
        with account.catalogue.reading() as connection:
            waiting = disposals.unfinished(connection)
        if waiting:
            demand_reconciled(account, person, waiting[0].batch)
        try:
            groups = (begun_by_us(account, some) for some in sliced(waiting, GROUP))
            for finished in finish_groups(disposer, person, groups):
                refusal = finished.refusal or total.refusal
                total = Finished(total.destroyed + finished.destroyed, refusal)
            if waiting:
                account.acknowledge()
        except ObjectError as error:
            total = replace(total, refusal=error)
    return total


def next_threads(account: Account, plan: Plan, after: int) -> tuple[Threads, int]:
    """Give the next whole threads of a plan behind *after*, until a batch is full."""
    found: Threads = {}
    size, last = 0, after
    with account.catalogue.reading() as connection:
        lines = plans.lines_of(connection, plan.n, after=(after, _EVERY_ITEM))
        for thread_n, some in groupby(lines, key=attrgetter("thread_n")):
            listed = {line.item_n: line.seal for line in some}
            if found and size + len(listed) > BATCH:
                break
            found[thread_n] = listed
            size, last = size + len(listed), thread_n
    return found, last


@dataclass(frozen=True, slots=True)
class _Going:
    """Batches whose bytes are going.

    *refused* gives what the store says of each batch it refuses, once it has answered.
    """

    batches: Sequence[Begun]
    refused: Future[dict[int, DestructionUnproven]]


def finish_groups(
    disposer: Disposer, person: Person, groups: Iterable[Sequence[Begun]]
) -> Iterator[Finished]:
    """Take *groups* of begun batches to done, one after the other; give what each came to.

    While the bytes of one group go, the next is begun and the one before is struck and entombed.
    Every step may be repeated, and is, after a crash. A batch of which the store refuses anything
    stays begun, and the others are finished.
    """
    going: deque[_Going] = deque()
    with ThreadPoolExecutor(1) as beside:
        for batches in groups:
            going.append(_let_go(disposer, batches, beside))
            if len(going) > 1:
                yield _finish(disposer, person, going.popleft())
        while going:
            yield _finish(disposer, person, going.popleft())


def _let_go(disposer: Disposer, batches: Sequence[Begun], beside: ThreadPoolExecutor) -> _Going:
    """Have the bytes of *batches* destroyed, now that the ledger's copy says they are to be."""
    disposer.account.acknowledge()
    return _Going(batches, beside.submit(_destroy, disposer.objects, batches))


def _destroy(objects: ObjectDestroyer, batches: Sequence[Begun]) -> dict[int, DestructionUnproven]:
    """Destroy the bytes of every batch; say by number which of them the store refused, and why."""
    owners = {one.batch.n: [item for _, item in one.items] for one in batches}
    try:
        objects.destroy(list(chain.from_iterable(owners.values())))
    except DestructionUnproven as whole:
        if len(owners) == 1:
            return dict.fromkeys(owners, whole)
    else:
        return {}
    refused = {}
    for n, some in owners.items():
        try:
            objects.destroy(some)
        except DestructionUnproven as error:
            refused[n] = error
    return refused


def _finish(disposer: Disposer, person: Person, going: _Going) -> Finished:
    """Wait until the bytes are gone; strike what the items said, and leave tombstones."""
    account, refused = disposer.account, going.refused.result()
    refusal = next(iter(refused.values()), None)
    batches = [one for one in going.batches if one.batch.n not in refused]
    owners: list[str] = []
    gone: list[tuple[Begun, ReadAgain]] = []
    for one in batches:
        try:
            gone.append((one, read_again(account, disposer.keeper, one.items)))
        except DestructionUnproven as error:
            refusal = refusal or error
            continue
        with account.catalogue.writing() as desk:
            contents.strike(desk.connection, [n for n, _ in one.items])
            disposals.batch_struck(desk.connection, one.batch.n)
        owners.extend(item for _, item in one.items)
    if not gone:
        return Finished(0, refusal)
    with disposer.index.writing() as writer:
        writer.remove(owners)
    empty_log(account)
    for one, read in gone:
        _entomb(account, person, one, manner_told(account, disposer.manner, read, disposer.index))
    return Finished(len(owners), refusal)


def _entomb(account: Account, person: Person, begun: Begun, manner: Sequence[Json]) -> None:
    """Leave tombstones, and write the certificate of what was destroyed, and where."""
    batch, gone = begun.batch, {n for n, _ in begun.items}
    listing = paper_of(account, "batch", batch.listing)
    paper = account.paper("certificate", certificate(account, person, batch, listing, manner))
    full = told_in_full(listing)
    with account.catalogue.writing() as desk:
        rows = [row for row in disposals.of_batch(desk.connection, batch.n) if row.n in gone]
        entomb(account, desk.connection, rows, full)
        at, subject = account.now(), batch.batch
        captures.strike_gaps(desk.connection, [row.n for row in rows], at=micros(at))
        disposals.batch_done(desk.connection, batch.n, at=micros(at), paper=paper)
        told: dict[str, Json] = {"n": len(rows)}
        kind = EventKind.DISPOSITION_DONE
        account.enter(desk, kind, by=person.id, subject=subject, told=told, paper=paper, at=at)
