"""Looking through one opened shard of a folder store: what lies there, and whether it is whole."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain

from archiver.objects import keys
from archiver.objects.aside import explained, pieces
from archiver.objects.proving import is_proven, proven_size
from archiver.ports import ListedObject
from archiver.records.errors import ObjectDamaged
from archiver.records.identity import ExaminedObject, ObjectRef

SMALL = 1 << 16
"""What one call asks a file for at first; nearly every object ends before that."""

_ITSELF = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
"""Opens what bears the name and nothing it may point to, and waits for nobody to write to it."""


def _named_in(descriptor: int, folder: str, start: str) -> Iterator[tuple[str, ObjectRef]]:
    """Name the objects in the open *folder* whose names begin with *start*, in order of name."""
    shard = folder.rpartition("/")[2]
    for name in sorted(name for name in os.listdir(descriptor) if name.startswith(start)):
        ref = keys.parsed(name)
        if ref is not None and name[: keys.SHARD_DIGITS] == shard:
            yield name, ref


def listed_in(descriptor: int, folder: str, start: str) -> Iterator[ListedObject]:
    """List the objects in the open *folder* whose names begin with *start*, in order of name."""
    for name, ref in _named_in(descriptor, folder, start):
        try:
            status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
        except FileNotFoundError:  # destroyed while it was being listed
            continue
        yield ListedObject(ref, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))


def examined_in(
    descriptor: int, folder: str, start: str, reads: Callable[[], bool]
) -> Iterator[ExaminedObject]:
    """Examine what `listed_in` would list, and read what *reads*, asked for each owner, says.

    What is read whole and proven need not be asked for its size.
    """
    owner, read = "", False
    for name, ref in _named_in(descriptor, folder, start):
        if ref.owner != owner:
            owner, read = ref.owner, reads()
        size = _proven_size_of(descriptor, name, ref) if read else None
        if size is not None:
            yield ExaminedObject(ref, size, proven=True)
            continue
        try:
            status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
        except FileNotFoundError:  # destroyed while it was being examined
            continue
        yield ExaminedObject(ref, status.st_size, proven=False if read else None)


def looked_at_in(root: int, refs: Iterable[ObjectRef], *, location: str) -> list[ExaminedObject]:
    """Look for each of *refs* in the store at *location*, whose open folder is *root*.

    Give those there are; what is no file of its own is proven to be none of them.

    Raises:
        ObjectError: the system refused.
    """
    found = []
    with explained(location):
        for ref in refs:
            try:
                status = os.stat(keys.object_key(ref), dir_fd=root, follow_symlinks=False)
            except (FileNotFoundError, NotADirectoryError):
                continue
            proven = None if stat.S_ISREG(status.st_mode) else False
            found.append(ExaminedObject(ref, status.st_size, proven))
    return found


def _proven_size_of(descriptor: int, name: str, ref: ObjectRef) -> int | None:
    """Give the size of the file *name* in an open folder if it was read, and is *ref*."""
    try:
        file = os.open(name, _ITSELF, dir_fd=descriptor)
        try:
            data = os.read(file, SMALL)
            if len(data) < SMALL:
                return len(data) if is_proven(ref, data) else None
            if not stat.S_ISREG(os.fstat(file).st_mode):  # it might never end
                return None
            return proven_size(ref, chain([data], pieces(file)))
        finally:
            os.close(file)
    except (OSError, ObjectDamaged):
        return None
