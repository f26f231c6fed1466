"""Locks of the whole archive, across threads and processes, that outlive no process.

They keep two schedulers, two visits of one page, or two hands on the ledger's copy apart. On
SQLite they are locked files beside the catalogue, on PostgreSQL advisory locks of a session.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Engine, text

from archiver.records.errors import ArchiveBusy

PATIENCE_SECONDS = 120.0
_PAUSE_SECONDS = 0.02
_SAFE = re.compile(r"[^a-z0-9-]+")


class FileLocks:
    """Locked files in a folder beside the catalogue's own file."""

    def __init__(self, url: URL) -> None:
        self._folder = Path(f"{url.database}.locks")

    @contextmanager
    def hold(self, name: str, *, wait: bool) -> Iterator[None]:
        """Hold the lock *name*.

        Raises:
            ArchiveBusy: someone else holds it.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{_SAFE.sub('-', name.lower())}.lock"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _insist(lambda: _locked(descriptor), name, wait=wait)
            yield
        finally:
            os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class ServerLocks:
    """Advisory locks of a PostgreSQL session."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def hold(self, name: str, *, wait: bool) -> Iterator[None]:
        """Hold the lock *name*.

        Raises:
            ArchiveBusy: someone else holds it.
        """
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        autocommit = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        with autocommit.connect() as connection:
            ask = text("SELECT pg_try_advisory_lock(:key)")
            _insist(lambda: bool(connection.scalar(ask, {"key": key})), name, wait=wait)
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})


def _insist(take: Callable[[], bool], name: str, *, wait: bool) -> None:
    deadline = time.monotonic() + (PATIENCE_SECONDS if wait else 0.0)
    while not take():
        if time.monotonic() >= deadline:
            raise ArchiveBusy(f"another process is at work on {name}")
        time.sleep(_PAUSE_SECONDS)
