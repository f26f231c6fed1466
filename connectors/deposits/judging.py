"""What an export file may look like; everything else is refused before a byte is unpacked."""

from __future__ import annotations

import re
import stat
import struct
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_DRIVE = re.compile(r"[A-Za-z]:")
_SLASHES = re.compile(r"(?<=[^/])/{2,}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NOT_UTF8 = re.compile(r"[\ud800-\udfff]")
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1 | 0x40
_UTF8_NAME = 0x800
_LOCAL_HEADER = 30

_END = struct.Struct("<4s4H2LH")
_END_MARK = b"PK\x05\x06"
_END64 = struct.Struct("<4sQ2H2L4Q")
_END64_MARK = b"PK\x06\x06"
_LOCATOR = struct.Struct("<4sLQL")
_LOCATOR_MARK = b"PK\x06\x07"
_LONGEST_COMMENT = 0xFFFF
_SHOWN = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large an export may be. A ratio is judged where the unpacked size exceeds *small*."""

    entries: int = 250_000
    directory_bytes: int = 64 * 1024**2
    total_bytes: int = 1024**4
    ratio: int = 250
    total_ratio: int = 100
    small: int = 16 * 1024**2
    depth: int = 24
    name_length: int = 1024


LIMITS = Limits()
"""What is allowed unless a test says otherwise: far above any real export, far below harm."""


def directory_faults(path: Path, limits: Limits) -> list[str]:
    """Say what is wrong with the size of the central directory of *path*, without loading it.

    An export's directory is read into memory whole, so its announced size is judged first.
    """
    found = _announced(path)
    if found is None:
        return [_no_zip(path)]
    entries, size = found
    faults = []
    if entries > limits.entries:
        faults.append(f"{path.name} holds {entries} entries; {limits.entries} are allowed")
    if size > limits.directory_bytes:
        faults.append(f"{path.name} has a directory of {size} bytes, more than any real export")
    return faults


def _no_zip(path: Path) -> str:
    """Say what *path* is, which has no end as zip files have."""
    with path.open("rb") as file:
        begins = file.read(2)
    if not begins:
        return f"{path.name} is empty"
    if begins == b"PK":
        return f"{path.name} is not a whole zip file; a download may have been cut off"
    return (
        f"{path.name} is no zip file: the download may have failed, or it is packed otherwise; "
        "then unpack it, and import the folder"
    )


def _announced(path: Path) -> tuple[int, int] | None:
    """Give how many entries the directory of *path* announces, and how many bytes it has."""
    with path.open("rb") as file:
        length = file.seek(0, 2)
        tail_at = max(0, length - _END.size - _LONGEST_COMMENT)
        file.seek(tail_at)
        tail = file.read()
        at = tail.rfind(_END_MARK)
        if at < 0 or len(tail) - at < _END.size:
            return None
        _mark, _disk, _first, _here, entries, size, _offset, _comment = _END.unpack_from(tail, at)
        return _announced64(file, tail_at + at, length) or (entries, size)


def _announced64(file: BinaryIO, end_at: int, length: int) -> tuple[int, int] | None:
    """Give the same from the 64-bit record, where there is one: the larger of where it may lie.

    The locator says where it lies; some readers take the place right before the locator instead.
    """
    locator_at = end_at - _LOCATOR.size
    if locator_at < 0:
        return None
    file.seek(locator_at)
    mark, _disk, told_at, _disks = _LOCATOR.unpack(file.read(_LOCATOR.size))
    if mark != _LOCATOR_MARK:
        return None
    entries = size = 0
    for place in (told_at, locator_at - _END64.size):
        if 0 <= place <= length - _END64.size:
            file.seek(place)
            record = _END64.unpack(file.read(_END64.size))
            if record[0] == _END64_MARK:
                entries, size = max(entries, record[7]), max(size, record[8])
    return entries, size


def entry_name(info: zipfile.ZipInfo) -> str:
    """Give the name of *info* as its maker wrote it: UTF-8, even where the flag is missing.

    Several slashes within it are one: Snapchat writes `memories//memories.html`.
    """
    name = info.orig_filename
    if not info.flag_bits & _UTF8_NAME and not name.isascii():
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return _SLASHES.sub("/", name)


def name_fault(name: str, limits: Limits) -> str:
    """Say why *name* is no plain path inside an export; nothing where it is one."""
    parts = name.removesuffix("/").split("/")
    faults = {
        "has a name that is not UTF-8: give the file another": bool(_NOT_UTF8.search(name)),
        "has a control character in its name": bool(_CONTROL.search(name)),
        "has a backslash in its name": "\\" in name,
        "has an absolute path": name.startswith("/") or bool(_DRIVE.match(name)),
        "leads out of the export with '..'": ".." in parts,
        "is no plain path": "" in parts or "." in parts,
        f"lies more than {limits.depth} folders deep": len(parts) > limits.depth,
        f"has a name of more than {limits.name_length} characters": len(name) > limits.name_length,
    }
    return next((fault for fault, found in faults.items() if found), "")


def entry_faults(infos: Iterable[zipfile.ZipInfo], limits: Limits) -> Iterator[str]:
    """Say, for every entry of a zip file, each thing for which it is refused."""
    seen: set[str] = set()
    for info in infos:
        name = entry_name(info)
        if fault := name_fault(name, limits):
            yield f"{shown(name)} {fault}"
        if name in seen:
            yield f"{shown(name)} occurs twice"
        seen.add(name)
        for fault in _kind_faults(info, limits):
            yield f"{shown(name)} {fault}"


def _kind_faults(info: zipfile.ZipInfo, limits: Limits) -> Iterator[str]:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        yield "is a link or a device, not a file"
    if info.flag_bits & _ENCRYPTED:
        yield "is encrypted"
    if info.compress_type not in _METHODS:
        yield "is compressed in a way no platform uses"
    if info.file_size > limits.small and info.file_size > limits.ratio * info.compress_size:
        yield f"would unpack to more than {limits.ratio} times its size"


def whole_faults(infos: Iterable[zipfile.ZipInfo], limits: Limits) -> Iterator[str]:
    """Say for what a zip file is refused as a whole: its total size, entries lying in another."""
    total = packed = reach = 0
    overlapping = False
    for info in sorted(infos, key=lambda info: info.header_offset):
        overlapping = overlapping or info.header_offset < reach
        reach = info.header_offset + _LOCAL_HEADER + info.compress_size
        total += info.file_size
        packed += info.compress_size
    if overlapping:
        yield "its entries lie in one another"
    if total > limits.total_bytes:
        yield f"it would unpack to {total} bytes; {limits.total_bytes} are allowed"
    if total > limits.small and total > limits.total_ratio * packed:
        yield f"it would unpack to more than {limits.total_ratio} times its size"


def shown(name: str) -> str:
    """Give *name* as a message may show it: quoted, escaped, not endless."""
    return ascii(name if len(name) <= _SHOWN else name[:_SHOWN] + "...")
