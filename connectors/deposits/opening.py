"""Opening an export: one zip file, the zip files of a split export, or a folder already unpacked.

Memory holds the list of entries and one piece of one file, however large the export is.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Collection, Generator, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath
from typing import IO, TypeAlias

from archiver.ports import Downloaded
from archiver.records.errors import AttachmentGone, DepositRefused, TooLarge
from connectors.deposits.judging import (
    LIMITS,
    Limits,
    directory_faults,
    entry_faults,
    entry_name,
    name_fault,
    shown,
    whole_faults,
)
from connectors.deposits.stored import Stored

_PIECE = 256 * 1024
_MOST_FAULTS = 50
_LITTER = frozenset({"desktop.ini", "thumbs.db"})
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file inside an export: its path there, and the size it is said to have."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class _Zip:
    path: Path
    file: zipfile.ZipFile


_Place: TypeAlias = tuple[_Zip, zipfile.ZipInfo] | Path


class Deposit:
    """An export that was judged and may be read; nothing of it was unpacked.

    *clashing* are the names that several parts of a split export hold with different content:
    such parts are not of one export. Used by one thread; closed by who opened it.
    """

    def __init__(
        self,
        path: Path,
        zips: Sequence[_Zip],
        places: dict[str, _Place],
        clashing: frozenset[str] = frozenset(),
    ) -> None:
        self.name = path.name
        self._path = path
        self._zips = zips
        self._places = places
        self.clashing = clashing
        self._cutting: tuple[str, IO[bytes]] | None = None

    def names(self) -> list[str]:
        """Give the path of every file in the export, in order."""
        return sorted(self._places)

    def __contains__(self, name: object) -> bool:
        return name in self._places

    @property
    def entries(self) -> list[Entry]:
        """Every file in the export with its size, in order of name."""
        return [Entry(name, self.size(name)) for name in self.names()]

    def size(self, name: str) -> int:
        """Give how many bytes the file called *name* is said to have."""
        place = self._places[name]
        return place.stat().st_size if isinstance(place, Path) else place[1].file_size

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the zip file; of several files, that of the list of names and digests."""
        files = [part.path for part in self._zips]
        if len(files) == 1 and files[0] == self._path:
            return _sha256(files[0])
        if not files:
            files = [place for place in self._places.values() if isinstance(place, Path)]
        listed = sorted((file.relative_to(self._path).as_posix(), _sha256(file)) for file in files)
        lines = "".join(f"{digest}  {name}\n" for name, digest in listed)
        return hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()

    def open(self, name: str) -> Generator[bytes, None, None]:
        """Give the bytes of the file called *name* in pieces, counted while they come.

        Raises:
            DepositRefused: it is damaged, or has not the size that the export says.
        """
        place = self._places[name]
        expected = self.size(name)
        received = 0
        try:
            with _opened(place) as file:
                while piece := file.read(_PIECE):
                    received += len(piece)
                    if received > expected:
                        break
                    yield piece
        except _DAMAGE as error:
            raise DepositRefused(f"{shown(name)} is damaged ({_harm(error)})") from None
        if received != expected:
            raise DepositRefused(f"{shown(name)} has not the {expected} bytes the export says")

    def spool(self, name: str, folder: PurePath, *, max_bytes: int) -> Downloaded:
        """Bring the file called *name* into *folder*, hashed on the way.

        Raises:
            AttachmentGone: the export has no such file.
            TooLarge: it has more than *max_bytes*.
            DepositRefused: it is damaged.
        """
        if name not in self._places:
            raise AttachmentGone("the export names this file, and does not hold it")
        size = self.size(name)
        if size > max_bytes:
            raise TooLarge(f"the file has {size} bytes, and {max_bytes} are allowed")
        return spooled(self.open(name), folder)

    def cut(self, name: str, begin: int, length: int) -> bytes:
        """Give *length* bytes of the file called *name*, from *begin* on; quickest in their order.

        Raises:
            DepositRefused: it is damaged, or ends before.
        """
        try:
            if self._cutting is None or self._cutting[0] != name:
                self._let_go()
                self._cutting = (name, _opened(self._places[name], in_any_order=True))
            self._cutting[1].seek(begin)
            found = self._cutting[1].read(length)
        except _DAMAGE as error:
            raise DepositRefused(f"{shown(name)} is damaged ({_harm(error)})") from None
        if len(found) != length:
            raise DepositRefused(f"{shown(name)} ends before byte {begin + length}")
        return found

    def in_any_order(self, name: str) -> bool:
        """Say whether parts of the file called *name* can be cut in any order at no cost."""
        place = self._places[name]
        return isinstance(place, Path) or place[1].compress_type == zipfile.ZIP_STORED

    def close(self) -> None:
        """Close the files."""
        self._let_go()
        for part in self._zips:
            part.file.close()

    def _let_go(self) -> None:
        if self._cutting is not None:
            self._cutting[1].close()
            self._cutting = None


