"""As kept: whether the store still has of items what was kept of them.

It is asked before a destruction begins. What was gone or cut before was not destroyed by
us, and no certificate may say that it was: such an item stays, and `verify` goes on to name it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from archiver.catalogue.kept_objects import Kept, kept_objects
from archiver.ports import ObjectReader
from archiver.procedures.account import Account
from archiver.procedures.verify_items import ItemCheck
from archiver.records.identity import ExaminedObject, ObjectRef


def not_as_kept(account: Account, objects: ObjectReader, numbers: Sequence[int]) -> frozenset[str]:
    """Give the ids of those live ones of the items *numbers* whose bytes are not those we kept.

    Of an object the store is asked for its existence, its size and its version; its bytes are not
    read. What is not whole at this glance is looked at closely, as `verify --read-data` does: what
    that would name is given, and no more.

    Raises:
        ObjectError: the store did not answer.
    """
    with account.catalogue.reading() as connection:
        kept = list(kept_objects(connection, numbers))
    here: dict[ObjectRef, list[ExaminedObject]] = defaultdict(list)
    for one in objects.looked_at(list({ref: None for ref, _, _ in kept})):
        here[one.ref].append(one)
    doubted = {one[0].owner for one in kept if not _is_whole(one, here[one[0]])}
    if not doubted:
        return frozenset()
    check = ItemCheck(account, objects, reads=lambda: True)
    return frozenset(item for item in doubted if check.lost(item))


def _is_whole(kept: Kept, here: Sequence[ExaminedObject]) -> bool:
    """Say whether what is *here* of one object leaves no doubt that it is what was *kept*."""
    _, size, version = kept
    for one in here:
        if one.proven is False or (size is not None and one.size != size):
            return False
    return any(one.shows for one in here) and (
        version is None or any(one.version == version for one in here)
    )
