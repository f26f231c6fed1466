"""The spool: files under way, in a folder of its own for each visit, which is empty after it.

A visit that was killed leaves its folder behind, locked by nobody; whoever opens the spool next
removes it. So no file outlives there what becomes of its item.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp


@contextmanager
def visit_folder(spool: Path) -> Iterator[Path]:
    """Make a folder in *spool* that is this visit's alone, and remove it afterwards."""
    spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    with own_folder(spool, begins="visit-", ends="", abandoned=_remove_abandoned) as own:
        yield own


def sweep(spool: Path) -> None:
    """Remove what visits that died have left in *spool*."""
    if spool.is_dir():
        with locked(spool):
            _remove_abandoned(spool)


@contextmanager
def own_folder(
    within: Path, *, begins: str, ends: str, abandoned: Callable[[Path], None]
) -> Iterator[Path]:
    """Make a folder in *within* that is this process's alone, locked; remove it afterwards.

    Its name begins and ends as told. Before, *abandoned* removes from *within* what processes
    that died have left there.
    """
    with locked(within):
        abandoned(within)
        own = Path(mkdtemp(dir=within, prefix=begins, suffix=ends))
        mine = _opened(own)
        fcntl.flock(mine, fcntl.LOCK_EX)
    try:
        yield own
    finally:
        shutil.rmtree(own, ignore_errors=True)  # what is left is swept by the next that comes
        os.close(mine)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Have nobody else make or sweep folders in *folder* meanwhile."""
    descriptor = _opened(folder)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def remove_unlocked(folder: Path) -> None:
    """Remove *folder* with all that is in it, unless somebody holds it.

    Raises:
        BlockingIOError: somebody does.
        OSError: it is gone, or may not be removed.
    """
    with dead(folder):
        shutil.rmtree(folder)


@contextmanager
def dead(folder: Path) -> Iterator[None]:
    """Hold *folder*, which nobody may hold.

    Raises:
        BlockingIOError: somebody does.
        OSError: it is gone, or may not be opened.
    """
    descriptor = _opened(folder)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _remove_abandoned(spool: Path) -> None:
    for path in list(spool.iterdir()):
        if not path.is_dir() or path.is_symlink():
            path.unlink(missing_ok=True)
            continue
        with suppress(FileNotFoundError, BlockingIOError):  # gone by itself, or alive
            remove_unlocked(path)


def _opened(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
