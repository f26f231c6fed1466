"""Verify: what the store has locked against what the archive told it to lock.

A lock that is missing or too short lets somebody with the store's keys destroy; one that is too
long, or a legal hold nobody here set, would be in the way of a destruction that is due.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archiver.catalogue import object_locks
from archiver.catalogue.items import ItemRow
from archiver.catalogue.object_locks import ObjectLockRow
from archiver.ports import ObjectLocker
from archiver.procedures.account import Account
from archiver.procedures.covering import held
from archiver.procedures.locking import BATCH, digest_of
from archiver.procedures.verify_findings import Fault, Findings, object_name
from archiver.records.locking import LockState
from archiver.records.moments import micros, moment, written
from archiver.records.schedules import Schedule


def check_locks(account: Account, locker: ObjectLocker, schedule: Schedule | None) -> Findings:
    """Name every version whose locks in the store are not what they were last set to.

    Items of which the store has not been told since they changed are passed over; the next run
    tells it. What differs is looked at twice, for deeds go on meanwhile.
    """
    found = Findings()
    for batch in _settled(account, schedule):
        faults = _drift(account, locker, batch)
        if faults:
            again = _again(account, schedule, batch)
            faults = [fault for fault in _drift(account, locker, again) if fault in faults]
        for fault in faults:
            found.name(found.drifted, fault)
    return found


_Settled = tuple[ItemRow, ObjectLockRow]


def _settled(account: Account, schedule: Schedule | None) -> Iterator[list[_Settled]]:
    after = 0
    while True:
        batch = _slice(account, schedule, after)
        if not batch:
            return
        yield batch
        after = batch[-1][0].n


def _slice(account: Account, schedule: Schedule | None, after: int) -> list[_Settled]:
    with account.catalogue.reading() as connection:
        return object_locks.settled(
            connection,
            schedule=digest_of(schedule),
            on=account.today().toordinal(),
            after=after,
            limit=BATCH,
        )


def _again(
    account: Account, schedule: Schedule | None, batch: Sequence[_Settled]
) -> list[_Settled]:
    """Read *batch* anew; what changed since is left to the next run."""
    numbers = {row.n for row, _ in batch}
    return [one for one in _slice(account, schedule, batch[0][0].n - 1) if one[0].n in numbers]


def _drift(account: Account, locker: ObjectLocker, batch: Sequence[_Settled]) -> list[Fault]:
    with account.catalogue.reading() as connection:
        holds = held(connection, [row for row, _ in batch])
    told = {row.item: (known, row.item in holds) for row, known in batch}
    return [
        Fault(object_name(state.ref), why)
        for state in locker.lock_states([row.item for row, _ in batch])
        for why in _differences(state, *told[state.ref.owner])
    ]


def _differences(state: LockState, known: ObjectLockRow, covered: bool) -> Iterator[str]:  # noqa: FBT001 - unpacked from a pair
    if known.flagged or covered:
        if not state.flagged:
            yield "its legal hold is missing in the store"
    elif state.flagged:
        yield "the store has a legal hold on it that is not ours"
    ends = None if state.until is None else micros(state.until)
    if known.least is not None and (ends is None or ends < known.least):
        had = "without a retention" if state.until is None else f"until {written(state.until)}"
        yield f"the store retains it {had}, and should until {written(moment(known.least))}"
    if ends is not None and ends > (known.most or 0):
        should = "none" if known.most is None else f"until {written(moment(known.most))}"
        yield f"the store retains it until {written(moment(ends))}; recorded is {should}"
