"""Verify: prove the archive whole, or name exactly what is not.

Objects against the catalogue, every row against its seal and its object, tombstones against what
should be gone, papers, holds and registers against the ledger, the ledger against itself and its
signed copy. Strays alone leave it whole. The index is counted beside: it is never the record, and
where it is missing or wrong, so are searches. Nothing here writes, and deeds may go on meanwhile.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from archiver.catalogue import disposals, inspection, leftovers, lost, orders
from archiver.catalogue.contents import ILLEGIBLE
from archiver.ports import ListedObject, ObjectReader, SearchIndex
from archiver.procedures.account import Account
from archiver.procedures.covering import asked_of
from archiver.procedures.founding import manifest_spoilt
from archiver.procedures.indexing import State, state
from archiver.procedures.lost_items import REMEDY
from archiver.procedures.verify_despite import Looks, mistyped, reading_whatever, undecodable
from archiver.procedures.verify_findings import (
    LISTED_AT_MOST,
    Fault,
    Findings,
    Progress,
    object_name,
)
from archiver.procedures.verify_foreign import foreign_files
from archiver.procedures.verify_items import ItemCheck, entered_in_ledger, is_expected
from archiver.procedures.verify_ledger import UNPROVEN, LedgerFindings, verify_ledger
from archiver.procedures.verify_papers import papers_spoilt
from archiver.procedures.verify_plans import plans_edited
from archiver.procedures.verify_registers import registers_edited
from archiver.procedures.verify_transfers import transfers_edited
from archiver.records.errors import ObjectError, RegisterUnreadable

Locks: TypeAlias = Callable[[], Findings]
"""Compares the store's locks with what they were last set to."""

Blocking: TypeAlias = Callable[[Sequence[str]], Collection[str]]
"""Gives which of some items the object store would refuse to destroy now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """A destruction that was begun and is not done: its name, and the *items* it has still to take.

    Of those *blocked* the object store lets nothing go. At most `LISTED_AT_MOST` are named.
    """

    name: str
    items: Sequence[str]
    blocked: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What `verify` found. *stray* names kept bytes without a row; they alone leave it ok.

    *drifted* names what the object store has locked otherwise than it was told. *foreign* names
    files of the store that are none of ours, and *unentered* papers of deeds that never came to
    be; they leave it ok, too.
    """

    objects: int
    items: int
    read: int
    damaged: Sequence[Fault]
    missing: Sequence[Fault]
    edited: Sequence[Fault]
    uncovered: Sequence[Fault]
    drifted: Sequence[Fault]
    stray: Sequence[str]
    foreign: Sequence[str]
    unentered: Sequence[str]
    unfinished: Sequence[Unfinished]
    unnamed: int
    ledger: LedgerFindings
    index: State

    @property
    def ok(self) -> bool:
        """Say whether everything archived is whole; the index is none of it."""
        faulty = (self.damaged, self.missing, self.edited, self.uncovered, self.drifted)
        if any(faulty) or self.unfinished:
            return False
        return not self.unnamed and self.ledger.ok

    @property
    def whole(self) -> bool:
        """Say whether nothing needs a hand: the record is whole, and searches see all of it."""
        return self.ok and self.index.ok


def chance(share: float) -> Callable[[], bool]:
    """Give what answers yes to that *share* of questions, at random: 0 to none, 1 to all."""
    if share >= 1:
        return lambda: True
    if share <= 0:
        return lambda: False
    dice = random.SystemRandom()
    return lambda: dice.random() < share


@dataclass(frozen=True, slots=True)
class Whole:
    """What no look at single items tells: *found* names lost rows, edited holds, remains."""

    ledger: LedgerFindings
    index: State
    found: Findings
    unfinished: Sequence[Unfinished]


