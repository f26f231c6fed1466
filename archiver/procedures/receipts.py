"""What the other archive says: that it accepts what was offered, and that a bag has arrived.

Both rest on a document that is kept whole. Only a receipt lets anything follow a transfer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date

from archiver.catalogue import bags, plans
from archiver.catalogue.bags import BagRow
from archiver.catalogue.plans import ApprovalRow, PlanRow
from archiver.procedures.account import Account
from archiver.procedures.approving import Document, alone, demand_standing, taken_of
from archiver.procedures.authority import attempt, demand, refuse
from archiver.procedures.bagged import look_again
from archiver.procedures.instruments import Kept, instrument_at, keep_instrument
from archiver.procedures.planning import named
from archiver.records.approval import ACCEPTS, DECLINES, Terms, demand_recent, next_step, step_of
from archiver.records.canonical import Json
from archiver.records.disposition import Action
from archiver.records.errors import ArchiverError, ConfigInvalid, NotApproved, NotPermitted
from archiver.records.events import EventKind
from archiver.records.moments import micros
from archiver.records.people import Person, Right, SignedIn
from archiver.records.schedules import Schedule
from archiver.records.transfers import BagStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What a receipt states: its own *number*, and the SHA-256 of the bag's list of tag files."""

    number: str = ""
    manifest: str = ""


def accept(
    account: Account,
    signed: SignedIn,
    name: str,
    *,
    schedule: Schedule | None,
    terms: Terms,
    document: Document,
) -> PlanRow:
    """Enter that the other archive accepts what the plan called *name* would destroy.

    The same set is then transferred instead, and nothing of it destroyed by this plan.

    Raises:
        NotFound: there is no such plan.
        NotPermitted: the person may not approve, or proposed the plan.
        NotApproved: the plan does not wait for the other archive's answer, or there is no
            document, or one older than an approval may be.
    """
    person = signed.person
    demand(account, person, Right.APPROVE)
    row = demand_standing(account, person, named(account, name), schedule)
    try:
        roles = _demand_offered(account, person, row, terms)
        demand_recent(document.dated or account.today(), terms, today=account.today())
        kept, on = _handed_in(account, document, "an acceptance")
    except ArchiverError as refusal:
        refuse(account, person, row.plan, refusal)
    told = _told(document, kept, on) | {
        "plan": row.plan,
        "bound": row.bound,
        "by": person.id,
        "role": roles[0],
        "means": signed.means.value,
    }
    _enter_accepted(account, person, row, told, document)
    account.acknowledge()
    return replace(row, status="accepted")


def _enter_accepted(
    account: Account, person: Person, row: PlanRow, told: dict[str, Json], document: Document
) -> None:
    role, on = str(told["role"]), date.fromisoformat(str(told["on"]))
    paper, now = account.paper("acceptance", told), account.now()
    taken = ApprovalRow(
        plan_n=row.n,
        step=ACCEPTS,
        by=person.id,
        role=role,
        at=micros(now),
        on_day=on.toordinal(),
        signed_by=document.signed_by,
        document=str(told["document"]),
        paper=paper,
    )
    refused = attempt(account, person, EventKind.DISPOSITION_ACCEPTED, row.plan)
    with refused, account.catalogue.writing() as desk:
        if plans.numbered(desk.connection, row.n).status != "proposed":
            raise NotApproved(f"{row.plan} was decided on by somebody else meanwhile")
        plans.approve(desk.connection, taken)
        plans.plan_stands(desk.connection, row.n, "accepted")
        kind, by = EventKind.DISPOSITION_ACCEPTED, person.id
        account.enter(desk, kind, by=by, subject=row.plan, told={"r": role}, paper=paper, at=now)


def _demand_offered(account: Account, person: Person, row: PlanRow, terms: Terms) -> list[str]:
    """Pass if the plan waits for an answer to its offer; give the roles in which it is entered."""
    with account.catalogue.reading() as connection:
        taken = taken_of(account, connection, row)
    destroys = Action(row.action) is Action.DESTROY
    if (
        row.status != "proposed"
        or not destroys
        or next_step(json.loads(row.chain), taken) != DECLINES
    ):
        raise NotApproved(f"{row.plan} does not wait for another archive's answer to an offer")
    roles = [role.value for role in step_of(ACCEPTS).roles if role in person.roles]
    if not roles:
        may = ", ".join(sorted(step_of(ACCEPTS).roles))
        raise NotPermitted(f"{person.name} may not enter an acceptance: it takes {may}")
    if person.id == row.by and not alone(account, terms):
        raise NotPermitted(f"{person.name} proposed the plan; another person enters the acceptance")
    return roles


