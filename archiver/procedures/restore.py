"""Restore: a backup comes back whole or not at all; nothing is destroyed until it is reconciled.

The backup is proven from end to end before anything is put in place. Then everything newer than
its catalogue is replayed from the ledger's copy: in an object store that survived, that is every
deed up to the last. What nobody can know (deeds after that copy) a person confirms.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import compress, islice
from pathlib import Path
from typing import IO

from archiver.catalogue import copying, facts, ledger, rebuilding, roster, store_versions
from archiver.catalogue.store_versions import Unfound
from archiver.catalogue.upgrading import upgrade, version_of
from archiver.ports import Classifier, NewObject, ObjectKeeper, ObjectReader, SearchIndex
from archiver.procedures import indexing
from archiver.procedures.account import Account
from archiver.procedures.packing import unpack
from archiver.procedures.rebuild import SLICE, apply, entries, look_ahead, look_at_everything
from archiver.procedures.rebuild_holds import rebuild_holds
from archiver.procedures.rebuild_items import ItemReplay
from archiver.procedures.rebuild_ledger import LedgerReplay
from archiver.procedures.rebuild_rows import READERS, Losses
from archiver.procedures.sealing import Key, unsealed
from archiver.procedures.verify_findings import Fault, object_name
from archiver.records.canonical import Json
from archiver.records.errors import (
    BackupInvalid,
    CatalogueUnavailable,
    LedgerDamaged,
    ObjectDamaged,
    ObjectMissing,
)
from archiver.records.events import EventKind, Leaf
from archiver.records.identity import ObjectRef, Part
from archiver.records.merkle import Frontier, leaf_hash

_BATCH = 500
_PIECE = 1 << 20

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore came to: entries in the backup and replayed since, and objects put back.

    *survived* says that the object store was there, and was left as it is. In it *taken* objects
    lie under other versions of the store's own than they had; *lost* names what is not there whole.
    *hidden* is of what was replayed (see `Rebuilt`).
    """

    made_at: str
    entries: int
    replayed: int
    objects: int
    survived: bool
    taken: int
    lost: tuple[str, ...]
    hidden: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restorer:
    """What a restore may use: it keeps objects, and can destroy none."""

    account: Account
    objects: ObjectKeeper
    classifier: Classifier
    index: SearchIndex
    os_account: str


def unpack_whole(path: Path, key: Key, into: Path) -> dict[str, Json]:
    """Unpack the backup at *path* into the folder *into*, proven; give its manifest.

    Raises:
        BackupInvalid: it is not whole, or not with this key.
    """

    def keep(name: str, file: IO[bytes]) -> None:
        target = into / name
        if not target.resolve().is_relative_to(into.resolve()):
            raise BackupInvalid(f"{name} would leave the folder")
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with target.open("xb") as out:
            while piece := file.read(_PIECE):
                out.write(piece)

    with unsealed(path, key) as stream:
        return unpack(stream, keep)


def put_in_place(
    restorer: Restorer, unpacked: Path, told: dict[str, Json], *, progress: Progress
) -> Restored:
    """Put what was unpacked in place, and replay what is newer than it.

    Raises:
        CatalogueUnavailable: the catalogue is not empty.
        BackupInvalid: the backup is of another version, or has no objects and none survived.
        LedgerDamaged: the surviving ledger's copy does not continue the backup's ledger.
    """
    account = restorer.account
    survived = account.copy.size() > 0
    _demand_room(account)
    if not survived and not told["with_objects"]:
        raise BackupInvalid(
            "this backup only lists its objects, and [archive] objects names a store without them",
            remedy="Name the object store that survived, or restore the bucket first.",
        )
    count = 0 if survived else _put_objects(restorer.objects, unpacked, progress)
    if not survived:
        _put_shelf(account, unpacked)
    before = _load_catalogue(account, unpacked)
    losses = Losses()
    replayed = _catch_up(restorer, before, losses)
    if not survived:
        with account.catalogue.writing_raw() as connection:
            store_versions.take_noted_versions(connection)
    taken = _take_versions(restorer, losses)
    _enter(restorer, before, taken)
    indexing.rebuild(account.catalogue, restorer.index)
    return Restored(
        made_at=str(told["made_at"]),
        entries=before,
        replayed=replayed,
        objects=count,
        survived=survived,
        taken=taken,
        lost=(*losses.items, *losses.objects),
        hidden=tuple(losses.hidden),
    )


def _demand_room(account: Account) -> None:
    upgrade(account.catalogue)
    with account.catalogue.reading() as connection:
        stage = rebuilding.stage(connection)
        if not rebuilding.is_empty(connection) or stage is not None:
            raise CatalogueUnavailable(
                "the catalogue is not empty, and a restore never writes over one",
                remedy="Move the catalogue away (keep it), then restore again.",
            )


def _put_objects(objects: ObjectKeeper, unpacked: Path, progress: Progress) -> int:
    """Keep every object; each is proven again against its name."""
    count = 0
    files = _object_files(unpacked / "objects")
    while some := list(islice(files, _BATCH)):
        objects.keep([NewObject(ref, path) for ref, path in some])
        count += len(some)
        progress(count)
    return count


