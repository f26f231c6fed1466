"""A platform's own remark of a removal: kept in a paper that lies under the item.

It may hold a name, so neither the ledger nor the catalogue repeats it; it goes with the item.
"""

from __future__ import annotations

import json

from archiver.ports import ObjectReader
from archiver.procedures.item_papers import standing
from archiver.records.canonical import Json, canonical
from archiver.records.captures import PlatformState
from archiver.records.identity import ArchiveKey, ObjectRef, Part, sha256

SLOT = "sighting"


def remark_paper(
    key: ArchiveKey, item: str, state: PlatformState, source: str, remark: str
) -> tuple[ObjectRef, bytes]:
    """Give the paper that says in the platform's *remark* why *item* is in *state*.

    The same remark makes the same paper, so that a retry adopts what it wrote before.
    """
    told: dict[str, Json] = {"state": state.value, "source": source, "remark": remark}
    salt = key.salt(item, sha256(canonical(told)))
    data = canonical({"kind": SLOT, "salt": salt, "item": item, **told})
    return ObjectRef(item, Part.PAPER, sha256(data), SLOT), data


def remark_of(key: ArchiveKey, objects: ObjectReader, item: str, paper: str) -> str:
    """Give the platform's remark that *paper*, a digest, holds, as far as an order left it.

    Raises:
        ObjectMissing, ObjectDamaged: it is not there as it was kept.
    """
    here = [one.ref for one in objects.owned(item) if one.ref.slot == SLOT]
    digest = standing(key, objects, paper, here) or paper
    return str(json.loads(objects.read(ObjectRef(item, Part.PAPER, digest, SLOT)))["remark"])
