"""An organization's page on LinkedIn, through the Community Management API.

api       asking: versions, lists by offset, counts of many posts at once, refusals told apart
parsing   a post, a comment, the page, read into content
visiting  the walk over a page, and looking again
"""

from __future__ import annotations

import re
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

from archiver.ports import Source
from archiver.records.errors import ConfigInvalid
from archiver.records.pages import (
    Access,
    Capabilities,
    Consent,
    FetchSettings,
    PageSettings,
    Setting,
)
from connectors.consenting import ByConsent

API = "https://api.linkedin.com/rest"
VERSION = "202606"

_PLACE = re.compile(r"/(?:company|showcase|school)/[\w%.-]+/?")
_VERSION = re.compile(r"20\d\d(?:0[1-9]|1[0-2])")
_BLIND_TO = tuple(
    """
LinkedIn answers alike where a post or comment was deleted and where nobody may see it: such an \
item is noted as not visible, never as deleted, and nobody is named as having removed it.
A post or comment that was published and deleted between two visits was never seen. Where the page \
turns comments off below a post, that is told, and not which comments went with it.
Who wrote a comment is told by LinkedIn's own number alone: names of members it does not give.
Earlier wordings: LinkedIn says that and when something was edited, and shows no history; of \
several edits between two visits the last alone is seen.
Late comments on posts older than the look-back, and edits and removals of such, are seen when the \
page is next walked in full, or the item is re-checked.
Comments by members who have blocked whoever gave the token, or were closed by LinkedIn.
Posts about the page by others, mentions, its employees' own posts, advertisements that never \
stood on the page, events, jobs, newsletters, stories, and messages.
Drafts, and posts that wait to be published.
Who reacted is not recorded; how many did, of each kind, is, as last seen.
Of a post that was passed on the address is kept, and not a copy.
""".strip().splitlines()
)

_ACCESS = Access(
    permissions=(
        "r_organization_social: the page's posts",
        "r_organization_social_feed: the public's comments on them, and counts of reactions",
        "r_organization_admin: what the page says of itself",
        "a role on the page for whoever gives the token: administrator",
    ),
    steps=tuple(
        """
At developer.linkedin.com make an app for the department's own page, have the page verify it, and \
see that two people administer it.
Request the product Community Management API; LinkedIn reviews it, and grants a development tier \
of few questions a day first: set calls_per_day to what its Analytics tab shows.
Under Auth add http://127.0.0.1 with the port of --port as a redirect address.
Say archiver connect PAGE --client-id ID, sign in as an administrator of the page, and agree. A \
token lives 60 days; where LinkedIn grants refresh tokens to the app it is renewed for a year.
Ask LinkedIn whether the department qualifies for r_compliance, its permission for archiving.
Run archiver connectors check.
""".strip().splitlines()
    ),
    terms="LinkedIn's API terms limit what of its members' content may be stored, and how long; "
    "for monitoring and archiving that the law requires it has a permission of its own "
    "(r_compliance). Counsel should read them, and name the records statute relied on, before the "
    "page is captured.",
    consent=Consent(
        authorize="https://www.linkedin.com/oauth/v2/authorization",
        token="https://www.linkedin.com/oauth/v2/accessToken",  # noqa: S106 - an address, no password
        scopes=("r_organization_social", "r_organization_social_feed", "r_organization_admin"),
    ),
)


class LinkedInConnector(ByConsent):
    """Opens organizations' pages on LinkedIn."""

    name = "linkedin"
    platform = "linkedin"
    version = "1"
    imports = False
    settings = (
        Setting(
            "api_version",
            "text",
            "Version of LinkedIn's API that is asked, a year and a month; each lives about a year.",
            default=VERSION,
        ),
        Setting(
            "calls_per_day",
            "integer",
            "How many questions may be asked with this page's token in a day (UTC); without it, as "
            "many as LinkedIn allows.",
        ),
        Setting(
            "api",
            "text",
            "Address of the API, where a gateway of yours stands in front of LinkedIn's own.",
            default=API,
        ),
    )
    capabilities = Capabilities(
        posts=True,
        comments=True,
        media=True,
        hidden=False,
        edits="timestamps",
        removals="recheck",
        backfill="everything that the page still shows",
        blind_to=_BLIND_TO,
        access=_ACCESS,
    )

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> Source:
        """Open the page of *page* for one visit.

        Raises:
            ConfigInvalid: there is no token, it would travel unencrypted, or the url names no page.
        """
        from connectors.fetching import Budget, Fetcher
        from connectors.linkedin.api import LinkedIn
        from connectors.linkedin.visiting import PageSource

        base = str(page.options.get("api") or API)
        version = str(page.options.get("api_version") or VERSION)
        calls = page.options.get("calls_per_day")
        token, parts = (page.secret or "").strip(), urlsplit(base)
        faults = []
        if deposit is not None:
            faults.append("linkedin reads the network, not a file")
        if not _PLACE.fullmatch(unquote(urlsplit(page.url).path)):
            faults.append("url must be the page's address, https://www.linkedin.com/company/NAME/")
        if not token:
            faults.append("LinkedIn answers nobody without a token: set token_env or token_file")
        if not _VERSION.fullmatch(version):
            faults.append("api_version is a year and a month, such as 202606")
        if parts.scheme != "https" and parts.hostname not in fetching.allow_private_hosts:
            faults.append("a token is sent over https only: see api")
        if faults:
            raise ConfigInvalid([f"page {page.name}: {fault}" for fault in faults])
        fetcher = Fetcher(fetching, home=base)
        budget = Budget(
            f"{base} {page.credential or token}",
            limit=calls if isinstance(calls, int) else None,
            unit="calls",
            write=fetching.write_spending,
        )
        api = LinkedIn(fetcher, base=base, version=version, token=token, budget=budget)
        return PageSource(fetcher, api, url=page.url)


CONNECTOR = LinkedInConnector()
