"""Backup: one sealed file with everything an archive needs to come back.

The catalogue is copied in one reading transaction, so the archive runs on. What is taken after
it (the ledger's copy, papers, objects) can only be newer; a restore replays the difference. But
nothing is destroyed meanwhile: the ledger's copy would not tell why its bytes are wanting. The
file is written aside and takes its name when it is whole.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from io import FileIO
from itertools import islice
from pathlib import Path

from archiver.catalogue import backups, copying, ledger
from archiver.catalogue.upgrading import version_of
from archiver.ports import ListedObject, ObjectReader
from archiver.procedures.account import Account
from archiver.procedures.authority import demand
from archiver.procedures.broken_off import aside_of, keep_alive, sweep_broken_off
from archiver.procedures.destroying import alone_destroying
from archiver.procedures.packing import Member, packed
from archiver.procedures.sealing import Seal, seal_into
from archiver.procedures.verify_findings import object_name
from archiver.records.canonical import Json
from archiver.records.errors import ConfigInvalid, ObjectDamaged, ObjectMissing
from archiver.records.events import EventKind
from archiver.records.moments import micros, written
from archiver.records.people import Person, Right

LARGE = 1 << 20
"""An object larger than this is copied in pieces."""

_LINES = 20_000

Progress = Callable[[int], None]


@dataclass(slots=True)
class Made:
    """What a backup came to. *unread* names what is damaged, hidden or gone, and so not in it.

    *swept* are files that backups which were killed had left beside it; they are removed.
    """

    path: Path
    bytes: int = 0
    digest: str = ""
    entries: int = 0
    objects: int = 0
    with_objects: bool = True
    unread: list[str] = field(default_factory=list)
    swept: list[Path] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What a backup takes in: *files* are keys, configuration and schedule, by name."""

    account: Account
    objects: ObjectReader
    files: dict[str, bytes] = field(repr=False)
    with_objects: bool
    keep_days: int | None = None


def back_up(
    source: Backup,
    person: Person,
    target: Path,
    seal: Seal,
    *,
    progress: Progress = lambda _count: None,
) -> Made:
    """Write a sealed backup to *target*, while the archive runs; *progress* counts its files.

    Nothing is destroyed until it is written; what is due stays due. What a killed backup left in
    the same folder is removed.

    Raises:
        NotPermitted: the person may not maintain.
        ConfigInvalid: *target* is there already, or nobody could open the backup.
        ArchiveBusy: somebody destroys something, or makes another backup, and does not end.
    """
    demand(source.account, person, Right.MAINTAIN)
    if target.exists():
        raise ConfigInvalid(
            f"{target} is there already, and a backup never writes over one",
            remedy="Name another file.",
        )
    made = Made(target, with_objects=source.with_objects)
    aside = aside_of(target)
    try:
        with alone_destroying(source.account), _told_of(target, aside):
            made.swept.extend(sweep_broken_off(target.parent))
            _write(source, aside, seal, made, progress)
            aside.rename(target)
            _sync_folder(target.parent)
    finally:
        with suppress(FileNotFoundError):
            aside.unlink()
    _enter(source, person, made)
    return made


