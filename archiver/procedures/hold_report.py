"""The report of a hold: what, since when, how many, who was told, and what was already gone."""

from __future__ import annotations

from dataclasses import dataclass

from archiver.catalogue import captures, disposals, expunging, holds, matters, notices, pages
from archiver.catalogue.captures import GapRow
from archiver.catalogue.holds import HoldRow
from archiver.catalogue.items import DESTROYED
from archiver.catalogue.notices import NoticeRow
from archiver.procedures.account import Account
from archiver.procedures.evaluating import BATCH
from archiver.procedures.hold import named
from archiver.records.matters import Matter


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
class HoldReport:
    """Everything that a court may ask of a hold.

    *untold* counts destroyed items of the whole archive whose tombstones say nothing of where they
    lay: whether they were in its bounds nobody can tell. *gaps* are what captures of the pages in
    its bounds could not have, and still have not.
    """

    row: HoldRow
    matter: Matter
    covered: int
    notices: tuple[NoticeRow, ...]
    gone: tuple[Gone, ...]
    untold: int
    gaps: tuple[GapRow, ...]
    pages: dict[int, str]


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
            covered=holds.covered(connection, row.n),
            notices=tuple(notices.of_hold(connection, row.n)),
            gone=gone,
            untold=expunging.remnants(connection),
            gaps=tuple(g for page in within for g in captures.gaps_open_on(connection, page.n)),
            pages={page.n: page.name for page in on_pages},
        )


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
