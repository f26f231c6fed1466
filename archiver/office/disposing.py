"""Disposing of much at once: what a folder holds is destroyed by a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from archiver.objects.beside import DestroyerBeside
from archiver.objects.folder import FolderStore
from archiver.objects.opening import Store
from archiver.ports import ObjectDestroyer


@contextmanager
def destroyer_of(store: Store) -> Iterator[ObjectDestroyer]:
    """Hand out the right to destroy of *store*, which was opened with it."""
    if not isinstance(store, FolderStore):
        yield store
        return
    again = partial(FolderStore, Path(store.location), may_destroy=True)
    with closing(DestroyerBeside(store, again)) as destroyer:
        yield destroyer
