"""Deliveries in keeping: what platforms sent, from the moment it is answered until worked off.

One file for each page that a delivery may speak of, in a folder that only its owner may read.
A file is durable when `keep` returns, and unlinked once it is worked off: nothing of its text
stays behind. It is neither in a backup nor rebuilt: what is lost with it the nightly walk sees.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock

from archiver.config import Config
from archiver.records.deliveries import Delivery, Waiting
from archiver.records.identity import sha256
from archiver.records.moments import from_text, micros, written

FORMAT = "archiver-delivery/1"
_NAME = re.compile(r"\d{17}-\d{9}\.delivery")
_OWNER_ALONE = 0o600


class Deliveries:
    """The deliveries of an archive that are not worked off yet, below *folder*."""

    def __init__(self, folder: Path, *, most: int) -> None:
        """Keep at most *most* bytes; one process at a time keeps them."""
        self._folder = folder
        self._most = most
        self._lock = Lock()
        self._kept = 0
        self._size = self.waiting().size

    def keep(self, pages: Sequence[str], delivery: Delivery) -> bool:
        """Keep *delivery* for each of *pages* (opaque ids); durable when this returns.

        Gives False, and keeps nothing, where more would wait than may.

        Raises:
            OSError: it could not be written.
        """
        data = _as_file(delivery)
        with self._lock:
            if self._size + len(data) * len(pages) > self._most:
                return False
            self._size += len(data) * len(pages)
            self._kept += 1
            number = self._kept
        name = f"{micros(delivery.received_at):017}-{number:09}.delivery"
        for page in pages:
            folder = self._folder / page
            if not folder.is_dir():
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                _sync(self._folder)
            _write(folder, name, data)
        return True

    def pages(self) -> list[str]:
        """Give the opaque id of every page for which something waits."""
        return sorted(page.name for page in _folders(self._folder) if any(_files(page)))

    def of(self, page: str, *, most: int, most_bytes: int) -> list[tuple[Path, Delivery]]:
        """Give the oldest deliveries of *page* in order, at most so many and so large.

        At least one is given where any waits. What is no delivery is removed: it was half-written
        when a machine lost power, and never answered for.
        """
        found: list[tuple[Path, Delivery]] = []
        size = 0
        for path in sorted(_files(self._folder / page)):
            data = path.read_bytes()
            size += len(data)
            if found and (len(found) >= most or size > most_bytes):
                break
            delivery = _from_file(data)
            if delivery is None:
                self.remove([path])
            else:
                found.append((path, delivery))
        return found

    def remove(self, paths: Iterable[Path]) -> None:
        """Remove deliveries that are worked off; durable when this returns."""
        folders: set[Path] = set()
        for path in paths:
            with suppress(FileNotFoundError):
                path.unlink()
                folders.add(path.parent)
        for folder in folders:
            _sync(folder)
        self.recount()

    def recount(self) -> Waiting:
        """Count anew what waits: another process may have worked it off."""
        with self._lock:
            found = self.waiting()
            self._size = found.size
        return found

    def sweep(self) -> None:
        """Remove what was never written whole. Only who alone listens may."""
        for folder in _folders(self._folder):
            for aside in folder.glob(".*.new"):
                aside.unlink(missing_ok=True)

    def waiting(self) -> Waiting:
        """Say how much waits. Reads names and sizes alone."""
        files = [path for page in _folders(self._folder) for path in _files(page)]
        sizes, begun = 0, []
        for path in files:
            with suppress(FileNotFoundError):
                sizes += path.stat().st_size
                begun.append(int(path.name[:17]))
        return Waiting(len(begun), sizes, min(begun, default=None))


def deliveries_of(config: Config) -> Deliveries:
    """Give the deliveries of the archive that *config* names."""
    return Deliveries(config.folder / "deliveries", most=config.listening.max_waiting_bytes)


def _folders(folder: Path) -> Iterator[Path]:
    with suppress(FileNotFoundError):
        yield from (path for path in folder.iterdir() if path.is_dir())


def _files(folder: Path) -> Iterator[Path]:
    with suppress(FileNotFoundError):
        yield from (path for path in folder.iterdir() if _NAME.fullmatch(path.name))


def _write(folder: Path, name: str, data: bytes) -> None:
    """Write aside, sync, rename, sync the folder: a crash leaves all of it or nothing of it."""
    aside = folder / f".{name}.new"
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OWNER_ALONE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(folder / name)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    _sync(folder)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _as_file(delivery: Delivery) -> bytes:
    head = {
        "format": FORMAT,
        "received_at": written(delivery.received_at),
        "headers": dict(delivery.headers),
        "body": sha256(delivery.body),
    }
    return json.dumps(head).encode() + b"\n" + delivery.body


def _from_file(data: bytes) -> Delivery | None:
    """Read what `_as_file` wrote; None where it is not whole."""
    line, _, body = data.partition(b"\n")
    try:
        head = json.loads(line)
        if head["format"] != FORMAT or head["body"] != sha256(body):
            return None
        return Delivery(
            received_at=from_text(head["received_at"]), headers=head["headers"], body=body
        )
    except (ValueError, KeyError, TypeError):
        return None
