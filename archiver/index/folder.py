"""The folder an index lies in: generations, the pointer to the current one, and the lock.

    <folder>/lock           held by whoever writes
    <folder>/current.json   the generation that counts, and every file of it with size and CRC
    <folder>/<n>/           one generation: Whoosh's table of contents and its segments

`current.json` is the commit: files are made durable first, then it is replaced whole. What it
does not name does not count, and the next writer removes it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import threading
import time
import zlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from archiver.records.errors import ArchiveBusy, IndexUnavailable

FORMAT: Final = "archiver-index/2"
BESIDE: Final = 3
"""Files worked on at one time: the disk works while the next is written, or read for its mark."""

_POINTER: Final = "current.json"
_LOCK: Final = "lock"
_PIECE: Final = 1 << 20
_TRY_EVERY: Final = 0.02


@dataclass(frozen=True, slots=True)
class Mark:
    """What a file must be: its size and the CRC of its bytes."""

    size: int
    crc: int


@dataclass(frozen=True, slots=True)
class State:
    """What counts: the *generation*, its table of contents' number, and all its files."""

    generation: int
    contents: int
    files: Mapping[str, Mark] = field(default_factory=dict)


class IndexFolder:
    """A folder with generations of an index, for any number of readers and one writer."""

    def __init__(self, path: Path, *, patience: float = 60.0) -> None:
        """Look at *path*; wait up to *patience* seconds for another writer to end."""
        self.path = path
        self._patience = patience
        self._ours = threading.RLock()
        self._depth = 0

    def generation(self, number: int) -> Path:
        """Give the folder of generation *number*."""
        return self.path / str(number)

    def generations(self) -> list[int]:
        """Give the numbers of the generations that lie here, whether they count or not."""
        return [int(entry.name) for entry in self.path.iterdir() if entry.name.isdigit()]

    def signature(self) -> tuple[int, int]:
        """Give what changes whenever the pointer is replaced.

        Raises:
            IndexUnavailable: there is no index here.
        """
        try:
            found = (self.path / _POINTER).stat()
        except OSError as error:
            raise IndexUnavailable(f"there is no full-text index in {self.path}") from error
        return found.st_ino, found.st_mtime_ns

    def state(self) -> State:
        """Read what counts.

        Raises:
            IndexUnavailable: there is no index here, or its pointer is damaged.
        """
        try:
            value = json.loads((self.path / _POINTER).read_bytes())
            if value["format"] != FORMAT or value["crc"] != _crc_of(value["files"]):
                raise IndexUnavailable(f"the full-text index in {self.path} is damaged")
            return State(
                int(value["generation"]),
                int(value["contents"]),
                {name: Mark(size, crc) for name, (size, crc) in value["files"].items()},
            )
        except OSError as error:
            raise IndexUnavailable(f"there is no full-text index in {self.path}") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise IndexUnavailable(f"the full-text index in {self.path} is damaged") from error

    def publish(self, state: State) -> None:
        """Make *state* what counts, and remove every file that no longer does."""
        files = {name: [mark.size, mark.crc] for name, mark in sorted(state.files.items())}
        value = {
            "format": FORMAT,
            "generation": state.generation,
            "contents": state.contents,
            "files": files,
            "crc": _crc_of(files),
        }
        sync_folder(self.generation(state.generation))
        sync_folder(self.path)
        aside = self.path / f"{_POINTER}.new"
        aside.write_text(json.dumps(value), encoding="utf-8")
        sync_file(aside)
        aside.replace(self.path / _POINTER)
        sync_folder(self.path)
        self.sweep(state)

    def sweep(self, state: State) -> None:
        """Remove every file and generation that *state* does not name."""
        for number in self.generations():
            if number != state.generation:
                shutil.rmtree(self.generation(number))
        self.sweep_files(state)

    def sweep_files(self, state: State) -> None:
        """Remove every file of the generation of *state* that *state* does not name."""
        for entry in list(self.generation(state.generation).iterdir()):
            if entry.name not in state.files:
                if entry.is_dir():
                    shutil.rmtree(entry)
                else:
                    entry.unlink()

    def check_sizes(self, state: State) -> None:
        """See that every file of *state* is there, and as long as it was.

        Raises:
            IndexUnavailable: one is not.
        """
        folder = self.generation(state.generation)
        for name, mark in state.files.items():
            try:
                size = (folder / name).stat().st_size
            except OSError as error:
                raise IndexUnavailable(f"the full-text index lost its file {name}") from error
            if size != mark.size:
                raise IndexUnavailable(f"the file {name} of the full-text index is damaged")

    def check_bytes(self, state: State, name: str) -> None:
        """See that the file *name* of *state* holds the bytes it held when it was written.

        Raises:
            FileNotFoundError: it is gone.
            IndexUnavailable: it holds others.
        """
        if marked(self.generation(state.generation) / name) != state.files[name]:
            raise IndexUnavailable(f"the file {name} of the full-text index is damaged")

    def check_every(self, state: State, names: Sequence[str]) -> None:
        """See that each of *names* holds the bytes it held, some of them at one time.

        Raises:
            FileNotFoundError: one is gone.
            IndexUnavailable: one holds others.
        """
        with ThreadPoolExecutor(BESIDE) as beside:
            deque(beside.map(partial(self.check_bytes, state), names), maxlen=0)

    @contextmanager
    def locked(self) -> Iterator[bool]:
        """Be the one writer; a thread that already is may ask again. Gives whether it is new.

        Raises:
            ArchiveBusy: another thread or process was, for longer than our patience.
        """
        if not self._ours.acquire(timeout=self._patience):
            raise ArchiveBusy(f"the full-text index in {self.path} is being written")
        try:
            if self._depth:
                yield False
                return
            with self._flocked():
                self._depth = 1
                try:
                    yield True
                finally:
                    self._depth = 0
        finally:
            self._ours.release()

    @contextmanager
    def _flocked(self) -> Iterator[None]:
        handle = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            ends = time.monotonic() + self._patience
            while not _taken(handle):
                if time.monotonic() > ends:
                    raise ArchiveBusy(f"the full-text index in {self.path} is being written")
                time.sleep(_TRY_EVERY)
            yield
        finally:
            os.close(handle)


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _crc_of(files: Mapping[str, object]) -> int:
    return zlib.crc32(json.dumps(files, sort_keys=True).encode())


def marked(path: Path) -> Mark:
    """Give the mark of the file *path*."""
    crc = size = 0
    room = memoryview(bytearray(_PIECE))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(room):
            crc = zlib.crc32(room[:count], crc)
            size += count
    return Mark(size, crc)


def sync_file(path: Path) -> None:
    """Make the bytes of *path* survive a loss of power."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(path: Path) -> None:
    """Make the names in *path* survive a loss of power."""
    sync_file(path)
