"""Locking: have a store that writes once forbid what the archive must not lose.

Objects are put unlocked. Once they are catalogued, each item's are given a legal hold while a hold
covers it or nobody can date it, and a retention until its first day of disposition where there is
one; the flag goes when our last reason goes. Nothing here destroys, and no deed stands on it: a
lock follows from entries that are in the ledger, and is worked out again after a rebuild.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from archiver.catalogue import Reading, disposals, items, object_locks, pages
from archiver.catalogue.disposals import threads_by_numbers
from archiver.catalogue.items import LIVE, ItemRow
from archiver.catalogue.object_locks import ObjectLockRow
from archiver.ports import ObjectLocker
from archiver.procedures.account import Account
from archiver.procedures.covering import held
from archiver.procedures.deciding import as_thread, lagging_behind
from archiver.records.locking import (
    EXTEND_WITHIN,
    LockChange,
    LockState,
    Wanted,
    extended,
    wanted,
)
from archiver.records.moments import local_day, micros
from archiver.records.schedules import Schedule

BATCH = 500
"""How many items are locked at once."""

MOST = 100_000
"""How many items one run locks at most; the next run goes on."""

Progress = Callable[[int], None]


@dataclass(slots=True)
class Locked:
    """What a run came to: of how many items the store was told, and what that changed."""

    items: int = 0
    flagged: int = 0
    freed: int = 0
    dated: int = 0


@dataclass(frozen=True, slots=True)
class _Case:
    """An item of which the store must hear, with what is wanted and what was told before."""

    row: ItemRow
    stirred: int
    wanted: Wanted
    before: ObjectLockRow | None


def lock_objects(
    account: Account,
    locker: ObjectLocker,
    schedule: Schedule | None,
    *,
    most: int = MOST,
    progress: Progress = lambda _count: None,
) -> Locked:
    """Tell the store of every item of which it must hear, in batches; resumable anywhere.

    Raises:
        ObjectError: the store refused; what it was not told of waits for the next run.
        ArchiveBusy: another process was at it for long.
    """
    done, after = Locked(), 0
    while done.items < most:
        with account.catalogue.exclusive(object_locks.LOCK):
            cases = _cases(account, schedule, after)
            if not cases:
                break
            _tell(account, locker, schedule, cases, done)
        after = cases[-1].row.n
        done.items += len(cases)
        progress(done.items)
    return done


def _cases(account: Account, schedule: Schedule | None, after: int) -> list[_Case]:
    today = account.today()
    digest = digest_of(schedule)
    with account.catalogue.reading() as connection:
        rows = object_locks.waiting(
            connection, schedule=digest, on=today.toordinal(), after=after, limit=BATCH
        )
        before = object_locks.of_items(connection, [row.n for row in rows])
        return [
            _Case(row, stirred, found, before.get(row.n))
            for row, stirred, found in _wanted(connection, account, schedule, rows)
        ]


def _wanted(
    connection: Reading, account: Account, schedule: Schedule | None, rows: Sequence[ItemRow]
) -> list[tuple[ItemRow, int, Wanted]]:
    """Give each of *rows* with the stirring of its thread, and what its objects are locked to."""
    numbers = [row.thread_n for row in rows]
    of_threads = {row.n: row for row in threads_by_numbers(connection, numbers)}
    on_pages = pages.by_numbers(connection, [row.page_n for row in rows])
    holds = held(connection, rows)
    members = disposals.members(connection, list(of_threads))
    every = [one for some in members.values() for one in some]
    _, lagging = lagging_behind(connection, list(of_threads.values()), every)
    found = []
    for row in rows:
        thread = of_threads[row.thread_n]
        on_page = on_pages[row.page_n]
        sound = on_page.whole(account.key)
        asked = as_thread(account, thread, [row], on_page, sound=sound, ordered={}, behind=lagging)
        [member] = asked.members
        what = wanted(member, schedule, held=row.item in holds, on=account.today())
        found.append((row, thread.stirred, what))
    return found


def _tell(
    account: Account,
    locker: ObjectLocker,
    schedule: Schedule | None,
    cases: Sequence[_Case],
    done: Locked,
) -> None:
    """Change the locks of *cases* where they are not as wanted, and write what they are then."""
    now = account.now()
    states = _by_owner(locker.lock_states([case.row.item for case in cases]))
    changes: list[LockChange] = []
    rows: list[ObjectLockRow] = []
    for case in cases:
        mine = states[case.row.item]
        mended = [_change(account, locker, case, state, now) for state in mine]
        changes.extend(c for c in mended if c.flag is not None or c.until is not None)
        rows.append(_written(account, digest_of(schedule), case, mine, mended))
        done.flagged += any(c.flag is True for c in mended)
        done.freed += any(c.flag is False for c in mended)
        done.dated += any(c.until is not None for c in mended)
    locker.change_locks(changes)
    _spare_what_is_going(account, locker, cases, changes)
    with account.catalogue.writing() as desk:
        numbers = [row.item_n for row in rows]
        still = items.by_numbers(desk.connection, numbers)
        catalogued = object_locks.digests(desk.connection, numbers)
        object_locks.write(
            desk.connection,
            [
                row
                for row in rows
                if still[row.item_n].life == LIVE
                and catalogued[row.item_n] <= _digests(states[still[row.item_n].item])
            ],
        )


def _digests(states: Sequence[LockState]) -> set[str]:
    """Give what was listed; an item of which more is catalogued by now is told of again."""
    return {state.ref.digest for state in states}


def _change(
    account: Account, locker: ObjectLocker, case: _Case, state: LockState, now: datetime
) -> LockChange:
    """Say what to change about one version; a flag that somebody else set is left alone."""
    day = case.wanted.until
    end = datetime.combine(day, time(), account.zone).astimezone(UTC) if day is not None else None
    until = extended(state.until, end, at=now)
    ours = case.before is None or case.before.flagged
    flag = case.wanted.flag if state.flagged != case.wanted.flag else None
    runs = state.until is not None and state.until > now
    return LockChange(
        ref=state.ref,
        version=state.version,
        flag=None if flag is False and not ours else flag,
        until=until,
        mode=state.mode if runs else locker.mode,
    )


def _written(
    account: Account,
    schedule: str,
    case: _Case,
    states: Sequence[LockState],
    mended: Sequence[LockChange],
) -> ObjectLockRow:
    ends = [c.until or state.until for state, c in zip(states, mended, strict=True)]
    known = sorted(end for end in ends if end is not None)
    looks = [case.wanted.look_on]
    if case.wanted.until is not None and known:
        again = local_day(known[0] - EXTEND_WITHIN, account.zone)
        looks.append(again if local_day(known[0], account.zone) < case.wanted.until else None)
    days = [day.toordinal() for day in looks if day is not None]
    return ObjectLockRow(
        item_n=case.row.n,
        seal=case.row.seal,
        stirred=case.stirred,
        schedule=schedule,
        flagged=case.wanted.flag,
        least=micros(known[0]) if known else None,
        most=micros(known[-1]) if known else None,
        look_on=min(days) if days else None,
    )


def _spare_what_is_going(
    account: Account, locker: ObjectLocker, cases: Sequence[_Case], changes: Sequence[LockChange]
) -> None:
    """Take back the flags of what began to be destroyed meanwhile: they would be in its way."""
    with account.catalogue.reading() as connection:
        rows = items.by_numbers(connection, [case.row.n for case in cases])
    going = {row.item for row in rows.values() if row.life != LIVE}
    locker.change_locks(
        [
            LockChange(ref=change.ref, version=change.version, flag=False)
            for change in changes
            if change.flag and change.ref.owner in going
        ]
    )


def _by_owner(states: Sequence[LockState]) -> Mapping[str, list[LockState]]:
    found: dict[str, list[LockState]] = defaultdict(list)
    for state in states:
        found[state.ref.owner].append(state)
    return found


def look_at_all(account: Account) -> None:
    """Have the next runs look at the locks of every item."""
    with account.catalogue.writing() as desk:
        object_locks.look_again(desk.connection)


def digest_of(schedule: Schedule | None) -> str:
    """Give what names the schedule by which objects are locked; nothing where there is none."""
    return schedule.digest if schedule is not None else ""
