"""Lost items: the ledger says they were captured, and the catalogue has no row of them.

So it is where a rebuild found nothing of their bytes, and where somebody took rows out of the
catalogue. They are lost and not destroyed: no paper says that they should go. What they said and
who wrote it is not known without their bytes, so nobody can say whether a hold covered them by
words or authors; by its pages, or by name, one can.
"""

from __future__ import annotations

from dataclasses import dataclass

from archiver.catalogue import Reading, holds, inspection, lost
from archiver.catalogue.holds import HoldRow
from archiver.procedures.account import Account
from archiver.procedures.problems import Problem
from archiver.records.canonical import read_object
from archiver.records.counting import count_of
from archiver.records.events import EventKind, Leaf
from archiver.records.moments import micros

REMEDY = (
    "see that its bytes lie in the store (from a backup, or imported again), move the catalogue "
    "away and run `archiver rebuild`"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """An item without a row: its id, when it was captured (µs UTC), and by its capture the page.

    *page_n* and *page* (opaque id) are 0 and empty where the row of the capture is gone as well.
    """

    item: str
    captured_at: int
    page_n: int
    page: str

    def may_be_held(self, row: HoldRow) -> bool:
        """Say whether the hold covered it, or may have: until it was lifted, if it was."""
        late = row.lifted_at is not None and self.captured_at > row.lifted_at
        return not late and all(s.may_cover(self.item, self.page) for s in row.hold.scopes)


def lost_items(connection: Reading) -> list[Lost]:
    """Give the items that the ledger says were captured and that have no row, once each."""
    leaves = [Leaf.from_json(read_object(data)) for data in lost.captures_without_a_row(connection)]
    names = {str(leaf.particulars["c"]) for leaf in leaves}
    lain = lost.pages_of_captures(connection, sorted(names))
    ids = inspection.page_ids(connection)
    found: dict[str, Lost] = {}
    for leaf in leaves:
        page_n = lain.get(str(leaf.particulars["c"]), 0)
        at, page = micros(leaf.at), ids.get(page_n, "")
        one = Lost(item=leaf.subject, captured_at=at, page_n=page_n, page=page)
        found.setdefault(leaf.subject, one)
    return list(found.values())


def lost_by_hold(account: Account) -> dict[str, int]:
    """Give how many items each hold covered, or may have, that a rebuild lost; 0 is left out."""
    with account.catalogue.reading() as connection:
        if not _some_were_lost(connection):
            return {}
        found = lost_items(connection)
        counts = {
            row.hold.id: sum(one.may_be_held(row) for one in found)
            for row in holds.every(connection)
        }
    return {name: count for name, count in counts.items() if count}


def lost_problems(account: Account) -> tuple[Problem, ...]:
    """Name what a rebuild did not find and the catalogue still has not, and holds of it."""
    with account.catalogue.reading() as connection:
        if not _some_were_lost(connection):
            return ()
        found = lost_items(connection)
        binding = holds.binding(connection)
    if not found:
        return ()
    held = [row.hold.id for row in binding if any(one.may_be_held(row) for one in found)]
    are = count_of(len(found), "item is", "items are")
    by = f"; may be held by {', '.join(held)}" if held else ""
    problem = Problem(
        subject="lost items",
        what=f"{are} lost: the ledger tells of them, and a rebuild did not find their bytes{by}",
        remedy=f"`archiver verify` names each: {REMEDY}.",
    )
    return (problem,)


def _some_were_lost(connection: Reading) -> bool:
    """Say whether a rebuild entered that it lost items, or a restore, which enters no number.

    Only then are all captures asked: there are as many as items, and `status` is asked often.
    """
    made_anew = (EventKind.ARCHIVE_REBUILT, EventKind.ARCHIVE_RESTORED)
    leaves = (
        Leaf.from_json(read_object(data))
        for data in inspection.leaves_of_registers(connection, made_anew)
    )
    return any(leaf.particulars.get("i") != 0 for leaf in leaves)
