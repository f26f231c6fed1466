"""Promises of adopted schedules: what goes on binding, and who accepts that it binds no longer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from archiver.catalogue import Desk, Reading, adoptions, items
from archiver.catalogue.adoptions import AdoptionRow
from archiver.procedures.account import Account
from archiver.procedures.authority import demand
from archiver.records.canonical import Json
from archiver.records.errors import ConfigInvalid
from archiver.records.events import EventKind
from archiver.records.moments import micros
from archiver.records.people import Right, SignedIn
from archiver.records.promises import Promise
from archiver.records.schedules import Schedule


def promises(connection: Reading) -> dict[str, tuple[Promise, ...]]:
    """Give every promise that still binds, by series."""
    return {
        series: tuple(Promise.from_json(json.loads(text)) for text in texts)
        for series, texts in adoptions.promised(connection).items()
    }


def shortened(
    own: Mapping[str, Promise], promised: Mapping[str, Sequence[Promise]]
) -> tuple[str, ...]:
    """Name the series that a version's *own* promises shorten of what was *promised*.

    So does it those that it has no more: nothing but what was promised keeps what is in them.
    """
    gone = (number for number in promised if number not in own)
    return tuple(
        number
        for number in (*own, *gone)
        if any(_shortens(own.get(number), made) for made in promised.get(number, ()))
    )


def _shortens(own: Promise | None, made: Promise) -> bool:
    return own is None or made.shortened_by(own)


def shorter_than(connection: Reading, number: str, own: Promise | None) -> dict[str, str]:
    """Give the promises of series *number* that *own* would shorten, by the adoption that made it.

    Each is given as it is kept.
    """
    return {
        row.adoption: row.promise
        for row in adoptions.promised_of(connection, number)
        if _shortens(own, Promise.from_json(json.loads(row.promise)))
    }


def made_by(row: AdoptionRow) -> dict[str, Promise]:
    """Give what *row* promises of each series."""
    told = json.loads(row.particulars)["promises"]
    return {number: Promise.from_json(made) for number, made in told.items()}


def released_by(connection: Reading, row: AdoptionRow) -> dict[str, dict[str, str]]:
    """Give, by series, what binds no longer once *row* is confirmed: what it names, and no more.

    Raises:
        ConfigInvalid: it would shorten as well what was promised since it was entered.
    """
    made, accepted = made_by(row), json.loads(row.particulars)["accepted"]
    released: dict[str, dict[str, str]] = {}
    faults = []
    for number, names in accepted.items():
        found = shorter_than(connection, number, made.get(number))
        if newer := sorted(found.keys() - set(names)):
            faults.append(
                f"{row.adoption} shortens series {number}, and {', '.join(newer)} promised it "
                "since that was accepted"
            )
        if found:
            released[number] = found
    if faults:
        raise ConfigInvalid(faults, remedy="Enter the adoption again, and accept it anew.")
    return released


def accept_shorter(
    account: Account, signed: SignedIn, schedule: Schedule, number: str, *, reason: str
) -> int:
    """Accept that *schedule*, as it is in force, keeps series *number* shorter than was promised.

    Gives how many promises bind no longer.

    Raises:
        NotPermitted: the person may not adopt.
        ConfigInvalid: the schedule is not adopted, or does not shorten this series.
    """
    demand(account, signed.person, Right.ADOPT)
    if schedule.adoption is None:
        raise ConfigInvalid(f"series {number} is not of an adopted version of {schedule.name}")
    with account.catalogue.reading() as connection:
        released = shorter_than(connection, number, schedule.promises.get(number))
    if not released:
        raise ConfigInvalid(f"series {number} is not shorter than was promised")
    paper = shortening_paper(account, number, schedule.digest, reason, released)
    with account.catalogue.writing() as desk:
        release(account, desk, signed, number, schedule.digest, released, paper)
        items.look_at_all(desk.connection, account.today().toordinal())
    account.acknowledge()
    return len(released)


def shortening_paper(
    account: Account, number: str, schedule: str, reason: str, released: Mapping[str, str]
) -> str:
    """Write the paper by which promises of series *number* bind no longer; give its digest."""
    told: dict[str, Json] = {"series": number, "schedule": schedule, "reason": reason}
    return account.paper("shortening", told | {"released": dict[str, Json](released)})


def release(
    account: Account,
    desk: Desk,
    signed: SignedIn,
    number: str,
    schedule: str,
    released: Mapping[str, str],
    paper: str,
) -> None:
    """Write in this transaction that the promises *released* of series *number* bind no longer."""
    at = account.now()
    adoptions.release(desk.connection, number, released, account.key, at=micros(at))
    account.enter(
        desk,
        EventKind.PROMISE_RELEASED,
        by=signed.person.id,
        subject=number,
        told={"s": schedule, "n": len(released)},
        paper=paper,
        at=at,
    )
