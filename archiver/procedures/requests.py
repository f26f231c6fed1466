"""The request register: open, narrow, close; and the end of a freeze, which is never silent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from archiver.catalogue import Desk, holds, requests
from archiver.catalogue.holds import HoldRow
from archiver.catalogue.requests import RequestRow
from archiver.ports import LegalHolder
from archiver.procedures.account import Account
from archiver.procedures.authority import attempt, demand
from archiver.procedures.hold import (
    Issued,
    acknowledged,
    covered_at_the_end,
    covered_by,
    drafted,
    enter_issue,
)
from archiver.procedures.lifting import Narrowed, let_go, narrow_to
from archiver.procedures.request_demands import demand_new, demand_openable
from archiver.records.canonical import Json
from archiver.records.errors import ConfigInvalid, NotFound, RegisterUnreadable, UnderHold
from archiver.records.events import EventKind
from archiver.records.holds import HoldStatus, Scope
from archiver.records.matters import MatterKind, NewMatter
from archiver.records.moments import micros
from archiver.records.people import Person, Right, Role, SignedIn
from archiver.records.requests import RecordsRequest, RequestKind, freeze_ends
from archiver.records.schedules import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """A request as it came in: its number, its kind, when, and what it is about in words."""

    number: str
    kind: RequestKind
    received_on: date
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What opening a request came to: its id, and the hold that freezes for it."""

    request: str
    frozen: Issued


def open_request(
    account: Account,
    person: Person,
    new: NewRequest,
    scope: Scope,
    *,
    review_days: int,
    captures: bool = True,
    store: LegalHolder | None = None,
) -> Opened:
    """Enter a request; what *scope* covers is frozen from the same commit on.

    Raises:
        NotPermitted: the person may not take requests.
        ConfigInvalid: its day has not come, its number is another's, or *scope* asks for a search.
    """
    demand(account, person, Right.REQUEST)
    demand_openable(account, new.number, new.kind, new.received_on, scope)
    draft = drafted(
        account,
        person,
        matter=NewMatter(name=new.number, kind=MatterKind.RECORDS_REQUEST, text=new.about),
        reason=f"{new.kind.value} request {new.number}",
        scope=scope,
        review_days=review_days,
        captures=captures,
    )
    paper = account.paper(
        "request",
        {
            "number": new.number,
            "kind": new.kind.value,
            "received": new.received_on.isoformat(),
            "about": new.about,
            "by": person.id,
        },
    )
    with account.catalogue.writing() as desk:
        demand_new(desk.connection, new.number, new.kind)
        row, begun = enter_issue(account, desk, person, draft)
        if row is None:
            raise ConfigInvalid("a request freezes pages and days, and names no item")
        request = _enter(account, desk, person, new, row, paper)
    return Opened(request=request, frozen=acknowledged(account, row, begun, store))


def _enter(
    account: Account, desk: Desk, person: Person, new: NewRequest, row: HoldRow, paper: str
) -> str:
    """Write a request whose freeze binds in this transaction; give its id."""
    request = RecordsRequest(
        id=requests.next_name(desk.connection),
        number=new.number,
        kind=new.kind,
        received_on=new.received_on,
        hold=row.hold.id,
    )
    at, by = account.now(), person.id
    requests.add(desk.connection, request, hold_n=row.n, at=micros(at), by=by, paper=paper)
    told: dict[str, Json] = {"h": row.hold.id}
    kind = EventKind.REQUEST_OPENED
    account.enter(desk, kind, by=by, subject=request.id, told=told, paper=paper, at=at)
    return request.id


def narrow_request(
    account: Account,
    signed: SignedIn,
    name: str,
    *,
    reason: str,
    scope: Scope,
    cool_down_days: int,
    store: LegalHolder | None = None,
) -> Narrowed:
    """Have an open request freeze only what lies within *scope* too.

    Raises:
        NotPermitted: the person may not take requests.
        NotFound: there is no such request.
        UnderHold: it is closed: what it froze, only counsel lets go.
    """
    demand(account, signed.person, Right.REQUEST)
    row, hold = _frozen(account, name)
    with attempt(account, signed.person, EventKind.HOLD_NARROWED, name):
        _demand_open(row)
    paper = account.paper(
        "narrowing",
        {
            "hold": hold.hold.id,
            "request": name,
            "reason": reason,
            "scope": scope.to_json(),
            "by": signed.person.id,
            "means": signed.means.value,
        },
    )
    return narrow_to(
        account,
        hold,
        by=signed.person.id,
        scope=scope,
        paper=paper,
        cool_down_days=cool_down_days,
        store=store,
    )


