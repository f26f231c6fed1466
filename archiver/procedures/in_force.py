"""Which adoption is in force: on any day at most one, of whatever version of the schedule.

It is the one that was confirmed last among those whose day has come. Its place was taken from every
one before it, and its withdrawal gives none of them back: two people adopt again what is to bind.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from archiver.catalogue import Reading, adoptions
from archiver.catalogue.adoptions import CONFIRMED, WITHDRAWN, AdoptionRow
from archiver.procedures.account import Account
from archiver.procedures.promising import promises
from archiver.records.adoption import Adoption
from archiver.records.schedules import Schedule

IN_FORCE, SUPERSEDED = "in_force", "superseded"
"""How a confirmed adoption stands once its day has come; before, it is confirmed and no more."""


def schedule_in_force(account: Account, schedule: Schedule) -> Schedule:
    """Give *schedule* with the adoption that binds this version, and what was promised before.

    A demonstration brings an adoption of its own, and promises nothing. Where an adoption or a
    promise was edited behind us, no adoption is believed, and so nothing is destroyed.
    """
    if schedule.demonstration:
        return schedule
    with account.catalogue.reading() as connection:
        found = in_force_now(account, connection, schedule)
        return replace(found, promised=promises(connection))


def in_force_now(account: Account, connection: Reading, schedule: Schedule) -> Schedule:
    """Give *schedule* with the adoption that binds it at this moment, or without one."""
    if schedule.demonstration:
        return schedule
    row = binding(account, connection, schedule.digest)
    every = adoptions.every(connection)
    law = (*every, *adoptions.every_promise(connection))
    if row is None or not adoptions.all_whole(law, account.key):
        return replace(schedule, adoption=None, until=None)
    return replace(schedule, adoption=record_of(row), until=_until(account, row, every))


def binding(account: Account, connection: Reading, schedule: str) -> AdoptionRow | None:
    """Give the adoption that binds the version *schedule*: in force, or else from its day on.

    None where nobody adopted it, or another adoption has taken its place.
    """
    every = adoptions.every(connection)
    stands = {row.adoption: standing(account, row, every) for row in every}
    own = [row for row in every if row.schedule == schedule]
    now = [row for row in own if stands[row.adoption] == IN_FORCE]
    later = [row for row in own if stands[row.adoption] == CONFIRMED]
    return next(iter((*now, *sorted(later, key=lambda row: row.from_day))), None)


def in_force(account: Account, connection: Reading) -> AdoptionRow | None:
    """Give the one adoption that is in force today, of whatever version, or None."""
    every = adoptions.every(connection)
    return next((row for row in every if standing(account, row, every) == IN_FORCE), None)


def standing(account: Account, row: AdoptionRow, every: Sequence[AdoptionRow]) -> str:
    """Say how *row* stands today among *every* adoption."""
    if row.status != CONFIRMED:
        return row.status
    if any(_after(row, other) and _came_into_force(account, other) for other in every):
        return SUPERSEDED
    return IN_FORCE if _has_come(account, row.from_day) else CONFIRMED


def record_of(row: AdoptionRow) -> Adoption:
    """Give the record that *row* keeps."""
    return Adoption.from_json(json.loads(row.particulars)["adoption"])


def _after(row: AdoptionRow, other: AdoptionRow) -> bool:
    return (other.confirmed_n or 0) > (row.confirmed_n or 0)


def _came_into_force(account: Account, row: AdoptionRow) -> bool:
    """Say whether *row*, confirmed once, was in force: not if it was withdrawn before its day."""
    withdrawn = row.withdrawn_at if row.status == WITHDRAWN else None
    if withdrawn is not None and account.day(withdrawn).toordinal() < row.from_day:
        return False
    return _has_come(account, row.from_day)


def _has_come(account: Account, day: int) -> bool:
    return day <= account.today().toordinal()


def _until(account: Account, row: AdoptionRow, every: Sequence[AdoptionRow]) -> date | None:
    """Give the day on which an adoption that waits for its day takes the place of *row*."""
    days = [
        other.from_day
        for other in every
        if _after(row, other) and standing(account, other, every) == CONFIRMED
    ]
    return date.fromordinal(min(days)) if days else None
