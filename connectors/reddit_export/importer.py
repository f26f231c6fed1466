"""The importer: one export of an account, read row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeAlias

from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings, Setting
from connectors.deposits import Deposit, DepositSource, Importer, Reading, Shown, Volume
from connectors.reddit_export import layout
from connectors.reddit_export.contents import author_called, chat, comment, draft, message, post
from connectors.reddit_export.layout import export_in

Shows: TypeAlias = Callable[[object, bytes], Iterator[Shown]]

_ACCESS = Access(
    permissions=("sign-in to the account on Reddit, for who asks for the copy",),
    steps=(
        (
            "Signed in as the account, open reddit.com/settings/data-request, and ask for the data "
            "of all time."
        ),
        "Reddit sends a message with a link when the copy is ready, within 30 days.",
        "Download it before the link expires, and import the zip file as it is.",
    ),
    terms="Reddit gives this file to whoever holds the account. Its terms for developers ask that "
    "content deleted from Reddit be removed wherever it is kept; we found none that speaks of an "
    "account's own copy. Counsel should confirm.",
)


def _source(page: PageSettings, fetching: FetchSettings, deposit: Deposit) -> DepositSource:
    export = export_in(deposit)
    author = author_called(str(page.options.get("page_name") or "") or export.account)
    wanted = set(_FILES_READ) | (set(_DRAFTS) if page.options.get("drafts") else set())

    def shows(volume: Volume) -> Shows:
        if volume.sort in _DRAFTS:
            named, dated = _DRAFTS[volume.sort]
            sort = volume.sort.removesuffix("s")
            return partial(draft, author=author, sort=sort, named=named, dated=dated)
        if volume.sort in _PRIVATE:
            return _PRIVATE[volume.sort]
        return partial(_PUBLIC[volume.sort], author=author, file=volume.name)

    def readings() -> Iterator[Reading]:
        for volume in export.volumes:
            if volume.sort in wanted:
                yield Reading(
                    name=volume.name,
                    elements=partial(export.rows, deposit, volume),
                    shows=shows(volume),
                    unit="row",
                    told=export.counts.get(volume.name),
                )

    return DepositSource(deposit, fetching, readings, consulted=export.consulted)


_PUBLIC = {layout.POSTS: post, layout.COMMENTS: comment}
_PRIVATE: dict[str, Shows] = {layout.MESSAGES: message, layout.CHATS: chat}
_DRAFTS = {
    layout.DRAFTS: ("id", "created"),
    layout.SCHEDULED: ("scheduled_post_id", "submission_time"),
}
_FILES_READ = (*_PUBLIC, *_PRIVATE)

CONNECTOR = Importer(
    "reddit-export",
    platform="reddit",
    settings=(
        Setting("page_name", "text", "The account's name, where the export does not tell it."),
        Setting("drafts", "boolean", "Keep drafts and scheduled posts as well, restricted."),
    ),
    capabilities=Capabilities(
        posts=True,
        comments=True,
        media=False,
        hidden=False,
        edits="diff",
        removals="none",
        backfill="everything the account itself has submitted and not deleted, as of the export",
        blind_to=(
            "comments by the public: Reddit leaves them out of an account's copy",
            "pictures and films: their address is kept, and not a copy",
            "anything deleted before the export was made; a placeholder is told, and not kept",
            "earlier wordings, and that something was edited",
            "scores and other counts",
            "whatever a moderator of a community sees: its log, its mail, its removed comments",
        ),
        access=_ACCESS,
    ),
    making=_source,
)
"""Imports Reddit's copy of an account's data."""
