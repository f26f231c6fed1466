"""What only a folder can get wrong: leftovers, modes, failing disks, foreign files."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from archiver.objects import keys
from archiver.objects.durable import EachFile, WholeFilesystem, chosen_sync, syncfs
from archiver.objects.folder import FolderStore
from archiver.objects.opening import open_store
from archiver.ports import NewObject
from archiver.records.errors import ConfigInvalid, DestructionUnproven, ObjectError
from archiver.records.identity import ObjectRef, Part, sha256

DISKS = (Path("/dev/shm"), Path("/var/tmp"))  # noqa: S108 - filesystems, one of them another
POST, COMMENT = sha256(b"post"), sha256(b"comment")


def an_object(owner=POST, data=b"Happy Friday!"):
    return NewObject(ObjectRef(owner, Part.CONTENT, sha256(data)), data)


def files_in(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "archive" / "objects"


@pytest.fixture
def store(folder):
    opened = FolderStore(folder, create=True)
    yield opened
    opened.close()


def put_in_place(kind, path, elsewhere):
    """Put something that is no file of its own at *path*, whose bytes would be those we kept."""
    path.rename(elsewhere)
    if kind == "link":
        path.symlink_to(elsewhere)
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_what_is_no_file_of_its_own_is_never_proven(store, folder, tmp_path, kind):
    kept = an_object()
    store.keep([kept])
    put_in_place(kind, folder / keys.object_key(kept.ref), tmp_path / "elsewhere")

    [found] = store.examined(reads=lambda: True)
    [looked_at] = store.looked_at([kept.ref])
    [listed] = store.listing()

    assert found.proven is looked_at.proven is False
    assert found.size == listed.size


class FailingDisk(WholeFilesystem):
    """A disk that refuses to make durable what it was asked to, as the system itself says it."""

    fails_at = "files"

    def files(self, folder, names):
        if self.fails_at == "files":
            syncfs(-1)
        super().files(folder, names)

    def folders(self, root, paths):
        if self.fails_at == "folders":
            syncfs(-1)
        super().folders(root, paths)


@pytest.fixture
def failing(monkeypatch):
    def fail_at(verb):
        monkeypatch.setattr(FailingDisk, "fails_at", verb)

    return fail_at


# --- a failing disk -------------------------------------------------------------------------


def test_a_sync_that_fails_is_heard():
    with pytest.raises(OSError, match="Bad file descriptor") as caught:
        syncfs(-1)

    assert caught.value.errno == errno.EBADF


def test_a_batch_that_could_not_be_made_durable_is_not_visible(folder, tmp_path):
    store = FolderStore(folder, create=True, sync=FailingDisk)
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"photo")
    photo = NewObject(ObjectRef(COMMENT, Part.ATTACHMENT, sha256(b"photo"), "aa"), path)

    with pytest.raises(ObjectError, match="Bad file descriptor"):
        store.keep([an_object(), photo])

    assert files_in(folder) == []
    assert list(store.listing()) == []
    assert path.read_bytes() == b"photo"


def test_a_batch_refused_once_is_kept_by_the_next_attempt(folder, failing):
    store = FolderStore(folder, create=True, sync=FailingDisk)
    with pytest.raises(ObjectError):
        store.keep([an_object()])
    failing("nothing")

    store.keep([an_object()])

    assert store.read(an_object().ref) == b"Happy Friday!"


def test_names_that_could_not_be_made_durable_are_written_anew(folder, failing):
    failing("folders")
    store = FolderStore(folder, create=True, sync=FailingDisk)
    with pytest.raises(ObjectError):
        store.keep([an_object()])
    [name] = files_in(folder)
    before = (folder / name).stat().st_ino
    failing("nothing")

    store.keep([an_object()])

    assert (folder / name).stat().st_ino != before
    assert files_in(folder) == [name]


def test_a_destruction_that_could_not_be_made_durable_is_not_told_as_done(folder, failing):
    failing("nothing")
    store = FolderStore(folder, create=True, may_destroy=True, sync=FailingDisk)
    store.keep([an_object()])
    failing("folders")

    with pytest.raises(ObjectError):
        store.destroy([POST])


def test_what_comes_back_while_it_is_destroyed_is_not_told_as_destroyed(folder):
    path = folder / keys.object_key(an_object().ref)

    class BringsBack(WholeFilesystem):
        def folders(self, root, paths):
            super().folders(root, paths)
            if not path.exists():
                path.write_bytes(b"Happy Friday!")

    store = FolderStore(folder, create=True, may_destroy=True, sync=BringsBack)
    store.keep([an_object()])

    with pytest.raises(DestructionUnproven, match=POST):
        store.destroy([POST])


def test_a_full_disk_is_told_in_words(store):
    with pytest.raises(ObjectError, match=r"File name too long|No space left"):
        store.place({"/".join(["x" * 200] * 30): b"1"})


def test_a_file_that_is_not_there_cannot_be_synced(tmp_path):
    root = os.open(tmp_path, os.O_RDONLY)

    with pytest.raises(FileNotFoundError):
        EachFile(root).files(root, ["absent"])

    os.close(root)


def test_a_disk_of_this_system_is_synced_as_a_whole(tmp_path):
    root = os.open(tmp_path, os.O_RDONLY)
    chosen = chosen_sync(root)
    os.close(root)

    assert chosen is (WholeFilesystem if sys.platform == "linux" else EachFile)


# --- leftovers ------------------------------------------------------------------------------

DIES_BEFORE_THE_RENAME = """
import os, sys
from pathlib import Path
from archiver.objects.durable import WholeFilesystem
from archiver.objects.folder import FolderStore
from archiver.ports import NewObject
from archiver.records.identity import ObjectRef, Part, sha256

