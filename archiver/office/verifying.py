"""Verifying with every processor: hashing and comparing small objects is work for more than one.

Each process opens an office of its own and checks the items whose ids begin with its digits.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path

from archiver.catalogue import inspection
from archiver.office import Office
from archiver.office.lookup import read_config
from archiver.procedures.verify import Verdict, chance, verify
from archiver.procedures.verify_items import Findings, ItemCheck, Progress

MANY = 5_000
"""From this many items on, processes are started; below, starting them takes longer."""

_DIGITS = "0123456789abcdef"
_SHARDS = [*_DIGITS[:12], *(first + second for first in _DIGITS[12:] for second in _DIGITS)]
"""The parts that processes work on: large ones first, then small ones, so that all end together."""

_MOST = 4


def verify_office(
    office: Office, *, share_read: float, progress: Progress, many: int = MANY
) -> Verdict:
    """Prove *office*'s archive whole, or name what is not; see `archiver.procedures.verify`."""
    with office.catalogue.reading() as connection:
        worth_it = inspection.item_count(connection) >= many
    workers = max(2, min(_MOST, len(os.sched_getaffinity(0)))) if worth_it else 1
    with _started(office, share_read, workers) if workers > 1 else nullcontext() as checks:
        return verify(
            office.account,
            office.objects,
            office.index,
            share_read=share_read,
            checks=checks,
            progress=progress,
        )


@contextmanager
def _started(
    office: Office, share_read: float, workers: int
) -> Iterator[Callable[[Progress], Iterable[Findings]]]:
    """Set processes to work on the items; give what collects their findings.

    A process without other threads is forked, which spares each child a second of importing.
    SQLite allows that only while no connection is open, so they are closed before.
    """
    alone = threading.active_count() == 1
    context = multiprocessing.get_context("fork" if alone else "spawn")
    office.catalogue.dispose()
    with ProcessPoolExecutor(
        workers, mp_context=context, initializer=_open, initargs=(office.config.file,)
    ) as pool:
        parts = [pool.submit(check_shard, share_read, shard) for shard in _SHARDS]
        yield partial(_collected, parts)


def _collected(parts: Sequence[Future[Findings]], progress: Progress) -> Iterator[Findings]:
    done = 0
    for part in as_completed(parts):
        found = part.result()
        done += found.objects
        progress(done)
        yield found


_opened: list[Office] = []
"""The office of a process of the pool, opened when it begins; it ends with the process."""


def _open(config: Path) -> None:
    """Open the office of this process; what is in memory by then stays, and is no garbage."""
    gc.freeze()
    _opened.append(Office(read_config(config, os.environ)))


def check_shard(share_read: float, shard: str) -> Findings:
    """Check the items whose ids begin with *shard*, in a process of the pool."""
    (office,) = _opened
    return ItemCheck(office.account, office.objects, reads=chance(share_read)).run(shard)
