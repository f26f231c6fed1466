"""Verifying transfers: what lies in each bag is what was put there, and each receipt is its own.

How the bags themselves stand is looked at with the other registers. By a receipt our copy may go:
a row that was edited, or a document that is lost, is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from archiver.catalogue import bags, items
from archiver.catalogue.bags import BagRow
from archiver.catalogue.expunging import NOWHERE
from archiver.procedures.account import Account
from archiver.procedures.papers import paper_of
from archiver.procedures.verify_findings import Fault
from archiver.records.canonical import Json
from archiver.records.errors import LedgerDamaged

_SLICE = 2_000


def transfers_edited(account: Account) -> Iterator[Fault]:
    """Name every bag, and everything in one, that is not as its papers tell."""
    with account.catalogue.reading() as connection:
        every, nowhere = bags.every(connection), bags.lying_in_none(connection)
    for bag_n, count in nowhere.items():
        yield Fault(f"bag number {bag_n}", f"it has no row, and what lies in it has {count}")
    for row in every:
        try:
            yield from _edited(account, row)
            yield from _lost(account, row)
            yield from _received(account, row)
        except LedgerDamaged as error:
            yield Fault(row.bag, str(error))


def _edited(account: Account, row: BagRow) -> Iterator[Fault]:
    """Name what lies in a bag under a seal that is not its own."""
    after = 0
    while True:
        with account.catalogue.reading() as connection:
            some = bags.lying_in(connection, row.n, after=after, limit=_SLICE)
            known = items.by_numbers(connection, [one.item_n for one in some])
        if not some:
            return
        for one in some:
            if one.seal != one.true_seal(account.key, row.n):
                yield Fault(known[one.item_n].item, f"its row in {row.bag} was edited behind us")
        after = some[-1].item_n


def _lost(account: Account, row: BagRow) -> Iterator[Fault]:
    """Name what was put into a bag and lies there no more, but for what a court order took."""
    if not row.paper:
        return
    for digest in cast("list[str]", paper_of(account, "bag", row.paper)["parts"]):
        listed = cast("list[list[Json]]", paper_of(account, "bag_part", digest)["items"])
        with account.catalogue.reading() as connection:
            rows = items.by_ids(connection, [str(item) for item, _ in listed]).values()
            lying = bags.bagged_of(connection, row.n, [one.n for one in rows])
        for one in rows:
            if one.n not in lying and one.page_n != NOWHERE:
                yield Fault(one.item, f"it lies in {row.bag}, and its row there is gone")


def _received(account: Account, row: BagRow) -> Iterator[Fault]:
    """Name a bag whose receipt is another's, or rests on a document that is lost."""
    if not row.receipt:
        return
    receipt = paper_of(account, "receipt", row.receipt)
    paper_of(account, "document", str(receipt["document"]))
    if (receipt["bag"], receipt["manifest"]) != (row.bag, row.manifest):
        yield Fault(row.bag, "its receipt is that of another bag")
