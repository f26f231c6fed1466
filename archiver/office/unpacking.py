"""Where a backup lies in clear while it is restored: in a folder beside the configuration.

It holds keys and every text. A restore that was killed leaves it behind, locked by nobody; whoever
restores, rebuilds, disposes or begins the timetable next removes it, and `status` and `verify` name
what is left. No other program names a folder so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from archiver.office.spool import dead, locked, own_folder, remove_unlocked

_BEGINS, _ENDS = ".restoring-", ".archiver-unpacked"


@contextmanager
def unpacking(config: Path) -> Iterator[Path]:
    """Make a folder beside the file *config* for one restore, and remove it afterwards."""
    beside = _beside(config)
    with own_folder(beside, begins=_BEGINS, ends=_ENDS, abandoned=_remove_dead) as own:
        yield own


def sweep_unpacked(config: Path) -> None:
    """Remove what restores that died have left beside the file *config*, where that is allowed."""
    beside = _beside(config)
    if _unpacked(beside):
        with locked(beside):
            _remove_dead(beside)


def left_unpacked(config: Path) -> tuple[str, ...]:
    """Name what lies unpacked beside the file *config*, unless a restore is at work there.

    Whether one is nobody can tell of a folder of another account's: it is named.
    """
    return tuple(str(path) for path in _unpacked(_beside(config)) if _is_dead(path))


def _beside(config: Path) -> Path:
    return config.resolve().parent


def _unpacked(beside: Path) -> list[Path]:
    found = sorted(beside.glob(f"{_BEGINS}*{_ENDS}"))
    return [path for path in found if path.is_dir() and not path.is_symlink()]


def _remove_dead(beside: Path) -> None:
    for path in _unpacked(beside):
        with suppress(OSError):  # alive, gone by itself, or of another account
            remove_unlocked(path)


def _is_dead(path: Path) -> bool:
    try:
        with dead(path):
            return True
    except PermissionError:
        return True
    except OSError:  # alive, or gone by itself
        return False
