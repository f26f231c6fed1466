"""A local folder as an object store.

Under the root: `items/` with one folder per shard, the files of the shelf, and `.aside/` for what
is on its way. Every name is looked up from the root folder opened once, so that a disk that is
mounted over, or a change of working folder, cannot send a batch elsewhere.
"""

from __future__ import annotations

import errno
import os
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from heapq import nsmallest
from io import FileIO
from pathlib import Path
from typing import TypeVar

from archiver.objects import keys
from archiver.objects.aside import ASIDE, FOLDER_MODE, Aside, Batch, explained, pieces
from archiver.objects.durable import SyncOpener, chosen_sync
from archiver.objects.emptying import doomed_in, each_of, unlink_in
from archiver.objects.looking import SMALL, examined_in, listed_in, looked_at_in
from archiver.objects.proving import (
    is_proven,
    named,
    prove,
    proven_pieces,
    proven_size,
    require_right,
)
from archiver.ports import KeptObject, ListedObject, NewObject
from archiver.records.errors import DestructionUnproven, ObjectDamaged, ObjectError, ObjectMissing
from archiver.records.identity import ExaminedObject, ObjectRef

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_CLOEXEC

_Seen = TypeVar("_Seen")


class FolderStore:
    """Objects and shelf in a local folder; reads, keeps, and destroys where it was given the right.

    May be used by several threads at once, and by several processes on one folder. Of the names
    in one folder of the shelf so many are *listed_at_once*; for more it is read again.
    """

    listed_at_once = 100_000

    def __init__(
        self,
        folder: Path,
        *,
        may_destroy: bool = False,
        create: bool = False,
        sync: SyncOpener | None = None,
    ) -> None:
        """Open the store in *folder*; *create* makes it where there is none.

        *sync* says how batches are made durable; as a rule the store chooses by what it lies on.

        Raises:
            ObjectError: there is no store in *folder*, or it cannot be opened.
        """
        self.location = str(folder.absolute())
        self._may_destroy = may_destroy
        self._root = _opened_root(folder, create=create)
        self._aside = Aside(self._root, sync or chosen_sync(self._root), location=self.location)
        self._closing = weakref.finalize(self, _close, self._root, self._aside)
        if may_destroy:
            self._aside.sweep()

    @property
    def manner(self) -> str:
        """Say how it destroys."""
        return "every file of an item unlinked, its folders made durable, and listed anew"

    def close(self) -> None:
        """Let go of the folder; the store is not used after this."""
        self._closing()

    def read(self, ref: ObjectRef, *, version: str | None = None) -> bytes:
        """Give the bytes of *ref*, proven (see `ObjectReader.read`); no version is ever listed."""
        del version
        try:
            file = os.open(keys.object_key(ref), _FILE, dir_fd=self._root)
            try:
                data = os.read(file, SMALL)
                if len(data) < SMALL and is_proven(ref, data):
                    return data
                data = b"".join((data, *pieces(file)))
            finally:
                os.close(file)
        except OSError as error:
            raise self._unreadable(ref, error) from error
        return prove(ref, data)

    def stream(self, ref: ObjectRef) -> Iterator[bytes]:
        """Give the bytes of *ref* in pieces, proven (see `ObjectReader.stream`)."""
        with (
            self._reading(ref),
            FileIO(os.open(keys.object_key(ref), _FILE, dir_fd=self._root)) as file,
        ):
            yield from proven_pieces(ref, pieces(file.fileno()))

    @contextmanager
    def _reading(self, ref: ObjectRef) -> Iterator[None]:
        """Say which object could not be read, and why."""
        try:
            yield
        except OSError as error:
            raise self._unreadable(ref, error) from error

    def _unreadable(self, ref: ObjectRef, error: OSError) -> ObjectError:
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return ObjectMissing(f"{ref} is not in {self.location}")
        kind = ObjectDamaged if error.errno == errno.EIO else ObjectError
        return kind(f"{self.location}: {ref}: {error.strerror}")

    def listing(self, *, shard: str = "") -> Iterator[ListedObject]:
        """List every object whose owner begins with *shard*, in order of owner."""
        start = _start_inside(shard)
        for folder in self._shards(shard):
            yield from self._listed(folder, start)

    def examined(self, *, shard: str = "", reads: Callable[[], bool]) -> Iterator[ExaminedObject]:
        """List, and read where *reads* says so (see `ObjectReader.examined`)."""
        start = _start_inside(shard)
        for folder in self._shards(shard):
            yield from self._within(folder, lambda opened: examined_in(*opened, start, reads))

    def looked_at(self, refs: Sequence[ObjectRef]) -> list[ExaminedObject]:
        """Look for just *refs* (see `ObjectReader.looked_at`)."""
        return looked_at_in(self._root, refs, location=self.location)

    def owned(self, owner: str) -> list[ListedObject]:
        """List every object that *owner* still has."""
        return list(self._listed(keys.shard_folder(owner), keys.owner_start(owner)))

    def keep(self, objects: Iterable[NewObject]) -> list[KeptObject]:
        """Keep *objects* as one batch (see `ObjectKeeper.keep`)."""
        wanted = list(objects)
        with self._aside.batch() as batch:
            kept = [KeptObject(new.ref, _staged(batch, new)) for new in wanted]
            if kept:
                batch.settle()
        for new in wanted:
            if not isinstance(new.payload, bytes):
                Path(new.payload).unlink(missing_ok=True)
        return kept

    def destroy(self, owners: Sequence[str]) -> int:
        """Destroy every object of *owners*, and prove it (see `ObjectDestroyer.destroy`)."""
        require_right(self.location, may_destroy=self._may_destroy)
        doomed: dict[str, set[str]] = defaultdict(set)
        for owner in owners:
            doomed[keys.shard_folder(owner)].add(keys.owner_start(owner))
        return self._destroy(doomed, width=keys.OWNER_WIDTH)

    def destroy_objects(self, refs: Sequence[ObjectRef]) -> int:
        """Destroy just *refs*, and prove it (see `ObjectDestroyer.destroy_objects`)."""
        require_right(self.location, may_destroy=self._may_destroy)
        doomed: dict[str, set[str]] = defaultdict(set)
        for ref in refs:
            doomed[keys.shard_folder(ref.owner)].add(keys.object_name(ref))
        return self._destroy(doomed, width=None)

    def place(self, files: Mapping[str, bytes]) -> None:
        """Put every file under its name, replacing it whole (see `Shelf.place`)."""
        with self._aside.batch() as batch:
            for name, data in files.items():
                batch.add(keys.shelf_name(name), data)
            if files:
                batch.settle()

    def fetch(self, name: str) -> bytes | None:
        """Give the file called *name*, or None."""
        with explained(self.location):
            try:
                file = os.open(keys.shelf_name(name), _FILE, dir_fd=self._root)
            except (FileNotFoundError, NotADirectoryError):
                return None
            with FileIO(file) as opened:
                return opened.read()

    def fetch_all(self, names: Sequence[str]) -> Iterator[bytes | None]:
        """Give the file of each of *names*, or None, one by one."""
        return map(self.fetch, names)

    def names(self, prefix: str) -> Iterator[str]:
        """List the names that begin with *prefix*, in order."""
        return self._walked(keys.shelf_start(prefix).rpartition("/")[0], prefix)

    def remove(self, names: Sequence[str]) -> None:
        """Remove the files called *names*, if they are there (see `Shelf.remove`).

        Raises:
            NotPermitted: opened without the right, and not all are superseded tiles.
        """
        if not all(map(keys.is_superseded, names)):
            require_right(self.location, may_destroy=self._may_destroy)
        doomed: dict[str, set[str]] = defaultdict(set)
        for name in names:
            folder, _, file = keys.shelf_name(name).rpartition("/")
            doomed[folder or "."].add(file)
        self._destroy(doomed, width=None)

    def foreign_names(self) -> Iterator[str]:
        """Name what is none of ours (see `Shelf.foreign_names`); of a folder what lies in it.

        Every name there is is looked at, in no order: that of the objects would cost most.
        """
        return self._foreign("")

    def _foreign(self, folder: str) -> Iterator[str]:
        before = f"{folder}/" if folder else ""
        for name, is_folder in self._entries(folder):
            path = before + name
            if not is_folder:
                if keys.is_foreign(path):
                    yield path
            elif path != ASIDE:
                yield from self._foreign(path)

    def _shards(self, shard: str) -> list[str]:
        """Name the shard folders that may hold owners beginning with *shard*, in order."""
        digits = shard[: keys.SHARD_DIGITS]
        if len(digits) >= keys.SHARD_DIGITS - 1:  # so few that it need not be asked which are there
            found = keys.shards_of(digits)
        else:
            found = sorted(name for name, _ in self._entries(keys.ITEMS))
        return [f"{keys.ITEMS}/{name}" for name in found if name.startswith(digits)]

    def _listed(self, folder: str, start: str) -> list[ListedObject]:
        """List the objects in *folder* whose names begin with *start*, in order of name."""
        return self._within(folder, lambda opened: listed_in(*opened, start))

    def _within(
        self, folder: str, look: Callable[[tuple[int, str]], Iterator[_Seen]]
    ) -> list[_Seen]:
        """Give all that *look* sees in *folder*, opened, and its name; nothing where none is."""
        with explained(self.location):
            try:
                descriptor = os.open(folder, _FOLDER, dir_fd=self._root)
            except (FileNotFoundError, NotADirectoryError):
                return []
            try:
                return list(look((descriptor, folder)))
            finally:
                os.close(descriptor)

    def _walked(self, folder: str, prefix: str) -> Iterator[str]:
        """List the shelf's files in and below *folder* that begin with *prefix*, in order."""
        before = f"{folder}/" if folder else ""
        for step in self._steps(folder):
            path = before + step
            if not keys.is_shelf_name(path.rstrip("/")):
                continue
            if path.endswith("/"):
                if path.startswith(prefix) or prefix.startswith(path):
                    yield from self._walked(path[:-1], prefix)
            elif path.startswith(prefix):
                yield path

    def _steps(self, folder: str) -> Iterator[str]:
        """Name what is in *folder*, in order, so many at once; of folders the names end in `/`."""
        after = ""
        while True:
            every = (name + "/" * is_folder for name, is_folder in self._entries(folder))
            some = nsmallest(self.listed_at_once, (step for step in every if step > after))
            yield from some
            if len(some) < self.listed_at_once:
                return
            after = some[-1]

    def _entries(self, folder: str) -> Iterator[tuple[str, bool]]:
        """Read *folder* anew: names, and which are folders. Nothing is in one that is not there."""
        with explained(self.location):
            try:
                descriptor = os.open(folder or ".", _FOLDER, dir_fd=self._root)
            except (FileNotFoundError, NotADirectoryError):
                return
            try:
                with os.scandir(descriptor) as entries:
                    for entry in entries:
                        yield entry.name, entry.is_dir(follow_symlinks=False)
            finally:
                os.close(descriptor)

    def _destroy(self, doomed: Mapping[str, set[str]], *, width: int | None) -> int:
        """Unlink, in each folder, the names whose first *width* characters are doomed there."""
        self._aside.sweep()  # what a dead process left aside may be theirs too
        with explained(self.location):
            unlinked = each_of(
                list(doomed.items()), lambda one: unlink_in(self._root, *one, width=width)
            )
        self._aside.settle_folders(doomed)
        with explained(self.location):
            left = [
                f"{folder}/{name}"
                for folder, starts in doomed.items()
                for name in doomed_in(self._root, folder, starts, width=width)
            ]
        if left:
            raise DestructionUnproven(f"{self.location} still lists {named(left)}")
        return sum(unlinked)


