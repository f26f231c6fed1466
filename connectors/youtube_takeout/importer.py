"""The importer: one Takeout of a channel, read row by row."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings, Setting
from connectors.deposits import Deposit, DepositSource, Importer, Reading
from connectors.youtube_takeout import layout
from connectors.youtube_takeout.contents import Asked, chat, comment, community_post, video, wanted
from connectors.youtube_takeout.layout import rows, takeout_in

_SHOWS = {
    layout.VIDEOS: video,
    layout.POSTS: community_post,
    layout.COMMENTS: comment,
    layout.CHATS: chat,
}

_ACCESS = Access(
    permissions=("sign-in to the Google account of the channel, for who asks for the export",),
    steps=(
        "Set the Google account's language to English: Google names files and columns in it.",
        (
            "Signed in as the channel, open takeout.google.com; choose YouTube and YouTube Music "
            "alone, and of its data at least channels, comments, live chats, posts, video metadata "
            "and videos. Leave out history: what staff watched is no record of the channel."
        ),
        (
            "Choose one export, as zip files; download every part before the links expire, and put "
            "them into a folder of their own."
        ),
        "Import the one zip file, or the folder of all of them.",
    ),
    terms="Google gives this file to whoever holds the account. The terms of YouTube's API "
    "services, which limit how long data may be kept, speak of what is got through the API; we "
    "found none that speaks of a Takeout. Counsel should confirm.",
)


def _source(page: PageSettings, fetching: FetchSettings, deposit: Deposit) -> DepositSource:
    takeout = takeout_in(deposit)
    asked = Asked(
        takeout=takeout,
        channel=str(page.options.get("channel") or ""),
        private=bool(page.options.get("private")),
    )

    def readings() -> Iterator[Reading]:
        for volume in takeout.volumes:
            yield Reading(
                name=volume.name,
                elements=partial(rows, deposit, volume.name, volume.sort),
                shows=partial(wanted, _SHOWS[volume.sort], asked),
                unit="row",
            )

    return DepositSource(
        deposit,
        fetching,
        readings,
        lacking=takeout.lacking,
        consulted=takeout.consulted,
        places=takeout.places,
    )


CONNECTOR = Importer(
    "youtube-takeout",
    platform="youtube",
    settings=(
        Setting("channel", "text", "Id of the channel whose rows alone are read, if not all are."),
        Setting("private", "boolean", "Keep private videos as well, restricted."),
    ),
    capabilities=Capabilities(
        posts=True,
        comments=True,
        media=True,
        hidden=False,
        edits="diff",
        removals="none",
        backfill="everything the channel itself has published, said and not deleted, as of the "
        "export",
        blind_to=(
            "comments by the public: Google leaves them out of a channel's export",
            "exports in another language than English, which are refused",
            "community posts whose columns are not named as those of comments: the file is a gap",
            "anything deleted before the export was made, and earlier wordings",
            "views, likes and other counts; thumbnails, captions, playlists and clips",
            "which video a film is, where its name leaves a choice: such a film is a gap",
            "what was watched and searched for: it is never read",
        ),
        access=_ACCESS,
    ),
    making=_source,
)
"""Imports Google Takeout of a YouTube channel."""
