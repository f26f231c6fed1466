"""Opening an object store by its location: a folder, a bucket, or memory."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from archiver.objects.folder import FolderStore
from archiver.objects.memory import MemoryStore
from archiver.ports import ObjectDestroyer, ObjectKeeper, Shelf
from archiver.records.errors import ConfigInvalid


class Store(ObjectKeeper, ObjectDestroyer, Shelf, Protocol):
    """An object store opened whole; the office hands out narrower rights.

    Its destroying verbs raise NotPermitted unless it was opened with `may_destroy`.
    """

    location: str

    def close(self) -> None:
        """Let go of what was opened; the store is not used after this."""


def open_store(
    location: str,
    *,
    may_destroy: bool = False,
    create: bool = False,
    endpoint_url: str | None = None,
    region: str | None = None,
    object_lock: bool = False,
) -> Store:
    """Open the store at *location*: a folder, `folder:///path`, `s3://bucket/prefix`, `memory:`.

    *create* makes a folder store where there is none; a bucket is never made here. The last three
    concern buckets alone. *object_lock* insists on a bucket whose versions can be locked.

    Raises:
        ConfigInvalid: *location* names no kind of store.
        ObjectError: there is no store, or it cannot be reached.
    """
    if location == "memory:":
        return MemoryStore(may_destroy=may_destroy)
    if "://" not in location:
        return FolderStore(Path(location), may_destroy=may_destroy, create=create)
    parts = urlsplit(location)
    if parts.scheme == "folder" and not parts.netloc and parts.path:
        return FolderStore(Path(unquote(parts.path)), may_destroy=may_destroy, create=create)
    if parts.scheme == "s3" and parts.netloc:
        from archiver.objects.bucket import BucketStore  # noqa: PLC0415 - boto3 takes 0.3 s to load

        return BucketStore(
            parts.netloc,
            parts.path.strip("/"),
            may_destroy=may_destroy,
            endpoint_url=endpoint_url,
            region=region,
            object_lock=object_lock,
        )
    raise ConfigInvalid(
        f"[archive] objects: {location!r} is neither a folder nor s3://bucket/prefix"
    )