def _start_inside(shard: str) -> str:
    """Give what names begin with inside a shard folder of a listing of *shard*."""
    start = keys.listing_start(shard).rpartition("/")[2]
    return start if len(shard) > keys.SHARD_DIGITS else ""


def _staged(batch: Batch, new: NewObject) -> int:
    """Stage *new*, unless it is there already; give its size."""
    target = keys.object_key(new.ref)
    if isinstance(new.payload, bytes):
        data = prove(new.ref, new.payload)
        if not batch.has(target, len(data)):
            batch.add(target, data)
        return len(data)
    with Path(new.payload).open("rb", 0) as file:
        size = os.fstat(file.fileno()).st_size
        if batch.has(target, size):
            return proven_size(new.ref, pieces(file.fileno()))
    return batch.adopt(target, new.payload, new.ref)


def _opened_root(folder: Path, *, create: bool) -> int:
    """Open the root of the store in *folder*; `items` in it says that it is one."""
    with explained(str(folder.absolute())):
        if create:
            folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
            (folder / keys.ITEMS).mkdir(FOLDER_MODE, exist_ok=True)
        elif not (folder / keys.ITEMS).is_dir():
            raise ObjectError(
                f"{folder.absolute()} holds no object store",
                remedy="Check [archive] objects, and that its disk is mounted; "
                "`archiver init` makes a new store.",
            )
        return os.open(folder, _FOLDER)


def _close(root: int, aside: Aside) -> None:
    aside.close()
    os.close(root)
