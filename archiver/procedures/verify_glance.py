"""A first glance at an item: whole beyond doubt, or worth a closer look.

Seals bind a version's row, its text and its object's digest to each other, and to what the item's
row repeats of it. So where the seals are whole and every object hashes to the digest in its name,
nothing needs to be parsed; nearly all items of an archive are proven by that alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from archiver.catalogue.contents import version_seal
from archiver.catalogue.inspection import Glance
from archiver.catalogue.items import COLUMNS, LIVE, bare_seal
from archiver.catalogue.kept_files import file_seal
from archiver.records.identity import ArchiveKey, ExaminedObject

_BETWEEN = "\t"
_PLACE = {column.name: place for place, column in enumerate(COLUMNS)}
_SEAL, _LIFE, _VERSION = _PLACE["seal"], _PLACE["life"], _PLACE["version"]
_FINGERPRINT = _PLACE["fingerprint"]
_KIND, _PUBLISHED, _AUTHOR = _PLACE["kind"], _PLACE["published_at"], _PLACE["author"]


DOUBTED = "?"
"""What `kept_by` says of an item whose rows are not whole beyond doubt: no object agrees."""


def kept_by(key: ArchiveKey, glance: Glance) -> str:
    """Give what the store should keep of *glance*, for `is_as_kept`: empty where it keeps nothing.

    It is `DOUBTED` unless the rows are whole beyond doubt. What is doubted may be whole all the
    same: an item declared of no value, one whose destruction has begun, one being captured now.
    """
    values = glance.values
    if bare_seal(key, values) != values[_SEAL]:
        return DOUBTED
    if values[_LIFE] != LIVE:
        return ""
    if glance.bylines or not _versions_follow(key, glance):
        return DOUBTED
    if any(file_seal(key, told) != seal for told, seal in glance.files):
        return DOUBTED
    kept = [_told(f"c.{one[3]}", one[4], one[5]) for one in glance.versions]
    if glance.others:
        kept += [
            _told(f"{part}{slot}.{digest}", size, version)
            for (part, slot, digest), (size, version) in glance.others.items()
        ]
        kept.sort()
    elif len(kept) > 1:
        kept.sort()
    return _BETWEEN.join(kept)


def is_as_kept(kept: str, objects: Sequence[ExaminedObject]) -> bool:
    """Say whether *objects* are all that *kept* tells of, and none that was read is another."""
    here = []
    for (_owner, part, digest, slot), size, proven, version, shows in objects:
        if proven is False or not shows:
            return False
        here.append(_told(f"{part}{slot}.{digest}", size, version))
    if len(here) > 1:
        here.sort()
    return _BETWEEN.join(here) == kept or _agree(kept, here)


def _told(tail: str, size: int | None, version: str | None) -> str:
    """Write one object: the end of its name, its size and its version, empty where unknown."""
    return f"{tail}:{'' if size is None else size}:{version or ''}"


def _agree(kept: str, here: Sequence[str]) -> bool:
    """Say whether both tell of the same objects, where the catalogue does not know everything."""
    told = kept.split(_BETWEEN)
    if len(told) != len(here) or kept == DOUBTED:
        return False
    for ours, theirs in zip(told, here, strict=True):
        (tail, size, version), (its_tail, its_size, its_version) = (
            one.split(":", 2) for one in (ours, theirs)
        )
        if tail != its_tail or size not in ("", its_size) or version not in ("", its_version):
            return False
    return True


def _versions_follow(key: ArchiveKey, glance: Glance) -> bool:
    """Say whether every version is sealed with what the row says, and none is missing."""
    values = glance.values
    shows = (values[_KIND], values[_PUBLISHED], values[_AUTHOR])
    shown = False
    for place, one in enumerate(glance.versions, 1):
        _, number, fingerprint, digest, size, _, captured_at, seal, body = one
        told = (glance.item, number, fingerprint, digest, size, captured_at, *shows)
        if number != place or not isinstance(body, str) or version_seal(key, told, body) != seal:
            return False
        if number == values[_VERSION]:
            shown = fingerprint == values[_FINGERPRINT]
    return shown
