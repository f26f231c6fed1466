"""An account on Bluesky: its own signed repository, and what the AppView shows of its threads.

repository  a CAR file read and proven: blocks, tree, signature
named       addresses, links and files that a record names
parsing     a post, a repost, a profile, read into content
answers     threads and feeds, cut into posts
moderation  blocks, lists and rules for answers, out of the repository
own         the account's own records, each with its proof
network     asking the AppView, the account's server and the directory
messages    a direct message, read into content
chat        the conversations of the account, where they are asked for
visiting    the visit by night and by day, and looking again
streaming   what Jetstream sends of the account while `archiver listen` runs
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from archiver.ports import Source
from archiver.records.captures import Gap
from archiver.records.deliveries import Announcement, Delivery
from archiver.records.errors import ConfigInvalid
from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings, Setting

if TYPE_CHECKING:
    from connectors.bluesky.network import Network
    from connectors.bluesky.streaming import RepositoryStream

APPVIEW = "https://public.api.bsky.app"
DIRECTORY = "https://plc.directory"
JETSTREAM = "wss://jetstream2.us-east.bsky.network/subscribe"

_PLACE = re.compile(r"/profile/(did:[a-z]+:[\w.:%-]+|(?:[\w-]+\.)+[\w-]+)/?", re.ASCII)
_BLIND_TO = tuple(
    """
