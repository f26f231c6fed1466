"""The importer: one export of an account, read entry by entry."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings, Setting
from connectors.deposits import Deposit, DepositSource, Importer, Ordinals, Reading
from connectors.tiktok_export.contents import Walk
from connectors.tiktok_export.layout import entries_in, export_in

_ACCESS = Access(
    permissions=("sign-in to the account on TikTok, for who asks for the copy",),
    steps=(
        (
            "Signed in as the account, open Settings and privacy, Account, Download your data; "
            "choose all data, and the format JSON."
        ),
        "Come back after a few days, and download the file before its four days are over.",
        "Import the zip file as it is.",
    ),
    terms="TikTok gives this file to whoever holds the account. We found no term that speaks of "
    "how long such a copy may be kept. Counsel should confirm.",
)


def _source(page: PageSettings, fetching: FetchSettings, deposit: Deposit) -> DepositSource:
    export = export_in(deposit)
    account = str(page.options.get("page_name") or "") or export.account

    def readings() -> Iterator[Reading]:
        walk = Walk(export, account, Ordinals())
        for volume in export.volumes:
            yield Reading(
                name=volume.name,
                elements=partial(entries_in, deposit, volume.name),
                shows=walk.entry,
                unit="entry",
            )

    return DepositSource(deposit, fetching, readings, places=export.places)


CONNECTOR = Importer(
    "tiktok-export",
    platform="tiktok",
    settings=(
        Setting("page_name", "text", "The account's name, where the export does not tell it."),
    ),
    capabilities=Capabilities(
        made_ids=True,
        posts=True,
        comments=True,
        media=True,
        hidden=False,
        edits="diff",
        removals="none",
        backfill="everything the account itself has posted and not deleted, as of the export",
        blind_to=(
            "comments by the public: TikTok leaves them out of an account's copy",
            "films that the export holds no file of: TikTok gives an address that soon dies",
            "on which video a comment stands, where an older export does not tell it",
            "the zone of times that name none: UTC is taken (the item says zone-assumed)",
            "anything deleted for good before the export was made, and earlier wordings",
            "the profile, which is not dated in the export; and exports as text, which are refused",
            "what staff watched, liked, searched for and bought: it is never read",
        ),
        access=_ACCESS,
    ),
    making=_source,
)
"""Imports TikTok's copy of an account's data."""
