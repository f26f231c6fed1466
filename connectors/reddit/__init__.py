"""An account or a community on Reddit: submissions, trees of comments, and what was removed.

parsing   a thing of the API, read into content
standing  who removed it, as far as it is told
modmail   the mail of a community's moderators, where it is asked for
moderation  bans, rules, settings and the log of a community; whom an account blocks
visiting  the walk over submissions and the comments under them
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

API = "https://oauth.reddit.com"
_HOSTS = frozenset({"reddit.com", "www.reddit.com", "old.reddit.com"})
_PLACE = re.compile(r"/(u|user|r)/([\w-]{2,30})/?", re.ASCII)
_BLIND_TO = tuple(
    """
A comment that was posted and deleted between two visits was never seen; of one that was removed \
before the first visit Reddit shows a placeholder, and not the words.
Reddit says that an author deleted, or a moderator or Reddit itself removed something, and not \
which person; what it leaves out altogether may have been filtered, or belong to a closed account.
A comment whose author wrote no more than [removed] looks like one that a moderator removed; where \
both removed it, either may be told.
Submissions older than the newest 1,000: Reddit lists no more.
Late comments on a submission older than the look-back, and edits of such, are seen when the page \
is next walked in full or the item is re-checked.
Earlier wordings: Reddit gives the time of the last edit and no history.
The moderators' mail of a community is read where `messages` is set, by a moderator's token that \
may read it, what moderators discuss among themselves as well. It is restricted, all of it. What \
was done to a conversation is seen when something is written in it, or the page is walked in full.
An account's comments on the submissions of others, its private messages, and chats are not read.
How a community is moderated is shown to its moderators alone; of its log what Reddit still keeps, \
and without the words of what was removed before it was captured.
Who voted is not recorded; scores are, as last seen, and Reddit blurs them.
""".strip().splitlines()
)

_ACCESS = Access(
    permissions=(
        "an app that Reddit has approved, with the scopes read and history",
        (
            "modlog, modconfig and wikiread, by an account that moderates the community: how it is "
            "moderated, unless moderation = false"
        ),
        "modmail, by a moderator who may read mail: the moderators' mail, where `messages` is set",
    ),
    steps=(
        (
            "Ask Reddit for access under its Responsible Builder Policy: since November 2025 every "
            "new app needs its approval."
        ),
        (
            "As the department's account register an app of the kind web app with the address "
            "http://127.0.0.1:8747/ to come back to, and note its id and secret."
        ),
        (
            "Name a token_file, and say archiver connect PAGE --client-id ID: the account signs in "
            "with a browser, and the token, which lives for an hour, is renewed before each visit."
        ),
    ),
    terms="Reddit's Data API terms ask that user content deleted from Reddit be removed wherever "
    "it is kept. The archive keeps the record: counsel should name the statute that requires it "
    "before the page is captured.",
    consent=Consent(
        authorize="https://www.reddit.com/api/v1/authorize",
        token="https://www.reddit.com/api/v1/access_token",  # noqa: S106 - an address, no password
        scopes=("identity", "read", "history", "modlog", "modconfig", "wikiread", "modmail"),
        more={"duration": "permanent"},
        basic=True,
    ),
)


class RedditConnector(ByConsent):
    """Opens accounts and communities on Reddit."""

    name = "reddit"
    platform = "reddit"
    version = "1"
    imports = False
    settings = (
        Setting(
            "api",
            "text",
            "Address of the API, where a gateway of yours stands in front of Reddit's own.",
            default=API,
        ),
        Setting(
            "moderation",
            "boolean",
            "Keep whom the page blocks and bans, its rules and settings, and its moderators' log.",
            default=True,
        ),
        Setting("messages", "boolean", "Keep a community's mail to its moderators, restricted."),
    )
    capabilities = Capabilities(
        posts=True,
        comments=True,
        media=True,
        hidden=True,
        edits="timestamps",
        removals="recheck",
        moderation=(
            "an account's block list",
            "a community's bans, mutes, approved accounts, moderators, rules and settings",
            "AutoModerator's rules",
            "the moderators' log",
        ),
        backfill="the newest 1,000 submissions, with all their comments",
        blind_to=_BLIND_TO,
        access=_ACCESS,
    )

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> Source:
        """Open the account or community of *page* for one visit.

        Raises:
            ConfigInvalid: the url names neither, there is no token to ask with, or the messages of
                an account are asked for.
        """
        from connectors.fetching import Fetcher
        from connectors.moderating import wanted
        from connectors.reddit.visiting import PageSource

        parts = urlsplit(page.url)
        found = _PLACE.fullmatch(parts.path)
        base = str(page.options.get("api") or API)
        gateway = urlsplit(base)
        ours = gateway.hostname in fetching.allow_private_hosts
        secret = (page.secret or "").strip()
        faults = []
        if deposit is not None:
            faults.append("reddit reads the network, not a file")
        if parts.hostname not in _HOSTS or found is None:
            faults.append("url must be https://www.reddit.com/user/NAME or /r/NAME")
        if not secret:
            faults.append("Reddit answers nobody without a token: set token_env")
        messages = page.options.get("messages") is True
        if messages and found is not None and found[1] != "r":
            faults.append("messages are the mail of a community: set it for /r/NAME alone")
        if gateway.scheme != "https" and not (gateway.scheme == "http" and ours):
            faults.append("api must be an https address: a token is not sent over http")
        if faults or found is None:
            raise ConfigInvalid([f"page {page.name}: {fault}" for fault in faults])
        place = f"{'r' if found[1] == 'r' else 'user'}/{found[2]}"
        fetcher, lists = Fetcher(fetching, home=base), wanted(page.options)
        return PageSource(
            fetcher, base=base, place=place, token=secret, moderation=lists, messages=messages
        )


CONNECTOR = RedditConnector()
