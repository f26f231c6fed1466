"""What every store that flags objects as held promises: in memory, and through locks."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from archiver.objects.locking_memory import LockingMemory
from archiver.objects.memory import MemoryStore
from archiver.ports import LegalHolder, NewObject
from archiver.procedures.locking import lock_objects
from archiver.procedures.store_locks import StoreHolds
from archiver.records.errors import DestructionUnproven
from archiver.records.locking import LockMode
from tests.archive import SUBSTANTIVE, Archive, an_archive, an_observation

HELD, OTHER = "1", "2"


@dataclass(frozen=True)
class Place:
    """A holder, the store it flags in, and what has a release take effect."""

    archive: Archive
    holder: LegalHolder
    store: MemoryStore
    settle: Callable[[], object]

    def owner(self, native_id: str) -> str:
        return self.archive.item_id(native_id)

    def here(self, native_id: str) -> int:
        return len(list(self.store.owned(self.owner(native_id))))

    def can_destroy(self, native_id: str) -> bool:
        try:
            self.store.destroy([self.owner(native_id)])
        except DestructionUnproven:
            return False
        return True


def _plain(archive: Archive) -> Place:
    store = MemoryStore(may_destroy=True)
    return Place(archive, store, store, lambda: None)


def _through_locks(archive: Archive) -> Place:
    account, schedule = archive.office.account, archive.office.schedule
    store = LockingMemory(mode=LockMode.GOVERNANCE, may_destroy=True)
    holder = StoreHolds(account, store)
    return Place(archive, holder, store, lambda: lock_objects(account, store, schedule))


@pytest.fixture(params=[_plain, _through_locks], ids=["memory", "through locks"])
def place(request, tmp_path) -> Iterator[Place]:
    """Two items, one with a file, whose objects lie in the store that is held."""
    archive = an_archive(tmp_path, index="memory:")
    archive.capture(
        an_observation(HELD, "Thanks!", attachments=("picture",)),
        an_observation(OTHER, SUBSTANTIVE),
    )
    found = request.param(archive)
    kept = archive.office.objects
    found.store.keep([NewObject(one.ref, kept.read(one.ref)) for one in kept.listing()])
    yield found
    archive.office.close()


def test_every_holder_is_one_and_is_called_as_the_port_says(place):
    assert isinstance(place.holder, LegalHolder)
    for verb in ("hold", "release"):
        ours = inspect.signature(getattr(type(place.holder), verb))
        assert ours == inspect.signature(getattr(LegalHolder, verb))


def test_no_object_of_what_is_held_can_be_destroyed_and_every_other_can(place):
    assert place.here(HELD) == 2

    place.holder.hold([place.owner(HELD)])

    assert not place.can_destroy(HELD)
    assert place.here(HELD) == 2
    assert place.can_destroy(OTHER)
    assert place.here(OTHER) == 0


def test_holding_twice_is_holding_once(place):
    for _ in range(2):
        place.holder.hold([place.owner(HELD), place.owner(OTHER)])

    assert not place.can_destroy(HELD)
    assert not place.can_destroy(OTHER)
    place.holder.release([place.owner(HELD)])
    place.settle()
    assert not place.can_destroy(OTHER)


def test_nothing_is_freed_that_was_not_released_and_releasing_what_is_free_changes_nothing(place):
    place.holder.hold([place.owner(HELD)])
    place.holder.release([place.owner(OTHER)])
    place.holder.release([])
    place.settle()

    assert not place.can_destroy(HELD)


def test_who_owns_nothing_can_be_held_and_released(place):
    place.holder.hold(["0" * 64])
    place.holder.release(["0" * 64])
    place.settle()

    assert place.can_destroy(OTHER) or place.here(OTHER) == 1
