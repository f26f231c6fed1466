"""Upkeep: what a week leaves behind, and nobody misses."""

from __future__ import annotations

from archiver.catalogue.compacting import compact
from archiver.procedures.account import Account
from archiver.procedures.destroying import alone_destroying


def make_room(account: Account) -> int:
    """Rewrite the catalogue without what was struck; give how many bytes shorter it is.

    Raises:
        ArchiveBusy: somebody wrote, destroyed, or made a backup all the time.
        CatalogueUnavailable: there is no room for the copy.
    """
    with alone_destroying(account):
        return compact(account.catalogue)
