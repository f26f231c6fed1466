"""A bucket as an object store, with or without versions.

What an owner has is every version of every key that begins with its id; destroying is not done
before a listing shows neither a version nor a delete marker, nor an upload that could yet become
one. Putting the same object twice makes a second version: both are listed, both are destroyed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from archiver.objects import keys
from archiver.objects.deadline import Deadline
from archiver.objects.proving import (
    PIECE,
    damaged,
    examined_one_by_one,
    named,
    prove,
    proven_pieces,
    require_right,
)
from archiver.objects.s3 import UNVERSIONED, WORKERS, Bucket, Version, md5
from archiver.ports import KeptObject, ListedObject, NewObject
from archiver.records.errors import DestructionUnproven, ObjectMissing
from archiver.records.identity import ExaminedObject, ObjectRef

LARGE = 16 << 20
"""A file larger than this is put part by part: 16 MiB."""

_AFTER_ITEMS = f"{keys.ITEMS}/~"
"""Comes after the key of every object, and before what follows `items/`."""

_Thing = TypeVar("_Thing")
_Made = TypeVar("_Made")


class BucketStore:
    """Objects and shelf in a bucket, under a prefix; destroys where it was given the right.

    May be used by several threads of one process; opened after a fork, not before.
    """

    _kind: type[Bucket] = Bucket
    _bypass = False
    """Whether destroying owners is let past a retention in the mode governance."""

    def __init__(
        self,
        name: str,
        prefix: str = "",
        *,
        may_destroy: bool = False,
        endpoint_url: str | None = None,
        region: str | None = None,
    ) -> None:
        """Open the store under *prefix* in the bucket *name*.

        Credentials come from where boto3 looks for them: the environment, a profile, the machine.

        Raises:
            ObjectError: no such bucket, or no way in.
        """
        self.location = f"s3://{name}/{prefix}".rstrip("/")
        self._before = f"{prefix}/" if prefix else ""
        self._may_destroy = may_destroy
        self._bucket = self._kind(name, endpoint_url=endpoint_url, region=region)
        self._bucket.require(Deadline.for_work())

    @property
    def manner(self) -> str:
        """Say how it destroys."""
        return (
            "every version and delete marker of an item's keys deleted by its own id, uploads "
            "under way aborted, and all versions listed anew"
        )

    def close(self) -> None:
        """Close the connections; the store is not used after this."""
        self._bucket.close()

    def read(self, ref: ObjectRef, *, version: str | None = None) -> bytes:
        """Give the bytes of *ref*, proven (see `ObjectReader.read`)."""
        return b"".join(self._pieces(ref, version))

    def stream(self, ref: ObjectRef) -> Iterator[bytes]:
        """Give the bytes of *ref* in pieces, proven (see `ObjectReader.stream`)."""
        yield from self._pieces(ref, None)

    def listing(self, *, shard: str = "") -> Iterator[ListedObject]:
        """List every version of every object whose owner begins with *shard*, in order of owner."""
        yield from self._listed(keys.listing_start(shard))

    def examined(self, *, shard: str = "", reads: Callable[[], bool]) -> Iterator[ExaminedObject]:
        """List, and read where *reads* says so (see `ObjectReader.examined`)."""
        return examined_one_by_one(self, shard, reads)

    def looked_at(self, refs: Sequence[ObjectRef]) -> list[ExaminedObject]:
        """Look for just *refs*, several owners at once (see `ObjectReader.looked_at`)."""
        wanted, owners = set(refs), dict.fromkeys(ref.owner for ref in refs)
        return [
            ExaminedObject(one.ref, one.size, None, one.version, one.shows)
            for listed in together(self.owned, owners)
            for one in listed
            if one.ref in wanted
        ]

    def owned(self, owner: str) -> list[ListedObject]:
        """List every version of every object that *owner* still has."""
        return list(self._listed(keys.owned_start(owner)))

    def keep(self, objects: Iterable[NewObject]) -> list[KeptObject]:
        """Keep *objects*, several at once (see `ObjectKeeper.keep`)."""
        parcels = [self._parcel(new) for new in objects]
        deadline = Deadline.for_work(len(parcels), sum(parcel.size for parcel in parcels))
        kept = together(lambda parcel: self._sent(parcel, deadline), parcels)
        for parcel in parcels:
            if isinstance(parcel.body, Path):
                parcel.body.unlink(missing_ok=True)
        return kept

    def destroy(self, owners: Sequence[str]) -> int:
        """Destroy every object of *owners*, and prove it (see `ObjectDestroyer.destroy`)."""
        require_right(self.location, may_destroy=self._may_destroy)
        starts = [self._before + keys.owned_start(owner) for owner in owners]
        return self._destroy(starts, bypass=self._bypass)

    def destroy_objects(self, refs: Sequence[ObjectRef]) -> int:
        """Destroy just *refs*, and prove it (see `ObjectDestroyer.destroy_objects`)."""
        require_right(self.location, may_destroy=self._may_destroy)
        return self._destroy([self._before + keys.object_key(ref) for ref in refs], alone=True)

    def place(self, files: Mapping[str, bytes]) -> None:
        """Put every file under its name, replacing it whole (see `Shelf.place`)."""
        named_files = [(self._before + keys.shelf_name(name), d) for name, d in files.items()]
        deadline = Deadline.for_work(len(files), sum(map(len, files.values())))
        together(
            lambda file: self._bucket.put(*file, len(file[1]), md5(file[1]), deadline), named_files
        )

    def fetch(self, name: str) -> bytes | None:
        """Give the file called *name*, or None."""
        key = self._before + keys.shelf_name(name)
        try:
            return b"".join(self._bucket.get(key, Deadline.for_work()))
        except ObjectMissing:
            return None

    def fetch_all(self, names: Sequence[str]) -> Iterator[bytes | None]:
        """Give the file of each of *names*, or None: as many at once as there are connections."""
        for start in range(0, len(names), WORKERS):
            yield from together(self.fetch, names[start : start + WORKERS])

    def names(self, prefix: str) -> Iterator[str]:
        """List the names that begin with *prefix*, in order."""
        start, width = self._before + keys.shelf_start(prefix), len(self._before)
        among_items = f"{self._before}{keys.ITEMS}/"
        for key in self._bucket.keys(start):
            if key.startswith(among_items):
                break
            if keys.is_shelf_name(key[width:]):
                yield key[width:]
        else:
            return
        for key in self._bucket.keys(start, after=self._before + _AFTER_ITEMS):
            if keys.is_shelf_name(key[width:]):
                yield key[width:]

    def foreign_names(self) -> Iterator[str]:
        """Name what is none of ours (see `Shelf.foreign_names`); every key is listed for it."""
        names = (key[len(self._before) :] for key in self._bucket.keys(self._before))
        yield from filter(keys.is_foreign, names)

    def remove(self, names: Sequence[str]) -> None:
        """Remove the files called *names*, every version (see `Shelf.remove`).

        Raises:
            NotPermitted: opened without the right, and not all are superseded tiles.
        """
        if not all(map(keys.is_superseded, names)):
            require_right(self.location, may_destroy=self._may_destroy)
        self._destroy([self._before + keys.shelf_name(name) for name in names], alone=True)

    def _pieces(self, ref: ObjectRef, version: str | None) -> Iterator[bytes]:
        key = self._before + keys.object_key(ref)
        yield from proven_pieces(ref, self._bucket.get(key, Deadline.for_work(), version))

    def _listed(self, start: str) -> Iterator[ListedObject]:
        for found in self._bucket.versions(self._before + start):
            ref = keys.parsed_key(found.key[len(self._before) :])
            if ref is not None and not found.is_marker:
                version = None if found.version == UNVERSIONED else found.version
                yield ListedObject(ref, found.size, found.stored_at, version, shows=found.is_latest)

    def _parcel(self, new: NewObject) -> _Parcel:
        """Prove *new*, without holding a file of it in memory."""
        key = self._before + keys.object_key(new.ref)
        if isinstance(new.payload, bytes):
            data = prove(new.ref, new.payload)
            return _Parcel(new.ref, key, data, len(data), md5(data))
        path, size = Path(new.payload), 0
        digest, check = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        with path.open("rb", 0) as file:
            while piece := file.read(PIECE):
                digest.update(piece)
                check.update(piece)
                size += len(piece)
        if digest.hexdigest() != new.ref.digest:
            raise damaged(new.ref, size)
        return _Parcel(new.ref, key, path, size, check.digest())

    def _sent(self, parcel: _Parcel, deadline: Deadline) -> KeptObject:
        if isinstance(parcel.body, Path) and parcel.size > LARGE:
            version = self._bucket.put_in_parts(parcel.key, parcel.body, parcel.ref, deadline)
        else:
            version = self._bucket.put(parcel.key, parcel.body, parcel.size, parcel.check, deadline)
        return KeptObject(parcel.ref, parcel.size, version)

    def _destroy(self, starts: Sequence[str], *, alone: bool = False, bypass: bool = False) -> int:
        """Destroy what lies under *starts* (or under just those keys); give how many keys."""
        deadline = Deadline.for_work(len(starts))
        versions, uploads = self._found(starts, deadline, alone=alone)
        for key, upload in uploads:
            self._bucket.abort(key, upload, deadline)
        refusals = self._bucket.destroy(versions, deadline, bypass=bypass)
        left, unfinished = self._found(starts, deadline, alone=alone)
        if left or unfinished:
            still = named([found.key for found in left] + [key for key, _ in unfinished])
            said = f" ({named(refusals)})" if refusals else ""
            raise DestructionUnproven(f"{self.location} still lists {still}{said}")
        return len({found.key for found in versions})

    def _found(
        self, starts: Sequence[str], deadline: Deadline, *, alone: bool
    ) -> tuple[list[Version], list[tuple[str, str]]]:
        """List anew the versions and uploads under *starts*."""
        listed = together(lambda s: list(self._bucket.versions(s, alone=alone)), starts)
        doomed = tuple(starts)
        uploads = [
            (key, upload)
            for key, upload in self._bucket.uploads(self._before, deadline)
            if (key in doomed if alone else key.startswith(doomed))
        ]
        return [version for versions in listed for version in versions], uploads


@dataclass(frozen=True, slots=True)
class _Parcel:
    """An object proven and ready to be sent; *check* is its MD5."""

    ref: ObjectRef
    key: str
    body: bytes | Path
    size: int
    check: bytes


def together(deed: Callable[[_Thing], _Made], things: Iterable[_Thing]) -> list[_Made]:
    """Do *deed* to all *things*, several at once, in order; the first failure ends the rest."""
    with ThreadPoolExecutor(WORKERS) as pool:
        doing = [pool.submit(deed, thing) for thing in things]
        try:
            return [done.result() for done in doing]
        finally:
            for waiting in doing:
                waiting.cancel()
