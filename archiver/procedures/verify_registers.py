"""Verifying the registers: they stand as the ledger and its papers tell, column by column.

By them it is decided who may decide, what is held and frozen until when, what gives the schedule
force, what was approved, and whether a page was looked at since something fell due; an edit of
theirs may have items go too early.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol, cast

from archiver.catalogue import Reading, inspection, orders, pages
from archiver.catalogue.orders import DONE, GOING, HELD, WAITING, OrderRow
from archiver.catalogue.replica import differing, replayed, replica
from archiver.procedures.account import Account
from archiver.procedures.papers import paper_of
from archiver.procedures.rebuild_ledger import deeds_of_registers
from archiver.procedures.rebuild_visits import was_whole
from archiver.procedures.verify_departures import Departures
from archiver.procedures.verify_findings import Fault
from archiver.procedures.verify_sayings import Decisions, Judgements
from archiver.procedures.verify_sightings import Sightings
from archiver.procedures.verify_visits import Visits
from archiver.records.errors import LedgerDamaged
from archiver.records.events import EventKind, Leaf, read_leaf
from archiver.records.orders import Effect, OrderStatus
from archiver.records.scrubbing import NOBODY

_OF_ITEMS_ALONE = (EventKind.SAMPLE_JUDGED,)
_DESTROYING = {effect.value for effect in Effect if effect.destroys}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What a page is, and when it was last captured whole, and walked to its end."""

    platform: str
    identity: str
    connector: str
    controlled: bool
    whole_at: int | None
    walked_at: int | None


def registers_edited(account: Account) -> list[Fault]:
    """Name every row of a register that is not as the ledger and its papers tell."""
    deeds = deeds_of_registers(account, lines=False)
    for kind in _OF_ITEMS_ALONE:
        del deeds[kind]
    faults: list[Fault] = []
    with account.catalogue.reading() as connection, replica() as told:
        beside = _beside(account, connection)
        wanted = {*deeds, *(kind for one in beside for kind in one.takes)}
        for data in inspection.leaves_of(connection, tuple(wanted)):
            leaf = read_leaf(data)
            if leaf is not None:
                faults.extend(_taken(beside, leaf))
                if why := replayed(told, deeds.get(leaf.kind), leaf):
                    faults.append(Fault(leaf.subject or leaf.kind, why))
        differ = differing(connection, told, numbers=not faults)
        faults.extend(Fault(name, why) for name, why in differ)
        for one in beside:
            faults.extend(one.edited())
        faults.extend(orders_edited(account, connection))
    return faults


class History(Protocol):
    """What is told of rows that are too many to be replayed, and compared as it is told."""

    takes: Mapping[EventKind, Callable[[Leaf], None]]

    def edited(self) -> Iterator[Fault]:
        """Name what does not stand as it was told."""
        ...


def _beside(account: Account, connection: Reading) -> tuple[History, ...]:
    """Give what is compared beside the registers, with the same look through the ledger."""
    return (
        _Pages(account, connection),
        Visits(account, connection),
        Decisions(connection),
        Sightings(connection),
        Judgements(account, connection),
        Departures(account, connection),
    )


def _taken(beside: Iterable[History], leaf: Leaf) -> Iterator[Fault]:
    """Tell each history of *leaf*; name an entry that one of them cannot understand."""
    for one in beside:
        take = one.takes.get(leaf.kind)
        try:
            if take is not None:
                take(leaf)
        except (LedgerDamaged, KeyError, ValueError, TypeError) as error:
            why = f"what the ledger tells cannot be replayed: {error}"
            yield Fault(leaf.subject or leaf.kind, why)


def orders_edited(account: Account, connection: Reading) -> Iterator[Fault]:
    """Name every order that names other items than its paper, or has come where none does.

    Whom one under way names is passed, and whom it takes may still be named by others, of whose
    papers it is struck already.
    """
    every = orders.every(connection)
    begun = [row for row in every if row.status == OrderStatus.BEGUN]
    going = {one.item for row in begun for one in orders.named_by(connection, row.n, GOING)}
    for row in every:
        if strange := set(orders.counted(connection, row.n)) - _can_come_to(row):
            why = f"what it names stands as {', '.join(sorted(map(ascii, strange)))}"
            yield Fault(row.order, f"{why}, which nothing in an order that stands so does")
        if row in begun:
            continue
        try:
            paper = paper_of(account, "order", row.paper)
        except (LedgerDamaged, ValueError):
            continue  # what of its row is not as entered was named before
        told = set(cast("list[str]", paper["items"])) - {NOBODY} - going
        if {one.item for one in orders.named_by(connection, row.n)} - going != told:
            yield Fault(row.order, "it names other items than its paper does")


def _can_come_to(row: OrderRow) -> set[str]:
    """Give how far an order that stands as *row* says may have come with what it names.

    What an order is to destroy it closes with nothing: a line that says so would be passed by.
    """
    closed = set() if row.effect in _DESTROYING else {DONE}
    return {WAITING, HELD} | closed | ({GOING} if row.status == OrderStatus.BEGUN else set())


# --- pages --------------------------------------------------------------------------------------


class _Pages:
    """What the ledger tells of pages, and how their register differs from it."""

    def __init__(self, account: Account, connection: Reading) -> None:
        self._account, self._connection = account, connection
        self._told: dict[str, _Page] = {}
        self.takes: Mapping[EventKind, Callable[[Leaf], None]] = {
            EventKind.PAGE_OPENED: self._opened,
            EventKind.CAPTURE_ENDED: self._seen,
        }

    def edited(self) -> Iterator[Fault]:
        """Name every page whose row is not what was told."""
        rows = pages.every(self._connection)
        stands = {
            row.page: _Page(
                platform=row.platform,
                identity=row.identity,
                connector=row.connector,
                controlled=row.controlled,
                whole_at=row.whole_at,
                walked_at=row.walked_at,
            )
            for row in rows
        }
        for name in sorted(self._told.keys() | stands.keys()):
            if self._told.get(name) != stands.get(name):
                yield Fault(name, "its row in the register of pages is not what the ledger tells")
        for row in rows:
            if not row.whole(self._account.key):
                yield Fault(row.page, "its row in the register of pages was edited behind us")

    def _opened(self, leaf: Leaf) -> None:
        known, paper = self._told.get(leaf.subject), paper_of(self._account, "page", leaf.paper)
        self._told[leaf.subject] = _Page(
            platform=str(paper["platform"]),
            identity=str(paper["identity"]),
            connector=str(paper["connector"]),
            controlled=bool(paper["controlled"]),
            whole_at=known.whole_at if known else None,
            walked_at=known.walked_at if known else None,
        )

    def _seen(self, leaf: Leaf) -> None:
        known = self._told.get(leaf.subject)
        if known is None:
            return
        began, walked = int(str(leaf.particulars["b"])), bool(leaf.particulars["w"])
        if was_whole(leaf) and (walked or known.walked_at is None):
            known = replace(known, whole_at=began)
        if walked and not leaf.particulars["li"]:
            known = replace(known, walked_at=began)
        self._told[leaf.subject] = known
