"""Rebuild: catalogue and index anew, from the object store alone.

The ledger's copy is replayed, entry by entry and byte for byte, into an empty catalogue; what
items say comes from their objects, what concerns none from the papers. Every slice is one
transaction, so a rebuild that was cut short goes on where it stopped. Engagement counts and
cursors are not restored: the next visit finds them again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from archiver.catalogue import Reading, items, ledger, lost, rebuilding, roster
from archiver.catalogue.items import BEGUN, DESTROYED, LIVE
from archiver.catalogue.unasked import begin_again
from archiver.catalogue.upgrading import upgrade
from archiver.ports import Classifier, ObjectReader, SearchIndex
from archiver.procedures import indexing
from archiver.procedures.account import Account
from archiver.procedures.founding import put_manifest
from archiver.procedures.rebuild_holds import rebuild_holds
from archiver.procedures.rebuild_items import ItemReplay
from archiver.procedures.rebuild_ledger import LedgerReplay
from archiver.procedures.rebuild_orders import expunged_by
from archiver.procedures.rebuild_papers import doomed_by
from archiver.procedures.rebuild_rows import Losses
from archiver.procedures.verify_findings import Fault
from archiver.procedures.verify_papers import papers_spoilt
from archiver.records.canonical import read_object
from archiver.records.errors import CatalogueUnavailable, NotFound
from archiver.records.events import EventKind, Leaf

SLICE = 500
"""How many entries one transaction replays."""

_LISTED = 2_000
_ITEM_KINDS = frozenset(
    {
        EventKind.ITEM_CAPTURED,
        EventKind.ITEM_EDITED,
        EventKind.ITEM_SIGHTED,
        EventKind.ITEM_BYLINED,
        EventKind.ITEM_DECIDED,
        EventKind.ITEM_DECLARED,
        EventKind.ITEM_TRIGGERED,
        EventKind.ITEM_COOLED,
        EventKind.ITEM_RETURNED,
        EventKind.ITEM_RESTRICTED,
        EventKind.ITEM_UNRESTRICTED,
        EventKind.ATTACHMENT_KEPT,
    }
)
_LISTING, _REPLAYING, _HOLDING = "listing", "replaying", "holding"

Progress = Callable[[int], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What a rebuild came to; *lost* names items and objects the ledger tells of and nothing has.

    *hidden* names what the store keeps beneath a delete marker, or a version that is not ours: it
    is in the catalogue, as it lies there. All three are of this run; `verify` names all of them.
    """

    entries: int
    items: int
    unfinished: int
    tombstones: int
    indexed: int
    lost_items: tuple[str, ...]
    lost_objects: tuple[str, ...]
    hidden: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilder:
    """What a rebuild may use: it reads objects, and can neither keep nor destroy any."""

    account: Account
    objects: ObjectReader
    classifier: Classifier
    index: SearchIndex
    os_account: str


def rebuild(rebuilder: Rebuilder, *, progress: Progress = lambda _count: None) -> Rebuilt:
    """Make catalogue and index anew, or go on with it; *progress* is told entries replayed.

    Raises:
        CatalogueUnavailable: the catalogue is not empty.
        NotFound: the object store holds no copy of the ledger.
        LedgerDamaged: the copy, or a paper, is not what was signed.
        ArchiveBusy: another process is rebuilding.
    """
    account = rebuilder.account
    if not account.copy.size():
        raise NotFound(
            "the object store holds no copy of a ledger, so there is nothing to rebuild from",
            remedy="Check [archive] objects, or restore a backup.",
        )
    with account.catalogue.exclusive("rebuild", wait=False):
        stage = _begin(account)
        losses = Losses()
        if stage == _LISTING:
            look_ahead(account, rebuilder.objects)
            with account.catalogue.writing_raw() as connection:
                rebuilding.reach(connection, _REPLAYING)
            stage = _REPLAYING
        if stage == _REPLAYING:
            _replay(rebuilder, losses, progress)
        rebuild_holds(account)
        spoilt = papers_spoilt(account)
        for fault in (*spoilt.missing, *spoilt.damaged):
            losses.name(losses.objects, fault.name)
        _end(rebuilder, losses)
    indexed = indexing.rebuild(account.catalogue, rebuilder.index)
    account.acknowledge()
    return _told(account, losses, indexed)


