"""The source of a Meta export: its files in the order of their shelves, each cut and read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from archiver.records.captures import Observation
from archiver.records.errors import ConnectorError
from archiver.records.pages import FetchSettings
from connectors.deposits import Deposit, DepositSource, Ordinals, Reading, Shown, Volume
from connectors.meta_export.messages import conversation, message
from connectors.meta_export.shelves import ITEMLESS, Layout

_LARGEST_SMALL_FILE = 1024**2

Shows = Mapping[str, Callable[[object, bytes], Iterator[Shown]]]
"""What an element shows, for each shelf by its name; made anew for each visit."""


def meta_source(
    deposit: Deposit,
    fetching: FetchSettings,
    layout: Layout,
    shows: Callable[[Ordinals], Shows],
) -> DepositSource:
    """Give the source that reads *layout*; messages need nothing of *shows*."""

    def readings() -> Iterator[Reading]:
        ordinals = Ordinals()
        of_shelf = shows(ordinals)
        for volume in layout.volumes:
            shelf = layout.shelves[volume.place].name
            yield Reading(
                name=volume.name,
                elements=partial(layout.elements, deposit, volume),
                shows=of_shelf.get(shelf) or partial(_message, ordinals, volume),
            )

    return DepositSource(
        deposit,
        fetching,
        readings,
        unread=layout.unread,
        itemless=ITEMLESS,
        places=layout.places,
    )


def small_json(deposit: Deposit, name: str) -> object:
    """Give what the file called *name* holds; nothing where it is large, or cannot be read."""
    if not name or deposit.size(name) > _LARGEST_SMALL_FILE:
        return None
    try:
        return json.loads(b"".join(deposit.open(name)))
    except (ValueError, RecursionError, ConnectorError):
        return None


def _message(
    ordinals: Ordinals, volume: Volume, value: object, raw: bytes
) -> Iterator[Observation]:
    yield message(value, raw, ordinals, thread=conversation(volume.name))
