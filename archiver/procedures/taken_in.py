"""Whom a scope by authors takes in: a name may be several people's, and none who was meant.

What only restricted items tell is told nobody here: no view of one is entered for it. That such
an author is among them learns only who may see all that is here.
"""

from __future__ import annotations

from dataclasses import dataclass

from archiver.catalogue import Reading, contents, holds
from archiver.catalogue.closed import among
from archiver.procedures.account import Account
from archiver.procedures.called import words_for
from archiver.procedures.viewing import closed_to
from archiver.records.holds import Scope
from archiver.records.identity import ArchiveKey
from archiver.records.items import Author
from archiver.records.people import Person, Right

_SLICE = 200


@dataclass(frozen=True, slots=True)
class TakenIn:
    """An author by their opaque id, as an open item shows them; None where only closed ones do."""

    author: str
    shown: Author | None


def taken_in(account: Account, person: Person, scope: Scope) -> list[TakenIn]:
    """Give the authors *scope* names who have written something that is here, in order of id.

    Nobody is given to a *person* who may not read, or not what they have written. Who may not see
    all is given nobody of a name that only what is closed to them tells, either.
    """
    if not scope.authors or not person.may(Right.READ):
        return []
    sees_all = not closed_to(account, person)
    called = frozenset() if sees_all else scope.called
    found: list[TakenIn] = []
    with account.catalogue.reading() as connection:
        for author in sorted(scope.authors):
            wrote, shown = _shown(connection, account.key, author, called)
            if shown is not None or (wrote and sees_all):
                found.append(TakenIn(author, shown))
    return found


def _shown(
    connection: Reading,
    key: ArchiveKey,
    author: str,
    called: frozenset[str],
) -> tuple[bool, Author | None]:
    """Say whether *author* has written something, and how what is open of it shows them.

    Where *called* is not empty, only what shows them by one of these words counts as open.
    """
    after, wrote, by = 0, False, Scope(authors=frozenset([author]))
    while some := holds.lying_in(connection, by, after=after, limit=_SLICE):
        after, wrote = some[-1].n, True
        hidden = among(connection, some, sealed=False) | among(connection, some, sealed=True)
        rows = [row for row in some if row.item not in hidden]
        for content in contents.contents_of(connection, rows).values():
            shown = content.author
            if shown is not None and (not called or called & words_for(key, shown)):
                return True, shown
    return wrote, None
