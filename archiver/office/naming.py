"""Pages by any of their names, and queries that name them, as the desks are told them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.language.grammar import parse
from archiver.language.tokens import fold
from archiver.language.tree import Query, named_as
from archiver.procedures.page_names import PageNames
from archiver.records.errors import NotFound
from archiver.records.pages import PageSettings

if TYPE_CHECKING:
    from archiver.office import Office


def page_names(office: Office) -> PageNames:
    """Give what every page may be called, here and in the configuration."""
    return PageNames.of(office.account, office.config.pages)


def page_called(office: Office, name: str) -> PageSettings:
    """Give the configured page called *name*: today, else when it was first seen, or its address.

    Raises:
        ConfigInvalid: no configured page is.
        NotFound: two were.
    """
    if any(page.name == name for page in office.config.pages):
        return office.config.page(name)
    found = page_names(office).find(name)
    known = found.settings if found is not None else None
    return known if known is not None else office.config.page(name)


def query_of(office: Office, text: str) -> Query:
    """Read *text* in the query language; pages may be named by any of their names.

    Raises:
        QueryInvalid: it cannot be read; the message names the place.
        NotFound: it names a page that is not here, or one of two; or a platform that neither a page
            is on nor a connector knows.
    """
    names, query = page_names(office), parse(text, zone=office.config.zone)
    known = {page.platform for page in names.pages}
    known |= {connector.platform for connector in office.connectors.values()}
    if missing := named_as("platform", query) - {fold(platform) for platform in known}:
        raise NotFound(
            f"there is no platform {', '.join(sorted(missing))}",
            remedy=f"Platforms known here: {', '.join(sorted(filter(None, known)))}.",
        )
    return names.in_query(query)
