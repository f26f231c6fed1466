"""Viewing: who reads needs the right, and every view of a restricted item leaves an entry.

Restricted are messages, what was captured as restricted (drafts, followers-only posts), what a
rule or a series of the schedule restricts (tips, booking photos, juveniles and victims, lists of
people), what a person restricted, and what a court did; and until the rules of a new schedule were
asked of it, whatever was archived before. What a court sealed is for counsel alone.
Who may not see them is told how many a list leaves out; but where words decide what is found,
they are counted nowhere, and all that is said is how many the archive has. Rules find words, and
schedules/README.md says what they miss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archiver.catalogue import orders
from archiver.catalogue.closed import Closed
from archiver.catalogue.items import ItemRow
from archiver.catalogue.unasked import Unasked, unasked
from archiver.procedures.account import Account
from archiver.procedures.authority import demand
from archiver.procedures.finding import Found
from archiver.procedures.ordering import refuse_order
from archiver.records.canonical import Json
from archiver.records.errors import NotPermitted
from archiver.records.events import EventKind
from archiver.records.items import ItemKind
from archiver.records.people import Person, Right, Role
from archiver.records.restrictions import Restriction, restricted_by


@dataclass(frozen=True, slots=True)
class Viewed:
    """What a person is shown, and how many restricted items they are not."""

    items: tuple[Found, ...]
    not_shown: int


def is_restricted(row: ItemRow) -> bool:
    """Say whether only who has the right may see an item."""
    return bool(why_restricted(row))


def why_restricted(row: ItemRow) -> str:
    """Give the reasons why only who has the right may see an item, as words; empty without any."""
    if row.kind == ItemKind.MESSAGE.value:
        return restricted_by(row.restricted, Restriction.PLATFORM)
    return row.restricted


def demand_reader(account: Account, person: Person) -> None:
    """Pass if *person* may read content at all; the attempt of one who may not is entered.

    Raises:
        NotPermitted: they may not; an administrator, for one, sees no content.
    """
    demand(account, person, Right.READ)


def view(account: Account, person: Person, found: Sequence[Found], *, where: str) -> Viewed:
    """Give what of *found* the *person* may see; each restricted item shown leaves an entry.

    *where* is a word for what was asked: `search`, `thread`, `review`.
    """
    waiting = _waiting(account)
    restricted = [one for one in found if is_restricted(one.row) or waiting.covers(one.row)]
    if not restricted:
        return Viewed(tuple(found), 0)
    hidden = {one.row.n for one in restricted}
    if person.may(Right.READ_RESTRICTED):
        hidden = (
            set()
            if Role.COUNSEL in person.roles
            else _sealed(account, [one.row for one in restricted])
        )
    shown = tuple(one for one in found if one.row.n not in hidden)
    if opened := [one for one in restricted if one.row.n not in hidden]:
        _enter(account, person, opened, where)
    return Viewed(shown, len(found) - len(shown))


def view_one(account: Account, person: Person, found: Found) -> None:
    """Pass if *person* may see this one item; the view of a restricted one leaves an entry.

    Raises:
        NotPermitted: it is restricted, and they may not see such; or a court sealed it, and they
            are not counsel.
    """
    if demand_open_to(account, person, found.row):
        _enter(account, person, [found], "show")


def demand_open_to(account: Account, person: Person, row: ItemRow) -> bool:
    """Pass if *person* may see the item of *row*; True where only who has the right may.

    Raises:
        NotPermitted: as `view_one` says.
    """
    return _demand_open_to(account, person, row, _waiting(account))


def _demand_open_to(account: Account, person: Person, row: ItemRow, waiting: Unasked) -> bool:
    if not is_restricted(row) and not waiting.covers(row):
        return False
    demand(account, person, Right.READ_RESTRICTED)
    if Role.COUNSEL not in person.roles and _sealed(account, [row]):
        refusal = NotPermitted(
            f"{row.item[:12]} is sealed by order of a court",
            remedy="Ask counsel; `archiver orders list` names the orders.",
        )
        refuse_order(account, person, "", refusal)
    return True


def demand_all_open_to(account: Account, person: Person, rows: Sequence[ItemRow]) -> None:
    """Pass if *person* may see every item of *rows*: nobody decides on what they may not see.

    Raises:
        NotPermitted: as `view_one` says, of the first that they may not.
    """
    waiting = _waiting(account)
    for row in rows:
        _demand_open_to(account, person, row, waiting)


def closed_to(account: Account, person: Person) -> Closed | None:
    """Give all that is here and that *person* may not see; None where nothing ever is.

    Nothing that is asked by words or by authors may count these for them: with beginnings of words
    alone, every text could be spelt out, and no view would be entered.
    """
    if person.may(Right.READ_RESTRICTED) and Role.COUNSEL in person.roles:
        return None
    return Closed(account.catalogue, sealed=person.may(Right.READ_RESTRICTED))


def _waiting(account: Account) -> Unasked:
    """Give what the schedule's rules were not asked of yet: until then nobody knows it is open."""
    with account.catalogue.reading() as connection:
        return unasked(connection)


def _sealed(account: Account, rows: Sequence[ItemRow]) -> set[int]:
    """Give the numbers of what an order in force seals."""
    with account.catalogue.reading() as connection:
        numbers = [row.n for row in rows]
        return set(orders.closed_by(connection, numbers, sealed=True))


def _enter(account: Account, person: Person, found: Sequence[Found], where: str) -> None:
    told: dict[str, Json] = {"in": where}
    with account.catalogue.writing() as desk:
        for one in found:
            kind = EventKind.ITEM_VIEWED
            account.enter(desk, kind, by=person.id, subject=one.row.item, told=told)
    account.acknowledge()
