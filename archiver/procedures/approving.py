"""Approving: people take the steps of a plan's chain, one after the other.

An approval binds one exact set of items and one version of the schedule. What was touched since
leaves the set by itself, because it is asked for again; a set that has become another, or another
schedule, voids the whole plan. The scheduler can take no step.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from archiver.catalogue import Reading, disposals, plans, roster
from archiver.catalogue.plans import ApprovalRow, PlanRow
from archiver.procedures.account import Account
from archiver.procedures.authority import QUORUM, attempt, demand, demand_quorum, refuse
from archiver.procedures.binding import bound_of
from archiver.procedures.instruments import instrument_at, keep_instrument
from archiver.procedures.planning import named
from archiver.records import approval
from archiver.records.approval import Approval, Standing, Terms, When
from archiver.records.canonical import Json
from archiver.records.errors import ArchiverError, ConfigInvalid, NotApproved
from archiver.records.events import EventKind
from archiver.records.moments import micros
from archiver.records.people import Person, Right, Role, SignedIn
from archiver.records.schedules import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a step of approval rests on: the *file*, its day, and who signed it outside."""

    file: Path | None = None
    dated: date | None = None
    signed_by: str = ""
    none_under: tuple[str, ...] = ()
    """Exclusions of the schedule, by their codes, under which the person found nothing here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """How the approval of a plan stands: its steps, those that were taken, and what is next."""

    plan: PlanRow
    steps: tuple[str, ...]
    taken: tuple[Approval, ...]
    standing: Standing
    waits_for: str | None


def chain(account: Account, name: str, terms: Terms) -> Chain:
    """Say how the approval of the plan called *name* stands today.

    Raises:
        NotFound: there is no such plan.
    """
    row = named(account, name)
    with account.catalogue.reading() as connection:
        taken = taken_of(account, connection, row)
    steps = tuple(json.loads(row.chain))
    found = Chain(
        plan=row,
        steps=steps,
        taken=tuple(taken),
        standing=approval.standing(steps, taken, terms, on=account.today()),
        waits_for=approval.next_step(steps, taken),
    )
    if row.status in _ENDED:  # unattended perhaps: then nobody approved it, and nobody can
        return replace(found, standing=_ENDED[row.status], waits_for=None)
    return found


_MAKE_ANOTHER = "What is due now, a new plan lists: `archiver dispositions plan`."
_ENDED = {
    "making": Standing.MAKING,
    "empty": Standing.EMPTY,
    "declined": Standing.DECLINED,
    "void": Standing.VOID,
    "carried_out": Standing.CARRIED_OUT,
}
"""How a plan stands that waits for nobody, whatever steps of its chain were taken."""


def taken_of(account: Account, connection: Reading, row: PlanRow) -> list[Approval]:
    """Give the steps of a plan that were taken."""
    return [
        Approval(
            step=one.step,
            by=one.by,
            role=Role(one.role),
            on=date.fromordinal(one.on_day),
            entered_on=account.day(one.at),
            document=one.document,
        )
        for one in plans.approvals_of(connection, row.n)
    ]


def alone(account: Account, terms: Terms) -> bool:
    """Say whether this is a demonstration of one person, who may walk a whole chain."""
    if not terms.demonstration:
        return False
    today = account.today()
    with account.catalogue.reading() as connection:
        people = [member.on(today) for member in roster.everyone(connection)]
    return sum(person.may(Right.APPROVE) for person in people) < QUORUM


def approve(
    account: Account,
    signed: SignedIn,
    name: str,
    step: str,
    *,
    schedule: Schedule | None,
    terms: Terms,
    document: Document,
) -> Chain:
    """Take *step* of the plan called *name*; the document is kept whole, as a paper.

    Raises:
        NotFound: there is no such plan, or its chain has no such step.
        ConfigInvalid: the schedule names no such exclusion, or the document's day is to come,
            or before what the step follows.
        NotPermitted: the person may not approve, or not take this step.
        NotApproved: the step's turn has not come or is past, its document is missing or older than
            an approval may be, or the plan is void.
        QuorumMissing: fewer than two people could approve.
    """
    person = signed.person
    demand(account, person, Right.APPROVE)
    demand_quorum(account, person, name, demonstration=terms.demonstration)
    row = _open_to_steps(account, person, name, schedule)
    try:
        role = _role(account, row, step, person, terms)
        on = _dated(account, row, step, document, terms)
        _demand_exclusions(schedule, document.none_under)
    except ArchiverError as refusal:
        refuse(account, person, row.plan, refusal)
    kept = keep_instrument(account, instrument_at(document.file)) if document.file else None
    told: dict[str, Json] = {
        "plan": row.plan,
        "bound": row.bound,
        "schedule": row.schedule,
        "step": step,
        "role": role.value,
        "by": person.id,
        "means": signed.means.value,
        "on": on.isoformat(),
        "signed_by": document.signed_by,
        "document": kept.paper if kept else "",
        "sha256": kept.sha256 if kept else "",
        "none_under": list[Json](document.none_under),
    }
    _enter(account, person, row, told, account.paper("approval", told))
    account.acknowledge()
    return chain(account, name, terms)


def _open_to_steps(
    account: Account, person: Person, name: str, schedule: Schedule | None
) -> PlanRow:
    """Give a plan of which steps can be taken; those after the deed, under whatever schedule."""
    row = named(account, name)
    return row if row.status == "carried_out" else demand_standing(account, person, row, schedule)


def _role(account: Account, row: PlanRow, step: str, person: Person, terms: Terms) -> Role:
    by_one = alone(account, terms)
    with account.catalogue.reading() as connection:
        taken = taken_of(account, connection, row)
    steps = tuple(json.loads(row.chain))
    if row.status == "carried_out" and step in approval.steps_of(steps, When.BEFORE):
        done = {one.step for one in taken}
        left = [one for one in approval.steps_of(steps, When.AFTER) if one not in done]
        raise NotApproved(
            f"{row.plan} is carried out; the step {step} comes before",
            remedy=f"Of its steps only {', '.join(left)} can still be taken."
            if left
            else f"No step is left; `archiver dispositions show {row.plan}` tells what went.",
        )
    if approval.step_of(step).when is When.AFTER:
        if row.status != "carried_out":
            raise NotApproved(
                f"the step {step} comes after destruction",
                remedy=f"`archiver dispositions show {row.plan}` names the step that waits now.",
            )
        if not row.attended:  # nobody approved it; what comes after is asked for all the same
            steps = tuple(approval.steps_of(steps, When.AFTER))
    return approval.demand_step(steps, taken, step, person, proposer=row.by, alone=by_one)


def _dated(account: Account, row: PlanRow, step: str, document: Document, terms: Terms) -> date:
    if approval.step_of(step).document and document.file is None:
        raise NotApproved(
            f"the step {step} rests on a document",
            remedy="Give the signed file with --document FILE; it is kept as a paper.",
        )
    today = account.today()
    on = document.dated or today
    if on > today:
        raise ConfigInvalid(f"--on {on}: a document of a day to come approves nothing")
    if approval.step_of(step).when is When.BEFORE:
        approval.demand_recent(on, terms, today=today)
    if approval.step_of(step).when is When.AFTER and (done := _gone_on(account, row)) > on:
        raise ConfigInvalid(
            f"--on {on}: {row.plan} was carried out on {done}, and {step} comes after it",
            remedy="Give the day of the document with --on.",
        )
    return on


def _gone_on(account: Account, row: PlanRow) -> date:
    """Give the day on which the last of a plan that was carried out went."""
    with account.catalogue.reading() as connection:
        batches = disposals.batches_of(connection, row.n)
    return account.day(max((one.done_at or one.begun_at for one in batches), default=row.made_at))


def _demand_exclusions(schedule: Schedule | None, codes: Sequence[str]) -> None:
    named = {one.code for one in schedule.exclusions} if schedule is not None else set()
    if strange := [code for code in codes if code not in named]:
        raise ConfigInvalid(
            f"--none-under {', '.join(strange)}: the schedule names no such exclusion",
            remedy=f"It names {', '.join(sorted(named)) or 'none'}.",
        )


def _enter(
    account: Account, person: Person, row: PlanRow, told: dict[str, Json], paper: str
) -> None:
    now = account.now()
    taken = ApprovalRow(
        plan_n=row.n,
        step=str(told["step"]),
        by=person.id,
        role=str(told["role"]),
        at=micros(now),
        on_day=date.fromisoformat(str(told["on"])).toordinal(),
        signed_by=str(told["signed_by"]),
        document=str(told["document"]),
        paper=paper,
    )
    refused = attempt(account, person, EventKind.DISPOSITION_APPROVED, row.plan)
    with refused, account.catalogue.writing() as desk:
        done = {one.step for one in plans.approvals_of(desk.connection, row.n)}
        if plans.numbered(desk.connection, row.n).status != row.status or taken.step in done:
            raise NotApproved(f"{row.plan} was decided on by somebody else meanwhile")
        plans.approve(desk.connection, taken)
        entry: dict[str, Json] = {"st": taken.step, "r": taken.role, "s": row.schedule}
        account.enter(
            desk,
            EventKind.DISPOSITION_APPROVED,
            by=person.id,
            subject=row.plan,
            told=entry,
            paper=paper,
            at=now,
        )


def demand_standing(
    account: Account, person: Person, row: PlanRow, schedule: Schedule | None
) -> PlanRow:
    """Pass if a plan can still be approved and carried out; one that cannot is voided for good.

    Raises:
        NotApproved: it was declined, carried out or voided, lists another set of items than it
            did when it was made, or another version of the schedule is in force.
    """
    stands = row.status in {"proposed", "accepted"}
    if not stands and row.status != "carried_out":
        said = f"{row.plan} is {_ENDED[row.status].value}"
        refuse(account, person, row.plan, NotApproved(said, remedy=_MAKE_ANOTHER))
    why = ""
    if schedule is None or schedule.digest != row.schedule:
        why = "was made under another version of the schedule"
    elif stands and bound_now(account, row) != row.bound:
        why = "lists another set of items than when it was made"
    if not why:
        return row
    refusal = NotApproved(f"{row.plan} {why}, and is void", remedy=_MAKE_ANOTHER)
    if not stands:
        refuse(account, person, row.plan, refusal)
    with account.catalogue.writing() as desk:
        plans.plan_stands(desk.connection, row.n, "void")
        account.enter(desk, EventKind.DISPOSITION_VOIDED, by=person.id, subject=row.plan)
    account.acknowledge()
    raise refusal


def bound_now(account: Account, row: PlanRow) -> str:
    """Give the digest of a plan's lines as they stand in the catalogue now."""
    with account.catalogue.reading() as connection:
        return bound_of(connection, row.n)