def verify(
    account: Account,
    objects: ObjectReader,
    index: SearchIndex,
    *,
    locks: Locks | None = None,
    blocking: Blocking | None = None,
    share_read: float = 0.0,
    progress: Progress = lambda _count: None,
) -> Verdict:
    """Prove the archive whole, or name what is not.

    *locks* are compared, too, where the store has any, and it is asked what it is *blocking* of
    what was begun. *share_read* is the share of objects whose bytes are read and hashed; of the
    others existence and size are compared.
    """
    if not mistyped(account):
        try:
            whole = look_at_the_whole(account, index, locks, blocking)
            check = ItemCheck(account, objects, reads=chance(share_read))
            return verdict(account, whole, check.run(progress))
        except RegisterUnreadable:
            if not undecodable(account):
                raise
    looks = Looks(despite=True, faults=[*mistyped(account), *undecodable(account)])
    with reading_whatever(account) as opened:
        whole = look_at_the_whole(opened, index, locks, blocking, looks)
        found = looks.take(
            "the items",
            lambda: ItemCheck(opened, objects, reads=chance(share_read)).run(progress),
            Findings(),
        )
        return verdict(opened, whole, found, looks)


def verdict(account: Account, whole: Whole, found: Findings, looks: Looks | None = None) -> Verdict:
    """Give the verdict that follows from both looks; *found* is of all items."""
    looks = looks or Looks()
    strays = looks.take("the strays", lambda: _sort_strays(account, found), found.stray)
    found.join(whole.found)
    for fault in looks.faults:
        found.name(found.edited, fault)
    return Verdict(
        objects=found.objects,
        items=found.items,
        read=found.read,
        damaged=found.damaged,
        missing=found.missing,
        edited=found.edited,
        uncovered=found.uncovered,
        drifted=found.drifted,
        stray=[object_name(stray.ref) for stray in strays],
        foreign=found.foreign,
        unentered=found.unentered,
        unfinished=whole.unfinished,
        unnamed=found.unnamed,
        ledger=whole.ledger,
        index=whole.index,
    )


def look_at_the_whole(
    account: Account,
    index: SearchIndex,
    locks: Locks | None,
    blocking: Blocking | None,
    looks: Looks | None = None,
) -> Whole:
    """Prove ledger and papers; name lost rows, remains of the destroyed, edited holds and locks."""
    looks = looks or Looks()
    found = looks.take("the locks", lambda: _drifted(locks), Findings())
    for what, look in _LOOKS.items():
        found.join(looks.take(what, partial(look, account), Findings()))
    none: list[Fault] = []
    for fault in (
        *looks.take("the registers", lambda: registers_edited(account), none),
        *looks.take("the bags", lambda: list(transfers_edited(account)), none),
        *looks.take("the plans", lambda: list(plans_edited(account)), none),
    ):
        found.name(found.edited, fault)
    unfinished = looks.take(
        "what was begun", lambda: _unfinished(account, blocking), list[Unfinished]()
    )
    ledger = looks.take("the ledger", lambda: verify_ledger(account), UNPROVEN)
    return Whole(ledger, state(account.catalogue, index), found, unfinished)


def _rows_gone(account: Account) -> Findings:
    """Name what is told of and has no row, and what tells of what has none."""
    found = Findings()
    with account.catalogue.reading() as connection:
        bereft = lost.without_a_row(connection, limit=LISTED_AT_MOST)
        remains = leftovers.remains(connection, limit=LISTED_AT_MOST)
        orphans = leftovers.orphans(connection, limit=LISTED_AT_MOST)
        alone = inspection.without_a_thread(connection, limit=LISTED_AT_MOST)
    for item in bereft:
        why = f"lost: the ledger says it was captured; its row is gone. {REMEDY.capitalize()}"
        found.name(found.missing, Fault(item, why))
    for item in alone:
        found.name(found.missing, Fault(item, "the row of its thread is gone"))
    for item, table in remains:
        found.name(found.damaged, Fault(item, f"it was destroyed, and {table} still tells of it"))
    for number, table in orphans:
        why = "its row is gone, and what tells of it stands"
        found.name(found.edited, Fault(f"item number {number} in {table}", why))
    return found


