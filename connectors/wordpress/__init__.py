"""WordPress: posts, pages, comments and files of a site, through its own REST API.

Without credentials the connector sees what any visitor sees. With an application password of an
editor it also sees drafts, held and trashed items, and the revisions of every post.

    parsing   an entity of the API, read into content
    site      asking the API: where it is, walking lists, what a refusal means
    library   the files and authors that a slice of posts needs
    profile   what the site says of itself
    visiting  the visit: what is asked for, and in which order it is told
"""

from __future__ import annotations

import re
from pathlib import PurePath
from urllib.parse import urlsplit

from archiver.ports import Source
from archiver.records.errors import ConfigInvalid
from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings, Setting

_TYPE = re.compile(r"[A-Za-z0-9_-]+")
_BLIND_TO = tuple(
    """
Without credentials: drafts, and what is held, marked as spam, in the trash or behind a password; \
an item that goes there is seen to be no longer visible, without a reason or an actor.
Without credentials: earlier wordings of a post that was edited between two visits. Comments have \
no history at all: an edit is seen when a later visit finds other words.
Who deleted or hid an item: WordPress does not say.
A comment that was posted and deleted between two visits was never seen.
A comment that was held for approval longer than the look-back is seen, once approved, when the \
page is next walked in full; so are edits of comments older than the look-back.
Pingbacks, trackbacks and the notes that editors leave one another are not kept.
Files stand with a post as they do today: WordPress keeps no files with a revision, and a file \
that was replaced under its own address is not noticed.
What a theme or a plug-in shows outside the text of a post: the cover, menus, widgets, counters, \
embedded feeds, forms. Of the site's own words title, tagline, addresses, logo, icon and pinned \
posts are kept as its profile; before WordPress 5.9 it tells no icon, before 5.8 no logo.
""".strip().splitlines()
)

_ACCESS = Access(
    permissions=(
        "none, to see what any visitor sees",
        "the role Editor, to see drafts, held and trashed items, and revisions",
    ),
    steps=(
        "On the site make an account for the archive alone, with the role Editor.",
        (
            "Sign in as that account; under Users, Profile, Application Passwords enter the name "
            "archiver and choose Add New Application Password."
        ),
        (
            "Put the account's name, a colon and the password into an environment variable, or on "
            "the first line of a file of mode 0600."
        ),
        "Name the variable in token_env, or the file in token_file.",
    ),
    terms="The software sets no terms on what is kept of the department's own site. Where a "
    "company hosts the site, its contract with the department applies.",
)


class WordpressConnector:
    """Opens WordPress sites by their address."""

    name = "wordpress"
    platform = "wordpress"
    version = "1"
    imports = False
    settings = (
        Setting(
            "types",
            "list",
            "REST names of the post types to archive, as in /wp-json/wp/v2/types (rest_base).",
            default=("posts", "pages"),
        ),
    )
    capabilities = Capabilities(
        posts=True,
        comments=True,
        media=True,
        hidden=True,
        edits="history",
        removals="recheck",
        backfill="everything the site still keeps",
        blind_to=_BLIND_TO,
        access=_ACCESS,
    )

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> Source:
        """Open the site of *page* for one visit; its secret is `user:application password`.

        Raises:
            ConfigInvalid: the url is no site's, or the credentials would travel unencrypted.
        """
        from connectors.fetching import Fetcher, authorization
        from connectors.wordpress.site import Site
        from connectors.wordpress.visiting import SiteSource

        parts = urlsplit(page.url)
        secret = (page.secret or "").strip()
        told = page.options.get("types") or ("posts", "pages")
        types = told if isinstance(told, tuple) else (str(told),)
        ours = parts.hostname in fetching.allow_private_hosts
        faults = []
        if deposit is not None:
            faults.append("wordpress reads the network, not a file")
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            faults.append("url is no http or https address")
        if parts.username or parts.password or parts.query or parts.fragment:
            faults.append("url must be the site's address alone; use token_env for secrets")
        if secret and ":" not in secret:
            faults.append("the secret must be `user:application password`")
        if secret and parts.scheme == "http" and not ours:
            faults.append("a password is not sent over http; use https")
        faults += [
            f"types: {name!r} is no REST name" for name in types if not _TYPE.fullmatch(name)
        ]
        if faults:
            raise ConfigInvalid([f"page {page.name}: {fault}" for fault in faults])
        fetcher = Fetcher(fetching)
        return SiteSource(fetcher, Site(fetcher, page.url, authorization(secret)), page.url, types)


CONNECTOR = WordpressConnector()
