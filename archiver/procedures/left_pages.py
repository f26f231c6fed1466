"""Pages that opened under a name that was taken: holds of the older page may mean them, too.

A page whose address changes opens as another page, under its name counted up (`blog (2)`), for
the address is all that says which page it is. A hold that names the older page does not cover
what is captured of the new one. No program can tell a move from a namesake, and what is held is
for a person to say, so nothing is bound here: it is a problem until a hold of the same matter
names the new page as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from shlex import quote

from archiver.catalogue import Reading, holds, inspection
from archiver.catalogue.holds import HoldRow
from archiver.procedures.account import Account
from archiver.procedures.page_names import NamedPage, PageNames
from archiver.procedures.pages_in_scope import names_page
from archiver.procedures.problems import Problem
from archiver.records.canonical import read_object
from archiver.records.events import EventKind, Leaf


@dataclass(frozen=True, slots=True)
class Left:
    """That a hold binds a page at its old address alone; *page* is the opaque id of that one."""

    problem: Problem
    page: str


def addresses_left(account: Account) -> list[Left]:
    """Name every hold and freeze that binds a page at its old address alone, once a matter.

    Raises:
        RegisterUnreadable: the register of holds cannot be read.
    """
    with account.catalogue.reading() as connection:
        likes = _likes(connection)
        binding = holds.binding(connection) if likes else []
    known = {page.page: page for page in PageNames.of(account, ()).pages} if binding else {}
    return [
        Left(_problem(row, old, known[page]), old.page)
        for page, like in likes.items()
        if page in known
        for row, old in _left(binding, _older(known, likes, page, like), known[page])
    ]


def _likes(connection: Reading) -> dict[str, str]:
    """Give, by the id of each page whose name was taken when it opened, who had that name."""
    leaves = inspection.leaves_of_registers(connection, (EventKind.PAGE_OPENED,))
    told = (Leaf.from_json(read_object(data)) for data in leaves)
    return {leaf.subject: str(like) for leaf in told if (like := leaf.particulars.get("like"))}


def _older(
    known: Mapping[str, NamedPage], likes: Mapping[str, str], page: str, like: str
) -> list[NamedPage]:
    """Give the pages that had the name of *page* before it, the latest first."""
    order = list(known)
    before = set(order[: order.index(page)])
    alike = [like, *(other for other, its in likes.items() if its == like)]
    return [known[one] for one in reversed(order) if one in before and one in alike]


def _left(
    binding: Sequence[HoldRow], older: Sequence[NamedPage], page: NamedPage
) -> Iterator[tuple[HoldRow, NamedPage]]:
    """Give the first hold of each matter that names one of the *older*, and which: none *page*."""
    done = {row.hold.matter for row in binding if names_page(row, page)}
    for row in binding:
        named = [old for old in older if names_page(row, old)]
        if named and row.hold.matter not in done:
            done.add(row.hold.matter)
            yield row, named[0]


def _problem(row: HoldRow, old: NamedPage, page: NamedPage) -> Problem:
    hold = row.hold.id
    return Problem(
        subject=f"{hold} on {page.first}",
        what=f"{hold} covers {old.first} at its old address alone: {page.first} opened under that "
        f"name, and nothing of it is held for {row.hold.matter}",
        remedy=f"Say `archiver holds widen {hold} --page {quote(page.first)} "
        '--reason "the address of the page changed"`.',
    )
