"""An account on Bluesky: its own signed repository, and what the AppView shows of its threads.

repository  a CAR file read and proven: blocks, tree, signature
named       addresses, links and files that a record names
parsing     a post, a repost, a profile, read into content
answers     threads and feeds, cut into posts
moderation  blocks, lists and rules for answers, out of the repository
own         the account's own records, each with its proof
network     asking the AppView, the account's server and the directory
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
Direct messages and feeds are not read; nor whom the department mutes, and which words, which its \
own app alone is told. Whom it blocks is told by lasting names (did:plc:...), not by handles. Of a \
post that was reposted or quoted the address is kept, and not a copy.
Who liked or reposted is not recorded; the counts are, as last seen.
Labels by others than Bluesky's own moderation.
""".strip().splitlines()
)

_ACCESS = Access(
    permissions=("none: all that is read is public, and nothing is asked for with a password",),
    steps=(
        "Set url to https://bsky.app/profile/ and the department's handle.",
        (
            "Run archiver connectors check, and set url anew with the lasting name (did:plc:...) "
            "that it tells: a handle can change, and the items' ids are made from the url."
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
            ConfigInvalid: the url names no account, a secret is given, or a server is no address.
        """
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
        if page.secret:
            faults.append("bluesky needs no token, and would not use one; take token_env away")
        for name, address in (("appview", appview), ("directory", directory)):
            if urlsplit(address).scheme not in {"http", "https"}:
                faults.append(f"{name} is no http or https address")
        if faults or found is None:
            raise ConfigInvalid([f"page {page.name}: {fault}" for fault in faults])
        network = Network(Fetcher(fetching), appview=appview, directory=directory)
        return AccountSource(network, actor=found[1], moderated=wanted(page.options))


CONNECTOR = BlueskyConnector()
