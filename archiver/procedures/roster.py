"""The roster: who joins, which roles they have from and until when, and who leaves.

Days gone by are never changed: what was done on them was done under the roles of then.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from archiver.catalogue import Desk, Reading, roster
from archiver.procedures.account import Account
from archiver.procedures.authority import attempt, demand
from archiver.records.canonical import Json
from archiver.records.errors import ConfigInvalid, NotFound, NotPermitted
from archiver.records.events import EventKind
from archiver.records.people import ONLY_READ, Person, Right, Role, SignedIn
from archiver.records.roster import Member, Span, newcomer


def everyone(account: Account) -> list[Member]:
    """Give the whole roster, with every tenure there ever was."""
    with account.catalogue.reading() as connection:
        return roster.everyone(connection)


def named(account: Account, name: str) -> Member:
    """Give the member of the roster whose name, OS account or id is *name*.

    Raises:
        NotFound: nobody is called that, or more than one.
    """
    found = [m for m in everyone(account) if name in {m.id, m.name, m.account} - {""}]
    staying = [m for m in found if m.left_on is None] or found
    if len(staying) == 1:
        return staying[0]
    said = "more than one in the roster is" if staying else "nobody in the roster is"
    raise NotFound(f"{said} called {name!r}", remedy="`archiver people list` names them.")


def add(
    account: Account,
    signed: SignedIn,
    *,
    name: str,
    os_account: str,
    roles: Collection[Role],
    span: Span | None = None,
    shared: bool = False,
    demonstration: bool = False,
) -> Person:
    """Enter a person in the roster, or an account that several people share.

    Raises:
        NotPermitted: who signed in does not keep the roster, the role is the service's, or an
            administrator would be auditor, too, outside a *demonstration*.
        ConfigInvalid: the name or the account is in it already, the span begins in the past, or
            a shared account is not named.
    """
    demand(account, signed.person, Right.KEEP_ROSTER)
    with attempt(account, signed.person, EventKind.PERSON_ADDED):
        _demand_a_persons(*roles)
    span = span or Span(account.today())
    demand_not_gone(account, span.since)
    if shared and not os_account:
        raise ConfigInvalid("a shared account needs its OS account's name")
    member = newcomer(
        person=new_id(), name=name, account=os_account, shared=shared, roles=roles, span=span
    )
    paper = person_paper(account, member)
    refused = attempt(account, signed.person, EventKind.PERSON_ADDED)
    with refused, account.catalogue.writing() as desk:
        if not demonstration:
            _demand_apart(desk.connection, member, span.since)
        enter_newcomer(desk, account, member, by=signed.person.id, paper=paper)
    account.acknowledge()
    return member.on(account.today())


def give(
    account: Account,
    signed: SignedIn,
    name: str,
    role: Role,
    span: Span,
    *,
    demonstration: bool = False,
) -> Member:
    """Give the member called *name* the *role* on the days of *span*.

    Raises:
        NotPermitted: who signed in does not keep the roster, the role is the service's, or an
            administrator would be auditor, too, outside a *demonstration*.
        NotFound: nobody is called that.
        ConfigInvalid: the span begins in the past, or the member has left.
    """
    kind = EventKind.ROLE_GIVEN
    return _changed_tenure(account, signed, name, role, span, kind, may_mix=demonstration)


def take(account: Account, signed: SignedIn, name: str, role: Role, span: Span) -> Member:
    """Take the *role* from the member called *name* on the days of *span*.

    Raises:
        NotPermitted: who signed in does not keep the roster, or nobody would keep it then.
        NotFound: nobody is called that.
        ConfigInvalid: the span begins in the past, or the member has left.
    """
    return _changed_tenure(account, signed, name, role, span, EventKind.ROLE_TAKEN, may_mix=True)


def _changed_tenure(
    account: Account,
    signed: SignedIn,
    name: str,
    role: Role,
    span: Span,
    kind: EventKind,
    *,
    may_mix: bool,
) -> Member:
    demand(account, signed.person, Right.KEEP_ROSTER)
    with attempt(account, signed.person, kind):
        _demand_a_persons(role)
    demand_not_gone(account, span.since)
    member = named(account, name)
    person = member.id
    with attempt(account, signed.person, kind, person):
        _demand_a_persons(*member.tenures)
    told: dict[str, Json] = {"role": role.value, **_days(span)}
    paper = account.paper("tenure", {"person": person, **told})
    with attempt(account, signed.person, kind, person), account.catalogue.writing() as desk:
        before = roster.of_id(desk.connection, person)
        if before is None or before.left_on is not None:
            raise ConfigInvalid(f"{name} has left; enter them anew with `archiver people add`")
        changed = after(before, kind, role, span)
        if kind is EventKind.ROLE_TAKEN:
            demand_a_keeper(desk.connection, changed, span.since)
        if not may_mix and changed != before:
            _demand_apart(desk.connection, changed, span.since)
        roster.change(desk.connection, changed)
        by = signed.person.id
        account.enter(desk, kind, by=by, subject=person, told=told, paper=paper)
    account.acknowledge()
    return changed


def after(member: Member, kind: EventKind, role: Role, span: Span) -> Member:
    """Give *member* as an entry of *kind*, a role given or taken, leaves them."""
    if kind is EventKind.ROLE_GIVEN:
        return member.with_role(role, span)
    return member.without_role(role, span)


def demand_a_keeper(connection: Reading, changed: Member, day: date) -> None:
    """Pass if somebody keeps the roster on *day*, with *changed* as they are to be.

    Raises:
        NotPermitted: nobody would, and nobody could ever be entered again.
    """
    others = [m for m in roster.everyone(connection) if m.id != changed.id]
    if not any(m.on(day).may(Right.KEEP_ROSTER) for m in (*others, changed)):
        raise NotPermitted(
            f"on {day} nobody would be left to keep the roster",
            remedy="Give another person the role administrator first.",
        )


def _demand_apart(connection: Reading, member: Member, since: date) -> None:
    """Pass unless *member* is to be administrator and to have a role that only reads, from *since*.

    Whoever keeps the archive reads in it where they do a records office's work, and not else.

    Raises:
        NotPermitted: they are, and are not the only person there is.
    """
    day = member.reads_as_administrator(since)
    if day is None or is_alone(roster.everyone(connection), member):
        return
    reading = ", ".join(sorted(member.on(day).roles & ONLY_READ))
    raise NotPermitted(
        f"{member.name} would be administrator and {reading} on {day}: an administrator keeps "
        "the archive, and does not read in it",
        remedy="Give one of the roles to somebody else, or take the other first "
        "(`archiver people role NAME --take ROLE`). Only who is alone may have both.",
    )


def is_alone(everyone: Sequence[Member], member: Member) -> bool:
    """Say whether *member* is the one person of *everyone* in the roster who has not left."""
    return not any(
        other.id != member.id
        and other.left_on is None
        and not other.shared
        and Role.SERVICE not in other.tenures
        for other in everyone
    )


def _demand_a_persons(*roles: Role) -> None:
    if Role.SERVICE in roles:
        raise NotPermitted("the service role belongs to the scheduler alone")


def demand_not_gone(account: Account, day: date) -> None:
    """Pass if *day* is today or later.

    Raises:
        ConfigInvalid: it has gone by.
    """
    if day < account.today():
        raise ConfigInvalid(
            f"{day} has gone by, and the roster of a day gone by is not changed",
            remedy="Begin with today or later; say in a note elsewhere since when it was meant.",
        )


def new_id() -> str:
    """Give an opaque id for a new member."""
    return f"p-{secrets.token_hex(8)}"


def person_paper(account: Account, member: Member) -> str:
    """Write the paper of a new member, and give its digest."""
    tenures: Mapping[str, Json] = {
        role: [[since, until] for since, until in spans]
        for role, spans in roster.tenures_told(member.tenures).items()
    }
    return account.paper(
        "person",
        {
            "id": member.id,
            "name": member.name,
            "account": member.account,
            "shared": member.shared,
            "tenures": dict(tenures),
        },
    )


def enter_newcomer(desk: Desk, account: Account, member: Member, *, by: str, paper: str) -> None:
    """Write *member* into the roster in *desk*'s transaction, with the entry of it."""
    roster.add(desk.connection, member)
    told: dict[str, Json] = {"roles": list[Json](sorted(role.value for role in member.tenures))}
    account.enter(desk, EventKind.PERSON_ADDED, by=by, subject=member.id, told=told, paper=paper)


def _days(span: Span) -> dict[str, Json]:
    until = span.until.isoformat() if span.until else None
    return {"from": span.since.isoformat(), "until": until}
