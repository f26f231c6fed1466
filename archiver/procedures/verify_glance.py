"""A first glance at an item: whole beyond doubt, or worth a closer look.

Seals bind a version's row, its text and its object's digest to each other, and to what the item's
row repeats of it. So where the seals are whole and every object hashes to the digest in its name,
nothing needs to be parsed; nearly all items of an archive are proven by that alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from archiver.catalogue.contents import version_seal
from archiver.catalogue.inspection import Glance, Places
from archiver.catalogue.items import COLUMNS, DESTROYED, LIVE, bare_seal
from archiver.ports import ListedObject, ObjectReader
from archiver.records.errors import ObjectDamaged, ObjectMissing
from archiver.records.identity import ArchiveKey, Part

IN_MEMORY = 1 << 20
"""A larger object that is no content is read in pieces."""

_PLACE = {column.name: place for place, column in enumerate(COLUMNS)}
_SEAL, _LIFE, _VERSION = _PLACE["seal"], _PLACE["life"], _PLACE["version"]
_FINGERPRINT = _PLACE["fingerprint"]
_KIND, _PUBLISHED, _AUTHOR = _PLACE["kind"], _PLACE["published_at"], _PLACE["author"]


def is_whole(
    key: ArchiveKey,
    store: ObjectReader,
    glance: Glance,
    objects: Sequence[ListedObject],
    *,
    read: bool,
) -> bool:
    """Say whether *glance* and its *objects* are whole beyond doubt; *read* asks for their bytes.

    What it denies may be whole all the same: an item declared of no value, one whose versions
    say different things, one that is being captured just now.
    """
    values = glance.values
    if bare_seal(key, values) != values[_SEAL]:
        return False
    if values[_LIFE] != LIVE:
        return values[_LIFE] != DESTROYED or not objects
    if len(objects) != len(glance.versions) + len(glance.others):
        return False
    if not _versions_follow(key, glance):
        return False
    expected: Places = {(Part.CONTENT, "", one[3]): (one[4], one[5]) for one in glance.versions}
    if glance.others:
        expected |= glance.others
    return all(_is_as_kept(store, one, expected, read=read) for one in objects)


def _versions_follow(key: ArchiveKey, glance: Glance) -> bool:
    """Say whether every version is sealed with what the row says, and none is missing."""
    values = glance.values
    shows = (values[_KIND], values[_PUBLISHED], values[_AUTHOR])
    shown = False
    for place, one in enumerate(glance.versions, 1):
        _, number, fingerprint, digest, size, _, captured_at, seal, body = one
        told = (glance.item, number, fingerprint, digest, size, captured_at, *shows)
        if number != place or body is None or version_seal(key, told, body) != seal:
            return False
        if number == values[_VERSION]:
            shown = fingerprint == values[_FINGERPRINT]
    return shown


def _is_as_kept(
    store: ObjectReader,
    listed: ListedObject,
    expected: Places,
    *,
    read: bool,
) -> bool:
    """Say whether *listed* is one of those *expected*, of the right size, and proven if *read*."""
    ref = listed.ref
    known = expected.get((ref.part, ref.slot, ref.digest))
    if known is None:
        return False
    size, version = known
    if (size is not None and size != listed.size) or version not in (None, listed.version):
        return False
    if not read:
        return True
    try:
        if listed.size <= IN_MEMORY or ref.part is Part.CONTENT:
            store.read(ref)
        else:
            for _piece in store.stream(ref):
                pass
    except (ObjectMissing, ObjectDamaged):
        return False
    return True
