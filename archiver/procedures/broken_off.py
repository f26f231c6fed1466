"""What a backup that was killed leaves: a file aside, half written, under a name of its own.

No other program ends a name so. It is locked while somebody writes it, and dead once nobody does.
Whoever makes the next backup into the same folder removes it, whatever its name was to become.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from archiver.procedures.sealing import begins_sealed

_BEGINNING = 64
_ENDS = ".archiver-backup-part"


def aside_of(target: Path) -> Path:
    """Give where a backup lies while it is written."""
    return target.with_name(f".{target.name}{_ENDS}")


def keep_alive(descriptor: int) -> None:
    """Say for as long as *descriptor* is open that its file is being written, where one can."""
    with suppress(OSError):  # a file system without locks: then nobody removes it, either
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def sweep_broken_off(folder: Path) -> Iterator[Path]:
    """Remove every file in *folder* that a killed backup left there half written, and name it.

    What does not begin as a backup does is none of ours; what is locked is being written; what may
    not be read or removed is another account's.
    """
    for path in sorted(folder.glob(f".*{_ENDS}")):
        try:
            if not _is_broken_off(path):
                continue
            path.unlink()
        except OSError:
            continue
        yield path


def _is_broken_off(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return begins_sealed(file.read(_BEGINNING)) and _dead(file.fileno())


def _dead(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False  # it lives, or the file system cannot tell
    return True
