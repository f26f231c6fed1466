"""Disposing of much: the way is cleared, and a folder is emptied by a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.objects.beside import DestroyerBeside
from archiver.objects.folder import FolderStore
from archiver.objects.opening import Store
from archiver.office import spool
from archiver.office.deliveries import deliveries_of
from archiver.office.hearing import work_off
from archiver.office.unpacking import sweep_unpacked
from archiver.ports import ObjectDestroyer
from archiver.records.errors import ArchiverError

if TYPE_CHECKING:
    from archiver.office import Office


def clear_the_way(office: Office) -> None:
    """Let nothing lie about that holds text of what may go: half-made visits, and deliveries.

    So it is with a backup that a restore unpacked and left, where it may be removed. What cannot
    be worked off now waits on; `status` names what waits for long. Nothing is disposed of by a
    schedule that was not opened: what it restricts stays.
    """
    office.open_schedule(office.service)
    spool.sweep(Path(office.config.fetching.spool))
    sweep_unpacked(office.config.file)
    with suppress(ArchiverError):
        work_off(office, deliveries_of(office.config))


@contextmanager
def destroyer_of(store: Store) -> Iterator[ObjectDestroyer]:
    """Hand out the right to destroy of *store*, which was opened with it."""
    if not isinstance(store, FolderStore):
        yield store
        return
    again = partial(FolderStore, Path(store.location), may_destroy=True)
    with closing(DestroyerBeside(store, again)) as destroyer:
        yield destroyer
