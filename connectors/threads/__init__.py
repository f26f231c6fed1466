"""An account on Threads, through its API and with the account's own token.

parsing   posts, answers and the profile, read into content
visiting  the walk over an account
"""

from __future__ import annotations

import re
from pathlib import PurePath
from urllib.parse import urlsplit

from archiver.ports import Source
from archiver.records.errors import ConfigInvalid
from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings, Setting

HOST = "https://graph.threads.net"

_PLACE = re.compile(r"/@[\w.]{1,30}/?", re.ASCII)
_VERSION = re.compile(r"v\d{1,3}\.\d{1,2}")
_BLIND_TO = tuple(
    """
Threads answers alike where an item was deleted and where it may not be seen by us: such an item \
is noted as not visible, never as deleted, and nobody is named as having removed it.
A post or answer that was published and deleted between two visits was never seen.
Earlier wordings: Threads shows no history; an edit is seen when a later visit finds other words, \
so that of several edits between two visits the last alone is seen.
That an answer is hidden is told, and by which of Threads' ways, not by whom.
Answers by private accounts, and by people who have blocked the account or whom it has blocked.
Who wrote an answer is told by name alone, and not at all for accounts that are not public.
Answers to the account's own answers below the posts of others; of a post that was reposted or \
quoted the address is kept, and not a copy.
Late answers to a post older than the look-back, and edits and removals of such, are seen when the \
account is next walked in full, or the item is re-checked.
Likes, views and other counts, but for that of answers where `counts` is set; direct messages, \
mentions by others, and the block list.
""".strip().splitlines()
)

_ACCESS = Access(
    permissions=(
        "threads_basic: the account's posts and profile",
        "threads_read_replies: what answers them",
        "threads_manage_insights: how many answers Threads counts, where counts is set",
    ),
    steps=tuple(
        """
At developers.facebook.com make an app with the use case Access the Threads API, owned by the \
department's business portfolio, and see that two people administer it.
Add the permissions above, and the account as a tester; accept the invitation in the account's own \
settings.
Under User Token Generator make the account's token. It lives 60 days and is renewed while it \
lives: set a reminder for day 50.
Put the token into an environment variable, or on the first line of a file of mode 0600, and name \
it in token_env or token_file.
Run archiver connectors check.
""".strip().splitlines()
    ),
    terms="Meta's Platform Terms ask that data got through this interface be deleted when it is no "
    "longer needed, or on request, unless law requires that it be kept, and accept a legitimate "
    "justification for a refusal to delete. Counsel should name the records statute relied on.",
)


class ThreadsConnector:
    """Opens accounts on Threads by their address and their own token."""

    name = "threads"
    platform = "threads"
    version = "1"
    imports = False
    settings = (
        Setting(
            "api_version",
            "text",
            "Version of the Threads API that is asked, such as v1.0.",
            default="v1.0",
        ),
        Setting(
            "counts",
            "boolean",
            "Hold Threads' own count of answers against those shown; one question more a post.",
        ),
        Setting(
            "graph_url",
            "text",
            "Where the Threads API answers, if not at its own address; for tests alone.",
            default=HOST,
        ),
    )
    capabilities = Capabilities(
        posts=True,
        comments=True,
        media=True,
        hidden=True,
        edits="diff",
        removals="recheck",
        backfill="everything that the account still shows",
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
        from connectors.graph import Graph
        from connectors.threads.visiting import AccountSource

        host = str(page.options.get("graph_url") or HOST).rstrip("/")
        api = str(page.options.get("api_version") or "v1.0")
        token, parts = (page.secret or "").strip(), urlsplit(host)
        faults = []
        if deposit is not None:
            faults.append("threads reads the network, not a file")
        if not _PLACE.fullmatch(urlsplit(page.url).path):
            faults.append("url must be the account's address, https://www.threads.com/@NAME")
        if not token:
            faults.append("threads needs the account's access token; name it in token_env")
        if not _VERSION.fullmatch(api):
            faults.append("api_version is written as v1.0")
        if parts.scheme != "https" and parts.hostname not in fetching.allow_private_hosts:
            faults.append("a token is sent over https only: see graph_url")
        if faults:
            raise ConfigInvalid([f"page {page.name}: {fault}" for fault in faults])
        fetcher = Fetcher(fetching)
        graph = Graph(fetcher, base=f"{host}/{api}", token=token)
        counts = page.options.get("counts") is True
        return AccountSource(fetcher, graph, url=page.url, counts=counts)


CONNECTOR = ThreadsConnector()
