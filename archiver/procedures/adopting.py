"""Adopting a schedule: one person enters the signed instrument, a second confirms it.

An adoption binds exactly one version of one schedule. What an adopted version promised of a
series goes on binding every later one, until a person with the right accepts, for that series,
that the later one is shorter.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from archiver.catalogue import Catalogue, Reading, adoptions, facts, items
from archiver.catalogue.adoptions import PROPOSED, AdoptionRow
from archiver.procedures.account import Account
from archiver.procedures.authority import demand
from archiver.procedures.instruments import Instrument, keep_instrument
from archiver.records.adoption import Adoption
from archiver.records.canonical import Json, canonical
from archiver.records.errors import ConfigInvalid, NotFound, NotPermitted
from archiver.records.events import EventKind
from archiver.records.moments import micros
from archiver.records.people import Right, SignedIn
from archiver.records.promises import Promise
from archiver.records.schedules import Schedule
from archiver.records.states import DEMANDS
from archiver.records.wordings import ScheduleText


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopting:
    """What was read from the catalogue of one adoption; *shorter* are series that it shortens."""

    row: AdoptionRow
    record: Adoption
    shorter: tuple[str, ...]


def schedule_in_force(catalogue: Catalogue, schedule: Schedule) -> Schedule:
    """Give *schedule* with the adoption that binds this version, and what was promised before.

    A demonstration brings an adoption of its own, and promises nothing.
    """
    if schedule.demonstration:
        return schedule
    with catalogue.reading() as connection:
        row = adoptions.in_force(connection, schedule.digest)
        promised = promises(connection)
    return replace(schedule, adoption=_read(row)[0] if row is not None else None, promised=promised)


def promises(connection: Reading) -> dict[str, tuple[Promise, ...]]:
    """Give every promise that still binds, by series."""
    return {
        series: tuple(Promise.from_json(json.loads(text)) for text in texts)
        for series, texts in adoptions.promised(connection).items()
    }


def shortened(schedule: Schedule, promised: Mapping[str, Sequence[Promise]]) -> tuple[str, ...]:
    """Give the series of *schedule* that by themselves are shorter than was *promised*."""
    return tuple(
        series.number
        for series in schedule.series.values()
        if any(
            made.shortened_by(schedule.promise(series)) for made in promised.get(series.number, ())
        )
    )


def propose(
    account: Account,
    signed: SignedIn,
    schedule: Schedule,
    text: ScheduleText,
    record: Adoption,
    documents: Sequence[Instrument],
) -> Adopting:
    """Enter the adoption *record* of this version of *schedule*; a second person confirms it.

    The first of *documents* is the signed instrument. Every document is kept as a paper.

    Raises:
        NotPermitted: the person may not adopt.
        ConfigInvalid: the state's demands are not all answered, or nobody can adopt this.
    """
    demand(account, signed.person, Right.ADOPT)
    _check(schedule, record, documents)
    kept = [keep_instrument(account, each) for each in documents]
    record = replace(record, documents={each.name: each.sha256 for each in kept})
    adopted = replace(schedule, adoption=record)
    told = _told(adopted, record) | {
        "papers": {each.name: each.paper for each in kept},
        "text": account.paper("schedule", schedule_paper(schedule, text)),
    }
    paper = account.paper("adoption", told)
    with account.catalogue.writing() as desk:
        name = adoptions.next_name(desk.connection)
        at = account.now()
        row = row_of(name, told, at=micros(at), by=signed.person.id, paper=paper)
        adoptions.add(desk.connection, row)
        account.enter(
            desk,
            EventKind.ADOPTION_PROPOSED,
            by=signed.person.id,
            subject=name,
            told={"s": schedule.digest},
            paper=paper,
            at=at,
        )
        shorter = shortened(adopted, promises(desk.connection))
    account.acknowledge()
    return Adopting(row=row, record=record, shorter=shorter)


def _told(adopted: Schedule, record: Adoption) -> dict[str, Json]:
    made: dict[str, Json] = {
        series.number: adopted.promise(series).to_json() for series in adopted.series.values()
    }
    return {
        "schedule": adopted.digest,
        "name": adopted.name,
        "adoption": record.to_json(),
        "promises": made,
    }


def row_of(name: str, told: Mapping[str, Json], *, at: int, by: str, paper: str) -> AdoptionRow:
    """Give the row of the proposed adoption that its paper *told*."""
    kept: dict[str, Json] = {"adoption": told["adoption"], "promises": told["promises"]}
    return AdoptionRow(
        n=int(name.partition("-")[2]),
        adoption=name,
        schedule=str(told["schedule"]),
        name=str(told["name"]),
        particulars=canonical(kept).decode(),
        status=PROPOSED,
        proposed_at=at,
        proposed_by=by,
        confirmed_at=None,
        confirmed_by=None,
        paper=paper,
    )


def confirm(account: Account, signed: SignedIn, name: str) -> Adopting:
    """Put the adoption called *name* in force, by the word of a second person.

    Raises:
        NotPermitted: the person may not adopt, or is the one who entered it.
        NotFound: there is no such adoption.
        ConfigInvalid: it was confirmed already.
    """
    demand(account, signed.person, Right.ADOPT)
    with account.catalogue.writing() as desk:
        row = called(desk.connection, name)
        if row.status != PROPOSED:
            raise ConfigInvalid(f"{name} is {row.status.replace('_', ' ')} already")
        if row.proposed_by == signed.person.id:
            raise NotPermitted(
                f"{name} was entered by {signed.person.name}",
                remedy="A second person who may adopt confirms it.",
            )
        at = account.now()
        put_in_force(desk.connection, row, at=micros(at), by=signed.person.id)
        if facts.get(desk.connection, facts.SCHEDULE) == row.schedule:
            items.look_at_all(desk.connection, account.today().toordinal())
        account.enter(
            desk,
            EventKind.ADOPTION_CONFIRMED,
            by=signed.person.id,
            subject=name,
            told={"s": row.schedule},
            at=at,
        )
        row = called(desk.connection, name)
    account.acknowledge()
    return Adopting(row=row, record=_read(row)[0], shorter=())


def put_in_force(connection: Reading, row: AdoptionRow, *, at: int, by: str) -> None:
    """Write that *row* is in force, and what it promises of each series."""
    adoptions.confirm(connection, row, at=at, by=by)
    made = {series: canonical(promise).decode() for series, promise in _read(row)[1].items()}
    adoptions.promise(connection, row.adoption, made)


def accept_shorter(
    account: Account, signed: SignedIn, schedule: Schedule, number: str, *, reason: str
) -> int:
    """Accept that the adopted *schedule* keeps series *number* shorter than was promised.

    Gives how many promises bind no longer.

    Raises:
        NotPermitted: the person may not adopt.
        ConfigInvalid: the schedule is not adopted, or does not shorten this series.
    """
    demand(account, signed.person, Right.ADOPT)
    current = schedule_in_force(account.catalogue, schedule)
    if current.adoption is None or number not in current.series:
        raise ConfigInvalid(f"series {number} is not of an adopted version of {schedule.name}")
    own = current.promise(current.series[number])
    texts = [
        canonical(each.to_json()).decode()
        for each in current.promised.get(number, ())
        if each.shortened_by(own)
    ]
    if not texts:
        raise ConfigInvalid(f"series {number} is not shorter than was promised")
    paper = account.paper(
        "shortening",
        {
            "series": number,
            "schedule": schedule.digest,
            "reason": reason,
            "released": list[Json](texts),
        },
    )
    with account.catalogue.writing() as desk:
        at = account.now()
        adoptions.release(desk.connection, number, texts, at=micros(at))
        items.look_at_all(desk.connection, account.today().toordinal())
        account.enter(
            desk,
            EventKind.PROMISE_RELEASED,
            by=signed.person.id,
            subject=number,
            told={"s": schedule.digest, "n": len(texts)},
            paper=paper,
            at=at,
        )
    account.acknowledge()
    return len(texts)


def listed(account: Account) -> list[Adopting]:
    """Give every adoption, oldest first."""
    with account.catalogue.reading() as connection:
        rows = adoptions.every(connection)
    return [Adopting(row=row, record=_read(row)[0], shorter=()) for row in rows]


def called(connection: Reading, name: str) -> AdoptionRow:
    """Give the adoption called *name*.

    Raises:
        NotFound: there is none.
    """
    row = adoptions.called(connection, name)
    if row is None:
        raise NotFound(
            f"there is no adoption {name}", remedy="`archiver schedule adoptions` lists them."
        )
    return row


def _read(row: AdoptionRow) -> tuple[Adoption, dict[str, Json]]:
    told = json.loads(row.particulars)
    return Adoption.from_json(told["adoption"]), cast("dict[str, Json]", told["promises"])


def _check(schedule: Schedule, record: Adoption, documents: Sequence[Instrument]) -> None:
    """Refuse what nobody can adopt, and what the state's demands leave unanswered; all at once."""
    if schedule.demonstration or schedule.reference:
        kind = "demonstration" if schedule.demonstration else "reference"
        raise ConfigInvalid(f"{schedule.name} is a {kind}, and cannot be adopted")
    wanted = {each.key: each for each in DEMANDS.get(schedule.state, ())}
    faults = [
        f"--demand {key}: is missing: {each.asks} ({each.source})"
        for key, each in wanted.items()
        if not record.demands.get(key, "").strip()
    ]
    faults.extend(
        f"--demand {key}: {schedule.state} demands no such thing, but {', '.join(wanted)}"
        for key in record.demands
        if key not in wanted
    )
    faults.extend(each.fault for each in documents if each.fault)
    names = [each.name for each in documents]
    faults.extend(f"{name}: is handed in twice" for name in set(names) if names.count(name) > 1)
    if not record.signed_by:
        faults.append("--signed-by: is missing: who signed the instrument")
    if faults:
        raise ConfigInvalid(faults, remedy="Answer every line named above.")


def schedule_paper(schedule: Schedule, text: ScheduleText) -> dict[str, Json]:
    """Give the texts of *schedule* as its paper keeps them."""
    told: dict[str, Json] = {"name": schedule.name, "toml": text.toml.decode("utf-8")}
    if text.wordings is not None:
        told["wordings"] = text.wordings.decode("utf-8")
    return told
