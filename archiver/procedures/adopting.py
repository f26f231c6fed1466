"""Adopting a schedule: one person enters the signed instrument, a second confirms it.

An adoption binds exactly one version of one schedule, and one is in force at a time. What an
adopted version promised of a series goes on binding every later one, until a person with the right
accepts, for that series, that the later one is shorter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

from archiver.catalogue import Reading, adoptions, facts, items, plans
from archiver.catalogue.adoptions import CONFIRMED, PROPOSED, AdoptionRow
from archiver.procedures.account import Account
from archiver.procedures.authority import attempt, demand
from archiver.procedures.in_force import IN_FORCE, record_of, standing
from archiver.procedures.instruments import Instrument, keep_instrument
from archiver.procedures.promising import (
    made_by,
    promises,
    release,
    released_by,
    shortened,
    shortening_paper,
    shorter_than,
)
from archiver.records.adoption import Adoption
from archiver.records.canonical import Json, canonical
from archiver.records.errors import ConfigInvalid, NotFound, NotPermitted
from archiver.records.events import EventKind
from archiver.records.identity import ArchiveKey
from archiver.records.moments import micros
from archiver.records.people import Right, SignedIn
from archiver.records.schedules import Schedule
from archiver.records.states import DEMANDS
from archiver.records.wordings import ScheduleText

_SEE = "`archiver schedule adoptions` says how each stands."


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopting:
    """What was read from the catalogue of one adoption; *shorter* are series that it shortens.

    *stands* says how it stands today: what people did with it, or that it is in force or
    superseded.
    """

    row: AdoptionRow
    record: Adoption
    shorter: tuple[str, ...]
    stands: str


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
    left, accepted = _shortened(account, adopted, record)
    told = _told(adopted, record, accepted) | {
        "papers": {each.name: each.paper for each in kept},
        "text": account.paper("schedule", schedule_paper(schedule, text)),
    }
    paper = account.paper("adoption", told)
    with account.catalogue.writing() as desk:
        name = adoptions.next_name(desk.connection)
        at = account.now()
        row = row_of(name, told, at=micros(at), by=signed.person.id, paper=paper)
        adoptions.add(desk.connection, row, account.key)
        account.enter(
            desk,
            EventKind.ADOPTION_PROPOSED,
            by=signed.person.id,
            subject=name,
            told={"s": schedule.digest},
            paper=paper,
            at=at,
        )
    account.acknowledge()
    return Adopting(row=row, record=record, shorter=left, stands=row.status)


def _shortened(
    account: Account, adopted: Schedule, record: Adoption
) -> tuple[tuple[str, ...], dict[str, Json]]:
    """Give the series that are shortened, and that the record does not say may be.

    Of those that may be, give besides whose promises are accepted not to bind: of no later ones.
    """
    with account.catalogue.reading() as connection:
        own = adopted.promises
        shorter = shortened(own, promises(connection))
        accepted: dict[str, Json] = {
            number: list[Json](shorter_than(connection, number, own.get(number)))
            for number in record.shorter
        }
    if vain := sorted(record.shorter.keys() - set(shorter)):
        raise ConfigInvalid(
            [f"--accept-shorter {number}: is not shorter than was promised" for number in vain]
        )
    return tuple(number for number in shorter if number not in record.shorter), accepted


def _told(adopted: Schedule, record: Adoption, accepted: dict[str, Json]) -> dict[str, Json]:
    made: dict[str, Json] = {number: one.to_json() for number, one in adopted.promises.items()}
    return {
        "schedule": adopted.digest,
        "name": adopted.name,
        "adoption": record.to_json(),
        "promises": made,
        "accepted": accepted,
    }


def row_of(name: str, told: Mapping[str, Json], *, at: int, by: str, paper: str) -> AdoptionRow:
    """Give the row of the proposed adoption that its paper *told*."""
    kept = {part: told[part] for part in ("adoption", "promises", "accepted")}
    return AdoptionRow(
        n=int(name.partition("-")[2]),
        adoption=name,
        schedule=str(told["schedule"]),
        name=str(told["name"]),
        particulars=canonical(kept).decode(),
        from_day=date.fromisoformat(str(_object(told["adoption"])["date"])).toordinal(),
        status=PROPOSED,
        proposed_at=at,
        proposed_by=by,
        paper=paper,
    )


def confirm(account: Account, signed: SignedIn, name: str) -> Adopting:
    """Put the adoption called *name* in force from its day on, by the word of a second person.

    On that day it takes the place of every one that was confirmed before, of whatever version.

    Raises:
        NotPermitted: the person may not adopt, or is the one who entered it.
        NotFound: there is no such adoption.
        ConfigInvalid: it was confirmed already, or shortens what was promised since it was entered.
    """
    demand(account, signed.person, Right.ADOPT)
    with account.catalogue.reading() as connection:
        before = called(connection, name)
        released = released_by(connection, before)
    reasons = record_of(before).shorter
    papers = {
        number: shortening_paper(account, number, before.schedule, reasons[number], some)
        for number, some in released.items()
    }
    refused = attempt(account, signed.person, EventKind.ADOPTION_CONFIRMED, name)
    with refused, account.catalogue.writing() as desk:
        row = called(desk.connection, name)
        _demand_confirmable(row, signed)
        if released_by(desk.connection, row) != released:
            raise ConfigInvalid(
                f"what was promised changed while {name} was confirmed", remedy="Confirm it again."
            )
        at = account.now()
        put_in_force(desk.connection, row, account.key, at=micros(at), by=signed.person.id)
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
        for number, some in released.items():
            release(account, desk, signed, number, row.schedule, some, papers[number])
        made = _stands(account, desk.connection, called(desk.connection, name))
        left = shortened(made_by(row), promises(desk.connection))
    account.acknowledge()
    return replace(made, shorter=left)


def _demand_confirmable(row: AdoptionRow, signed: SignedIn) -> None:
    if row.status != PROPOSED:
        raise ConfigInvalid(f"{row.adoption} is {row.status} already", remedy=_SEE)
    if row.proposed_by == signed.person.id:
        raise NotPermitted(
            f"{row.adoption} was entered by {signed.person.name}",
            remedy="A second person who may adopt confirms it.",
        )


def put_in_force(
    connection: Reading, row: AdoptionRow, key: ArchiveKey, *, at: int, by: str
) -> None:
    """Write that *row* is confirmed, and what it promises of each series."""
    adoptions.confirm(connection, row, key, at=at, by=by)
    own = made_by(row)
    made = {series: canonical(promise.to_json()).decode() for series, promise in own.items()}
    adoptions.promise(connection, row.adoption, made, key)


def withdraw(
    account: Account, signed: SignedIn, name: str, *, reason: str, instrument: Instrument
) -> Adopting:
    """Withdraw the adoption called *name*: from this commit on nothing is destroyed under it.

    One person is enough to stop. Plans made under its version are void. What it promised of each
    series goes on binding.

    Raises:
        NotPermitted: the person may not adopt.
        NotFound: there is no such adoption.
        ConfigInvalid: it was withdrawn or superseded before, or the document cannot be kept.
    """
    demand(account, signed.person, Right.ADOPT)
    with account.catalogue.reading() as connection:
        _demand_standing(_stands(account, connection, called(connection, name)))
    told: dict[str, Json] = {
        "adoption": name,
        "reason": reason,
        "document": keep_instrument(account, instrument).told(),
        "by": signed.person.id,
        "means": signed.means.value,
    }
    paper, by = account.paper("withdrawal", told), signed.person.id
    with account.catalogue.writing() as desk:
        at, row = account.now(), called(desk.connection, name)
        _demand_standing(_stands(account, desk.connection, row))
        adoptions.withdraw(desk.connection, row, account.key, at=micros(at), by=by)
        kind = EventKind.ADOPTION_WITHDRAWN
        counts: dict[str, Json] = {"s": row.schedule}
        account.enter(desk, kind, by=by, subject=name, told=counts, paper=paper, at=at)
        if row.status == CONFIRMED:
            for plan in plans.standing_under(desk.connection, row.schedule):
                plans.plan_stands(desk.connection, plan.n, "void")
                account.enter(desk, EventKind.DISPOSITION_VOIDED, by=by, subject=plan.plan, at=at)
        items.look_at_all(desk.connection, account.today().toordinal())
        made = _stands(account, desk.connection, called(desk.connection, name))
    account.acknowledge()
    return made


def _demand_standing(made: Adopting) -> None:
    if made.stands not in {PROPOSED, CONFIRMED, IN_FORCE}:
        raise ConfigInvalid(f"{made.row.adoption} is {made.stands} already", remedy=_SEE)


def _stands(account: Account, connection: Reading, row: AdoptionRow) -> Adopting:
    stands = standing(account, row, adoptions.every(connection))
    return Adopting(row=row, record=record_of(row), shorter=(), stands=stands)


def listed(account: Account) -> list[Adopting]:
    """Give every adoption, oldest first."""
    with account.catalogue.reading() as connection:
        return [_stands(account, connection, row) for row in adoptions.every(connection)]


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


def _object(value: Json) -> dict[str, Json]:
    return cast("dict[str, Json]", value)


def _check(schedule: Schedule, record: Adoption, documents: Sequence[Instrument]) -> None:
    """Refuse what nobody can adopt, and what the state's demands leave unanswered; all at once."""
    if schedule.demonstration or schedule.reference:
        kind = "demonstration" if schedule.demonstration else "reference"
        raise ConfigInvalid(
            f"{schedule.name} is a {kind}, and cannot be adopted",
            remedy="Adopt your department's own; `archiver schedule list` names what is shipped.",
        )
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
