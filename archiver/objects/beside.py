"""Keeping and destroying in a process beside this one, while the work of this one goes on.

To make a file takes the processor about as long as to draft its item, to remove one about as long
as to decide on it, and the threads of one Python share one processor. So, once there are many, a
second process keeps or destroys them, one batch at a time and in order; what is done and what is
refused is the same in both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import PurePath
from threading import Lock
from typing import Protocol, TypeAlias

from archiver.objects.lines import Line
from archiver.ports import (
    KeptObject,
    ListedObject,
    NewObject,
    ObjectDestroyer,
    ObjectKeeper,
)
from archiver.records.errors import ObjectError
from archiver.records.identity import ExaminedObject, ObjectRef, Part

FEW = 2_000
"""How many objects are kept or destroyed before a process of their own is worth starting."""

_Bare: TypeAlias = tuple[str, str, str, str, bytes | PurePath]
"""An object on its way between processes; the classes themselves travel ten times as slowly."""


class _OpenedKeeper(ObjectKeeper, Protocol):
    def close(self) -> None: ...


class _OpenedDestroyer(ObjectDestroyer, Protocol):
    def close(self) -> None: ...


class KeeperBeside:
    """A store, read here, whose batches another process keeps when there are many.

    May be used by several threads at once.
    """

    def __init__(
        self, store: ObjectKeeper, opened: Callable[[], _OpenedKeeper], *, few: int = FEW
    ) -> None:
        """Stand for *store*; *opened* opens it again in the other process, and can be pickled."""
        self._store = store
        self._few = few
        self._turn = Lock()
        self._line = Line(
            opened,
            _kept,
            lost=ObjectError(
                "the process that keeps objects beside this one has died",
                remedy="Import again: what was entered stands, and the rest is kept again.",
            ),
        )

    def read(self, ref: ObjectRef, *, version: str | None = None) -> bytes:
        """Give the bytes of *ref*, proven (see `ObjectReader.read`)."""
        return self._store.read(ref, version=version)

    def stream(self, ref: ObjectRef) -> Iterator[bytes]:
        """Give the bytes of *ref* in pieces, proven (see `ObjectReader.stream`)."""
        return self._store.stream(ref)

    def listing(self, *, shard: str = "") -> Iterator[ListedObject]:
        """List every object whose owner begins with *shard*, in order of owner."""
        return self._store.listing(shard=shard)

    def examined(self, *, shard: str = "", reads: Callable[[], bool]) -> Iterator[ExaminedObject]:
        """List, and read where *reads* says so (see `ObjectReader.examined`)."""
        return self._store.examined(shard=shard, reads=reads)

    def looked_at(self, refs: Sequence[ObjectRef]) -> list[ExaminedObject]:
        """Look at just *refs* (see `ObjectReader.looked_at`)."""
        return self._store.looked_at(refs)

    def owned(self, owner: str) -> list[ListedObject]:
        """List every object that *owner* still has."""
        return self._store.owned(owner)

    def keep(self, objects: Iterable[NewObject]) -> list[KeptObject]:
        """Keep *objects* as one batch (see `ObjectKeeper.keep`).

        Raises:
            ObjectError: also where the other process has died; nobody knows what it had kept, so
                that the batch is kept again by whoever comes next.
        """
        wanted = list(objects)
        with self._turn:
            if self._few > 0:
                self._few -= len(wanted)
                return self._store.keep(wanted)
        answer = self._line.ask(
            [
                (new.ref.owner, new.ref.part.value, new.ref.digest, new.ref.slot, new.payload)
                for new in wanted
            ]
        )
        return [
            KeptObject(new.ref, size, version)
            for new, (size, version) in zip(wanted, answer, strict=True)
        ]

    def close(self) -> None:
        """Let the other process end, if there is one; *store* stays open."""
        self._line.close()


def _kept(store: _OpenedKeeper, bare: list[_Bare]) -> list[tuple[int, str | None]]:
    new = [
        NewObject(ObjectRef(owner, Part(part), digest, slot), payload)
        for owner, part, digest, slot, payload in bare
    ]
    return [(kept.size, kept.version) for kept in store.keep(new)]


class DestroyerBeside:
    """A store of which another process destroys what goes together, where it is many.

    Its right to destroy is that of *store*, and ends with it. When we die it finishes what it
    was last asked for, whose destruction had begun, and ends.
    """

    def __init__(
        self, store: ObjectDestroyer, opened: Callable[[], _OpenedDestroyer], *, few: int = FEW
    ) -> None:
        """Stand for *store*; *opened* opens it again in the other process, and can be pickled."""
        self._store = store
        self._few = few
        self._line = Line(
            opened,
            _destroyed,
            lost=ObjectError(
                "the process that destroys objects beside this one has died",
                remedy="`archiver dispositions resume`: what was begun is finished.",
            ),
        )

    def destroy(self, owners: Sequence[str]) -> int:
        """Destroy every object of *owners*, and prove it (see `ObjectDestroyer.destroy`).

        Raises:
            ObjectError: also where the other process has died; nobody knows what it had
                destroyed, so that it is done again by whoever comes next.
        """
        if len(owners) < self._few:
            return self._store.destroy(owners)
        return self._line.ask(list(owners))

    def destroy_objects(self, refs: Sequence[ObjectRef]) -> int:
        """Destroy just *refs* here, and prove it (see `ObjectDestroyer.destroy_objects`)."""
        return self._store.destroy_objects(refs)

    def close(self) -> None:
        """Let the other process end, if there is one; *store* stays open."""
        self._line.close()


def _destroyed(store: _OpenedDestroyer, owners: list[str]) -> int:
    return store.destroy(owners)
