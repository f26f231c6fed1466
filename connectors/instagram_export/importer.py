"""The importer: one export of an account, read as a stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeAlias

from archiver.records.captures import Observation, PlatformState, Sighting
from archiver.records.items import Author, Content
from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings, Setting
from connectors.deposits import Deposit, DepositSource, Importer, Ordinals, Shown
from connectors.instagram_export import layout
from connectors.instagram_export.contents import comments, published
from connectors.meta_export import Shows, meta_source

_SITE = "https://www.instagram.com"
_DELETED = "instagram recently deleted"

_ACCESS = Access(
    permissions=("sign-in to the account on Instagram, for who asks for the export",),
    steps=(
        (
            "Signed in as the account, open Accounts Center, Your information and permissions, "
            "Download your information; choose the Instagram account alone."
        ),
        (
            "Some or all of your information: at least content, comments and messages. All time, "
            "high media quality, and the format JSON (not HTML)."
        ),
        (
            "Download every part before the links expire; import the zip files as they are, or the "
            "folder in which they were all unpacked together."
        ),
    ),
    terms="Meta gives this file to whoever holds the account. Its terms for developers, which ask "
    "for deletion on request, speak of data got through its interfaces; we found none that speaks "
    "of a downloaded export. Counsel should confirm.",
)


def _source(page: PageSettings, fetching: FetchSettings, deposit: Deposit) -> DepositSource:
    found = layout.instagram_layout(deposit)
    name = str(page.options.get("page_name") or "") or layout.account_name(deposit)
    handle = name.removeprefix("@")
    author = Author("", handle, handle, f"{_SITE}/{handle}/") if handle else None
    return meta_source(deposit, fetching, found, partial(_shows, author))


Reader: TypeAlias = Callable[[object, bytes], Iterator[Shown]]


def _present(content: Content) -> Iterator[Shown]:
    yield Observation(content=content)


def _archived(content: Content) -> Iterator[Shown]:
    """What the account put away: the public saw it once, and sees it no more."""
    yield Observation(content=content, state=PlatformState.HIDDEN)


def _deleted(content: Content) -> Iterator[Shown]:
    """What was deleted within the last 30 days; by whom the export does not say."""
    removed = PlatformState.REPORTED_REMOVED
    yield Observation(content=content, state=removed)
    yield Sighting(native_id=content.native_id, state=removed, source=_DELETED)


def _unknown(content: Content) -> Iterator[Shown]:
    """What Instagram calls other content: whether it ever was public nobody can tell."""
    yield Observation(content=content, state=PlatformState.UNKNOWN, restricted=True)


def _shows(author: Author | None, ordinals: Ordinals) -> Shows:
    """Give what an element of each shelf shows."""

    def one(
        sort: str, mark: str = "", seen: Callable[[Content], Iterator[Shown]] = _present
    ) -> Reader:
        def shows(value: object, raw: bytes) -> Iterator[Shown]:
            return seen(published(value, raw, ordinals, author, sort=sort, mark=mark))

        return shows

    def said(sort: str) -> Reader:
        def shows(value: object, raw: bytes) -> Iterator[Shown]:
            found = comments(value, raw, ordinals, author, sort=sort)
            return (Observation(content=content) for content in found)

        return shows

    return {
        layout.POSTS: one("post"),
        layout.REELS: one("reel", "reel"),
        layout.VIDEOS: one("igtv", "igtv"),
        layout.STORIES: one("story", "story"),
        layout.PICTURES: one("profile-photo", "profile-photo"),
        layout.ARCHIVED: one("post", "archived", _archived),
        layout.DELETED: one("post", "deleted", _deleted),
        layout.OTHER: one("other", "other-content", _unknown),
        **{
            sort: said(sort)
            for sort in (layout.COMMENTS, layout.REEL_COMMENTS, layout.STORY_COMMENTS)
        },
    }


CONNECTOR = Importer(
    "instagram-export",
    platform="instagram",
    settings=(
        Setting(
            "page_name",
            "text",
            "The account's handle, where the export does not hold its profile.",
        ),
    ),
    capabilities=Capabilities(
        made_ids=True,
        posts=True,
        comments=True,
        media=True,
        hidden=True,
        edits="diff",
        removals="none",
        backfill="everything the account itself has posted and not deleted, as of the export, and "
        "what it deleted in the 30 days before",
        blind_to=(
            "comments by the public: Instagram leaves them out of an account's export",
            "under which post a comment of the account stands; only whose post it was is told",
            "anything deleted more than 30 days before the export was made, and who deleted it",
            "earlier wordings of an edited caption",
            "likes and other counts",
            "the account's own profile: it is read for the account's name alone",
            "reposts, live video and Threads: a file of them leaves a gap",
        ),
        access=_ACCESS,
    ),
    making=_source,
)
"""Imports "Download your information" of an Instagram account, as JSON."""
