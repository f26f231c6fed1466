"""An object store in a dictionary that writes once: the bucket's promises, for tests and trials.

It has a clock because its locks end by themselves, as those of a server do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from archiver.objects import keys
from archiver.objects.memory import MemoryStore
from archiver.objects.proving import named, require_right
from archiver.records.errors import DestructionUnproven, ObjectError
from archiver.records.identity import ObjectRef
from archiver.records.locking import LockChange, LockMode, LockState


class LockingMemory(MemoryStore):
    """A `MemoryStore` whose objects can be locked; see `ObjectLocker`."""

    def __init__(
        self,
        *,
        mode: LockMode,
        may_destroy: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Open an empty store that locks in *mode*."""
        super().__init__(may_destroy=may_destroy, clock=clock)
        self.mode = mode
        self._locks: dict[str, LockState] = {}

    @property
    def manner(self) -> str:
        """Say how it destroys, and what it made of the locks."""
        return f"{super().manner}; {self.mode.told}"

    def lock_states(self, owners: Sequence[str]) -> list[LockState]:
        """Give the locks of every object of *owners* (see `ObjectLocker.lock_states`)."""
        found = [listed.ref for owner in owners for listed in self.owned(owner)]
        return [self._state(ref) for ref in found]

    def change_locks(self, changes: Sequence[LockChange]) -> None:
        """Change locks as told (see `ObjectLocker.change_locks`)."""
        for change in changes:
            key, now = keys.object_key(change.ref), self._state(change.ref)
            if change.until is not None and (now.until is None or now.until < change.until):
                now = replace(now, until=change.until, mode=change.mode or self.mode)
            if change.flag is not None:
                now = replace(now, flagged=change.flag)
            self._locks[key] = now

    def destroy(self, owners: Sequence[str]) -> int:
        """Destroy every object of *owners* that no lock protects, and prove it."""
        require_right(self.location, may_destroy=self._may_destroy)
        starts = tuple(keys.owned_start(owner) for owner in owners)
        return self._destroy_free(
            [key for key in list(self._files) if key.startswith(starts)],
            bypass=self.mode is LockMode.GOVERNANCE,
        )

    def destroy_objects(self, refs: Sequence[ObjectRef]) -> int:
        """Destroy those of *refs* that no lock protects, and prove it."""
        require_right(self.location, may_destroy=self._may_destroy)
        return self._destroy_free([keys.object_key(ref) for ref in refs], bypass=False)

    def _destroy_free(self, doomed: Sequence[str], *, bypass: bool) -> int:
        locked = [key for key in doomed if self._protects(key, bypass=bypass)]
        count = self._destroy([key for key in doomed if key not in locked])
        if locked:
            raise DestructionUnproven(f"{self.location} still lists {named(locked)} (locked)")
        return count

    def _protects(self, key: str, *, bypass: bool) -> bool:
        lock = self._locks.get(key)
        if lock is None or key not in self._files:
            return False
        runs = lock.until is not None and lock.until > datetime.fromtimestamp(self._clock(), UTC)
        return lock.flagged or (runs and not (bypass and lock.mode is LockMode.GOVERNANCE))

    def _state(self, ref: ObjectRef) -> LockState:
        key = keys.object_key(ref)
        if key not in self._files:
            raise ObjectError(f"{ref} is not in {self.location}")
        return self._locks.get(key) or LockState(ref=ref, version=None, flagged=False)
