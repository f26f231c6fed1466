"""Reconciling a restored archive: what was destroyed stays destroyed, and a person confirms.

Until then nothing is destroyed. Holds and destructions newer than the backup were replayed by the
restore, from the ledger's copy; an anchor kept elsewhere tells whether deeds newer still are
missing, which no machine can bring back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archiver.catalogue import facts, inspection, ledger
from archiver.ports import ObjectReader
from archiver.procedures.account import Account
from archiver.procedures.authority import demand
from archiver.procedures.destroying import alone_destroying
from archiver.procedures.dispose import Disposer
from archiver.procedures.expunging import strike_again
from archiver.procedures.restore import leaves_from, subjects
from archiver.records.canonical import Json
from archiver.records.errors import NotFound
from archiver.records.events import EventKind
from archiver.records.people import Right, SignedIn

_SLICE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """What a restored archive knows beyond its backup, and what it cannot know.

    *returned* are destroyed items whose objects came back; *missing* is how many entries an
    anchor vouches for that the ledger does not have.
    """

    backup_entries: int
    entries: int
    holds_issued: Sequence[str]
    holds_lifted: Sequence[str]
    destructions: Sequence[str]
    returned: Sequence[str]
    missing: int


def differences(
    account: Account, objects: ObjectReader, *, anchor: bytes | None = None
) -> Differences:
    """Say what `reconcile` would confirm. Nothing is changed.

    Raises:
        NotFound: the archive was not restored, or is reconciled.
        LedgerDamaged: the anchor is not of this archive, or tells another history.
    """
    with account.catalogue.reading() as connection:
        since = facts.get(connection, facts.UNRECONCILED)
        size = ledger.head(connection).size
    if not since:
        raise NotFound(
            "this archive waits for no reconciliation", remedy="`archiver status` says how it is."
        )
    newer = list(leaves_from(account, int(since)))
    kinds = [leaf.kind for leaf in newer]
    restored_at = int(since) + len(newer) - 1 - kinds[::-1].index(EventKind.ARCHIVE_RESTORED)
    return Differences(
        backup_entries=int(since),
        entries=size,
        holds_issued=subjects(newer, EventKind.HOLD_ISSUED),
        holds_lifted=subjects(newer, EventKind.HOLD_LIFTED),
        destructions=subjects(newer, EventKind.DISPOSITION_DONE),
        returned=_returned(account, objects),
        missing=account.copy.missing_from(anchor, restored_at=restored_at) if anchor else 0,
    )


def reconcile(disposer: Disposer, signed: SignedIn, confirmed: Differences) -> int:
    """Destroy again what came back, and lift the ban: who *signed* in confirmed what was shown.

    What orders of a court had destroyed is struck again, too, wherever it came back.

    Gives how many items came back and are gone again.

    Raises:
        NotPermitted: the person may not both maintain and dispose.
        ArchiveBusy: a backup is being made.
    """
    account, person = disposer.account, signed.person
    demand(account, person, Right.MAINTAIN)
    demand(account, person, Right.DISPOSE)
    listed: list[Json] = list[Json](confirmed.returned)
    told: dict[str, Json] = {
        "backup_entries": confirmed.backup_entries,
        "entries": confirmed.entries,
        "holds_issued": list[Json](confirmed.holds_issued),
        "holds_lifted": list[Json](confirmed.holds_lifted),
        "destructions": list[Json](confirmed.destructions),
        "destroyed_again": listed,
        "missing": confirmed.missing,
        "by": person.id,
        "means": signed.means.value,
    }
    paper = account.paper("reconciliation", told)
    with alone_destroying(account):
        for start in range(0, len(confirmed.returned), _SLICE):
            disposer.objects.destroy(confirmed.returned[start : start + _SLICE])
        strike_again(disposer)
    with account.catalogue.writing() as desk:
        facts.remove(desk.connection, facts.UNRECONCILED)
        account.enter(
            desk,
            EventKind.ARCHIVE_RECONCILED,
            by=person.id,
            subject=str(confirmed.backup_entries),
            told={"n": len(confirmed.returned), "m": confirmed.missing},
            paper=paper,
        )
    account.acknowledge()
    return len(confirmed.returned)


def _returned(account: Account, objects: ObjectReader) -> list[str]:
    """Name the tombstones that own objects: the backup brought back what was destroyed."""
    found: list[str] = []
    after = ""
    while True:
        with account.catalogue.reading() as connection:
            tombs = inspection.tombstones_after(connection, after=after, limit=_SLICE)
        if not tombs:
            return found
        found.extend(item for item in tombs if objects.owned(item))
        after = tombs[-1]