def _threads(account: Account) -> Findings:
    """Name every thread whose row was edited, or tells less than what was published in it."""
    found = Findings()
    with account.catalogue.reading() as connection:
        edited = inspection.threads_edited(connection, account.key, limit=LISTED_AT_MOST)
        outdone = inspection.threads_outdone(connection, limit=LISTED_AT_MOST)
    for thread in edited:
        found.name(found.edited, Fault(thread, "the row of its thread was edited behind us"))
    for thread in outdone:
        why = "something was published in it after the activity that the row of its thread tells"
        found.name(found.edited, Fault(thread, why))
    return found


def _matches(account: Account) -> Findings:
    """Name every item of which the words that made a rule fire were edited."""
    found = Findings()
    with account.catalogue.reading() as connection:
        edited = inspection.matches_edited(connection, account.key, limit=LISTED_AT_MOST)
    for item in edited:
        why = "the words by which a rule took it are not as they were sealed"
        found.name(found.edited, Fault(item, why))
    return found


def _holds(account: Account) -> Findings:
    """Name every hold of which nobody can say whom it covers."""
    found = Findings()
    with account.catalogue.reading() as connection:
        _, illegible = asked_of(connection)
    for hold, why in illegible.items():
        found.name(found.edited, Fault(hold, f"whom it covers was not asked: {why}"))
    return found


_LOOKS: dict[str, Callable[[Account], Findings]] = {
    "the papers": papers_spoilt,
    "the manifest": manifest_spoilt,
    "foreign files": foreign_files,
    "rows that are gone": _rows_gone,
    "the threads": _threads,
    "the words that matched": _matches,
    "the holds": _holds,
}


def _unfinished(account: Account, blocking: Blocking | None) -> list[Unfinished]:
    """Give every batch and every order that was begun and is not done, with what it has to take."""
    with account.catalogue.reading() as connection:
        begun = {
            batch.batch: [row.item for row in disposals.of_batch(connection, batch.n)]
            for batch in disposals.unfinished(connection)
        }
        for order in orders.begun(connection):
            named = orders.named_by(connection, order.n, orders.GOING)
            begun[order.order] = [one.item for one in named]
    return [_with_blocked(name, items, blocking) for name, items in begun.items()]


def _with_blocked(name: str, items: list[str], blocking: Blocking | None) -> Unfinished:
    """Ask the store of *items*; where it does not answer, the look at its locks says so."""
    try:
        refused = set(blocking(items)) if blocking is not None else set()
    except ObjectError:
        refused = set()
    blocked = [item for item in items if item in refused]
    return Unfinished(name=name, items=items[:LISTED_AT_MOST], blocked=blocked[:LISTED_AT_MOST])


def _drifted(locks: Locks | None) -> Findings:
    """Compare the locks; where holds or texts cannot be read, nobody can say how they should be."""
    try:
        return locks() if locks is not None else Findings()
    except (RegisterUnreadable, *ILLEGIBLE) as error:
        found = Findings()
        found.name(found.drifted, Fault("the locks", f"they cannot be compared: {error}"))
        return found


def _sort_strays(account: Account, found: Findings) -> list[ListedObject]:
    """Give what is truly stray; kept bytes that the ledger entered have lost their row.

    What was stray at the first look and has its row by now was being captured.
    """
    with account.catalogue.reading() as connection:
        entered = entered_in_ledger(account, connection, found.stray)
        settled = {entry.ref for entry in entered}
        lost = [entry for entry in entered if not is_expected(connection, entry.ref)]
    for entry in lost:
        why = "the ledger entered it, and its row is gone; `archiver rebuild` makes rows anew"
        found.name(found.edited, Fault(object_name(entry.ref), why))
    return [stray for stray in found.stray if stray.ref not in settled]
