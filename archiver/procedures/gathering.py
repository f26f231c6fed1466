"""Gathering: what waits for a sample is put on one plan a month, and goes once it is confirmed."""

from __future__ import annotations

import json
from datetime import date

from archiver.catalogue import plans, samples
from archiver.procedures.account import Account
from archiver.procedures.planning import Plan, plan
from archiver.procedures.sample_endings import send_back
from archiver.procedures.sampling import adoption_of, confirms, is_sampled, next_day
from archiver.records.disposition import Action
from archiver.records.events import EventKind
from archiver.records.people import Person
from archiver.records.sampling import SampleStatus, Sampling
from archiver.records.schedules import Schedule


def gather(
    account: Account, person: Person, schedule: Schedule, sampling: Sampling, *, on: date
) -> Plan | None:
    """Put what waits on a plan, and draw its sample, if the day for it has come.

    Raises:
        NotPermitted: the person may not dispose.
    """
    if not is_sampled(schedule, sampling):
        return None
    with account.catalogue.reading() as connection:
        if next_day(account, connection, schedule, sampling, today=on) > on:
            return None
    _void_of_others(account, person, schedule)
    made = plan(account, person, schedule, on=on, sampling=sampling, gathering=True)
    return made if made.due else None


def _void_of_others(account: Account, person: Person, schedule: Schedule) -> None:
    """Void what was sampled under an adoption that is no longer the one in force."""
    with account.catalogue.writing() as desk:
        adoption = adoption_of(account, desk.connection, schedule)
        for row, name in samples.standing(desk.connection):
            if row.adoption != adoption:
                plans.plan_stands(desk.connection, row.plan_n, "void")
                kind = EventKind.DISPOSITION_VOIDED
                account.enter(desk, kind, by=person.id, subject=name)


def ready(account: Account, schedule: Schedule, sampling: Sampling) -> list[Plan]:
    """Give the plans whose sample was confirmed and that stand, oldest first."""
    if not is_sampled(schedule, sampling):
        return []
    with account.catalogue.reading() as connection:
        drawn = samples.gathered(connection, adoption_of(account, connection, schedule))
        numbers = [
            row.plan_n for row, stands in drawn if stands == "proposed" and confirms(account, row)
        ]
        rows = [plans.numbered(connection, n) for n in numbers]
    return [
        Plan(
            name=row.plan,
            n=row.n,
            schedule=row.schedule,
            on=date.fromordinal(row.on_day),
            action=Action(row.action),
            due=row.due,
            bound=row.bound,
            chain=tuple(json.loads(row.chain)),
        )
        for row in rows
    ]


def finish_sending_back(account: Account, person: Person) -> int:
    """Send back to review what a stopped plan still has that nobody tried; count it."""
    with account.catalogue.reading() as connection:
        stopped = samples.of_status(connection, SampleStatus.STOPPED)
    return sum(send_back(account, person.id, row, name) for row, name in stopped)
