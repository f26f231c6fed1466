"""Leaving: a person is inactive from a day on, and what they have under way is handed over."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date

from archiver.catalogue import (
    Reading,
    handing_over,
    holds,
    inspection,
    items,
    plans,
    roster,
    samples,
)
from archiver.procedures.account import Account
from archiver.procedures.approving import taken_of
from archiver.procedures.authority import approvers, attempt, demand
from archiver.procedures.roster import demand_a_keeper, demand_not_gone, named
from archiver.records import approval
from archiver.records.canonical import Json, read_object
from archiver.records.errors import ConfigInvalid, NotPermitted
from archiver.records.events import EventKind, Leaf
from archiver.records.pages import PageSettings
from archiver.records.people import Person, Right, Role, SignedIn
from archiver.records.roster import Member
from archiver.records.sampling import SampleStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What somebody else must take over.

    *pages* are those the configuration names this person for, *tokens* the environment variables
    and files with those pages' credentials, which must be renewed. *holds*, *matters*, *orders*,
    *requests* and *plans* are what they began and what still stands, *reviewed_holds* the holds
    that they reviewed last, *transfers* the bags whose receipt is awaited; *notices* are those
    they have not acknowledged, *approvals* the steps of plans that wait and that they could take,
    *orders_to_confirm* and *adoptions_to_confirm* what waits for a second person such as they.
    *reviews* counts the items that wait for a decision, and *samples* the samples that do, where
    this was one of the people who decide.
    """

    pages: tuple[str, ...]
    tokens: tuple[str, ...]
    holds: tuple[str, ...]
    matters: tuple[str, ...]
    notices: tuple[str, ...]
    reviewed_holds: tuple[str, ...]
    requests: tuple[str, ...]
    orders: tuple[str, ...]
    orders_to_confirm: tuple[str, ...]
    adoptions_to_confirm: tuple[str, ...]
    plans: tuple[str, ...]
    approvals: tuple[str, ...]
    transfers: tuple[str, ...]
    samples: tuple[str, ...]
    reviews: int

    def told(self) -> dict[str, Json]:
        """Give it as papers and scripts tell it."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: list[Json](found) if isinstance(found, tuple) else found
            for name, found in told.items()
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Who left, what is to be handed over, and how many people can still approve that day."""

    member: Member
    handover: Handover
    approvers: int


def leave(
    account: Account, signed: SignedIn, name: str, *, on: date, pages: Sequence[PageSettings]
) -> Left:
    """Have the member called *name* be inactive from the day *on*, and say what they hand over.

    That fewer than two can approve afterwards is said and entered, and stops destruction; that
    nobody could keep the roster is refused, because nobody could ever be entered again.

    Raises:
        NotPermitted: who signed in does not keep the roster, nobody would, or it is the scheduler.
        NotFound: nobody is called that.
        ConfigInvalid: the day has gone by, or they have left before.
    """
    demand(account, signed.person, Right.KEEP_ROSTER)
    demand_not_gone(account, on)
    member = named(account, name)
    with attempt(account, signed.person, EventKind.PERSON_LEFT, member.id):
        _demand_a_person(member)
    found = handover(account, member, pages)
    told: dict[str, Json] = {"person": member.id, "on": on.isoformat(), "handover": found.told()}
    paper = account.paper("leaving", told)
    refused = attempt(account, signed.person, EventKind.PERSON_LEFT, member.id)
    with refused, account.catalogue.writing() as desk:
        before = roster.of_id(desk.connection, member.id)
        if before is None or before.left_on is not None:
            raise ConfigInvalid(f"{name} has left before")
        gone = before.leaving(on)
        demand_a_keeper(desk.connection, gone, on)
        roster.change(desk.connection, gone)
        left = len(approvers(desk.connection, on))
        counts: dict[str, Json] = {"on": on.isoformat(), "approvers": left}
        account.enter(
            desk,
            EventKind.PERSON_LEFT,
            by=signed.person.id,
            subject=gone.id,
            told=counts,
            paper=paper,
        )
    account.acknowledge()
    return Left(member=gone, handover=found, approvers=left)


def _demand_a_person(member: Member) -> None:
    if Role.SERVICE in member.tenures:
        raise NotPermitted(f"{member.name} is the scheduler, and stays")


def handover(account: Account, member: Member, pages: Sequence[PageSettings]) -> Handover:
    """Give what *member* would hand over today."""
    names = {name.casefold() for name in (member.name, member.account) if name}
    theirs = [
        page
        for page in pages
        if names & {page.owner.casefold(), page.second_administrator.casefold()}
    ]
    person = member.on(account.today())
    with account.catalogue.reading() as connection:
        decides = person.may(Right.DECIDE)
        waiting = samples.of_status(connection, SampleStatus.OPEN) if decides else []
        return Handover(
            pages=tuple(page.name for page in theirs),
            tokens=tuple(sorted({where for page in theirs for where in _credentials(page)})),
            holds=tuple(handing_over.holds_issued(connection, member.id)),
            matters=tuple(handing_over.matters_open(connection, member.id)),
            notices=tuple(handing_over.notices_unanswered(connection, member.id)),
            reviewed_holds=tuple(_holds_reviewed(connection, member.id)),
            requests=tuple(handing_over.requests_open(connection, member.id)),
            orders=tuple(handing_over.orders_open(connection, member.id)),
            orders_to_confirm=tuple(_to_confirm(connection, person)),
            adoptions_to_confirm=tuple(
                handing_over.adoptions_to_confirm(connection, person.id)
                if person.may(Right.ADOPT)
                else ()
            ),
            plans=tuple(handing_over.plans_waiting(connection, member.id)),
            approvals=tuple(_steps_for(account, connection, person)),
            transfers=tuple(handing_over.transfers_unanswered(connection, member.id)),
            samples=tuple(plan for _, plan in waiting),
            reviews=items.queued_count(connection) if decides else 0,
        )


def _credentials(page: PageSettings) -> list[str]:
    """Name where the token of *page* lies: an environment variable, a file, or nowhere."""
    return [str(where) for where in (page.token_env, page.token_file) if where]


def _steps_for(account: Account, connection: Reading, person: Person) -> Iterator[str]:
    """Name the next steps of plans that wait which *person* could take."""
    if not person.may(Right.APPROVE):
        return
    for row in plans.waiting(connection):
        steps = tuple(json.loads(row.chain))
        step = approval.next_step(steps, taken_of(account, connection, row))
        if step is not None and person.roles & {*approval.step_of(step).roles}:
            yield f"{step} of {row.plan}"


def _to_confirm(connection: Reading, person: Person) -> list[str]:
    """Name the court orders that wait for a second signer such as *person*."""
    if not (person.may(Right.ORDER) or person.may(Right.APPROVE)):
        return []
    return handing_over.orders_to_confirm(connection, person.id)


def _holds_reviewed(connection: Reading, person: str) -> list[str]:
    """Name the holds that bind and that nobody reviewed after *person*."""
    last: dict[str, str] = {}
    for data in inspection.leaves_of_registers(connection, (EventKind.HOLD_REVIEWED,)):
        leaf = Leaf.from_json(read_object(data))
        last[leaf.subject] = leaf.by
    binding = [row.hold.id for row in holds.binding(connection)]
    return [name for name in binding if last.get(name) == person]
