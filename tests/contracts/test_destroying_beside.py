"""What a long purge destroys is destroyed by a second process, and nobody could tell."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from functools import partial

import pytest

from archiver.objects.beside import DestroyerBeside
from archiver.objects.folder import FolderStore
from archiver.ports import ObjectDestroyer
from archiver.records.errors import DestructionUnproven, NotPermitted, ObjectError
from tests.contracts.test_keeping_beside import COMMENT, POST, REPLY, an_object, never


class StillLists(FolderStore):
    """A store that still lists what replies had."""

    def destroy(self, owners):
        if REPLY in owners:
            raise DestructionUnproven(f"{REPLY} is still listed")
        return super().destroy(owners)


class DiesAtOnce(FolderStore):
    """A store whose process is killed before it destroys anything."""

    def destroy(self, owners):
        del owners
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def store(tmp_path):
    with closing(FolderStore(tmp_path / "store", create=True, may_destroy=True)) as opened:
        opened.keep([an_object(POST), an_object(COMMENT), an_object(REPLY)])
        yield opened


@pytest.fixture
def beside(store, tmp_path):
    """Give what stands for the store, where a second process opens it as a kind of store."""
    opened = []

    def as_a(kind, **more):
        again = partial(kind, tmp_path / "store", may_destroy=True)
        opened.append(DestroyerBeside(store, again, **{"few": 0, **more}))
        return opened[-1]

    yield as_a
    for one in opened:
        one.close()


def owners_in(store):
    return {one.ref.owner for one in store.listing()}


def test_what_is_destroyed_beside_is_gone_when_it_is_told_and_nothing_else_is(beside, store):
    destroyer: ObjectDestroyer = beside(FolderStore)

    assert destroyer.destroy([POST, COMMENT]) == 2

    assert owners_in(store) == {REPLY}
    assert destroyer.destroy([POST, COMMENT]) == 0
    assert destroyer.destroy([]) == 0


def test_single_objects_are_destroyed_where_they_were_asked_for(beside, store):
    [post, *_] = [one.ref for one in store.listing() if one.ref.owner == POST]

    assert beside(FolderStore).destroy_objects([post]) == 1

    assert owners_in(store) == {COMMENT, REPLY}


def test_what_the_store_refuses_is_refused_in_the_same_words_and_the_next_is_destroyed(
    beside, store
):
    destroyer = beside(StillLists)

    with pytest.raises(DestructionUnproven, match=f"{REPLY} is still listed") as refused:
        destroyer.destroy([POST, REPLY])

    assert refused.value.remedy == DestructionUnproven.remedy
    assert destroyer.destroy([COMMENT]) == 1
    assert owners_in(store) == {POST, REPLY}


def test_the_other_process_has_no_right_that_was_not_given(store, tmp_path):
    without = partial(FolderStore, tmp_path / "store")

    with (
        closing(DestroyerBeside(store, without, few=0)) as destroyer,
        pytest.raises(NotPermitted),
    ):
        destroyer.destroy([POST])

    assert owners_in(store) == {POST, COMMENT, REPLY}


def test_few_items_are_destroyed_without_another_process(store):
    with closing(DestroyerBeside(store, never, few=3)) as destroyer:
        assert destroyer.destroy([POST, COMMENT]) == 2


def test_many_items_are_destroyed_by_the_other_process(store, tmp_path):
    elsewhere = partial(FolderStore, tmp_path / "not mounted", may_destroy=True)

    with (
        closing(DestroyerBeside(store, elsewhere, few=3)) as destroyer,
        pytest.raises(ObjectError, match="holds no object store"),
    ):
        destroyer.destroy([POST, COMMENT, REPLY])

    assert owners_in(store) == {POST, COMMENT, REPLY}


def test_where_the_other_process_died_nothing_is_said_to_be_gone(beside, store):
    destroyer = beside(DiesAtOnce)

    for _ in range(2):
        with pytest.raises(ObjectError, match="has died") as refused:
            destroyer.destroy([POST])

    assert "resume" in refused.value.remedy
    assert owners_in(store) == {POST, COMMENT, REPLY}
