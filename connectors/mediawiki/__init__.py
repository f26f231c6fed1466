"""A wiki that runs MediaWiki, Wikipedia among them: whole, or some of its pages and their talk.

api       asking the Action API
parsing   a wiki, a page, a revision, an entry of the log, read
moderation  blocks, administrators, filters, and the logs of who did what
visiting  the walk over what changed, and looking again
"""

from __future__ import annotations

import re
from pathlib import PurePath
from urllib.parse import parse_qs, unquote, urlsplit

from archiver.ports import Source
from archiver.records.errors import ConfigInvalid
from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings, Setting

_ARTICLE = re.compile(r"(?P<before>.*)/(?:wiki|index\.php)/(?P<title>.+)")
_BLIND_TO = tuple(
    """
What the public says on a talk page is kept as that page, revision by revision with who saved \
each; it is not taken apart into single comments.
A page is kept as its source, in the wiki's own markup: what a template or an extension makes of \
it on the screen is not.
A revision whose text an administrator has hidden is not seen, if it was not archived before: a \
gap names it. What was deleted and hidden from the public log as well is told as not visible.
A page that was made and deleted between two visits was never seen; where the log names it, a gap \
says so.
Summaries of edits are kept beside each revision, and not searched.
Files that a template brings in are not kept, and a file that was replaced under its own name is \
not noticed; of the others the newest is kept.
Of a whole wiki, spaces other than those named in the settings.
Older revisions brought in from another wiki are seen when the wiki is next walked in full.
Of single pages of a wiki the log of their protections alone, and not who is blocked there; of a \
whole wiki what a filter looks for is not kept, nor what its logs hide.
""".strip().splitlines()
)

_ACCESS = Access(
    permissions=(
        "none for a wiki that everybody may read",
        "for a closed one an owner-only OAuth token with the right of basic reading",
    ),
    steps=(
        "Set user_agent in [fetching] to name the department and an address: wikis ask for it.",
        (
            "For a closed wiki sign in as the department's account, and at Special:"
            "OAuthConsumerRegistration/propose ask for an owner-only consumer (OAuth 2) with basic "
            "rights."
        ),
        (
            "Put its access token into an environment variable, or on the first line of a file of "
            "mode 0600, and name it in token_env or token_file."
        ),
    ),
    terms="The software sets no terms; Wikipedia's texts are free to be kept under their licence, "
    "which asks that authors be named. What a wiki's administrators deleted, the archive keeps: "
    "counsel should name the statute that requires it.",
)


class MediaWikiConnector:
    """Opens wikis, and pages of wikis."""

    name = "mediawiki"
    platform = "mediawiki"
    version = "1"
    imports = False
    settings = (
        Setting(
            "titles",
            "list",
            "Titles of the pages to archive, each with its talk page; without any, the whole wiki.",
        ),
        Setting(
            "namespaces",
            "list",
            "Numbers of the spaces that are archived of a whole wiki; 0 is articles, 1 their talk.",
            default=("0", "1"),
        ),
        Setting(
            "api",
            "text",
            "Address of the wiki's api.php, where it cannot be told from the url.",
        ),
        Setting(
            "moderation",
            "boolean",
            "Keep who is blocked, who administers the wiki, its filters, and the logs of both.",
            default=True,
        ),
    )
    capabilities = Capabilities(
        posts=True,
        comments=False,
        media=True,
        hidden=False,
        edits="history",
        removals="recheck",
        moderation=("blocked users", "administrators", "filters", "logs of who did what"),
        backfill="every revision that the wiki still keeps",
        blind_to=_BLIND_TO,
        access=_ACCESS,
    )

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> Source:
        """Open the wiki of *page* for one visit.

        Raises:
            ConfigInvalid: the url is none, a token would travel unencrypted, or a setting is none.
        """
        from connectors.fetching import Fetcher, authorization
        from connectors.mediawiki.api import Wiki
        from connectors.mediawiki.visiting import Scope, WikiSource
        from connectors.moderating import wanted

        api, title = _places(page.url)
        api = str(page.options.get("api") or api)
        parts, secret = urlsplit(api), (page.secret or "").strip()
        titles = [*_texts(page.options.get("titles")), *([title] if title else [])]
        spaces = _texts(page.options.get("namespaces")) or ["0", "1"]
        faults = []
        if deposit is not None:
            faults.append("mediawiki reads the network, not a file")
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            faults.append("url, and api if it is set, must be http or https addresses")
        if not all(space.isdecimal() for space in spaces):
            faults.append("namespaces are numbers, such as 0 and 1")
        if any("|" in each for each in titles):
            faults.append("a title holds no vertical bar")
        if secret and parts.scheme == "http" and parts.hostname not in fetching.allow_private_hosts:
            faults.append("a token is sent over https only")
        if faults:
            raise ConfigInvalid([f"page {page.name}: {fault}" for fault in faults])
        fetcher = Fetcher(fetching, headers=authorization(secret), home=api)
        wiki = Wiki(fetcher, api=api, known=bool(secret))
        lists = wanted(page.options)
        scope = Scope(tuple(dict.fromkeys(titles)), tuple(map(int, spaces)), moderation=lists)
        return WikiSource(wiki, scope)


def _places(url: str) -> tuple[str, str]:
    """Give where the API of a wiki is to be expected, and the title that *url* leads to."""
    parts = urlsplit(url)
    origin, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    asked = parse_qs(parts.query).get("title", [""])[0]
    found = _ARTICLE.fullmatch(path)
    title = unquote(found["title"]) if found else asked
    if path.startswith("/wiki/") and found:
        return f"{origin}/w/api.php", title.replace("_", " ")
    before = found["before"] if found else path.removesuffix("/index.php")
    return f"{origin}{before}/api.php", title.replace("_", " ")


def _texts(value: object) -> list[str]:
    return [str(each).strip() for each in value] if isinstance(value, list | tuple) else []


CONNECTOR = MediaWikiConnector()
