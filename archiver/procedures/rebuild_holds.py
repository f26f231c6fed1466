"""Rebuilding what holds cover: stored coverage follows from scopes and items, and is not kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archiver.catalogue import Reading, contents, facts, holds, items, pages, rebuilding
from archiver.catalogue.holds import Candidate, HoldRow
from archiver.catalogue.items import DESTROYED, LIVE
from archiver.language.documents import IndexDocument
from archiver.procedures import hold
from archiver.procedures.account import Account
from archiver.procedures.covering import Coverer, as_document
from archiver.procedures.rebuild_ledger import cooling_fact
from archiver.records.holds import HoldStatus


def rebuild_holds(account: Account) -> None:
    """Evaluate every hold anew; items that lifted ones covered get their cool-down back.

    A lifted hold covers what it covered when it was lifted: items and texts entered later are
    none of it. Interrupted, it starts again.
    """
    with account.catalogue.writing_raw() as connection:
        rebuilding.clear_coverage(connection)
        rebuilding.evaluate_holds_to(connection, holds.highest_item(connection))
        every = holds.every(connection)
    hold.finish(account)
    for row in every:
        if row.hold.status is HoldStatus.LIFTED:
            _recall(account, row)


def _recall(account: Account, row: HoldRow) -> None:
    coverer = Coverer([replace(row, hold=replace(row.hold, status=HoldStatus.ACTIVE))])
    with account.catalogue.reading() as connection:
        until = int(facts.get(connection, cooling_fact(row.hold.id)) or 0)
    after = 0
    while True:
        with account.catalogue.writing_raw() as connection:
            some = holds.candidates(
                connection, row.hold.scope, after=after, to=row.evaluate_to, limit=hold.BATCH
            )
            covered = _covered_then(connection, coverer, row, some)
            holds.cover(connection, [(row.n, one.row.n) for one in covered])
            cooled = [
                replace(one.row, cooling_until=max(one.row.cooling_until or 0, until))
                for one in covered
                if until and one.row.life == LIVE
            ]
            items.change(connection, [cool.sealed(account.key) for cool in cooled])
        if not some:
            return
        after = some[-1].row.n


def _covered_then(
    connection: Reading, coverer: Coverer, row: HoldRow, some: Sequence[Candidate]
) -> list[Candidate]:
    """Give which of *some* the hold covered when it was lifted."""
    lifted = row.lifted_at or 0
    here = [c for c in some if c.row.life != DESTROYED and c.row.captured_at <= lifted]
    on_pages = pages.by_numbers(connection, [c.row.page_n for c in here])
    covered = []
    for one in here:
        words: list[IndexDocument] = []
        if coverer.asks_words:
            words = [
                as_document(contents.from_body(body), one.row, on_pages[one.row.page_n])
                for since, body in rebuilding.version_moments(connection, one.row.n)
                if since <= lifted
            ]
        if coverer.covering(one.facts, words):
            covered.append(one)
    return covered
