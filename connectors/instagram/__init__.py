"""A professional Instagram account, through the Graph API and with the account's own token.

What it published, its stories while they last, every comment and reply, hidden ones too, where it
is asked for the messages people exchange with it, and its profile. What Instagram does not tell
anybody stands in the capabilities.

    parsing   media, comments and the profile, read into content
    visiting  the walk over an account
    hearing   what Instagram delivers by itself
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath
from urllib.parse import urlsplit

from archiver.ports import Source
from archiver.records.captures import Gap
from archiver.records.deliveries import Announcement, Delivery
from archiver.records.errors import ConfigInvalid
from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings, Setting
from connectors.webhooks import FromMeta, word_for

_VERSION = re.compile(r"v\d{1,3}\.\d{1,2}")
_HOSTS = {"instagram": "https://graph.instagram.com", "facebook": "https://graph.facebook.com"}

_BLIND_TO = tuple(
    """
Instagram answers alike where an item was deleted and where it may not be seen by us: such an item \
is noted as not visible, never as deleted, and nobody is named as having removed it.
A post or story that was published and deleted between two visits was never seen; nor was such a \
comment, unless it was delivered and heard.
A story is shown for 24 hours: visit the account several times a day. Live video, and stories \
that the account shared on from others, are not given out.
Earlier wordings: Instagram shows no history; an edit is seen when a later visit finds other \
words, so that of several edits between two visits the last alone is seen.
Comments of people whom the account restricted are not given out until it approved them; comments \
on age-restricted posts, on live video and on advertisements never are.
Who wrote a comment is not told where the token's rights forbid it.
Edits and removals of items older than the look-back are seen when the account is next walked in \
full, or the item is re-checked.
A file that Instagram withholds, as for copyrighted music, is kept as its still picture where \
there is one, and marked so.
Direct messages are read where `messages` is set and the token is that of an Instagram login, and \
then as Instagram gives them: the content of the twenty newest messages of a conversation at each \
visit, and no request that nobody answered for 30 days. A message that was withdrawn is not told \
from one that is older. They are restricted, all of them.
Mentions and tags by others, and the block list, are not read by this connector.
Personal accounts: the interface knows professional ones alone (business or creator).
""".strip().splitlines()
)

_ACCESS = Access(
    permissions=(
        (
            "instagram_business_basic (Instagram login) or instagram_basic (Facebook login): "
            "posts, stories and profile"
        ),
        "instagram_business_manage_comments or instagram_manage_comments: comments and replies",
        "instagram_business_manage_messages: direct messages, where `messages` is set",
        "pages_read_engagement, with a Facebook login alone",
    ),
    steps=tuple(
        """
See in the app's settings that the account is a professional one, and that two people of the \
department administer it.
At developers.facebook.com make an app of the type Business, owned by the department's business \
portfolio, and add the product Instagram to it.
Either, for an Instagram login: under API setup with Instagram login add the account and choose \
Generate token. It lives 60 days and is renewed while it lives: set a reminder for day 50.
Or, for a Facebook login: connect the account to the department's page, assign both to a system \
user of the portfolio, generate its token with the permissions above, and set account_id.
Put the token into an environment variable, or on the first line of a file of mode 0600, and name \
it in token_env or token_file; set login to say which of the two it is.
Run archiver connectors check, and again each quarter: a permission nobody used for 90 days is \
taken away.
""".strip().splitlines()
    ),
    terms="Meta's Platform Terms ask that data got through this interface be deleted when it is no "
    "longer needed, or on request, unless law requires that it be kept, and accept a legitimate "
    "justification for a refusal to delete. Counsel should name the records statute relied on.",
)


class InstagramConnector(FromMeta):
    """Opens professional Instagram accounts by their address and their own token."""

    name = "instagram"
    platform = "instagram"
    version = "1"
    imports = False
    settings = (
        Setting(
            "login", "text", "How the token was made: instagram or facebook.", default="instagram"
        ),
        Setting("account_id", "text", "Id of the account, which a Facebook login needs."),
        Setting(
            "api_version",
            "text",
            "Version of the Graph API that is asked, such as v26.0.",
            default="v26.0",
        ),
        Setting(
            "graph_url",
            "text",
            "Where the Graph API answers, if not where the login says; for tests alone.",
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
        backfill="the newest 10,000 posts, and the stories of the last 24 hours",
        blind_to=_BLIND_TO,
        access=_ACCESS,
    )

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> Source:
        """Open the account of *page* for one visit.

        Raises:
            ConfigInvalid: there is no token, it would travel unencrypted, or the settings
                contradict each other.
        """
        from connectors.fetching import Fetcher
        from connectors.graph import Graph
        from connectors.instagram.visiting import AccountSource

        options = page.options
        login = str(options.get("login") or "instagram")
        account = str(options.get("account_id") or "")
        host = str(options.get("graph_url") or _HOSTS.get(login, "")).rstrip("/")
        api = str(options.get("api_version") or "v26.0")
        parts = urlsplit(host)
        faults = list(_faults_of(page, deposit))
        if login not in _HOSTS:
            faults.append("login is instagram or facebook")
        if login == "facebook" and not account.isdecimal():
            faults.append("a facebook login needs account_id, the number of the account")
        if options.get("messages") and login == "facebook":
            faults.append("messages are read with an Instagram login alone")
        if not _VERSION.fullmatch(api):
            faults.append("api_version is written as v26.0")
        if host and parts.scheme != "https" and parts.hostname not in fetching.allow_private_hosts:
            faults.append("a token is sent over https only: see graph_url")
        if faults:
            raise ConfigInvalid([f"page {page.name}: {fault}" for fault in faults])
        fetcher, token = Fetcher(fetching), (page.secret or "").strip()
        return AccountSource(
            fetcher,
            Graph(fetcher, base=f"{host}/{api}", token=token),
            url=page.url,
            node=account or "me",
            exchanges=login == "instagram",
            messages=bool(options.get("messages")),
        )

    def announced(self, page: PageSettings, delivery: Delivery) -> Iterator[Announcement | Gap]:
        """Give what *delivery* says of *page*; see `hearing`."""
        from connectors.instagram.hearing import announced

        return announced(page, delivery)

    def handshake_word(self, page: PageSettings) -> str:
        """Give the verify token that is entered beside the address.

        Raises:
            ConfigInvalid: the account's id is not told, by which deliveries name it.
        """
        from connectors.instagram.hearing import account_number

        if not account_number(page):
            raise ConfigInvalid(f"page {page.name}: to hear what is delivered, set account_id")
        return word_for(page)


def _faults_of(page: PageSettings, deposit: PurePath | None) -> Iterator[str]:
    """Say what is amiss with *page*, whatever its login is."""
    if deposit is not None:
        yield "instagram reads the network, not a file"
    if not urlsplit(page.url).path.strip("/"):
        yield "url must be the account's address, https://www.instagram.com/NAME"
    if not (page.secret or "").strip():
        yield "instagram needs the account's access token; name it in token_env"


CONNECTOR = InstagramConnector()
