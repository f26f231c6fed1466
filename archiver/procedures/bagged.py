"""What lies in a bag for another archive, as disposition sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeAlias

from archiver.catalogue import Reading, bags, items
from archiver.catalogue.bags import Bagged, BagRow
from archiver.catalogue.items import ItemRow
from archiver.procedures.account import Account
from archiver.records.transfers import BagStatus, Transferred

Lying: TypeAlias = "tuple[BagRow, Bagged]"
"""A written bag, and how an item lies in it."""


_SLICE = 500


def look_again(connection: Reading, row: BagRow, on: date) -> None:
    """Have everything that lies in a bag looked at on the day *on*."""
    after = 0
    while some := bags.lying_in(connection, row.n, after=after, limit=_SLICE):
        items.look_again(connection, [one.item_n for one in some], on.toordinal())
        after = some[-1].item_n


def transferred(
    account: Account, bagged: Mapping[int, Lying], rows: Sequence[ItemRow]
) -> dict[int, Transferred]:
    """Give, by item number, what each of *rows* comes to that is *bagged*.

    A receipt counts from the day it was entered, for the versions that were in the bag, and only
    where nobody edited its rows behind us: everything else counts as awaiting one.
    """
    found = {}
    for row in rows if bagged else ():
        if row.n not in bagged:
            continue
        bag, lying = bagged[row.n]
        sound = bag.seal == bag.true_seal(account.key)
        sound = sound and lying.seal == lying.true_seal(account.key, bag.n)
        received = sound and bag.status == BagStatus.RECEIVED
        if received and lying.version < row.version:
            continue  # it was edited since: what is here now has not been transferred
        at = bag.received_at if received else None
        on = account.day(at) if at is not None else None
        found[row.n] = Transferred(bag=bag.bag, received_on=on)
    return found
