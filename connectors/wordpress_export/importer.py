"""The importer: one export of a site, read post by post."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings
from connectors.cutting import xml_stream
from connectors.deposits import Deposit, DepositSource, Element, Importer, Reading
from connectors.wordpress_export.contents import Walk
from connectors.wordpress_export.layout import layout_in

_ACCESS = Access(
    permissions=("sign-in to the site as an administrator, for who makes the export",),
    steps=(
        "Signed in to the site, open Tools, Export; choose all content, and download the file.",
        (
            "For the files too, put a copy of the site's folder wp-content/uploads into one folder "
            "with the XML file."
        ),
        "Import the XML file as it is, or the folder, or a zip file of either.",
    ),
    terms="The software sets no terms; the site is the department's own. A host such as "
    "WordPress.com has terms for its service.",
)


def _source(_page: PageSettings, fetching: FetchSettings, deposit: Deposit) -> DepositSource:
    layout = layout_in(deposit)

    def readings() -> Iterator[Reading]:
        walk = Walk()
        for name in layout.volumes:
            yield Reading(
                name=name,
                elements=partial(_elements, deposit, name),
                shows=partial(walk.element, file=name),
            )

    return DepositSource(deposit, fetching, readings, places=layout.places)


def _elements(deposit: Deposit, name: str) -> Iterator[Element]:
    return xml_stream(deposit.open(name), {"item", "author"})


CONNECTOR = Importer(
    "wordpress-export",
    platform="wordpress",
    settings=(),
    capabilities=Capabilities(
        posts=True,
        comments=True,
        media=True,
        hidden=True,
        edits="diff",
        removals="none",
        backfill="everything the site kept when the export was made, drafts and the trash too",
        blind_to=(
            "comments marked as spam: WordPress leaves them out",
            "anything deleted for good before the export was made, and earlier wordings",
            "files, where the folder of uploads was not put beside the XML file",
            "who moved something to the trash, and when",
            "menus, templates, styles and requests for personal data: they are not read",
            "what a theme, a plug-in or a short code shows in the place of its name",
        ),
        access=_ACCESS,
    ),
    making=_source,
    loose=(".xml",),
)
"""Imports WordPress's own export of a site."""
