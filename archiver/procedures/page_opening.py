"""Opening pages: a page stands in the catalogue from its first visit on, under one name for good.

Searches and holds name pages (`page:blog`), and what they say must not change its meaning when
the configuration calls a page something else; `status` says where the two names differ. Nor may
a later page take the name: it is counted up (`blog (2)`), and its entry tells which page had it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from itertools import chain, count

from archiver.catalogue import pages
from archiver.catalogue.pages import PageRow
from archiver.language.tokens import fold
from archiver.procedures.account import Account
from archiver.records.canonical import Json
from archiver.records.events import EventKind
from archiver.records.moments import micros
from archiver.records.pages import PageSettings


def open_page(account: Account, by: str, settings: PageSettings) -> PageRow:
    """Give the catalogue's row of a page; a first visit, or new settings, are entered.

    The name is that of the first visit, and no two pages have one.
    """
    page = account.key.page(settings.platform, settings.identity)
    with account.catalogue.reading() as connection:
        known = pages.by_id(connection, page)
        taken = {fold(row.name): row.page for row in pages.every(connection)}
    told: dict[str, Json] = {}
    if known is not None:
        if (known.connector, known.controlled) == (settings.connector, settings.controlled):
            return known
        settings = replace(settings, name=known.name)
    else:
        if like := taken.get(fold(settings.name)):
            told["like"] = like
        settings = replace(settings, name=_free(settings.name, taken))
    paper = _paper(account, page, settings)
    now = account.now()
    with account.catalogue.writing() as desk:
        kind = EventKind.PAGE_OPENED
        account.enter(desk, kind, by=by, subject=page, told=told, paper=paper, at=now)
        again = pages.by_id(desk.connection, page)
        if again is not None:
            fresh = replace(
                again,
                name=settings.name,
                connector=settings.connector,
                controlled=settings.controlled,
            )
            pages.change(desk.connection, again, fresh, account.key)
            return again
        return pages.add(desk.connection, _new(page, settings, micros(now)), account.key)


def _new(page: str, settings: PageSettings, at: int) -> PageRow:
    return PageRow(
        n=0,
        page=page,
        name=settings.name,
        platform=settings.platform,
        identity=settings.identity,
        connector=settings.connector,
        controlled=settings.controlled,
        opened_at=at,
        whole_at=None,
        visited_at=None,
    )


def _free(name: str, taken: Collection[str]) -> str:
    """Give *name*, counted up where a page has or had it."""
    more = (f"{name} ({number})" for number in count(2))
    return next(one for one in chain([name], more) if fold(one) not in taken)


def _paper(account: Account, page: str, settings: PageSettings) -> str:
    told: dict[str, Json] = {
        "page": page,
        "name": settings.name,
        "platform": settings.platform,
        "identity": settings.identity,
        "connector": settings.connector,
        "controlled": settings.controlled,
    }
    return account.paper("page", told)
