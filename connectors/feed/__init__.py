"""Feeds: RSS 0.9x, 1.0 and 2.0, Atom, podcasts with their enclosures.

    parsing   asking feedparser (the one place that knows it)
    reading   bytes of an answer → typed entries
    entries   an entry → an item: its identity, text, dates, attachments
    profile   what the feed says of itself
    source    a visit: conditional requests, paging, tombstones, what may have been missed

A feed shows a window: an item that is absent has merely left it, so absence proves nothing and
no listing is ever called whole. A removal is believed only from `at:deleted-entry` (RFC 6721).
"""

from __future__ import annotations

from pathlib import PurePath

from archiver.ports import Source
from archiver.records.errors import ConfigInvalid
from archiver.records.items import ItemKind
from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings, Setting

_KINDS = {
    "articles": ItemKind.ARTICLE,
    "posts": ItemKind.POST,
    "comments": ItemKind.COMMENT,
}

_ACCESS = Access(
    permissions=("none, for a public feed",),
    steps=(
        "Find the feed's address: a link marked RSS or Atom on the page, or in its source.",
        (
            "For a feed that asks for a sign-in put `user:password`, or a token, into an "
            "environment variable, and name it in token_env."
        ),
    ),
    terms="No common terms bind who reads a public feed; those of its publisher may. A feed that "
    "announces a deletion reports it: the archive notes that, and keeps the record.",
)


class FeedConnector:
    """Reads one feed, known by its URL; a token, where one is set, goes to that host alone."""

    name = "feed"
    platform = "feed"
    version = "1"
    imports = False
    settings = (
        Setting(
            "items_are",
            "text",
            "What the feed lists: articles, posts or comments (of the public). Podcast episodes "
            "are recognised by their enclosures.",
            default="articles",
        ),
    )
    capabilities = Capabilities(
        posts=True,
        comments=False,
        media=True,
        hidden=False,
        edits="diff",
        removals="events",
        backfill="what the feed still shows, and the pages it links to as older",
        blind_to=(
            "items that entered and left the feed between two visits",
            "edits and removals of items that have left the feed",
            "removals that the feed does not announce: absence from a feed proves nothing",
            "the public's comments, unless their own feed is archived as a page",
            "whatever the publisher leaves out of the feed, such as the full text of an article",
            "what the publisher's site shows around the feed: its cover, menus, pinned articles",
        ),
        access=_ACCESS,
    )

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> Source:
        """Open the feed of *page* for one visit.

        Raises:
            ConfigInvalid: the page has no URL, or its settings say what a feed cannot be.
        """
        from connectors.feed.source import FeedSource
        from connectors.fetching import Fetcher, authorization

        faults = []
        if not page.url.lower().startswith(("http://", "https://")):
            faults.append(f"page {page.name}: a feed needs its http or https `url`")
        kind = _KINDS.get(str(page.options.get("items_are", "articles")))
        if kind is None:
            faults.append(f"page {page.name}: `items_are` is one of {', '.join(_KINDS)}")
        if deposit is not None:
            faults.append(f"page {page.name}: a feed is visited, it imports no file")
        if faults or kind is None:
            raise ConfigInvalid(faults)
        fetcher = Fetcher(fetching, headers=authorization(page.secret), home=page.url)
        return FeedSource(page, fetcher, kind=kind)


CONNECTOR = FeedConnector()
"""What the entry point `feed` names."""
