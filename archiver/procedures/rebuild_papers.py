"""What a rebuild reads of papers and names."""

from __future__ import annotations

from typing import cast

from archiver.catalogue.rebuilding import Doomed
from archiver.procedures.account import Account
from archiver.procedures.papers import paper_of
from archiver.records.canonical import Json
from archiver.records.events import Leaf


def doomed_by(account: Account, leaf: Leaf) -> list[Doomed]:
    """Give the items whose destruction *leaf* begins, as its paper lists them."""
    listed = cast("list[list[Json]]", paper_of(account, "batch", leaf.paper)["items"])
    return [
        Doomed(
            item=str(item),
            batch=leaf.subject,
            page=str(page),
            thread=str(thread),
            kind=str(kind),
            published_at=int(str(published)),
            cooling_until=None if cooling is None else int(str(cooling)),
        )
        for item, _series, page, thread, kind, published, cooling, *_ in listed
    ]
