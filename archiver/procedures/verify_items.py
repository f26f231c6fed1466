"""Verifying items: every row by itself first, then the store's listing against what they say.

Rows are read in the order in which they lie, which takes a third of the time that the order of
ids took; objects are listed by shard. What is whole beyond doubt at that first glance is passed.
Everything else is looked at closely and freshly before it is reported: a capture or a destruction
may have been half-way. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import TypeAlias

from archiver.catalogue import Reading, holds, inspection
from archiver.catalogue.bylines import facts_of
from archiver.catalogue.inspection import Expected, Glance
from archiver.catalogue.items import DESTROYED, LIVE
from archiver.catalogue.pages import PageRow, by_numbers
from archiver.ports import ListedObject, ObjectReader
from archiver.procedures.account import Account
from archiver.procedures.comparing import differences
from archiver.procedures.covering import asked_of, legible, shown_as
from archiver.procedures.item_papers import slots_said, standing
from archiver.procedures.verify_changes import check_changes
from archiver.procedures.verify_findings import (
    LISTED_AT_MOST,
    Fault,
    Findings,
    Progress,
    object_name,
)
from archiver.procedures.verify_glance import DOUBTED, is_as_kept, kept_by
from archiver.records.canonical import read_object
from archiver.records.errors import ObjectDamaged, ObjectMissing
from archiver.records.events import Leaf
from archiver.records.identity import ObjectRef, Part, sha256

SLICE = 2_000
"""How many items are read from the catalogue at once."""

SHARDS = tuple(f"{number:02x}" for number in range(256))
"""Objects are listed, and held against their rows, by the beginning of their owner's id."""

ALL = ("",)
"""One shard of everything, for archives of few items."""

FEW = 5_000

IN_MEMORY = 1 << 20
"""A larger object that is no content is read in pieces."""

REMEMBERED = 200_000
"""Of how many items it is remembered at once what their rows say: about 150 bytes each."""

NO_END = 1 << 62
"""After the number of every item."""

_OWNER = attrgetter("ref.owner")

_Place: TypeAlias = tuple[Part, str, str]
"""Where an object of one item lies: its part, slot and digest."""


@dataclass(frozen=True, slots=True)
class RowsChecked:
    """What a check of rows found, and what the store should keep of them: text, by shard."""

    found: Findings
    kept: Mapping[str, str]


