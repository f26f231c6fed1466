"""The report of a hold: what, since when, how many, who was told, and what was already gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from archiver.catalogue import (
    Reading,
    captures,
    disposals,
    expunging,
    growths,
    holds,
    inspection,
    matters,
    narrowings,
    notices,
    pages,
    roster,
)
from archiver.catalogue.captures import GapRow
from archiver.catalogue.growths import GrowthRow
from archiver.catalogue.holds import HoldRow
from archiver.catalogue.items import DESTROYED
from archiver.catalogue.narrowings import NarrowingRow
from archiver.catalogue.notices import NoticeRow
from archiver.catalogue.pages import PageRow
from archiver.procedures.account import Account
from archiver.procedures.evaluating import BATCH
from archiver.procedures.hold import covered_at_the_end, covered_by, named
from archiver.procedures.lost_items import Lost, lost_items
from archiver.records.canonical import read_object
from archiver.records.events import EventKind, Leaf
from archiver.records.matters import Matter
from archiver.records.moments import micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What in the bounds of a hold one batch of a disposition had destroyed, or has since.

    *certificate* is the digest of the certificate, empty until the batch is done.
    """

    batch: str
    certificate: str
    destroyed_at: int | None
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Widening:
    """The hold *wide* was widened by another, *by* (opaque id) and at a moment (µs UTC).

    What is *added* is a hold of its own, with a scope of its own.
    """

    wide: str
    added: str
    at: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReport:
    """Everything that a court may ask of a hold.

    *widenings* are those of this hold, and the one that it is itself, if it is; *narrowings* go
    with how many items left by each. *people* are names by opaque id, as the roster has them.
    *untold* counts destroyed items of the whole archive whose tombstones say nothing of where they
    lay: whether they were in its bounds nobody can tell. *lost* are items of which the ledger tells
    and the catalogue has no row, and that it covered or may have. *gaps* are what captures of the
    pages in its bounds could not have, and still have not.
    """

    row: HoldRow
    matter: Matter
    covered: int
    widenings: tuple[Widening, ...]
    narrowings: tuple[tuple[NarrowingRow, int], ...]
    growths: tuple[GrowthRow, ...]
    notices: tuple[NoticeRow, ...]
    gone: tuple[Gone, ...]
    untold: int
    lost: tuple[Lost, ...]
    gaps: tuple[GapRow, ...]
    pages: dict[int, PageRow]
    people: dict[str, str]


def report(account: Account, name: str) -> HoldReport:
    """Give the report of the hold *name*.

    Raises:
        NotFound: there is no such hold.
    """
    row = named(account, name)
    gone = _gone(account, row)
    with account.catalogue.reading() as connection:
        matter = matters.by_id(connection, row.hold.matter)
        on_pages = pages.every(connection)
        scopes = [scope.pages for scope in row.hold.scopes if scope.pages]
        within = [page for page in on_pages if all(page.page in some for some in scopes)]
        return HoldReport(
            row=row,
            matter=matter.matter if matter else Matter(id=row.hold.matter, kind=row.kind, name=""),
            covered=covered_by(connection, row, covered_at_the_end(connection)),
            widenings=tuple(_widenings(connection, name)),
            narrowings=tuple(
                (one, narrowings.left_with(connection, one.n))
                for one in narrowings.of_hold(connection, row.n)
            ),
            growths=tuple(growths.of_hold(connection, row.n)),
            notices=tuple(notices.of_hold(connection, row.n)),
            gone=gone,
            untold=expunging.remnants(connection),
            lost=tuple(one for one in lost_items(connection) if one.may_be_held(row)),
            gaps=tuple(g for page in within for g in captures.gaps_open_on(connection, page.n)),
            pages={page.n: page for page in on_pages},
            people={member.id: member.name for member in roster.everyone(connection)},
        )


def _widenings(connection: Reading, name: str) -> Iterator[Widening]:
    """Give the widenings that the ledger tells of in which the hold *name* has a part."""
    for data in inspection.leaves_of_registers(connection, (EventKind.HOLD_EXTENDED,)):
        leaf = Leaf.from_json(read_object(data))
        added = str(leaf.particulars["by"])
        if name in (leaf.subject, added):
            yield Widening(wide=leaf.subject, added=added, at=micros(leaf.at), by=leaf.by)


def _gone(account: Account, row: HoldRow) -> tuple[Gone, ...]:
    """Count the tombstones within a hold's bounds, batch by batch; who wrote them is not known."""
    counts: dict[int, int] = {}
    after = 0
    while True:
        with account.catalogue.reading() as connection:
            highest = holds.highest_item(connection)
            some = holds.candidates(
                connection, row.hold.scope, after=after, to=highest, limit=BATCH
            )
        if not some:
            break
        after = some[-1].row.n
        for one in some:
            batch = one.row.batch_n
            if one.row.life == DESTROYED and batch and row.hold.within_bounds(one.facts):
                counts[batch] = counts.get(batch, 0) + 1
    with account.catalogue.reading() as connection:
        batches = disposals.batches_by_numbers(connection, sorted(counts))
    return tuple(
        Gone(
            batch=batch.batch,
            certificate=batch.paper,
            destroyed_at=batch.done_at,
            items=counts[batch.n],
        )
        for batch in batches
    )
