"""Founding an archive: tables, the ledger's first entry, and the first two people."""

from __future__ import annotations

import secrets

from archiver.catalogue import Desk, facts, items, ledger
from archiver.catalogue.upgrading import upgrade
from archiver.procedures.account import Account
from archiver.procedures.authority import demand
from archiver.records.canonical import Json, canonical
from archiver.records.errors import CatalogueUnavailable, NotPermitted
from archiver.records.events import EventKind
from archiver.records.people import Person, Right, Role
from archiver.records.schedules import Schedule
from archiver.records.wordings import ScheduleText

FORMAT = "records-archive/1"


def found(account: Account, *, os_account: str, service_account: str) -> Person | None:
    """Found the archive if nobody has; give its first person, or None where it stood before.

    The OS account that founds it becomes the first person, with every role but the service's.

    Raises:
        CatalogueUnavailable: the object store holds an archive whose catalogue is gone.
    """
    upgrade(account.catalogue)
    with account.catalogue.reading() as connection:
        if facts.roster(connection):
            return None
    if entries := account.copy.size():
        raise CatalogueUnavailable(
            f"the object store holds an archive of {entries} ledger entries, and its catalogue "
            "is empty",
            remedy="Run `archiver rebuild`, or restore the catalogue from a backup; for a new "
            "archive, name an empty place in [archive] objects.",
        )
    account.shelf.place({"archive.json": canonical({"format": FORMAT})})
    first = Person(
        id=_new_id(),
        name=os_account,
        account=os_account,
        roles=frozenset(role for role in Role if role is not Role.SERVICE),
    )
    service = Person(
        id=_new_id(),
        name="the scheduler",
        account=service_account,
        roles=frozenset({Role.SERVICE}),
    )
    papers = {person.id: _person_paper(account, person) for person in (first, service)}
    with account.catalogue.writing() as desk:
        ledger.found(desk.connection)
        now = account.now()
        account.enter(desk, EventKind.ARCHIVE_FOUNDED, by=first.id, at=now)
        for person in (first, service):
            facts.add_person(desk.connection, person)
            _enter_person(desk, account, person, first.id, papers[person.id])
    account.acknowledge()
    return first


def roster(account: Account) -> list[Person]:
    """Give everyone in the roster."""
    with account.catalogue.reading() as connection:
        return facts.roster(connection)


def add_person(
    account: Account, by: Person, *, name: str, os_account: str, roles: frozenset[Role]
) -> Person:
    """Enter a person in the roster.

    Raises:
        NotPermitted: *by* does not keep the roster, or the role is the service's.
    """
    demand(account, by, Right.KEEP_ROSTER)
    if Role.SERVICE in roles:
        raise NotPermitted("the service role belongs to the scheduler alone")
    person = Person(id=_new_id(), name=name, account=os_account, roles=roles)
    paper = _person_paper(account, person)
    with account.catalogue.writing() as desk:
        facts.add_person(desk.connection, person)
        _enter_person(desk, account, person, by.id, paper)
    account.acknowledge()
    return person


def open_schedule(account: Account, by: Person, schedule: Schedule, text: ScheduleText) -> bool:
    """Have every thread looked at again when the schedule is not the one of the last run.

    The texts it was read from become a paper, so that every decision can be explained. Gives
    whether it changed.
    """
    with account.catalogue.reading() as connection:
        before = facts.get(connection, facts.SCHEDULE)
    if before == schedule.digest:
        return False
    told: dict[str, Json] = {"name": schedule.name, "toml": text.toml.decode("utf-8")}
    if text.wordings is not None:
        told["wordings"] = text.wordings.decode("utf-8")
    paper = account.paper("schedule", told)
    with account.catalogue.writing() as desk:
        facts.put(desk.connection, facts.SCHEDULE, schedule.digest)
        items.look_at_all(desk.connection, account.today().toordinal())
        account.enter(
            desk,
            EventKind.SCHEDULE_OPENED,
            by=by.id,
            subject=schedule.digest,
            told={"before": before or ""},
            paper=paper,
        )
    account.acknowledge()
    return True


def _new_id() -> str:
    return f"p-{secrets.token_hex(8)}"


def _person_paper(account: Account, person: Person) -> str:
    return account.paper(
        "person",
        {
            "id": person.id,
            "name": person.name,
            "account": person.account,
            "roles": list[Json](sorted(person.roles)),
        },
    )


def _enter_person(desk: Desk, account: Account, person: Person, by: str, paper: str) -> None:
    roles: list[Json] = list[Json](sorted(person.roles))
    told: dict[str, Json] = {"roles": roles}
    account.enter(desk, EventKind.PERSON_ADDED, by=by, subject=person.id, told=told, paper=paper)
