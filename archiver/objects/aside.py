"""Keeping files in batches: all written aside, made durable together, renamed, made durable.

Nothing half-written ever has a name of the store. Each store that writes has a folder of its own
under `.aside`, locked for as long as it lives; what stands in an unlocked one was left by a
process that died, belongs to nothing, and is removed by the next that comes.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path, PurePath

from archiver.objects.durable import SyncOpener
from archiver.objects.proving import PIECE, proven_size
from archiver.records.errors import ObjectError
from archiver.records.identity import ObjectRef

FOLDER_MODE = 0o700
FILE_MODE = 0o444

ASIDE = ".aside"
"""The folder, in the root of a store, of what is on its way into it."""

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class Aside:
    """The place beside one store where batches lie until they are durable."""

    def __init__(self, root: int, sync: SyncOpener, *, location: str) -> None:
        """Stand beside the store whose open folder is *root*; nothing is made before a batch."""
        self._root = root
        self._sync = sync
        self._location = location
        self._own: int | None = None
        self._own_name = ""
        self._folders: set[str] = set()
        self._doubtful: set[str] = set()

    @contextmanager
    def batch(self) -> Iterator[Batch]:
        """Open a batch; what was not settled when it ends is discarded.

        Raises:
            ObjectError: the disk refused; what became visible is whole.
        """
        with explained(self._location):
            batch = Batch(self._root, self._opened(), self._sync, self._folders, self._doubtful)
            try:
                yield batch
            finally:
                batch.discard()

    def settle_folders(self, folders: Iterable[str]) -> None:
        """Make durable what was unlinked in *folders*.

        Raises:
            ObjectError: the disk refused.
        """
        with explained(self._location):
            sync = self._sync(self._root)
            try:
                sync.folders(self._root, folders)
            finally:
                sync.close()

    def sweep(self) -> None:
        """Remove what processes that died have left aside."""
        with explained(self._location), _locked_folder(self._root) as aside:
            _sweep(aside, keeping=self._own_name)

    def close(self) -> None:
        """Remove the own folder and let go of its lock."""
        if self._own is None:
            return
        with suppress(OSError):  # what cannot be removed now is swept by the next that comes
            os.rmdir(f"{ASIDE}/{self._own_name}", dir_fd=self._root)
        os.close(self._own)
        self._own = None

    def _opened(self) -> int:
        if self._own is None:
            with _locked_folder(self._root) as aside:
                _sweep(aside)
                self._own_name = secrets.token_hex(8)
                os.mkdir(self._own_name, FOLDER_MODE, dir_fd=aside)
                self._own = os.open(self._own_name, _FOLDER, dir_fd=aside)
                fcntl.flock(self._own, fcntl.LOCK_EX)
        return self._own


class Batch:
    """Files on their way into a store. Made by `Aside.batch`, used by one thread."""

    def __init__(
        self, root: int, aside: int, sync: SyncOpener, folders: set[str], doubtful: set[str]
    ) -> None:
        """Begin with nothing; the sync is opened before the first write, to miss no error."""
        self._root, self._aside = root, aside
        self._folders, self._doubtful = folders, doubtful
        self._sync = sync(root)
        self._token = secrets.token_hex(4)
        self._staged: list[tuple[str, str]] = []
        self._links: list[str] = []
        self._settled = False
        self._touched: set[str] = set()

    def has(self, target: str, size: int) -> bool:
        """Say whether *target* is already there with *size*, and nothing speaks against it.

        It then takes part in the batch: its folder is made durable with the others.
        """
        if target in self._doubtful:
            return False
        try:
            if os.stat(target, dir_fd=self._root, follow_symlinks=False).st_size != size:
                return False
        except FileNotFoundError:
            return False
        self._touched.add(target[: target.rindex("/")])
        return True

    def add(self, target: str, data: bytes) -> None:
        """Write *data* aside, to become *target*."""
        name = self._named(target)
        descriptor = os.open(name, _NEW, FILE_MODE, dir_fd=self._aside)
        try:
            written = os.write(descriptor, data)
            if written != len(data):
                _write_whole(descriptor, data[written:])
            os.fchmod(descriptor, FILE_MODE)
        finally:
            os.close(descriptor)

    def adopt(self, target: str, source: PurePath, ref: ObjectRef) -> int:
        """Take *source* aside, to become *target*; give its size. The source itself stays.

        A second name for the file where the filesystem allows it, else a copy made in pieces.

        Raises:
            ObjectDamaged: it does not hash to what *ref* says.
        """
        name = self._named(target)
        if target not in self._doubtful and self._linked(source, name):
            with FileIO(os.open(name, os.O_RDONLY, dir_fd=self._aside)) as file:
                return proven_size(ref, pieces(file.fileno()))
        descriptor = os.open(name, _NEW, FILE_MODE, dir_fd=self._aside)
        with FileIO(descriptor, "wb") as copy, Path(source).open("rb", 0) as file:
            size = proven_size(ref, _copied(file.fileno(), copy.fileno()))
            os.fchmod(descriptor, FILE_MODE)
        return size

    def settle(self) -> None:
        """Make all of the batch durable, give it its names, and make those durable.

        After a failure nothing of it is trusted to be on disk: the next batch writes it anew.
        """
        try:
            if self._staged:
                self._sync.files(self._aside, [name for name, _ in self._staged])
            self._rename()
            self._sync.folders(self._root, self._touched)
        except OSError:
            self._doubtful.update(target for _, target in self._staged)
            raise
        self._doubtful.difference_update(target for _, target in self._staged)
        self._settled = True

    def discard(self) -> None:
        """Remove what still lies aside, and let go of the sync."""
        # A rename onto another name of the same file does nothing: the links are always removed.
        left = self._links if self._settled else [name for name, _ in self._staged]
        for name in left:
            with suppress(OSError):  # renamed already; or left, and swept by the next that comes
                os.unlink(name, dir_fd=self._aside)
        self._sync.close()

    def _named(self, target: str) -> str:
        name = f"{self._token}{len(self._staged):x}"
        self._staged.append((name, target))
        return name

    def _linked(self, source: PurePath, name: str) -> bool:
        """Give *source* the second name *name*, unless something forbids it."""
        self._links.append(name)
        try:
            os.link(source, name, dst_dir_fd=self._aside)
            os.chmod(name, FILE_MODE, dir_fd=self._aside)
            os.utime(name, dir_fd=self._aside)  # kept now, whenever it was downloaded
        except FileNotFoundError:
            raise
        except OSError:  # another filesystem, or one without links, or not our file
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=self._aside)
            return False
        return True

    def _rename(self) -> None:
        for name, target in self._staged:
            folder = target.rpartition("/")[0]
            if folder not in self._folders:
                self._make(folder)
            self._touched.add(folder or ".")
            try:
                os.rename(name, target, src_dir_fd=self._aside, dst_dir_fd=self._root)
            except FileNotFoundError:  # a folder made before was removed behind us
                self._folders.clear()
                self._make(folder)
                os.rename(name, target, src_dir_fd=self._aside, dst_dir_fd=self._root)

    def _make(self, folder: str) -> None:
        """Make *folder* and what it lies in; each one's parent is made durable too."""
        steps = folder.split("/") if folder else []
        for depth in range(len(steps)):
            path = "/".join(steps[: depth + 1])
            if path not in self._folders:
                with suppress(FileExistsError):
                    os.mkdir(path, FOLDER_MODE, dir_fd=self._root)
                self._touched.add("/".join(steps[:depth]) or ".")
                self._folders.add(path)


