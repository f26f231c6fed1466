"""The importer: one archive of an account, read activity by activity."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings
from connectors.deposits import Deposit, DepositSource, Importer, Reading
from connectors.mastodon_archive.contents import Walk, profile
from connectors.mastodon_archive.layout import activities, archive_in, whole

_ACCESS = Access(
    permissions=("sign-in to the account on its server, for who asks for the archive",),
    steps=(
        (
            "Signed in as the account, open Preferences, Import and export, Data export, and "
            "request the archive; a server makes one every seven days."
        ),
        "The server sends a message when it is ready; download it there.",
        (
            "Import the zip file as it is. Older servers give a .tar.gz: unpack it into a "
            "folder, and import the folder."
        ),
    ),
    terms="The software sets no terms; each server has rules and a privacy notice of its own, and "
    "gives this file to whoever holds the account.",
)


def _source(_page: PageSettings, fetching: FetchSettings, deposit: Deposit) -> DepositSource:
    archive = archive_in(deposit)

    def readings() -> Iterator[Reading]:
        if archive.actor:
            yield Reading(
                name=archive.actor,
                elements=partial(whole, deposit, archive.actor),
                shows=profile,
                unit="profile",
            )
        yield Reading(
            name=archive.outbox,
            elements=partial(activities, deposit, archive.outbox),
            shows=Walk(archive).activity,
            unit="activity",
            told=archive.count,
        )

    return DepositSource(deposit, fetching, readings, places=archive.places)


CONNECTOR = Importer(
    "mastodon-archive",
    platform="mastodon",
    settings=(),
    capabilities=Capabilities(
        posts=True,
        comments=True,
        media=True,
        hidden=False,
        edits="diff",
        removals="none",
        backfill="everything the account itself has posted and not deleted, as of the archive",
        blind_to=(
            "replies and comments by the public: the archive holds what the account wrote alone",
            "in which thread a reply stands, where no post of the account's own began it",
            "anything deleted before the archive was made, and earlier wordings of an edited post",
            "what was boosted or quoted: its address is kept, and not a copy",
            "what the account favourited and bookmarked: those lists are not read",
            "who favourited, boosted or voted; of the counts, those that newer servers write",
        ),
        access=_ACCESS,
    ),
    making=_source,
)
"""Imports the archive of an account that Mastodon servers make on request."""
