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
"""

from __future__ import annotations

import re
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

from archiver.ports import Source
from archiver.records.errors import ConfigInvalid
from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings, Setting

APPVIEW = "https://public.api.bsky.app"
DIRECTORY = "https://plc.directory"

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
several such changes between two visits the last alone is seen.
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
        from connectors.bluesky.network import Network
        from connectors.bluesky.visiting import AccountSource
        from connectors.fetching import Fetcher
        from connectors.moderating import wanted

        found = _PLACE.fullmatch(unquote(urlsplit(page.url).path))
        appview = str(page.options.get("appview") or APPVIEW)
        directory = str(page.options.get("directory") or DIRECTORY)
        faults = []
        if deposit is not None:
            faults.append("bluesky reads the network, not a file")
        if found is None:
            faults.append("url must be https://bsky.app/profile/ with a handle or a did")
        password = (page.secret or "").strip()
        messages = page.options.get("messages") is True
        if password and not messages:
            faults.append(
                "bluesky needs no token unless messages = true, and would not use one; take "
                "token_env away"
            )
        if messages and not password:
            faults.append("messages are shown to an app password alone: set token_env")
        for name, address in (("appview", appview), ("directory", directory)):
            if urlsplit(address).scheme not in {"http", "https"}:
                faults.append(f"{name} is no http or https address")
        if faults or found is None:
            raise ConfigInvalid([f"page {page.name}: {fault}" for fault in faults])
        fetcher, unencrypted = Fetcher(fetching), fetching.allow_private_hosts
        network = Network(fetcher, appview=appview, directory=directory)
        chat = Chat(fetcher, password, unencrypted=unencrypted) if messages else None
        return AccountSource(network, actor=found[1], moderated=wanted(page.options), chat=chat)


CONNECTOR = BlueskyConnector()