def pieces(descriptor: int) -> Iterator[bytes]:
    """Read the open file *descriptor* to its end, in pieces of at most 1 MiB."""
    while piece := os.read(descriptor, PIECE):
        yield piece


def _copied(source: int, copy: int) -> Iterator[bytes]:
    for piece in pieces(source):
        _write_whole(copy, piece)
        yield piece


def _write_whole(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


@contextmanager
def explained(location: str) -> Iterator[None]:
    """Turn what the disk says into an `ObjectError` that names the store."""
    try:
        yield
    except OSError as error:
        raise ObjectError(f"{location}: {error.strerror or error}") from error


@contextmanager
def _locked_folder(root: int) -> Iterator[int]:
    """Open `.aside` under *root*, made if need be, while no other process changes it."""
    with suppress(FileExistsError):
        os.mkdir(ASIDE, FOLDER_MODE, dir_fd=root)
    descriptor = os.open(ASIDE, _FOLDER, dir_fd=root)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _sweep(aside: int, *, keeping: str = "") -> None:
    """Remove every folder in *aside* that no living process has locked, except *keeping*."""
    with os.scandir(aside) as entries:
        names = [entry.name for entry in entries if entry.name != keeping]
    for name in names:
        folder = os.open(name, _FOLDER, dir_fd=aside)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with os.scandir(folder) as left:
                for file in list(left):
                    os.unlink(file.name, dir_fd=folder)
            os.rmdir(name, dir_fd=aside)
        except BlockingIOError:
            continue  # its process is alive
        finally:
            os.close(folder)
