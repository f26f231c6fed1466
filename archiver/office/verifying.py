"""Verifying with every processor: hashing and comparing small objects is work for more than one.

Each process opens an office of its own. First they share the rows by number, then the objects by
shard; what the rows say goes from one to the other as text.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

from archiver.catalogue import inspection
from archiver.office import Office
from archiver.office.lookup import read_config
from archiver.procedures.account import Account
from archiver.procedures.store_locks import protected
from archiver.procedures.verify import (
    Blocking,
    Locks,
    Verdict,
    Whole,
    chance,
    look_at_the_whole,
    verdict,
    verify,
)
from archiver.procedures.verify_despite import mistyped
from archiver.procedures.verify_findings import Findings, Progress
from archiver.procedures.verify_items import NO_END, ItemCheck, RowsChecked, passes
from archiver.procedures.verify_locks import check_locks
from archiver.records.errors import ObjectError, RegisterUnreadable

MANY = 5_000
"""From this many items on, processes are started; below, starting them takes longer."""

_MANY_OBJECTS = 100_000
"""How many objects may be made before garbage among them is looked for."""

_MOST = 4
_RANGES = 24


def verify_office(
    office: Office, *, share_read: float, progress: Progress, many: int = MANY
) -> Verdict:
    """Prove *office*'s archive whole, or name what is not; see `archiver.procedures.verify`.

    Raises:
        ObjectError: also where one of the processes has died, and what it looked at is not proven.
    """
    account = office.account
    with office.catalogue.reading() as connection:
        worth_it = inspection.item_count(connection) >= many
    if worth_it:
        with suppress(RegisterUnreadable):  # what no process can read is named by one alone
            found = _with_every_processor(office, share_read, progress)
            if found is not None:
                return found
    return verify(
        account,
        office.objects,
        office.index,
        locks=_locks(office),
        blocking=_blocking(office),
        share_read=share_read,
        progress=progress,
    )


def _with_every_processor(office: Office, share_read: float, progress: Progress) -> Verdict | None:
    """Give the verdict; None where a value of another type than its column may spoil any look.

    While one process looks at the whole, this one asks for such values, and nothing of what the
    others find is believed before.
    """
    account = office.account
    ranges = _ranges(account)
    found, parts = Findings(), passes(account, few=0)
    with _started(office, share_read) as pool:
        whole = pool.submit(look)
        if mistyped(account):
            return None
        for shards in parts:
            for part in _checked(pool, shards, ranges):
                found.join(part)
                progress(found.objects)
        return verdict(account, whole.result(), found)


@contextmanager
def _started(office: Office, share_read: float) -> Iterator[Executor]:
    """Start processes.

    A process without other threads is forked, which spares each child a second of importing.
    SQLite allows that only while no connection is open, so they are closed before.
    """
    alone = threading.active_count() == 1
    context = multiprocessing.get_context("fork" if alone else "spawn")
    office.catalogue.dispose()
    workers = max(2, min(_MOST, len(os.sched_getaffinity(0))))
    opening = (office.config.file, share_read)
    try:
        with ProcessPoolExecutor(
            workers, mp_context=context, initializer=_open, initargs=opening
        ) as pool:
            yield pool
    except BrokenProcessPool as error:
        raise ObjectError(
            "a process that verifies beside this one has died: nothing was proven",
            remedy="Verify again; where the system ended it, see that it has memory to spare.",
        ) from error


def _ranges(account: Account) -> list[tuple[int, int]]:
    """Cut the numbers of items into ranges; what is captured meanwhile is in the last."""
    with account.catalogue.reading() as connection:
        end = inspection.highest_number(connection) + 1
    borders = sorted({end * place // _RANGES for place in range(_RANGES)})
    return list(pairwise([*borders, NO_END]))


def _checked(
    pool: Executor, shards: Sequence[str], ranges: Sequence[tuple[int, int]]
) -> Iterator[Findings]:
    """Check the rows of *shards*, then their objects; give what is found, part by part."""
    kept: dict[str, list[str]] = {shard: [] for shard in shards}
    for rows in as_completed([pool.submit(check_rows, shards, *numbers) for numbers in ranges]):
        checked = rows.result()
        yield checked.found
        for shard, told in checked.kept.items():
            kept[shard].append(told)
    texts = [(shard, "".join(told)) for shard, told in kept.items()]
    for part in as_completed([pool.submit(check_objects, *one) for one in texts]):
        yield part.result()


@dataclass(frozen=True, slots=True)
class _Opened:
    """What a process of the pool opened when it began; it ends with the process."""

    office: Office
    check: ItemCheck


_opened: list[_Opened] = []


def _open(config: Path, share_read: float) -> None:
    """Open the office of this process; what is in memory by then stays, and is no garbage."""
    gc.freeze()
    gc.set_threshold(_MANY_OBJECTS)
    office = Office(read_config(config, os.environ))
    check = ItemCheck(office.account, office.objects, reads=chance(share_read))
    _opened.append(_Opened(office, check))


def look() -> Whole:
    """Look at all but the items, in a process of the pool."""
    office = _opened[0].office
    return look_at_the_whole(office.account, office.index, _locks(office), _blocking(office))


def _locks(office: Office) -> Locks | None:
    """Give what compares the store's locks; None where it has none."""
    if office.locker is None:
        return None
    return partial(check_locks, office.account, office.locker, office.schedule)


def _blocking(office: Office) -> Blocking | None:
    """Give what asks the store what it would refuse to destroy; None where it locks nothing."""
    return None if office.locker is None else partial(protected, office.account, office.locker)


def check_rows(shards: Sequence[str], first: int, stop: int) -> RowsChecked:
    """Check the rows of items in a range of numbers, in a process of the pool."""
    return _opened[0].check.check_rows(shards, first=first, stop=stop)


def check_objects(shard: str, kept: str) -> Findings:
    """Check the objects of *shard* against what their rows said, in a process of the pool."""
    return _opened[0].check.check_objects(shard, kept)
