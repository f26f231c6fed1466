"""The spool: files under way, in a folder of its own for each visit, which is empty after it.

A visit that was killed leaves its folder behind, locked by nobody; whoever opens the spool next
removes it. So no file outlives there what becomes of its item.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp


@contextmanager
def visit_folder(spool: Path) -> Iterator[Path]:
    """Make a folder in *spool* that is this visit's alone, and remove it afterwards."""
    spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(spool):
        _remove_abandoned(spool)
        own = Path(mkdtemp(dir=spool, prefix="visit-"))
        mine = os.open(own, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(mine, fcntl.LOCK_EX)
    try:
        yield own
    finally:
        shutil.rmtree(own, ignore_errors=True)  # what is left is swept by the next that comes
        os.close(mine)


def sweep(spool: Path) -> None:
    """Remove what visits that died have left in *spool*."""
    if spool.is_dir():
        with _locked(spool):
            _remove_abandoned(spool)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _remove_abandoned(spool: Path) -> None:
    for path in list(spool.iterdir()):
        if not path.is_dir() or path.is_symlink():
            path.unlink(missing_ok=True)
            continue
        with suppress(FileNotFoundError, BlockingIOError):  # gone by itself, or alive
            _remove_unlocked(path)


def _remove_unlocked(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder)
    finally:
        os.close(descriptor)
