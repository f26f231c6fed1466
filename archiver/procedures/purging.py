"""The purge: the disposition of lapsed transitory items that nobody attends.

Where the adoption authorises it and the configuration says carry-out; everything else is a
plan that waits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from archiver.procedures.account import Account
from archiver.procedures.deciding import decisions
from archiver.procedures.dispose import Disposer, carry_out, resume
from archiver.procedures.expunging import resume_orders
from archiver.procedures.planning import plan
from archiver.records.disposition import Action, Why
from archiver.records.people import Person
from archiver.records.schedules import Schedule

Stayed = list[tuple[str, tuple[str, ...]]]


@dataclass(slots=True)
class Purged:
    """What a purge came to. *resumed* items had been begun by an earlier run."""

    plan: str = ""
    due: int = 0
    destroyed: int = 0
    resumed: int = 0
    stayed: Stayed = field(default_factory=list)
    upcoming: list[tuple[str, date]] = field(default_factory=list)


def purge(
    disposer: Disposer,
    person: Person,
    schedule: Schedule,
    *,
    carry_out_too: bool,
    progress: Callable[[int], None] = lambda _count: None,
) -> Purged:
    """Finish what was begun, plan what is due, and carry it out where that is authorised.

    *due* counts what is due, whether it goes or stays. The copy of the ledger is up to date
    when this returns.

    Raises:
        NotPermitted: the person may neither dispose nor maintain.
        RestoreUnconfirmed: the archive was restored and not reconciled.
    """
    account = disposer.account
    resumed = resume(disposer, person) + resume_orders(disposer, person)
    on = account.today()
    made = plan(account, person, schedule, on=on)
    result = Purged(
        plan=made.name, due=made.due + len(made.stayed), resumed=resumed, stayed=list(made.stayed)
    )
    adoption = schedule.adoption
    authorised = adoption is not None and adoption.unattended_purge
    if made.due and carry_out_too and authorised:
        receipt = carry_out(disposer, person, made, schedule, on=on, progress=progress)
        result.destroyed = receipt.destroyed
        result.stayed.extend(receipt.stayed)
    account.acknowledge()
    return result


def look(account: Account, schedule: Schedule, *, days: int = 0) -> Purged:
    """Say what is due today, and what falls due within *days*; touch nothing.

    What falls due is told as it stands today: that no capture has looked at it since cannot be
    otherwise yet, and keeps it off no list.
    """
    on = account.today()
    result = Purged()
    for one in decisions(account, schedule, on=on):
        if one.stayed:
            result.stayed.extend((item.item, one.reasons(item)) for item in one.members)
        if one.stayed or one.verdict.action is Action.DESTROY:
            result.due += len(one.members)
    if days:
        for one in decisions(account, schedule, on=on, horizon=on + timedelta(days=days)):
            due, reasons = one.verdict.due, {reason.why for reason in one.verdict.reasons}
            if due is not None and due > on and reasons <= {Why.LAPSED, Why.NO_CAPTURE_SINCE}:
                result.upcoming.extend((item.item, due) for item in one.members)
    return result
