"""The importer: one export of a page, read as a stream."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from archiver.records.captures import Observation
from archiver.records.items import Author, Content
from archiver.records.making import quickly
from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings, Setting
from connectors.deposits import Deposit, DepositSource, Importer, Ordinals
from connectors.facebook_export.contents import comment, media_post, posts
from connectors.facebook_export.layout import (
    COMMENTS,
    MEDIA,
    POSTS,
    facebook_layout,
    profile_name,
)
from connectors.meta_export import Shows, meta_source

_an_observation = quickly(Observation)

_ACCESS = Access(
    permissions=("full control of the page on Facebook, for who asks for the export",),
    steps=(
        (
            "Switch to the page's profile; under Settings & privacy, Your information choose "
            "Download your information, for the page."
        ),
        "All time, high media quality, and the format JSON (not HTML).",
        (
            "Download every part before the links expire; import the zip files as they are, or the "
            "folder in which they were all unpacked together."
        ),
    ),
    terms="Meta gives this file to the page's own administrators. Its terms for developers, which "
    "ask for deletion on request, speak of data got through its interfaces; we found none that "
    "speaks of a downloaded export. Counsel should confirm.",
)


def _source(page: PageSettings, fetching: FetchSettings, deposit: Deposit) -> DepositSource:
    layout = facebook_layout(deposit)
    name = str(page.options.get("page_name") or "") or profile_name(deposit)
    author = Author(native_id="", name=name) if name else None
    return meta_source(deposit, fetching, layout, partial(_shows, author))


def _shows(author: Author | None, ordinals: Ordinals) -> Shows:
    """Give what an element of each shelf shows; a photo that a post shows is no item of its own.

    Of the files that were shown only a number each is remembered.
    """
    attached: set[int] = set()

    def attaching(content: Content) -> Content:
        attached.update(hash(file.key) for file in content.attachments)
        return content

    def of_posts(value: object, raw: bytes) -> Iterator[Observation]:
        for content in posts(value, raw, ordinals, author):
            yield _an_observation(content=attaching(content))

    def of_comments(value: object, raw: bytes) -> Iterator[Observation]:
        yield _an_observation(content=comment(value, raw, ordinals))

    def of_media(value: object, raw: bytes) -> Iterator[Observation]:
        told = media_post(value, raw, ordinals, author)
        content = next(told)
        if not any(hash(file.key) in attached for file in content.attachments):
            yield _an_observation(content=attaching(content))
            yield from (_an_observation(content=comment) for comment in told)

    return {POSTS: of_posts, COMMENTS: of_comments, MEDIA: of_media}


CONNECTOR = Importer(
    "facebook-export",
    platform="facebook",
    settings=(
        Setting(
            "page_name",
            "text",
            "The page's name on Facebook, where the export does not hold its profile.",
        ),
    ),
    capabilities=Capabilities(
        made_ids=True,
        posts=True,
        comments=True,
        media=True,
        hidden=False,
        edits="diff",
        removals="none",
        backfill="everything the page itself has posted and not deleted, as of the export",
        blind_to=(
            "comments by the public: Facebook leaves them out of a page's export",
            "under which post a comment of the page stands",
            "anything deleted before the export was made",
            "earlier wordings of an edited post",
            "reactions, shares and other counts",
            "stories, reels, archived, trashed and group posts: a file of them leaves a gap",
        ),
        access=_ACCESS,
    ),
    making=_source,
)
"""Imports "Download your information" of a Facebook page, as JSON."""
