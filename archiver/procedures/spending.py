"""Spending: what visits spend of daily budgets, kept from one run to the next.

A platform counts by its own day and over all pages of a credential, and so does this account.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from archiver.catalogue import spendings
from archiver.catalogue.spendings import SpentRow
from archiver.procedures.account import Account
from archiver.records.pages import PageSettings, Spending


def write_spending(account: Account, page: PageSettings, spending: Spending) -> int:
    """Write down what a visit of *page* spent; give what the account's whole day comes to.

    Which credential it was is kept as a salted digest.
    """
    opaque = account.key.commit("budget", spending.account)
    mine = account.key.page(page.platform, page.identity)
    with account.catalogue.writing() as desk:
        at = account.now_micros()
        return spendings.spend(desk.connection, mine, replace(spending, account=opaque), at=at)


@dataclass(frozen=True, slots=True)
class Spent:
    """What was spent with the credential of a page on the last day it asked at a price."""

    page: PageSettings
    row: SpentRow

    def __str__(self) -> str:
        """Say it in words."""
        row = self.row
        of = f" of {row.limit}" if row.limit is not None else ""
        return f"{row.spent}{of} {row.unit} spent on {row.day}"


def spent(account: Account, pages: Iterable[PageSettings]) -> dict[str, Spent]:
    """Give what was spent last on each of *pages* that have a budget, by the page's name."""
    with account.catalogue.reading() as connection:
        rows = spendings.last_spent(connection)
    found = {}
    for page in pages:
        row = rows.get(account.key.page(page.platform, page.identity))
        if row is not None:
            found[page.name] = Spent(page, row)
    return found
