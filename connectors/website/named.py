"""The public pages of a platform that lets nobody in: visited as a site's, one by one, by name."""

from __future__ import annotations

from pathlib import PurePath
from urllib.parse import urlsplit

from archiver.ports import Source
from archiver.records.errors import ConfigInvalid
from archiver.records.pages import Capabilities, FetchSettings, PageSettings, Setting


class NamedPages:
    """Opens the pages that are named, on the hosts of one platform, without a token.

    A connector of a platform says its name, its hosts and what it cannot see. What else its site
    lists is nobody's business here: no sitemap is asked for.
    """

    name: str
    platform: str
    version = "1"
    imports = False
    hosts: frozenset[str]
    capabilities: Capabilities
    settings = (
        Setting(
            "addresses",
            "list",
            "Public pages to archive besides the one of the url, such as single posts.",
        ),
    )

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> Source:
        """Open the named pages of *page* for one visit.

        Raises:
            ConfigInvalid: one of them is not on the platform.
        """
        from connectors.fetching import Fetcher  # noqa: PLC0415 - only `open` may speak to the network
        from connectors.website.source import (  # noqa: PLC0415 - only `open` may speak to the network
            SiteSource,
            Wanted,
        )

        named = page.options.get("addresses")
        more = tuple(map(str, named)) if isinstance(named, tuple | list) else ()
        faults = [
            f"page {page.name}: {address or 'url'} is no public page on {self.platform}"
            for address in (page.url, *more)
            if not self._ours(address, fetching)
        ]
        if deposit is not None:
            faults.append(f"page {page.name}: {self.name} visits pages, it imports no file")
        if faults:
            raise ConfigInvalid(faults)
        wanted = Wanted(home=page.url, addresses=(page.url, *more), alone=True)
        fetcher = Fetcher(fetching, home=page.url)
        return SiteSource(fetcher, wanted, agent=fetching.user_agent)

    def _ours(self, address: str, fetching: FetchSettings) -> bool:
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.")
        return parts.scheme in {"http", "https"} and (
            host in self.hosts or host in fetching.allow_private_hosts
        )
