"""Keeping in a process beside this one: a long import goes on while its objects are written.

To make a file takes the processor about as long as to draft its item, and the threads of one
Python share one processor. So, once a run has kept a few batches, a second process keeps the
others, one at a time and in order; what is kept and what is refused is the same in both.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import PurePath
from threading import Lock
from typing import Protocol, TypeAlias

from archiver.ports import KeptObject, ListedObject, NewObject, ObjectKeeper
from archiver.records.errors import ArchiverError, ObjectError
from archiver.records.identity import ObjectRef, Part

FEW = 2_000
"""How many objects are kept before a process of their own is worth starting."""

_Bare: TypeAlias = tuple[str, str, str, str, bytes | PurePath]
"""An object on its way between processes; the classes themselves travel ten times as slowly."""


class _Opened(ObjectKeeper, Protocol):
    def close(self) -> None: ...


class KeeperBeside:
    """A store, read here, whose batches another process keeps when there are many.

    May be used by several threads at once.
    """

    def __init__(
        self, store: ObjectKeeper, opened: Callable[[], _Opened], *, few: int = FEW
    ) -> None:
        """Stand for *store*; *opened* opens it again in the other process, and can be pickled."""
        self._store = store
        self._opened = opened
        self._few = few
        self._turn = Lock()
        self._beside: tuple[multiprocessing.process.BaseProcess, Connection] | None = None

    def read(self, ref: ObjectRef) -> bytes:
        """Give the bytes of *ref*, proven (see `ObjectReader.read`)."""
        return self._store.read(ref)

    def stream(self, ref: ObjectRef) -> Iterator[bytes]:
        """Give the bytes of *ref* in pieces, proven (see `ObjectReader.stream`)."""
        return self._store.stream(ref)

    def listing(self, *, shard: str = "") -> Iterator[ListedObject]:
        """List every object whose owner begins with *shard*, in order of owner."""
        return self._store.listing(shard=shard)

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
            return self._kept_beside(wanted)

    def close(self) -> None:
        """Let the other process end, if there is one; *store* stays open."""
        with self._turn:
            if self._beside is not None:
                process, line = self._beside
                line.close()
                process.join()
                self._beside = None

    def _kept_beside(self, wanted: list[NewObject]) -> list[KeptObject]:
        bare: list[_Bare] = [
            (new.ref.owner, new.ref.part.value, new.ref.digest, new.ref.slot, new.payload)
            for new in wanted
        ]
        if self._beside is None:
            self._beside = _begun(self._opened)
        line = self._beside[1]
        try:
            line.send(bare)
            answer: list[tuple[int, str | None]] | ArchiverError = line.recv()
        except (EOFError, OSError) as error:
            raise ObjectError(
                "the process that keeps objects beside this one has died",
                remedy="Import again: what was entered stands, and the rest is kept again.",
            ) from error
        if isinstance(answer, ArchiverError):
            raise answer
        return [
            KeptObject(new.ref, size, version)
            for new, (size, version) in zip(wanted, answer, strict=True)
        ]


def _begun(
    opened: Callable[[], _Opened],
) -> tuple[multiprocessing.process.BaseProcess, Connection]:
    """Begin the other process; when the line to it is closed, or we die, it ends."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_keep_for, args=(opened, theirs), daemon=True)
    with _interrupts_kept_off():
        process.start()
    theirs.close()
    return process, ours


@contextmanager
def _interrupts_kept_off() -> Iterator[None]:
    """Have what is begun in the block not hear a Ctrl-C, which is for us alone."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # inherited
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _keep_for(opened: Callable[[], _Opened], line: Connection) -> None:
    """Keep what comes down the *line* until it is closed; a refusal is the answer, too."""
    with suppress(EOFError, OSError):
        try:
            store = opened()
        except ArchiverError as error:
            line.send(error)
            return
        try:
            while True:
                line.send(_answer(store, line.recv()))
        finally:
            store.close()


def _answer(store: _Opened, bare: list[_Bare]) -> list[tuple[int, str | None]] | ArchiverError:
    new = [
        NewObject(ObjectRef(owner, Part(part), digest, slot), payload)
        for owner, part, digest, slot, payload in bare
    ]
    try:
        return [(kept.size, kept.version) for kept in store.keep(new)]
    except ArchiverError as error:
        return error
