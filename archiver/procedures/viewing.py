"""Viewing: who reads needs the right, and every view of a restricted item leaves an entry.

Restricted are messages, and what was captured as restricted: drafts, followers-only posts, tips,
what concerns juveniles, what was sealed. Who may not see them is told how many there were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archiver.catalogue.items import ItemRow
from archiver.procedures.account import Account
from archiver.procedures.authority import demand
from archiver.procedures.finding import Found
from archiver.records.canonical import Json
from archiver.records.events import EventKind
from archiver.records.items import ItemKind
from archiver.records.people import Person, Right


@dataclass(frozen=True, slots=True)
class Viewed:
    """What a person is shown, and how many restricted items they are not."""

    items: tuple[Found, ...]
    not_shown: int


def is_restricted(row: ItemRow) -> bool:
    """Say whether only who has the right may see an item."""
    return row.restricted or row.kind == ItemKind.MESSAGE.value


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
    restricted = [one for one in found if is_restricted(one.row)]
    if not restricted:
        return Viewed(tuple(found), 0)
    if not person.may(Right.READ_RESTRICTED):
        shown = tuple(one for one in found if not is_restricted(one.row))
        return Viewed(shown, len(restricted))
    _enter(account, person, restricted, where)
    return Viewed(tuple(found), 0)


def view_one(account: Account, person: Person, found: Found) -> None:
    """Pass if *person* may see this one item; the view of a restricted one leaves an entry.

    Raises:
        NotPermitted: it is restricted, and they may not see such.
    """
    if is_restricted(found.row):
        demand(account, person, Right.READ_RESTRICTED)
        _enter(account, person, [found], "show")


def _enter(account: Account, person: Person, found: Sequence[Found], where: str) -> None:
    told: dict[str, Json] = {"in": where}
    with account.catalogue.writing() as desk:
        for one in found:
            kind = EventKind.ITEM_VIEWED
            account.enter(desk, kind, by=person.id, subject=one.row.item, told=told)
    account.acknowledge()