def spooled(pieces: Iterable[bytes], folder: PurePath) -> Downloaded:
    """Write *pieces* as one file in *folder*, hashed on the way; where they fail, none is left."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    descriptor, path = tempfile.mkstemp(dir=folder, prefix="deposit-")
    digest, size = hashlib.sha256(), 0
    try:
        with os.fdopen(descriptor, "wb") as file:
            for piece in pieces:
                digest.update(piece)
                size += file.write(piece)
    except BaseException:
        Path(path).unlink(missing_ok=True)
        raise
    return Downloaded(Path(path), digest.hexdigest(), size)


def open_deposit(
    path: PurePath, *, limits: Limits = LIMITS, loose: Collection[str] = ()
) -> Deposit:
    """Open the export at *path*: a zip file, a folder of its zip files, or a folder unpacked.

    A file whose name ends as *loose* says is an export by itself.

    Raises:
        DepositRefused: it is none of these, or not safe to read; names every fault found.
    """
    place = Path(path)
    if place.is_file() and place.suffix.lower() in loose:
        alone = place.resolve()
        return Deposit(alone, [], {alone.name: alone})
    if place.is_file():
        return _of_zips(place, [place], limits)
    if not place.is_dir():
        raise DepositRefused(f"{place.name}: there is no such file", remedy="Check the path.")
    visible = [child for child in sorted(place.iterdir()) if not _is_litter(child.name)]
    parts = [child for child in visible if child.suffix.lower() == ".zip" and child.is_file()]
    if not parts:
        return Deposit(place, [], _files(place, limits))
    if beside := [child.name for child in visible if child not in parts]:
        raise DepositRefused(
            f"{place.name} holds zip files, and beside them {', '.join(map(shown, beside[:10]))}",
            remedy="Put the zip files of one export into a folder of their own.",
        )
    return _of_zips(place, parts, limits)


def _of_zips(path: Path, files: Sequence[Path], limits: Limits) -> Deposit:
    zips: list[_Zip] = []
    faults: list[str] = []
    for file in files:
        faults += _judged(file, limits, zips)
    if not faults:
        return _merged(path, zips)
    for part in zips:
        part.file.close()
    raise _refusal(faults)


def _judged(path: Path, limits: Limits, zips: list[_Zip]) -> list[str]:
    """Open the zip file at *path*, add it to *zips*, and give what it is to be refused for."""
    try:
        if faults := directory_faults(path, limits):
            return faults
        zips.append(_Zip(path, zipfile.ZipFile(path)))
    except _DAMAGE as error:
        return [f"{path.name} cannot be read as a zip file ({type(error).__name__})"]
    infos = zips[-1].file.infolist()
    if len(infos) > limits.entries:
        return [f"{path.name} holds more than {limits.entries} entries"]
    faults = [f"{path.name}: {fault}" for fault in whole_faults(infos, limits)]
    return [*faults, *entry_faults(infos, limits)]


def _merged(path: Path, zips: Sequence[_Zip]) -> Deposit:
    """Join the parts of an export; a file that several parts hold alike is one file."""
    places: dict[str, _Place] = {}
    clashing: set[str] = set()
    for part in zips:
        for info in part.file.infolist():
            name = entry_name(info)
            if info.is_dir():
                continue
            before = places.setdefault(name, (part, info))
            if not isinstance(before, Path) and _proof(before[1]) != _proof(info):
                clashing.add(name)
    return Deposit(path, zips, places, frozenset(clashing))


def _proof(info: zipfile.ZipInfo) -> tuple[int, int]:
    return info.file_size, info.CRC


def _files(folder: Path, limits: Limits) -> dict[str, _Place]:
    """List every file under *folder*, following no link."""
    places: dict[str, _Place] = {}
    faults: list[str] = []
    for parent, folders, names in os.walk(folder, onerror=_unreadable):
        for name in [*folders, *names]:
            file = Path(parent, name)
            mode = file.lstat().st_mode
            inside = file.relative_to(folder).as_posix()
            if fault := name_fault(inside, limits):
                faults.append(f"{shown(inside)} {fault}")
            elif stat.S_ISREG(mode):
                places[inside] = file
            elif not stat.S_ISDIR(mode):
                faults.append(f"{shown(inside)} is a link or a device, not a file")
        if len(places) > limits.entries:
            raise DepositRefused(f"{folder.name} holds more than {limits.entries} files")
    if faults:
        raise DepositRefused(
            str(_refusal(faults)),
            remedy="Mend in the folder what is named, or import the zip files as they were made.",
        )
    return places


def _unreadable(error: OSError) -> None:
    raise DepositRefused(f"a folder of the export cannot be read ({error.strerror})") from None


def _opened(place: _Place, *, in_any_order: bool = False) -> IO[bytes]:
    if isinstance(place, Path):
        descriptor = os.open(place, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        return os.fdopen(descriptor, "rb")
    part, info = place
    if in_any_order and info.compress_type == zipfile.ZIP_STORED:
        return io.BufferedReader(Stored(part.path, info))
    return part.file.open(info)


def _refusal(faults: Sequence[str]) -> DepositRefused:
    told = list(faults[:_MOST_FAULTS])
    if len(faults) > _MOST_FAULTS:
        told.append(f"and {len(faults) - _MOST_FAULTS} more")
    return DepositRefused("\n".join(told))


def _harm(error: Exception) -> str:
    """Say what *error* says of a file in a zip file."""
    if isinstance(error, zlib.error):
        return "its packed bytes cannot be unpacked"
    if isinstance(error, zipfile.BadZipFile):
        return "its bytes are not those that were packed"
    return type(error).__name__


def _is_litter(name: str) -> bool:
    return name.startswith(".") or name.lower() in _LITTER


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
