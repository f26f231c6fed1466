"""A channel on YouTube, through its Data API (version 3): videos, comments, replies, profile.

With an API key the connector sees what any visitor sees. With the access token of who manages the
channel it also sees comments that are held for review or taken for spam, and what is private.

    parsing   a resource of the API, read into content
    standing  who may see it, as far as it is told
    api       asking: slices, quota, what a refusal means
    threads   walking the comments
    chat_parsing  a line of a live chat, read
    live_chat  the chats of streams that are on, where they are asked for
    visiting  the visit: the channel, its videos, and looking again
    hearing   what YouTube delivers by itself
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

from archiver.ports import Source
from archiver.records.captures import Gap
from archiver.records.deliveries import Announcement, Challenge, Delivery
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
from connectors.webhooks import hub_asks, signed_by_hub, subscribe
from connectors.youtube.hearing import HUB, announced, topic_of

API = "https://www.googleapis.com/youtube/v3"
DAILY_UNITS = 10_000
_HOSTS = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com"})
_CHANNEL_ID = re.compile(r"UC[\w-]{22}", re.ASCII)
_PATH = re.compile(r"/(?:(?P<kind>channel|user)/(?P<name>[\w.-]+)|(?P<handle>@[^/?#\s]+))/?")
_BLIND_TO = tuple(
    """
