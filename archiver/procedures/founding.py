"""Founding an archive: tables, the ledger's first entry, and the first two people."""

from __future__ import annotations

from archiver.catalogue import facts, items, ledger, plans, roster
from archiver.catalogue.unasked import Unasked, stands
from archiver.catalogue.upgrading import upgrade
from archiver.ports import Shelf
from archiver.procedures.account import Account
from archiver.procedures.adopting import schedule_paper
from archiver.procedures.roster import enter_newcomer, new_id, person_paper
from archiver.procedures.verify_findings import Fault, Findings
from archiver.records.canonical import canonical
from archiver.records.errors import CatalogueUnavailable
from archiver.records.events import EventKind
from archiver.records.people import Person, Role
from archiver.records.roster import Span, newcomer
from archiver.records.schedules import Schedule
from archiver.records.wordings import ScheduleText

FORMAT = "records-archive/1"

MANIFEST = "archive.json"
"""The file of the object store that says which form it has; an archive never reads it to go on."""

_SAID = canonical({"format": FORMAT})


def found(account: Account, *, os_account: str, service_account: str) -> Person | None:
    """Found the archive if nobody has; give its first person, or None where it stood before.

    The OS account that founds it becomes the first person, with every role but the service's.

    Raises:
        CatalogueUnavailable: the object store holds an archive whose catalogue is gone.
    """
    upgrade(account.catalogue)
    if _stands(account):
        put_manifest(account.shelf)
        return None
    if entries := account.copy.size():
        raise CatalogueUnavailable(
            f"the object store holds an archive of {entries} ledger entries, and its catalogue "
            "is empty",
            remedy="Run `archiver rebuild`, or restore the catalogue from a backup; for a new "
            "archive, name an empty place in [archive] objects.",
        )
    put_manifest(account.shelf)
    span = Span(account.today())
    first = newcomer(
        person=new_id(),
        name=os_account,
        account=os_account,
        shared=False,
        roles=[role for role in Role if role is not Role.SERVICE],
        span=span,
    )
    service = newcomer(
        person=new_id(),
        name="the scheduler",
        account=service_account,
        shared=False,
        roles=[Role.SERVICE],
        span=span,
    )
    papers = {member.id: person_paper(account, member) for member in (first, service)}
    with account.catalogue.writing() as desk:
        ledger.found(desk.connection)
        account.enter(desk, EventKind.ARCHIVE_FOUNDED, by=first.id)
        for member in (first, service):
            enter_newcomer(desk, account, member, by=first.id, paper=papers[member.id])
    account.acknowledge()
    return first.on(account.today())


def _stands(account: Account) -> bool:
    """Say whether somebody has founded the archive already."""
    with account.catalogue.reading() as connection:
        return bool(roster.everyone(connection))


def put_manifest(shelf: Shelf) -> None:
    """Have the object store say which form it has, where it does not, or no more."""
    if shelf.fetch(MANIFEST) != _SAID:
        shelf.place({MANIFEST: _SAID})


def manifest_spoilt(account: Account) -> Findings:
    """Name the file by which the object store says which form it has, if it is not as written."""
    found, data = Findings(), account.shelf.fetch(MANIFEST)
    if data is None:
        found.name(found.missing, Fault(MANIFEST, f"it is gone; {_AGAIN}"))
    elif data != _SAID:
        found.name(found.damaged, Fault(MANIFEST, f"it is not what was written; {_AGAIN}"))
    return found


_AGAIN = "`archiver init` writes it again"


def open_schedule(account: Account, by: Person, schedule: Schedule, text: ScheduleText) -> bool:
    """Have every thread looked at again when the schedule is not the one of the last run.

    Plans made under another version are void. The threads themselves are decided on by the next
    plans, a slice at a time; what was not reached is found by the run after.
    Of every item that is there its rules are still to be asked what they restrict (`asking_anew`).
    The texts it was read from become a paper, so that every decision can be explained. Gives
    whether it changed.
    """
    with account.catalogue.reading() as connection:
        before = facts.get(connection, facts.SCHEDULE)
    if before == schedule.digest:
        return False
    paper = account.paper("schedule", schedule_paper(schedule, text))
    with account.catalogue.writing() as desk:
        facts.put(desk.connection, facts.SCHEDULE, schedule.digest)
        plans.void_made_under_others(desk.connection, schedule.digest)
        items.look_at_all(desk.connection, account.today().toordinal())
        everything = Unasked(upto=items.next_item(desk.connection) - 1)
        stands(desk.connection, everything)
        account.enter(
            desk,
            EventKind.SCHEDULE_OPENED,
            by=by.id,
            subject=schedule.digest,
            told={"before": before or "", "z": everything.upto},
            paper=paper,
        )
    account.acknowledge()
    return True
