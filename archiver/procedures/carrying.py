"""Carrying out a plan that people approved: every approval and every item is asked for again.

The purge, which nobody attends, is another way to the same destruction.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta

from archiver.catalogue.plans import PlanRow
from archiver.procedures.account import Account
from archiver.procedures.approving import chain, demand_standing
from archiver.procedures.authority import (
    demand,
    demand_another_let_go,
    demand_below_ceiling,
    demand_clock,
    demand_quorum,
    demand_to_destroy,
    refuse,
)
from archiver.procedures.believing import demand_believable
from archiver.procedures.destroying import alone_destroying
from archiver.procedures.dispose import Disposer, work_off
from archiver.procedures.errands import Errand, Receipt
from archiver.procedures.judging import demand_sampled
from archiver.procedures.planning import Plan, named
from archiver.records.approval import Standing, Terms
from archiver.records.disposition import Action
from archiver.records.errors import ArchiverError, NotApproved
from archiver.records.people import Person, Right, SignedIn
from archiver.records.schedules import Schedule

Progress = Callable[[int], None]


def carry_out_approved(
    disposer: Disposer,
    signed: SignedIn,
    name: str,
    schedule: Schedule | None,
    *,
    terms: Terms,
    on: date,
    confirmed: int | None = None,
    progress: Progress = lambda _count: None,
) -> Receipt:
    """Destroy what the plan called *name* lists and may still be destroyed.

    More than the ceiling goes only where its exact number of items is *confirmed*. Where the store
    refused some of it, or had not all of it as it was kept, all the rest is done, and that stands
    in what is given.

    Raises:
        NotFound: there is no such plan.
        NotPermitted: the person may not dispose.
        NotApproved: a step of its chain is missing, its approval has expired or rests, its
            sample is not confirmed, it is void.
        CeilingReached: more would go at once than is usual, and nobody confirmed the number.
        QuorumMissing: fewer than two people could approve.
        NotAdopted: no adoption gives the schedule force.
        ClockDoubted: the clock was put back, or leapt ahead, and nobody confirmed it.
        RestoreUnconfirmed: the archive was restored and not reconciled.
        RegisterUnreadable: an approval, or another register, is not as the ledger tells.
        ArchiveBusy: another process is disposing, or makes a backup.
    """
    account, person = disposer.account, signed.person
    demand(account, person, Right.DISPOSE)
    with alone_destroying(account, wait=False):
        demand_quorum(account, person, name, demonstration=terms.demonstration)
        row = demand_standing(account, person, named(account, name), schedule)
        demand_approved(account, person, row, terms, to=Action.DESTROY)
        demand_clock(account, person, name, days=disposer.clock_days)
        demand_to_destroy(account, person, name, row.schedule, schedule, attended=True)
        demand_believable(account, person, name, plan=name)
        if not terms.demonstration:
            demand_another_let_go(account, person, name, row.n)
        demand_sampled(account, person, row, schedule, disposer.sampling)
        demand_below_ceiling(account, person, name, row.due, disposer.ceiling, confirmed=confirmed)
        errand = Errand(
            account=account,
            person=person,
            plan=saved(row),
            schedule=schedule,
            on=on,
            objects=disposer.keeper,
            locker=disposer.locker,
            sampling=disposer.sampling,
        )
        return work_off(disposer, errand, progress=progress)


def demand_approved(
    account: Account, person: Person, row: PlanRow, terms: Terms, *, to: Action
) -> None:
    """Pass if *row* is a plan *to* do this, and approved, today.

    Raises:
        NotApproved: it is not.
    """
    refusal: ArchiverError | None = None
    standing = chain(account, row.plan, terms)
    if row.status != "proposed":
        refusal = NotApproved(
            f"{row.plan} is {row.status.replace('_', ' ')}",
            remedy="What is due now, a new plan lists: `archiver dispositions plan`.",
        )
    elif Action(row.action) is not to:
        refusal = NotApproved(f"{row.plan} is a plan to {row.action}, not to {to}")
    elif standing.standing is Standing.RESTING:
        newest = max(approval.entered_on for approval in standing.taken)
        rests = newest + timedelta(days=terms.grace_days)
        refusal = NotApproved(
            f"{row.plan} is in its grace period until {rests.isoformat()}",
            remedy="Wait until then; a hold still wins.",
        )
    elif standing.standing is Standing.EXPIRED:
        refusal = NotApproved(
            f"the approval of {row.plan} has expired", remedy="Make a new plan, and approve it."
        )
    elif standing.standing is Standing.WAITING:
        refusal = NotApproved(f"{row.plan} waits for the step {standing.waits_for}")
    if refusal is not None:
        refuse(account, person, row.plan, refusal)


def saved(row: PlanRow) -> Plan:
    """Give a plan that was saved, to be carried out with people attending."""
    return Plan(
        name=row.plan,
        n=row.n,
        schedule=row.schedule,
        on=date.fromordinal(row.on_day),
        attended=True,
        action=Action(row.action),
        due=row.due,
        bound=row.bound,
        chain=tuple(json.loads(row.chain)),
    )