class Dying(WholeFilesystem):
    def files(self, folder, names):
        os._exit(9)

ref = ObjectRef(sha256(b"post"), Part.CONTENT, sha256(b"canary"))
FolderStore(Path(sys.argv[1]), sync=Dying).keep([NewObject(ref, b"canary")])
"""


@pytest.fixture
def leftover(folder):
    """What a process leaves that dies after it has written a batch aside."""
    FolderStore(folder, create=True).close()
    died = subprocess.run([sys.executable, "-c", DIES_BEFORE_THE_RENAME, folder], check=False)
    assert died.returncode == 9
    [left] = files_in(folder)
    return folder / left


def test_what_a_dead_process_left_is_no_object(leftover, store):
    assert leftover.read_bytes() == b"canary"
    assert list(store.listing()) == []
    assert list(store.names("")) == []
    assert list(store.foreign_names()) == []


@pytest.mark.usefixtures("leftover")
def test_what_a_dead_process_left_goes_when_the_store_is_opened_to_destroy(folder):
    FolderStore(folder, may_destroy=True).close()

    assert files_in(folder) == []


@pytest.mark.usefixtures("leftover")
def test_what_a_dead_process_left_goes_before_the_next_batch(folder, store):
    store.keep([an_object()])

    assert files_in(folder) == [keys.object_key(an_object().ref)]


def test_what_a_dead_process_left_goes_with_a_destruction(folder):
    destroyer = FolderStore(folder, create=True, may_destroy=True)
    subprocess.run([sys.executable, "-c", DIES_BEFORE_THE_RENAME, folder], check=False)

    destroyer.destroy([POST])

    assert files_in(folder) == []


def test_what_a_living_process_has_aside_is_left_alone(folder):
    class Sweeping(WholeFilesystem):
        def files(self, folder_, names):
            FolderStore(folder, may_destroy=True).close()
            super().files(folder_, names)

    store = FolderStore(folder, create=True, sync=Sweeping)

    store.keep([an_object()])

    assert store.read(an_object().ref) == b"Happy Friday!"


def test_a_closed_store_leaves_nothing_aside(folder, store):
    store.keep([an_object()])
    store.close()

    assert list((folder / ".aside").iterdir()) == []


# --- modes, folders, foreign files ----------------------------------------------------------


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_objects_are_read_only_and_folders_are_the_owners_alone(folder, tmp_path, mask):
    (tmp_path / "photo.jpg").write_bytes(b"photo")
    photo = ObjectRef(COMMENT, Part.ATTACHMENT, sha256(b"photo"), "aa")
    before = os.umask(mask)

    try:
        store = FolderStore(folder, create=True)
        store.keep([an_object(), NewObject(photo, tmp_path / "photo.jpg")])
        store.place({"papers/hold/a.json": b"1"})
    finally:
        os.umask(before)

    assert {mode_of(folder / name) for name in files_in(folder)} == {0o444}
    assert {mode_of(path) for path in [folder, *folder.rglob("*")] if path.is_dir()} == {0o700}


def test_an_object_already_there_is_not_written_again(folder, store):
    store.keep([an_object()])
    path = folder / keys.object_key(an_object().ref)
    before = path.stat()

    store.keep([an_object()])

    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_photo_from_another_disk_is_copied(folder, store, tmp_path):
    here = tmp_path.stat().st_dev
    others = [disk for disk in DISKS if disk.is_dir() and disk.stat().st_dev != here]
    if not others:
        pytest.skip("this system has but one filesystem")
    path = others[0] / f"archiver-test-{os.getpid()}"
    path.write_bytes(b"photo")
    ref = ObjectRef(POST, Part.ATTACHMENT, sha256(b"photo"), "aa")

    store.keep([NewObject(ref, path)])

    assert store.read(ref) == b"photo"
    assert not path.exists()
    assert mode_of(folder / keys.object_key(ref)) == 0o444


def test_foreign_files_among_the_objects_are_named(folder, store):
    store.keep([an_object()])
    shard = folder / keys.shard_folder(POST)
    (shard / ".DS_Store").write_bytes(b"?")
    (folder / "items" / "fff").mkdir()
    (folder / "items" / "fff" / keys.object_name(an_object().ref)).write_bytes(b"?")
    (folder / "items" / "zzz" / "deep").mkdir(parents=True)
    (folder / "items" / "zzz" / "deep" / "x").write_bytes(b"?")
    (folder / "items" / "loose").write_bytes(b"?")
    (folder / "my notes.txt").write_bytes(b"?")
    (folder / "elsewhere").symlink_to("/nowhere")
    store.place({"papers/hold/a.json": b"1"})

    assert sorted(store.foreign_names()) == sorted(
        [
            f"{keys.shard_folder(POST)}/.DS_Store",
            f"items/fff/{keys.object_name(an_object().ref)}",
            "items/zzz/deep/x",
            "items/loose",
            "my notes.txt",
        ]
    )


def test_a_shard_removed_behind_its_back_is_made_again(folder, store):
    store.keep([an_object()])
    (folder / keys.object_key(an_object().ref)).unlink()
    (folder / keys.shard_folder(POST)).rmdir()

    store.keep([an_object()])

    assert store.read(an_object().ref) == b"Happy Friday!"


def test_folders_of_the_shelf_removed_behind_its_back_are_made_again(folder, store):
    store.place({"ledger/tile/0/000": b"tile"})
    shutil.rmtree(folder / "ledger")

    store.place({"ledger/tile/0/000": b"tile", "ledger/tile/0/001": b"next"})

    assert store.fetch("ledger/tile/0/000") == b"tile"
    assert store.fetch("ledger/tile/0/001") == b"next"


def test_a_store_removed_whole_behind_its_back_keeps_nothing(folder, store):
    store.keep([an_object()])
    shutil.rmtree(folder)

    with pytest.raises(ObjectError):
        store.keep([an_object(data=b"Happy Monday!")])


# --- opening --------------------------------------------------------------------------------


@pytest.mark.parametrize("made", [False, True], ids=["missing", "an unmounted disk"])
def test_a_folder_that_holds_no_store_is_refused_unless_one_is_to_be_made(folder, made):
    if made:
        folder.mkdir(parents=True)

    with pytest.raises(ObjectError, match="holds no object store"):
        open_store(str(folder))

    open_store(str(folder), create=True).close()
    open_store(f"folder://{folder}").close()


@pytest.mark.parametrize("location", ["ftp://host/x", "s3://", "folder://host/x", "folder://", ""])
def test_a_location_of_no_known_kind_is_refused(location):
    with pytest.raises((ConfigInvalid, ObjectError)):
        open_store(location)


def test_two_processes_may_keep_in_one_folder(folder, store):
    other = FolderStore(folder)
    store.keep([an_object(POST)])
    other.keep([an_object(COMMENT)])
    store.keep([an_object(COMMENT, b"edited")])

    assert len(list(store.listing())) == 3


def test_a_folder_of_the_shelf_is_listed_in_order_some_names_at_a_time(store):
    names = sorted(f"papers/{kind}/{sha256(bytes([n]))}.json" for kind in "ab" for n in range(7))
    store.place(dict.fromkeys(names, b"?"))
    store.place({"papers/a.json": b"?", "papers/c": b"?"})

    for many in (1, 2, 7, 100):
        store.listed_at_once = many
        assert list(store.names("papers/")) == sorted([*names, "papers/a.json", "papers/c"])


def test_listing_the_shelf_takes_no_memory_for_each_name(store, folder):
    (folder / "papers").mkdir()
    for n in range(3_000):
        (folder / "papers" / f"{sha256(bytes(n))}.json").touch()
    store.listed_at_once = 100

    tracemalloc.start()
    count = sum(1 for _ in store.names("papers/"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 3_000
    assert peak < 100_000
