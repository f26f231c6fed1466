"""The keys of an archive: made once by `init`, in files that only their owner may read."""

from __future__ import annotations

import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from archiver.ledger.keys import generate
from archiver.ledger.trust import PastKey
from archiver.records.errors import CatalogueUnavailable
from archiver.records.identity import ArchiveKey, sha256

ARCHIVE = "archive.key"
"""The file of the archive key; it says which archive the others are of."""

_LEDGER, _NEXT, _PAST = "ledger.pem", "ledger.next.pem", "ledger.past"

FILES = (ARCHIVE, _LEDGER, _PAST)
"""The files of the keys that a backup takes in, where they are there."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """The archive key, the ledger's signing key (PEM), and the name that follows from them.

    *past* are the public keys that signed the ledger before.
    """

    archive: ArchiveKey
    ledger: bytes = field(repr=False)
    past: tuple[PastKey, ...] = ()

    @property
    def name(self) -> str:
        """Give a name for this archive that says nothing about its keys."""
        return sha256(b"archive-name" + self.archive.secret)[:16]

    @classmethod
    def make(cls, folder: Path) -> Keyring:
        """Make the keys of a new archive in *folder*; keys that are there are kept."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (folder / ARCHIVE).exists():
            _write(folder / ARCHIVE, secrets.token_hex(32).encode())
        if not (folder / _LEDGER).exists():
            _write(folder / _LEDGER, generate())
        return cls.read(folder)

    @classmethod
    def read(cls, folder: Path) -> Keyring:
        """Read the keys in *folder*.

        Raises:
            CatalogueUnavailable: one is missing, damaged, or may be read by others.
        """
        try:
            return cls(
                ArchiveKey(bytes.fromhex(_read(folder / ARCHIVE).decode())),
                _read(folder / _LEDGER),
                _past(folder / _PAST),
            )
        except (OSError, ValueError) as error:
            raise CatalogueUnavailable(
                f"the keys in {folder} cannot be used: {error}",
                remedy="Restore the keys from a backup; without them ids and seals mean nothing.",
            ) from error


def next_signing_key(folder: Path) -> bytes:
    """Give the key that is to sign next, made on the first asking and kept until `follow`."""
    path = folder / _NEXT
    if not path.exists():
        _write(path, generate())
    return _read(path)


def follow(folder: Path, past: PastKey) -> None:
    """Have the next key sign from now on, and *past* be remembered; it may be repeated."""
    known = _past(folder / _PAST)
    if past not in known:
        aside = folder / f"{_PAST}.part"
        aside.unlink(missing_ok=True)
        _write(aside, "".join(f"{each}\n" for each in (*known, past)).encode())
        aside.replace(folder / _PAST)
    (folder / _NEXT).replace(folder / _LEDGER)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _past(path: Path) -> tuple[PastKey, ...]:
    if not path.exists():
        return ()
    return tuple(PastKey.from_text(line) for line in _read(path).decode().splitlines())


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> bytes:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ValueError(f"{path.name} may be read by others; run chmod 600 on it")
    return path.read_bytes()