The video itself: YouTube's interface gives no sound and no pictures. Kept are its title, \
description, thumbnail, dates and counts; the file must be kept by whoever made it, or deposited.
A video or comment that is no longer shown may have been deleted by its author, removed by the \
channel or by YouTube, or made private: the answer is the same for each, and does not say who. \
Only to who manages the channel does YouTube say that it rejected an upload itself, and why.
A comment that was posted and deleted between two visits was never seen.
With an API key: comments held for review or taken for spam, and private videos. A comment that \
is held is seen to be no longer visible, without a reason.
Comments that a moderator rejected, those of hidden users, and those that a filter of words \
blocked are shown to nobody.
Replies to an old thread, and edits of comments, under a video older than the look-back are seen \
when the page is next walked in full or the comment is re-checked. New threads under old videos \
are seen at once.
Earlier wordings: YouTube gives the time of a comment's last edit and no history, and of a video \
not even the time; an edit is seen when a later visit finds other words.
Live chat is read where `live_chat` is set, by a visit that finds the stream on, and then as far \
back as YouTube still tells. Once a stream has ended YouTube's interface shows nobody its chat, \
and the replay on the video's page is not read: what was said after the last visit during it is \
lost, and a gap says so. What was taken down before a visit saw it shows no words.
Captions, community posts, polls, playlists, stories and end screens are not offered, or not read. \
A thumbnail that was replaced under its own address is not noticed.
Who liked is not recorded; the counts are, as last seen.
""".strip().splitlines()
)


_ACCESS = Access(
    permissions=(
        "an API key of a project with the YouTube Data API v3: what any visitor sees",
        (
            "or the scope youtube.force-ssl, given by an account that manages the channel: also "
            "comments held for review, and what is private"
        ),
    ),
    steps=(
        (
            "In the Google Cloud console make a project of the agency, not of a person, and enable "
            "YouTube Data API v3 in it."
        ),
        (
            "Under APIs & Services, Credentials choose Create credentials, API key; restrict the "
            "key to the YouTube Data API v3."
        ),
        (
            "Put the key into an environment variable, or on the first line of a file of mode "
            "0600; name the one in token_env or the other in token_file."
        ),
        (
            "To see held comments make an OAuth client of the kind Desktop app there, publish the "
            "consent screen, and say archiver connect PAGE --client-id ID: who manages the channel "
            "signs in, and the token, which lives for an hour, is renewed before each visit."
        ),
    ),
    terms="YouTube's Developer Policies (III.E.4) ask whoever stores its data to refresh or delete "
    "it within 30 days, and to delete what its owner asks to have deleted. The archive keeps the "
    "record: counsel should name the statute that requires it before the channel is captured.",
    consent=Consent(
        authorize="https://accounts.google.com/o/oauth2/v2/auth",
        token="https://oauth2.googleapis.com/token",  # noqa: S106 - an address, no password
        scopes=("https://www.googleapis.com/auth/youtube.force-ssl",),
        more={"access_type": "offline", "prompt": "consent"},
    ),
)


class YoutubeConnector(ByConsent):
    """Opens channels on YouTube."""

    name = "youtube"
    platform = "youtube"
    version = "1"
    imports = False
    settings = (
        Setting(
            "channel",
            "text",
            "Id of the channel (UC and 22 more characters), where the page's url does not name it.",
        ),
        Setting(
            "private",
            "boolean",
            "Also archive private videos, drafts among them; the token's account must manage "
            "the channel.",
            default=False,
        ),
        Setting(
            "live_chat",
            "boolean",
            "Keep what is said in live chats that a visit finds on, restricted; 5 units a slice.",
        ),
        Setting(
            "units_per_day",
            "integer",
            "Units of the project's daily quota that the archive may spend on this credential.",
            default=DAILY_UNITS,
        ),
        Setting(
            "api",
            "text",
            "Address of the API, where a gateway of yours stands in front of Google's own.",
            default=API,
        ),
        Setting(
            "hub",
            "text",
            "Address of the hub that delivers; another one is for tests alone.",
            default=HUB,
        ),
    )
    capabilities = Capabilities(
        posts=True,
        comments=True,
        media=False,
        hidden=True,
        edits="timestamps",
        removals="recheck",
        backfill="every upload that is still shown, as far as the daily quota reaches: a first "
        "visit that is cut short goes on where it stopped",
        blind_to=_BLIND_TO,
        access=_ACCESS,
    )

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> Source:
        """Open the channel of *page* for one visit.

        Raises:
            ConfigInvalid: the url names no channel, or there is no key or token to ask with.
        """
        from connectors.fetching import Fetcher
        from connectors.youtube.api import Api
        from connectors.youtube.visiting import ChannelSource

        base = str(page.options.get("api") or API)
        units = page.options.get("units_per_day")
        secret = (page.secret or "").strip()
        asked_by = _asked_by(page)
        faults = []
        if deposit is not None:
            faults.append("youtube reads the network, not a file")
        if not asked_by:
            faults.append(
                "url must end in /@handle, /channel/ID or /user/NAME on www.youtube.com, or "
                "channel must be set"
            )
        if not secret:
            faults.append("YouTube answers nobody without an API key or a token: set token_env")
        if not _safe(base, fetching):
            faults.append("api must be an https address: a token is not sent over http")
        if faults:
            raise ConfigInvalid([f"page {page.name}: {fault}" for fault in faults])
        fetcher = Fetcher(fetching, home=base)
        limit = units if isinstance(units, int) else DAILY_UNITS
        api = Api(
            fetcher, base, secret, limit=limit, whose=page.credential, write=fetching.write_spending
        )
        return ChannelSource(
            fetcher,
            api,
            asked_by=asked_by,
            private=page.options.get("private") is True,
            chats=page.options.get("live_chat") is True,
        )

    # --- what is delivered ----------------------------------------------------------------------

    def challenged(self, page: PageSettings, asked: Mapping[str, str]) -> Challenge | None:
        """Answer the hub where it asks for this channel."""
        return hub_asks(asked, topic=topic_of(_channel_of(page)))

    def proves(self, page: PageSettings, delivery: Delivery) -> bool:
        """Say whether the hub signed *delivery* with the secret of our subscription."""
        return signed_by_hub(page, delivery)

    def announced(self, page: PageSettings, delivery: Delivery) -> Iterator[Announcement | Gap]:
        """Give what *delivery* says of *page*; see `hearing`."""
        return announced(_channel_of(page), delivery)

    def handshake_word(self, page: PageSettings) -> str:
        """Give nothing: nobody enters an address, it is subscribed with.

        Raises:
            ConfigInvalid: the channel's id is not told, by which the hub knows it.
        """
        if not _channel_of(page):
            raise ConfigInvalid(f"page {page.name}: to hear what is delivered, set channel")
        return ""

    def subscribe(self, page: PageSettings, fetching: FetchSettings, callback: str) -> None:
        """Ask Google's hub to deliver what is new on the channel to *callback*, for five days.

        Raises:
            ConnectorError: it could not be asked, or refuses.
        """
        hub = str(page.options.get("hub") or HUB)
        topic = topic_of(_channel_of(page))
        subscribe(page, fetching, hub=hub, topic=topic, callback=callback)


def _channel_of(page: PageSettings) -> str:
    return _asked_by(page).get("id", "")


def _asked_by(page: PageSettings) -> dict[str, str]:
    """Give the parameter by which the API finds the channel; none where the page names none."""
    if told := str(page.options.get("channel") or ""):
        return {"id": told} if _CHANNEL_ID.fullmatch(told) else {}
    parts = urlsplit(page.url)
    found = _PATH.fullmatch(unquote(parts.path))
    if parts.hostname not in _HOSTS or found is None:
        return {}
    if found["handle"]:
        return {"forHandle": found["handle"]}
    if found["kind"] == "user":
        return {"forUsername": found["name"]}
    return {"id": found["name"]} if _CHANNEL_ID.fullmatch(found["name"]) else {}


def _safe(base: str, fetching: FetchSettings) -> bool:
    parts = urlsplit(base)
    ours = parts.hostname in fetching.allow_private_hosts
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and ours))


CONNECTOR = YoutubeConnector()
