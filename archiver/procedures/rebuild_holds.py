"""Rebuilding what holds cover: stored coverage follows from scopes and items, and is not kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from archiver.catalogue import (
    Reading,
    contents,
    histories,
    holds,
    narrowings,
    pages,
    rebuilding,
)
from archiver.catalogue.holds import Candidate, HoldRow
from archiver.catalogue.items import DESTROYED, LIVE
from archiver.catalogue.narrowings import NarrowingRow
from archiver.language.documents import IndexDocument
from archiver.procedures import hold
from archiver.procedures.account import Account
from archiver.procedures.covering import Coverer, as_document, shown_as
from archiver.procedures.evaluating import BATCH, settled_coverer
from archiver.records.holds import HoldStatus


def rebuild_holds(account: Account) -> None:
    """Evaluate every hold anew, lifted ones too.

    A lifted hold covers what it covered when it was lifted, and one whose narrowing was cut short
    still covers what it covered then: items and texts entered later are none of it. That
    narrowing is gone on with. Interrupted, it starts again.
    """
    with account.catalogue.writing_raw() as connection:
        rebuilding.clear_coverage(connection)
        rebuilding.evaluate_holds_to(connection, holds.highest_item(connection))
        every = holds.every(connection)
        narrowed = {row.n: narrowings.of_hold(connection, row.n) for row in every}
    for row in every:
        for place, narrowing in enumerate(narrowed[row.n]):
            if not narrowing.done:
                _cover_as_before(account, row, place, narrowing)
    hold.finish(account)
    for row in every:
        if row.hold.status is HoldStatus.LIFTED:
            _recall(account, row)


def _recall(account: Account, row: HoldRow) -> None:
    """Write what a lifted hold covered."""
    coverer, lifted = settled_coverer(row), row.lifted_at or 0
    for connection, some in _slices(account, row):
        covered = _covered_then(connection, coverer, some, lifted)
        holds.cover(connection, [(row.n, one.row.n) for one in covered])


def _cover_as_before(account: Account, row: HoldRow, place: int, narrowing: NarrowingRow) -> None:
    """Write what a hold covered when it was narrowed, and what has not left it with that."""
    before = replace(row.hold, narrowed=row.hold.narrowed[:place])
    coverer = settled_coverer(replace(row, hold=before))
    for connection, some in _slices(account, row):
        there = _covered_then(connection, coverer, some, narrowing.at)
        numbers = [one.row.n for one in there if one.row.life == LIVE]
        left = histories.departed_among(connection, narrowing.n, numbers)
        holds.cover(connection, [(row.n, n) for n in numbers if n not in left])


def _slices(account: Account, row: HoldRow) -> Iterator[tuple[Reading, list[Candidate]]]:
    """Give everything within a hold's own columns, each slice in a transaction of its own."""
    after = 0
    while True:
        with account.catalogue.writing_raw() as connection:
            some = holds.candidates(
                connection, row.hold.scope, after=after, to=row.evaluate_to, limit=BATCH
            )
            if not some:
                return
            yield connection, some
        after = some[-1].row.n


def _covered_then(
    connection: Reading, coverer: Coverer, some: Sequence[Candidate], moment: int
) -> list[Candidate]:
    """Give which of *some* a hold covered at *moment*."""
    here = [c for c in some if c.row.life != DESTROYED and c.row.captured_at <= moment]
    on_pages = pages.by_numbers(connection, [c.row.page_n for c in here])
    covered = []
    for one in here:
        words: list[IndexDocument] = []
        if coverer.asks_words:
            words = [
                as_document(contents.from_body(body), one.row, on_pages[one.row.page_n])
                for since, body in rebuilding.version_moments(connection, one.row.n)
                if since <= moment
            ]
        told = [byline for byline in one.bylines if byline.since <= moment]
        if coverer.covering(one.facts_at(moment), shown_as(words, told)):
            covered.append(one)
    return covered
