"""Which pages holds concern: visited at once when one is issued, and more often while it binds.

A hold by words, authors or days alone names no page. It concerns those on which it covers
something now, and those that its words name; where there is none of either, it may concern any.
"""

from __future__ import annotations

from collections.abc import Sequence

from archiver.catalogue import Reading, holds, pages
from archiver.catalogue.holds import HoldRow
from archiver.language.evaluate import can_be_on
from archiver.language.tokens import fold
from archiver.language.tree import named_as
from archiver.language.written import from_json
from archiver.procedures.account import Account
from archiver.procedures.page_names import NamedPage
from archiver.records.holds import Scope


def pages_of(account: Account, name: str, known: Sequence[NamedPage]) -> frozenset[str]:
    """Give the ids of those of the *known* pages that the hold *name* concerns."""
    with account.catalogue.reading() as connection:
        return _concerned(connection, holds.by_name(connection, name), known)


def pages_held(account: Account, known: Sequence[NamedPage]) -> frozenset[str]:
    """Give the ids of those of the *known* pages that holds which bind, and freezes, concern."""
    with account.catalogue.reading() as connection:
        return _concerned(connection, holds.binding(connection), known)


def holds_on(account: Account, page: NamedPage) -> list[str]:
    """Name the holds that bind, and the freezes, which concern *page*."""
    with account.catalogue.reading() as connection:
        binding = holds.binding(connection)
        return [row.hold.id for row in binding if _concerned(connection, [row], [page])]


def names_page(row: HoldRow, page: NamedPage) -> bool:
    """Say whether a hold names *page*, and can cover what is captured there later."""
    scopes = row.hold.scopes
    return any(_named(scope, [page]) for scope in scopes) and all(
        _possible(scope, [page]) for scope in scopes
    )


def _concerned(
    connection: Reading, rows: Sequence[HoldRow], known: Sequence[NamedPage]
) -> frozenset[str]:
    covered = holds.pages_covered(connection, [row.n for row in rows if _names_no_page(row)])
    found: set[str] = set()
    for row in rows:
        possible = {page.page for page in known}
        named = set(covered.get(row.n, ()))
        for scope in row.hold.scopes:
            theirs = pages.of_items(connection, sorted(scope.items | scope.threads))
            possible &= theirs | _possible(scope, known)
            named |= theirs | _named(scope, known)
        found |= possible & named or possible
    return frozenset(found)


def _names_no_page(row: HoldRow) -> bool:
    """Say whether it takes the items a hold covers to say on which pages they are."""
    return not any(scope.pages or scope.names_alone for scope in row.hold.scopes)


def _possible(scope: Scope, known: Sequence[NamedPage]) -> set[str]:
    """Give the pages on which *scope* can cover what it does not name."""
    if scope.names_alone:
        return set()
    query = None if scope.query is None else from_json(dict(scope.query))
    return {
        page.page
        for page in known
        if (not scope.pages or page.page in scope.pages)
        and (query is None or can_be_on(query, page=page.first, platform=page.platform))
    }


def _named(scope: Scope, known: Sequence[NamedPage]) -> set[str]:
    """Give the pages that *scope* names, by themselves or by the words of its search."""
    words = set() if scope.query is None else named_as("page", from_json(dict(scope.query)))
    return {page.page for page in known if page.page in scope.pages or fold(page.first) in words}
