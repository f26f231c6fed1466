"""Writing a bag: aside and bit by bit, and under its own name only when it is whole and durable.

What a broken-off writing left aside is gone on with: a file that is there already is read and
proven, not believed. Nothing is held whole, neither a file nor the list of them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

_THREADS, _AT_ONCE = 16, 1_000
_DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_MANIFEST, _TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
_DECLARED, _INFO = "bagit.txt", "bag-info.txt"
_IDENTIFIER = "External-Identifier"
_LONGEST = 78
"""A line of bag-info.txt is folded where it would be longer (RFC 8493, 2.2.2)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A payload file: its path under `data/`, and the SHA-256 it must have."""

    path: str
    digest: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What a file that was written came to."""

    digest: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """What a whole bag came to. *manifest* is the SHA-256 of its list of tag files."""

    octets: int
    files: int
    manifest: str


class Hashing:
    """A file that is hashed while it is written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes) -> None:
        """Write *data*."""
        self._file.write(data)
        self._digest.update(data)
        self._size += len(data)

    @property
    def proof(self) -> Proof:
        """Give what was written so far came to."""
        return Proof(self._digest.hexdigest(), self._size)


class BagFolder:
    """A bag called *name* on its way into the folder *into*; *identifier* tells it from any other.

    Until `close` it lies aside, under a name that begins with a dot.
    """

    def __init__(self, into: Path, name: str, identifier: str) -> None:
        self.path = into / name
        self._aside = into / f".{identifier}.part"
        self._identifier = identifier

    @property
    def is_another(self) -> bool:
        """Say whether something else stands where the bag must go."""
        return self.path.exists() and not self._is_ours()

    def _is_ours(self) -> bool:
        try:
            lines = (self.path / _INFO).read_text("utf-8").splitlines()
        except OSError:
            return False
        return f"{_IDENTIFIER}: {self._identifier}" in lines

    def open(self) -> None:
        """Begin, or go on with what was broken off; what was closed is taken aside again."""
        if not self._aside.exists() and self._is_ours():
            self.path.rename(self._aside)
        for folder in (self._aside, self._aside / "data"):
            folder.mkdir(mode=0o700, exist_ok=True)

    def holds(self, entry: Entry) -> bool:
        """Say whether *entry* is there already, whole: its bytes are read."""
        try:
            with (self._aside / "data" / entry.path).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == entry.digest
        except FileNotFoundError:
            return False

    def put(self, path: str, pieces: Iterable[bytes]) -> None:
        """Write the payload file *path*, over whatever a broken-off writing left there."""
        with self.putting(path) as file:
            for piece in pieces:
                file.write(piece)

    @contextmanager
    def putting(self, path: str) -> Iterator[Hashing]:
        """Give the payload file *path* to be written."""
        target = self._aside / "data" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            yield Hashing(file)

    def keep_only(self, folder: str, kept: Callable[[list[str]], set[str]]) -> None:
        """Take away what lies in *folder* of the payload (two levels deep), but what is *kept*.

        *kept* is asked in slices, each of one folder.
        """
        top = self._aside / "data" / folder
        for shelf in sorted(top.iterdir()) if top.exists() else ():
            names = [each.name for each in shelf.iterdir()]
            for name in set(names) - kept(names):
                shutil.rmtree(shelf / name)

    def close(self, payload: Iterable[Entry], info: Iterable[tuple[str, str]]) -> Packed:
        """List *payload* and describe it by *info*, make all of it durable, give it its name.

        Every file that is listed must be there; what else there is, is the caller's mistake.

        Raises:
            OSError: something could not be written; what there is stays aside.
        """
        octets = files = 0
        with (self._aside / _MANIFEST).open("wb") as manifest:
            for entry in payload:
                octets += (self._aside / "data" / entry.path).stat().st_size
                files += 1
                manifest.write(f"{entry.digest}  data/{entry.path}\n".encode())
        (self._aside / _DECLARED).write_bytes(_DECLARATION)
        told = [(_IDENTIFIER, self._identifier), *info, ("Payload-Oxum", f"{octets}.{files}")]
        (self._aside / _INFO).write_text("".join(map(_line, told)), "utf-8")
        listed = "".join(
            f"{_hashed(self._aside / name)}  {name}\n" for name in (_INFO, _DECLARED, _MANIFEST)
        ).encode()
        (self._aside / _TAG_MANIFEST).write_bytes(listed)
        _make_durable(self._aside)
        self._aside.rename(self.path)
        _sync(self.path.parent)
        return Packed(octets=octets, files=files, manifest=hashlib.sha256(listed).hexdigest())

    def discard(self) -> None:
        """Take away everything that lies aside."""
        shutil.rmtree(self._aside, ignore_errors=True)


def _line(told: tuple[str, str]) -> str:
    """Give a line of bag-info.txt, folded where it is long; a value is one paragraph."""
    label, value = told
    lines, words = [f"{label}:"], value.split()
    for word in words:
        if len(lines[-1]) + 1 + len(word) > _LONGEST and lines[-1].strip():
            lines.append(" ")
        lines[-1] += f" {word}"
    return "\n".join(lines) + "\n"


def _hashed(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _make_durable(top: Path) -> None:
    """Make a whole folder durable, several files at a time; no other disk is waited for."""
    with ThreadPoolExecutor(_THREADS) as pool:
        every = _everything(top)
        while some := list(islice(every, _AT_ONCE)):
            for _ in pool.map(_sync, some):
                pass


def _everything(top: Path) -> Iterator[Path]:
    """Give every file in *top*, each folder after what lies in it."""
    for folder, _, names in os.walk(top, topdown=False):
        yield from (Path(folder) / name for name in names)
        yield Path(folder)


def _sync(path: Path) -> None:
    """Make one file or folder durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
