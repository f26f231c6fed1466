"""Plans that people approve, where the story is about what comes after."""

from __future__ import annotations

from archiver.procedures import approving, planning
from archiver.procedures.approving import Document
from archiver.procedures.carrying import carry_out_approved
from archiver.procedures.errands import Receipt
from archiver.procedures.planning import Wanted
from archiver.records.approval import Terms
from archiver.records.people import Means, Person, Role, SignedIn
from tests.archive import Archive, a_colleague
from tests.procedures.test_approving import enrol

TERMS = Terms(grace_days=0)
"""No rest between approval and the deed: what would be waited for is not what is asked here."""


def a_chief(archive: Archive) -> Person:
    """Enter a chief, so that there are two who can approve."""
    chief = a_colleague(archive, Role.CHIEF, name="chief")
    enrol(archive, archive.person, chief)
    return chief


def an_approved_plan(archive: Archive, chief: Person, *series: str) -> str:
    """Plan what is due, of *series* or of all, and have every step of its chain taken."""
    account, schedule = archive.office.account, archive.office.schedule
    on, wanted = account.today(), Wanted(series=series)
    name = planning.plan(account, archive.person, schedule, on=on, wanted=wanted).name
    while step := approving.chain(account, name, TERMS).waits_for:
        taker = archive.person if step == "records_custodian" else chief
        signed = SignedIn(person=taker, means=Means.OS_ACCOUNT)
        approving.approve(
            account, signed, name, step, schedule=schedule, terms=TERMS, document=Document()
        )
    return name


def carry_out(archive: Archive, plan: str) -> Receipt:
    """Carry out the approved plan called *plan*."""
    office = archive.office
    signed = SignedIn(person=archive.person, means=Means.OS_ACCOUNT)
    with office.disposer() as disposer:
        return carry_out_approved(
            disposer, signed, plan, office.schedule, terms=TERMS, on=office.account.today()
        )
