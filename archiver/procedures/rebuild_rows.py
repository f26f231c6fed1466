"""What a slice of entries about items comes to, while a rebuild applies it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace

from archiver.catalogue import Reading, contents
from archiver.catalogue.bylines import Byline
from archiver.catalogue.items import LIVE, ItemRow
from archiver.catalogue.kept_files import AttachmentRow
from archiver.catalogue.rebuilding import Doomed, Noted
from archiver.ports import Classifier, ObjectReader
from archiver.procedures.verify_findings import Fault, object_name
from archiver.records.captures import PlatformState
from archiver.records.classification import Basis, Tag
from archiver.records.errors import ObjectDamaged, ObjectMissing
from archiver.records.events import EventKind, Leaf
from archiver.records.identity import ArchiveKey, ObjectRef, Part
from archiver.records.items import Content, Origin, from_object

READERS = 4
"""How many objects are read at once: on a folder it hides little, on a bucket everything."""

LISTED_AT_MOST = 10_000
"""How many lost things are named; more are counted by `verify`."""

UNDER_A_MARKER = "a delete marker hides its bytes, which lie beneath: remove the marker"

UNDER_ANOTHER = "a version that is not ours lies over its bytes: remove that version"

_VERSIONED = (EventKind.ITEM_CAPTURED, EventKind.ITEM_EDITED)


@dataclass(slots=True)
class Losses:
    """What the ledger tells of and the object store does not have: named, never passed over.

    What is *hidden* is no loss: the store keeps it beneath something that is none of ours.
    """

    items: list[str] = field(default_factory=list)
    objects: list[str] = field(default_factory=list)
    hidden: list[Fault] = field(default_factory=list)

    def name(self, kind: list[str], name: str) -> None:
        """Name one loss."""
        if len(kind) < LISTED_AT_MOST:
            kind.append(name)

    def find_hidden(
        self, ref: ObjectRef, places: Iterable[Noted], *, beneath: bool = False
    ) -> None:
        """Name *ref* where nothing of its *places* shows, or where it was read from *beneath*."""
        marked = not any(one.shows for one in places)
        if (marked or beneath) and len(self.hidden) < LISTED_AT_MOST:
            self.hidden.append(Fault(object_name(ref), UNDER_A_MARKER if marked else UNDER_ANOTHER))


@dataclass(frozen=True, slots=True)
class Read:
    """The content of one version, as its object tells it.

    *beneath* is the store's own version that was read because what lies over it is none of ours.
    """

    content: Content
    origin: Origin
    size: int
    beneath: str | None


def read_contents(
    objects: ObjectReader,
    leaves: Sequence[Leaf],
    doomed: Mapping[str, Doomed],
    noted: Mapping[str, list[Noted]],
) -> dict[tuple[str, str], Read]:
    """Read the contents that *leaves* enter, by item and digest; what is not there is left out.

    What was *noted* beneath a delete marker, or a version that is not ours, is there.
    """
    wanted = [
        ObjectRef(leaf.subject, Part.CONTENT, str(leaf.particulars["o"]))
        for leaf in leaves
        if leaf.kind in _VERSIONED and not (leaf.subject in doomed and doomed[leaf.subject].done)
    ]
    with ThreadPoolExecutor(READERS) as pool:
        found = pool.map(lambda ref: _read(objects, ref, noted.get(ref.owner, ())), wanted)
        return {
            (ref.owner, ref.digest): read
            for ref, read in zip(wanted, found, strict=True)
            if read is not None
        }


def read_any(objects: ObjectReader, item: str, noted: Mapping[str, list[Noted]]) -> Read | None:
    """Read any content of *item* that was *noted*: where one version is gone, another may be there.

    None where nothing of it can be read.
    """
    here = noted.get(item, ())
    refs = dict.fromkeys(one.ref for one in here if one.ref.part is Part.CONTENT)
    return next((read for ref in refs if (read := _read(objects, ref, here))), None)


def _read(objects: ObjectReader, ref: ObjectRef, here: Iterable[Noted]) -> Read | None:
    kept = [one.version for one in here if one.ref == ref and one.version is not None]
    for version in (None, *kept):
        try:
            data = objects.read(ref, version=version)
            content, origin = from_object(json.loads(data))
        except (ObjectMissing, ObjectDamaged, ValueError):
            continue
        return Read(content, origin, len(data), version)
    return None


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
    highest: dict[str, int] = field(default_factory=dict)
    versioned: list[tuple[Leaf, Read | None, int]] = field(default_factory=list)
    seen: list[tuple[str, int, str, str, str, str]] = field(default_factory=list)
    decided: list[dict[str, int | str]] = field(default_factory=list)
    attached: list[tuple[str, Noted, str]] = field(default_factory=list)
    bylined: list[tuple[str, Byline]] = field(default_factory=list)

    def entombed(self, item: str) -> bool:
        """Say whether nothing but a tombstone is to stay of *item*."""
        return item in self.doomed and self.doomed[item].done

    def media_type(self, connection: Reading, key: ArchiveKey, item: str, slot: str) -> str:
        """Give what the platform called a file: the store does not keep what the server said."""
        said = [read.content for (owner, _), read in self.read.items() if owner == item]
        if not said and item in self.before:
            said = list(contents.contents_of(connection, [self.before[item]]).values())
        for attachment in (a for content in said for a in content.attachments):
            if key.slot(item, attachment.key) == slot:
                return attachment.media_type
        return ""

    def has_version(self, connection: Reading, item: str, digest: str) -> bool:
        """Say whether *item* has a version with *digest* by now."""
        here = {str(leaf.particulars["o"]) for leaf, *_ in self.versioned if leaf.subject == item}
        known = self.before.get(item)
        rows = contents.versions_of(connection, known.n) if known is not None else []
        return digest in here | {row.digest for row in rows}

    def number_of(self, leaf: Leaf) -> int:
        """Give the number of the version that *leaf* enters; for one that is taken the next.

        So it is where an item was lost and is captured again: its entries count from one anew. The
        row, as the entry settled it, shows that version by its number here.
        """
        item, said = leaf.subject, int(str(leaf.particulars["v"]))
        highest = self.highest.get(item, 0)
        self.highest[item] = number = said if said > highest else highest + 1
        if number != said and "k" in leaf.particulars:
            row = self.rows[item]
            self.rows[item] = replace(row, version=row.version + number - said)
        return number

    def places_of(self, ref: ObjectRef) -> list[Noted]:
        """Give every version of *ref* that the store listed; what shows comes first."""
        here = [one for one in self.noted.get(ref.owner, ()) if one.ref == ref]
        return sorted(here, key=lambda one: not one.shows)

    def stir(self, row: ItemRow, at: int) -> None:
        """Count what happened to an item after it was captured as activity of its thread.

        Of an expunged one nothing tells in which thread it was.
        """
        if row.thread_n and at != row.captured_at:
            self.stirred[row.thread_n] = max(self.stirred.get(row.thread_n, 0), at)

    def paper_of(self, objects: ObjectReader, ref: ObjectRef) -> bytes | None:
        """Give the bytes of the paper *ref*, from beneath what hides it, too; None without any."""
        kept = [one.version for one in self.places_of(ref) if one.version is not None]
        for version in (None, *kept):
            with suppress(ObjectMissing, ObjectDamaged):
                return objects.read(ref, version=version)
        return None

    def version_of(self, ref: ObjectRef, read: Read | None) -> str | None:
        """Give the store's own version of a content: the one that was *read*, if it was."""
        if read is not None and read.beneath is not None:
            return read.beneath
        return next((one.version for one in self.places_of(ref)), None)


def highest_numbers(connection: Reading, rows: Iterable[ItemRow]) -> dict[str, int]:
    """Give the highest number of a version of each item of *rows*, by its id."""
    entered = {row.n: row.item for row in rows}
    highest = contents.highest_versions(connection, list(entered))
    return {entered[n]: number for n, number in highest.items()}


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


def matched_again(told: Slice, classifier: Classifier) -> list[tuple[int, tuple[str, ...]]]:
    """Ask the rules again which words made them fire, where their word still counts."""
    found = {}
    for leaf, read, _ in told.versioned:
        row = told.rows[leaf.subject]
        if read is None or row.basis != Basis.RULE.value or "cv" in leaf.particulars:
            continue
        suggestion = classifier.suggest(read.content, own=row.own)
        if suggestion.matched and suggestion.rule == row.rule.removeprefix("O2/"):
            found[row.n, str(leaf.particulars["c"])] = suggestion.matched
    return [(n, words) for (n, _), words in found.items()]
