"""Strays: kept bytes without a row, left by a capture that died between keeping and entering.

The retry adopts its own. What nothing adopted for a day is destroyed, with a paper and an entry
first; never what the ledger entered, and never what a hold covers or might cover. Bytes that lie
under a tombstone are strays whatever the ledger entered: no retry adopts what was destroyed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

from archiver.catalogue import Reading, holds, items, pages
from archiver.catalogue.holds import HoldRow
from archiver.catalogue.items import LIVE, ItemRow
from archiver.language.documents import document
from archiver.ports import ListedObject, ObjectReader
from archiver.procedures.account import Account
from archiver.procedures.authority import demand, demand_clock, demand_reconciled
from archiver.procedures.covering import Coverer, held
from archiver.procedures.destroying import alone_destroying
from archiver.procedures.dispose import Disposer
from archiver.procedures.drafting import Drafter
from archiver.procedures.verify import chance
from archiver.procedures.verify_findings import Findings, object_name
from archiver.procedures.verify_items import ItemCheck, entered_in_ledger
from archiver.records.canonical import Json, read_object
from archiver.records.errors import ObjectError
from archiver.records.events import EventKind
from archiver.records.holds import HoldFacts
from archiver.records.identity import ObjectRef, Part
from archiver.records.items import Content, Origin, from_object
from archiver.records.moments import micros
from archiver.records.people import Person, Right

GRACE = timedelta(days=1)
"""How long a stray waits for the retry of its capture."""

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Swept:
    """What became of the strays: how many are gone, and which stay, with the reason."""

    destroyed: int
    stayed: tuple[tuple[str, str], ...]


def find_strays(
    account: Account, objects: ObjectReader, *, progress: Progress = lambda _count: None
) -> list[ListedObject]:
    """Give what the store has and neither catalogue nor ledger knows, and what tombstones own.

    Of each 10,000 at most; never what a row owns that says so behind its seal.
    """
    found: Findings = ItemCheck(account, objects, reads=chance(0)).run(progress)
    with account.catalogue.reading() as connection:
        entered = {stray.ref for stray in entered_in_ledger(account, connection, found.stray)}
    return [stray for stray in found.stray if stray.ref not in entered] + found.returned


def dispose_strays(disposer: Disposer, objects: ObjectReader, person: Person) -> Swept:
    """Destroy strays older than a day that no hold covers or might cover.

    No page is visited meanwhile, so that none is adopted while it goes.

    Raises:
        NotPermitted: the person may not maintain.
        RestoreUnconfirmed: the archive was restored and not reconciled.
        ClockDoubted: the clock was put back, or leapt ahead, and nobody confirmed it.
        ArchiveBusy: a page is being visited, somebody destroys, or makes a backup; the next run
            tries again.
    """
    account = disposer.account
    demand(account, person, Right.MAINTAIN)
    demand_reconciled(account, person, "strays")
    demand_clock(account, person, "strays", days=disposer.clock_days)
    with account.catalogue.reading() as connection:
        every = pages.every(connection)
    with ExitStack() as quiet:
        quiet.enter_context(alone_destroying(account, wait=False))
        for page in every:
            quiet.enter_context(account.catalogue.exclusive(f"page {page.n}", wait=False))
        strays = find_strays(account, objects)
        stayed, going = _entered(account, objects, person, strays)
        if going:
            disposer.objects.destroy_objects(going)
    return Swept(len(going), tuple((object_name(ref), why) for ref, why in stayed.items()))


def _entered(
    account: Account, objects: ObjectReader, person: Person, strays: Sequence[ListedObject]
) -> tuple[dict[ObjectRef, str], list[ObjectRef]]:
    """Say which strays stay, and enter those that go; a hold issued meanwhile is asked, too."""
    while True:
        with account.catalogue.reading() as connection:
            binding = holds.binding(connection)
        stayed = _stayed(account, objects, strays, binding)
        going = list(dict.fromkeys(stray.ref for stray in strays if stray.ref not in stayed))
        if not going or _enter(account, person, going, binding):
            return stayed, going


def _enter(
    account: Account, person: Person, going: Sequence[ObjectRef], binding: Sequence[HoldRow]
) -> bool:
    """Write the paper and the entry, signed, before the first byte goes.

    Gives False, and enters nothing, where other holds bind than those of *binding*.
    """
    listed: list[Json] = [object_name(ref) for ref in going]
    paper = account.paper("strays", {"objects": listed, "by": person.id})
    with account.catalogue.writing() as desk:
        if holds.binding(desk.connection) != binding:
            return False
        account.enter(
            desk, EventKind.STRAYS_DESTROYED, by=person.id, told={"n": len(going)}, paper=paper
        )
    account.acknowledge()
    return True


def _stayed(
    account: Account,
    objects: ObjectReader,
    strays: Sequence[ListedObject],
    binding: Sequence[HoldRow],
) -> dict[ObjectRef, str]:
    """Say which strays stay, and why."""
    young = account.now() - GRACE
    stayed = {stray.ref: "younger than a day" for stray in strays if stray.stored_at > young}
    coverer = Coverer(binding)
    if not coverer:
        return stayed
    with account.catalogue.reading() as connection:
        rows = items.by_ids(connection, [stray.ref.owner for stray in strays])
        on_hold = held(connection, list(rows.values()))
        for stray in strays:
            if stray.ref.owner in on_hold:
                stayed[stray.ref] = "its item is held"
            elif not _is_live(rows.get(stray.ref.owner)) and _might_be_held(
                account, connection, coverer, objects, stray.ref
            ):
                stayed[stray.ref] = "a hold covers it, or might"
    return stayed


def _is_live(row: ItemRow | None) -> bool:
    return row is not None and row.life == LIVE


def _might_be_held(
    account: Account,
    connection: Reading,
    coverer: Coverer,
    objects: ObjectReader,
    ref: ObjectRef,
) -> bool:
    """Ask every content its owner has; what cannot be read might be anything, and stays."""
    read = [
        _read(objects, one.ref) for one in objects.owned(ref.owner) if one.ref.part is Part.CONTENT
    ]
    if not read or None in read:
        return True
    return any(
        _is_covered(account, connection, coverer, ref.owner, *told)
        for told in read
        if told is not None
    )


def _read(objects: ObjectReader, ref: ObjectRef) -> tuple[Content, Origin] | None:
    try:
        return from_object(read_object(objects.read(ref)))
    except (ObjectError, ValueError):
        return None


def _is_covered(
    account: Account,
    connection: Reading,
    coverer: Coverer,
    item: str,
    content: Content,
    origin: Origin,
) -> bool:
    page = account.key.page(origin.platform, origin.page)
    known = pages.by_id(connection, page)
    drafter = Drafter(account.key, origin)
    facts = HoldFacts(
        item=item,
        thread=drafter.thread_of(item, content),
        page=page,
        authors=(drafter.author_of(content),),
        published=(micros(content.published_at),),
    )
    name = known.name if known is not None else origin.page
    words = document(content, item=item, page=name, platform=origin.platform)
    return bool(coverer.covering(facts, [words]))
