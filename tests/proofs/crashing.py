"""An archive that stops dead at a chosen step, and is opened anew from what lies on the disk.

`Fuse` wraps the steps of an opened office, from outside: what the store keeps, destroys or
places, what the catalogue commits and truncates, what the index adds or removes. Before and
after each, it counts; at the count that was set, it raises `Crash`, which nothing of ours
catches. `reopen` then drops the office; an index in memory is carried over, as a folder would be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from archiver.office import Office
from tests.archive import Archive


class Crash(BaseException):
    """The process ends here."""


class Fuse:
    """Counts steps; crashes at the one that was set, and once crashed at every other."""

    def __init__(self) -> None:
        self.left: int | None = None
        self.burnt = False
        self.steps = 0

    def set(self, steps: int | None) -> None:
        self.left, self.burnt, self.steps = steps, False, 0

    def step(self) -> None:
        self.steps += 1
        if self.left is None:
            return
        if self.left == 0 or self.burnt:
            self.burnt = True
            raise Crash
        self.left -= 1


def wire(archive: Archive, fuse: Fuse) -> None:
    """Have every step of *archive*'s office go through *fuse*."""
    office = archive.office
    _wire_store(office._store, fuse)
    _wire_catalogue(office, fuse)
    _wire_index(office.index, fuse)
    opening = office._open_store

    def opened(*, may_destroy: bool):
        store = opening(may_destroy=may_destroy)
        _wire_store(store, fuse)
        return store

    office._open_store = opened


def reopen(archive: Archive, fuse: Fuse) -> None:
    """Drop the office, and open it anew from the disk."""
    fuse.set(None)
    index = archive.office.__dict__.pop("index")
    _unwire(index)
    config = archive.office.config
    archive.office.close()
    archive.office = Office(config, clock=archive.clock)
    archive.office.connectors[archive.platform.name] = archive.platform
    if index.engine == "memory":
        archive.office.__dict__["index"] = index
    else:
        index.close()
    wire(archive, fuse)


def _around(fuse: Fuse, deed: Callable) -> Callable:
    def done(*args, **named):
        fuse.step()
        result = deed(*args, **named)
        fuse.step()
        return result

    return done


def _wire_store(store, fuse: Fuse) -> None:
    for name in ("keep", "destroy", "place", "remove"):
        setattr(store, name, _around(fuse, getattr(store, name)))


def _wire_catalogue(office: Office, fuse: Fuse) -> None:
    catalogue = office.catalogue
    writing = catalogue.writing
    catalogue.truncate = _around(fuse, catalogue.truncate)

    @contextmanager
    def stepwise() -> Iterator:
        with writing() as desk:
            yield desk
            fuse.step()
        fuse.step()

    catalogue.writing = stepwise


class _SteppedWriter:
    def __init__(self, writer, fuse: Fuse) -> None:
        self.add = _around(fuse, lambda documents: writer.add(list(documents)))
        self.remove = _around(fuse, writer.remove)


def _wire_index(index, fuse: Fuse) -> None:
    writing = index.writing

    @contextmanager
    def stepwise() -> Iterator[_SteppedWriter]:
        with writing() as writer:
            yield _SteppedWriter(writer, fuse)

    index.writing = stepwise


def _unwire(index) -> None:
    del index.writing
