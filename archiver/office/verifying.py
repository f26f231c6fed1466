"""Verifying with every processor: hashing and comparing small objects is work for more than one.

Each process opens an office of its own and checks the items whose ids begin with its digits.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from archiver.catalogue import inspection
from archiver.office import Office
from archiver.office.lookup import read_config
from archiver.procedures.verify import Verdict, chance, verify
from archiver.procedures.verify_items import Findings, ItemCheck, Progress

MANY = 5_000
"""From this many items on, processes are started; below, starting them takes longer."""

_DIGITS = "0123456789abcdef"
_MOST = 4


def verify_office(office: Office, *, share_read: float, progress: Progress) -> Verdict:
    """Prove *office*'s archive whole, or name what is not; see `archiver.procedures.verify`."""
    with office.catalogue.reading() as connection:
        many = inspection.item_count(connection) >= MANY
    workers = min(_MOST, len(os.sched_getaffinity(0))) if many else 1

    def checks(tell: Progress) -> Iterable[Findings]:
        return _in_processes(office.config.file, share_read, workers, tell)

    return verify(
        office.account,
        office.objects,
        office.index,
        share_read=share_read,
        checks=checks if workers > 1 else None,
        progress=progress,
    )


def _in_processes(
    config: Path, share_read: float, workers: int, progress: Progress
) -> Iterator[Findings]:
    context = multiprocessing.get_context("spawn")
    done = 0
    with ProcessPoolExecutor(
        workers, mp_context=context, initializer=_open, initargs=(config,)
    ) as pool:
        parts = [pool.submit(check_shard, share_read, digit) for digit in _DIGITS]
        for part in as_completed(parts):
            found = part.result()
            done += found.objects
            progress(done)
            yield found


_opened: list[Office] = []
"""The office of a process of the pool, opened when it begins; it ends with the process."""


def _open(config: Path) -> None:
    _opened.append(Office(read_config(config, os.environ)))


def check_shard(share_read: float, shard: str) -> Findings:
    """Check the items whose ids begin with *shard*, in a process of the pool."""
    (office,) = _opened
    return ItemCheck(office.account, office.objects, reads=chance(share_read)).run(shard)
