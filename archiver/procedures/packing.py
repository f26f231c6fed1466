"""Packing a backup: a tar stream whose every member is proven by a list of sums that follows it.

Nothing is ever held whole: members are made piece by piece, and the sums of some thousand of
them go into a member of their own. The last member is the manifest. An unpacked backup can be
checked by hand with `sha256sum -c sums/*`.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, BinaryIO, cast

from archiver.records.canonical import Json, canonical
from archiver.records.errors import BackupInvalid

MANIFEST = "manifest.json"
FORMAT = "records-archive-backup/1"
_SUMS = "sums/"
_AT_ONCE = 4_000
_BLOCK = 512
_LARGEST_PLAIN = 8 * 1024**3 - 1
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a backup: its name, its size, and its bytes in pieces."""

    name: str
    size: int
    pieces: Iterable[bytes]

    @classmethod
    def of(cls, name: str, data: bytes) -> Member:
        """Give a member whose bytes are already in memory."""
        return cls(name, len(data), (data,))


def packed(members: Iterable[Member], manifest: Callable[[], dict[str, Json]]) -> Iterator[bytes]:
    """Give the tar stream of *members*; *manifest* is asked when all of them are in it."""
    sums: list[str] = []
    whole, count, lists = hashlib.sha256(), 0, 0
    for member in members:
        digest = hashlib.sha256()
        yield from _written(member, digest.update)
        sums.append(f"{digest.hexdigest()}  {member.name}\n")
        count += 1
        if len(sums) >= _AT_ONCE:
            lists += 1
            yield from _listed(lists, sums, whole.update)
            sums = []
    yield from _listed(lists + 1, sums, whole.update)
    told = manifest() | {"format": FORMAT, "members": count, "sums": whole.hexdigest()}
    yield from _written(Member.of(MANIFEST, canonical(told)), lambda _piece: None)
    yield bytes(2 * _BLOCK)


def _listed(number: int, sums: list[str], update: Callable[[bytes], None]) -> Iterator[bytes]:
    data = "".join(sums).encode()
    update(data)
    yield from _written(Member.of(f"{_SUMS}{number:06}.txt", data), lambda _piece: None)


def _written(member: Member, update: Callable[[bytes], None]) -> Iterator[bytes]:
    info = tarfile.TarInfo(member.name)
    info.size, info.mode = member.size, 0o600
    plain = member.size <= _LARGEST_PLAIN
    yield info.tobuf(tarfile.USTAR_FORMAT) if plain else info.tobuf(tarfile.PAX_FORMAT)
    written = 0
    for piece in member.pieces:
        update(piece)
        written += len(piece)
        yield piece
    if written != member.size:
        raise BackupInvalid(f"{member.name} changed its size while it was being copied")
    if rest := written % _BLOCK:
        yield bytes(_BLOCK - rest)


def unpack(stream: BinaryIO, keep: Callable[[str, IO[bytes]], None]) -> dict[str, Json]:
    """Read a tar stream, prove every member, and give the manifest.

    *keep* is handed each member but sums and manifest, and reads it to its end or leaves it.

    Raises:
        BackupInvalid: a member is not what its sum says, or the stream ends early.
    """
    sums: dict[str, str] = {}
    whole, count = hashlib.sha256(), 0
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for info in tar:
                file = tar.extractfile(info)
                if file is None:
                    raise BackupInvalid(f"{info.name} is no file")
                if info.name == MANIFEST:
                    told = cast("dict[str, Json]", json.loads(file.read()))
                    _check_manifest(told, count, whole.hexdigest(), sums)
                    return told
                if info.name.startswith(_SUMS):
                    data = file.read()
                    whole.update(data)
                    _check_sums(data.decode(), sums)
                    continue
                hashing = _Hashing(file)
                keep(info.name, cast("IO[bytes]", hashing))
                sums[info.name] = hashing.finish()
                count += 1
    except (tarfile.TarError, ValueError, EOFError) as error:
        raise BackupInvalid(f"the backup cannot be read: {error}") from error
    raise BackupInvalid("the backup ends before its manifest: it was not finished")


def _check_sums(text: str, sums: dict[str, str]) -> None:
    listed = {name: digest for digest, _, name in (ln.partition("  ") for ln in text.splitlines())}
    wrong = sorted(
        name for name in listed.keys() | sums.keys() if listed.get(name) != sums.get(name)
    )
    if wrong:
        raise BackupInvalid(f"{len(wrong)} files are not what was backed up: {wrong[0]}")
    sums.clear()


def _check_manifest(told: dict[str, Json], count: int, whole: str, left: dict[str, str]) -> None:
    if told.get("format") != FORMAT:
        raise BackupInvalid(f"the backup is of another format: {told.get('format')}")
    if left or (told.get("members"), told.get("sums")) != (count, whole):
        raise BackupInvalid("the backup's files are not those its manifest counts")


class _Hashing:
    """A file that is hashed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Give at most *size* bytes."""
        data = self._file.read(size)
        self._digest.update(data)
        return data

    def finish(self) -> str:
        """Read what nobody read, and give the digest of everything."""
        while self.read(_PIECE):
            pass
        return self._digest.hexdigest()