def passes(
    account: Account, *, few: int = FEW, remembered: int = REMEMBERED
) -> list[Sequence[str]]:
    """Give every shard, in as many passes as it takes to remember only so many items at once."""
    with account.catalogue.reading() as connection:
        count = inspection.item_count(connection)
    if count < few:
        return [ALL]
    many = min(len(SHARDS), 1 + count // remembered)
    return [SHARDS[first::many] for first in range(many)]


class ItemCheck:
    """Checks items and objects; *reads* is asked for each item whether to read its bytes."""

    def __init__(
        self, account: Account, objects: ObjectReader, *, reads: Callable[[], bool]
    ) -> None:
        self._account = account
        self._objects = objects
        self._reads = reads
        with account.catalogue.reading() as connection:
            self._coverer, _ = asked_of(connection)

    def run(self, progress: Progress = lambda _count: None) -> Findings:
        """Check every item and object."""
        found = Findings()
        for shards in passes(self._account):
            rows = self.check_rows(shards)
            found.join(rows.found)
            for shard in shards:
                found.join(self.check_objects(shard, rows.kept.get(shard, "")))
                progress(found.objects)
        return found

    def check_rows(
        self, shards: Sequence[str], *, first: int = 0, stop: int = NO_END
    ) -> RowsChecked:
        """Check the rows of items numbered from *first* up to before *stop*, of *shards* alone.

        What the store should keep of them is told, by shard, for `check_objects`.
        """
        found, digits = Findings(), len(shards[0])
        kept: dict[str, list[str]] = {}
        for glance in self._glances(shards, first, stop, found):
            found.items += 1
            told = kept_by(self._account.key, glance)
            if told == DOUBTED and not _is_an_id(glance.item):
                found.name(found.edited, Fault(ascii(glance.item), "its row was edited behind us"))
            elif told:
                kept.setdefault(glance.item[:digits], []).append(f"{glance.item} {told}\n")
        return RowsChecked(found, {shard: "".join(lines) for shard, lines in kept.items()})

    def check_objects(self, shard: str, kept: str) -> Findings:
        """Hold the store's listing of *shard* against *kept*, and look closely where they differ.

        *kept* is what `check_rows` told of all rows of that shard.
        """
        found = Findings()
        expected = dict(line.split(" ", 1) for line in kept.split("\n")[:-1])
        examined = self._objects.examined(shard=shard, reads=self._reads)
        for owner, group in groupby(examined, key=_OWNER):
            objects = list(group)
            read = objects[0].proven is not None
            found.objects += len(objects)
            if is_as_kept(expected.pop(owner, DOUBTED), objects):
                found.read += len(objects) if read else 0
            else:
                self._look_closely(owner, found, read=read)
        for owner in expected:
            self._look_closely(owner, found, read=self._reads())
        return found

    def lost(self, item: str) -> list[Fault]:
        """Look closely at one item, and name what of its bytes is gone or not what was kept."""
        found = Findings()
        self._look_closely(item, found, read=True)
        return [*found.missing, *found.damaged]

    def _glances(
        self, shards: Sequence[str], first: int, stop: int, found: Findings
    ) -> Iterator[Glance]:
        wanted, digits = set(shards), len(shards[0])
        while True:
            with self._account.catalogue.reading() as connection:
                some = inspection.glances_from(connection, first=first, stop=stop, limit=SLICE)
                mine = [one for one in some if one.item[:digits] in wanted]
                check_changes(connection, mine, found)
                if self._coverer:
                    understood = [one.understood() for one in mine]
                    self._check_coverage(connection, understood, found)
            if not some:
                return
            yield from mine
            first = some[-1].values[0] + 1

    def _look_closely(self, owner: str, found: Findings, *, read: bool) -> None:
        judged = _Judged(reads=read)
        with self._account.catalogue.reading() as connection:
            row = inspection.expected_of(connection, owner)
        self._judge(row, self._objects.owned(owner), judged)
        found.read += judged.read
        for kind, faults in (
            (found.damaged, judged.damaged),
            (found.missing, judged.missing),
            (found.edited, judged.edited),
        ):
            for fault in faults:
                found.name(kind, fault)
        for stray in judged.stray:
            found.name_stray(stray)
        found.returned.extend(judged.returned[: LISTED_AT_MOST - len(found.returned)])

    def _judge(
        self, row: Expected | None, objects: Sequence[ListedObject], judged: _Judged
    ) -> None:
        if row is None:
            judged.stray.extend(objects)
            return
        sealed = row.row.true_seal(self._account.key) == row.row.seal
        if not sealed:
            judged.edited.append(Fault(row.row.item, "its row was edited behind us"))
        if row.row.life == DESTROYED:
            judged.damaged.extend(
                Fault(object_name(o.ref), "it was destroyed, and is here again") for o in objects
            )
            judged.returned.extend(objects if sealed else ())
        elif row.row.life == LIVE:
            self._judge_live(row, objects, judged)

    def _judge_live(self, row: Expected, objects: Sequence[ListedObject], judged: _Judged) -> None:
        here: dict[tuple[Part, str, str], list[ListedObject]] = {}
        for listed in objects:
            ref = listed.ref
            here.setdefault((ref.part, ref.slot, ref.digest), []).append(listed)
        bodies: dict[str, bytes] = {}
        said = set(slots_said(row.row))
        for place, (size, version) in row.objects.items():
            ref = ObjectRef(row.row.item, place[0], place[2], place[1])
            found = here.pop(place, []) or here.pop(self._stands_for(ref, here), [])
            if not found:
                judged.missing.append(Fault(object_name(ref), "its bytes are gone"))
                said.add(ref.slot)  # what lies there may have stood for it, and be damaged
            elif version is not None and all(o.version != version for o in found):
                judged.damaged.append(Fault(object_name(ref), "the version we kept is gone"))
            elif not any(one.shows for one in found):
                judged.missing.append(Fault(object_name(ref), "a delete marker hides its bytes"))
            elif size is not None and found[-1].size != size:
                why = f"has {found[-1].size} bytes instead of {size}"
                judged.damaged.append(Fault(object_name(ref), why))
            elif judged.reads or ref.part is Part.CONTENT:
                judged.read += 1
                self._prove(found[-1].ref, found[-1].size, bodies, judged)
        for listed in (one for same in here.values() for one in same):
            self._judge_unexpected(listed, said, judged)
        _check_numbers(row, judged)
        for what in differences(self._account.key, row, bodies):
            judged.edited.append(Fault(row.row.item, what))

    def _stands_for(self, ref: ObjectRef, here: Iterable[_Place]) -> _Place:
        """Give where what an order left of the paper *ref* lies, among what is *here*."""
        papers = [ObjectRef(ref.owner, part, digest, slot) for part, slot, digest in here]
        mine = [one for one in papers if ref.part is Part.PAPER and one.slot == ref.slot]
        digest = standing(self._account.key, self._objects, ref.digest, mine)
        return ref.part, ref.slot, digest

    def _judge_unexpected(self, listed: ListedObject, said: set[str], judged: _Judged) -> None:
        """What nothing names is a stray, but for papers of what is *said* to have happened."""
        ref = listed.ref
        if ref.part is not Part.PAPER or ref.slot not in said:
            judged.stray.append(listed)
        elif judged.reads:
            judged.read += 1
            self._prove(ref, listed.size, {}, judged)

    def _prove(self, ref: ObjectRef, size: int, bodies: dict[str, bytes], judged: _Judged) -> None:
        try:
            if ref.part is Part.CONTENT:
                bodies[ref.digest] = self._objects.read(ref)
            elif size <= IN_MEMORY:
                self._objects.read(ref)
            else:
                for _piece in self._objects.stream(ref):
                    pass
        except ObjectMissing:
            judged.missing.append(Fault(object_name(ref), "its bytes are gone"))
        except ObjectDamaged:
            judged.damaged.append(Fault(object_name(ref), "its bytes are not those we kept"))

    # --- holds ----------------------------------------------------------------------------

    def _check_coverage(
        self, connection: Reading, some: Sequence[Expected], found: Findings
    ) -> None:
        """Name every live item that a hold covers by its scope, and no row says so."""
        live = [one for one in some if one.row.life == LIVE]
        stored = holds.covering(connection, [one.row.n for one in live])
        on_pages = by_numbers(connection, [one.row.page_n for one in live])
        threads = self._coverer.threads_of(connection, [one.row for one in live])
        for one in live:
            page, thread = on_pages.get(one.row.page_n), threads.get(one.row.thread_n, "")
            for name in self._covering(one, page, thread) if page is not None else ():
                if name not in stored.get(one.row.n, ()):
                    why = f"{name} covers it, and the row that says so is gone"
                    found.name(found.uncovered, Fault(one.row.item, why))

    def _covering(self, one: Expected, page: PageRow, thread: str) -> list[str]:
        facts = facts_of(one.row, page.page, thread, one.bylines.values())
        bodies = [version.body for version in one.versions] if self._coverer.asks_words else []
        words = shown_as(legible(bodies, one.row, page), one.bylines.values())
        return [row.hold.id for row in self._coverer.covering(facts, words)]


def _is_an_id(item: str) -> bool:
    """Say whether *item* can be the id of an item; the store has no place for anything else."""
    return len(item) == len(sha256(b"")) and not set(item) - set("0123456789abcdef")


@dataclass(slots=True)
class _Judged:
    """What a closer look at one item came to; *reads* says whether its files are read, too."""

    reads: bool
    damaged: list[Fault] = field(default_factory=list)
    missing: list[Fault] = field(default_factory=list)
    edited: list[Fault] = field(default_factory=list)
    stray: list[ListedObject] = field(default_factory=list)
    returned: list[ListedObject] = field(default_factory=list)
    read: int = 0


def _check_numbers(row: Expected, judged: _Judged) -> None:
    """An item's versions are numbered without a gap, the one that shows is among them."""
    numbers = [version.number for version in row.versions]
    if numbers != list(range(1, len(numbers) + 1)) or row.row.version not in numbers:
        judged.edited.append(Fault(row.row.item, "the row of a version is gone"))


def entered_in_ledger(
    account: Account, connection: Reading, strays: Sequence[ListedObject]
) -> list[ListedObject]:
    """Give those of *strays* that the ledger entered: they are no strays, their rows are gone."""
    told: dict[str, list[bytes]] = {}
    for subject, leaf in inspection.leaves_about(connection, [s.ref.owner for s in strays]):
        told.setdefault(subject, []).append(leaf)
    return [stray for stray in strays if _is_told(account, stray.ref, told)]


def is_expected(connection: Reading, ref: ObjectRef) -> bool:
    """Say whether the catalogue knows *ref* by now."""
    row = inspection.expected_of(connection, ref.owner)
    return row is not None and (ref.part, ref.slot, ref.digest) in row.objects


def _is_told(account: Account, ref: ObjectRef, told: dict[str, list[bytes]]) -> bool:
    digest = (
        account.key.commit(ref.owner, ref.digest) if ref.part is Part.ATTACHMENT else ref.digest
    )
    return any(_names(leaf, digest) for leaf in told.get(ref.owner, ()))


def _names(leaf: bytes, digest: str) -> bool:
    told = Leaf.from_json(read_object(leaf))
    return digest in (told.paper, told.particulars.get("o"))