def receive(
    account: Account, signed: SignedIn, name: str, document: Document, stated: Stated
) -> BagRow:
    """Enter the other archive's receipt of the bag of the plan called *name*.

    What lies in it is looked at anew, and what its schedule says of it after a transfer counts
    from now on. A hold keeps it as it keeps everything.

    Raises:
        NotFound: there is no such plan.
        NotPermitted: the person may not dispose.
        NotApproved: nothing of the plan waits for a receipt, there is no document, or it states
            the digest of another bag.
        ConfigInvalid: the receipt is of a day to come, or of one before the bag was written.
    """
    person = signed.person
    demand(account, person, Right.DISPOSE)
    plan = named(account, name)
    with account.catalogue.reading() as connection:
        bag = bags.of_plan(connection, plan.n)
    try:
        row = _awaiting(plan, bag)
        if stated.manifest and stated.manifest.lower() != row.manifest:
            raise NotApproved(
                f"the receipt states the digest of another bag than {row.bag}",
                remedy=f"The SHA-256 of its tagmanifest-sha256.txt is {row.manifest}.",
            )
        kept, on = _handed_in(account, document, "a receipt", since=row.bagged_at)
    except ArchiverError as refusal:
        refuse(account, person, plan.plan, refusal)
    told = _told(document, kept, on) | {
        "plan": plan.plan,
        "bag": row.bag,
        "number": stated.number,
        "manifest": row.manifest,
        "stated": stated.manifest,
        "by": person.id,
        "name": person.name,
        "means": signed.means.value,
    }
    received = _enter(account, person, row, account.paper("receipt", told))
    account.acknowledge()
    return received


def _awaiting(plan: PlanRow, bag: BagRow | None) -> BagRow:
    if bag is None or bag.status in {BagStatus.BEGUN, BagStatus.DROPPED}:
        raise NotApproved(
            f"nothing of {plan.plan} was transferred, so nothing waits for a receipt",
            remedy="`archiver dispositions list` names plans; `status` names bags that wait.",
        )
    if bag.status != BagStatus.BAGGED:
        raise NotApproved(f"the receipt of {bag.bag} was entered already, with {bag.receipt[:16]}")
    return bag


def _enter(account: Account, person: Person, row: BagRow, paper: str) -> BagRow:
    now = account.now()
    refused = attempt(account, person, EventKind.TRANSFER_RECEIVED, row.bag)
    with refused, account.catalogue.writing() as desk:
        found = bags.called(desk.connection, row.bag)
        if found != row:
            raise NotApproved(f"{row.bag} was decided on by somebody else meanwhile")
        after = replace(row, status=BagStatus.RECEIVED, received_at=micros(now), receipt=paper)
        received = bags.write(desk.connection, after, account.key)
        look_again(desk.connection, row, account.today())
        kind, by = EventKind.TRANSFER_RECEIVED, person.id
        account.enter(desk, kind, by=by, subject=row.bag, paper=paper, at=now)
    return received


def _handed_in(
    account: Account, document: Document, what: str, *, since: int | None = None
) -> tuple[Kept, date]:
    if document.file is None:
        raise NotApproved(
            f"{what} rests on a document",
            remedy="Give the signed file with --document FILE; it is kept as a paper.",
        )
    on = document.dated or account.today()
    if on > account.today() or (since is not None and on < account.day(since)):
        raise ConfigInvalid(
            f"--on {on}: {what} is not of a day to come, nor before what it is of",
            remedy="Give the day the document itself bears; without --on it is today.",
        )
    return keep_instrument(account, instrument_at(document.file)), on


def _told(document: Document, kept: Kept, on: date) -> dict[str, Json]:
    return {
        "on": on.isoformat(),
        "signed_by": document.signed_by,
        "document": kept.paper,
        "sha256": kept.sha256,
    }
