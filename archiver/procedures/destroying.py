"""The lock of the whole archive under which alone anything is destroyed.

A backup takes it, too: what it has read of the catalogue and of the ledger would not tell why the
bytes of an item are gone by the time it comes to copy them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from archiver.procedures.account import Account
from archiver.records.errors import ArchiveBusy

DESTROYING = "disposition"

_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.1


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


def empty_log(account: Account) -> None:
    """Empty the catalogue's log of what was struck, waiting for who may still see it.

    Raises:
        ArchiveBusy: a reader held on; the next run finishes what was begun.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    struck_by = account.catalogue.struck_by()
    while True:
        try:
            account.catalogue.truncate(struck_by)
        except ArchiveBusy:
            if time.monotonic() >= deadline:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return