@contextmanager
def _told_of(target: Path, aside: Path) -> Iterator[None]:
    """Have what the operating system refuses of *aside* told of *target*, which was asked for."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.filename not in {str(aside), str(target.parent)}:
            raise
        raise OSError(error.errno, error.strerror, str(target)) from error


def _write(source: Backup, aside: Path, seal: Seal, made: Made, progress: Progress) -> None:
    with suppress(FileNotFoundError):
        aside.unlink()
    with FileIO(str(aside), "x+", opener=partial(os.open, mode=0o600)) as file:
        keep_alive(file.fileno())
        members = _counted(_members(source, made), progress)
        seal_into(file, packed(members, lambda: _manifest(source, made)), seal)
        os.fsync(file.fileno())
        made.bytes = file.tell()
        file.seek(0)
        made.digest = hashlib.file_digest(file, "sha256").hexdigest()


def _counted(members: Iterator[Member], progress: Progress) -> Iterator[Member]:
    for count, member in enumerate(members, 1):
        yield member
        progress(count)


def _manifest(source: Backup, made: Made) -> dict[str, Json]:
    return {
        "made_at": written(source.account.now()),
        "entries": made.entries,
        "objects": made.objects,
        "with_objects": made.with_objects,
        "unread": list[Json](made.unread[:1000]),
    }


def _members(source: Backup, made: Made) -> Iterator[Member]:
    for name, data in source.files.items():
        yield Member.of(name, data)
    yield from _catalogue(source.account, made)
    yield from _shelf(source.account)
    if source.with_objects:
        yield from _objects(source.objects, made)
    else:
        yield from _object_list(source.objects, made)


def _catalogue(account: Account, made: Made) -> Iterator[Member]:
    with account.catalogue.reading() as connection:
        made.entries = ledger.head(connection).size
        yield Member.of("catalogue/version", (version_of(connection) or "").encode())
        for number, (table, piece) in enumerate(copying.pieces(connection), 1):
            yield Member.of(f"catalogue/{number:06}.{table}.jsonl", piece)


def _shelf(account: Account) -> Iterator[Member]:
    """Copy the shelf; while the ledger's copy is copied, nobody brings it up to date."""
    with account.catalogue.exclusive("ledger-copy"):
        yield from _shelved(account, "ledger/")
    for name in account.shelf.names(""):
        if not name.startswith("ledger/"):
            yield from _shelved(account, name)


def _shelved(account: Account, prefix: str) -> Iterator[Member]:
    for name in account.shelf.names(prefix):
        data = account.shelf.fetch(name)
        if data is not None:
            yield Member.of(f"shelf/{name}", data)


def member_name(listed: ListedObject) -> str:
    """Give the name of an object in a backup: short enough for every tar there is."""
    ref = listed.ref
    return f"objects/{ref.owner}/{ref.part.value}{ref.slot}.{ref.digest}"


def _objects(objects: ObjectReader, made: Made) -> Iterator[Member]:
    """Copy every object, proven; name what is damaged, hidden, or gone since it was listed."""
    last = ""
    for listed in objects.listing():
        name = member_name(listed)
        if name == last:
            continue  # another version of the same bytes
        last = name
        if not listed.shows:
            made.unread.append(object_name(listed.ref))
            continue
        try:
            if listed.size > LARGE:
                for _piece in objects.stream(listed.ref):
                    pass  # proven before its name is written: a tar cannot take a name back
                member = Member(name, listed.size, objects.stream(listed.ref))
            else:
                member = Member.of(name, objects.read(listed.ref))
        except (ObjectMissing, ObjectDamaged):  # nothing of ours destroys it meanwhile
            made.unread.append(object_name(listed.ref))
            continue
        made.objects += 1
        yield member


def _object_list(objects: ObjectReader, made: Made) -> Iterator[Member]:
    """List every object with the store's own version of it, instead of copying it."""
    listing = objects.listing()
    number = 0
    while some := list(islice(listing, _LINES)):
        number += 1
        made.objects += len(some)
        lines = [json.dumps([object_name(o.ref), o.size, o.version]) + "\n" for o in some]
        yield Member.of(f"object-list/{number:06}.jsonl", "".join(lines).encode())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _enter(source: Backup, person: Person, made: Made) -> None:
    account, keep_days = source.account, source.keep_days
    now = account.now()
    with account.catalogue.writing() as desk:
        backups.add(desk.connection, at=micros(now), digest=made.digest, keep_days=keep_days)
        told: dict[str, Json] = {"f": made.digest, "e": made.entries, "o": made.objects}
        if keep_days is not None:
            told["kd"] = keep_days
        account.enter(desk, EventKind.BACKUP_MADE, by=person.id, told=told, at=now)
    account.acknowledge()