def _object_files(folder: Path) -> Iterator[tuple[ObjectRef, Path]]:
    if not folder.is_dir():
        return
    for owner in sorted(folder.iterdir()):
        for path in sorted(owner.iterdir()):
            place, _, digest = path.name.partition(".")
            yield ObjectRef(owner.name, Part(place[0]), digest, place[1:]), path


def _put_shelf(account: Account, unpacked: Path) -> None:
    """Put papers first and the checkpoint last, so that what is signed is there."""
    folder = unpacked / "shelf"
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    names.sort(key=lambda name: name == "ledger/checkpoint")
    for start in range(0, len(names), _BATCH):
        some = names[start : start + _BATCH]
        account.shelf.place({name: (folder / name).read_bytes() for name in some})


def _load_catalogue(account: Account, unpacked: Path) -> int:
    """Load the catalogue in one transaction; give the size of its ledger."""
    folder = unpacked / "catalogue"
    with account.catalogue.writing_raw() as connection:
        version = (folder / "version").read_text("utf-8")
        if version != version_of(connection):
            raise BackupInvalid(
                f"the backup's catalogue is of version {version}",
                remedy="Restore with the version that made the backup, then upgrade.",
            )
        for piece in sorted(folder.glob("*.jsonl")):
            copying.load(connection, piece.name.split(".")[1], piece.read_bytes())
        before = ledger.head(connection).size
        rebuilding.begin(connection)
        facts.put(connection, facts.UNRECONCILED, str(before))
        return before


def _catch_up(restorer: Restorer, before: int, losses: Losses) -> int:
    """Replay what the ledger's copy has and the backup's catalogue has not."""
    account = restorer.account
    _demand_same_history(account, before)
    look_ahead(account, restorer.objects, start=before)
    of_items = ItemReplay(account, restorer.objects, restorer.classifier, losses)
    of_others = LedgerReplay(account)
    tail, replayed = entries(account, before), 0
    while some := list(islice(tail, SLICE)):
        with account.catalogue.writing_raw() as connection:
            ledger.append_raw(connection, some, account.key)
            apply(connection, of_items, of_others, [leaf for leaf, _ in some])
        replayed += len(some)
    if replayed:
        rebuild_holds(account)
    return replayed


def _demand_same_history(account: Account, before: int) -> None:
    """Pass if the first entries of the ledger's copy are those of the backup's catalogue."""
    with account.catalogue.reading() as connection:
        root = ledger.head(connection).frontier.root()
    frontier = Frontier()
    for data in islice(account.copy.entries(), before):
        frontier = frontier.append((leaf_hash(data),))
    if frontier.size != before or frontier.root() != root:
        raise LedgerDamaged(
            "the ledger's copy in the object store does not continue the ledger of this backup",
            remedy="Restore a backup of the same archive, with the object store it belongs to.",
        )


def _take_versions(restorer: Restorer, losses: Losses) -> int:
    """Take the version that the store shows of every object that is not there under its own.

    So it is in a bucket that was copied back. Each is read, and proven against its digest; what is
    not there, or proves to be something else, is named, and keeps the version that `verify` misses.
    Gives how many were taken.
    """
    catalogue, taken = restorer.account.catalogue, 0
    whole = partial(_is_whole, restorer.objects)
    for part in store_versions.TABLES:
        after = 0
        while True:
            with catalogue.reading() as connection:
                some = store_versions.unfound(connection, part, after=after, limit=SLICE)
            if not some:
                break
            after = some[-1].n
            with ThreadPoolExecutor(READERS) as pool:
                proven = list(pool.map(whole, some))
            with catalogue.writing_raw() as connection:
                store_versions.take_versions(connection, part, list(compress(some, proven)))
            taken += sum(proven)
            for one, is_proven in zip(some, proven, strict=True):
                if not is_proven:
                    losses.name(losses.objects, object_name(one.ref))
    return taken


def _is_whole(objects: ObjectReader, one: Unfound) -> bool:
    """Say whether the store shows the object, and its bytes are what its name says."""
    try:
        for _piece in objects.stream(one.ref) if one.shown else ():
            pass
    except (ObjectMissing, ObjectDamaged):
        return False
    return one.shown


def _enter(restorer: Restorer, before: int, taken: int) -> None:
    """Enter the restore, and open the archive for everything but destruction.

    What a person confirmed of an earlier restore, which was replayed, confirms nothing of this one.
    """
    account = restorer.account
    with account.catalogue.writing() as desk:
        person = roster.of_account(desk.connection, restorer.os_account)
        account.enter(
            desk,
            EventKind.ARCHIVE_RESTORED,
            by=person.id if person is not None else "",
            subject=str(before),
            told={"v": taken} if taken else {},
        )
        look_at_everything(account, desk.connection)
        facts.put(desk.connection, facts.UNRECONCILED, str(before))
        rebuilding.end(desk.connection)
    account.acknowledge()


def leaves_from(account: Account, start: int) -> Iterator[Leaf]:
    """Give the entries from *start* on, as the catalogue has them."""
    with account.catalogue.reading() as connection:
        size = ledger.head(connection).size
        for data in ledger.raw_entries(connection, start, size):
            yield Leaf.from_json(json.loads(data))


def subjects(leaves: Sequence[Leaf], kind: EventKind) -> list[str]:
    """Give what the entries of *kind* are about."""
    return [leaf.subject for leaf in leaves if leaf.kind is kind]
