"""What a page may be called: by the name it was first seen under, today's, or its address.

Searches and holds keep the first name, whatever the configuration says later; whoever asks may
use any of them. A name that two pages have is refused, so that each has one meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archiver.catalogue import pages
from archiver.language.tokens import fold
from archiver.language.tree import Query, named_as, with_pages
from archiver.procedures.account import Account
from archiver.records.errors import NotFound
from archiver.records.pages import PageSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPage:
    """One page: *first* is empty before its first visit, *settings* None once not configured."""

    page: str
    platform: str
    identity: str
    first: str = ""
    settings: PageSettings | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Give everything it may be called."""
        today = self.settings.name if self.settings is not None else ""
        return tuple(dict.fromkeys(name for name in (self.first, today, self.identity) if name))


@dataclass(frozen=True, slots=True)
class PageNames:
    """The names of every page that is configured, or was ever visited."""

    pages: tuple[NamedPage, ...]

    @classmethod
    def of(cls, account: Account, configured: Sequence[PageSettings]) -> PageNames:
        """Take the pages of the catalogue, and those that are *configured*."""
        today = {account.key.page(page.platform, page.identity): page for page in configured}
        with account.catalogue.reading() as connection:
            seen = pages.every(connection)
        known = [
            NamedPage(
                page=row.page,
                platform=row.platform,
                identity=row.identity,
                first=row.name,
                settings=today.get(row.page),
            )
            for row in seen
        ]
        visited = {row.page for row in seen}
        new = [
            NamedPage(
                page=page,
                platform=settings.platform,
                identity=settings.identity,
                settings=settings,
            )
            for page, settings in today.items()
            if page not in visited
        ]
        return cls((*known, *new))

    def find(self, name: str) -> NamedPage | None:
        """Give the page called *name*, upper and lower case alike; None if there is none.

        Raises:
            NotFound: two pages have that name.
        """
        wanted = fold(name)
        found = [page for page in self.pages if wanted in map(fold, page.names)]
        if len(found) > 1:
            told = "; ".join(_apart(page, wanted) for page in found)
            raise NotFound(
                f"{len(found)} pages are called {name}, now or when first seen",
                remedy=f"Say which, by another of its names: {told}.",
            )
        return found[0] if found else None

    def in_query(self, query: Query) -> Query:
        """Give *query* with every page by its first name, by which items are found.

        No misspelt page is answered with nothing, as if the archive had nothing there.

        Raises:
            NotFound: it names a page that this archive does not have, or one of two.
        """
        asked = {name: self.find(name) for name in sorted(named_as("page", query))}
        first = {name: fold(page.first) for name, page in asked.items() if page and page.first}
        if missing := [name for name in asked if name not in first]:
            known = sorted(page.first for page in self.pages if page.first)
            raise NotFound(
                f"this archive has no page {', '.join(missing)}",
                remedy=f"Pages here: {', '.join(known) or 'none yet'}. "
                'A name with spaces is quoted: page:"town page".',
            )
        return with_pages(query, first)


def _apart(page: NamedPage, wanted: str) -> str:
    others = [name for name in page.names if fold(name) != wanted]
    return " or ".join(f'"{name}"' for name in others) or "the one without another name"
