"""Restricting: a person says that an item is shown only to who has the right, or takes it back.

Whoever decides may restrict what they may see, for that can be taken back. Opening an item asks for
more: the right to see what is restricted, and credentials. It never takes back what a platform
marked or a court ordered. The reason lies in a paper under the item, and goes with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from archiver.catalogue import Desk, Reading, items
from archiver.catalogue.items import LIVE, ItemRow
from archiver.ports import NewObject, ObjectKeeper
from archiver.procedures.account import Account
from archiver.procedures.authority import demand
from archiver.procedures.viewing import demand_all_open_to, why_restricted
from archiver.records.canonical import Json, canonical
from archiver.records.errors import NotFound, NotPermitted
from archiver.records.events import EventKind
from archiver.records.identity import ObjectRef, Part, sha256
from archiver.records.people import Person, Right, SignedIn
from archiver.records.restrictions import (
    PEOPLES,
    Restriction,
    restricted_by,
    unordered,
    unrestricted_by,
)

BATCH = 200
"""How many items one transaction enters."""

SLOT = "restriction"
"""The slot of the paper that says why, under its item."""


def restrict(
    account: Account, objects: ObjectKeeper, person: Person, wanted: Sequence[str], *, reason: str
) -> list[ItemRow]:
    """Restrict every item of *wanted* by *person*'s word; give their rows.

    Raises:
        NotPermitted: the person may not decide, or not see one of them.
        NotFound: one is not here, or destroyed; nothing of its batch is entered.
    """
    demand(account, person, Right.DECIDE)
    said = _Said(account, objects, person, EventKind.ITEM_RESTRICTED, reason)
    return said.enter(wanted, _restricted)


def unrestrict(
    account: Account, objects: ObjectKeeper, signed: SignedIn, wanted: Sequence[str], *, reason: str
) -> list[ItemRow]:
    """Take back what a person or the schedule restricted of *wanted*; give the items' rows.

    What a later version of one says can restrict it again.

    Raises:
        NotPermitted: the person may not decide or not see what is restricted; or a platform marked
            an item, or an order of a court closes it.
        NotFound: one is not here, destroyed, or not restricted; nothing of its batch is entered.
    """
    person = signed.person
    demand(account, person, Right.DECIDE)
    demand(account, person, Right.READ_RESTRICTED)
    said = _Said(account, objects, person, EventKind.ITEM_UNRESTRICTED, reason)
    return said.enter(wanted, _opened)


class _Said:
    """What one person says of items, entered a batch at a time."""

    def __init__(
        self,
        account: Account,
        objects: ObjectKeeper,
        person: Person,
        kind: EventKind,
        reason: str,
    ) -> None:
        self._account = account
        self._objects = objects
        self._person = person
        self._kind = kind
        self._reason = reason

    def enter(self, wanted: Sequence[str], change: Callable[[ItemRow], ItemRow]) -> list[ItemRow]:
        entered: list[ItemRow] = []
        ids = list(dict.fromkeys(wanted))
        for start in range(0, len(ids), BATCH):
            some = ids[start : start + BATCH]
            with self._account.catalogue.reading() as connection:
                rows = _live(connection, some)
            demand_all_open_to(self._account, self._person, rows)
            try:
                with self._account.catalogue.reading() as connection:
                    _changed(connection, some, change)
                papers = self._kept_papers(some)
                with self._account.catalogue.writing() as desk:
                    entered.extend(self._enter(desk, papers, change))
            except NotPermitted as refusal:
                self._enter_refused(refusal)
                raise
        self._account.acknowledge()
        return entered

    def _enter_refused(self, refusal: NotPermitted) -> None:
        told: dict[str, Json] = {"code": refusal.exit_code, "r": self._kind.value}
        kind = EventKind.ATTEMPT_REFUSED
        with self._account.catalogue.writing() as desk:
            self._account.enter(desk, kind, by=self._person.id, told=told)
        self._account.acknowledge()

    def _kept_papers(self, some: Sequence[str]) -> dict[str, str]:
        """Keep one paper under each item; its salt is of this moment alone."""
        papers = []
        for item in some:
            told: dict[str, Json] = {
                "kind": SLOT,
                "salt": self._account.key.salt(item, f"{self._account.now_micros()}"),
                "item": item,
                "deed": self._kind.value,
                "reason": self._reason,
                "by": self._person.id,
            }
            data = canonical(told)
            papers.append(NewObject(ObjectRef(item, Part.PAPER, sha256(data), SLOT), data))
        self._objects.keep(papers)
        return {paper.ref.owner: paper.ref.digest for paper in papers}

    def _enter(
        self, desk: Desk, papers: dict[str, str], change: Callable[[ItemRow], ItemRow]
    ) -> list[ItemRow]:
        before = _changed(desk.connection, list(papers), change)
        after = [
            replace(row, restriction=papers[row.item]).in_place_of(known, self._account.key)
            for known, row in before
        ]
        items.change(desk.connection, after)
        today = self._account.today().toordinal()
        items.look_again(desk.connection, [row.n for row in after], today)
        for row in after:
            stays = unordered(row.restricted)
            told: dict[str, Json] = {"r": stays} if stays else {}
            self._account.enter(
                desk,
                self._kind,
                by=self._person.id,
                subject=row.item,
                told=told,
                paper=row.restriction,
            )
        return after


def _restricted(row: ItemRow) -> ItemRow:
    return replace(row, restricted=restricted_by(row.restricted, Restriction.PERSON))


def _opened(row: ItemRow) -> ItemRow:
    why = why_restricted(row)
    if not why:
        raise NotFound(
            f"{row.item[:12]} is not restricted", remedy="`archiver items show` says what it is."
        )
    if stays := unrestricted_by(why, *PEOPLES):
        raise NotPermitted(
            f"{row.item[:12]} is restricted by {' and '.join(stays.split())}",
            remedy="An order of a court is lifted by a later one; a platform's mark stays.",
        )
    return replace(row, restricted=unrestricted_by(row.restricted, *PEOPLES))


def _changed(
    connection: Reading, some: Sequence[str], change: Callable[[ItemRow], ItemRow]
) -> list[tuple[ItemRow, ItemRow]]:
    """Give each of *some* as it is, and as *change* makes it (not sealed yet)."""
    return [(row, change(row)) for row in _live(connection, some)]


def _live(connection: Reading, some: Sequence[str]) -> list[ItemRow]:
    found = items.by_ids(connection, some)
    for item in some:
        if item not in found or found[item].life != LIVE:
            raise NotFound(f"{item[:12]} is not here, or being destroyed")
    return [found[item] for item in some]
