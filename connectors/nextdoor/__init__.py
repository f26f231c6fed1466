"""A public agency's profile on Nextdoor, through the partner API that Nextdoor grants on request.

parsing   a post, the comments within it, the profile, read into content
visiting  the visit to a profile, and looking again

What is documented of this API is little: the agency's own posts in one list, without pages. Where
Nextdoor lets posts come with the comments on them these are kept; where not, every visit says so.
"""

from __future__ import annotations

from pathlib import PurePath
from urllib.parse import urlsplit

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

API = "https://nextdoor.com/external/api/partner/v1"

_BLIND_TO = tuple(
    """
Comments, unless Nextdoor's agreement with the department lets posts come with them: where they \
come without, every visit leaves a gap that says so, and how many there are where that is told.
Posts that Nextdoor no longer lists: how many it lists at most it does not say; archiving services \
report the newest fifty. What was older when the page was first visited was never seen.
Whether a post that is not listed was deleted, taken down or only fell off the list: where the \
list may be cut off (its length is a multiple of five, or a hundred and more) it is noted as \
unknown, else as not visible, never as deleted, and nobody is named.
A post or comment that was published and deleted between two visits was never seen.
Earlier wordings: Nextdoor shows no history; an edit is seen when a later visit finds other words.
Posts of colleagues who post for the agency under a sign-in of their own, unless Nextdoor lists \
them under this profile: connect each of them as a page of its own.
Polls, the date and time of events, alerts sent in other ways, and the neighborhoods a post was \
sent to, beyond what stands in the raw fragment.
What residents post in their neighborhoods, who saw a post, private messages, and reports.
""".strip().splitlines()
)

_ACCESS = Access(
    permissions=(
        "post:read: the agency's posts",
        "profile:read: who posts, and what the profile says",
        "a partner agreement with Nextdoor for whoever runs the app",
    ),
    steps=tuple(
        """
Apply at developer.nextdoor.com for the Publish API as a public agency, and ask in writing that \
posts come with the comments on them, for archiving that the records law requires.
Put the app's redirect address down as http://127.0.0.1 with the port of --port.
Say archiver connect PAGE --client-id ID, and sign in as who posts for the agency.
Ask Nextdoor for the profile's secure_profile_id, or find it in the answer of me/profiles/, and \
set it as profile.
Run archiver connectors check: it says whether posts come with comments.
""".strip().splitlines()
    ),
    terms="Nextdoor's API terms are part of the agreement with it. Counsel should see that the "
    "agreement lets what was deleted on Nextdoor be kept, and name the statute that requires it.",
    consent=Consent(
        authorize="https://www.nextdoor.com/v3/authorize/",
        token="https://auth.nextdoor.com/v2/token",  # noqa: S106 - an address, no password
        scopes=("openid", "post:read", "profile:read"),
        basic=True,
    ),
)


class NextdoorConnector(ByConsent):
    """Opens agencies' profiles on Nextdoor by their id and the token of who posts as them."""

    name = "nextdoor"
    platform = "nextdoor"
    version = "1"
    imports = False
    settings = (
        Setting(
            "profile",
            "text",
            "Nextdoor's own id of the profile that posts for the agency (its secure_profile_id).",
            required=True,
        ),
        Setting(
            "api",
            "text",
            "Address of the partner API; each country has its own, such as ca.nextdoor.com.",
            default=API,
        ),
    )
    capabilities = Capabilities(
        posts=True,
        comments=True,
        media=True,
        hidden=False,
        edits="diff",
        removals="recheck",
        backfill="the posts that Nextdoor lists today, reportedly the newest fifty",
        blind_to=_BLIND_TO,
        access=_ACCESS,
    )

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> Source:
        """Open the profile of *page* for one visit.

        Raises:
            ConfigInvalid: no token, no profile, or the token would travel unencrypted.
        """
        from connectors.fetching import Fetcher
        from connectors.nextdoor.visiting import ProfileSource

        base = str(page.options.get("api") or API)
        profile = str(page.options.get("profile") or "").strip()
        token, parts = (page.secret or "").strip(), urlsplit(base)
        faults = []
        if deposit is not None:
            faults.append("nextdoor reads the network, not a file")
        if not profile:
            faults.append("profile must be the id that Nextdoor gives the agency's profile")
        if not token:
            faults.append("Nextdoor answers nobody without a token: set token_file, and connect")
        if parts.scheme != "https" and parts.hostname not in fetching.allow_private_hosts:
            faults.append("a token is sent over https only: see api")
        if faults:
            raise ConfigInvalid([f"page {page.name}: {fault}" for fault in faults])
        fetcher = Fetcher(fetching, home=base)
        return ProfileSource(fetcher, base=base, token=token, profile=profile, url=page.url)


CONNECTOR = NextdoorConnector()
