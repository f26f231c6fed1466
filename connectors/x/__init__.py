"""An account on X, through its API (version 2): posts, their wordings, the public's answers.

X asks a price for each post it shows: a visit counts what it cost, and stops at the day's budget.

    messages  direct messages, where they are asked for
    parsing   a post or a user of the API, read into content
    moderation  whom the account blocks and mutes
    api       asking: two dialects, slices, partial errors, what an answer costs
    reach     how far back answers are searched for, and what is too late
    visiting  the walk over an account, the search for answers, and looking again
    hearing   what X delivers by itself
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from urllib.parse import urlsplit

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
from connectors.x import hearing

API = "https://api.x.com/2"
DAILY_DOLLARS = 5.0
_HOSTS = frozenset({"x.com", "www.x.com", "twitter.com", "www.twitter.com", "mobile.twitter.com"})
_NAME = re.compile(r"/@?(\w{1,15})/?", re.ASCII)
_BLIND_TO = tuple(
    """
Answers older than seven days when they are first looked for, unless the token may search the \
whole archive: a gap that lasts names the days, once. A search promises nothing whole, so that an \
answer it left out was never seen.
Answers by protected accounts, and those of people who have blocked the department or whom it has \
blocked; answers that the department has hidden are not marked as hidden.
A post that is no longer shown may have been deleted by its author, removed by X, protected, or \
closed to us: X says that it is not found or that we may not see it, and not by whom.
A removed answer is noticed when it is re-checked, by and by: after 1, 3, 7, 30, 90 and 365 days.
A post or answer that was published and deleted between two visits was never seen, unless it was \
delivered and heard.
Of the department's own posts those older than the newest 3,200: import the account's own archive.
Direct messages are read where `messages` is set, with a token of the account itself: those of \
the last 30 days, at ten thousandths of a dollar each, and no encrypted chats; nothing is said of \
one that was deleted. They are restricted, all of them.
Lists, Spaces, Community Notes, polls' results, drafts, and bookmarks.
Posts that others wrote about the department without answering it; of a post that was reposted or \
quoted the address is kept, and not a copy.
Who liked or reposted is not recorded; the counts are, as last seen.
Whom the account blocks and mutes, unless moderation = true and the account itself consented; who \
in the department did it and when, and its muted words, X tells nobody.
""".strip().splitlines()
)

_ACCESS = Access(
    permissions=(
        "a Bearer token of an app of the department's own: public posts, and its own at less cost",
        (
            "or the scopes tweet.read, users.read and offline.access, given by the department's "
            "account in a browser: archiver connect PAGE --client-id ID"
        ),
        "block.read and mute.read, by the same consent: with moderation = true alone",
        "with that, the scope dm.read: direct messages, where `messages` is set",
    ),
    steps=(
        (
            "Sign in at the X developer console as the department's account, so that reading its "
            "own posts is charged as owned."
        ),
        "Make a project and an app of the agency, add credit, and set a spending limit there too.",
        (
            "Copy the app's Bearer token into an environment variable, or onto the first line of "
            "a file of mode 0600; name the one in token_env or the other in token_file."
        ),
    ),
    terms="X's Developer Policy asks whoever stores its content to delete or modify within 24 "
    "hours, on request, what was deleted or modified on X, unless prohibited by law and then with "
    "the express written permission of X. The archive keeps the record: counsel should name the "
    "statute, and ask for that permission, before the account is captured.",
    consent=Consent(
        authorize="https://x.com/i/oauth2/authorize",
        token="https://api.x.com/2/oauth2/token",  # noqa: S106 - an address, no password
        scopes=(
            "tweet.read",
            "users.read",
            "dm.read",
            "block.read",
            "mute.read",
            "offline.access",
        ),
        basic=True,
    ),
)


class XConnector(ByConsent):
    """Opens accounts on X."""

    name = "x"
    platform = "x"
    version = "1"
    imports = False
    settings = (
        Setting(
            "dollars_per_day",
            "number",
            "What the answers to one token may cost in a day (UTC), by X's list of prices.",
            default=DAILY_DOLLARS,
        ),
        Setting(
            "full_search",
            "boolean",
            "Search X's whole archive for answers; the token must be entitled to it.",
            default=False,
        ),
        Setting(
            "moderation",
            "boolean",
            "Keep whom the account blocks and mutes, by its own consent; X charges for each user.",
            default=False,
        ),
        Setting(
            "api",
            "text",
            "Address of the API, where a gateway of yours stands in front of X's own.",
            default=API,
        ),
        Setting("messages", "boolean", "Keep the account's direct messages as well, restricted."),
        Setting("user_id", "text", "Id of the account, by which X names it in what it delivers."),
    )
    capabilities = Capabilities(
        posts=True,
        comments=True,
        media=True,
        hidden=False,
        edits="history",
        removals="recheck",
        moderation=("blocked accounts", "muted accounts"),
        backfill="the account's newest 3,200 posts, and answers of the last seven days or, with "
        "full_search, all of them",
        blind_to=_BLIND_TO,
        access=_ACCESS,
    )

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> Source:
        """Open the account of *page* for one visit.

        Raises:
            ConfigInvalid: the url names no account, or there is no token to ask with.
        """
        from connectors.fetching import Fetcher
        from connectors.moderating import wanted
        from connectors.x.api import Api
        from connectors.x.visiting import AccountSource

        parts = urlsplit(page.url)
        found = _NAME.fullmatch(parts.path)
        base = str(page.options.get("api") or API)
        gateway = urlsplit(base)
        ours = gateway.hostname in fetching.allow_private_hosts
        dollars = page.options.get("dollars_per_day")
        secret = (page.secret or "").strip()
        faults = []
        if deposit is not None:
            faults.append("x reads the network, not a file")
        if parts.hostname not in _HOSTS or found is None:
            faults.append("url must be https://x.com/NAME")
        if not secret:
            faults.append("X answers nobody without a token: set token_env")
        if gateway.scheme != "https" and not (gateway.scheme == "http" and ours):
            faults.append("api must be an https address: a token is not sent over http")
        if faults:
            raise ConfigInvalid([f"page {page.name}: {fault}" for fault in faults])
        fetcher = Fetcher(fetching, home=base)
        most = round(1000 * (dollars if isinstance(dollars, int | float) else DAILY_DOLLARS))
        whose, write = page.credential, fetching.write_spending
        return AccountSource(
            fetcher,
            Api(fetcher, base, secret, limit=most, whose=whose, write=write),
            name=found[1] if found else "",
            everything=page.options.get("full_search") is True,
            moderated=wanted(page.options, unless_said=False),
            messages=page.options.get("messages") is True,
        )

    # --- what is delivered ----------------------------------------------------------------------

    def challenged(self, page: PageSettings, asked: Mapping[str, str]) -> Challenge | None:
        """Answer X's check of the address."""
        return hearing.checked(page, asked)

    def proves(self, page: PageSettings, delivery: Delivery) -> bool:
        """Say whether X signed *delivery* with the secret of the app."""
        return hearing.proves(page, delivery)

    def announced(self, page: PageSettings, delivery: Delivery) -> Iterator[Announcement | Gap]:
        """Give what *delivery* says of *page*; see `hearing`."""
        return hearing.announced(page, delivery)

    def handshake_word(self, page: PageSettings) -> str:
        """Give nothing: an address is entered alone, and checked by the secret.

        Raises:
            ConfigInvalid: the account's id is not told, by which deliveries name it.
        """
        if not hearing.account_number(page):
            raise ConfigInvalid(f"page {page.name}: to hear what is delivered, set user_id")
        return ""


CONNECTOR = XConnector()
