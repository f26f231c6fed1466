"""What a slice of entries about items comes to, while a rebuild applies it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from archiver.catalogue.items import LIVE, ItemRow
from archiver.catalogue.kept_files import AttachmentRow
from archiver.catalogue.rebuilding import Doomed, Noted
from archiver.ports import ObjectReader
from archiver.records.captures import PlatformState
from archiver.records.classification import Basis, Tag
from archiver.records.errors import ObjectDamaged, ObjectMissing
from archiver.records.events import EventKind, Leaf
from archiver.records.identity import ObjectRef, Part
from archiver.records.items import Content, Origin, from_object

READERS = 4
"""How many objects are read at once: on a folder it hides little, on a bucket everything."""

LISTED_AT_MOST = 10_000
"""How many lost things are named; more are counted by `verify`."""

_VERSIONED = (EventKind.ITEM_CAPTURED, EventKind.ITEM_EDITED)


@dataclass(slots=True)
class Losses:
    """What the ledger tells of and the object store does not have: named, never passed over."""

    items: list[str] = field(default_factory=list)
    objects: list[str] = field(default_factory=list)

    def name(self, kind: list[str], name: str) -> None:
        """Name one loss."""
        if len(kind) < LISTED_AT_MOST:
            kind.append(name)


@dataclass(frozen=True, slots=True)
class Read:
    """The content of one version, as its object tells it."""

    content: Content
    origin: Origin
    size: int


def read_contents(
    objects: ObjectReader, leaves: Sequence[Leaf], doomed: Mapping[str, Doomed]
) -> dict[tuple[str, str], Read]:
    """Read the contents that *leaves* enter, by item and digest; what is not there is left out."""
    wanted = [
        ObjectRef(leaf.subject, Part.CONTENT, str(leaf.particulars["o"]))
        for leaf in leaves
        if leaf.kind in _VERSIONED and not (leaf.subject in doomed and doomed[leaf.subject].done)
    ]
    with ThreadPoolExecutor(READERS) as pool:
        found = pool.map(lambda ref: _read(objects, ref), wanted)
        return {
            (ref.owner, ref.digest): read
            for ref, read in zip(wanted, found, strict=True)
            if read is not None
        }


def _read(objects: ObjectReader, ref: ObjectRef) -> Read | None:
    try:
        data = objects.read(ref)
        content, origin = from_object(json.loads(data))
    except (ObjectMissing, ObjectDamaged, ValueError):
        return None
    return Read(content, origin, len(data))


@dataclass(slots=True, kw_only=True)
class Slice:
    """A slice of entries about items: what was known before, and what they come to."""

    before: Mapping[str, ItemRow]
    doomed: Mapping[str, Doomed]
    noted: Mapping[str, list[Noted]]
    read: Mapping[tuple[str, str], Read]
    rows: dict[str, ItemRow] = field(default_factory=dict)
    next_item: int = 0
    stirred: dict[int, int] = field(default_factory=dict)
    versioned: list[tuple[Leaf, Read | None]] = field(default_factory=list)
    seen: list[tuple[str, int, str, str, str, str]] = field(default_factory=list)
    decided: list[dict[str, int | str]] = field(default_factory=list)
    attached: list[tuple[str, Noted, str]] = field(default_factory=list)

    def entombed(self, item: str) -> bool:
        """Say whether nothing but a tombstone is to stay of *item*."""
        return item in self.doomed and self.doomed[item].done

    def version_of(self, item: str, digest: str) -> str | None:
        """Give the store's own version of a content."""
        for one in self.noted.get(item, ()):
            if one.ref.part is Part.CONTENT and one.ref.digest == digest:
                return one.version
        return None


def blank(n: int, item: str, at: int) -> ItemRow:
    """Give a row that says nothing yet but when it was entered."""
    return ItemRow(
        n=n,
        item=item,
        page_n=0,
        thread_n=0,
        kind="",
        author="",
        own=False,
        restricted="",
        published_at=0,
        captured_at=at,
        version=1,
        fingerprint="",
        state=PlatformState.PRESENT.value,
        state_at=at,
        actor="",
        removed_at=None,
        value_ended_at=None,
        tag=Tag.UNDETERMINED.value,
        series="",
        basis=Basis.NONE.value,
        rule="",
        confidence=0,
        schedule="",
        queued=True,
        cooling_until=None,
        recheck_on=None,
        life=LIVE,
        batch_n=None,
    )


def attachment_rows(told: Slice) -> Iterable[AttachmentRow]:
    """Give the rows of the files that a slice enters."""
    for item, one, media_type in told.attached:
        yield AttachmentRow(
            item_n=told.rows[item].n,
            slot=one.ref.slot,
            digest=one.ref.digest,
            size=one.size,
            store_version=one.version,
            media_type=media_type,
        )
