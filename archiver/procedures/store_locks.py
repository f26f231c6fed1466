"""What the store's own locks mean to holds, to disposition and to a court's order.

A hold is flagged in the store before it is acknowledged. Disposition asks which items the store
would refuse to destroy before it begins; an order is refused where nobody could carry it out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from archiver.catalogue import items, object_locks
from archiver.ports import ObjectLocker
from archiver.procedures.account import Account
from archiver.procedures.locking import BATCH
from archiver.records.errors import LockedByStore
from archiver.records.locking import LockChange, LockMode, LockState
from archiver.records.moments import local_day

_NAMED = 20


@dataclass(frozen=True, slots=True)
class StoreHolds:
    """Has the store flag what holds cover; see `LegalHolder`.

    Flags are set and taken away under one lock of the archive, so that none is taken away by
    who did not see the hold yet.
    """

    account: Account
    locker: ObjectLocker

    def hold(self, owners: Sequence[str]) -> None:
        """Flag every version of every object of *owners*; all are flagged when this returns.

        Raises:
            ObjectError: the store refused; some may be flagged, and may be flagged again.
        """
        for start in range(0, len(owners), BATCH):
            some = owners[start : start + BATCH]
            with self.account.catalogue.exclusive(object_locks.LOCK):
                with self.account.catalogue.writing() as desk:
                    rows = items.by_ids(desk.connection, some)
                    object_locks.to_be_flagged(desk.connection, list(rows.values()))
                states = self.locker.lock_states(some)
                self.locker.change_locks(_flags([s for s in states if not s.flagged], on=True))

    def release(self, owners: Sequence[str]) -> None:
        """Have the next run take the flags of *owners* away, where no reason for them is left."""
        with self.account.catalogue.writing() as desk:
            rows = items.by_ids(desk.connection, owners)
            object_locks.look_again(desk.connection, [row.n for row in rows.values()])


def protected(
    account: Account, locker: ObjectLocker, owners: Sequence[str]
) -> dict[str, datetime | None]:
    """Give which of *owners* the store would refuse to destroy now, even for disposition.

    Until when, where only the passing of time helps; None where a legal hold is set. A retention
    in the mode governance lets disposition pass, and is not told.

    Raises:
        ObjectError: the store did not answer.
    """
    now = account.now()
    found: dict[str, datetime | None] = {}
    for start in range(0, len(owners), BATCH):
        for state in locker.lock_states(owners[start : start + BATCH]):
            owner, until = state.ref.owner, _binding_until(state, now)
            if until is not None:
                found[owner] = max(until, found.get(owner) or until)
            elif state.flagged:
                found.setdefault(owner, None)
    return found


def demand_unlocked(account: Account, locker: ObjectLocker, owners: Sequence[str]) -> None:
    """Pass where the store lets *owners* be destroyed once their flags are taken away.

    For an order to destroy, asked before it is begun.

    Raises:
        LockedByStore: a retention in the mode compliance runs; the message names its last day.
        ObjectError: the store did not answer.
    """
    found = protected(account, locker, owners)
    until = {owner: end for owner, end in found.items() if end is not None}
    if not until:
        return
    shown = [
        f"{owner[:12]} until {local_day(end, account.zone).isoformat()}"
        for owner, end in sorted(until.items())[:_NAMED]
    ]
    more = f" and {len(until) - len(shown)} more" if len(until) > len(shown) else ""
    last = local_day(max(until.values()), account.zone).isoformat()
    raise LockedByStore(
        f"the object store retains {', '.join(shown)}{more} in the mode compliance; "
        f"nobody can destroy them all before {last}"
    )


def free(account: Account, locker: ObjectLocker, owners: Sequence[str]) -> None:
    """Take away the flags of *owners*, whose destruction an order demands and has begun.

    Raises:
        ObjectError: the store refused; it may be asked again.
    """
    for start in range(0, len(owners), BATCH):
        with account.catalogue.exclusive(object_locks.LOCK):
            states = locker.lock_states(owners[start : start + BATCH])
            locker.change_locks(_flags([state for state in states if state.flagged], on=False))


def _binding_until(state: LockState, now: datetime) -> datetime | None:
    """Give until when a retention of *state* keeps everybody from destroying it."""
    runs = state.until is not None and state.until > now
    return state.until if runs and state.mode is not LockMode.GOVERNANCE else None


def _flags(states: Sequence[LockState], *, on: bool) -> list[LockChange]:
    return [LockChange(ref=state.ref, version=state.version, flag=on) for state in states]
