"""Proving: bytes are what their name says, and a right was given before it is used."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from archiver.ports import ListedObject, ObjectReader
from archiver.records.errors import NotPermitted, ObjectDamaged, ObjectError
from archiver.records.identity import ExaminedObject, ObjectRef, Part

PIECE = 1 << 20
"""The largest piece of an object that is in memory at once: 1 MiB."""

_NAMED = 5
_OWNER = attrgetter("ref.owner")


def prove(ref: ObjectRef, data: bytes) -> bytes:
    """Give *data* back, if it hashes to what *ref* says.

    Raises:
        ObjectDamaged: it hashes to something else.
    """
    if not is_proven(ref, data):
        raise damaged(ref, len(data))
    return data


def is_proven(ref: ObjectRef, data: bytes) -> bool:
    """Say whether *data* hashes to what *ref* says."""
    return hashlib.sha256(data).hexdigest() == ref.digest


def proven_pieces(ref: ObjectRef, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Pass *pieces* on, and the last of them only when all together hash to what *ref* says.

    Raises:
        ObjectDamaged: instead of the last piece, if they hash to something else.
    """
    digest, size, held_back = hashlib.sha256(), 0, b""
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
        if held_back:
            yield held_back
        held_back = piece
    if digest.hexdigest() != ref.digest:
        raise damaged(ref, size)
    if held_back:
        yield held_back


def proven_size(ref: ObjectRef, pieces: Iterable[bytes]) -> int:
    """Give the size of *pieces* together, if they hash to what *ref* says.

    Raises:
        ObjectDamaged: they hash to something else.
    """
    digest, size = hashlib.sha256(), 0
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
    if digest.hexdigest() != ref.digest:
        raise damaged(ref, size)
    return size


def examined_one_by_one(
    store: ObjectReader, shard: str, reads: Callable[[], bool]
) -> Iterator[ExaminedObject]:
    """List *shard* of *store*, and read each object by itself (see `ObjectReader.examined`)."""
    for _owner, listed in groupby(store.listing(shard=shard), key=_OWNER):
        read = reads()
        for one in listed:
            proven = _is_whole(store, one) if read else None
            yield ExaminedObject(one.ref, one.size, proven, one.version, one.shows)


def _is_whole(store: ObjectReader, listed: ListedObject) -> bool:
    if not listed.shows:  # what would be read is another version
        return False
    try:
        if listed.size <= PIECE or listed.ref.part is Part.CONTENT:
            store.read(listed.ref)
        else:
            for _piece in store.stream(listed.ref):
                pass
    except ObjectError:
        return False
    return True


def require_right(store: str, *, may_destroy: bool) -> None:
    """Let pass who opened *store* with the right to destroy.

    Raises:
        NotPermitted: it was opened without.
    """
    if not may_destroy:
        raise NotPermitted(
            f"{store} was opened without the right to destroy",
            remedy="Only disposition opens a store with that right; no option grants it.",
        )


def damaged(ref: ObjectRef, size: int) -> ObjectDamaged:
    """Give the error that says *ref* is not what was kept; *size* is what was found instead."""
    return ObjectDamaged(f"{ref}: {size} bytes do not hash to the digest in their name")


def named(left: Sequence[str]) -> str:
    """Name what is *left*, the first few of it and how many more."""
    shown = ", ".join(left[:_NAMED])
    return shown if len(left) <= _NAMED else f"{shown} and {len(left) - _NAMED} more"
