"""A long import's objects are kept by a second process, and nobody could tell."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from archiver.objects.beside import KeeperBeside
from archiver.objects.folder import FolderStore
from archiver.ports import NewObject, ObjectKeeper
from archiver.records.errors import ObjectDamaged, ObjectError
from archiver.records.identity import ObjectRef, Part, sha256

POST, COMMENT, REPLY = (sha256(name) for name in (b"post", b"comment", b"reply"))


def an_object(owner=POST, data=b"Happy Friday!", payload=None, **more):
    ref = ObjectRef(owner=owner, part=Part.CONTENT, digest=sha256(data), **more)
    return NewObject(ref, data if payload is None else payload)


@pytest.fixture
def store(tmp_path):
    with closing(FolderStore(tmp_path / "store", create=True)) as opened:
        yield opened


@pytest.fixture
def keeper(store, tmp_path):
    with closing(KeeperBeside(store, partial(FolderStore, tmp_path / "store"), few=0)) as beside:
        yield beside


def never():
    raise AssertionError("no other process was to be started")


def test_what_is_kept_beside_is_told_in_order_and_is_there_when_it_is_told(keeper, store):
    words = {REPLY: b"Thank you, officers!", POST: b"Happy Friday!", COMMENT: b"You too"}
    batch = [an_object(owner, said) for owner, said in words.items()]

    kept = keeper.keep(iter(batch))

    assert kept == store.keep(batch)
    assert [store.read(one.ref) for one in batch] == [one.payload for one in batch]
    assert [keeper.read(one.ref) for one in batch] == [one.payload for one in batch]
    assert b"".join(keeper.stream(batch[0].ref)) == batch[0].payload
    assert list(keeper.listing()) == list(store.listing())
    assert keeper.owned(POST) == store.owned(POST)
    asked = [one.ref for one in batch]
    assert keeper.looked_at(asked) == store.looked_at(asked)


def test_a_file_is_taken_over_by_the_process_that_keeps_it(keeper, tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8")
    photo = an_object(POST, b"\xff\xd8", payload=path)

    [kept] = keeper.keep([photo])

    assert (kept.ref, kept.size) == (photo.ref, 2)
    assert not path.exists()


def test_a_refusal_is_the_same_one_and_the_next_batch_is_kept(keeper, store):
    wrong = an_object(COMMENT, b"as it was named", payload=b"as it is")

    with pytest.raises(ObjectDamaged, match="do not hash"):
        keeper.keep([an_object(POST), wrong])

    assert list(store.listing()) == []
    assert keeper.keep([an_object(POST)]) == store.keep([an_object(POST)])


def test_a_store_that_cannot_be_opened_beside_says_what_to_do(store, tmp_path):
    elsewhere = partial(FolderStore, tmp_path / "not mounted")

    with (
        closing(KeeperBeside(store, elsewhere, few=0)) as keeper,
        pytest.raises(ObjectError, match="holds no object store") as refused,
    ):
        keeper.keep([an_object()])

    assert "Check [archive] objects" in refused.value.remedy


def test_a_few_objects_are_kept_without_another_process(store):
    batch = [an_object(POST), an_object(COMMENT)]

    with closing(KeeperBeside(store, never, few=3)) as keeper:
        first, second = keeper.keep(batch), keeper.keep([an_object(REPLY)])

    assert [one.ref.owner for one in (*first, *second)] == [POST, COMMENT, REPLY]


def test_after_a_few_the_other_process_keeps(store, tmp_path):
    elsewhere = partial(FolderStore, tmp_path / "not mounted")

    with closing(KeeperBeside(store, elsewhere, few=2)) as keeper:
        keeper.keep([an_object(POST), an_object(COMMENT)])
        with pytest.raises(ObjectError, match="holds no object store"):
            keeper.keep([an_object(REPLY)])

    assert {one.ref.owner for one in store.listing()} == {POST, COMMENT}


class DiesAtIts(FolderStore):
    """A store whose process is killed by its second batch."""

    batches = 0

    def keep(self, objects):
        self.batches += 1
        if self.batches == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().keep(objects)


def test_a_process_that_was_killed_is_said_to_have_died_and_what_it_kept_stands(store, tmp_path):
    with closing(KeeperBeside(store, partial(DiesAtIts, tmp_path / "store"), few=0)) as keeper:
        keeper.keep([an_object(POST)])

        for _ in range(2):
            with pytest.raises(ObjectError, match="has died") as refused:
                keeper.keep([an_object(COMMENT)])

    assert "Import again" in refused.value.remedy
    assert [one.ref.owner for one in store.listing()] == [POST]


KEEPS_AND_IS_KILLED = """
import os, signal, sys
from functools import partial
from pathlib import Path
from archiver.objects.beside import KeeperBeside
from archiver.objects.folder import FolderStore
from tests.contracts.test_keeping_beside import an_object

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    keeper = KeeperBeside(FolderStore(folder), partial(FolderStore, folder), few=0)
    print(len(keeper.keep([an_object()])), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_other_process_does_not_outlive_an_import_that_was_killed(store, tmp_path):
    """Both write to one pipe, which ends when the last of them has."""
    script = tmp_path / "script.py"
    script.write_text(KEEPS_AND_IS_KILLED)

    ran = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "store")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )

    assert ran.returncode == -signal.SIGKILL
    assert ran.stdout == "1\n"
    assert len(list(store.listing())) == 1


def test_it_is_a_keeper_like_any_other_and_destroys_nothing(keeper):
    as_a_keeper: ObjectKeeper = keeper

    assert as_a_keeper.keep([]) == []
    assert not hasattr(keeper, "destroy")
