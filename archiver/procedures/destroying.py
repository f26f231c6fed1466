"""The lock of the whole archive under which alone anything is destroyed.

A backup takes it, too: what it has read of the catalogue and of the ledger would not tell why the
bytes of an item are gone by the time it comes to copy them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from archiver.procedures.account import Account
from archiver.records.errors import ArchiveBusy

DESTROYING = "disposition"


@contextmanager
def alone_destroying(account: Account, *, wait: bool = True) -> Iterator[None]:
    """Be the only one who may destroy anything; whoever waits does so for two minutes at most.

    Raises:
        ArchiveBusy: somebody else destroys something, or makes a backup.
    """
    with ExitStack() as alone:
        try:
            alone.enter_context(account.catalogue.exclusive(DESTROYING, wait=wait))
        except ArchiveBusy as busy:
            raise ArchiveBusy(
                "somebody destroys, or makes a backup, and nobody else destroys anything meanwhile",
                remedy="Say it again when that has ended; what is due stays due.",
            ) from busy
        yield