An answer that was posted and deleted between two visits was never seen.
An answer that the AppView withholds (taken down, written across a block, or against the rules the \
department set for its thread) is not seen; where it counts more than it shows, a gap says so.
That a post is no longer in its author's repository is signed by the author's key, and does not \
say who removed it. One that is still there and no longer shown may be taken down or blocked: the \
AppView does not say which.
The time of a post is the one its author's app declared; where the platform first saw it more than \
a day later, the item is marked as backdated.
Of the public's answers the AppView's copy is kept: their authors' signatures are not checked. The \
department's own posts are kept with the proof that its key signed them.
Edits do not exist in the app. A record that was replaced in the repository is a new version; of \
several such changes between two visits the last alone is seen, unless the stream is followed.
The stream tells of the posts, the profile and the hidden answers of the department's own account \
alone: the public's answers are in repositories of their own, and found by the visit.
What the stream sent while it was not followed is sent again for about 36 hours; its words are \
not signed, and kept only where nothing else is shown.
Replaced records older than the look-back, and late answers to such posts, are seen when the \
account is next walked in full or the post is re-checked.
Direct messages are read where `messages` is set, with an app password that was given access to \
them. They are restricted, all of them; nothing is concluded of one that is no longer told. One \
that the department deleted for itself is told as deleted, without its words; that the other side \
deleted one is told nobody but itself. Of a conversation that the department left nothing is told.
Reactions to messages are counted, as last seen; who reacted stands in what the service sent first.
Feeds are not read; nor whom the department mutes, and which words, which its own app alone is \
told. Whom it blocks is told by lasting names (did:plc:...), not by handles. Of a \
post that was reposted or quoted the address is kept, and not a copy.
Who liked or reposted is not recorded; the counts are, as last seen.
Labels by others than Bluesky's own moderation.
""".strip().splitlines()
)

_ACCESS = Access(
    permissions=(
        "none for what is public: nothing of it is asked for with a password",
        "an app password with access to direct messages, where `messages` is set",
    ),
    steps=(
        "Set url to https://bsky.app/profile/ and the department's handle.",
        (
            "Run archiver connectors check, and set url anew with the lasting name (did:plc:...) "
            "that it tells: a handle can change, and the items' ids are made from the url."
        ),
        (
            "For direct messages alone: signed in as the department, under Settings, Privacy and "
            "security, App passwords make one named archiver, allow it access to direct messages, "
            "put it into an environment variable or a file of mode 0600, name that in token_env "
            "or token_file, and set messages = true."
        ),
    ),
    terms="Bluesky's Developer Guidelines ask every service on the network to have a method for "
    "deleting content whose deletion a user has requested. The archive keeps the record: counsel "
    "should name the statute that requires it before the page is captured.",
)


class BlueskyConnector:
    """Opens accounts on Bluesky, and on servers of its network."""

    name = "bluesky"
    platform = "bluesky"
    version = "1"
    imports = False
    settings = (
        Setting(
            "appview",
            "text",
            "Address of the AppView that is asked what the public is shown.",
            default=APPVIEW,
        ),
        Setting(
            "directory",
            "text",
            "Address of the directory that names an account's server and its signing key.",
            default=DIRECTORY,
        ),
        Setting(
            "moderation",
            "boolean",
            "Keep whom the account blocks, its lists, and who may answer its posts, with versions.",
            default=True,
        ),
        Setting("messages", "boolean", "Keep the account's direct messages as well, restricted."),
        Setting(
            "streaming",
            "boolean",
            "Follow what is written into the account's repository while archiver listen runs.",
            default=False,
        ),
        Setting(
            "jetstream",
            "text",
            "Address of the Jetstream server that sends it.",
            default=JETSTREAM,
        ),
    )
    capabilities = Capabilities(
        posts=True,
        comments=True,
        media=True,
        hidden=True,
        edits="diff",
        removals="recheck",
        moderation=("blocked accounts and lists", "lists and who is on them", "who may answer"),
        backfill="everything the account's repository still holds",
        blind_to=_BLIND_TO,
        access=_ACCESS,
    )

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> Source:
        """Open the account of *page* for one visit.

        Raises:
            ConfigInvalid: the url names no account, a server is no address, or a secret is given
                without need, or wanting where messages are asked for.
        """
        from connectors.bluesky.chat import Chat
        from connectors.bluesky.visiting import AccountSource
        from connectors.moderating import wanted

        faults = [] if deposit is None else ["bluesky reads the network, not a file"]
        password, messages = (page.secret or "").strip(), page.options.get("messages") is True
        if password and not messages:
            faults.append(
                "bluesky needs no token unless messages = true, and would not use one; take "
                "token_env away"
            )
        if messages and not password:
            faults.append("messages are shown to an app password alone: set token_env")
        actor = _actor(page, faults)
        network, chat = _network(page, fetching), None
        if messages:
            unencrypted = fetching.allow_private_hosts
            chat = Chat(network.fetcher, password, unencrypted=unencrypted)
        return AccountSource(network, actor=actor, moderated=wanted(page.options), chat=chat)

    def follows(self, page: PageSettings) -> bool:
        """Say whether the account's stream is to be followed.

        Raises:
            ConfigInvalid: it is, and the url names no account, or a server is no address.
        """
        wanted = page.options.get("streaming") is True
        if wanted:
            unsound = urlsplit(_jetstream(page)).scheme not in {"ws", "wss"}
            _actor(page, ["jetstream is no ws or wss address"] if unsound else [])
        return wanted

    def stream(self, page: PageSettings, fetching: FetchSettings, cursor: str) -> RepositoryStream:
        """Open the stream of the account's repository, from *cursor* on.

        Raises:
            ConnectorError: the account could not be found, or the stream not be opened.
            ConfigInvalid: as `follows`.
        """
        from connectors.bluesky.streaming import RepositoryStream

        return RepositoryStream.opened(
            _network(page, fetching),
            fetching,
            actor=_actor(page, []),
            jetstream=_jetstream(page),
            cursor=cursor,
        )

    def announced(self, page: PageSettings, delivery: Delivery) -> Iterator[Announcement | Gap]:
        """Give what a frame of the stream says of *page*.

        Raises:
            AnswerUnreadable: it is not as documented.
        """
        from connectors.bluesky.streaming import announced

        del page
        return announced(delivery)


def _actor(page: PageSettings, faults: list[str]) -> str:
    """Give the account that *page* is of, by handle or lasting name.

    Raises:
        ConfigInvalid: there are *faults*, or the page's settings have some.
    """
    found = _PLACE.fullmatch(unquote(urlsplit(page.url).path))
    if found is None:
        faults.append("url must be https://bsky.app/profile/ with a handle or a did")
    for name, address in (("appview", _appview(page)), ("directory", _directory(page))):
        if urlsplit(address).scheme not in {"http", "https"}:
            faults.append(f"{name} is no http or https address")
    if faults or found is None:
        raise ConfigInvalid([f"page {page.name}: {fault}" for fault in faults])
    return found[1]


def _network(page: PageSettings, fetching: FetchSettings) -> Network:
    from connectors.bluesky.network import Network
    from connectors.fetching import Fetcher

    return Network(Fetcher(fetching), appview=_appview(page), directory=_directory(page))


def _appview(page: PageSettings) -> str:
    return str(page.options.get("appview") or APPVIEW)


def _directory(page: PageSettings) -> str:
    return str(page.options.get("directory") or DIRECTORY)


def _jetstream(page: PageSettings) -> str:
    return str(page.options.get("jetstream") or JETSTREAM)


CONNECTOR = BlueskyConnector()
