"""Verifying what decides: the registers by which something goes now, held against the ledger.

It is a part of what `verify` looks at, read through an index over the entries about registers, so
that it can be asked before every destruction, however many items were captured.
"""

from __future__ import annotations

from archiver.catalogue import inspection
from archiver.catalogue.registers import readable
from archiver.catalogue.replica import REGISTERS, deciding, differing, replayed, replica
from archiver.procedures.account import Account
from archiver.procedures.rebuild_deeds import number_in
from archiver.procedures.rebuild_ledger import deeds_of_registers
from archiver.procedures.rebuild_roster import REPLAYS
from archiver.procedures.verify_findings import Fault
from archiver.procedures.verify_registers import orders_edited
from archiver.records.events import EventKind, read_leaf

_OF_PLANS = {
    EventKind.DISPOSITION_PLANNED,
    EventKind.DISPOSITION_APPROVED,
    EventKind.DISPOSITION_ACCEPTED,
    EventKind.DISPOSITION_DECLINED,
    EventKind.DISPOSITION_VOIDED,
    EventKind.DISPOSITION_ENDED,
}
_DECIDES_NOTHING = {
    EventKind.DISPOSITION_BEGUN,
    EventKind.DISPOSITION_DONE,
    EventKind.BACKUP_MADE,
    EventKind.NOTICE_GIVEN,
    EventKind.NOTICE_RETURNED,
    EventKind.NOTICE_REPEATED,
    EventKind.NOTICE_ACKNOWLEDGED,
}


def deciding_edited(account: Account, *, plan: str = "") -> list[Fault]:
    """Name every row by which it is decided what goes that is not as the ledger and papers tell.

    Of plans and approvals only those of *plan* are looked at; the others let nothing go now.

    Raises:
        RegisterUnreadable: one of them cannot be read at all.
    """
    deeds = deeds_of_registers(account, lines=False)
    deeds = {kind: deed for kind, deed in deeds.items() if kind not in _DECIDES_NOTHING}
    faults: list[Fault] = []
    registers = deciding(number_in(plan) if plan else 0)
    with (
        account.catalogue.reading() as connection,
        readable("a register"),
        replica() as told,
    ):
        for data in inspection.leaves_of_registers(connection, tuple(deeds)):
            leaf = read_leaf(data)
            if leaf is None or (leaf.kind in _OF_PLANS and leaf.subject != plan):
                continue
            if why := replayed(told, deeds.get(leaf.kind), leaf):
                faults.append(Fault(leaf.subject or leaf.kind, why))
        differ = differing(connection, told, numbers=not faults, registers=registers)
        faults.extend(Fault(name, why) for name, why in differ)
        faults.extend(orders_edited(account, connection))
    return faults


def roster_edited(account: Account) -> list[Fault]:
    """Name every member of the roster who is not there as the ledger and its papers tell."""
    deeds = {kind: deeds_of_registers(account)[kind] for kind in REPLAYS}
    registers = [one for one in REGISTERS if one.table.name == "people"]
    faults: list[Fault] = []
    with account.catalogue.reading() as connection, readable("the roster"), replica() as told:
        for data in inspection.leaves_of_registers(connection, tuple(deeds)):
            leaf = read_leaf(data)
            if leaf is not None and (why := replayed(told, deeds.get(leaf.kind), leaf)):
                faults.append(Fault(leaf.subject, why))
        differ = differing(connection, told, numbers=not faults, registers=registers)
        faults.extend(Fault(name, why) for name, why in differ)
    return faults
