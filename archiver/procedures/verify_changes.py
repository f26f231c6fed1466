"""Verifying that the ledger tells of no later state than the rows of items and threads do."""

from __future__ import annotations

from collections.abc import Sequence

from archiver.catalogue import Reading, disposals, inspection
from archiver.catalogue.inspection import Glance
from archiver.procedures.activity import threads_behind
from archiver.procedures.row_deeds import behind
from archiver.procedures.verify_findings import Fault, Findings


def check_changes(connection: Reading, some: Sequence[Glance], found: Findings) -> None:
    """Name every live item whose row was put back as it stood before the ledger's last word.

    A thread whose row was put back to before one of *some* changed is named as well.
    """
    told = inspection.changes_of(connection, [one.item for one in some])
    rows = [one.understood().row for one in some if one.item in told]
    for item in sorted(behind(rows, told)):
        found.name(found.edited, Fault(item, "the ledger tells of a later state than its row"))
    threads = disposals.threads_by_numbers(connection, [row.thread_n for row in rows])
    known = {thread.n for thread in threads}
    outdone = threads_behind(threads, [row for row in rows if row.thread_n in known], told)
    for thread in (thread for thread in threads if thread.n in outdone):
        why = "the ledger tells of a later activity than the row of its thread"
        found.name(found.edited, Fault(thread.thread, why))