def _demand_open(row: RequestRow) -> None:
    request = row.request
    if request.closed_on is not None:
        raise UnderHold(
            f"{request.id} is closed, and what it froze stays frozen",
            remedy=f"Counsel lets go in writing: `archiver holds narrow {request.hold}`.",
        )


def close_request(account: Account, person: Person, name: str, *, outcome: str, on: date) -> None:
    """Enter that a request was answered or withdrawn on the day *on*; this thaws nothing.

    Its file, and with it its freeze, is counted from today where *on* lies before.

    Raises:
        NotPermitted: the person may not take requests.
        NotFound: there is no such request, or it was closed before.
        ConfigInvalid: the day lies before it was received, or has not come yet.
    """
    demand(account, person, Right.REQUEST)
    row = named(account, name)
    if row.request.closed_on is not None:
        raise NotFound(f"{name} was closed before")
    if not row.request.received_on <= on <= account.today():
        raise ConfigInvalid(
            f"{on} is not a day between {row.request.received_on} and today",
            remedy="Give the day on which the last answer went out.",
        )
    paper = account.paper("request-closed", {"request": name, "outcome": outcome, "by": person.id})
    with account.catalogue.writing() as desk:
        today = account.today()
        requests.close(desk.connection, row.n, on=on, entered_on=today)
        told: dict[str, Json] = {"on": on.toordinal(), "day": today.toordinal()}
        kind = EventKind.REQUEST_CLOSED
        account.enter(desk, kind, by=person.id, subject=name, told=told, paper=paper)
    account.acknowledge()


@dataclass(frozen=True, slots=True, kw_only=True)
class Thawed:
    """A freeze that ended because the request's own file did: how many items cool down."""

    request: str
    hold: str
    cooling: int


def thaw(
    account: Account,
    person: Person,
    schedule: Schedule | None,
    *,
    cool_down_days: int,
    store: LegalHolder | None = None,
) -> list[Thawed]:
    """End the freeze of every closed request whose own file has ended, each under one entry.

    Its items cool down first. The nightly job does this, or a person who takes requests.

    Raises:
        NotPermitted: the person may not take requests.
    """
    if Role.SERVICE not in person.roles:
        demand(account, person, Right.REQUEST)
    thawed = []
    for known in every(account, schedule):
        ended = known.ends is not None and known.ends <= account.today()
        if not ended or known.row.status is HoldStatus.LIFTED:
            continue
        request, (_, hold) = known.row.request, _frozen(account, known.row.request.id)
        paper = account.paper(
            "expiry",
            {
                "request": request.id,
                "hold": request.hold,
                "ended": known.ends.isoformat() if known.ends else None,
                "schedule": schedule.digest if schedule is not None else None,
                "by": person.id,
            },
        )
        cooling = let_go(
            account,
            hold,
            kind=EventKind.HOLD_EXPIRED,
            by=person.id,
            paper=paper,
            cool_down_days=cool_down_days,
            store=store,
        )
        thawed.append(Thawed(request=request.id, hold=request.hold, cooling=cooling))
    return thawed


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A request as lists show it: how many items it froze, and when its freeze ends.

    *ends* is None while it is open, and where only counsel ends it.
    """

    row: RequestRow
    covered: int
    ends: date | None


def every(account: Account, schedule: Schedule | None) -> list[Known]:
    """Give the register, in order.

    Raises:
        RegisterUnreadable: it cannot be read.
    """
    with account.catalogue.reading() as connection:
        frozen = {row.hold.id: row for row in holds.every(connection)}
        ended = covered_at_the_end(connection)
        return [
            Known(
                row=row,
                covered=covered_by(connection, frozen[row.request.hold], ended),
                ends=freeze_ends(row.request, schedule),
            )
            for row in requests.every(connection)
        ]


def named(account: Account, name: str) -> RequestRow:
    """Give the request with the id *name*.

    Raises:
        NotFound: there is none.
    """
    with account.catalogue.reading() as connection:
        row = requests.by_id(connection, name)
    if row is None:
        raise NotFound(f"there is no request {name}", remedy="`archiver requests list` names them.")
    return row


def _frozen(account: Account, name: str) -> tuple[RequestRow, HoldRow]:
    row = named(account, name)
    with account.catalogue.reading() as connection:
        found = holds.by_name(connection, row.request.hold)
    if not found:
        raise RegisterUnreadable(f"{name} has lost the hold that freezes for it")
    if not found[0].hold.binds:
        raise NotFound(f"{row.request.hold}, the freeze of {name}, has ended")
    return row, found[0]
