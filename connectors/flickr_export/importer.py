"""The importer: one export of an account, all its zip files, read file by file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings
from connectors.cutting import json_whole
from connectors.deposits import Deposit, DepositSource, Element, Importer, Ordinals, Reading, Volume
from connectors.flickr_export import layout
from connectors.flickr_export.contents import Walk
from connectors.flickr_export.layout import entries_in, export_in
from connectors.flickr_export.photos import parts_in, read_part

_ACCESS = Access(
    permissions=("sign-in to the account on Flickr, for who asks for the copy",),
    steps=(
        "Signed in as the account, open flickr.com/account and choose Request my Flickr data.",
        (
            "Download every zip file when the message comes: that of the account's data (its name "
            "ends in part1.zip) and all of the photos and videos."
        ),
        "Put all of them into a folder of their own, and import the folder.",
    ),
    terms="Flickr gives this file to whoever holds the account. The terms of its API speak of what "
    "is got through the API; we found none that speaks of an account's own copy. Counsel should "
    "confirm.",
)


def _source(_page: PageSettings, fetching: FetchSettings, deposit: Deposit) -> DepositSource:
    export = export_in(deposit)

    def elements(volume: Volume) -> Iterator[Element]:
        if volume.sort == layout.PHOTOS:
            return parts_in(deposit, volume.name)
        if volume.sort == layout.PROFILE:
            return iter([json_whole(deposit.open(volume.name))])
        return entries_in(deposit, volume.name)

    def readings() -> Iterator[Reading]:
        walk = Walk(export, Ordinals())
        for volume in export.volumes:
            photo = volume.sort == layout.PHOTOS
            yield Reading(
                name=volume.name,
                elements=partial(elements, volume),
                shows=partial(read_part, walk, file=volume.name)
                if photo
                else walk.reader(volume.sort),
                unit="entry",
            )

    return DepositSource(
        deposit,
        fetching,
        readings,
        lacking=export.lacking,
        consulted=export.consulted,
        places=export.places,
    )


CONNECTOR = Importer(
    "flickr-export",
    platform="flickr",
    settings=(),
    capabilities=Capabilities(
        posts=True,
        comments=True,
        media=True,
        hidden=True,
        edits="diff",
        removals="none",
        backfill="every photo and film of the account with the public's comments, as of the export",
        blind_to=(
            "anything deleted before the export was made, and earlier wordings",
            "the zone of its times: UTC is taken (the item says zone-assumed)",
            "of which photo a file is, where its name tells no id: a gap says how many",
            "names of those who commented: the export tells their ids alone",
            "testimonials, which are not dated; tags, notes and places are in the raw fragment",
            "what the account marked as a favourite, its contacts and followers: never read",
        ),
        access=_ACCESS,
    ),
    making=_source,
)
"""Imports Flickr's copy of an account's data."""
