"""Sealing a backup: one age file, for recipients or under a passphrase, streamed both ways.

For recipients the file is plain age. Under a passphrase a key is made for this one file; its
first line holds that key, itself sealed by age under the passphrase, because age's own way of
doing so does not stream. docs/decisions/backup-and-restore.md shows how to open both by hand.
"""

from __future__ import annotations

import base64
import io
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import pyrage

from archiver.records.errors import BackupInvalid, ConfigInvalid

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_FIRST_LINE = b"records-archive-backup/1 "
_LONGEST_LINE = 10_000
_OF_AGE = b"age-encryption.org/v1"


@dataclass(frozen=True, slots=True)
class Seal:
    """Whom a backup is sealed for: age recipients, or who knows a passphrase."""

    recipients: tuple[str, ...] = ()
    passphrase: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Key:
    """What opens a backup: the text of an age identity file, or a passphrase."""

    identities: str = field(default="", repr=False)
    passphrase: str | None = field(default=None, repr=False)


def begins_sealed(data: bytes) -> bool:
    """Say whether *data* is the beginning of what `seal_into` writes."""
    return data.startswith((_FIRST_LINE, _OF_AGE))


def seal_into(target: BinaryIO, pieces: Iterable[bytes], seal: Seal) -> None:
    """Write *pieces* to *target*, sealed.

    Raises:
        OSError: what *target* refused, with its name.
        ConfigInvalid: neither recipients nor a passphrase, or a recipient is none.
    """
    if bool(seal.recipients) == bool(seal.passphrase):
        raise ConfigInvalid(
            "a backup is sealed for --recipient, or under --passphrase-file, and one of them only",
            remedy="Make a key pair with age-keygen, and keep the identity away from the archive.",
        )
    if seal.passphrase:
        own = pyrage.x25519.Identity.generate()
        line = pyrage.passphrase.encrypt(str(own).encode(), seal.passphrase)
        target.write(_FIRST_LINE + base64.b64encode(line) + b"\n")
        recipients = [own.to_public()]
    else:
        recipients = [_recipient(text) for text in seal.recipients]
    source, sink = _Pieces(pieces), _Sink(target)
    try:
        pyrage.encrypt_io(source, sink, recipients)
    except (pyrage.EncryptError, OSError):
        failure = source.failure or sink.failure
        if failure is not None:
            raise failure from None
        raise


def _recipient(text: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        raise ConfigInvalid(f"--recipient {text}: is no age recipient (age1…): {error}") from error


class _Pieces(io.RawIOBase):
    """Pieces as a file to read from; remembers what went wrong while they were made."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.failure: Exception | None = None
        self._pieces = iter(pieces)
        self._left = b""

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Give at most *size* bytes."""
        try:
            while not self._left:
                self._left = next(self._pieces)
        except StopIteration:
            return b""
        except Exception as error:
            self.failure = error
            raise
        given = self._left if size < 0 else self._left[:size]
        self._left = self._left[len(given) :]
        return given


class _Sink(io.RawIOBase):
    """A file to write to; remembers what the operating system refused, with the file's name."""

    def __init__(self, target: BinaryIO) -> None:
        self.failure: OSError | None = None
        self._target = target

    def writable(self) -> bool:
        """Say that it can be written."""
        return True

    def write(self, data: ReadableBuffer) -> int:
        """Write what of *data* fits, and say how much that was."""
        try:
            return self._target.write(data)
        except OSError as error:
            self.failure = OSError(error.errno, error.strerror, self._target.name)
            raise


@contextmanager
def unsealed(path: Path, key: Key) -> Iterator[BinaryIO]:
    """Open the backup at *path* and give what is in it, as a stream.

    Raises:
        BackupInvalid: it cannot be opened with this key, or (at the end) it is not whole.
    """
    with path.open("rb") as sealed:
        identities = _identities(sealed, key)
        reading, writing = os.pipe()
        opening = _Opening(sealed, os.fdopen(writing, "wb"), identities)
        opening.start()
        try:
            with os.fdopen(reading, "rb") as stream:
                yield stream
                while stream.read(1 << 16):
                    pass
        except Exception as error:
            opening.join()
            if opening.failure is not None:
                raise _unopened(path, opening.failure) from error
            raise
        opening.join()
    if opening.failure is not None:
        raise _unopened(path, opening.failure)


def _unopened(path: Path, failure: Exception) -> BackupInvalid:
    return BackupInvalid(f"{path}: cannot be opened whole: {failure}")


class _Opening(threading.Thread):
    """Opens a sealed stream into a pipe."""

    def __init__(
        self, sealed: BinaryIO, into: BinaryIO, identities: list[pyrage.x25519.Identity]
    ) -> None:
        super().__init__(daemon=True)
        self.failure: Exception | None = None
        self._sealed, self._into, self._identities = sealed, into, identities

    def run(self) -> None:
        """Open all of it; a reader who stops early is no failure."""
        try:
            pyrage.decrypt_io(self._sealed, self._into, self._identities)
        except BrokenPipeError:
            pass
        except (pyrage.DecryptError, OSError, ValueError) as error:
            self.failure = error
        finally:
            with suppress(OSError):
                self._into.close()


def _identities(sealed: BinaryIO, key: Key) -> list[pyrage.x25519.Identity]:
    try:
        if key.passphrase is None:
            lines = [line.strip() for line in key.identities.splitlines()]
            return [pyrage.x25519.Identity.from_str(x) for x in lines if x and x[0] != "#"]
        line = sealed.readline(_LONGEST_LINE)
        if not line.startswith(_FIRST_LINE):
            raise BackupInvalid(f"{sealed.name}: was not sealed under a passphrase")
        own = pyrage.passphrase.decrypt(base64.b64decode(line[len(_FIRST_LINE) :]), key.passphrase)
        return [pyrage.x25519.Identity.from_str(own.decode())]
    except (pyrage.DecryptError, pyrage.IdentityError, ValueError) as error:
        raise BackupInvalid(f"{sealed.name}: the key does not open it: {error}") from error
