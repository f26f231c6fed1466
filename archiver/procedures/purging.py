"""The purge: the disposition of lapsed transitory items that nobody attends.

Where the adoption authorises it and the configuration says carry-out; everything else is a
plan that waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial

from archiver.procedures.account import Account
from archiver.procedures.deciding import decisions
from archiver.procedures.dispose import Disposer, carry_out_as_far, finish_begun
from archiver.procedures.due_now import NOTHING_FOR_PEOPLE, ForPeople, due_for_people
from archiver.procedures.expunging import resume_orders
from archiver.procedures.gathering import finish_sending_back, gather, ready
from archiver.procedures.planning import Plan, plan
from archiver.procedures.staying import Anew, Stays, Together
from archiver.records.disposition import Action, Why
from archiver.records.errors import ArchiverError, CeilingReached, ObjectError
from archiver.records.people import Person
from archiver.records.schedules import Schedule


@dataclass(slots=True)
class Purged:
    """What a purge came to. *resumed* items had been begun by an earlier run.

    *sample* is the plan of which a sample was drawn now, for a person to look at. *superseded* are
    plans that waited, and whose place the new one has taken: they are void.

    *due* counts what may go unattended, *for_people* what is due by people's approval alone, where
    somebody looked. *upcoming* says of an item when it falls due, and whether it may go unattended.
    """

    plan: str = ""
    due: int = 0
    destroyed: int = 0
    resumed: int = 0
    sample: str = ""
    superseded: tuple[str, ...] = ()
    stayed: Together = field(default_factory=Together)
    for_people: ForPeople = NOTHING_FOR_PEOPLE
    upcoming: list[tuple[str, date, bool]] = field(default_factory=list)


def purge(
    disposer: Disposer,
    person: Person,
    schedule: Schedule,
    *,
    carry_out_too: bool,
    progress: Callable[[int], None] = lambda _count: None,
    result: Purged | None = None,
) -> Purged:
    """Finish what was begun, plan what is due, and carry it out where that is authorised.

    *due* counts what is due, whether it goes or stays. The copy of the ledger is up to date
    when this returns. What it came to is written into *result*, also where it raises.

    Raises:
        NotPermitted: the person may neither dispose nor maintain.
        RestoreUnconfirmed: the archive was restored and not reconciled.
        CeilingReached: more would go at once than is usual here.
        ObjectError: the store refused some of it, or had not all of it as it was kept, and all
            the rest of the purge is done; or it did not answer.
    """
    account, on = disposer.account, disposer.account.today()
    result = result if result is not None else Purged()
    refusals = _resume(disposer, person, result)
    finish_sending_back(account, person)
    adoption = schedule.adoption
    authorised = carry_out_too and adoption is not None and adoption.unattended_purge
    for sampled in ready(account, schedule, disposer.sampling) if authorised else ():
        try:
            refusals += _go(disposer, person, sampled, schedule, result, progress)
        except CeilingReached as refusal:  # it waits for people; the rest of the night does not
            refusals.append(refusal)
    result.due = result.destroyed + len(result.stayed)
    made = plan(account, person, schedule, on=on, sampling=disposer.sampling)
    result.plan, result.due = made.name, result.due + made.due + len(made.stayed)
    result.superseded = made.superseded
    result.stayed.add(made.stayed)
    if made.waiting and (gathered := gather(account, person, schedule, disposer.sampling, on=on)):
        result.sample, result.due = gathered.name, result.due + gathered.due
    if authorised:
        refusals += _go(disposer, person, made, schedule, result, progress)
    account.acknowledge()
    if refusals:
        raise refusals[0]
    return result


def _resume(disposer: Disposer, person: Person, result: Purged) -> list[ArchiverError]:
    """Finish what was begun; give what the store refuses, which stops nothing else."""
    finished = finish_begun(disposer, person)
    result.resumed = finished.destroyed
    refusals: list[ArchiverError] = [finished.refusal] if finished.refusal is not None else []
    try:
        result.resumed += resume_orders(disposer, person)
    except ObjectError as refusal:
        refusals.append(refusal)
    return refusals


def _go(
    disposer: Disposer,
    person: Person,
    going: Plan,
    schedule: Schedule,
    result: Purged,
    progress: Callable[[int], None],
) -> list[ArchiverError]:
    """Carry out a plan; give what the store refused of it."""
    on = disposer.account.today()
    receipt = carry_out_as_far(disposer, person, going, schedule, on=on, progress=progress)
    result.destroyed += receipt.destroyed
    result.stayed.add(receipt.stayed)
    return [receipt.refusal] if receipt.refusal is not None else []


def look(account: Account, schedule: Schedule, *, days: int = 0) -> Purged:
    """Say what is due today, unattended or not, and what falls due within *days*; touch nothing.

    What falls due is told as it stands today: that no capture has looked at it since cannot be
    otherwise yet, and keeps it off no list.
    """
    on = account.today()
    due, stayed = due_unattended(account, schedule)
    result = Purged(due=due)
    result.for_people = due_for_people(account, schedule, most=None)
    if days:
        result.upcoming.extend(_upcoming(account, schedule, on, on + timedelta(days=days)))
    result.stayed.add(Anew(stayed, partial(_staying, account, schedule, on)))
    return result


def due_unattended(account: Account, schedule: Schedule) -> tuple[int, int]:
    """Count what is due today and may go unattended, and how much of that stays."""
    due = stayed = 0
    for one in decisions(account, schedule, on=account.today()):
        stayed += len(one.members) if one.stayed else 0
        if one.stayed or one.verdict.action is Action.DESTROY:
            due += len(one.members)
    return due, stayed


def _staying(account: Account, schedule: Schedule, on: date) -> Iterator[Stays]:
    """Give what is due on the day *on* and stays: there may be as much as the archive has items."""
    for one in decisions(account, schedule, on=on):
        if one.stayed:
            yield from ((item.item, one.reasons(item)) for item in one.members)


def _upcoming(
    account: Account, schedule: Schedule, on: date, until: date
) -> Iterator[tuple[str, date, bool]]:
    """Give what falls due after the day *on* and until *until*: when, and whether unattended."""
    alone: set[str] = set()
    for attended in (False, True):
        for one in decisions(account, schedule, on=on, horizon=until, attended=attended):
            due, reasons = one.verdict.due, {reason.why for reason in one.verdict.reasons}
            goes = one.verdict.action is not Action.KEEP or reasons == {Why.NO_CAPTURE_SINCE}
            if due is None or due <= on or not goes or one.row.thread in alone:
                continue
            if not attended:
                alone.add(one.row.thread)
            yield from ((item.item, due, not attended) for item in one.members)
