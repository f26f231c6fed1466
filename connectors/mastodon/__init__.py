"""Mastodon, and servers that speak its API (GoToSocial, Pixelfed, glitch-soc).

The account's own statuses are walked newest first, by the server's own links; for each of them
the replies of the public and the edit history are asked for. What a token changes, and what
nobody sees, stands in the capabilities.

    asking    one server, asked with the account's token
    parsing   an entity of the API, read into content
    threads   what stands above and below a status
    messages  the account's direct messages, where they are asked for
    moderation  whom the account blocks and mutes, and what it filters
    profile  what the account says of itself, and what it has pinned
    visiting  the walk over an account and its threads
    streaming  what the server sends by itself while `archiver listen` runs
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archiver.ports import Source
from archiver.records.captures import Gap
from archiver.records.deliveries import Announcement, Delivery
from archiver.records.errors import ConfigInvalid
from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings, Setting

if TYPE_CHECKING:
    from connectors.mastodon.streaming import UserStream

_ADDRESS = re.compile(r"/(?:@|users/|web/@)([\w.-]+(?:@[\w.-]+)?)/?", re.ASCII)

_BLIND_TO = tuple(
    """
A post that is no longer shown may have been deleted by its author, deleted by a moderator, or \
hidden from us: the server's answer is the same for each, and does not say who.
A reply that was posted and deleted between two visits was never seen, unless the stream is \
followed and it answered the account itself, or mentioned it below an item that is archived.
Replies that other servers did not send to the account's own server are not seen, nor are those \
of people whom that server or the department has blocked.
Without a token the server shows at most 60 replies at a time, 20 levels deep, and no reply for \
followers only; where it says there are more, a gap is recorded.
Late replies to a post older than the look-back, and edits of such a post, are seen when the page \
is next walked in full or the post is re-checked.
Direct messages are read where `messages` is set, with a token of the account itself; without \
that those alone which the account wrote, and what answers them. They are restricted, all of them.
Nothing is concluded of a direct message that is no longer told. Where one between was deleted the \
conversation falls apart, and only the part with its newest message is read; a conversation that \
the account has put away is not listed.
Of a post that the department boosted or quoted, the address is kept and not a copy; posts of \
others that the department answers are not kept.
The stream says that a status was deleted, and not by whom; direct messages are not taken from it. \
What it sent while it was not followed the server does not send again: the next visit sees what is \
left of it.
Who favourited, boosted or voted is not recorded; the counts are, as last seen.
Whom the account blocks and mutes, which servers, and its filters are seen with its own token \
alone; who set them and when the server does not say, nor what its moderators limit or suspend.
""".strip().splitlines()
)

_ACCESS = Access(
    permissions=(
        "read:accounts: which account this is",
        "read:statuses: its posts, the replies, the history of edits, and its direct messages",
        "read:blocks, read:mutes, read:filters: how it is moderated, unless moderation = false",
        "read:notifications: that somebody answers, as it happens, where streaming = true",
    ),
    steps=(
        (
            "Sign in as the department's account; under Preferences, Development choose New "
            "application."
        ),
        (
            "Name it archiver, and tick read:accounts, read:statuses, read:blocks, read:mutes and "
            "read:filters alone; with streaming = true read:notifications too."
        ),
        (
            "Open the application and copy Your access token into an environment variable, or onto "
            "the first line of a file of mode 0600."
        ),
        "Name the variable in token_env, or the file in token_file.",
    ),
    terms="The software sets no terms; each server has rules and a privacy notice of its own. A "
    "server asks other servers to delete what its author deleted: the archive is no server, is "
    "not asked, and keeps the record.",
)


class MastodonConnector:
    """Opens accounts on Mastodon and on servers that speak its API."""

    name = "mastodon"
    platform = "mastodon"
    version = "1"
    imports = False
    settings = (
        Setting(
            "account",
            "text",
            "Id of the account on its server, where the page's url does not end in /@name.",
        ),
        Setting(
            "moderation",
            "boolean",
            "Keep whom the account blocks and mutes, and what it filters, each with its versions.",
            default=True,
        ),
        Setting("messages", "boolean", "Keep the account's direct messages as well, restricted."),
        Setting(
            "streaming",
            "boolean",
            "Follow the account's stream while archiver listen runs; it takes a token.",
            default=False,
        ),
    )
    capabilities = Capabilities(
        posts=True,
        comments=True,
        media=True,
        hidden=False,
        edits="history",
        removals="recheck",
        moderation=("blocked accounts", "muted accounts", "blocked servers", "filters"),
        backfill="everything the account's own server still shows",
        blind_to=_BLIND_TO,
        access=_ACCESS,
    )

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> Source:
        """Open the account of *page* for one visit.

        Raises:
            ConfigInvalid: the url names no account, a token would travel unencrypted, or messages
                are asked for without one.
        """
        from connectors.fetching import Fetcher
        from connectors.mastodon.visiting import AccountSource
        from connectors.moderating import wanted

        parts = urlsplit(page.url)
        found = _ADDRESS.fullmatch(parts.path)
        account = str(page.options.get("account") or "")
        faults = []
        if deposit is not None:
            faults.append(f"page {page.name}: mastodon reads the network, not a file")
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            faults.append(f"page {page.name}: url is no http or https address")
        if parts.username or parts.password:
            faults.append(f"page {page.name}: url holds a user name; use token_env for secrets")
        if not account and found is None:
            faults.append(f"page {page.name}: url must end in /@name, or account must be set")
        if page.options.get("messages") is True and not page.secret:
            faults.append(
                f"page {page.name}: messages are shown to the account's own token alone: set "
                "token_env"
            )
        if page.secret and parts.scheme == "http" and not _ours(parts.hostname, fetching):
            faults.append(f"page {page.name}: a token is not sent over http; use https")
        if faults:
            raise ConfigInvalid(faults)
        return AccountSource(
            Fetcher(fetching),
            server=f"{parts.scheme}://{parts.netloc}",
            name=found[1] if found else "",
            account=account,
            token=(page.secret or "").strip(),
            moderation=wanted(page.options),
            messages=page.options.get("messages") is True,
        )

    def follows(self, page: PageSettings) -> bool:
        """Say whether the account's stream is to be followed.

        Raises:
            ConfigInvalid: it is, and no token is named.
        """
        wanted = page.options.get("streaming") is True
        if wanted and not (page.secret or page.secret_missing):
            raise ConfigInvalid(f"page {page.name}: streaming takes a token; set token_env")
        return wanted

    def stream(self, page: PageSettings, fetching: FetchSettings, cursor: str) -> UserStream:
        """Open the account's stream; the server replays nothing, so that *cursor* is not asked for.

        Raises:
            ConnectorError: it could not be opened, or is refused.
            ConfigInvalid: the token is another account's, or would travel unencrypted.
        """
        from connectors.mastodon.streaming import Place, UserStream

        del cursor
        parts, found = urlsplit(page.url), _ADDRESS.fullmatch(urlsplit(page.url).path)
        if parts.scheme == "http" and not _ours(parts.hostname, fetching):
            raise ConfigInvalid(f"page {page.name}: a token is not sent over http; use https")
        place = Place(
            page=page.name,
            server=f"{parts.scheme}://{parts.netloc}",
            name=found[1] if found else "",
            account=str(page.options.get("account") or ""),
            token=(page.secret or "").strip(),
        )
        return UserStream.opened(place, fetching)

    def announced(self, page: PageSettings, delivery: Delivery) -> Iterator[Announcement | Gap]:
        """Give what a frame of the stream says of *page*.

        Raises:
            AnswerUnreadable: it is not as documented.
        """
        from connectors.mastodon.streaming import announced

        del page
        return announced(delivery)


def _ours(host: str | None, fetching: FetchSettings) -> bool:
    return host in fetching.allow_private_hosts


CONNECTOR = MastodonConnector()
