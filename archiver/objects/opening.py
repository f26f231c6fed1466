"""Opening an object store by its location: a folder, a bucket, or memory."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from archiver.objects.folder import FolderStore
from archiver.objects.locking_memory import LockingMemory
from archiver.objects.memory import MemoryStore
from archiver.ports import ObjectDestroyer, ObjectKeeper, ObjectLocker, Shelf
from archiver.records.errors import ConfigInvalid
from archiver.records.locking import LockMode


class Store(ObjectKeeper, ObjectDestroyer, Shelf, Protocol):
    """An object store opened whole; the office hands out narrower rights.

    Its destroying verbs raise NotPermitted unless it was opened with `may_destroy`.
    """

    location: str

    @property
    def manner(self) -> str:
        """Say how it destroys, for the certificate."""

    def close(self) -> None:
        """Let go of what was opened; the store is not used after this."""


def open_store(
    location: str,
    *,
    may_destroy: bool = False,
    create: bool = False,
    endpoint_url: str | None = None,
    region: str | None = None,
    object_lock: LockMode = LockMode.OFF,
) -> Store:
    """Open the store at *location*: a folder, `folder:///path`, `s3://bucket/prefix`, `memory:`.

    *create* makes a folder store where there is none; a bucket is never made here. The last three
    concern buckets alone. *object_lock* gives an `ObjectLocker`, of a bucket whose versions can be
    locked; only a bucket, or memory, can be one.

    Raises:
        ConfigInvalid: *location* names no kind of store, or one that cannot be locked.
        ObjectError: there is no store, or it cannot be reached.
    """
    locking = object_lock is not LockMode.OFF
    if location == "memory:":
        if locking:
            return LockingMemory(mode=object_lock, may_destroy=may_destroy)
        return MemoryStore(may_destroy=may_destroy)
    if locking and not location.startswith("s3://"):
        raise ConfigInvalid(
            f'[objects] object_lock = "{object_lock.value}", and {location} is no bucket',
            remedy='Say object_lock = "off": a folder cannot write once, only a bucket can.',
        )
    if "://" not in location:
        return FolderStore(Path(location), may_destroy=may_destroy, create=create)
    parts = urlsplit(location)
    if parts.scheme == "folder" and not parts.netloc and parts.path:
        return FolderStore(Path(unquote(parts.path)), may_destroy=may_destroy, create=create)
    if parts.scheme == "s3" and parts.netloc:
        return _open_bucket(
            parts.netloc,
            parts.path.strip("/"),
            object_lock,
            may_destroy=may_destroy,
            endpoint_url=endpoint_url,
            region=region,
        )
    raise ConfigInvalid(
        f"[archive] objects: {location!r} is neither a folder nor s3://bucket/prefix"
    )


def _open_bucket(
    name: str,
    prefix: str,
    mode: LockMode,
    *,
    may_destroy: bool,
    endpoint_url: str | None,
    region: str | None,
) -> Store:
    from archiver.objects.bucket import BucketStore  # noqa: PLC0415 - boto3 takes 0.3 s to load
    from archiver.objects.locking import LockingStore  # noqa: PLC0415 - boto3, too

    if mode is LockMode.OFF:
        return BucketStore(
            name, prefix, may_destroy=may_destroy, endpoint_url=endpoint_url, region=region
        )
    return LockingStore(
        name,
        prefix,
        mode=mode,
        may_destroy=may_destroy,
        endpoint_url=endpoint_url,
        region=region,
    )


def locker_of(store: Store) -> ObjectLocker | None:
    """Give the right to lock what is in *store*, where it was opened to be locked."""
    return store if isinstance(store, ObjectLocker) else None


def offers_locks(location: str, *, endpoint_url: str | None, region: str | None) -> bool:
    """Say whether *location* is a bucket that could lock what is kept in it."""
    parts = urlsplit(location)
    if parts.scheme != "s3":
        return False
    from archiver.objects import locking  # noqa: PLC0415 - boto3 takes 0.3 s to load

    return locking.offers_locks(parts.netloc, endpoint_url=endpoint_url, region=region)
