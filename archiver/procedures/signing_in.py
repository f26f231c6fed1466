"""Signing in: who decides proves to be the one at the terminal, by passphrase and code.

In a real archive nothing is decided without both. In a demonstration archive a person who has not
enrolled is taken to be whose OS account it is. A code is good once; attempts are counted before
they are looked at, in the catalogue, and every refused one leaves exactly one entry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from archiver.catalogue import credentials
from archiver.catalogue.credentials import CredentialsRow
from archiver.credentials import codes, hashing
from archiver.procedures.account import Account
from archiver.procedures.believing import demand_believable_roster
from archiver.procedures.roster import named
from archiver.records.canonical import Json
from archiver.records.errors import (
    ArchiverError,
    NotEnrolled,
    NotPermitted,
    RegisterUnreadable,
    SignInRefused,
)
from archiver.records.events import EventKind
from archiver.records.moments import micros, moment, written
from archiver.records.people import Means, Person, Role, SignedIn

FREE_FAILURES = 5
"""How many attempts in a row may fail before each further one has to wait."""

WAIT = timedelta(minutes=15)
"""How long one has to wait then, after each."""

MOST_FAILURES = 50
"""After so many in a row the credentials are dead (SP 800-63B-4, 3.2.2, allows at most 100)."""


@dataclass(frozen=True, slots=True)
class Questions:
    """How the person at a desk is asked; either raises SignInRefused where nobody can be asked."""

    passphrase: Callable[[], str]
    code: Callable[[], str]


def sign_in(
    account: Account,
    at: Person,
    questions: Questions,
    *,
    name: str = "",
    demonstration: bool = False,
) -> SignedIn:
    """Have a person sign in at the OS account of *at*: its own person, or the one called *name*.

    Raises:
        NotPermitted: the service person can never decide, nor who has left, nor a shared account.
        NotFound: nobody is called *name*.
        NotEnrolled: the person has no credentials.
        RegisterUnreadable: the roster is not as the ledger tells.
        SignInRefused: passphrase and code are not theirs, or there were too many attempts.
    """
    person = named(account, name).on(account.today()) if name else at
    try:
        return _signed_in(account, at, person, questions, demonstration=demonstration)
    except (NotPermitted, NotEnrolled, RegisterUnreadable, SignInRefused) as refusal:
        enter_refused(account, at, person, refusal, deed="sign_in")
        raise


def _signed_in(
    account: Account, at: Person, person: Person, questions: Questions, *, demonstration: bool
) -> SignedIn:
    if at.shared and person.id == at.id:
        raise NotPermitted(
            f"{at.name} is an account that several people use, and cannot decide",
            remedy="Say who you are: `archiver --as NAME …`, with your own credentials.",
        )
    demand_believable_roster(account)
    if not at.active:
        raise NotPermitted(f"{at.name} is no longer active")
    if person.shared or Role.SERVICE in {*person.roles, *at.roles} or not person.active:
        raise NotPermitted(f"{person.name} cannot sign in to decide")
    with account.catalogue.reading() as connection:
        row = credentials.of(connection, person.id)
    if row is None and demonstration and person.id == at.id:
        return SignedIn(person=person, means=Means.OS_ACCOUNT)
    if row is None:
        raise NotEnrolled(f"{person.name} has no credentials in this archive yet")
    prove(account, row, questions)
    return SignedIn(person=person, means=Means.TWO_FACTORS)


def prove(account: Account, row: CredentialsRow, questions: Questions) -> None:
    """Ask for passphrase and code, and pass if they are those of *row*'s person.

    Raises:
        SignInRefused: they are not, or there were too many attempts.
    """
    _demand_open(account, row)
    passphrase, code = questions.passphrase(), questions.code()
    with account.catalogue.writing() as desk:
        counted = credentials.of(desk.connection, row.person)
        if counted is None:
            raise SignInRefused("the credentials were reset just now")
        _demand_open(account, counted)
        credentials.count_attempt(desk.connection, row.person)
        if counted.failures + 1 >= FREE_FAILURES:
            until = micros(account.now() + WAIT)
            credentials.lock(desk.connection, row.person, until=until)
    known = hashing.matches(account.key, row.person, passphrase, row.passphrase)
    secret = codes.opened(account.key, row.person, row.secret)
    step = codes.step_of(secret, code, now=account.now())
    if not known or step is None:
        raise SignInRefused("passphrase and code do not fit")
    with account.catalogue.writing() as desk:
        if not credentials.accept(desk.connection, row.person, step=step):
            raise SignInRefused("passphrase and code do not fit: a code is good once")


def _demand_open(account: Account, row: CredentialsRow) -> None:
    if row.failures >= MOST_FAILURES:
        raise SignInRefused(
            f"{row.failures} attempts in a row failed: these credentials are dead",
            remedy="Have an administrator run `archiver people reset`, then enrol again.",
        )
    if account.now_micros() < row.locked_until:
        raise SignInRefused(
            f"{row.failures} attempts in a row failed: wait until "
            f"{written(moment(row.locked_until))}",
            remedy="Wait, then try again; an administrator can reset the credentials before.",
        )


def enter_refused(
    account: Account, at: Person, person: Person, refusal: ArchiverError, *, deed: str
) -> None:
    """Enter that *person* was refused a *deed* at the OS account of *at*."""
    told: dict[str, Json] = {"code": refusal.exit_code, "r": deed}
    with account.catalogue.writing() as desk:
        kind = EventKind.ATTEMPT_REFUSED
        account.enter(desk, kind, by=at.id, subject=person.id, told=told)
    account.acknowledge()
