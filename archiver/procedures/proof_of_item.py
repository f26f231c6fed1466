"""The proof of one item: every deed on it with its place in the ledger, and why it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from archiver.catalogue import disposals, items, ledger, orders
from archiver.catalogue.ledger import EntryRow
from archiver.procedures.account import Account
from archiver.procedures.covering import held
from archiver.procedures.deciding import Decided, Known, decide_by, known_of
from archiver.records.canonical import Json, read_object
from archiver.records.errors import NotFound
from archiver.records.events import Leaf
from archiver.records.moments import moment
from archiver.records.schedules import Schedule


@dataclass(frozen=True, slots=True)
class Deed:
    """One entry of the ledger: its index, its word, when, who (an opaque id), and what it tells."""

    index: int
    kind: str
    at: datetime
    by: str
    told: Mapping[str, Json]
    paper: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofOfItem:
    """What can be shown of an item from the ledger alone, and why it is kept until when.

    *deeds* are those on the item; *holds* those on each hold that covers it now, *orders* those on
    each court order that keeps it from its disposition. *due* is the
    first day of disposition where one can be computed, whatever binds the item; *kept_because* are
    the reasons of today.
    """

    deeds: tuple[Deed, ...]
    holds: Mapping[str, tuple[Deed, ...]]
    orders: Mapping[str, tuple[Deed, ...]]
    due: date | None
    kept_because: tuple[str, ...]


def proof_of(account: Account, schedule: Schedule, item: str) -> ProofOfItem:
    """Give the proof of *item*, as it stands today.

    Raises:
        NotFound: there is no such item.
    """
    with account.catalogue.reading() as connection:
        row = items.by_ids(connection, [item]).get(item)
        if row is None:
            raise NotFound(f"no item {item[:12]}")
        names = held(connection, [row]).get(item, [])
        covering = {name: _deeds(ledger.about(connection, name)) for name in names}
        keeping = orders.keeping(connection, [row.n]).get(row.n, [])
        ordering = {name: _deeds(ledger.about(connection, name)) for name in keeping}
        deeds = _deeds(ledger.about(connection, item))
        due: date | None = None
        reasons: tuple[str, ...] = ()
        if row.life == items.LIVE:
            threads = disposals.threads_by_numbers(connection, [row.thread_n])
            known = known_of(connection, threads)
            decided = _decided(account, schedule, known)
            free = _decided(account, schedule, replace(known, holds={}, ordered={}))
            due, reasons = decided.verdict.due or free.verdict.due, decided.reasons(row)
    return ProofOfItem(deeds=deeds, holds=covering, orders=ordering, due=due, kept_because=reasons)


def _decided(account: Account, schedule: Schedule, known: Known) -> Decided:
    """Decide as the purge does where it has a day for the thread, else as people's plans do."""
    on = account.today()
    (purged,) = decide_by(account, schedule, known, on=on)
    if purged.verdict.due is not None:
        return purged
    (planned,) = decide_by(account, schedule, known, on=on, attended=True)
    return planned


def _deeds(entries: list[EntryRow]) -> tuple[Deed, ...]:
    found = []
    for entry in entries:
        leaf = Leaf.from_json(read_object(entry.leaf))
        found.append(
            Deed(entry.seq, entry.kind, moment(entry.at), entry.by, leaf.particulars, leaf.paper)
        )
    return tuple(found)
