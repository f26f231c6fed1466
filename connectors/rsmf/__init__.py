"""RSMF, the Relativity Short Message Format (1.0 and 2.0): chats, and posts with their comments.

container  the mail that an RSMF file is → its one zip file
chat       the zip file → participants, conversations, and each event as an item
importer   the deposit: RSMF files, and the files of their events
"""

from __future__ import annotations

from functools import partial
from pathlib import PurePath

from archiver.ports import Source
from archiver.records.errors import ConfigInvalid
from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings, Setting
from connectors.deposits import opened

_CHANNELS_ARE = ("messages", "posts")

_ACCESS = Access(
    permissions=("the files, from whoever collected the conversations",),
    steps=(
        (
            "Ask for RSMF 2.0 (or 1.0) with attachments, and for the number of events in writing: "
            "an import is held against it with --expect items=N."
        ),
        "Import the .rsmf files as they are, or a zip file or folder of them.",
    ),
    terms="What was collected from a platform stands under its terms still. RSMF says who took "
    "part, not under which authority it was collected: keep that with the matter.",
)


class Rsmf:
    """Imports RSMF files: messages between people, or posts and comments of a page."""

    name = "rsmf"
    platform = "rsmf"
    version = "1"
    imports = True
    settings = (
        Setting(
            "channels_are",
            "text",
            "What was said in channels: messages (restricted, as a rule) or posts (public).",
            default="messages",
        ),
        Setting(
            "platform",
            "text",
            "The platform the events are from, such as slack; searches know it by this word.",
        ),
    )
    capabilities = Capabilities(
        posts=True,
        comments=True,
        media=True,
        hidden=False,
        edits="history",
        removals="none",
        backfill="every event in the files that are handed in",
        blind_to=(
            "whatever was not collected, or was left out of the files",
            "who deleted an event, and when: the format says only that it was",
            "which participant reacted how: reactions are counted",
            "read receipts, and fields of the collector's own: they stay in each event's bytes",
            "the words in attached files",
        ),
        access=_ACCESS,
    )

    def open(
        self, page: PageSettings, fetching: FetchSettings, *, deposit: PurePath | None = None
    ) -> Source:
        """Open the RSMF files at *deposit*.

        Raises:
            ConfigInvalid: `channels_are` says something else than it can.
            DepositRefused: there is none, it holds no RSMF file, or it is not safe to open.
        """
        from connectors.rsmf.importer import RsmfSource

        channels_are = str(page.options.get("channels_are") or "messages")
        if channels_are not in _CHANNELS_ARE:
            told = " or ".join(_CHANNELS_ARE)
            raise ConfigInvalid(f"page {page.name}: `channels_are` is {told}")
        make = partial(RsmfSource, fetching, posts=channels_are == "posts")
        return opened(deposit, page, make, loose=(".rsmf",))


CONNECTOR = Rsmf()
"""What the entry point `rsmf` names."""
