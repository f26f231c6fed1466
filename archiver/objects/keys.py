"""Where an object lies. The only module that knows.

An object is named `items/<shard>/<owner>.<part><slot>.<sha256>`, flat inside its shard, so that a
new item makes no folder and everything an item owns stands together in a listing. The owner comes
first: two items never share a name, and so never an object. Files of the shelf (the ledger's copy,
papers, the manifest) lie beside `items/`.
"""

from __future__ import annotations

import re

from archiver.records.identity import ObjectRef, Part

ITEMS = "items"
"""The folder, or key prefix, under which every object lies."""

SHARD_DIGITS = 3
"""How many digits of its owner an object is sharded by: 4,096 shards."""

OWNER_WIDTH = 65
"""How many characters `owner_start` gives: an item's id, and the dot that ends it."""

_PARTS = {part.value: part for part in Part}
_OWNER = re.compile(r"[0-9a-f]{64}")
_SHARD = re.compile(r"[0-9a-f]{0,64}")
_OBJECT = re.compile(r"([0-9a-f]{64})\.([acp])([0-9a-z]{0,64})\.([0-9a-f]{64})")
_OBJECT_KEY = re.compile(
    rf"{ITEMS}/(?P<shard>[0-9a-f]{{{SHARD_DIGITS}}})/(?=(?P=shard)){_OBJECT.pattern}"
)
_PARTIAL_TILE = re.compile(r"ledger/.+\.p/[0-9]+")
_SHELF_STEP = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@+=-]{0,199}")


def object_name(ref: ObjectRef) -> str:
    """Give the name of *ref* inside its shard.

    Raises:
        ValueError: *ref* is not one that `parsed` would give back.
    """
    name = f"{ref.owner}.{ref.part.value}{ref.slot}.{ref.digest}"
    if _OBJECT.fullmatch(name) is None:
        raise ValueError(f"{ref} cannot be named in a store")
    return name


def object_key(ref: ObjectRef) -> str:
    """Give the whole name of *ref*, from the root of the store.

    Raises:
        ValueError: *ref* is not one that `parsed` would give back.
    """
    return f"{ITEMS}/{ref.owner[:SHARD_DIGITS]}/{object_name(ref)}"


def parsed(name: str) -> ObjectRef | None:
    """Give what `object_name` named *name*, or None where the name is not one of ours."""
    match = _OBJECT.fullmatch(name)
    if match is None:
        return None
    owner, part, slot, digest = match.groups()
    return ObjectRef(owner, _PARTS[part], digest, slot)


def parsed_key(key: str) -> ObjectRef | None:
    """Give what `object_key` named *key*, or None: another name, or ours in the wrong shard."""
    folder, _, name = key.rpartition("/")
    ref = parsed(name)
    return ref if ref is not None and folder == shard_folder(ref.owner) else None


def owner_start(owner: str) -> str:
    """Give what the name of every object of *owner* begins with, and of no other owner's.

    Raises:
        ValueError: *owner* is not an item id; an empty one would begin every name.
    """
    if _OWNER.fullmatch(owner) is None:
        raise ValueError(f"{owner!r} is not the id of an item")
    return f"{owner}."


def owned_start(owner: str) -> str:
    """Give what the key of every object of *owner* begins with, and of no other owner's.

    Raises:
        ValueError: *owner* is not an item id.
    """
    return f"{shard_folder(owner)}/{owner_start(owner)}"


def shard_folder(owner: str) -> str:
    """Give the folder, from the root of the store, in which all objects of *owner* lie."""
    return f"{ITEMS}/{owner[:SHARD_DIGITS]}"


def shards_of(digits: str) -> list[str]:
    """Name every shard that begins with *digits*, in order."""
    if len(digits) >= SHARD_DIGITS:
        return [digits[:SHARD_DIGITS]]
    return [shard for digit in "0123456789abcdef" for shard in shards_of(digits + digit)]


def listing_start(shard: str) -> str:
    """Give what the keys of a listing of *shard* begin with.

    Raises:
        ValueError: *shard* is not the beginning of an item id.
    """
    if _SHARD.fullmatch(shard) is None:
        raise ValueError(f"{shard!r} does not begin an item's id")
    if len(shard) < SHARD_DIGITS:
        return f"{ITEMS}/{shard}"
    return f"{ITEMS}/{shard[:SHARD_DIGITS]}/{shard}"


def shelf_name(name: str) -> str:
    """Give *name* if a file of the shelf may have it: plain steps, none hidden, none in `items`.

    Raises:
        ValueError: the name would leave the shelf, or lie among the objects.
    """
    steps = name.split("/")
    if steps[0] == ITEMS or not all(_SHELF_STEP.fullmatch(step) for step in steps):
        raise ValueError(f"{name!r} cannot be the name of a file on the shelf")
    return name


def shelf_start(prefix: str) -> str:
    """Give *prefix* if names of the shelf may begin with it.

    Raises:
        ValueError: its folder would leave the shelf, or lie among the objects.
    """
    folder, slash, _ = prefix.rpartition("/")
    if slash:
        shelf_name(folder)
    return prefix


def is_shelf_name(name: str) -> bool:
    """Say whether `shelf_name` would let *name* pass."""
    try:
        shelf_name(name)
    except ValueError:
        return False
    return True


def is_foreign(name: str) -> bool:
    """Say whether *name*, from the root of a store, is neither an object's nor the shelf's."""
    if name.startswith(f"{ITEMS}/"):
        return _OBJECT_KEY.fullmatch(name) is None
    return not is_shelf_name(name)


def is_superseded(name: str) -> bool:
    """Say whether *name* is a partial tile of the ledger's copy, whose full tile contains it.

    Only these may be removed without the right to destroy: nothing is lost with them.
    """
    return _PARTIAL_TILE.fullmatch(name) is not None
