"""Emptying folders: unlinking what is doomed in each, several folders at a time.

An unlink waits for the disk's journal much longer than it computes, and lets go of the
interpreter meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import chain
from typing import TypeVar

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC

_THREADS = 8
_WORTH_THREADS = 64
"""How many folders there must be before threads gain more than they cost."""

One = TypeVar("One")
Found = TypeVar("Found")


def doomed_in(root: int, folder: str, starts: Collection[str], *, width: int | None) -> list[str]:
    """Read *folder* under *root* anew: the names whose first *width* characters are *starts*.

    Nothing is in a folder that is not there.
    """
    with _opened(root, folder) as descriptor:
        return [] if descriptor is None else _listed(descriptor, starts, width)


def unlink_in(root: int, folder: str, starts: Collection[str], *, width: int | None) -> int:
    """Unlink in *folder* what `doomed_in` gives; say how many there were."""
    count = 0
    with _opened(root, folder) as descriptor:
        if descriptor is not None:
            for name in _listed(descriptor, starts, width):
                with suppress(FileNotFoundError):  # another process was quicker
                    os.unlink(name, dir_fd=descriptor)
                    count += 1
    return count


def each_of(all_of_them: Sequence[One], deed: Callable[[One], Found]) -> list[Found]:
    """Do *deed* to each, several at a time where there are many; give what it gave, in no order.

    A failure is raised when nothing is at work any more.
    """
    if len(all_of_them) < _WORTH_THREADS:
        return [deed(one) for one in all_of_them]
    shares = [all_of_them[start::_THREADS] for start in range(_THREADS)]
    with ThreadPoolExecutor(_THREADS) as pool:
        done = pool.map(lambda share: [deed(one) for one in share], shares)
        return list(chain.from_iterable(done))


def _listed(descriptor: int, starts: Collection[str], width: int | None) -> list[str]:
    return [name for name in os.listdir(descriptor) if name[:width] in starts]


@contextmanager
def _opened(root: int, folder: str) -> Iterator[int | None]:
    """Open *folder* under *root*; None where there is none."""
    try:
        descriptor = os.open(folder or ".", _FOLDER, dir_fd=root)
    except (FileNotFoundError, NotADirectoryError):
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)
