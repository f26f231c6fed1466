"""The keys of an archive: made once by `init`, in files that only their owner may read."""

from __future__ import annotations

import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from archiver.ledger.keys import generate
from archiver.records.errors import CatalogueUnavailable
from archiver.records.identity import ArchiveKey, sha256

_ARCHIVE, _LEDGER = "archive.key", "ledger.pem"


@dataclass(frozen=True, slots=True)
class Keyring:
    """The archive key, the ledger's signing key (PEM), and the name that follows from them."""

    archive: ArchiveKey
    ledger: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """Give a name for this archive that says nothing about its keys."""
        return sha256(b"archive-name" + self.archive.secret)[:16]

    @classmethod
    def make(cls, folder: Path) -> Keyring:
        """Make the keys of a new archive in *folder*; keys that are there are kept."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (folder / _ARCHIVE).exists():
            _write(folder / _ARCHIVE, secrets.token_hex(32).encode())
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
                ArchiveKey(bytes.fromhex(_read(folder / _ARCHIVE).decode())),
                _read(folder / _LEDGER),
            )
        except (OSError, ValueError) as error:
            raise CatalogueUnavailable(
                f"the keys in {folder} cannot be used: {error}",
                remedy="Restore the keys from a backup; without them ids and seals mean nothing.",
            ) from error


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
