"""The importer: one export of an account, all parts of it, read entry by entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

from archiver.records.errors import ConnectorError
from archiver.records.pages import Access, Capabilities, FetchSettings, PageSettings, Setting
from connectors.cutting import object_of
from connectors.deposits import Deposit, DepositSource, Importer, Ordinals, Reading
from connectors.snapchat_mydata import layout
from connectors.snapchat_mydata.contents import Walk, memory_day
from connectors.snapchat_mydata.layout import Export, Listed, entries_in, export_in

_ACCESS = Access(
    permissions=("sign-in to the account on Snapchat, for who asks for the copy",),
    steps=(
        (
            "Signed in as the account, open accounts.snapchat.com, My Data; switch on memories, "
            "chat media and `Export JSON files`, and choose all time."
        ),
        (
            "Download every mydata~ zip file before the links expire, and put all of them into a "
            "folder of their own."
        ),
        "Import the folder: the first file tells what those in the others are.",
    ),
    terms="Snapchat gives this file to whoever holds the account. It deletes messages by design, "
    "and we found no term against keeping one's own copy. Counsel should confirm.",
)


def _source(page: PageSettings, fetching: FetchSettings, deposit: Deposit) -> DepositSource:
    export = export_in(deposit)
    account = str(page.options.get("page_name") or "") or export.account

    def readings() -> Iterator[Reading]:
        walk = Walk(export, account, Ordinals(), _days(deposit, export))
        for volume in export.volumes:
            saved = volume.sort == layout.MEMORIES
            yield Reading(
                name=volume.name,
                elements=partial(entries_in, deposit, volume.name),
                shows=walk.memory if saved else partial(walk.message, sort=volume.sort),
                unit="entry",
            )

    return DepositSource(
        deposit,
        fetching,
        readings,
        lacking=export.lacking,
        consulted=export.consulted,
        itemless=layout.VIEWER,
        places=export.places,
    )


def _days(deposit: Deposit, export: Export) -> Counter[tuple[str, bool]]:
    """Count the memories of each day and sort, as far as they can be read."""
    counted: Counter[tuple[str, bool]] = Counter()
    for volume in export.volumes:
        if volume.sort != layout.MEMORIES or not export.memories.count:
            continue
        try:
            for listed, _ in entries_in(deposit, volume.name):
                if isinstance(listed, Listed):
                    counted[memory_day(object_of(listed.value, "it"))] += 1
        except ConnectorError:
            return Counter()
    return counted


CONNECTOR = Importer(
    "snapchat-mydata",
    platform="snapchat",
    settings=(
        Setting("page_name", "text", "The account's name, where the export does not tell it."),
    ),
    capabilities=Capabilities(
        made_ids=True,
        posts=True,
        comments=False,
        media=True,
        hidden=False,
        edits="diff",
        removals="none",
        backfill="the chats that somebody saved, and all memories, as of the export",
        blind_to=(
            "chats that nobody saved, and snaps that were opened: Snapchat keeps none of them",
            "snaps themselves: that one was sent, by whom and when, is all the export tells",
            "stories: their files lie in the export without date or word; a gap says how many",
            "which file is which memory, where neither id nor day tells it (marked file-unknown)",
            "what was drawn over a film in a chat: Snapchat does not tell to which it belongs",
            "whether a memory was ever shown to anybody: memories are restricted, as chats are",
            "what staff watched, searched for and where they were: it is never read",
        ),
        access=_ACCESS,
    ),
    making=_source,
)
"""Imports Snapchat's copy of an account's data."""
