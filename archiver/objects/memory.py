"""An object store in a dictionary: for tests, and for trying things out. It forgets at the end.

It keeps every promise the others keep, digests included, but that of surviving a loss of power.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from archiver.objects import keys
from archiver.objects.proving import (
    PIECE,
    examined_one_by_one,
    named,
    prove,
    proven_pieces,
    require_right,
)
from archiver.ports import KeptObject, ListedObject, NewObject
from archiver.records.errors import DestructionUnproven, ObjectMissing
from archiver.records.identity import ExaminedObject, ObjectRef


class MemoryStore:
    """Objects and shelf in memory; destroys where it was given the right. For one process."""

    location = "memory:"

    def __init__(
        self, *, may_destroy: bool = False, clock: Callable[[], float] = time.time
    ) -> None:
        """Open an empty store; *clock* gives seconds since 1970, for `stored_at`."""
        self._may_destroy = may_destroy
        self._clock = clock
        self._files: dict[str, bytes] = {}
        self._stored: dict[str, datetime] = {}
        self._flagged: set[str] = set()

    @property
    def manner(self) -> str:
        """Say how it destroys."""
        return "taken out of memory, and listed anew"

    def close(self) -> None:
        """Have nothing to let go of."""

    def read(self, ref: ObjectRef, *, version: str | None = None) -> bytes:
        """Give the bytes of *ref*, proven (see `ObjectReader.read`); no version is ever listed."""
        del version
        try:
            return prove(ref, self._files[keys.object_key(ref)])
        except KeyError:
            raise ObjectMissing(f"{ref} is not in {self.location}") from None

    def stream(self, ref: ObjectRef) -> Iterator[bytes]:
        """Give the bytes of *ref* in pieces, proven (see `ObjectReader.stream`)."""
        data = self._files.get(keys.object_key(ref))
        if data is None:
            raise ObjectMissing(f"{ref} is not in {self.location}")
        starts = range(0, len(data), PIECE)
        yield from proven_pieces(ref, (data[start : start + PIECE] for start in starts))

    def listing(self, *, shard: str = "") -> Iterator[ListedObject]:
        """List every object whose owner begins with *shard*, in order of owner."""
        yield from self._listed(keys.listing_start(shard))

    def examined(self, *, shard: str = "", reads: Callable[[], bool]) -> Iterator[ExaminedObject]:
        """List, and read where *reads* says so (see `ObjectReader.examined`)."""
        return examined_one_by_one(self, shard, reads)

    def looked_at(self, refs: Sequence[ObjectRef]) -> list[ExaminedObject]:
        """Look for just *refs* (see `ObjectReader.looked_at`)."""
        found = ((ref, self._files.get(keys.object_key(ref))) for ref in refs)
        return [ExaminedObject(ref, len(data), None) for ref, data in found if data is not None]

    def owned(self, owner: str) -> list[ListedObject]:
        """List every object that *owner* still has."""
        return list(self._listed(keys.owned_start(owner)))

    def keep(self, objects: Iterable[NewObject]) -> list[KeptObject]:
        """Keep *objects* as one batch (see `ObjectKeeper.keep`)."""
        wanted = [(new, _payload(new)) for new in objects]
        batch = {keys.object_key(new.ref): prove(new.ref, data) for new, data in wanted}
        self._put({key: data for key, data in batch.items() if not self._has(key, len(data))})
        for new, _ in wanted:
            if not isinstance(new.payload, bytes):
                Path(new.payload).unlink(missing_ok=True)
        return [KeptObject(new.ref, len(data)) for new, data in wanted]

    def destroy(self, owners: Sequence[str]) -> int:
        """Destroy every object of *owners*, and prove it (see `ObjectDestroyer.destroy`)."""
        require_right(self.location, may_destroy=self._may_destroy)
        starts = tuple(keys.owned_start(owner) for owner in owners)
        return self._destroy([key for key in list(self._files) if key.startswith(starts)])

    def destroy_objects(self, refs: Sequence[ObjectRef]) -> int:
        """Destroy just *refs*, and prove it (see `ObjectDestroyer.destroy_objects`)."""
        require_right(self.location, may_destroy=self._may_destroy)
        return self._destroy([keys.object_key(ref) for ref in refs])

    def hold(self, owners: Sequence[str]) -> None:
        """Flag every object of *owners* (see `LegalHolder.hold`)."""
        starts = tuple(keys.owned_start(owner) for owner in owners)
        self._flagged.update(key for key in self._files if key.startswith(starts))

    def release(self, owners: Sequence[str]) -> None:
        """Take away the flags of *owners* (see `LegalHolder.release`)."""
        starts = tuple(keys.owned_start(owner) for owner in owners)
        self._flagged.difference_update([k for k in self._flagged if k.startswith(starts)])

    def place(self, files: Mapping[str, bytes]) -> None:
        """Put every file under its name, replacing it whole (see `Shelf.place`)."""
        self._put({keys.shelf_name(name): data for name, data in files.items()})

    def fetch(self, name: str) -> bytes | None:
        """Give the file called *name*, or None."""
        return self._files.get(keys.shelf_name(name))

    def fetch_all(self, names: Sequence[str]) -> Iterator[bytes | None]:
        """Give the file of each of *names*, or None, one by one."""
        return map(self.fetch, names)

    def names(self, prefix: str) -> Iterator[str]:
        """List the names that begin with *prefix*, in order."""
        start = keys.shelf_start(prefix)
        found = [name for name in self._files if name.startswith(start)]
        yield from sorted(name for name in found if keys.is_shelf_name(name))

    def foreign_names(self) -> Iterator[str]:
        """Name what is none of ours (see `Shelf.foreign_names`)."""
        yield from sorted(filter(keys.is_foreign, self._files))

    def remove(self, names: Sequence[str]) -> None:
        """Remove the files called *names*, if they are there (see `Shelf.remove`).

        Raises:
            NotPermitted: opened without the right, and not all are superseded tiles.
        """
        if not all(map(keys.is_superseded, names)):
            require_right(self.location, may_destroy=self._may_destroy)
        self._destroy([keys.shelf_name(name) for name in names])

    def _has(self, key: str, size: int) -> bool:
        return key in self._files and len(self._files[key]) == size

    def _put(self, files: Mapping[str, bytes]) -> None:
        self._files.update(files)
        self._stored.update(dict.fromkeys(files, datetime.fromtimestamp(self._clock(), UTC)))

    def _listed(self, start: str) -> Iterator[ListedObject]:
        for key in sorted(key for key in list(self._files) if key.startswith(start)):
            ref = keys.parsed_key(key)
            if ref is not None and key in self._files:
                yield ListedObject(ref, len(self._files[key]), self._stored[key])

    def _destroy(self, doomed: Sequence[str]) -> int:
        free = [key for key in doomed if key not in self._flagged]
        count = sum(self._files.pop(key, None) is not None for key in free)
        if left := [key for key in doomed if key in self._files]:
            raise DestructionUnproven(f"{self.location} still lists {named(left)}")
        return count


def _payload(new: NewObject) -> bytes:
    return new.payload if isinstance(new.payload, bytes) else Path(new.payload).read_bytes()
