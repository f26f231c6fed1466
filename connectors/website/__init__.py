"""A website: every page its sitemaps list, as it was sent, a version whenever its text changes.

    listing    robots.txt and sitemaps: what the site lists, and what it asks us to leave alone
    reading    a page's bytes → an item: main text, title, links, files, dates
    pictures   a picture to each wording of a page, where they are asked for
    drawing    a page as it was fetched → how it looks
    browser    a browser without a window, and without a network
    snapshot   an exchange → WARC 1.1, the page's raw fragment
    named      pages of a platform that has no way in: named one by one, for connectors of their own
    source     a visit: conditional requests, pages that moved or vanished, how much failed

A page is known by its host, path and query. That a sitemap lists it no more proves nothing; its
own address does: what it answers is what is told.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from urllib.parse import urlsplit

from archiver.ports import Source
from archiver.records.errors import ConfigInvalid
from archiver.records.pages import (
    Access,
    Capabilities,
    FetchSettings,
    PageSettings,
    Setting,
    SettingValue,
)

_ACCESS = Access(
    permissions=(
        "none, for a public site",
        "for screenshots: Chromium on the archive's own machine (Debian: apt-get install chromium)",
    ),
    steps=(
        "Ask the webmaster for the sitemap's address; most sites have one at /sitemap.xml.",
        (
            "Where the site's robots.txt keeps visitors out, let the webmaster allow our "
            "user_agent there: it is obeyed."
        ),
        (
            "For a site behind a password put `user:password` into an environment variable, and "
            "name it in token_env."
        ),
    ),
    terms="No platform stands between: the department's own site is its own record. That a page "
    "is taken down is noted, and its versions are kept as the schedule says.",
)


class WebsiteConnector:
    """Reads one website, known by its URL; a token, where one is set, goes to that host alone."""

    name = "website"
    platform = "website"
    version = "1"
    imports = False
    settings = (
        Setting(
            "sitemap",
            "text",
            "Address of the sitemap, where robots.txt does not name it and it is not /sitemap.xml.",
        ),
        Setting(
            "addresses",
            "list",
            "Pages to archive besides those of the sitemap; with them, a site needs no sitemap.",
        ),
        Setting(
            "under",
            "list",
            "Paths to keep to, such as /police/; without any, the whole sitemap is archived.",
        ),
        Setting(
            "screenshots",
            "boolean",
            "Whether a picture of each page is kept as well, drawn by a browser (Chromium) here.",
            default=False,
        ),
        Setting(
            "browser",
            "text",
            "Name or path of that browser, where it is called neither chromium nor chrome.",
        ),
    )
    capabilities = Capabilities(
        posts=True,
        comments=False,
        media=True,
        hidden=False,
        edits="diff",
        removals="recheck",
        backfill="every page the site lists today, as it is today",
        blind_to=(
            "pages that neither the sitemap nor the settings name, and pages on other hosts",
            "pages and wordings that came and went between two visits",
            (
                "what scripts draw in a browser: a page is kept as the server sent it, and with "
                "`screenshots` as a picture too, whose words no search finds"
            ),
            (
                "on a picture: what a visitor sees who scrolls, clicks or signs in, what lies more "
                "than 15,000 lines down, and what the page asked for and could not be had"
            ),
            "changes outside the main text (menus, notices, counters): they make no new version",
            (
                "on a page that marks no part as its main one (the item says main-text-guessed): "
                "text that is taken for a menu, such as a list of links; its snapshot holds it"
            ),
            "a file that was replaced under its own address",
            "pages the site's robots.txt asks visitors to leave alone, and pages behind a sign-in",
            "who took a page down, and why",
        ),
        access=_ACCESS,
    )

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> Source:
        """Open the site of *page* for one visit.

        Raises:
            ConfigInvalid: the page has no URL, or its settings say what a site cannot be.
        """
        from connectors.fetching import Fetcher, authorization
        from connectors.website.browser import found_browser
        from connectors.website.pictures import Looks
        from connectors.website.source import SiteSource, Wanted

        faults = []
        if not page.url.lower().startswith(("http://", "https://")):
            faults.append(f"page {page.name}: a website needs its http or https `url`")
        under = _texts(page.options.get("under"))
        if any(not path.startswith("/") for path in under):
            faults.append(f"page {page.name}: each of `under` is a path that begins with /")
        if deposit is not None:
            faults.append(f"page {page.name}: a website is visited, it imports no file")
        if faults:
            raise ConfigInvalid(faults)
        wanted = Wanted(
            home=page.url,
            sitemap=str(page.options.get("sitemap") or ""),
            addresses=_texts(page.options.get("addresses")),
            under=under,
        )
        headers = authorization(page.secret)
        fetcher = Fetcher(fetching, headers=headers, home=page.url)
        looks = None
        if page.options.get("screenshots"):
            inside = fetching.allow_private_hosts & {urlsplit(page.url).hostname or ""}
            ours = replace(fetching, allow_private_hosts=inside)
            parts = Fetcher(ours, headers=headers, home=page.url)
            browser = found_browser(str(page.options.get("browser") or ""))
            looks = Looks(browser, parts, fetching.spool)
        return SiteSource(fetcher, wanted, agent=fetching.user_agent, looks=looks)


def _texts(value: SettingValue | None) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, tuple | list) else ()


CONNECTOR = WebsiteConnector()
"""What the entry point `website` names."""