def _begin(account: Account) -> str:
    """Begin, or find how far an interrupted rebuild has come."""
    upgrade(account.catalogue)
    with account.catalogue.writing_raw() as connection:
        stage = rebuilding.stage(connection)
        if stage in {_REPLAYING, _HOLDING}:
            return stage
        if stage is None and not rebuilding.is_empty(connection):
            raise CatalogueUnavailable(
                "the catalogue is not empty, and a rebuild never writes over one",
                remedy="Move the catalogue away (keep it), or name an empty one in [archive] "
                "catalogue; then run `archiver rebuild` again.",
            )
        if stage is None:
            ledger.found(connection)
        rebuilding.begin(connection)
    return _LISTING


def look_ahead(account: Account, objects: ObjectReader, *, start: int = 0) -> None:
    """Note which objects there are, and which items entries from *start* on destroy."""
    for some in _sliced(objects.listing(), _LISTED):
        with account.catalogue.writing_raw() as connection:
            rebuilding.note_objects(connection, some)
    for leaf, _ in entries(account, start):
        if leaf.kind is EventKind.DISPOSITION_BEGUN:
            going = doomed_by(account, leaf)
            with account.catalogue.writing_raw() as connection:
                rebuilding.note_doomed(connection, going)
        elif leaf.kind in {EventKind.ORDER_BEGUN, EventKind.DISPOSITION_UNTOLD}:
            with account.catalogue.writing_raw() as connection:
                rebuilding.note_doomed(connection, expunged_by(leaf))
        elif leaf.kind in {EventKind.DISPOSITION_DONE, EventKind.ORDER_CARRIED_OUT}:
            with account.catalogue.writing_raw() as connection:
                rebuilding.note_done(connection, leaf.subject)


def _replay(rebuilder: Rebuilder, losses: Losses, progress: Progress) -> None:
    """Replay what is not replayed yet. Objects are read inside: nobody else works here now."""
    account = rebuilder.account
    of_items = ItemReplay(account, rebuilder.objects, rebuilder.classifier, losses)
    of_others = LedgerReplay(account)
    with account.catalogue.reading() as connection:
        start = ledger.head(connection).size
    for some in _sliced(entries(account, start), SLICE):
        with account.catalogue.writing_raw() as connection:
            ledger.append_raw(connection, some, account.key)
            apply(connection, of_items, of_others, [leaf for leaf, _ in some])
        start += len(some)
        progress(start)
    with account.catalogue.writing_raw() as connection:
        rebuilding.reach(connection, _HOLDING)


def apply(
    connection: Reading, of_items: ItemReplay, of_others: LedgerReplay, leaves: Sequence[Leaf]
) -> None:
    """Apply *leaves* in order; entries about items that follow one another go together."""
    waiting: list[Leaf] = []
    for leaf in leaves:
        if leaf.kind in _ITEM_KINDS:
            waiting.append(leaf)
            continue
        of_items.apply(connection, waiting)
        waiting = []
        of_others.apply(connection, leaf)
    of_items.apply(connection, waiting)


def _end(rebuilder: Rebuilder, losses: Losses) -> None:
    """Have everything looked at, enter that the catalogue was rebuilt, and open it for use."""
    account = rebuilder.account
    put_manifest(account.shelf)
    with account.catalogue.writing() as desk:
        look_at_everything(account, desk.connection)
        gone = lost.count_without_a_row(desk.connection)  # of runs cut short before, too
        person = roster.of_account(desk.connection, rebuilder.os_account)
        account.enter(
            desk,
            EventKind.ARCHIVE_REBUILT,
            by=person.id if person is not None else "",
            told={"i": gone, "o": len(losses.objects)},
        )
        rebuilding.end(desk.connection)


def look_at_everything(account: Account, connection: Reading) -> None:
    """Have every thread looked at today, and whatever waits for the rules asked of from the start.

    What no replay brings back is on which day a thread must be looked at; and rows it made may
    have other numbers than they had.
    """
    items.look_at_all(connection, account.today().toordinal())
    begin_again(connection)


def entries(account: Account, start: int) -> Iterator[tuple[Leaf, bytes]]:
    """Give the entries of the ledger's copy from *start* on, proven, with their bytes."""
    for data in account.copy.entries(start):
        yield Leaf.from_json(read_object(data)), data


def _sliced(things: Iterable[T], size: int) -> Iterator[list[T]]:
    waiting = iter(things)
    while some := list(islice(waiting, size)):
        yield some


def _told(account: Account, losses: Losses, indexed: int) -> Rebuilt:
    with account.catalogue.reading() as connection:
        return Rebuilt(
            entries=ledger.head(connection).size,
            items=items.count(connection, LIVE),
            unfinished=items.count(connection, BEGUN),
            tombstones=items.count(connection, DESTROYED),
            indexed=indexed,
            lost_items=tuple(losses.items),
            lost_objects=tuple(losses.objects),
            hidden=tuple(losses.hidden),
        )
