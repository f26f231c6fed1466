"""Nixle (Everbridge): the alerts, advisories and community messages an agency put on its wire.

    reading   bytes of an answer → the wire's alerts, an alert's page, the feed's announcements
    source    a visit: the feed of twenty, the wire page by page, each alert's own page

There is no API, and nobody answers on Nixle: an alert has no comments. An alert is known by its
number, which its address and its place on the wire both have.
"""

from __future__ import annotations

from pathlib import PurePath

from archiver.ports import Source
from archiver.records.errors import ConfigInvalid
from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings, Setting

_ACCESS = Access(
    permissions=("none: the agency's wire is public",),
    steps=(
        "Open https://local.nixle.com, search for the agency, and copy its page's address.",
        (
            "If `archiver capture` finds no feed, ask Nixle's support for the agency's number and "
            "set `feed` to https://rss.nixle.com/pubs/feeds/latest/NUMBER/."
        ),
    ),
    terms="We know of no terms of Everbridge's on archiving its public wire; read the agency's own "
    "contract with it. An alert that is taken down is noted, and kept as the schedule says.",
)


class NixleConnector:
    """Reads the public wire of one agency, known by the URL of its page."""

    name = "nixle"
    platform = "nixle"
    version = "1"
    imports = False
    settings = (
        Setting(
            "feed",
            "text",
            "Address of the agency's RSS feed (https://rss.nixle.com/pubs/feeds/latest/NUMBER/), "
            "where its page tells none.",
        ),
    )
    capabilities = Capabilities(
        posts=True,
        comments=False,
        media=True,
        hidden=False,
        edits="diff",
        removals="recheck",
        backfill="every alert the agency's wire still lists",
        blind_to=(
            (
                "messages to private or closed groups, and text messages to residents: Nixle shows "
                "on its public wire only what was sent to it"
            ),
            "alerts that were put out and taken down between two visits",
            (
                "earlier wordings of an alert that was edited between two visits: Nixle shows "
                "neither that it was edited nor when"
            ),
            "why an alert is not shown any more, and who took it down",
            (
                "an alert that moved between two pages of the wire while they were read, until the "
                "wire is next walked in full"
            ),
        ),
        access=_ACCESS,
    )

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> Source:
        """Open the agency's page for one visit.

        Raises:
            ConfigInvalid: the page has no URL, or its settings say what Nixle cannot be.
        """
        from connectors.fetching import Fetcher
        from connectors.nixle.source import AgencySource

        faults, feed = [], str(page.options.get("feed") or "")
        web = ("http://", "https://")
        if not page.url.lower().startswith(web):
            faults.append(f"page {page.name}: Nixle needs the `url` of the agency's page there")
        if feed and not feed.lower().startswith(web):
            faults.append(f"page {page.name}: `feed` is an http or https address")
        if deposit is not None:
            faults.append(f"page {page.name}: Nixle is visited, it imports no file")
        if faults:
            raise ConfigInvalid(faults)
        return AgencySource(Fetcher(fetching, home=page.url), page.url, feed)


CONNECTOR = NixleConnector()
"""What the entry point `nixle` names."""
