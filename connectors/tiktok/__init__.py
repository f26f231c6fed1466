"""An account on TikTok, through the Display API and with the account's own consent.

api       asking, and what an answer says of itself
parsing   a video, the account, read into content
visiting  the walk over an account, and looking again

It shows an account's public videos to the account itself: their words, covers and counts. What
the public says of them it does not show; TikTok gives comments to researchers alone.
"""

from __future__ import annotations

import re
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

API = "https://open.tiktokapis.com/v2"

_PLACE = re.compile(r"/@[\w.]{1,64}/?")
_BLIND_TO = tuple(
    """
What the public says: comments, and answers to them, TikTok gives to nobody but approved \
researchers of institutions without profit. How many there are is kept, as last seen.
The films themselves: TikTok hands out a video's words, its cover and where it is played, and no \
file. Keep what was uploaded, or import the account's own export.
Videos that are not public: drafts, and those for friends or for the account alone.
TikTok leaves out alike what the account deleted, what TikTok took down and what is not public any \
more: such a video is noted as not visible, never as deleted, and nobody is named.
A video that was published and deleted between two visits was never seen.
Earlier wordings: TikTok shows no history; an edit is seen when a later visit within the look-back \
finds other words, the account is walked in full, or the video is re-checked.
A cover, or the account's picture, that was replaced: the first one is kept. Sounds, stickers \
and text within the picture.
Photo posts where TikTok does not list them among videos, stories, live streams, reposts, \
playlists, and what others made with the account's videos.
Who liked, shared or watched is not recorded; counts are, as last seen. Direct messages.
""".strip().splitlines()
)

_ACCESS = Access(
    permissions=(
        "user.info.basic, user.info.profile and user.info.stats: what the account says of itself",
        "video.list: its public videos",
    ),
    steps=tuple(
        """
At developers.tiktok.com make an app owned by the department's organization, and see that two \
people administer it. Add the products Login Kit and Display API, with the scopes above.
Under Login Kit choose Desktop, and add http://127.0.0.1:*/ as a redirect address.
Submit the app for review; while it waits it works for accounts named under its Sandbox.
Say archiver connect PAGE --client-id KEY, where KEY is the client key; sign in as the \
department's account and agree. A token lives a day and is renewed before each visit, for a year.
Run archiver connectors check.
""".strip().splitlines()
    ),
    terms="TikTok's developer terms ask that what was got through this interface be deleted on "
    "request, or when consent is withdrawn. The account is the department's own, and its record: "
    "counsel should read them, and name the statute that requires the record to be kept, before "
    "the account is captured.",
    consent=Consent(
        authorize="https://www.tiktok.com/v2/auth/authorize/",
        token=f"{API}/oauth/token/",
        scopes=("user.info.basic", "user.info.profile", "user.info.stats", "video.list"),
        app_named="client_key",
        scopes_joined=",",
        hex_proof=True,
    ),
)


class TikTokConnector(ByConsent):
    """Opens accounts on TikTok by their address and their own token."""

    name = "tiktok"
    platform = "tiktok"
    version = "1"
    imports = False
    settings = (
        Setting(
            "api",
            "text",
            "Address of the API, where a gateway of yours stands in front of TikTok's own.",
            default=API,
        ),
    )
    capabilities = Capabilities(
        posts=True,
        comments=False,
        media=False,
        hidden=False,
        edits="diff",
        removals="recheck",
        backfill="every public video that the account still shows",
        blind_to=_BLIND_TO,
        access=_ACCESS,
    )

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> Source:
        """Open the account of *page* for one visit.

        Raises:
            ConfigInvalid: there is no token, it would travel unencrypted, or the url names nobody.
        """
        from connectors.fetching import Fetcher
        from connectors.tiktok.api import TikTok
        from connectors.tiktok.visiting import AccountSource

        base = str(page.options.get("api") or API)
        token, parts = (page.secret or "").strip(), urlsplit(base)
        faults = []
        if deposit is not None:
            faults.append("tiktok reads the network, not a file")
        if not _PLACE.fullmatch(urlsplit(page.url).path):
            faults.append("url must be the account's address, https://www.tiktok.com/@NAME")
        if not token:
            faults.append("TikTok answers nobody without a token: set token_file, and connect")
        if parts.scheme != "https" and parts.hostname not in fetching.allow_private_hosts:
            faults.append("a token is sent over https only: see api")
        if faults:
            raise ConfigInvalid([f"page {page.name}: {fault}" for fault in faults])
        fetcher = Fetcher(fetching, home=base)
        return AccountSource(fetcher, TikTok(fetcher, base=base, token=token), url=page.url)


CONNECTOR = TikTokConnector()
