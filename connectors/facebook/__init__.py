"""A Facebook page, through the Graph API and with the page's own token.

What the page published, what visitors wrote on it, every comment and reply, hidden ones too, its
stories and recommendations, where it is asked for the messages people exchange with it, and the
page's profile. What Facebook does not tell anybody stands in the capabilities.

    parsing   posts, reels, comments and the profile, read into content
    passing   stories and recommendations
    visiting  the walk over a page
    looking_again  second looks at single items, and what the token may see
    hearing   what Facebook delivers by itself
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

_BLIND_TO = tuple(
    """
Facebook answers alike where an item was deleted and where it may not be seen by us: such an item \
is noted as not visible, never as deleted, and nobody is named as having removed it.
A comment or post that was published and deleted between two visits was never seen, unless it \
was delivered and heard.
Earlier wordings: Facebook shows no history; an edit is seen when a later visit finds other words, \
so that of several edits between two visits the last alone is seen.
Of a page's own posts Facebook lists about 600 a year, ranked by itself: older years may be \
incomplete, and the page's export ("Download your information") is to be imported beside it.
Facebook's own count of comments may include comments that it shows to nobody but their authors.
Who wrote a comment is not told where the person's settings or the token's rights forbid it.
Edits and removals of items older than the look-back are seen when the page is next walked in \
full, or the item is re-checked.
Who reacted or shared is not recorded; the counts are, as last seen.
A story is shown for 24 hours, and longer only where the page keeps an archive of its stories: \
visit the page several times a day.
Direct messages are read where `messages` is set, and then as Facebook gives them: the content of \
the twenty newest messages of a conversation at each visit. A message that was withdrawn is not \
told from one that is older. They are restricted, all of them.
Who recommended the page without a word is told as Facebook tells it; events are not read by this \
connector.
Which words the page filters Facebook shows to nobody; nor since when somebody is blocked, and by \
whom.
Of what the page shared from others the address is kept and not a copy; a video whose file \
Facebook does not hand out is kept as its still picture, and marked so.
""".strip().splitlines()
)

_ACCESS = Access(
    permissions=(
        "pages_show_list: to be given the page's own token",
        "pages_read_engagement: the page's posts, reels and profile",
        "pages_read_user_content: what the public posts, comments and recommends",
        "pages_messaging and pages_manage_metadata: direct messages, where `messages` is set",
    ),
    steps=tuple(
        """
In Meta Business Suite see that the department's business portfolio owns the page, and that two \
people of the department administer it.
At developers.facebook.com make an app of the type Business, owned by that portfolio.
In Business settings, Users, System users add a system user for the archive alone, and assign it \
the page with the tasks Content and Community activity.
Choose Generate new token for the app, tick the permissions above, and choose that it does not \
expire. For pages that nobody with a role in the app administers Meta asks for App Review.
Name a token_file, and hand that token to archiver connect PAGE: it asks for the page's own, by \
GET /{page-id}?fields=access_token, and keeps that. A person's or system user's own token will not \
do: Facebook answers it with empty comments. Or ask yourself, and put the page's token into an \
environment variable that token_env names.
Run archiver connectors check, and again each quarter: a permission nobody used for 90 days is \
taken away.
""".strip().splitlines()
    ),
    terms="Meta's Platform Terms ask that data got through this interface be deleted when it is no "
    "longer needed, or on request, unless law requires that it be kept, and accept a legitimate "
    "justification for a refusal to delete. Counsel should name the records statute relied on.",
)


class FacebookConnector(FromMeta):
    """Opens Facebook pages by their address and their own token."""

    name = "facebook"
    platform = "facebook"
    version = "1"
    imports = False
    settings = (
        Setting("page_id", "text", "Id of the page, where its address shows neither id nor name."),
        Setting(
            "api_version",
            "text",
            "Version of the Graph API that is asked, such as v26.0.",
            default="v26.0",
        ),
        Setting(
            "graph_url",
            "text",
            "Where the Graph API answers; another address is for tests alone.",
            default="https://graph.facebook.com",
        ),
        Setting("drafts", "boolean", "Keep unpublished and scheduled posts as well, restricted."),
        Setting("messages", "boolean", "Keep the direct messages of the page as well, restricted."),
        Setting(
            "moderation",
            "boolean",
            "Keep whom the page blocks, who may do what on it, and its settings, with versions.",
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
        moderation=("blocked people and pages", "who may do what on the page", "settings"),
        backfill="about 600 posts of each year, as Facebook ranks them",
        blind_to=_BLIND_TO,
        access=_ACCESS,
    )

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> Source:
        """Open *page* for one visit.

        Raises:
            ConfigInvalid: there is no token, it would travel unencrypted, or the url is no page's.
        """
        from connectors.facebook.visiting import Asked, PageSource
        from connectors.fetching import Fetcher
        from connectors.graph import Graph
        from connectors.moderating import wanted

        options = page.options
        host = str(options.get("graph_url") or "https://graph.facebook.com").rstrip("/")
        api = str(options.get("api_version") or "v26.0")
        parts = urlsplit(host)
        faults = []
        if deposit is not None:
            faults.append("facebook reads the network; facebook-export reads a file")
        if not urlsplit(page.url).hostname:
            faults.append("url must be the page's address, https://www.facebook.com/NAME")
        if not (page.secret or "").strip():
            faults.append("facebook needs the page's own access token; name it in token_env")
        if not _VERSION.fullmatch(api):
            faults.append("api_version is written as v26.0")
        if parts.scheme != "https" and parts.hostname not in fetching.allow_private_hosts:
            faults.append("a token is sent over https only: see graph_url")
        if faults:
            raise ConfigInvalid([f"page {page.name}: {fault}" for fault in faults])
        fetcher = Fetcher(fetching)
        asked = Asked(
            page.url,
            str(options.get("page_id") or ""),
            drafts=bool(options.get("drafts")),
            messages=bool(options.get("messages")),
            moderation=wanted(options),
        )
        graph = Graph(fetcher, base=f"{host}/{api}", token=(page.secret or "").strip())
        return PageSource(fetcher, graph, asked)

    def announced(self, page: PageSettings, delivery: Delivery) -> Iterator[Announcement | Gap]:
        """Give what *delivery* says of *page*; see `hearing`."""
        from connectors.facebook.hearing import announced

        return announced(page, delivery)

    def handshake_word(self, page: PageSettings) -> str:
        """Give the verify token that is entered beside the address.

        Raises:
            ConfigInvalid: the page's id is not told, by which deliveries name it.
        """
        from connectors.facebook.hearing import page_number

        if not page_number(page):
            raise ConfigInvalid(f"page {page.name}: to hear what is delivered, set page_id")
        return word_for(page)


CONNECTOR = FacebookConnector()
