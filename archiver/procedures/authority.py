"""Authority: who may do what, asked before the deed. A refused attempt leaves one entry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from typing import NoReturn

from archiver.catalogue import (
    Reading,
    credentials,
    disposals,
    facts,
    items,
    ledger,
    narrowings,
    roster,
)
from archiver.catalogue.items import LIVE
from archiver.procedures.account import Account
from archiver.records.canonical import Json
from archiver.records.ceiling import NEVER_BELOW, Ceiling
from archiver.records.counting import count_of
from archiver.records.errors import (
    ArchiverError,
    CeilingReached,
    ClockDoubted,
    NotAdopted,
    NotApproved,
    NotPermitted,
    QuorumMissing,
    RestoreUnconfirmed,
    UnderHold,
)
from archiver.records.events import EventKind
from archiver.records.moments import moment, written
from archiver.records.people import Person, Right, Role
from archiver.records.schedules import Schedule

_USUAL_DAYS = 90

QUORUM = 2
"""How many people must be able to approve before anything is destroyed."""


def demand(account: Account, person: Person, right: Right) -> None:
    """Pass if *person* has *right*; the attempt of one who has not is entered in the ledger.

    Raises:
        NotPermitted: the person is inactive, or none of the roles carries the right.
    """
    try:
        person.demand(right)
    except NotPermitted as refusal:
        told: dict[str, Json] = {"code": refusal.exit_code, "r": right.value}
        _enter(account, person, EventKind.ATTEMPT_REFUSED, "", told)
        raise


def refuse_stranger(account: Account, os_account: str) -> NoReturn:
    """Enter that somebody came by *os_account*, which is nobody's in the roster, and refuse them.

    The entry has an opaque word for it. Where they may write nothing here, there is none.
    """
    by = account.key.name("os_account", os_account)
    refusal = NotPermitted(
        f"the OS account {os_account} is nobody in this archive's roster",
        remedy="An administrator enters people with `archiver people add`.",
    )
    told: dict[str, Json] = {"code": refusal.exit_code, "r": "os_account"}
    with suppress(ArchiverError):
        with account.catalogue.writing() as desk:
            account.enter(desk, EventKind.ATTEMPT_REFUSED, by=by, told=told)
        account.acknowledge()
    raise refusal


@contextmanager
def attempt(account: Account, person: Person, deed: EventKind, subject: str = "") -> Iterator[None]:
    """Enter that *person* was refused *deed*, if what stands inside refuses it; and let it rise.

    Nothing inside may enter its refusals itself: every refused attempt has one entry. A
    transaction stands inside too, so that it is over before this one begins.
    """
    try:
        yield
    except (NotPermitted, NotApproved, UnderHold) as refusal:
        told: dict[str, Json] = {"code": refusal.exit_code, "r": deed.value}
        _enter(account, person, EventKind.ATTEMPT_REFUSED, subject, told)
        raise


def demand_to_dispose(account: Account, person: Person, *, attended: bool) -> None:
    """Pass for who may dispose; where it is not *attended*, for the scheduler, too.

    The scheduler only does what an adoption authorises, and proposes nothing to people.

    Raises:
        NotPermitted: the person may not.
    """
    if attended or not (person.active and Role.SERVICE in person.roles):
        demand(account, person, Right.DISPOSE)


def demand_to_destroy(
    account: Account,
    person: Person,
    plan: str,
    made_under: str,
    schedule: Schedule | None,
    *,
    attended: bool = False,
) -> None:
    """Pass if everything is as it must be to carry out *plan*, which was *made_under* a schedule.

    Whether people approved what is *attended* is asked elsewhere.

    Raises:
        NotPermitted: the person may not dispose.
        NotAdopted: no adoption authorises the destruction, or the schedule changed since.
        QuorumMissing: nobody attends, and fewer than two people could approve.
        ClockDoubted: the clock was put back.
        RestoreUnconfirmed: the archive was restored and not reconciled.
    """
    demand_to_dispose(account, person, attended=attended)
    demand_reconciled(account, person, plan)
    demand_clock(account, person, plan, days=0)
    if schedule is None or schedule.adoption is None:
        refusal = NotAdopted("no adoption record gives the schedule force")
    elif not (attended or schedule.adoption.unattended_purge):
        refusal = NotAdopted("no adoption record authorises unattended destruction")
    elif schedule.digest != made_under:
        refusal = NotAdopted(f"{plan} was made under another version of the schedule")
    else:
        if not attended:
            demand_quorum(account, person, plan, demonstration=schedule.demonstration)
        return
    refuse(account, person, plan, refusal)


def approvers(connection: Reading, day: date) -> list[Person]:
    """Give who can approve on *day*: people in force with the right, and credentials to use it."""
    enrolled = credentials.enrolled(connection)
    return [person for person in may_approve(connection, day) if person.id in enrolled]


def may_approve(connection: Reading, day: date) -> list[Person]:
    """Give who has the right to approve on *day*, enrolled or not."""
    people = [member.on(day) for member in roster.everyone(connection)]
    return [person for person in people if person.may(Right.APPROVE)]


def demand_quorum(
    account: Account, person: Person, subject: str, *, demonstration: bool = False
) -> None:
    """Pass if at least two people can approve, or this is a demonstration archive.

    Raises:
        QuorumMissing: fewer can; destroying *subject* is refused, and the attempt entered.
    """
    if demonstration:
        return
    with account.catalogue.reading() as connection:
        able = len(approvers(connection, account.today()))
    if able < QUORUM:
        refusal = QuorumMissing(f"{able} of the {QUORUM} people needed can approve a destruction")
        refuse(account, person, subject, refusal)


def demand_below_ceiling(
    account: Account,
    person: Person,
    plan: str,
    due: int,
    ceiling: Ceiling,
    *,
    confirmed: int | None = None,
) -> None:
    """Pass if *due* items are no more than may go at once, or a person *confirmed* exactly these.

    Raises:
        CeilingReached: they are more, and nobody said so, or another number was said.
    """
    if confirmed is not None and confirmed != due:
        said = f"--confirm-count {confirmed}: {plan} lists {count_of(due, 'item')}"
        refuse(account, person, plan, CeilingReached(said))
    if due <= NEVER_BELOW or confirmed == due:
        return
    since = account.now_micros() - _USUAL_DAYS * 86_400_000_000
    with account.catalogue.reading() as connection:
        live = items.count(connection, LIVE)
        most = ceiling.of(live=live, usual=disposals.usual_night(connection, since=since))
    if due > most:
        many = count_of(due, "item")
        said = f"{plan} would destroy {many} at once; here {most} may go without a word"
        refuse(account, person, plan, CeilingReached(said))


def demand_reconciled(account: Account, person: Person, subject: str) -> None:
    """Pass unless the archive was restored and nobody has confirmed its reconciliation.

    Raises:
        RestoreUnconfirmed: it was; destroying *subject* is refused.
    """
    with account.catalogue.reading() as connection:
        unreconciled = facts.get(connection, facts.UNRECONCILED)
    if unreconciled:
        refusal = RestoreUnconfirmed("this archive was restored and is not reconciled yet")
        refuse(account, person, subject, refusal)


def demand_clock(account: Account, person: Person, subject: str, *, days: int) -> None:
    """Pass if the clock is plausible: not before the ledger, nor more than *days* after it.

    With no *days* only the first is asked: a demonstration may run through years.

    Raises:
        ClockDoubted: it is not; destroying *subject* is refused.
    """
    if said := doubt_of(account, days=days):
        refuse(account, person, subject, ClockDoubted(said))


def doubt_of(account: Account, *, days: int) -> str:
    """Say why the clock is not believed, empty if it is."""
    with account.catalogue.reading() as connection:
        doubt = ledger.watch(connection).doubt(account.now_micros(), days=days)
    if doubt is None:
        return ""
    since, until = (written(moment(at)) for at in doubt)
    if doubt[1] < doubt[0]:
        return f"the clock stands before the newest entry of the ledger, of {since}"
    return f"the clock leapt from {since} to {until}, with no entry of the ledger between"


def demand_another_let_go(account: Account, person: Person, plan: str, plan_n: int) -> None:
    """Pass unless *person* let items of *plan* go from a hold: who lifts does not destroy.

    Raises:
        NotPermitted: the person lifted or narrowed a hold that covered an item of the plan.
    """
    with account.catalogue.reading() as connection:
        lifted = narrowings.let_go_by(connection, person.id, plan_n)
    if lifted:
        said = f"{person.name} let items of {plan} go from {', '.join(lifted)}"
        remedy = "Another person carries this plan out; who lifts a hold does not destroy."
        refuse(account, person, plan, NotPermitted(said, remedy=remedy))


def refuse(account: Account, person: Person, subject: str, refusal: ArchiverError) -> NoReturn:
    """Enter that *person* was refused what was asked of *subject*, and raise the refusal."""
    told: dict[str, Json] = {"code": refusal.exit_code}
    _enter(account, person, EventKind.DISPOSITION_REFUSED, subject, told)
    raise refusal


def _enter(
    account: Account, person: Person, kind: EventKind, subject: str, told: dict[str, Json]
) -> None:
    with account.catalogue.writing() as desk:
        account.enter(desk, kind, by=person.id, subject=subject, told=told)
    account.acknowledge()
